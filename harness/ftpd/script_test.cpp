// Every kind of peer rule, as scenario/peer.hpp states it.
#include "harness/ftpd/test_client.hpp"

namespace atspec::ftpd {
namespace {

class Rules : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store->write("/a", 0, "0123456789", true)); }
  void ready() {
    client.log_in();
    client.say("TYPE I");
  }
  std::unique_ptr<FileStore> store = memory_store();
  TestClient client{*store};
};

TEST_F(Rules, AReplyStandsInPlaceOfTheCommand) {
  client.rule("on DELE reply \"450 Not now\"");
  ready();
  EXPECT_EQ(client.say("DELE a"), "450 Not now\r\n");
  EXPECT_TRUE(store->status("/a"));
  EXPECT_EQ(client.say("dele a"), "450 Not now\r\n");
}

TEST_F(Rules, TimesCountsAndTheNextRuleFollows) {
  client.rule("on SIZE reply \"450 Not now\" times 1");
  client.rule("on SIZE reply \"213 5\" times 2");
  ready();
  EXPECT_EQ(client.say("SIZE a"), "450 Not now\r\n");
  EXPECT_EQ(client.say("SIZE a"), "213 5\r\n");
  EXPECT_EQ(client.say("SIZE a"), "213 5\r\n");
  EXPECT_EQ(client.say("SIZE a"), "213 10\r\n");
}

TEST_F(Rules, ADelayMovesTheWholeHandlingAndWhatFollowsWaits) {
  ready();
  client.rule("on DELE delay 15s times 1");
  client.send("DELE a\r\nNOOP\r\n");
  client.wait(std::chrono::milliseconds(14'999));
  EXPECT_EQ(client.heard(), "");
  EXPECT_TRUE(store->status("/a"));
  client.wait(std::chrono::milliseconds(1));
  EXPECT_EQ(client.heard(), "250 File removed\r\n200 Nothing done\r\n");
}

TEST_F(Rules, ADelayAndAnotherRuleGoTogether) {
  ready();
  client.rule("on SIZE delay 1s");
  client.rule("on SIZE delay 2s");
  client.rule("on SIZE reply \"550 Gone\"");
  client.send("SIZE a\r\n");
  client.wait(std::chrono::milliseconds(2'999));
  EXPECT_EQ(client.heard(), "");
  client.wait(std::chrono::milliseconds(1));
  EXPECT_EQ(client.heard(), "550 Gone\r\n");
}

TEST_F(Rules, AStalledServerNeverAnswersAgain) {
  client.rule("on SIZE stall");
  ready();
  EXPECT_EQ(client.say("SIZE a"), "");
  EXPECT_EQ(client.say("NOOP"), "");
  client.wait(std::chrono::hours(2));
  EXPECT_EQ(client.heard(), "");
  EXPECT_FALSE(client.closed(client.control));
  client.event(io::event::PeerClosed{client.control});
  EXPECT_TRUE(client.closed(client.control));
}

TEST_F(Rules, CloseAndResetTakeTheDataConnectionAlong) {
  client.rule("on STOR close");
  client.rule("on RETR reset");
  ready();
  client.open_data();
  EXPECT_EQ(client.say("STOR a"), "");
  EXPECT_TRUE(client.closed(client.control));
  EXPECT_TRUE(client.closed(client.data));
  ready();
  client.open_data();
  EXPECT_EQ(client.say("RETR a"), "");
  EXPECT_TRUE(client.aborted(client.control));
  EXPECT_TRUE(client.aborted(client.data));
}

TEST_F(Rules, AReplyToATransferClosesItsDataConnection) {
  client.rule("on RETR reply \"550 No such file\"");
  ready();
  client.open_data();
  EXPECT_EQ(client.say("RETR a"), "550 No such file\r\n");
  EXPECT_TRUE(client.closed(client.data));
  EXPECT_EQ(client.downloaded(), "");
  EXPECT_EQ(client.say("LIST").substr(0, 3), "425");
}

TEST_F(Rules, A421ClosesAsItSays) {
  client.rule("on NOOP reply \"421 Going down\"");
  ready();
  EXPECT_EQ(client.say("NOOP"), "421 Going down\r\n");
  EXPECT_TRUE(client.closed(client.control));
}

TEST_F(Rules, TheGreetingIsAVerbOfItsOwn) {
  client.rule("on CONNECT delay 1s times 1");
  client.connect();
  EXPECT_EQ(client.heard(), "");
  client.wait(std::chrono::seconds(1));
  EXPECT_EQ(client.heard(), "220 atspec FTP server\r\n");

  client.rule("on CONNECT reply \"120 Wait\" times 1");
  client.connect();
  EXPECT_EQ(client.heard(), "120 Wait\r\n");

  client.rule("on CONNECT stall times 1");
  client.connect();
  EXPECT_EQ(client.say("USER test"), "");

  client.rule("on CONNECT close times 1");
  client.connect();
  EXPECT_EQ(client.heard(), "");
  EXPECT_TRUE(client.closed(client.control));

  client.rule("on CONNECT reset times 1");
  client.connect();
  EXPECT_TRUE(client.aborted(client.control));
}

TEST_F(Rules, TheStarIsAnyCommandButNotTheGreeting) {
  client.rule("on * reply \"500 What\" times 2");
  client.connect();
  EXPECT_EQ(client.heard(), "220 atspec FTP server\r\n");
  EXPECT_EQ(client.say("USER test"), "500 What\r\n");
  EXPECT_EQ(client.say("XYZZY"), "500 What\r\n");
  EXPECT_EQ(client.say("USER test").substr(0, 3), "331");
}

TEST_F(Rules, UnknownVerbsMayBeGivenAnAnswer) {
  client.rule("on XYZZY reply \"200-Two\\r\\n200 lines\"");
  ready();
  EXPECT_EQ(client.say("XYZZY"), "200-Two\r\n200 lines\r\n");
}

TEST_F(Rules, ACutDownloadEndsAfterItsBytesWith426) {
  client.rule("cut data after 4");
  ready();
  client.open_data();
  EXPECT_EQ(client.say("RETR a"), "150 Here comes the file\r\n426 The data connection was cut\r\n");
  EXPECT_EQ(client.downloaded(), "0123");
  EXPECT_TRUE(client.closed(client.data));
  client.open_data();
  client.say("RETR a");
  EXPECT_EQ(client.downloaded(), "0123456789");
}

TEST_F(Rules, ACutUploadKeepsWhatCameBefore) {
  for (const std::size_t piece : {1U, 3U, 10U}) {
    client.rule("cut data after 4");
    ready();
    client.open_data();
    client.say("STOR b");
    client.upload("abcdefghij", piece);
    EXPECT_EQ(client.heard(), "426 The data connection was cut\r\n");
    EXPECT_TRUE(client.closed(client.data));
    EXPECT_EQ(*store->read("/b", 0, 100), "abcd");
  }
}

TEST_F(Rules, ACutAtNothingLetsNothingPass) {
  client.rule("cut data after 0");
  client.rule("cut data after 0");
  ready();
  client.open_data();
  EXPECT_NE(client.say("RETR a").find("426"), std::string::npos);
  EXPECT_EQ(client.downloaded(), "");
  client.open_data();
  EXPECT_NE(client.say("STOR b").find("426"), std::string::npos);
}

TEST_F(Rules, ACutMayComeWithAResetAndAnyReplyOrNone) {
  client.rule("cut data after 4 reset reply \"226 All is well\"");
  client.rule("cut data after 4 reply \"\"");
  ready();
  client.open_data();
  EXPECT_EQ(client.say("RETR a"), "150 Here comes the file\r\n226 All is well\r\n");
  EXPECT_TRUE(client.aborted(client.data));
  client.open_data();
  EXPECT_EQ(client.say("RETR a"), "150 Here comes the file\r\n");
  EXPECT_TRUE(client.closed(client.data));
}

TEST_F(Rules, ATransferShorterThanTheCutEndsAsUsual) {
  client.rule("cut data after 11");
  ready();
  client.open_data();
  EXPECT_NE(client.say("RETR a").find("226"), std::string::npos);
}

TEST_F(Rules, AClearedScriptIsForgottenAndSoIsARestartedOne) {
  client.rule("on SIZE reply \"550 x\"");
  client.rule("cut data after 1");
  ready();
  client.server().clear_script();
  EXPECT_EQ(client.say("SIZE a"), "213 10\r\n");
  client.rule("on SIZE reply \"550 x\"");
  client.server().start(client.now);
  ready();
  EXPECT_EQ(client.say("SIZE a"), "213 10\r\n");
}

}  // namespace
}  // namespace atspec::ftpd
