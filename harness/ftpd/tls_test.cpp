// RFC 2228 and 4217, as far as the control connection shows them.
#include <gtest/gtest.h>

#include "harness/ftpd/test_client.hpp"

namespace atspec::ftpd {
namespace {

using namespace std::string_view_literals;

Options tls_options() {
  io::TlsSettings settings;
  settings.role = io::TlsSettings::Role::server;
  Options options;
  options.tls = std::make_shared<const io::TlsSettings>(settings);
  return options;
}

struct TlsClient : TestClient {
  explicit TlsClient(FileStore& store, Options options = tls_options()) : TestClient(store, std::move(options)) {}
  std::string code(std::string_view line) { return say(line).substr(0, 3); }
  void log_in_over_tls() {
    connect();
    heard();
    for (const auto& [line, reply] : {std::pair{"AUTH TLS", "234"},
                                      {"USER test", "331"},
                                      {"PASS test", "230"},
                                      {"PBSZ 0", "200"},
                                      {"PROT P", "200"}})
      EXPECT_EQ(code(line), reply) << line;
  }
};

struct FtpdTls : testing::Test {
  std::unique_ptr<FileStore> store = memory_store(1 << 20);
};

TEST_F(FtpdTls, AServerWithoutCertificateDoesNotKnowAuth) {
  TlsClient client(*store, Options{});
  client.connect();
  client.heard();
  EXPECT_EQ(client.code("AUTH TLS"), "502");
  EXPECT_EQ(client.code("PBSZ 0"), "503");
  EXPECT_EQ(client.say("FEAT").find("AUTH"), std::string::npos);
}

TEST_F(FtpdTls, AuthForgetsWhoWasThereAndWhatCameBehindIt) {
  TlsClient client(*store);
  client.log_in();
  client.send("AUTH TLS\r\nPWD\r\n");
  EXPECT_EQ(client.heard(), "234 Begin TLS\r\n");
  EXPECT_EQ(client.code("PWD"), "530");
  EXPECT_EQ(client.code("AUTH TLS"), "503");
}

TEST_F(FtpdTls, OnlyTlsIsSpoken) {
  TlsClient client(*store);
  client.connect();
  client.heard();
  EXPECT_EQ(client.code("AUTH KERBEROS_V4"), "504");
  EXPECT_EQ(client.code("AUTH tls"), "234");
}

TEST_F(FtpdTls, PbszComesBeforeProtAndBothBehindAuth) {
  TlsClient client(*store);
  client.connect();
  client.heard();
  for (const auto& [line, reply] : {std::pair{"PBSZ 0", "503"},
                                    {"PROT P", "503"},
                                    {"AUTH TLS", "234"},
                                    {"PROT P", "503"},
                                    {"PBSZ x", "501"},
                                    {"PBSZ 0", "200"},
                                    {"PROT S", "536"},
                                    {"PROT E", "536"},
                                    {"PROT X", "504"},
                                    {"PROT C", "200"},
                                    {"PROT P", "200"}})
    EXPECT_EQ(client.code(line), reply) << line;
}

TEST_F(FtpdTls, ImplicitTlsComesBeforeTheGreeting) {
  Options options = tls_options();
  options.implicit = true;
  TlsClient client(*store, options);
  client.tls_works = false;
  client.connect();
  EXPECT_EQ(client.heard(), "");
  client.event(io::event::Secured{client.control});
  EXPECT_EQ(client.heard(), "220 atspec FTP server\r\n");
}

TEST_F(FtpdTls, DataIsProtectedOnlyWhereThatWasAskedFor) {
  ASSERT_TRUE(store->write("/a", 0, "hello", true));
  TlsClient client(*store);
  client.log_in_over_tls();
  const auto data = client.open_data();
  EXPECT_EQ(client.say("RETR a"), "150 Here comes the file as ASCII\r\n226 Transfer complete\r\n");
  EXPECT_EQ(client.tls_begun, (std::vector{client.control, data}));
  EXPECT_EQ(client.code("PROT C"), "200");
  client.open_data();
  EXPECT_EQ(client.say("RETR a"), "150 Here comes the file as ASCII\r\n226 Transfer complete\r\n");
  EXPECT_EQ(client.tls_begun.size(), 2);
}

TEST_F(FtpdTls, AnUploadThatEndsWithoutCloseNotifyIsCut) {
  TlsClient client(*store);
  client.log_in_over_tls();
  client.open_data();
  EXPECT_EQ(client.code("STOR a"), "150");
  client.upload("hello");
  client.event(io::event::PeerClosed{client.data, true});
  EXPECT_EQ(client.heard().substr(0, 3), "426");
}

TEST_F(FtpdTls, AHandshakeOfDataThatFailsIs425AndTheSessionGoesOn) {
  ASSERT_TRUE(store->write("/a", 0, "hello", true));
  TlsClient client(*store);
  client.log_in_over_tls();
  client.tls_works = false;
  client.open_data();
  EXPECT_EQ(client.code("RETR a"), "150");
  client.event(io::event::TlsFailed{client.data, "why"});
  EXPECT_EQ(client.heard().substr(0, 3), "425");
  EXPECT_EQ(client.code("PWD"), "257");
}

TEST_F(FtpdTls, TheScriptSpoilsHandshakes) {
  TlsClient client(*store);
  client.rule("on TLS alert times 1");
  client.connect();
  client.heard();
  EXPECT_EQ(client.code("AUTH TLS"), "234");
  client.send("\x16\x03\x01");
  EXPECT_EQ(client.heard(), "\x15\x03\x03\x00\x02\x02\x28"sv);
  EXPECT_TRUE(client.closed(client.control));
  EXPECT_TRUE(client.tls_begun.empty());
}

TEST_F(FtpdTls, TheScriptDemandsSessionsAndLeavesCloseNotifyOut) {
  ASSERT_TRUE(store->write("/a", 0, "hello", true));
  TlsClient client(*store);
  client.rule("on DATA-TLS resume times 1");
  client.rule("on DATA-TLS no-notify times 1");
  client.log_in_over_tls();
  client.resumes = false;
  client.open_data();
  client.send("RETR a\r\n");
  EXPECT_NE(client.heard().find("\r\n522 "), std::string::npos);
  const auto data = client.open_data();
  EXPECT_NE(client.say("RETR a").find("\r\n226 "), std::string::npos);
  EXPECT_EQ(client.unnoticed, std::vector{data});
}

}  // namespace
}  // namespace atspec::ftpd
