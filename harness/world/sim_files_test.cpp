// What the modem does with names on the server: folders, renaming, deleting, times. What it asks is read from the
// server's log, what became of it from the server's store.
#include <gtest/gtest.h>

#include "harness/world/sim_logged_in.hpp"

namespace atspec::world {
namespace {

using namespace std::chrono_literals;

TEST(SimFiles, AFolderComesGetsAnotherNameAndGoes) {
  LoggedIn at;
  at.expect("AT+QFTPMKDIR=\"TEST\"", "+QFTPMKDIR: 0,0");
  EXPECT_TRUE(at.sim.store().status("/TEST")->directory);
  at.expect("AT+QFTPMKDIR=\"TEST\"", "+QFTPMKDIR: 627,550");
  at.expect("AT+QFTPRENAME=\"TEST\",\"TEST_NEW\"", "+QFTPRENAME: 0,0");
  EXPECT_FALSE(at.sim.store().status("/TEST"));
  at.expect("AT+QFTPRMDIR=\"TEST_NEW\"", "+QFTPRMDIR: 0,0");
  EXPECT_FALSE(at.sim.store().status("/TEST_NEW"));
  at.expect("AT+QFTPRMDIR=\"TEST_NEW\"", "+QFTPRMDIR: 627,550");
}

TEST(SimFiles, AFileIsDeletedOnce) {
  LoggedIn at;
  at.expect("AT+QFTPDEL=\"a.bin\"", "+QFTPDEL: 0,0");
  EXPECT_FALSE(at.sim.store().status("/a.bin"));
  at.expect("AT+QFTPDEL=\"a.bin\"", "+QFTPDEL: 627,550");
}

TEST(SimFiles, ANewNameFollowsTheOldOneAtOnce) {
  LoggedIn at;
  at.expect("AT+QFTPRENAME=\"a.bin\",\"b.bin\"", "+QFTPRENAME: 0,0");
  EXPECT_EQ(at.asked(), "RNFR a.bin\r\nRNTO b.bin\r\n");
  EXPECT_EQ(at.sim.store().read("/b.bin", 0, 100), "12345");
}

TEST(SimFiles, AnOldNameThatIsRefusedGetsNoNewOne) {
  LoggedIn at;
  at.expect("AT+QFTPRENAME=\"none\",\"b.bin\"", "+QFTPRENAME: 627,550");
  EXPECT_EQ(at.asked(), "RNFR none\r\n");
  at.expect("AT+QFTPRENAME=\"a.bin\",\"b.bin\"", "+QFTPRENAME: 0,0");
}

TEST(SimFiles, ANewNameMayBeRefusedOrNeverAnswered) {
  LoggedIn refused;
  refused.rule("on RNTO reply \"550 no\"");
  refused.expect("AT+QFTPRENAME=\"a.bin\",\"b.bin\"", "+QFTPRENAME: 627,550");
  LoggedIn silent;
  silent.rule("on RNTO stall");
  const io::Time before = silent.sim.now();
  silent.expect("AT+QFTPRENAME=\"a.bin\",\"b.bin\"", "+QFTPRENAME: 609,0");
  EXPECT_LT(silent.sim.now() - before, 91s) << "one limit for both commands";
}

TEST(SimFiles, AReplyThatWantsMoreOfTheClientIsANo) {
  for (const auto& [rule, command, report] : std::initializer_list<std::array<const char*, 3>>{
           {"on SIZE reply \"332 account\"", "AT+QFTPSIZE=\"a.bin\"", "+QFTPSIZE: 601,332"},
           {"on RNFR reply \"332 account\"", "AT+QFTPRENAME=\"a.bin\",\"b.bin\"", "+QFTPRENAME: 601,332"},
           {"on RETR reply \"350 and then\"", "AT+QFTPGET=\"a.bin\",\"RAM:a.bin\"", "+QFTPGET: 601,350"},
           {"on QUIT reply \"332 account\"", "AT+QFTPCLOSE", "+QFTPCLOSE: 601,332"}}) {
    LoggedIn at;
    at.rule(rule);
    at.expect(command, report);
  }
}

TEST(SimFiles, AContextThatIsTakenAwayEndsWhatWasUnderWay) {
  LoggedIn at;
  at.rule("on RETR stall");
  EXPECT_EQ(at.host.type("AT+QFTPGET=\"a.bin\",\"RAM:a.bin\"\r"), "\r\nOK\r\n");
  EXPECT_EQ(at.host.type("AT+QIDEACT=1\r", "605,0\r\n"), "\r\nOK\r\n\r\n+QFTPGET: 605,0\r\n");
  EXPECT_TRUE(at.host.log_in());
}

TEST(SimFiles, TheReplyToAnUploadThatIsLeftIsNotTheOneToQuit) {
  LoggedIn at;
  at.rule("on QUIT reply \"550 stay\"");
  EXPECT_EQ(at.host.type("AT+QFTPPUT=\"b.bin\",\"COM:\",0,3,0\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  EXPECT_EQ(at.host.type("abc", "+QFTPPUT: 0,3\r\n"), "\r\nOK\r\n\r\n+QFTPPUT: 0,3\r\n");
  at.expect("AT+QFTPCLOSE", "+QFTPCLOSE: 627,550");
}

TEST(SimFiles, ATimeIsQuotedAsTheManualWritesIt) {
  LoggedIn at;
  at.rule("on MDTM reply \"213 20140708110039\" times 1");
  at.expect("AT+QFTPMDTM=\"a.bin\"", "+QFTPMDTM: 0,\"20140708110039\"");
  at.rule("on MDTM reply \"213 20140708110039.5\" times 1");
  at.expect("AT+QFTPMDTM=\"a.bin\"", "+QFTPMDTM: 0,\"20140708110039.500\"");
  EXPECT_EQ(at.asked(), "MDTM a.bin\r\nMDTM a.bin\r\n");
}

TEST(SimFiles, APathThatIsLongerThanTheManualHasItIsNotPassedOn) {
  SimOptions options = ordinary_options();
  options.modem.limits["+QFTPPWD.path_name"].max_length = 5;
  LoggedIn at(options);
  at.rule("on PWD reply \"257 \\\"/1234\\\"\" times 1");
  at.expect("AT+QFTPPWD", "+QFTPPWD: 0,\"/1234\"");
  at.rule("on PWD reply \"257 \\\"/12345\\\"\" times 1");
  at.expect("AT+QFTPPWD", "+QFTPPWD: 601,0");
}

TEST(SimFiles, NoServerByteForgesALine) {
  for (const char* reply : {"213 yesterday", "213 \\\"0\\\"", "213 2014\\rOK\\r", "213 20140708110039\\x01", "213"}) {
    LoggedIn at;
    at.rule("on MDTM reply \"" + std::string(reply) + "\"");
    at.expect("AT+QFTPMDTM=\"a.bin\"", "+QFTPMDTM: 601,0");
  }
}

TEST(SimFiles, NoArgumentBringsACommandOfItsOwn) {
  LoggedIn at;
  for (const char* line : {"AT+QFTPMKDIR=\"a\nDELE a.bin\"\r", "AT+QFTPRENAME=\"a.bin\",\"b\nDELE a.bin\"\r",
                           "AT+QFTPDEL=\"\t\"\r", "AT+QFTPRENAME=\"a.bin\"\r", "AT+QFTPMDTM=a.bin\r", "AT+QFTPDEL\r"})
    EXPECT_EQ(at.host.type(line, "601\r\n"), "\r\n+CME ERROR: 601\r\n") << line;
  EXPECT_EQ(at.asked(), "");
}

TEST(SimFiles, WithoutASessionNothingIsAsked) {
  Sim sim(ordinary_options());
  Host host(sim);
  for (const char* line : {"AT+QFTPMKDIR=\"a\"\r", "AT+QFTPRMDIR=\"a\"\r", "AT+QFTPDEL=\"a\"\r", "AT+QFTPMDTM=\"a\"\r",
                           "AT+QFTPRENAME=\"a\",\"b\"\r"})
    EXPECT_EQ(host.type(line, "601\r\n"), "\r\n+CME ERROR: 601\r\n") << line;
}

}  // namespace
}  // namespace atspec::world
