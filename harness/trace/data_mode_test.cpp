#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/trace/lex.hpp"
#include "harness/trace/session_test.hpp"

namespace atspec::trace {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Session get() { return Session().sent("AT+QFTPGET=a\r").received("\r\nCONNECT\r\n"); }
Session put() { return Session().sent("AT+QFTPPUT=a\r").received("\r\nCONNECT\r\n"); }

/// The events behind the command line and its CONNECT.
std::vector<std::string> after_connect(const Session& session) {
  auto shown = lexed(session);
  EXPECT_GE(shown.size(), 2U);
  EXPECT_EQ(shown[1], "connect [CONNECT]");
  shown.erase(shown.begin(), shown.begin() + 2);
  return shown;
}

TEST(DataMode, BytesAfterConnectAreDataUpToTheFinalResult) {
  EXPECT_THAT(after_connect(get().received("hello").received(" you\r\nOK\r\n\r\n+QFTPGET: 0,9\r\n")),
              ElementsAre("data hello you", "final_result [OK]", "line [+QFTPGET: 0,9]"));
}

TEST(DataMode, AConnectNobodyAskedForIsALine) {
  EXPECT_THAT(after_connect(get().received("a\r\nOK\r\n\r\n+QFTPGET: 0,1\r\n\r\nCONNECT\r\n\r\n+X: 1\r\n")),
              ElementsAre("data a", "final_result [OK]", "line [+QFTPGET: 0,1]", "line [CONNECT]", "line [+X: 1]"));
}

TEST(DataMode, ConnectMayCarryAText) {
  EXPECT_THAT(lexed(Session().sent("ATD\r").received("\r\nCONNECT 115200\r\nab")),
              ElementsAre("sent_line ATD", "connect [CONNECT 115200]", "data ab"));
}

TEST(DataMode, NoDataAtAll) {
  EXPECT_THAT(after_connect(get().received("\r\nOK\r\n\r\n+QFTPGET: 0,0\r\n")),
              ElementsAre("final_result [OK]", "line [+QFTPGET: 0,0]"));
  EXPECT_THAT(after_connect(get().received("OK\r\n\r\n+QFTPGET: 0,0\r\n")),
              ElementsAre("final_result OK]", "line [+QFTPGET: 0,0]"));
}

TEST(DataMode, DataHoldingOkIsCutByTheAnnouncedLength) {
  EXPECT_THAT(after_connect(get().received("ab\r\nOK\r\ncd\r\nOK\r\n\r\n+QFTPGET: 0,10\r\n")),
              ElementsAre("data ab\\r\\nOK\\r\\ncd", "final_result [OK]", "line [+QFTPGET: 0,10]"));
  // the file ends with OK: only the number tells
  EXPECT_THAT(after_connect(get().received("ab\r\nOK\r\n\r\nOK\r\n\r\n+QFTPGET: 0,8\r\n")),
              ElementsAre("data ab\\r\\nOK\\r\\n", "final_result [OK]", "line [+QFTPGET: 0,8]"));
  // here the device says OK twice
  EXPECT_THAT(after_connect(get().received("ab\r\nOK\r\n\r\nOK\r\n\r\n+QFTPGET: 0,2\r\n")),
              ElementsAre("data ab", "final_result [OK]", "final_result [OK]", "line [+QFTPGET: 0,2]"));
}

TEST(DataMode, DataHoldingAResultAndAUrcIsCutByTheAnnouncedLength) {
  EXPECT_THAT(
      after_connect(get().received("ab\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n\r\nOK\r\n\r\n+QFTPGET: 0,25\r\n")),
      ElementsAre("data ab\\r\\nOK\\r\\n\\r\\n+QFTPGET: 0,5\\r\\n", "final_result [OK]", "line [+QFTPGET: 0,25]"));
}

TEST(DataMode, WithoutAnAnnouncementTheLastResultBeforeTheNextCommandEndsIt) {
  EXPECT_THAT(
      after_connect(
          get().received("ab\r\nOK\r\n\r\nOK\r\n\r\n+QFTPGET: 607,426\r\n").sent("AT\r").received("\r\nOK\r\n")),
      ElementsAre("data ab\\r\\nOK\\r\\n", "final_result [OK]", "line [+QFTPGET: 607,426]", "sent_line AT",
                  "final_result [OK]"));
}

TEST(DataMode, AWrongAnnouncementDoesNotHideTheResult) {
  EXPECT_THAT(
      after_connect(get().received("abc\r\nOK\r\n\r\n+QFTPGET: 0,4\r\n").sent("AT\r").received("\r\nOK\r\n")),
      ElementsAre("data abc", "final_result [OK]", "line [+QFTPGET: 0,4]", "sent_line AT", "final_result [OK]"));
}

TEST(DataMode, ThePeersByteCountDecidesBeforeAllElse) {
  const std::string forged = "ab\r\nOK\r\n\r\n+QFTPGET: 0,2\r\n";
  Session session = Session().sent("AT+QFTPGET=a\r").peer_sent(forged).received("\r\nCONNECT\r\n");
  session.received(forged).received(fmt::format("\r\nOK\r\n\r\n+QFTPGET: 0,{}\r\n", forged.size()));
  EXPECT_THAT(after_connect(session), ElementsAre("data " + io::escape(forged), "final_result [OK]",
                                                  fmt::format("line [+QFTPGET: 0,{}]", forged.size())));
}

TEST(DataMode, ThePeersByteCountFindsAResultWithoutFrame) {
  EXPECT_THAT(
      lexed(Session().sent("AT+QFTPGET=a\r").peer_sent("ab").received("\r\nCONNECT\r\nabOK\r\n\r\n+QFTPGET: 0,2\r\n")),
      ElementsAre("sent_line AT+QFTPGET=a", "connect [CONNECT]", "data ab", "final_result OK]",
                  "line [+QFTPGET: 0,2]"));
}

TEST(DataMode, ThePeersByteCountKeepsDataThatEndsLikeAResultWhenNoneFollows) {
  EXPECT_THAT(lexed(Session().sent("AT+QFTPGET=a\r").peer_sent("ab\r\nOK\r\n").received("\r\nCONNECT\r\nab\r\nOK\r\n")),
              ElementsAre("sent_line AT+QFTPGET=a", "connect [CONNECT]", "data ab\\r\\nOK\\r\\n"));
}

TEST(DataMode, ThePeersByteCountKnowsAReportOfSomethingElseBeforeTheResult) {
  const auto shown = after_connect(
      get().peer_sent("hello").received("hello\r\n+CREG: 1\r\n\r\n+CTZV: 8\r\n\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n"));
  EXPECT_THAT(shown, ElementsAre("data hello", "line [+CREG: 1]", "line [+CTZV: 8]", "final_result [OK]",
                                 "line [+QFTPGET: 0,5]"));
}

TEST(DataMode, AShortMessageThatIsShownBehindAnUploadIsNoSignThatItGoesOn) {
  const auto shown = after_connect(put()
                                       .sent("hello")
                                       .received("\r\nOK\r\n")
                                       .received("\r\n+CMT: 123,,9\r\nHello world\r\n")
                                       .received("\r\n+QFTPPUT: 0,5\r\n"));
  EXPECT_THAT(shown, ElementsAre("sent_data hello", "final_result [OK]", "line [+CMT: 123,,9]", "line Hello world]",
                                 "line [+QFTPPUT: 0,5]"));
}

TEST(DataMode, WhatALaterCommandGotIsNoCountForAnUpload) {
  // the listing is as long as all the device says from its CONNECT on up to the digit before a CR
  const std::string said = "\r\nOK\r\n\r\n+QFTPPUT: 0,2\r\n\r\nOK\r\n\r\n+QFTPLIST: 0,4";
  Session session = put().sent("ab").peer_got("ab").received("\r\nOK\r\n\r\n+QFTPPUT: 0,2\r\n").sent("AT+QFTPLIST=b\r");
  session.peer_sent(std::string(said.size(), 'x'), 2).received("\r\nOK\r\n\r\n+QFTPLIST: 0,44\r\n");
  EXPECT_THAT(after_connect(session),
              ElementsAre("sent_data ab", "final_result [OK]", "line [+QFTPPUT: 0,2]", "sent_line AT+QFTPLIST=b",
                          "final_result [OK]", "line [+QFTPLIST: 0,44]"));
}

TEST(DataMode, ACountTheDeviceDidNotPassOnIsNotBelieved) {
  Session session = Session()
                        .sent("AT+QFTPGET=a\r")
                        .peer_sent("abcdef")
                        .received("\r\nCONNECT\r\nabc\r\nOK\r\n\r\n+QFTPGET: 0,3\r\n");
  EXPECT_THAT(after_connect(session), ElementsAre("data abc", "final_result [OK]", "line [+QFTPGET: 0,3]"));
}

TEST(DataMode, EachDownloadHasThePeersCountOfItsOwn) {
  Session session;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    const std::string data = std::string(i, 'x') + "\r\nOK\r\n";
    session.sent("AT+QFTPGET=a\r")
        .peer_sent(data, i)
        .received("\r\nCONNECT\r\n" + data + "\r\nOK\r\n\r\n+QFTPGET: 601,426\r\n");
  }
  const auto events = lex(session.trace());
  ASSERT_EQ(events.size(), 15U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(events[5 * i + 2].size, i + 7);
}

TEST(DataMode, SentBytesAreDataAndTheResultEndsIt) {
  EXPECT_THAT(
      after_connect(put().sent("AT+QFTPSTAT\r").sent("more").received("\r\nOK\r\n\r\n+QFTPPUT: 0,16\r\n").sent("AT\r")),
      ElementsAre("sent_data AT+QFTPSTAT\\rmore", "final_result [OK]", "line [+QFTPPUT: 0,16]", "sent_line AT"));
}

TEST(DataMode, AnInformationResponseBehindAnUploadIsALine) {
  const auto upload = [] { return Session().sent("AT+QFUPL=a,3\r").received("\r\nCONNECT\r\n").sent("abc"); };
  EXPECT_THAT(
      after_connect(upload().received("\r\n+QFUPL: 3,707\r\n\r\nOK\r\n").sent("AT\r").received("\r\nOK\r\n")),
      ElementsAre("sent_data abc", "line [+QFUPL: 3,707]", "final_result [OK]", "sent_line AT", "final_result [OK]"));
  EXPECT_THAT(after_connect(upload().received("\r\n+CREG: 1\r\n\r\n+QFUPL: 3,707\r\n\r\nOK\r\n\r\nOK\r\n")),
              ElementsAre("sent_data abc", "line [+CREG: 1]", "line [+QFUPL: 3,707]", "final_result [OK]",
                          "final_result [OK]"));
  // data went both ways here
  EXPECT_THAT(after_connect(upload().received("\r\nx\r\n\r\nOK\r\ny\r\nOK\r\n")),
              ElementsAre("sent_data abc", "data \\r\\nx\\r\\n\\r\\nOK\\r\\ny", "final_result [OK]"));
}

TEST(DataMode, AnUploadThatIsAcknowledgedIsStillFollowedByItsReport) {
  const std::string kilobytes(2500, 'x');
  const auto upload =
      Session().sent("AT+QFUPL=a,2500,5,1\r").received("\r\nCONNECT\r\n").sent(kilobytes).received("AA");
  EXPECT_THAT(
      after_connect(Session(upload).received("\r\n+QFUPL: 2500,707\r\n\r\nOK\r\n")),
      ElementsAre(testing::StartsWith("sent_data xxx"), "data AA", "line [+QFUPL: 2500,707]", "final_result [OK]"));
}

Session shown(std::string_view bytes) {
  return Session().sent("AT+QFDWL=a\r").received("\r\nCONNECT\r\n").received(bytes);
}

TEST(DataMode, AReportBetweenDataAndResultIsALineWhereItCountsTheData) {
  EXPECT_THAT(
      after_connect(shown("abc\r\n+QFDWL: 3,707\r\n\r\nOK\r\n").sent("AT\r").received("\r\nOK\r\n")),
      ElementsAre("data abc", "line [+QFDWL: 3,707]", "final_result [OK]", "sent_line AT", "final_result [OK]"));
  EXPECT_THAT(after_connect(shown("\r\n+QFDWL: 0,0\r\n\r\nOK\r\n")),
              ElementsAre("line [+QFDWL: 0,0]", "final_result [OK]"));
  // a byte is missing: nobody knows what is data
  EXPECT_THAT(after_connect(shown("ab\r\n+QFDWL: 3,707\r\n\r\nOK\r\n")),
              ElementsAre("data ab\\r\\n+QFDWL: 3,707\\r\\n", "final_result [OK]"));
  // another command's
  EXPECT_THAT(after_connect(shown("abc\r\n+QFUPL: 3,707\r\n\r\nOK\r\n")),
              ElementsAre("data abc\\r\\n+QFUPL: 3,707\\r\\n", "final_result [OK]"));
}

TEST(DataMode, AFileThatHoldsAReportAndAResultIsShownToItsEnd) {
  const std::string forged = "ab\r\n+QFDWL: 2,aa\r\n\r\nOK\r\n";
  EXPECT_THAT(after_connect(shown(forged + fmt::format("\r\n+QFDWL: {},bb\r\n\r\nOK\r\n", forged.size()))),
              ElementsAre("data " + io::escape(forged), fmt::format("line [+QFDWL: {},bb]", forged.size()),
                          "final_result [OK]"));
  EXPECT_THAT(after_connect(shown(forged + "c" + fmt::format("\r\n+QFDWL: {},bb\r\n\r\nOK\r\n", forged.size() + 1))),
              ElementsAre("data " + io::escape(forged) + "c", fmt::format("line [+QFDWL: {},bb]", forged.size() + 1),
                          "final_result [OK]"));
}

TEST(DataMode, ALateReportThatCountsTheEarlyOneMakesItData) {
  const std::string file = "abc\r\n+QFTPGET: 0,3\r\n";
  EXPECT_THAT(
      after_connect(get().received(file + fmt::format("\r\nOK\r\n\r\n+QFTPGET: 0,{}\r\n", file.size()))),
      ElementsAre("data " + io::escape(file), "final_result [OK]", fmt::format("line [+QFTPGET: 0,{}]", file.size())));
}

TEST(DataMode, ANumberBehindConnectIsTheCountWhereAResultStandsThere) {
  const auto read = [](std::string_view connect, std::string_view bytes) {
    auto events = lexed(Session()
                            .sent("AT+QFREAD=1,9\r")
                            .received(fmt::format("\r\n{}\r\n{}\r\nOK\r\n", connect, bytes))
                            .sent("AT\r")
                            .received("\r\nOK\r\n"));
    events.erase(events.begin(), events.begin() + 2);
    events.resize(events.size() - 2);
    return events;
  };
  EXPECT_THAT(read("CONNECT 9", "ab\r\nOK\r\nc"), ElementsAre("data ab\\r\\nOK\\r\\nc", "final_result [OK]"));
  EXPECT_THAT(read("CONNECT 8", "ab\r\nOK\r\n"), ElementsAre("data ab\\r\\nOK\\r\\n", "final_result [OK]"));
  EXPECT_THAT(read("CONNECT 0", ""), ElementsAre("final_result [OK]"));
  EXPECT_THAT(read("CONNECT 7", "abc"), ElementsAre("data abc", "final_result [OK]")) << "fewer came";
  EXPECT_THAT(read("CONNECT 115200", "abc"), ElementsAre("data abc", "final_result [OK]"));
}

TEST(DataMode, AnUploadThatFailedIsCommandModeAgain) {
  EXPECT_THAT(after_connect(put()
                                .sent("abc")
                                .received("\r\nOK\r\n\r\n+QFTPPUT: 627,550\r\n")
                                .sent("AT\r")
                                .received("\r\nOK\r\n")
                                .sent("ATI\r")
                                .received("\r\nX\r\n\r\nOK\r\n")),
              ElementsAre("sent_data abc", "final_result [OK]", "line [+QFTPPUT: 627,550]", "sent_line AT",
                          "final_result [OK]", "sent_line ATI", "line [X]", "final_result [OK]"));
}

TEST(DataMode, AnEscapeStandsBetweenTwoSilences) {
  EXPECT_THAT(after_connect(put().sent("abc").escape().received("\r\nOK\r\n").sent("AT\r")),
              ElementsAre("sent_data abc", "sent_escape +++", "final_result [OK]", "sent_line AT"));
  EXPECT_THAT(after_connect(put().sent("abc").pause(1s).sent("+++")), ElementsAre("sent_data abc", "sent_escape +++"));
  EXPECT_THAT(after_connect(put().sent("abc").pause(1s).sent("+").pause(100ms).sent("+").sent("+")),
              ElementsAre("sent_data abc", "sent_escape +++"));
}

TEST(DataMode, PlusesWithoutSilenceAreData) {
  EXPECT_THAT(after_connect(put().sent("abc").pause(300ms).sent("+++").pause(2s).sent("d")),
              ElementsAre("sent_data abc+++d"));
  EXPECT_THAT(after_connect(put().sent("abc").pause(2s).sent("+++").pause(300ms).sent("d")),
              ElementsAre("sent_data abc+++d"));
  EXPECT_THAT(after_connect(put().sent("abc").pause(2s).sent("++++").pause(2s).sent("d")),
              ElementsAre("sent_data abc++++d"));
  EXPECT_THAT(after_connect(put().sent("abc").pause(2s).sent("++").pause(2s).sent("+")),
              ElementsAre("sent_data abc+++"));
}

TEST(DataMode, AnEscapeInCommandModeIsNoPartOfTheNextLine) {
  EXPECT_THAT(lexed(Session().sent("AT\r").received("\r\nOK\r\n").escape().sent("AT\r").received("+++AT\r\r\nOK\r\n")),
              ElementsAre("sent_line AT", "final_result [OK]", "sent_escape +++", "sent_line AT", "echo +++AT",
                          "final_result [OK]"));
}

TEST(DataMode, AnEscapedDownloadGoesOnAfterAto) {
  const Session session = get()
                              .received("abc")
                              .escape()
                              .received("d\r\nOK\r\n")
                              .sent("AT\r")
                              .received("\r\nOK\r\n")
                              .sent("ATO\r")
                              .received("\r\nCONNECT\r\nef\r\nOK\r\n\r\nOK\r\n\r\n+QFTPGET: 0,12\r\n");
  EXPECT_THAT(after_connect(session),
              ElementsAre("data abc", "sent_escape +++", "data d", "final_result [OK]", "sent_line AT",
                          "final_result [OK]", "sent_line ATO", "connect [CONNECT]", "data ef\\r\\nOK\\r\\n",
                          "final_result [OK]", "line [+QFTPGET: 0,12]"));
}

TEST(DataMode, APartlyPausedDownloadEndsByThePeersCount) {
  const Session session = Session()
                              .sent("AT+QFTPGET=a\r")
                              .peer_sent("abcdef\r\nOK\r\n")
                              .received("\r\nCONNECT\r\nabc")
                              .escape()
                              .received("\r\nOK\r\n")
                              .sent("ATO\r")
                              .received("\r\nCONNECT\r\ndef\r\nOK\r\n")
                              .received("\r\nOK\r\n");
  EXPECT_THAT(after_connect(session), ElementsAre("data abc", "sent_escape +++", "final_result [OK]", "sent_line ATO",
                                                  "connect [CONNECT]", "data def\\r\\nOK\\r\\n", "final_result [OK]"));
}

TEST(DataMode, ACommandSentIntoDataIsDataOnceTheDataGoesOn) {
  EXPECT_THAT(after_connect(
                  get().received("ab\r\nOK\r\n").sent("AT+QFTPSTAT\r").received("cd\r\nOK\r\n\r\n+QFTPGET: 0,10\r\n")),
              ElementsAre("data ab\\r\\nOK", "sent_data AT+QFTPSTAT\\r", "data \\r\\ncd", "final_result [OK]",
                          "line [+QFTPGET: 0,10]"));
}

TEST(DataMode, ADeviceWithOneLineEndBetweenLinesGetsOutOfDataMode) {
  EXPECT_THAT(after_connect(get().received("ab\r\nOK\r\n+QFTPGET: 0,2\r\n").sent("AT\r").received("AT\r\nOK\r\n")),
              ElementsAre("data ab", "final_result [OK]", "line +QFTPGET: 0,2]", "sent_line AT", "echo AT",
                          "final_result [OK]"));
}

TEST(DataMode, OtherUrcsMayComeBetweenTheResultAndItsOwn) {
  EXPECT_THAT(after_connect(get().received("ab\r\nOK\r\n\r\n+CREG: 1\r\n\r\nRING\r\n\r\n+QFTPGET: 0,2\r\n")),
              ElementsAre("data ab", "final_result [OK]", "line [+CREG: 1]", "line [RING]", "line [+QFTPGET: 0,2]"));
}

TEST(DataMode, BytesBehindAConfirmedEndAreNoDataAnyMore) {
  EXPECT_THAT(after_connect(get().received("ab\r\nOK\r\n\r\n+QFTPGET: 0,2\r\n\x01\x02 noise")),
              ElementsAre("data ab", "final_result [OK]", "line [+QFTPGET: 0,2]", "stray \\x01\\x02 noise"));
}

TEST(DataMode, OnlineTheEndIsSeenAtOnceAndTakenBackWhenDataGoesOn) {
  Lexer lexer;
  lexer.sent(io::Time{}, "AT+QFTPGET=a\r");
  EXPECT_FALSE(lexer.data_mode());
  lexer.received(io::Time{}, "\r\nCONNECT\r");
  EXPECT_TRUE(lexer.data_mode());
  lexer.received(io::Time{}, "\nab\r\nOK\r\n");
  EXPECT_FALSE(lexer.data_mode());
  EXPECT_EQ(show(lexer.events().back()), "final_result [OK]");
  lexer.received(io::Time{}, "c");
  EXPECT_TRUE(lexer.data_mode());
  EXPECT_EQ(show(lexer.events().back()), "data ab\\r\\nOK\\r\\nc");
  lexer.received(io::Time{}, "\r\nOK\r\n\r\n+QFTPGET: 0,9\r\n");
  EXPECT_FALSE(lexer.data_mode());
  EXPECT_THAT(show(lexer.events()), ElementsAre("sent_line AT+QFTPGET=a", "connect [CONNECT]", "data ab\\r\\nOK\\r\\nc",
                                                "final_result [OK]", "line [+QFTPGET: 0,9]"));
}

}  // namespace
}  // namespace atspec::trace
