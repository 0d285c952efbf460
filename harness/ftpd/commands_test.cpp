// Reply by reply: each row is what the client says and how the answer begins (or, ending in CR LF, what it is).
#include <rapidcheck/gtest.h>

#include "harness/ftpd/test_client.hpp"

namespace atspec::ftpd {
namespace {

struct Row {
  std::string_view say;
  std::string_view answer;
};

void hold(TestClient& client, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const std::string answer = client.say(row.say);
    if (row.answer.ends_with("\r\n") || row.answer.empty()) {
      EXPECT_EQ(answer, row.answer) << row.say;
    } else {
      EXPECT_TRUE(answer.starts_with(row.answer)) << row.say << " got " << answer;
    }
  }
}

class Commands : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store->make_directory("/d"));
    ASSERT_TRUE(store->write("/a.txt", 0, "one\ntwo\n", true));
    ASSERT_TRUE(store->write("/d/b", 0, "12345", true));
  }
  std::unique_ptr<FileStore> store = memory_store();
  TestClient client{*store};
};

TEST_F(Commands, OnlyWhatComesBeforeALoginIsDoneBeforeIt) {
  client.connect();
  client.heard();
  hold(client, {{"PWD", "530"},    {"RETR a.txt", "530"}, {"EPSV", "530"},      {"XYZ", "500"},
                {"NOOP", "200"},   {"SYST", "215 UNIX"},  {"FEAT", "211-"},     {"OPTS UTF8 ON", "200"},
                {"HELP", "214-"},  {"PASS test", "503"},  {"ACCT x", "503"},    {"AUTH TLS", "502"},
                {"USER", "501"},   {"user test", "331"},  {"pass test", "230"}, {"PASS test", "202"},
                {"ACCT x", "202"}, {"PWD", "257 \"/\" "}, {"USER test", "331"}, {"PWD", "530"}});
}

TEST_F(Commands, UnknownUsersAreToldOnlyAfterTheirPassword) {
  client.connect();
  client.heard();
  hold(client, {{"USER nobody", "331"}, {"PASS test", "530"}, {"USER test", "331"}, {"PASS test", "230"}});
}

TEST_F(Commands, TheThirdWrongPasswordClosesTheConnection) {
  client.connect();
  client.heard();
  hold(client,
       {{"USER test", "331"}, {"PASS a", "530"}, {"USER test", "331"}, {"PASS b", "530"}, {"USER test", "331"}});
  EXPECT_FALSE(client.closed(client.control));
  hold(client, {{"PASS c", "421"}});
  EXPECT_TRUE(client.closed(client.control));
}

TEST_F(Commands, FilesAndDirectoriesAreNamedMadeAndRemoved) {
  client.log_in();
  hold(client, {{"CWD d", "250"},
                {"PWD", "257 \"/d\" "},
                {"SIZE b", "213 5\r\n"},
                {"CDUP", "200"},
                {"XPWD", "257 \"/\" "},
                {"CWD ../../d/./", "250"},
                {"XPWD", "257 \"/d\" "},
                {"CDUP", "200"},
                {"CDUP", "200"},
                {"XCWD nowhere", "550"},
                {"CWD a.txt", "550"},
                {"MKD new \"one\"", "257 \"/new \"\"one\"\"\" made\r\n"},
                {"MKD d", "550"},
                {"MKD no/where", "550"},
                {"RMD d", "550"},
                {"RMD a.txt", "550"},
                {"RMD new \"one\"", "250"},
                {"RMD nowhere", "550"},
                {"DELE d", "550"},
                {"DELE nowhere", "550"},
                {"DELE a.txt", "250"},
                {"SIZE a.txt", "550"},
                {"RNTO x", "503"},
                {"RNFR nowhere", "550"},
                {"RNFR d", "350"},
                {"RNTO e", "250"},
                {"SIZE e/b", "213 5\r\n"},
                {"RNFR e", "350"},
                {"NOOP", "200"},
                {"RNTO f", "503"},
                {"RNFR e/b", "350"},
                {"RNTO no/where", "550"},
                {"RNFR e", "350"},
                {"RNTO e/inside", "553"},
                {"RMD /", "550"}});
}

TEST_F(Commands, SizeCountsWhatTheTypeWouldSend) {
  client.log_in();
  hold(client, {{"SIZE a.txt", "213 10\r\n"},
                {"TYPE I", "200"},
                {"SIZE a.txt", "213 8\r\n"},
                {"TYPE A N", "200"},
                {"SIZE a.txt", "213 10\r\n"},
                {"TYPE L 8", "200"},
                {"SIZE a.txt", "213 8\r\n"},
                {"SIZE d", "550"},
                {"SIZE", "501"}});
}

TEST_F(Commands, TimesAreThoseOfTheWorld) {
  client.log_in();
  hold(client, {{"MDTM a.txt", "213 20240101000000\r\n"}, {"MDTM d", "550"}, {"MDTM x", "550"}});
  client.wait(std::chrono::seconds(65));
  hold(client, {{"MKD t", "257"}});
  EXPECT_EQ(store->status("/t")->modified, 1'704'067'200 + 65);
}

TEST_F(Commands, ModesThatAreNotThereAreRefused) {
  client.log_in();
  hold(client, {{"TYPE E", "504"},
                {"TYPE A T", "504"},
                {"TYPE", "501"},
                {"MODE S", "200"},
                {"MODE B", "504"},
                {"STRU F", "200"},
                {"STRU R", "504"},
                {"ALLO 5", "202"},
                {"ALLO 5 R 9", "202"},
                {"ALLO x", "501"},
                {"SITE CHMOD 644 a", "202"},
                {"SITE EXEC", "502"},
                {"STOU", "502"},
                {"REIN", "502"},
                {"NOOP x", "501"},
                {"NOOP ", "200"},
                {"REST 5", "350"},
                {"REST x", "501"},
                {"REST -1", "501"},
                {"REST 99999999999999999999", "501"}});
}

TEST_F(Commands, FeaturesStandInAMultiLineReply) {
  client.log_in();
  EXPECT_EQ(client.say("FEAT"),
            "211-Features\r\n EPRT\r\n EPSV\r\n MDTM\r\n MLST type*;size*;modify*;perm*;\r\n REST STREAM\r\n SIZE\r\n"
            " TVFS\r\n UTF8\r\n211 End\r\n");
  hold(client, {{"OPTS MLST Size;Type;x.y;", "200 MLST OPTS type;size;\r\n"},
                {"MLST a.txt", "250-Facts\r\n type=file;size=8; /a.txt\r\n250 End\r\n"},
                {"MLST", "250-Facts\r\n type=dir; /\r\n250 End\r\n"},
                {"OPTS MLST", "200 MLST OPTS\r\n"},
                {"MLST a.txt", "250-Facts\r\n  /a.txt\r\n250 End\r\n"},
                {"MLST nowhere", "550"},
                {"OPTS LANG de", "501"},
                {"OPTS UTF8 OFF", "501"}});
}

TEST_F(Commands, StatTellsOfTheServerOrOfAPath) {
  client.log_in();
  hold(client, {{"STAT", "211-atspec"},
                {"STAT d", "212-Status\r\n-rw-r--r--   1 ftp      ftp                 5 Jan  1 00:00 b\r\n212 End\r\n"},
                {"STAT a.txt", "213-"},
                {"STAT nowhere", "450"}});
}

TEST_F(Commands, DataGoesOnlyToTheClientAndItsOwnPorts) {
  client.log_in();
  hold(client, {{"PORT 10,0,0,2,200,1", "200"},
                {"PORT 10,0,0,3,200,1", "500"},
                {"PORT 10,0,0,2,3,255", "504"},
                {"PORT 10,0,0,2,4,0", "200"},
                {"PORT 10,0,0,2,0,0", "504"},
                {"PORT 10,0,0,2,256,1", "501"},
                {"PORT 10,0,0,2,1", "501"},
                {"PORT 10,0,0,2,200,1,1", "501"},
                {"PORT 10,0,0,2,-1,1", "501"},
                {"EPRT |1|10.0.0.2|5000|", "200"},
                {"EPRT !1!10.0.0.2!5000!", "200"},
                {"EPRT |1|10.0.0.3|5000|", "500"},
                {"EPRT |1|10.0.0.2|80|", "504"},
                {"EPRT |3|10.0.0.2|5000|", "522"},
                {"EPRT |2|10.0.0.2|5000|", "501"},
                {"EPRT |2|::1|5000|", "500"},
                {"EPRT |1|10.0.0.2|5000", "501"},
                {"EPRT |1|10.0.0.2|65536|", "501"},
                {"EPSV 1", "229"},
                {"EPSV 2", "522"},
                {"EPSV x", "501"},
                {"PASV", "227 Passive mode (10,0,0,1,156,64)\r\n"},
                {"EPSV ALL", "200"},
                {"EPSV", "229"},
                {"PASV", "503"},
                {"PORT 10,0,0,2,200,1", "503"},
                {"EPRT |1|10.0.0.2|5000|", "503"}});
}

TEST_F(Commands, QuitEndsTheSessionAndTheRestOfTheLineIsNotRead) {
  client.log_in();
  client.send("NOOP\r\nQUIT\r\nNOOP\r\n");
  EXPECT_EQ(client.heard(), "200 Nothing done\r\n221 Goodbye\r\n");
  EXPECT_TRUE(client.closed(client.control));
}

TEST_F(Commands, AnOverlongLineIsAnsweredOnce) {
  client.log_in();
  client.send("CWD " + std::string(4092, 'x') + "\r\n");
  EXPECT_TRUE(client.heard().starts_with("550"));
  client.send("CWD " + std::string(4093, 'x') + "\r\n");
  EXPECT_EQ(client.heard(), "500 Line too long\r\n");
  // the byte just past the limit being a CR makes the line no shorter
  client.send("CWD " + std::string(4092, 'x') + "\rx\r\n");
  EXPECT_EQ(client.heard(), "500 Line too long\r\n");
  for (int i = 0; i < 100; ++i) client.send(std::string(60'000, i % 2 == 0 ? 'x' : '\r'));
  EXPECT_EQ(client.heard(), "");
  client.send("\r\nNOOP\r\n");
  EXPECT_EQ(client.heard(), "500 Line too long\r\n200 Nothing done\r\n");
}

TEST_F(Commands, TelnetCommandsAreSkippedAndADoubledByteIsOne) {
  client.log_in();
  hold(client, {{"\xFF\xF4\xFF\xF2NO\xFF\xFB\x01OP\xFF\xFA\x18\x01\xFF\xF0", "200"},
                {"MKD \xFF\xFF", "257 \"/\xFF\xFF\" made\r\n"}});
  EXPECT_TRUE(store->status("/\xFF"));
}

TEST_F(Commands, ABareLfEndsALineAndABareCrDoesNot) {
  client.log_in();
  client.send("NOOP\nNOOP\r\nMKD a\rb\r\n");
  EXPECT_EQ(client.heard(), "200 Nothing done\r\n200 Nothing done\r\n501 No such character in an argument\r\n");
  client.send(std::string_view("MKD a\0b\r\n", 9));
  EXPECT_TRUE(client.heard().starts_with("501"));
}

TEST_F(Commands, AClientThatReadsNoRepliesGetsNoMoreOfThem) {
  client.log_in();
  client.taking = false;
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += "HELP\r\n";
  for (int i = 0; i < 100 && client.server().wants(client.control); ++i) client.send(flood);
  EXPECT_LT(client.untaken, 70'000U);
  EXPECT_FALSE(client.server().wants(client.control));
}

TEST_F(Commands, AnIdleClientIsSentAway) {
  client.log_in();
  client.wait(std::chrono::minutes(4));
  hold(client, {{"NOOP", "200"}});
  client.wait(std::chrono::minutes(4));
  EXPECT_EQ(client.heard(), "");
  client.wait(std::chrono::minutes(2));
  EXPECT_EQ(client.heard(), "421 Idle for too long\r\n");
  EXPECT_TRUE(client.closed(client.control));
}

TEST(Sessions, OneClientTooManyIsToldSo) {
  const auto store = memory_store();
  Options options;
  options.max_clients = 2;
  TestClient client(*store, options);
  client.log_in();
  const auto first = client.control;
  client.log_in();
  client.connect();
  EXPECT_EQ(client.heard(), "421 Too many clients, try later\r\n");
  EXPECT_TRUE(client.closed(client.control));
  client.event(io::event::PeerClosed{first});
  EXPECT_TRUE(client.closed(first));
  client.log_in();
}

TEST(Sessions, EachClientHasItsOwnDirectory) {
  const auto store = memory_store();
  ASSERT_TRUE(store->make_directory("/d"));
  TestClient client(*store);
  client.log_in();
  const auto first = client.control;
  EXPECT_TRUE(client.say("CWD d").starts_with("250"));
  client.log_in();
  EXPECT_TRUE(client.say("PWD").starts_with("257 \"/\""));
  client.control = first;
  EXPECT_TRUE(client.say("PWD").starts_with("257 \"/d\""));
}

TEST(Sessions, AServerThatCannotListenSaysSo) {
  const auto store = memory_store();
  Options options;
  options.passive_from = 5000;
  options.passive_to = 5002;
  TestClient client(*store, options);
  client.log_in();
  EXPECT_EQ(client.say("EPSV"), "229 Extended passive mode (|||5000|)\r\n");
  EXPECT_EQ(client.say("PASV"), "227 Passive mode (10,0,0,1,19,137)\r\n");
  client.refuse_listening = true;
  EXPECT_TRUE(client.say("EPSV").starts_with("425"));
}

TEST(Sessions, WhereDataGoesElsewhereOnlyPasvCanSaySo) {
  const auto store = memory_store();
  Options options;
  options.elsewhere = {"10.0.0.9", 5000};
  TestClient client(*store, options);
  client.log_in();
  client.rule("data elsewhere");
  EXPECT_TRUE(client.say("EPSV").starts_with("502"));
  EXPECT_EQ(client.say("PASV"), "227 Passive mode (10,0,0,9,19,136)\r\n");
  client.rule("data misnamed");
  EXPECT_EQ(client.say("PASV"), "227 Passive mode (10,0,0,9,156,64)\r\n") << "a port of the first address";
}

TEST(Sessions, TheAdvertisedAddressStandsIn227) {
  const auto store = memory_store();
  Options options;
  options.advertise = "1.2.3.4";
  TestClient client(*store, options);
  client.log_in();
  EXPECT_EQ(client.say("PASV"), "227 Passive mode (1,2,3,4,156,64)\r\n");
}

/// All that a client says, cut anywhere, is answered alike.
RC_GTEST_PROP(Property, SplittingTheControlInputChangesNoReply, ()) {
  static const std::vector<std::string> pool = {
      "USER test\r\n", "PASS test\r\n",    "PASS x\r\n", "CWD d\r\n",   "PWD\r\n",
      "MKD d\n",       "\xFF\xF4\xFF\xF2", "SIZE f\r\n", "TYPE I\r\n",  "RNFR d\r\n",
      "RNTO e\r\n",    "FEAT\r\n",         "\r\n",       "XYZZY 1\r\n", "EPSV\r\n",
      "PASV\r\n",      "ABOR\r\n",         "LIST\r\n",   "STAT\r\n",    "EPSV\r\nSTAT\r\nNLST\r\n",
      "HELP\n"};
  std::string input = "USER test\r\nPASS test\r\n";
  for (const auto index : *rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(0U, unsigned(pool.size()))))
    input += pool[index];
  input += *rc::gen::string<std::string>();
  input += "\r\nNOOP\r\n";

  const auto play = [](const std::vector<std::string>& pieces) {
    const auto store = memory_store();
    TestClient client(*store);
    client.connect();
    for (const std::string& piece : pieces) client.send(piece);
    return client.heard();
  };
  std::vector<std::string> pieces;
  for (std::string_view rest = input; !rest.empty();) {
    const std::size_t size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
    pieces.emplace_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  RC_ASSERT(play({input}) == play(pieces));
}

/// Whatever is said, every reply is of the form of RFC 959 §4.2.
RC_GTEST_PROP(Property, EveryReplyLineHasACodeOrStandsInsideAMultiLineReply, (const std::string& noise)) {
  const auto store = memory_store();
  TestClient client(*store);
  client.log_in();
  client.send(noise + "\r\n");
  std::string replies = client.heard();
  std::string_view rest = replies;
  std::string_view inside;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    RC_ASSERT(end != std::string_view::npos);
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (inside.empty()) {
      RC_ASSERT(line.size() > 3 && line[0] >= '1' && line[0] <= '5' && (line[3] == ' ' || line[3] == '-'));
      if (line[3] == '-') inside = line.substr(0, 3);
    } else if (line.starts_with(inside)) {
      inside = {};
    } else {
      RC_ASSERT(line.starts_with(' '));
    }
  }
  RC_ASSERT(inside.empty());
}

}  // namespace
}  // namespace atspec::ftpd
