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

TEST_F(Rules, AHalfClosedServerReadsOnAndSaysNothing) {
  client.rule("on SIZE half-close");
  ready();
  EXPECT_EQ(client.say("SIZE a"), "");
  EXPECT_TRUE(client.shut.contains(client.control));
  EXPECT_EQ(client.say("NOOP"), "");
  EXPECT_EQ(client.log.back().bytes, "NOOP\r\n");
  EXPECT_FALSE(client.closed(client.control));
  client.event(io::event::PeerClosed{client.control});
  EXPECT_TRUE(client.closed(client.control));
  ready();
  EXPECT_FALSE(client.shut.contains(client.control));
}

TEST_F(Rules, AHalfClosedServerFinishesTheTransferUnderWay) {
  client.rule("on ABOR half-close");
  ready();
  client.open_data();
  EXPECT_EQ(client.say("STOR b").substr(0, 3), "150");
  EXPECT_EQ(client.say("ABOR"), "");
  client.upload("abc");
  client.end_upload();
  EXPECT_EQ(*store->read("/b", 0, 100), "abc");
  EXPECT_EQ(client.heard(), "") << "nor is 226 in the log, for it did not leave";
  EXPECT_EQ(client.log.back().bytes, "abc");
}

TEST_F(Rules, ARawReplyIsJustItsBytes) {
  client.rule("on SIZE raw \"213 5\" times 1");
  client.rule("on SIZE raw \"213 5\\n\\x00\\xff\" times 1");
  client.rule("on SIZE raw \"\" times 1");
  ready();
  EXPECT_EQ(client.say("SIZE a"), "213 5");
  EXPECT_EQ(client.say("SIZE a"), std::string_view("213 5\n\0\xff", 8));
  const std::size_t before = client.log.size();
  EXPECT_EQ(client.say("SIZE a"), "");
  EXPECT_EQ(client.log.size(), before + 1) << "the command, and no answer";
  EXPECT_EQ(client.say("SIZE a"), "213 10\r\n") << "and it goes on";
}

TEST_F(Rules, ARawReplyMayComeInPiecesAndOtherCommandsWaitForTheLast) {
  client.rule("on CONNECT raw \"22\" \"0 he\" \"llo\\r\\n\" every 300ms");
  client.rule("on NOOP delay 1s");
  client.rule("on NOOP raw \"20\" \"0 ok\\r\\n\" every 2s");
  client.connect();
  client.send("NOOP\r\nUSER test\r\n");
  EXPECT_EQ(client.heard(), "22");
  client.wait(std::chrono::milliseconds(300));
  EXPECT_EQ(client.heard(), "0 he");
  client.wait(std::chrono::milliseconds(299));
  EXPECT_EQ(client.heard(), "");
  client.wait(std::chrono::milliseconds(1));
  EXPECT_EQ(client.heard(), "llo\r\n");
  client.wait(std::chrono::seconds(1));
  EXPECT_EQ(client.heard(), "20");
  client.wait(std::chrono::seconds(2));
  EXPECT_EQ(client.heard(), "0 ok\r\n331 Password, please\r\n");
}

TEST_F(Rules, ARaw421ClosesBehindItsLastPieceAndARawReplyLeavesItsDataConnection) {
  client.rule("on NOOP raw \"42\" \"1 bye\" every 1s");
  client.rule("on RETR raw \"5\" \"50 no\\r\\n\" every 1s");
  ready();
  client.open_data();
  EXPECT_EQ(client.say("RETR a"), "5");
  EXPECT_TRUE(client.closed(client.data));
  client.wait(std::chrono::seconds(1));
  EXPECT_EQ(client.heard(), "50 no\r\n");
  EXPECT_EQ(client.say("NOOP"), "42");
  EXPECT_FALSE(client.closed(client.control));
  client.wait(std::chrono::seconds(1));
  EXPECT_EQ(client.heard(), "1 bye");
  EXPECT_TRUE(client.closed(client.control));
}

TEST_F(Rules, PiecesOfAClientThatHasGoneAreForgotten) {
  client.rule("on NOOP raw \"2\" \"00 ok\\r\\n\" every 1s");
  ready();
  client.say("NOOP");
  client.event(io::event::Reset{client.control});
  ready();
  client.wait(std::chrono::seconds(5));
  EXPECT_EQ(client.heard(), "");
}

TEST_F(Rules, AStrayReplyComesLateWhateverGoesOn) {
  client.rule("on NOOP stray \"226 Late\" after 2s times 1");
  client.rule("on NOOP stray \"200 later\" after 3s times 1");
  client.rule("on NOOP stray \"200 sooner\" after 1s times 1");
  client.rule("on DELE delay 10s");
  ready();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.say("NOOP"), "200 Nothing done\r\n");
  client.wait(std::chrono::milliseconds(1'999));
  EXPECT_EQ(client.heard(), "200 sooner\r\n");
  client.say("DELE a");
  client.wait(std::chrono::seconds(2));
  EXPECT_EQ(client.heard(), "226 Late\r\n200 later\r\n");
  client.wait(std::chrono::seconds(8));
  EXPECT_EQ(client.heard(), "250 File removed\r\n");
}

TEST_F(Rules, AStray421ClosesAndOneOfAClientThatHasGoneIsForgotten) {
  client.rule("on NOOP stray \"421 Bored\" after 2s times 1");
  client.rule("on QUIT stray \"200 Back\" after 1s");
  client.rule("on NOOP stray \"200 Back\" after 1s");
  ready();
  client.say("NOOP");
  client.wait(std::chrono::seconds(2));
  EXPECT_EQ(client.heard(), "421 Bored\r\n");
  EXPECT_TRUE(client.closed(client.control));
  ready();
  EXPECT_EQ(client.say("QUIT").substr(0, 3), "221");
  ready();
  client.say("NOOP");
  client.event(io::event::Reset{client.control});
  ready();
  client.wait(std::chrono::seconds(5));
  EXPECT_EQ(client.heard(), "");
}

TEST_F(Rules, AStalledServerSendsNoStrayReplyEither) {
  client.rule("on NOOP stray \"200 Back\" after 1s");
  client.rule("on SIZE stall");
  ready();
  client.say("NOOP");
  client.say("SIZE a");
  client.wait(std::chrono::seconds(5));
  EXPECT_EQ(client.heard(), "");
}

TEST_F(Rules, AControlPortIsClosedForATimeAndWhatStandsStays) {
  ready();
  const auto standing = client.control;
  client.rule("on CONNECT refuse for 30s");
  EXPECT_FALSE(client.listens(21));
  EXPECT_EQ(client.say("NOOP").substr(0, 3), "200");
  EXPECT_FALSE(client.closed(standing));
  client.wait(std::chrono::milliseconds(29'999));
  EXPECT_FALSE(client.listens(21));
  client.wait(std::chrono::milliseconds(1));
  EXPECT_TRUE(client.listens(21));
  client.log_in();
}

TEST_F(Rules, AControlPortThatIsClosedForGoodOpensWithTheNextScript) {
  client.rule("on CONNECT refuse");
  client.wait(std::chrono::hours(1000));
  EXPECT_FALSE(client.listens(21));
  client.server().clear_script();
  client.wait({});
  client.event(io::event::Resolved{});  // whatever happens next
  EXPECT_TRUE(client.listens(21));
  client.log_in();
  client.rule("on CONNECT refuse");
  client.server().start(client.now);
  client.event(io::event::Resolved{});
  EXPECT_TRUE(client.listens(21));
}

TEST_F(Rules, APortThatSomebodyElseTookMeanwhileIsTriedAgain) {
  client.rule("on CONNECT refuse for 1s");
  client.refuse_listening = true;
  client.wait(std::chrono::seconds(3));
  EXPECT_FALSE(client.listens(21));
  client.refuse_listening = false;
  client.wait(std::chrono::seconds(1));
  EXPECT_TRUE(client.listens(21));
}

TEST_F(Rules, BothControlPortsAreClosed) {
  Options options;
  options.implicit_port = 990;
  TestClient other(*store, options);
  EXPECT_TRUE(other.listens(21) && other.listens(990));
  other.rule("on CONNECT refuse for 1s");
  EXPECT_FALSE(other.listens(21) || other.listens(990));
  other.wait(std::chrono::seconds(1));
  EXPECT_TRUE(other.listens(21) && other.listens(990));
}

TEST_F(Rules, ADataPortThatIsNamedMayBeClosed) {
  client.rule("on DATA refuse times 2");
  ready();
  EXPECT_EQ(client.say("EPSV").substr(0, 3), "229");
  EXPECT_FALSE(client.listens(40000));
  EXPECT_EQ(client.say("PASV").substr(0, 3), "227");
  EXPECT_FALSE(client.listens(40000));
  EXPECT_EQ(client.say("RETR a").substr(0, 3), "150") << "it waits for a client that cannot come";
  client.wait(std::chrono::minutes(1));
  EXPECT_EQ(client.heard(), "425 No data connection was made\r\n");
  client.open_data();
  EXPECT_TRUE(client.say("RETR a").starts_with("150"));
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
