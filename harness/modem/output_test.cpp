#include "harness/modem/output.hpp"

#include <chrono>

namespace atspec::modem {
namespace {

using namespace std::chrono_literals;
using Action = OutputRule::Action;

OutputRule rule(Action action, std::string text = {}, std::string find = {}) {
  OutputRule out;
  out.action = action;
  out.text = std::move(text);
  out.find = std::move(find);
  return out;
}

/// What leaves where "+X: 0,100" is reported under the rule and OK follows.
std::string said(OutputRule one) {
  one.kind = OutputRule::Kind::urc;
  Output output({std::move(one)});
  output.urc({}, "+X", "+X: 0,100");
  output.ok({}, "+X");
  return output.take({});
}

TEST(Output, RulesChangeWhatLeaves) {
  EXPECT_EQ(said(rule(Action::substitute, ";", ",")), "\r\n+X: 0;100\r\n\r\nOK\r\n");
  EXPECT_EQ(said(rule(Action::add, "-1")), "\r\n+X: 0,99\r\n\r\nOK\r\n");
  EXPECT_EQ(said(rule(Action::corrupt)), "\r\n+X: 0,101\r\n\r\nOK\r\n");
  EXPECT_EQ(said(rule(Action::late)), "\r\nOK\r\n\r\n+X: 0,100\r\n");
  EXPECT_EQ(said(rule(Action::before, "RING")), "\r\nRING\r\n\r\n+X: 0,100\r\n\r\nOK\r\n");
  EXPECT_EQ(said(rule(Action::after, "RING")), "\r\n+X: 0,100\r\n\r\nRING\r\n\r\nOK\r\n");
}

TEST(Output, ARuleMayLeaveTheFirstLinesAlone) {
  OutputRule one = rule(Action::drop);
  one.skip = 1;
  one.times = 1;
  Output output({one});
  for (const char* text : {"a", "b", "c"}) output.info({}, "+X", text);
  EXPECT_EQ(output.take({}), "\r\na\r\n\r\nc\r\n");
}

TEST(Output, TroubleIsToldOnce) {
  Output output({rule(Action::hang)});
  EXPECT_EQ(output.take_trouble(), Output::Trouble::none);
  output.ok({}, "+X");
  EXPECT_EQ(output.take_trouble(), Output::Trouble::hang);
  EXPECT_EQ(output.take_trouble(), Output::Trouble::none);
}

TEST(Output, ABytePerByteTime) {
  Output output({}, 1ms);
  output.raw("ab");
  EXPECT_EQ(output.take(io::Time{}), "a");
  EXPECT_EQ(output.take(io::Time{}), "");
  EXPECT_EQ(output.deadline(), io::Time{1ms});
  EXPECT_EQ(output.take(io::Time{1ms}), "b");
  EXPECT_EQ(output.deadline(), std::nullopt);
}

}  // namespace
}  // namespace atspec::modem
