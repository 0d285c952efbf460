#include "harness/generate/covering.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace atspec::generate {
namespace {

const std::vector<std::size_t> levels = {2, 2, 3, 2, 2, 2, 3};

TEST(CoveringArray, EveryPairOfValuesOccursInFewRows) {
  const auto rows = covering_array(levels, 2);
  for (std::size_t a = 0; a < levels.size(); ++a) {
    for (std::size_t b = a + 1; b < levels.size(); ++b) {
      std::set<std::pair<std::size_t, std::size_t>> seen;
      for (const auto& row : rows) seen.emplace(row.at(a), row.at(b));
      EXPECT_EQ(seen.size(), levels[a] * levels[b]) << a << ' ' << b;
    }
  }
  EXPECT_LE(rows.size(), 14U) << "288 combinations in all, 9 at least";
}

TEST(CoveringArray, OfStrengthOneHasEachValueAndOfFullStrengthEachRow) {
  EXPECT_EQ(covering_array(levels, 1).size(), 3U);
  const auto rows = covering_array({2, 3, 2}, 5);
  EXPECT_EQ(std::set<Row>(rows.begin(), rows.end()).size(), 12U);
}

TEST(CoveringArray, OfStrengthNoneIsWhereAllBegin) {
  EXPECT_EQ(covering_array({2, 3}, 0), (std::vector<Row>{{0, 0}}));
  EXPECT_EQ(covering_array({}, 2), (std::vector<Row>{{}}));
}

}  // namespace
}  // namespace atspec::generate
