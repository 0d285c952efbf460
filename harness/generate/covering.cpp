#include "harness/generate/covering.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace atspec::generate {
namespace {

/// Some factors, in ascending order, each with a value.
using Combination = std::vector<std::pair<std::size_t, std::size_t>>;

void combinations(const std::vector<std::size_t>& levels, unsigned strength, std::size_t from, Combination& begun,
                  std::set<Combination>& out) {
  if (begun.size() == strength) {
    out.insert(begun);
    return;
  }
  for (std::size_t factor = from; factor < levels.size(); ++factor) {
    for (std::size_t value = 0; value < levels[factor]; ++value) {
      begun.emplace_back(factor, value);
      combinations(levels, strength, factor + 1, begun, out);
      begun.pop_back();
    }
  }
}

/// How many combinations hold in `row`, of which only the factors marked in `chosen` are settled.
std::size_t held(const std::set<Combination>& open, const Row& row, const std::vector<bool>& chosen) {
  return static_cast<std::size_t>(std::count_if(open.begin(), open.end(), [&](const Combination& one) {
    return std::all_of(one.begin(), one.end(),
                       [&](const auto& part) { return !chosen[part.first] || row[part.first] == part.second; });
  }));
}

}  // namespace

std::vector<Row> covering_array(const std::vector<std::size_t>& levels, unsigned strength) {
  std::vector<Row> rows;
  std::set<Combination> open;
  Combination begun;
  combinations(levels, std::min<unsigned>(strength, static_cast<unsigned>(levels.size())), 0, begun, open);
  while (!open.empty()) {
    // what is still open begins a row, so that each takes something away; then the best for each other factor
    Row row(levels.size(), 0);
    std::vector<bool> chosen(levels.size(), false);
    for (const auto& [factor, value] : *open.begin()) {
      row[factor] = value;
      chosen[factor] = true;
    }
    for (std::size_t factor = 0; factor < levels.size(); ++factor) {
      if (chosen[factor]) continue;
      chosen[factor] = true;
      std::size_t best = 0, most = 0;
      for (std::size_t value = 0; value < levels[factor]; ++value) {
        row[factor] = value;
        if (const std::size_t now = held(open, row, chosen); now > most) {
          most = now;
          best = value;
        }
      }
      row[factor] = best;
    }
    std::erase_if(open, [&](const Combination& one) {
      return std::all_of(one.begin(), one.end(), [&](const auto& part) { return row[part.first] == part.second; });
    });
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace atspec::generate
