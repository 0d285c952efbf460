#include "harness/generate/argument.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/Random.h>
#include <rapidcheck/Shrinkable.h>

#include <map>

#include "harness/generate/small_manual.hpp"

namespace atspec::generate {
namespace {

/// How often each value came in 3000 draws.
std::map<std::string, int> drawn(const spec::Parameter& parameter) {
  const auto gen = argument(parameter, {"up.bin", "other.bin"});
  std::map<std::string, int> out;
  rc::Random random(7);
  for (int i = 0; i < 3000; ++i) ++out[gen(random.split(), 100).value()];
  return out;
}

const spec::Parameter& parameter(const char* command, std::string_view keyword, std::size_t number) {
  static const spec::Spec spec = spec_of(small_manual);
  for (const auto& form : spec.command(command)->forms) {
    if (form.kind == spec::FormKind::write && form.keyword == keyword) return form.parameters.at(number);
  }
  throw std::out_of_range(command);
}

TEST(Argument, OfANumberIsInRangeAtItsBoundsBeyondThemAndOfTheWrongKind) {
  const auto values = drawn(parameter("+SET", "limit", 0));
  for (const auto* one :
       {"19", "20", "21", "100", "179", "180", "181", "", "x", "-1", "\"\"", "99999999999999999999999999"})
    EXPECT_TRUE(values.contains(one)) << one;
  EXPECT_GT(values.at("20"), 1000) << "the sample most often";
}

TEST(Argument, OfATextIsANameInUseOrALengthAtItsBoundOrOddlyQuoted) {
  const auto values = drawn(parameter("+PUT", "", 0));
  for (const auto* one : {R"("up.bin")", R"("other.bin")", R"("aaaaaaaa")", R"("aaaaaaaaa")", R"("no end)",
                          R"("$(reboot)`id`;|&<>*?~#!")"})
    EXPECT_TRUE(values.contains(one)) << one;
}

TEST(Argument, ThatSaysWhoIsCalledSeldomSaysAnythingElse) {
  const auto values = drawn(parameter("+SET", "account", 0));
  EXPECT_GT(values.at(R"("${ftp.user}")"), 2800);
  EXPECT_GT(values.size(), 5U);
}

TEST(Argument, NeverEditsTheLine) {
  for (const auto& [value, times] : drawn(parameter("+PUT", "", 0)))
    EXPECT_EQ(value.find_first_of("\r\n\b"), std::string::npos) << value;
}

}  // namespace
}  // namespace atspec::generate
