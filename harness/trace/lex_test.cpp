#include "harness/trace/lex.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/trace/session_test.hpp"

namespace atspec::trace {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Lexer, AnAnswerIsALineAndAFinalResult) {
  const Session session = Session().sent("AT+QFTPPWD\r").received("\r\n+X: 1\r\n\r\nOK\r\n");
  EXPECT_THAT(lexed(session), ElementsAre("sent_line AT+QFTPPWD", "line [+X: 1]", "final_result [OK]"));
  const auto events = lex(session.trace());
  EXPECT_EQ(events[0].record, 0U);
  EXPECT_EQ(events[2].record, 1U);
  EXPECT_EQ(events[2].at - events[0].at, 1ms);
}

TEST(Lexer, EveryFinalResultIsKnownAndLookalikesAreLines) {
  for (const std::string_view word : {"OK", "ERROR", "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE",
                                      "+CME ERROR: 601", "+CMS ERROR: 500", "+CME ERROR: a text"})
    EXPECT_THAT(lexed(Session().received(fmt::format("\r\n{}\r\n", word))),
                ElementsAre(fmt::format("final_result [{}]", word)));
  for (const std::string_view word : {"OK ", "ok", "ERRORS", "NO CARRIE", "+CME ERROR", "RING", "CONNECTED"})
    EXPECT_THAT(lexed(Session().received(fmt::format("\r\n{}\r\n", word))),
                ElementsAre(fmt::format("line [{}]", word)));
}

TEST(Lexer, ASharedLineEndIsNoFrameOfTheNextLine) {
  EXPECT_THAT(lexed(Session().received("\r\nA\r\nB\r\n\r\nC\r\n")), ElementsAre("line [A]", "line B]", "line [C]"));
}

TEST(Lexer, OnlyCrLfIsAFrame) {
  EXPECT_THAT(lexed(Session().received("\nA\nB\n")), ElementsAre("line A", "line B"));
  EXPECT_THAT(lexed(Session().received("\r\nA\n\r\nB\r\r\nC\r\n")), ElementsAre("line [A", "line [B", "line [C]"));
  EXPECT_THAT(lexed(Session().received("\r\n\nA\r\r\n")), ElementsAre("line A"));
  EXPECT_THAT(lexed(Session().received("OK\r")), ElementsAre("final_result OK"));
}

TEST(Lexer, EmptyLinesAreNoEventsAndTextWithoutEndIsStray) {
  EXPECT_THAT(lexed(Session().received("\r\n\r\n\n\r\r")), IsEmpty());
  EXPECT_THAT(lexed(Session().received("\r\nOK\r\nga").received("rble")),
              ElementsAre("final_result [OK]", "stray garble"));
}

TEST(Lexer, ACommandLineEndsAtItsCrAndALineFeedBehindIsIgnored) {
  EXPECT_THAT(lexed(Session().sent("A").sent("T\r\nATI\r").sent("\n\r").sent("AT")),
              ElementsAre("sent_line AT", "sent_line ATI", "sent_line "));
}

TEST(Lexer, EchoIsKnownByEqualityWithWhatWasSent) {
  EXPECT_THAT(lexed(Session().sent("AT\r").received("AT\r\r\nOK\r\n")),
              ElementsAre("sent_line AT", "echo AT", "final_result [OK]"));
  EXPECT_THAT(lexed(Session().sent("AT\r").received("AT\r\nOK\r\n")),
              ElementsAre("sent_line AT", "echo AT", "final_result [OK]"));
  EXPECT_THAT(lexed(Session().sent("foo\r").received("foo\r")), ElementsAre("sent_line foo", "echo foo"));
  EXPECT_THAT(lexed(Session().sent("OK\r").received("\r\nOK\r\n")), ElementsAre("sent_line OK", "final_result [OK]"));
  EXPECT_THAT(lexed(Session().sent("AT\r").received("ATI\r\r\nOK\r\n")),
              ElementsAre("sent_line AT", "line ATI", "final_result [OK]"));
}

TEST(Lexer, EchoMayComeCharacterByCharacter) {
  Session session;
  for (const char c : std::string("AT\r")) session.sent(std::string(1, c)).received(std::string(1, c));
  EXPECT_THAT(lexed(session.received("\r\nOK\r\n")), ElementsAre("sent_line AT", "echo AT", "final_result [OK]"));
}

TEST(Lexer, EchoOfBackspacesIsEcho) {
  EXPECT_THAT(lexed(Session().sent("ATX\bI\r").received("ATX\b \bI\r\r\nOK\r\n")),
              ElementsAre("sent_line ATX\\x08I", "echo ATX\\x08 \\x08I", "final_result [OK]"));
}

TEST(Lexer, AUrcMayComeBeforeAmidAndAfterTheEcho) {
  EXPECT_THAT(lexed(Session().sent("AT\r").received("\r\n+URC: 1\r\nAT\r\r\n+URC: 2\r\n\r\nOK\r\n\r\n+URC: 3\r\n")),
              ElementsAre("sent_line AT", "line [+URC: 1]", "echo AT", "line [+URC: 2]", "final_result [OK]",
                          "line [+URC: 3]"));
  EXPECT_THAT(lexed(Session().sent("ATI0\r").received("AT\r\n+URC: 1\r\nI0\r\r\nOK\r\n")),
              ElementsAre("sent_line ATI0", "echo AT", "line [+URC: 1]", "echo I0", "final_result [OK]"));
  EXPECT_THAT(lexed(Session().sent("AT").received("AT\r\n+URC: 1\r\n").sent("I\r").received("I\r\r\nOK\r\n")),
              ElementsAre("echo AT", "line [+URC: 1]", "sent_line ATI", "echo I", "final_result [OK]"));
}

TEST(Lexer, NoiseBeforeTheEchoIsStray) {
  EXPECT_THAT(lexed(Session().sent("AT\r").received("\xFF\x01"
                                                    "AT\r\r\nOK\r\n")),
              ElementsAre("sent_line AT", "stray \\xFF\\x01", "echo AT", "final_result [OK]"));
}

TEST(Lexer, NumericResultsAreKnownBehindACommand) {
  EXPECT_THAT(lexed(Session().sent("ATV0\r").received("0\r").sent("ATX\r").received("4\r")),
              ElementsAre("sent_line ATV0", "final_result 0", "sent_line ATX", "final_result 4"));
  EXPECT_THAT(lexed(Session().sent("ATE1V0\r").received("ATE1V0\r0\r").sent("ATS0?\r").received("ATS0?\r000\r\n0\r")),
              ElementsAre("sent_line ATE1V0", "echo ATE1V0", "final_result 0", "sent_line ATS0?", "echo ATS0?",
                          "line 000]", "final_result 0"));
  EXPECT_THAT(lexed(Session().sent("ATS0?\r").received("\r\n0\r\n\r\nOK\r\n")),
              ElementsAre("sent_line ATS0?", "line [0]", "final_result [OK]"));
  EXPECT_THAT(lexed(Session().received("0\r")), ElementsAre("line 0"));
}

TEST(Lexer, NumericDataModeEndsWithANumber) {
  EXPECT_THAT(lexed(Session()
                        .sent("ATV0\r")
                        .received("0\r")
                        .sent("AT+QFTPGET=\"a\",\"COM:\"\r")
                        .received("1\r\nab4\r")
                        .received("c0\r")
                        .received("+QFTPGET: 0,6\r\n")),
              ElementsAre("sent_line ATV0", "final_result 0", "sent_line AT+QFTPGET=\\\"a\\\",\\\"COM:\\\"",
                          "connect 1", "data \\nab4\\rc", "final_result 0", "line +QFTPGET: 0,6]"));
}

TEST(Lexer, ALineTooLongIsCutAndItsSizeIsTrue) {
  Session session;
  for (int i = 0; i < 100; ++i) session.received(std::string(10'000, 'x'));
  const auto events = lex(session.received("\r\n\r\nOK\r\n").trace());
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].kind, Event::Kind::stray);
  EXPECT_EQ(events[0].size, 1'000'000U);
  EXPECT_LE(events[0].text.size(), 64U * 1024);
  EXPECT_EQ(show(events[1]), "final_result [OK]");
}

TEST(Lexer, ACutChunkCountsWhole) {
  const std::string data(200'000, 'x');
  const auto events = lex(Session()
                              .sent("AT+QFTPGET=\"a\"\r")
                              .received("\r\nCONNECT\r\n" + data + "\r\nOK\r\n\r\n+QFTPGET: 0,200000\r\n")
                              .trace());
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[2].kind, Event::Kind::data);
  EXPECT_EQ(events[2].size, 200'000U);
  EXPECT_EQ(show(events[3]), "final_result [OK]");
  EXPECT_EQ(show(events[4]), "line [+QFTPGET: 0,200000]");
}

TEST(Lexer, AfterAResetTheDeviceIsInCommandMode) {
  EXPECT_THAT(
      lexed(Session()
                .sent("AT+QFTPGET=\"a\"\r")
                .received("\r\nCONNECT\r\nab")
                .reset()
                .received("\r\nRDY\r\n")
                .sent("AT\r")),
      ElementsAre("sent_line AT+QFTPGET=\\\"a\\\"", "connect [CONNECT]", "data ab", "line [RDY]", "sent_line AT"));
}

TEST(Lexer, OnlineALineIsThereOnceItsCrHasCome) {
  Lexer lexer;
  lexer.sent(io::Time{}, "AT\r");
  lexer.received(io::Time{}, "\r\nOK");
  EXPECT_EQ(lexer.events().size(), 1U);
  lexer.received(io::Time{}, "\r");
  ASSERT_EQ(lexer.events().size(), 2U);
  EXPECT_EQ(show(lexer.events()[1]), "final_result [OK");
  lexer.received(io::Time{}, "\n");
  EXPECT_EQ(show(lexer.events()[1]), "final_result [OK]");
}

}  // namespace
}  // namespace atspec::trace
