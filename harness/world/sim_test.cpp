#include "harness/world/sim.hpp"

#include <gtest/gtest.h>
#include <malloc.h>
#include <rapidcheck/gtest.h>

#include "harness/world/sim_session.hpp"

namespace atspec::world {
namespace {

using namespace std::chrono_literals;

std::string text(const std::vector<ftpd::Logged>& log, ftpd::Logged::What what) {
  std::string out;
  for (const auto& one : log) {
    if (one.what == what) out += one.bytes;
  }
  return out;
}

void rule(Sim& sim, std::string_view line) {
  const auto directive = scenario::parse_peer_directive(line);
  ASSERT_TRUE(directive) << directive.error();
  sim.server().script(*directive);
}

TEST(Sim, AWholeSessionPassesInVirtualTime) {
  Sim sim(ordinary_options());
  ASSERT_TRUE(sim.store().write("/a.bin", 0, std::string(1000, 'x'), true));
  Host host(sim);
  EXPECT_EQ(host.type("AT\r"), "\r\nOK\r\n");
  ASSERT_TRUE(host.log_in());
  EXPECT_EQ(host.type("AT+QFTPSIZE=\"a.bin\"\r", "1000\r\n"), "\r\nOK\r\n\r\n+QFTPSIZE: 0,1000\r\n");
  EXPECT_EQ(host.type("AT+QFTPCLOSE\r", "0,0\r\n"), "\r\nOK\r\n\r\n+QFTPCLOSE: 0,0\r\n");
  EXPECT_LT(sim.now().time_since_epoch(), 100ms);
  const auto log = sim.take_log();
  const std::string asked = text(log, ftpd::Logged::What::control_in);
  EXPECT_TRUE(asked.starts_with("USER test\r\nPASS test\r\n")) << asked;
  EXPECT_NE(asked.find("SIZE a.bin\r\n"), std::string::npos);
  EXPECT_TRUE(text(log, ftpd::Logged::What::control_out).ends_with("221 Goodbye\r\n"));
  EXPECT_TRUE(sim.take_log().empty());
}

TEST(Sim, ATimeOutCostsNoTime) {
  Sim sim(ordinary_options());
  Host host(sim);
  ASSERT_TRUE(host.log_in());
  rule(sim, "on SIZE stall");
  const io::Time before = sim.now();
  EXPECT_EQ(host.type("AT+QFTPSIZE=\"a\"\r", ",0\r\n"), "\r\nOK\r\n\r\n+QFTPSIZE: 609,0\r\n");
  EXPECT_GE(sim.now() - before, 90s);
  EXPECT_LT(sim.now() - before, 91s);
}

TEST(Sim, PollStopsAtItsDeadline) {
  Sim sim(ordinary_options());
  EXPECT_FALSE(sim.poll(io::Time{5s}));
  EXPECT_EQ(sim.now(), io::Time{5s});
  EXPECT_FALSE(sim.poll(io::Time{1s}));
  EXPECT_EQ(sim.now(), io::Time{5s});
}

TEST(Sim, FilesGoBothWaysAndTheLogHasThem) {
  Sim sim(ordinary_options());
  Host host(sim);
  ASSERT_TRUE(host.log_in());
  const std::string file = io::pattern(5000, 3);
  sim.take_log();
  EXPECT_EQ(host.type("AT+QFTPPUT=\"up.bin\",\"COM:\",0,5000,1\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  EXPECT_EQ(host.type(file, "0,5000\r\n"), "\r\nOK\r\n\r\n+QFTPPUT: 0,5000\r\n");
  EXPECT_EQ(*sim.store().read("/up.bin", 0, 10'000), file);
  EXPECT_EQ(text(sim.take_log(), ftpd::Logged::What::data_in), file);
  EXPECT_EQ(host.type("AT+QFTPGET=\"up.bin\",\"COM:\"\r", "0,5000\r\n"),
            "\r\nCONNECT\r\n" + file + "\r\nOK\r\n\r\n+QFTPGET: 0,5000\r\n");
  EXPECT_EQ(text(sim.take_log(), ftpd::Logged::What::data_out), file);
}

TEST(Sim, ActiveModeAndSegmentsChangeNothingButTheWay) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimOptions options = ordinary_options();
    options.segment = true;
    options.seed = seed;
    options.modem.initial["cfg.transmode"] = seed % 2 == 0 ? "0" : "1";
    Sim sim(options);
    Host host(sim);
    ASSERT_TRUE(host.log_in());
    const std::string file = io::pattern(3000, seed);
    ASSERT_TRUE(sim.store().write("/f", 0, file, true));
    EXPECT_EQ(host.type("AT+QFTPGET=\"f\",\"COM:\"\r", "0,3000\r\n"),
              "\r\nCONNECT\r\n" + file + "\r\nOK\r\n\r\n+QFTPGET: 0,3000\r\n");
  }
}

TEST(Sim, WhatCannotBeReachedIsToldApart) {
  Sim sim(ordinary_options());
  Host host(sim);
  host.type("AT+QIACT=1\r");
  EXPECT_EQ(host.type("AT+QFTPOPEN=\"nowhere.example\",21\r", ",0\r\n"), "\r\nOK\r\n\r\n+QFTPOPEN: 604,0\r\n");
  const io::Time before = sim.now();
  EXPECT_NE(host.type("AT+QFTPOPEN=\"10.0.0.1\",22\r", ",0\r\n").find("+QFTPOPEN: 60"), std::string::npos);
  EXPECT_LT(sim.now() - before, 10ms);
  EXPECT_NE(host.type("AT+QFTPOPEN=\"172.16.0.1\",21\r", ",0\r\n").find("+QFTPOPEN: 60"), std::string::npos);
  EXPECT_GE(sim.now() - before, 3s);
}

TEST(Sim, AControlPortThatRefusesIsClosedUntilItsTimeIsOver) {
  Sim sim(ordinary_options());
  Host host(sim);
  rule(sim, "on CONNECT refuse for 30s");
  host.type("AT+QIACT=1\r");
  const io::Time before = sim.now();
  EXPECT_NE(host.type("AT+QFTPOPEN=\"ftp.example\",21\r", ",0\r\n").find("+QFTPOPEN: 60"), std::string::npos);
  EXPECT_LT(sim.now() - before, 10ms) << "RST, and not silence";
  EXPECT_TRUE(sim.take_log().empty());
  EXPECT_FALSE(sim.poll(before + 30s));
  EXPECT_EQ(host.type("AT+QFTPOPEN=\"ftp.example\",21\r", ",0\r\n"), "\r\nOK\r\n\r\n+QFTPOPEN: 0,0\r\n");
}

TEST(Sim, ADataPortThatRefusesFailsTheTransferAtOnceAndTheNextOneWorks) {
  Sim sim(ordinary_options());
  Host host(sim);
  ASSERT_TRUE(host.log_in());
  ASSERT_TRUE(sim.store().write("/a", 0, "hello", true));
  rule(sim, "on DATA refuse times 1");
  const io::Time before = sim.now();
  EXPECT_EQ(host.type("AT+QFTPGET=\"a\",\"COM:\"\r", ",0\r\n"), "\r\nOK\r\n\r\n+QFTPGET: 615,0\r\n");
  EXPECT_LT(sim.now() - before, 10ms);
  EXPECT_EQ(host.type("AT+QFTPGET=\"a\",\"COM:\"\r", "+QFTPGET: 0,5\r\n"),
            "\r\nCONNECT\r\nhello\r\nOK\r\n\r\n+QFTPGET: 0,5\r\n");
}

TEST(Sim, AHalfClosedControlConnectionIsAnEnd) {
  Sim sim(ordinary_options());
  Host host(sim);
  ASSERT_TRUE(host.log_in());
  rule(sim, "on SIZE half-close");
  const io::Time before = sim.now();
  host.type("AT+QFTPSIZE=\"a\"\r", ",0\r\n");
  EXPECT_LT(sim.now() - before, 10ms);
  EXPECT_TRUE(host.log_in());
}

TEST(Sim, AReplyInPiecesOverTimeIsOneReply) {
  Sim sim(ordinary_options());
  Host host(sim);
  rule(sim, "on CONNECT raw \"22\" \"0 he\" \"llo\\r\\n\" every 300ms");
  const io::Time before = sim.now();
  ASSERT_TRUE(host.log_in());
  EXPECT_GE(sim.now() - before, 600ms);
  rule(sim, "on SIZE raw \"21\" \"3 7\\r\" \"\\n\" every 1s");
  EXPECT_EQ(host.type("AT+QFTPSIZE=\"a\"\r", "+QFTPSIZE: 0,7\r\n"), "\r\nOK\r\n\r\n+QFTPSIZE: 0,7\r\n");
}

TEST(Sim, AModemThatIsResetForgetsItsSessionAndTheServerHearsIt) {
  Sim sim(ordinary_options());
  Host host(sim);
  ASSERT_TRUE(host.log_in());
  sim.reset_modem();
  EXPECT_FALSE(sim.server().deadline().has_value() && sim.poll(sim.now() + 1ms));
  EXPECT_FALSE(sim.server().deadline());
  EXPECT_EQ(host.type("AT\r"), "\r\nOK\r\n");
  EXPECT_TRUE(host.log_in());
}

TEST(Sim, ALargeTransferStaysFlat) {
  constexpr std::size_t size = 64 << 20;
  Sim sim(ordinary_options());
  Host host(sim);
  ASSERT_TRUE(host.log_in());
  ASSERT_TRUE(sim.store().write("/big", 0, io::pattern(size, 1), true));
  malloc_trim(0);
  const auto before = mallinfo2();
  std::size_t most = 0, got = 0;
  sim.write("AT+QFTPGET=\"big\",\"COM:\"\r");
  std::string tail;
  while (!tail.ends_with("+QFTPGET: 0,67108864\r\n")) {
    const auto arrival = sim.poll(sim.now() + 1min);
    ASSERT_TRUE(arrival) << got << " bytes, then " << tail;
    got += arrival->bytes.size();
    tail += arrival->bytes.substr(arrival->bytes.size() - std::min<std::size_t>(arrival->bytes.size(), 64));
    tail.erase(0, tail.size() - std::min<std::size_t>(tail.size(), 64));
    const auto now = mallinfo2();
    const std::size_t used = now.uordblks + now.hblkhd;
    most = std::max(most, used - std::min(used, before.uordblks + before.hblkhd));
  }
  EXPECT_GE(got, size);
  EXPECT_LT(most, 4U << 20);
}

TEST(Sim, ALargeUploadStaysFlatWhereTheStoreDoes) {
  constexpr std::size_t size = 8 << 20;
  SimOptions options = ordinary_options();
  Sim sim(std::move(options));
  Host host(sim);
  ASSERT_TRUE(host.log_in());
  EXPECT_EQ(host.type("AT+QFTPPUT=\"big\",\"COM:\",0,8388608,1\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  const std::string file = io::pattern(size, 2);
  for (std::size_t at = 0; at < size; at += 4096) {
    sim.write(io::ByteView(file).substr(at, 4096));
    if (at + 4096 < size) {
      EXPECT_FALSE(sim.poll(sim.now() + 1ms));
    }
  }
  EXPECT_EQ(host.read("0,8388608\r\n"), "\r\nOK\r\n\r\n+QFTPPUT: 0,8388608\r\n");
  EXPECT_EQ(io::hash(*sim.store().read("/big", 0, size)), io::hash(file));
  std::size_t kept = 0, passed = 0;
  for (const auto& one : sim.take_log()) {
    if (one.what != ftpd::Logged::What::data_in) continue;
    kept += one.bytes.size();
    passed += one.size;
    EXPECT_TRUE(one.bytes.size() == one.size || one.hash.size() == 16);
  }
  EXPECT_EQ(passed, size);
  EXPECT_LE(kept, Sim::kept_data);
}

std::string play(Sim& sim) {
  Host host(sim);
  std::string out;
  rule(sim, "on SIZE reply \"550 Gone\" times 1");
  EXPECT_TRUE(sim.store().write("/f", 0, io::pattern(3000, 1), true));
  out += host.log_in() ? "in" : "out";
  for (const char* line :
       {"AT+QFTPSIZE=\"f\"\r", "AT+QFTPSIZE=\"f\"\r", "AT+QFTPGET=\"f\",\"COM:\"\r", "AT+QFTPPWD\r"}) {
    sim.write(line);
    while (const auto arrival = sim.poll(sim.now() + 1s)) {
      out += std::to_string(arrival->at.time_since_epoch().count()) + ":" + arrival->bytes;
    }
  }
  for (const auto& one : sim.take_log()) out += std::to_string(one.at.time_since_epoch().count()) + one.bytes;
  return out;
}

RC_GTEST_PROP(Sim, TheSameSeedGivesTheSameBytesAtTheSameTimes, (std::uint64_t seed)) {
  SimOptions options = ordinary_options();
  options.seed = seed;
  options.segment = true;
  Sim one(options), other(options);
  const std::string first = play(one);
  RC_ASSERT(first == play(other));
  other.restart();
  RC_ASSERT(other.now() == io::Time{});
  RC_ASSERT(other.store().list("/")->empty());
  RC_ASSERT(first == play(other));
}

/// Whatever is typed, whatever the server does, virtual time goes on.
RC_GTEST_PROP(Sim, NoiseNeverStopsTheClock, ()) {
  Sim sim(ordinary_options());
  Host host(sim);
  static const std::vector<std::string> pieces = {
      "AT\r",       "AT+QFTPSIZE=\"f\"\r",      "AT+QFTPGET=\"f\",\"COM:\"\r",   "+++",
      "ATO\r",      "AT+QFTPCLOSE\r",           "AT+QFTPLIST=\".\"\r",           "AT+QFTPPUT=\"g\",\"COM:\",0,10,1\r",
      "0123456789", std::string("\xFF\x00", 2), "AT+QFTPOPEN=\"10.0.0.1\",21\r", "AT+QIDEACT=1\r"};
  static const std::vector<std::string> rules = {"on RETR close",    "on * delay 3s times 2",
                                                 "cut data after 3", "on STOR reset",
                                                 "on LIST stall",    "on CONNECT reply \"421 no\" times 1"};
  EXPECT_TRUE(sim.store().write("/f", 0, "some bytes", true));
  if (*rc::gen::arbitrary<bool>()) host.log_in();
  for (int i = 0; i < 8; ++i) {
    if (*rc::gen::inRange(0, 4) == 0) rule(sim, *rc::gen::elementOf(rules));
    sim.write(*rc::gen::elementOf(pieces));
    const io::Time until = sim.now() + std::chrono::milliseconds(*rc::gen::inRange(0, 5000));
    int arrivals = 0;
    while (sim.poll(until) && ++arrivals < 1000) {
    }
    RC_ASSERT(arrivals < 1000);
    RC_ASSERT(sim.now() == until);
  }
}

}  // namespace
}  // namespace atspec::world
