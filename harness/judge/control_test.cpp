#include "harness/judge/control.hpp"

#include <rapidcheck/gtest.h>

#include "harness/judge/conversation.hpp"

namespace atspec::judge {
namespace {

TEST(Control, AReplyBelongsToTheCommandItAnswers) {
  const Control control = read_control(
      Conversation().server("220 hello").ftp("SIZE a.bin").server("213 1000").ftp("PWD").server("257 \"/\""));
  ASSERT_EQ(control.commands.size(), 3U);
  EXPECT_EQ(control.commands[0].verb, "CONNECT");
  EXPECT_EQ(control.commands[1].verb, "SIZE");
  ASSERT_EQ(control.commands[1].replies.size(), 1U);
  EXPECT_EQ(control.commands[1].replies[0].code, 213);
  EXPECT_EQ(control.commands[2].replies[0].text, "\"/\"");
}

TEST(Control, APreliminaryReplyDoesNotEndACommand) {
  const Control control =
      read_control(Conversation().server("220 hello").ftp("RETR a").server("150 here it comes").server("226 done"));
  ASSERT_EQ(control.commands[1].replies.size(), 2U);
  EXPECT_EQ(control.commands[1].final_reply({io::Time::max(), 0})->code, 226);
}

TEST(Control, AMultiLineReplyEndsAtItsOwnCodeAndABlank) {
  const Control control = read_control(Conversation()
                                           .server("220 hello")
                                           .ftp("FEAT")
                                           .server("211-features\r\n 213 is no end\r\n226 neither\r\n211 end"));
  ASSERT_EQ(control.commands.size(), 2U);
  EXPECT_EQ(control.commands[1].final_reply({io::Time::max(), 0})->code, 211);
}

TEST(Control, A3yzThatAsksForWhatDoesNotFollowIsANo) {
  const auto refused = [](const char* verb, int code) {
    const ControlCommand command{{}, verb, "", {}};
    return command.refused_by({{}, code, "", true});
  };
  EXPECT_FALSE(refused("USER", 331));
  EXPECT_FALSE(refused("RNFR", 350));
  EXPECT_FALSE(refused("REST", 350));
  EXPECT_FALSE(refused("SIZE", 213));
  EXPECT_TRUE(refused("SIZE", 350));
  EXPECT_TRUE(refused("USER", 332));
  EXPECT_TRUE(refused("PASS", 332));
  EXPECT_TRUE(refused("RNFR", 332));
  EXPECT_TRUE(refused("SIZE", 550));
}

TEST(Control, ALineBetweenTwoCommandsThatIsNoReplyIsNoAnswer) {
  EXPECT_EQ(read_control(Conversation().server("220 hello").ftp("SIZE a").server("213 7\r\nmore")).garbage.size(), 0U);
  EXPECT_EQ(read_control(Conversation().server("220 hello").ftp("SIZE a").server("more\r\n213 7")).garbage.size(), 1U);
}

TEST(Control, ALineMayComeInPieces) {
  Conversation conversation;
  conversation.server("220 hello").ftp("SIZE a");
  auto& trace = conversation.trace();
  trace.records.emplace_back(
      trace::make_chunk(io::Time(std::chrono::seconds(5)), trace::Channel::control_from_peer, 1, "21"));
  trace.records.emplace_back(
      trace::make_chunk(io::Time(std::chrono::seconds(6)), trace::Channel::control_from_peer, 1, "3 7\r\n"));
  EXPECT_EQ(number_in(read_control(trace).commands[1].replies.at(0).text), 7);
}

TEST(Control, AnOlderNameOfACommandIsTheCommand) {
  const auto control = read_control(Conversation().server("220 hello").ftp("XMKD a").server("257 made"));
  EXPECT_EQ(control.commands[1].verb, "MKD");
  EXPECT_EQ(control.commands[1].line, "XMKD a");
}

TEST(Control, A221AnswersQuitWhateverElseIsOwed) {
  const auto lone = read_control(Conversation().server("220 hello").ftp("RETR a").ftp("QUIT").server("221 bye"));
  EXPECT_TRUE(lone.commands[1].replies.empty());
  ASSERT_EQ(lone.commands[2].replies.size(), 1U);
  const auto both =
      read_control(Conversation().server("220 hello").ftp("RETR a").ftp("QUIT").server("426 cut").server("221 bye"));
  EXPECT_EQ(both.commands[1].replies.at(0).code, 426);
  EXPECT_EQ(both.commands[2].replies.at(0).code, 221);
  const auto none = read_control(Conversation().server("220 hello").ftp("RETR a").server("221 what"));
  EXPECT_EQ(none.commands[1].replies.at(0).code, 221);
}

TEST(Control, A257BeginsWithAQuotedPath) {
  EXPECT_EQ(path_in("\"/a b\" is current"), "/a b");
  EXPECT_EQ(path_in("/no quotes"), std::nullopt);
  EXPECT_EQ(path_in("\"/a\xFF\xFFz\""), "/a\xFFz") << "255 is doubled on the way";
  EXPECT_EQ(path_in("\"/never closed"), std::nullopt);
  EXPECT_EQ(path_in("\"/a\"\"b\""), std::nullopt) << "a doubled quote is one, and no AT line can show it";
}

TEST(Control, ANumberIsAllOfAReplyOrNone) {
  EXPECT_EQ(number_in("1000"), 1000);
  for (const char* text : {"99999999999999999999999", "none", "", "-1", "12 bytes"}) {
    EXPECT_EQ(number_in(text), std::nullopt) << text;
  }
}

TEST(Control, ALineThatIsNoReplyIsGarbageAndAnswersNothing) {
  const Control control =
      read_control(Conversation().server("220 hello").ftp("SIZE a").server("2x3 7").server("999 no"));
  EXPECT_EQ(control.garbage.size(), 2U);
  EXPECT_EQ(control.commands[1].final_reply({io::Time::max(), 0}), nullptr);
}

TEST(Control, WithoutAPeerLogNothingIsObserved) {
  EXPECT_FALSE(read_control(Conversation().send("AT").line("OK")).observed);
}

RC_GTEST_PROP(Control, AnyBytesAreRead, (const std::vector<std::pair<bool, std::string>>& pieces)) {
  trace::Trace trace;
  for (const auto& [to_peer, bytes] : pieces) {
    trace.records.emplace_back(
        trace::make_chunk({}, to_peer ? trace::Channel::control_to_peer : trace::Channel::control_from_peer, 1, bytes));
  }
  RC_ASSERT(read_control(trace).observed == !pieces.empty());
}

TEST(Control, ATimeIsOneTheManualCouldPrint) {
  EXPECT_EQ(time_in("20140708110039"), "20140708110039");
  EXPECT_EQ(time_in("20140708110039.125"), "20140708110039.125");
  for (const char* text : {"", "yesterday", "2014070811003", "201407081100390", "20140708110039.5",
                           "20140708110039.1250", "20140708110039 125", "20140708110039\n"})
    EXPECT_EQ(time_in(text), std::nullopt) << text;
}

}  // namespace
}  // namespace atspec::judge
