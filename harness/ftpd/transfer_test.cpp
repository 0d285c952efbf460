#include <rapidcheck/gtest.h>

#include "harness/ftpd/ascii.hpp"
#include "harness/ftpd/test_client.hpp"

namespace atspec::ftpd {
namespace {

class Transfers : public testing::Test {
 protected:
  void SetUp() override {
    client.log_in();
    EXPECT_TRUE(client.say("TYPE I").starts_with("200"));
  }
  std::string content(std::string_view path) { return store->read(path, 0, 1 << 24).value_or("(missing)"); }
  void put(std::string_view path, std::string_view bytes) { ASSERT_TRUE(store->write(path, 0, bytes, true)); }
  /// The codes of the replies to a transfer command, a data connection being there.
  std::string codes(std::string_view command) {
    std::string out;
    std::string answer = client.say(command);
    for (std::string_view rest = answer; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
      out += std::string(out.empty() ? "" : " ") + std::string(rest.substr(0, 3));
    }
    return out;
  }

  std::unique_ptr<FileStore> store = memory_store();
  TestClient client{*store};
};

TEST_F(Transfers, AFileIsFetchedAndTheConnectionClosedBeforeTheFinalReply) {
  put("/a", "hello");
  client.open_data();
  EXPECT_EQ(client.say("RETR a"), "150 Here comes the file\r\n226 Transfer complete\r\n");
  EXPECT_EQ(client.downloaded(), "hello");
  EXPECT_TRUE(client.closed(client.data));
  EXPECT_EQ(codes("RETR a"), "425");
}

TEST_F(Transfers, TheDataConnectionMayComeAfterTheCommand) {
  put("/a", "hello");
  EXPECT_TRUE(client.say("PASV").starts_with("227"));
  EXPECT_EQ(codes("RETR a"), "150");
  client.data = client.join();
  EXPECT_EQ(client.heard(), "226 Transfer complete\r\n");
  EXPECT_EQ(client.downloaded(), "hello");
}

TEST_F(Transfers, OnlyTheClientsOwnAddressMayJoin) {
  put("/a", "hello");
  EXPECT_TRUE(client.say("PASV").starts_with("227"));
  const auto thief = client.join("10.0.0.66");
  EXPECT_TRUE(client.aborted(thief));
  client.data = client.join("::ffff:10.0.0.2");
  EXPECT_EQ(codes("RETR a"), "150 226");
}

TEST_F(Transfers, TheServerConnectsInActiveMode) {
  put("/a", "hello");
  EXPECT_TRUE(client.say("PORT 10,0,0,2,200,1").starts_with("200"));
  EXPECT_EQ(codes("RETR a"), "150 226");
  EXPECT_EQ(client.connected_to, (std::vector<io::Endpoint>{{"10.0.0.2", 51201}}));
  EXPECT_EQ(client.downloaded(), "hello");
  EXPECT_TRUE(client.say("EPRT |1|10.0.0.2|5000|").starts_with("200"));
  client.refuse_connecting = true;
  EXPECT_EQ(codes("RETR a"), "150 425");
  EXPECT_EQ(codes("NOOP"), "200");
}

TEST_F(Transfers, NobodyOnTheDataConnectionIs425AfterAMinuteAndLeavesNoFile) {
  EXPECT_TRUE(client.say("PASV").starts_with("227"));
  EXPECT_EQ(codes("STOR new"), "150");
  client.wait(std::chrono::seconds(59));
  EXPECT_EQ(client.heard(), "");
  client.wait(std::chrono::seconds(2));
  EXPECT_EQ(client.heard(), "425 No data connection was made\r\n");
  EXPECT_FALSE(store->status("/new"));
}

TEST_F(Transfers, AnUploadReplacesAppendsAndRestarts) {
  put("/a", "0123456789");
  client.open_data();
  EXPECT_EQ(codes("STOR a"), "150");
  client.upload("abcdef");
  client.end_upload();
  EXPECT_EQ(client.heard(), "226 Transfer complete\r\n");
  EXPECT_EQ(content("/a"), "abcdef");

  client.open_data();
  EXPECT_EQ(codes("APPE a"), "150");
  client.upload("gh");
  client.end_upload();
  EXPECT_EQ(content("/a"), "abcdefgh");

  client.heard();
  EXPECT_EQ(codes("REST 6"), "350");
  client.open_data();
  EXPECT_EQ(codes("STOR a"), "150");
  client.upload("XYZ");
  client.end_upload();
  EXPECT_EQ(content("/a"), "abcdefXYZ");

  client.heard();
  client.open_data();
  EXPECT_EQ(codes("APPE new"), "150");
  client.end_upload();
  EXPECT_EQ(client.heard(), "226 Transfer complete\r\n");
  EXPECT_EQ(content("/new"), "");
}

TEST_F(Transfers, AnOffsetPastTheEndIsRefusedAtTheTransfer) {
  put("/a", "0123456789");
  client.open_data();
  EXPECT_EQ(codes("REST 11"), "350");
  EXPECT_EQ(codes("RETR a"), "554");
  EXPECT_EQ(codes("REST 11"), "350");
  EXPECT_EQ(codes("STOR a"), "554");
  EXPECT_EQ(codes("REST 10"), "350");
  EXPECT_EQ(codes("RETR a"), "150 226");
  EXPECT_EQ(client.downloaded(), "");
  client.open_data();
  EXPECT_EQ(codes("REST 7"), "350");
  EXPECT_EQ(codes("RETR a"), "150 226");
  EXPECT_EQ(client.downloaded(), "789");
}

TEST_F(Transfers, WhatCannotBeTransferredIsSaidBeforeAnyData) {
  ASSERT_TRUE(store->make_directory("/d"));
  put("/a", "x");
  client.open_data();
  EXPECT_EQ(codes("RETR missing"), "550");
  EXPECT_EQ(codes("RETR d"), "550");
  EXPECT_EQ(codes("STOR d"), "553");
  EXPECT_EQ(codes("STOR missing/a"), "553");
  EXPECT_EQ(codes("STOR a/b"), "553");
  EXPECT_EQ(codes("LIST missing"), "550");
  EXPECT_EQ(codes("MLSD a"), "501");
  EXPECT_EQ(codes("RETR a"), "150 226");
}

TEST_F(Transfers, AFullStoreIs552) {
  const auto small = memory_store(400);
  TestClient tight(*small);
  tight.log_in();
  tight.say("TYPE I");
  tight.open_data();
  EXPECT_TRUE(tight.say("STOR a").starts_with("150"));
  tight.upload(std::string(200, 'x'), 100);
  EXPECT_EQ(tight.heard(), "");
  tight.upload(std::string(200, 'x'), 100);
  EXPECT_EQ(tight.heard(), "552 No space left\r\n");
  EXPECT_TRUE(tight.closed(tight.data));
  EXPECT_EQ(small->status("/a")->size, 200U);
  tight.open_data();
  tight.say("MKD d");
  EXPECT_TRUE(tight.say("STOR b").starts_with("452"));
}

TEST_F(Transfers, ListingsAreLinesThatClientsParse) {
  ASSERT_TRUE(store->make_directory("/d"));
  put("/a b.txt", "12345");
  client.open_data();
  EXPECT_EQ(codes("LIST -a"), "150 226");
  EXPECT_EQ(client.downloaded(),
            "-rw-r--r--   1 ftp      ftp                 5 Jan  1 00:00 a b.txt\r\n"
            "drwxr-xr-x   2 ftp      ftp                 0 Jan  1 00:00 d\r\n");
  client.open_data();
  EXPECT_EQ(codes("NLST"), "150 226");
  EXPECT_EQ(client.downloaded(), "a b.txt\r\nd\r\n");
  client.open_data();
  EXPECT_EQ(codes("MLSD"), "150 226");
  EXPECT_EQ(client.downloaded(),
            "type=file;size=5;modify=20240101000000;perm=adfrw; a b.txt\r\n"
            "type=dir;modify=20240101000000;perm=cdeflmp; d\r\n");
  client.open_data();
  EXPECT_EQ(codes("LIST d"), "150 226");
  EXPECT_EQ(client.downloaded(), "");
  put("/d/x", "");
  client.open_data();
  EXPECT_EQ(codes("NLST d"), "150 226");
  EXPECT_EQ(client.downloaded(), "d/x\r\n");
}

TEST_F(Transfers, OldFilesShowTheirYear) {
  store->set_time(0);
  put("/old", "");
  client.open_data();
  client.say("LIST old");
  EXPECT_EQ(client.downloaded(), "-rw-r--r--   1 ftp      ftp                 0 Jan  1  1970 old\r\n");
}

TEST_F(Transfers, AClientThatDoesNotReadHoldsTheServerBack) {
  put("/big", std::string(1 << 20, 'x'));
  client.open_data();
  client.taking = false;
  EXPECT_EQ(codes("RETR big"), "150");
  EXPECT_LE(client.untaken, 70'000U);
  client.wait(std::chrono::minutes(6));
  EXPECT_EQ(client.heard().substr(0, 3), "426");
  EXPECT_TRUE(client.aborted(client.data));
}

TEST_F(Transfers, OneTransferAtATimeAndWhatWasSaidMeanwhileComesAfterIt) {
  client.open_data();
  client.send("STOR a\r\nNOOP\r\nSIZE a\r\n");
  EXPECT_EQ(client.heard(), "150 Send the file\r\n");
  EXPECT_TRUE(client.server().wants(client.data));
  client.upload("12345");
  EXPECT_EQ(client.heard(), "");
  client.end_upload();
  EXPECT_EQ(client.heard(), "226 Transfer complete\r\n200 Nothing done\r\n213 5\r\n");
}

TEST_F(Transfers, UploadedBytesWaitForTheirCommand) {
  client.open_data();
  EXPECT_FALSE(client.server().wants(client.data));
  EXPECT_EQ(codes("STOR a"), "150");
  EXPECT_TRUE(client.server().wants(client.data));
}

TEST_F(Transfers, AnUploadOfNothingMayBeOverBeforeItsCommand) {
  put("/a", "old");
  client.open_data();
  client.end_upload();
  EXPECT_EQ(codes("STOR a"), "150 226");
  EXPECT_EQ(content("/a"), "");
}

TEST_F(Transfers, AborBreaksATransferAndStatLooksAtIt) {
  client.open_data();
  EXPECT_EQ(codes("STOR a"), "150");
  client.upload("12345");
  EXPECT_NE(client.say("STAT").find("5 bytes"), std::string::npos);
  EXPECT_EQ(codes("\xFF\xF4\xFF\xF2"
                  "ABOR"),
            "426 226");
  EXPECT_TRUE(client.closed(client.data));
  EXPECT_EQ(codes("ABOR"), "226");
  EXPECT_EQ(codes("NOOP"), "200");
}

TEST_F(Transfers, AStalledDownloadGoesOnWhereItStopped) {
  put("/a", "0123456789");
  client.rule("stall data after 4 for 30s");
  client.open_data();
  EXPECT_EQ(codes("RETR a"), "150");
  EXPECT_EQ(client.downloaded(), "0123");
  client.wait(std::chrono::seconds(29));
  EXPECT_EQ(client.downloaded(), "");
  client.wait(std::chrono::seconds(2));
  EXPECT_EQ(client.downloaded(), "456789");
  EXPECT_EQ(client.heard().substr(0, 3), "226");
}

TEST_F(Transfers, AStalledUploadIsNotRead) {
  client.rule("stall data after 4 for 30s");
  client.open_data();
  EXPECT_EQ(codes("STOR a"), "150");
  client.upload("0123");
  EXPECT_FALSE(client.server().wants(client.data));
  client.wait(std::chrono::seconds(31));
  EXPECT_TRUE(client.server().wants(client.data));
  client.upload("45");
  client.end_upload();
  EXPECT_EQ(client.heard().substr(0, 3), "226");
  EXPECT_EQ(content("/a"), "012345");
}

TEST_F(Transfers, ABrokenDataConnectionIs426) {
  client.open_data();
  EXPECT_EQ(codes("STOR a"), "150");
  client.upload("12345");
  client.event(io::event::Reset{client.data});
  EXPECT_EQ(client.heard().substr(0, 3), "426");
  EXPECT_EQ(content("/a"), "12345");
}

TEST_F(Transfers, TheEndOfTheControlConnectionEndsTheTransfer) {
  client.open_data();
  EXPECT_EQ(codes("STOR a"), "150");
  client.event(io::event::PeerClosed{client.control});
  EXPECT_TRUE(client.closed(client.data));
  EXPECT_TRUE(client.closed(client.control));
  client.log_in();
  client.open_data();
  client.event(io::event::Reset{client.control});
  EXPECT_TRUE(client.closed(client.data));
}

TEST_F(Transfers, AsciiConvertsOnTheWireAndRestartsInWireBytes) {
  put("/a", "one\ntwo\n");
  client.say("TYPE A");
  for (std::size_t at = 0; at <= 10; ++at) {
    EXPECT_EQ(codes("REST " + std::to_string(at)), "350");
    client.open_data();
    EXPECT_EQ(codes("RETR a"), "150 226");
    EXPECT_EQ(client.downloaded(), std::string("one\r\ntwo\r\n").substr(at)) << at;
  }
  for (std::size_t at = 1; at <= 10; ++at) {
    // the file as it stands after `at` bytes of the wire; a CR alone counts once its LF is there
    constexpr std::size_t stored[] = {0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 8};
    put("/b", std::string_view("one\ntwo\n").substr(0, stored[at]));
    EXPECT_EQ(codes("REST " + std::to_string(at)), "350");
    client.open_data();
    ASSERT_EQ(codes("STOR b"), "150") << at;
    client.upload(std::string("one\r\ntwo\r\n").substr(at), 1);
    client.end_upload();
    client.heard();
    EXPECT_EQ(content("/b"), "one\ntwo\n") << at;
  }
}

TEST_F(Transfers, EveryByteOfAConversationIsLoggedUnderTheConnectionItWentOver) {
  put("/a", "hello");
  client.log.clear();
  client.open_data();
  client.say("RETR a");
  std::string in, out, data;
  for (const Logged& one : client.log) {
    const bool moved = one.what == Logged::What::data_in || one.what == Logged::What::data_out;
    EXPECT_EQ(one.connection == client.control, !moved);
    EXPECT_EQ(one.size, one.bytes.size());
    (one.what == Logged::What::control_in ? in : one.what == Logged::What::control_out ? out : data) += one.bytes;
  }
  EXPECT_EQ(in, "EPSV\r\nRETR a\r\n");
  EXPECT_EQ(out, "229 Extended passive mode (|||40000|)\r\n150 Here comes the file\r\n226 Transfer complete\r\n");
  EXPECT_EQ(data, "hello");
}

TEST_F(Transfers, EventsOfConnectionsNobodyHasAreNoConcern) {
  client.event(io::event::Received{77, "x"});
  client.event(io::event::Sent{77, 1});
  client.event(io::event::Reset{77});
  client.event(io::event::PeerClosed{77});
  client.event(io::event::Connected{77, {}, {}});
  client.event(io::event::ConnectFailed{77, io::ConnectError::refused});
  client.event(io::event::Listening{77, {}});
  client.event(io::event::ListenFailed{77});
  client.event(io::event::Resolved{77, {}});
  client.event(io::event::Accepted{77, 0x8000'1000U, {}, {}});
  EXPECT_TRUE(client.aborted(0x8000'1000U));
  EXPECT_EQ(codes("NOOP"), "200");
}

/// Whatever a client and a network do, the server stays within the rules: TestClient finds what is sent after a close,
/// and time always goes on.
RC_GTEST_PROP(Transfer, NoOrderOfEventsBreaksTheServer, ()) {
  static const std::vector<std::string> said = {"EPSV\r\n",   "PASV\r\n",   "PORT 10,0,0,2,200,1\r\n",
                                                "RETR a\r\n", "STOR b\r\n", "APPE a\r\n",
                                                "LIST\r\n",   "ABOR\r\n",   "REST 3\r\n",
                                                "STAT\r\n",   "TYPE A\r\n", "TYPE I\r\n",
                                                "QUIT\r\n",   "NOOP\r\n",   "EPSV\r\nLIST\r\n",
                                                "USER x\r\n"};
  static const std::vector<std::string> rules = {"on RETR delay 5s", "on STOR reset times 1",   "on * close times 1",
                                                 "on PASV stall",    "on LIST reply \"450 x\"", "cut data after 2",
                                                 "on ABOR delay 1s", "on EPSV delay 1s"};
  const auto store = memory_store(2000);
  RC_ASSERT(store->write("/a", 0, "line\nline\n", true).has_value());
  TestClient client(*store);
  client.log_in();
  for (int i = *rc::gen::inRange(1, 40); i > 0; --i) {
    switch (*rc::gen::inRange(0, 14)) {
      case 0:
        client.data = client.join();
        break;
      case 1:
        client.upload(*rc::gen::elementOf(std::vector<std::string>{"x", "\r", "\n", std::string(1500, 'y')}));
        break;
      case 2:
        client.end_upload();
        break;
      case 3:
        client.event(io::event::Reset{client.data});
        break;
      case 4:
        client.wait(std::chrono::seconds(*rc::gen::inRange(0, 100)));
        break;
      case 5:
        client.rule(*rc::gen::elementOf(rules));
        break;
      case 6:
        client.taking = !client.taking;
        break;
      case 7:
        client.event(io::event::Sent{client.data, client.untaken});
        break;
      case 8:
        client.refuse_connecting = !client.refuse_connecting;
        break;
      case 9:
        if (*rc::gen::inRange(0, 4) == 0) {
          client.event(io::event::PeerClosed{client.control});
          client.connect();
          client.send("USER test\r\nPASS test\r\n");
        }
        break;
      default:
        client.send(*rc::gen::elementOf(said));
        break;
    }
  }
  client.wait(std::chrono::hours(1));
}

rc::Gen<std::string> lines() {
  return rc::gen::container<std::string>(rc::gen::element('a', '\r', '\n', '\0', '\xFF'));
}

RC_GTEST_PROP(Ascii, WhatIsFetchedAndSentBackIsTheSameFile, ()) {
  const std::string file = *lines();
  const std::string wire = to_wire(file);
  FromWire from_wire;
  std::string back;
  for (std::string_view rest = wire; !rest.empty();) {
    const std::size_t size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
    back += from_wire.convert(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  RC_ASSERT(back + from_wire.finish() == file);
}

RC_GTEST_PROP(Ascii, ARestartAnywhereCompletesTheFile, ()) {
  const std::string file = *lines();
  const std::string wire = to_wire(file);
  const std::size_t at = *rc::gen::inRange<std::size_t>(0, wire.size() + 1);
  const auto store = memory_store();
  RC_ASSERT(store->write("/f", 0, file, true).has_value());
  RC_ASSERT(*wire_size(*store, "/f") == wire.size());
  const auto position = stored_position(*store, "/f", at);
  RC_ASSERT(position.has_value());
  FromWire from_wire(position->after_cr);
  std::string tail = from_wire.convert(std::string_view(wire).substr(at));
  tail += from_wire.finish();
  RC_ASSERT(file.substr(0, position->offset) + tail == file);
  RC_ASSERT(!stored_position(*store, "/f", wire.size() + 1).has_value());
}

}  // namespace
}  // namespace atspec::ftpd
