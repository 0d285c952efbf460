// A session stays in step with its server, or ends: what a server says at the wrong time is taken for no answer, and
// behind whatever failed the next command, or the next login, works.
#include <gtest/gtest.h>

#include <array>

#include "harness/world/sim_logged_in.hpp"

namespace atspec::world {
namespace {

using namespace std::chrono_literals;

struct Said {
  const char *verb, *command, *urc;
};

/// A command that the modem says on the way to a transfer.
class OnTheWay : public testing::TestWithParam<Said> {
 protected:
  OnTheWay() {
    const std::string verb = GetParam().verb;
    if (verb == "PORT") rule("on EPRT reply \"502 what\"");
    if (verb == "PORT" || verb == "EPRT") at.host.type("AT+QFTPCFG=\"transmode\",0\r");
    if (verb == "PASV") at.host.type("AT+QFTPCFG=\"data_address\",0\r");
  }
  void rule(const std::string& line) { at.rule(line); }
  LoggedIn at;
};

INSTANTIATE_TEST_SUITE_P(Step, OnTheWay,
                         testing::Values(Said{"TYPE", "AT+QFTPGET=\"a.bin\",\"RAM:a\",1", "+QFTPGET: "},
                                         Said{"EPSV", "AT+QFTPGET=\"a.bin\",\"RAM:a\",1", "+QFTPGET: "},
                                         Said{"PASV", "AT+QFTPGET=\"a.bin\",\"RAM:a\",1", "+QFTPGET: "},
                                         Said{"EPRT", "AT+QFTPGET=\"a.bin\",\"RAM:a\",1", "+QFTPGET: "},
                                         Said{"PORT", "AT+QFTPGET=\"a.bin\",\"RAM:a\",1", "+QFTPGET: "},
                                         Said{"REST", "AT+QFTPGET=\"a.bin\",\"RAM:a\",1", "+QFTPGET: "}),
                         [](const auto& one) { return std::string(one.param.verb); });

TEST_P(OnTheWay, AReplyThatAnswersSomethingElseEndsTheSession) {
  const auto [verb, command, urc] = GetParam();
  rule(std::string("on ") + verb + " reply \"226 that was it\" times 1");
  at.expect(command, std::string(urc) + "601,0");
  EXPECT_EQ(at.host.type("AT+QFTPSIZE=\"a.bin\"\r", "601\r\n", 1s).substr(0, 13), "\r\n+CME ERROR:");
  ASSERT_TRUE(at.host.log_in());
  at.expect(command, std::string(urc) + "0,4");
}

TEST_P(OnTheWay, AReplyThatIsOnlyPreliminaryIsWaitedThrough) {
  const auto [verb, command, urc] = GetParam();
  if (std::string_view(verb) == "EPSV" || std::string_view(verb) == "PASV" || std::string_view(verb) == "REST") {
    rule(std::string("on ") + verb + " preface \"110 soon\"");
    at.expect(command, std::string(urc) + "0,4");
  } else {
    rule(std::string("on ") + verb + " reply \"110 soon\\r\\n200 now\" times 1");
    at.host.type(std::string(command) + "\r", "\r\n" + std::string(urc));
    // whether the server did it or only said so, the answer is one to this command
    EXPECT_NE(at.host.read("\r\n"), "601,200\r\n");
  }
}

TEST_P(OnTheWay, ARefusalLeavesTheSession) {
  const auto [verb, command, urc] = GetParam();
  for (const char* code : {"450", "331"}) {
    rule(std::string("on ") + verb + " reply \"" + code + " not now\" times 1");
    at.expect(command, std::string(urc) + "601," + code);
    at.expect("AT+QFTPSIZE=\"a.bin\"", "+QFTPSIZE: 0,5");
    at.host.type("AT+QFTPCFG=\"filetype\",1\r");
    at.expect("AT+QFTPSIZE=\"a.bin\"", "+QFTPSIZE: 0,5");
    at.host.type("AT+QFTPCFG=\"filetype\",0\r");
  }
}

TEST(SimStep, AReplyThatAnswersAnotherCommandEndsTheSession) {
  for (const auto& [verb, command, urc] : std::initializer_list<std::array<const char*, 3>>{
           {"SIZE", "AT+QFTPSIZE=\"a.bin\"", "+QFTPSIZE: 601,0"},
           {"MDTM", "AT+QFTPMDTM=\"a.bin\"", "+QFTPMDTM: 601,0"},
           {"PWD", "AT+QFTPPWD", "+QFTPPWD: 601,0"},
           {"RNFR", "AT+QFTPRENAME=\"a.bin\",\"b.bin\"", "+QFTPRENAME: 601,0"}}) {
    LoggedIn at;
    at.rule(std::string("on ") + verb + " reply \"226 late\" times 1");
    at.expect(command, urc);
    at.expect("AT+QFTPSTAT", "+QFTPSTAT: 0,4");
    EXPECT_TRUE(at.host.log_in()) << verb;
  }
}

TEST(SimStep, A226BeforeAllOfAFileWasSentIsNotItsAnswer) {
  LoggedIn com;
  com.rule("on STOR stray \"226 early\" after 500ms times 1");
  EXPECT_EQ(com.host.type("AT+QFTPPUT=\"b.bin\",\"COM:\",0,8,1\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  EXPECT_EQ(com.host.type("abcd", "607,0\r\n"), "\r\nOK\r\n\r\n+QFTPPUT: 607,0\r\n");
  EXPECT_TRUE(com.host.log_in());

  LoggedIn segments;
  segments.rule("on STOR stray \"226 early\" after 500ms times 1");
  EXPECT_EQ(segments.host.type("AT+QFTPPUT=\"b.bin\",\"COM:\",0,4,0\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  EXPECT_EQ(segments.host.type("abcd", "0,4\r\n"), "\r\nOK\r\n\r\n+QFTPPUT: 0,4\r\n");
  segments.host.read("nothing", 2s);
  EXPECT_EQ(segments.host.type("AT+QFTPPUT=\"b.bin\",\"COM:\",4,4,1\r", "607,0\r\n"),
            "\r\nOK\r\n\r\n+QFTPPUT: 607,0\r\n");
  EXPECT_TRUE(segments.host.log_in());
}

TEST(SimStep, WhatBeganToComeBeforeTheCommandDoesNotAnswerIt) {
  LoggedIn at;
  at.rule("on PWD reply \"257 \\\"/\\\"\\r\\n226-what nobody\\r\\n226 asked\" times 1");
  at.expect("AT+QFTPPWD", "+QFTPPWD: 0,\"/\"");
  at.expect("AT+QFTPSIZE=\"a.bin\"", "+QFTPSIZE: 0,5");
}

TEST(SimStep, TheAddressTheServerNamesIsAskedForWhereItCounts) {
  LoggedIn at;
  at.expect("AT+QFTPGET=\"a.bin\",\"RAM:a\"", "+QFTPGET: 0,5");
  EXPECT_EQ(at.asked(), "TYPE I\r\nEPSV\r\nRETR a.bin\r\n");
  at.host.type("AT+QFTPCFG=\"data_address\",0\r");
  at.expect("AT+QFTPGET=\"a.bin\",\"RAM:a\"", "+QFTPGET: 0,5");
  EXPECT_EQ(at.asked(), "PASV\r\nRETR a.bin\r\n");
  at.rule("on PASV reply \"502 extended only\"");
  at.expect("AT+QFTPGET=\"a.bin\",\"RAM:a\"", "+QFTPGET: 0,5");
  EXPECT_EQ(at.asked(), "PASV\r\nEPSV\r\nRETR a.bin\r\n");
}

TEST(SimStep, ALocalFileStaysWhereTheServerHasNone) {
  LoggedIn at;
  at.expect("AT+QFTPGET=\"a.bin\",\"RAM:a\"", "+QFTPGET: 0,5");
  at.expect("AT+QFTPGET=\"none\",\"RAM:a\"", "+QFTPGET: 627,550");
  EXPECT_EQ(at.host.type("AT+QFLST=\"RAM:*\"\r"), "\r\n+QFLST: \"RAM:a\",5\r\n\r\nOK\r\n");
}

TEST(SimStep, ASegmentTheServerDidNotKeepIsToldWithTheNext) {
  LoggedIn at;
  at.rule("cut data after 3 reset");
  EXPECT_EQ(at.host.type("AT+QFTPPUT=\"b.bin\",\"COM:\",0,4,0\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  EXPECT_EQ(at.host.type("abcd", "+QFTPPUT: 0,4\r\n"), "\r\nOK\r\n\r\n+QFTPPUT: 0,4\r\n");
  at.host.read("nothing", 2s);
  EXPECT_EQ(at.host.type("AT+QFTPPUT=\"b.bin\",\"COM:\",4,4,1\r", "426\r\n"), "\r\nOK\r\n\r\n+QFTPPUT: 616,426\r\n");
  at.expect("AT+QFTPSIZE=\"a.bin\"", "+QFTPSIZE: 0,5");
}

/// A download is left with +++ before the server ends it with `reply`.
void leave_a_download(LoggedIn& at, const std::string& reply) {
  ASSERT_TRUE(at.sim.store().write("/large", 0, std::string(200'000, 'x'), true));
  at.rule("stall data after 100000 for 10s");
  at.rule("cut data after 150000 reply \"" + reply + "\"");
  at.host.type("AT+QFTPGET=\"large\",\"COM:\"\r", "nothing", 2s);
  EXPECT_EQ(at.host.type("+++"), "\r\nOK\r\n");
  at.host.read("nothing", 1min);
}

TEST(SimStep, APausedDownloadWhoseServerLeftIsOver) {
  for (const char* command : {"AT+QFTPSIZE=\"a.bin\"", "AT+QFTPCLOSE", "AT+QFTPLEN", ""}) {
    LoggedIn at;
    leave_a_download(at, "421 gone");
    if (*command != '\0') {
      EXPECT_EQ(at.host.type(std::string(command) + "\r", "606\r\n"), "\r\n+CME ERROR: 606\r\n") << command;
    }
    EXPECT_TRUE(at.host.log_in()) << command;
  }
}

TEST(SimStep, ALone221ClosesASessionWhoseDownloadWasLeft) {
  LoggedIn at;
  leave_a_download(at, "");
  at.expect("AT+QFTPCLOSE", "+QFTPCLOSE: 0,0");
}

TEST(SimStep, ALineIsAnsweredOnceHoweverManyOfItsCommandsGoOn) {
  LoggedIn at;
  EXPECT_EQ(at.host.type("AT+QFTPSTAT;+QFTPSTAT\r", "+QFTPSTAT: 0,1\r\n\r\n+QFTPSTAT: 0,1\r\n"),
            "\r\nOK\r\n\r\n+QFTPSTAT: 0,1\r\n\r\n+QFTPSTAT: 0,1\r\n");
  EXPECT_EQ(at.host.type("AT+QFTPPWD;+QFTPSTAT\r", "\"/\"\r\n"),
            "\r\nOK\r\n\r\n+QFTPSTAT: 0,1\r\n\r\n+QFTPPWD: 0,\"/\"\r\n");
  EXPECT_EQ(at.host.type("AT+QFTPPWD;+QFTPSIZE=\"a.bin\"\r", "\"/\"\r\n"),
            "\r\n+CME ERROR: 603\r\n\r\n+QFTPPWD: 0,\"/\"\r\n");
  EXPECT_EQ(at.host.type("AT+QFTPPWD;+QIDEACT=1\r", "605,0\r\n"), "\r\nOK\r\n\r\n+QFTPPWD: 605,0\r\n");
  EXPECT_TRUE(at.host.log_in());
}

TEST(SimStep, NothingTypedBetweenADownloadAndItsConnectIsCarriedOut) {
  LoggedIn at;
  at.rule("on RETR delay 2s");
  EXPECT_EQ(at.host.type("AT+QFTPGET=\"a.bin\",\"COM:\"\rAT+QFTPSTAT\r", "0,5\r\n"),
            "\r\nCONNECT\r\n12345\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n");
  at.expect("AT+QFTPSTAT", "+QFTPSTAT: 0,1");
}

TEST(SimStep, TheContextOfASessionIsTheOneItWasOpenedOn) {
  LoggedIn at;
  at.host.type("AT+QIACT=2\r");
  at.host.type("AT+QFTPCFG=\"contextid\",2\r");
  at.host.type("AT+QIDEACT=2\r");
  at.expect("AT+QFTPSIZE=\"a.bin\"", "+QFTPSIZE: 0,5");
  at.host.type("AT+QIDEACT=1\r");
  at.expect("AT+QFTPSTAT", "+QFTPSTAT: 0,4");
}

TEST(SimStep, AFileThatIsBeingMovedIsHeld) {
  LoggedIn at;
  at.expect("AT+QFTPGET=\"a.bin\",\"RAM:a\"", "+QFTPGET: 0,5");
  at.rule("on STOR delay 5s");
  EXPECT_EQ(at.host.type("AT+QFTPPUT=\"b.bin\",\"RAM:a\"\r"), "\r\nOK\r\n");
  for (const char* line : {"AT+QFUPL=\"RAM:a\",2", "AT+QFDEL=\"RAM:a\"", "AT+QFOPEN=\"RAM:a\",1"})
    EXPECT_EQ(at.host.type(std::string(line) + "\r", "613\r\n", 1s), "\r\n+CME ERROR: 613\r\n") << line;
  EXPECT_EQ(at.host.read("0,5\r\n"), "\r\n+QFTPPUT: 0,5\r\n");
  at.rule("on RETR delay 5s");
  EXPECT_EQ(at.host.type("AT+QFTPGET=\"a.bin\",\"new\"\r"), "\r\nOK\r\n");
  EXPECT_EQ(at.host.type("AT+QFUPL=\"UFS:new\",2\r", "613\r\n", 1s), "\r\n+CME ERROR: 613\r\n") << "not there yet";
  EXPECT_EQ(at.host.read("0,5\r\n"), "\r\n+QFTPGET: 0,5\r\n");
}

TEST(SimStep, TheLengthGrowsWhileATransferRuns) {
  LoggedIn at;
  ASSERT_TRUE(at.sim.store().write("/large", 0, std::string(200'000, 'x'), true));
  at.rule("stall data after 100000 for 5s");
  EXPECT_EQ(at.host.type("AT+QFTPGET=\"large\",\"RAM:large\"\r"), "\r\nOK\r\n");
  at.host.read("nothing", 2s);
  at.expect("AT+QFTPLEN", "+QFTPLEN: 0,100000");
  EXPECT_EQ(at.host.read("0,200000\r\n"), "\r\n+QFTPGET: 0,200000\r\n");
  at.expect("AT+QFTPLEN", "+QFTPLEN: 0,200000");
}

TEST(SimStep, TheLengthOfASegmentIsNotNegativeWhileTheOneBeforeIsOnItsWay) {
  LoggedIn at;
  at.rule("stall data after 0 for 10s");
  EXPECT_EQ(at.host.type("AT+QFTPPUT=\"b.bin\",\"COM:\",0,120000,0\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  at.host.type(std::string(120'000, 'x'), "0,120000\r\n");
  EXPECT_EQ(at.host.type("AT+QFTPPUT=\"b.bin\",\"COM:\",120000,100,1\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  at.host.type(std::string(100, 'x'));
  at.expect("AT+QFTPLEN", "+QFTPLEN: 0,0");
}

TEST(SimStep, ADownloadEndsWhereTheMediumIsFull) {
  SimOptions options = ordinary_options();
  options.modem.ram_bytes = 1000;
  LoggedIn at(options);
  ASSERT_TRUE(at.sim.store().write("/large", 0, std::string(200'000, 'x'), true));
  at.rule("stall data after 100000 for 1min");
  const io::Time before = at.sim.now();
  at.expect("AT+QFTPGET=\"large\",\"RAM:large\"", "+QFTPGET: 613,0");
  EXPECT_LT(at.sim.now() - before, 1s);
  at.expect("AT+QFTPSIZE=\"a.bin\"", "+QFTPSIZE: 0,5");
}

TEST(SimStep, ADownloadThatHasAllItWantedIsNoFailureOfASilentServer) {
  LoggedIn at;
  ASSERT_TRUE(at.sim.store().write("/large", 0, std::string(200'000, 'x'), true));
  at.rule("stall data after 3");
  EXPECT_TRUE(at.host.type("AT+QFTPGET=\"large\",\"COM:\",0,3\r", "0,3\r\n").ends_with("\r\n+QFTPGET: 0,3\r\n"));
  EXPECT_TRUE(at.host.log_in());
}

}  // namespace
}  // namespace atspec::world
