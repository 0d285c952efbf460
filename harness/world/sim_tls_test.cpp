// FTP over TLS in simulation, and what a server or the network can do to it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "harness/world/sim_session.hpp"

namespace atspec::world {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view certificate = "the certificate of ftp.example";

SimOptions tls_options() {
  SimOptions options = ordinary_options();
  options.modem.codes["ssl"] = 631;
  options.modem.initial.insert({{"ssl.sslversion", "4"},
                                {"ssl.ciphersuite", "65535"},
                                {"ssl.seclevel", "0"},
                                {"ssl.ignorelocaltime", "1"},
                                {"ssl.sni", "0"}});
  io::TlsSettings server;
  server.role = io::TlsSettings::Role::server;
  server.certificate = server.key = certificate;
  server.authorities = "the certificate of a module";
  options.ftpd.tls = std::make_shared<const io::TlsSettings>(std::move(server));
  options.ftpd.implicit_port = 990;
  return options;
}

struct TlsSession {
  explicit TlsSession(SimOptions options = tls_options()) : sim(std::move(options)), host(sim) {
    EXPECT_TRUE(sim.store().write("/a.bin", 0, io::pattern(200'000, 7), true));
    host.type("AT+QIACT=1\r");
  }
  void rule(std::string_view line) {
    const auto directive = scenario::parse_peer_directive(line);
    ASSERT_TRUE(directive) << directive.error();
    sim.server().script(*directive);
  }
  /// 1: implicit, 2: explicit.
  std::string open(int type) {
    host.type("AT+QFTPCFG=\"ssltype\"," + std::to_string(type) + "\r");
    const std::string port = type == 1 ? "990" : "21";
    return ask("AT+QFTPOPEN=\"ftp.example\"," + port);
  }
  /// The last line that a command is answered with: the URC, or +CME ERROR.
  std::string ask(const std::string& line) {
    sim.write(line + "\r");
    const io::Time until = sim.now() + 3min;
    std::string seen;
    while (seen.find('+') == std::string::npos || !seen.ends_with("\r\n")) {
      const auto arrival = sim.poll(until);
      if (!arrival) break;
      seen += arrival->bytes;
    }
    return seen.substr(std::min(seen.size(), seen.rfind('+')));
  }
  std::string get() { return ask("AT+QFTPGET=\"a.bin\",\"RAM:a\""); }
  std::string put() { return ask("AT+QFTPPUT=\"b.bin\",\"RAM:a\""); }
  std::string said() {
    std::string out;
    for (const auto& one : sim.take_log()) {
      if (one.what == ftpd::Logged::What::control_in) out += one.bytes;
    }
    return out;
  }
  void upload(const std::string& name, std::string_view content) {
    host.type("AT+QFUPL=\"" + name + "\"," + std::to_string(content.size()) + "\r", "CONNECT\r\n");
    host.type(content);
  }

  Sim sim;
  Host host;
};

class BothWays : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Ftps, BothWays, testing::Values(1, 2));

TEST_P(BothWays, ASessionOverTlsLogsInAndMovesFiles) {
  TlsSession session;
  EXPECT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
  const std::string login = GetParam() == 1 ? "" : "AUTH TLS\r\n";
  EXPECT_EQ(session.said(), login + "USER test\r\nPASS test\r\nPBSZ 0\r\nPROT P\r\n");
  EXPECT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
  EXPECT_EQ(session.put(), "+QFTPPUT: 0,200000\r\n");
  const auto stored = session.sim.store().read("/b.bin", 0, 1 << 20);
  ASSERT_TRUE(stored);
  EXPECT_EQ(*stored, io::pattern(200'000, 7));
  EXPECT_EQ(session.ask("AT+QFTPLIST=\"/\",\"RAM:l\"").substr(0, 13), "+QFTPLIST: 0,");
  EXPECT_EQ(session.ask("AT+QFTPCLOSE"), "+QFTPCLOSE: 0,0\r\n");
}

TEST_P(BothWays, DataConnectionsTakeTheSessionOfTheControlConnectionUp) {
  TlsSession session;
  session.rule("on DATA-TLS resume");
  ASSERT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
  EXPECT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
}

TEST_P(BothWays, AFileThatIsNotThereIsWhatTheReplySays) {
  TlsSession session;
  ASSERT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
  EXPECT_EQ(session.ask("AT+QFTPGET=\"none\",\"RAM:a\""), "+QFTPGET: 627,550\r\n");
  EXPECT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
}

TEST_P(BothWays, ThereIsNoActiveMode) {
  TlsSession session;
  ASSERT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
  session.host.type("AT+QFTPCFG=\"transmode\",0\r");
  EXPECT_EQ(session.get(), "+QFTPGET: 615,0\r\n");
  session.host.type("AT+QFTPCFG=\"transmode\",1\r");
  EXPECT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
}

TEST_P(BothWays, BrokenHandshakesEndTheLoginWith631AndTheNextOneWorks) {
  for (const std::string_view breach : {"alert", "truncate", "close", "reset"}) {
    SCOPED_TRACE(breach);
    TlsSession session;
    session.rule("on TLS " + std::string(breach) + " times 1");
    EXPECT_EQ(session.open(GetParam()), "+QFTPOPEN: 631,0\r\n");
    EXPECT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
    EXPECT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
  }
}

TEST_P(BothWays, ASilentHandshakeRunsOutOfTimeAndTheNextOneWorks) {
  TlsSession session;
  session.rule("on TLS stall times 1");
  EXPECT_EQ(session.open(GetParam()), "+QFTPOPEN: 609,0\r\n");
  EXPECT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
}

TEST_P(BothWays, BrokenHandshakesOfDataEndTheTransferWith631AndTheNextOneWorks) {
  for (const std::string_view breach : {"alert", "truncate", "close", "reset"}) {
    SCOPED_TRACE(breach);
    TlsSession session;
    ASSERT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
    ASSERT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
    session.rule("on DATA-TLS " + std::string(breach) + " times 2");
    EXPECT_EQ(session.get(), "+QFTPGET: 631,425\r\n");
    EXPECT_EQ(session.put(), "+QFTPPUT: 631,425\r\n");
    EXPECT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
  }
}

TEST_P(BothWays, ADownloadThatEndsWithoutCloseNotifyIsNotTrusted) {
  TlsSession session;
  ASSERT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
  session.rule("on DATA-TLS no-notify times 1");
  EXPECT_EQ(session.get(), "+QFTPGET: 607,0\r\n");
  EXPECT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
}

TEST_P(BothWays, ASlowHandshakeIsWaitedFor) {
  TlsSession session;
  session.rule("on TLS delay 10s");
  session.rule("on DATA-TLS delay 10s");
  EXPECT_EQ(session.open(GetParam()), "+QFTPOPEN: 0,0\r\n");
  EXPECT_EQ(session.get(), "+QFTPGET: 0,200000\r\n");
  EXPECT_GT(session.sim.now().time_since_epoch(), 20s);
}

TEST(ExplicitTls, AReplyBehindThatToAuthIsNotBelieved) {
  TlsSession session;
  session.rule("on TLS reply \"230 Logged in\" times 1");
  // whether it came with the reply or behind it, nobody is logged in by it
  const std::string urc = session.open(2);
  EXPECT_TRUE(urc == "+QFTPOPEN: 631,0\r\n" || session.said().find("PASS test") != std::string::npos) << urc;
  if (urc != "+QFTPOPEN: 0,0\r\n") {
    EXPECT_EQ(session.open(2), "+QFTPOPEN: 0,0\r\n");
  }
}

TEST(ExplicitTls, AuthThatIsRefusedGives631AndTheReply) {
  for (const int code : {500, 502, 504, 534}) {
    TlsSession session;
    session.rule("on AUTH reply \"" + std::to_string(code) + " no\" times 1");
    EXPECT_EQ(session.open(2), "+QFTPOPEN: 631," + std::to_string(code) + "\r\n");
    EXPECT_EQ(session.open(2), "+QFTPOPEN: 0,0\r\n");
  }
}

TEST(ExplicitTls, ProtThatIsRefusedGives631ButPbszMayBe) {
  TlsSession session;
  session.rule("on PROT reply \"536 no\" times 1");
  EXPECT_EQ(session.open(2), "+QFTPOPEN: 631,536\r\n");
  session.rule("on PBSZ reply \"500 what?\"");
  session.rule("on PROT reply \"200 as you like\"");
  EXPECT_EQ(session.open(2), "+QFTPOPEN: 0,0\r\n");
}

TEST(ImplicitTls, AServerInTheClearIsNone) {
  TlsSession session;
  session.host.type("AT+QFTPCFG=\"ssltype\",1\r");
  EXPECT_EQ(session.ask("AT+QFTPOPEN=\"ftp.example\",21"), "+QFTPOPEN: 631,0\r\n");
  EXPECT_EQ(session.open(1), "+QFTPOPEN: 0,0\r\n");
}

TEST(SslContexts, TheSecurityLevelSaysWhoseCertificateIsLookedAt) {
  TlsSession session;
  session.host.type("AT+QFTPCFG=\"SSL_ctxID\",1\r");
  session.host.type("AT+QSSLCFG=\"seclevel\",1,1\r");
  EXPECT_EQ(session.open(1), "+QFTPOPEN: 631,0\r\n") << "no authority";
  session.upload("ca.pem", certificate);
  session.host.type("AT+QSSLCFG=\"cacert\",1,\"UFS:ca.pem\"\r");
  EXPECT_EQ(session.open(1), "+QFTPOPEN: 0,0\r\n");
}

TEST(SslContexts, AClientCertificateIsShownAtLevelTwo) {
  SimOptions options = tls_options();
  io::TlsSettings server = *options.ftpd.tls;
  server.verify = true;
  options.ftpd.tls = std::make_shared<const io::TlsSettings>(server);
  TlsSession session(options);
  session.upload("ca.pem", certificate);
  session.upload("own.pem", server.authorities);
  for (const std::string_view line :
       {"\"cacert\",0,\"ca.pem\"", "\"clientcert\",0,\"own.pem\"", "\"clientkey\",0,\"own.pem\"", "\"seclevel\",0,1"})
    EXPECT_EQ(session.host.type("AT+QSSLCFG=" + std::string(line) + "\r"), "\r\nOK\r\n");
  EXPECT_EQ(session.open(1), "+QFTPOPEN: 631,0\r\n");
  session.host.type("AT+QSSLCFG=\"seclevel\",0,2\r");
  EXPECT_EQ(session.open(1), "+QFTPOPEN: 0,0\r\n");
}

TEST(SslContexts, AreSetAndAskedForOneByOne) {
  TlsSession session;
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"sslversion\",2\r"), "\r\n+QSSLCFG: \"sslversion\",2,4\r\n\r\nOK\r\n");
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"sslversion\",2,3\r"), "\r\nOK\r\n");
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"sslversion\",2\r"), "\r\n+QSSLCFG: \"sslversion\",2,3\r\n\r\nOK\r\n");
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"sslversion\",1\r"), "\r\n+QSSLCFG: \"sslversion\",1,4\r\n\r\nOK\r\n");
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"ciphersuite\",1\r"),
            "\r\n+QSSLCFG: \"ciphersuite\",1,0XFFFF\r\n\r\nOK\r\n");
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"ciphersuite\",1,0x0035\r"), "\r\nOK\r\n");
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"ciphersuite\",1\r"),
            "\r\n+QSSLCFG: \"ciphersuite\",1,0X0035\r\n\r\nOK\r\n");
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"cacert\",1,\"UFS:c.pem\"\r"), "\r\nOK\r\n");
  EXPECT_EQ(session.host.type("AT+QSSLCFG=\"cacert\",1\r"), "\r\n+QSSLCFG: \"cacert\",1,\"UFS:c.pem\"\r\n\r\nOK\r\n");
  for (const std::string_view bad : {"\"nothing\",1,1", "\"seclevel\"", "\"seclevel\",1,x", "seclevel,1,1",
                                     "\"ciphersuite\",1,0xfffff", "\"seclevel\",1,1,1"})
    EXPECT_EQ(session.host.type("AT+QSSLCFG=" + std::string(bad) + "\r", "R\r\n"), "\r\nERROR\r\n") << bad;
}

RC_GTEST_PROP(SimTls, WhateverTheSegmentsASessionIsTheSame, (std::uint64_t seed)) {
  SimOptions options = tls_options();
  options.segment = true;
  options.seed = seed;
  TlsSession session(std::move(options));
  RC_ASSERT(session.open(seed % 2 == 0 ? 1 : 2) == "+QFTPOPEN: 0,0\r\n");
  RC_ASSERT(session.get() == "+QFTPGET: 0,200000\r\n");
  RC_ASSERT(session.put() == "+QFTPPUT: 0,200000\r\n");
}

}  // namespace
}  // namespace atspec::world
