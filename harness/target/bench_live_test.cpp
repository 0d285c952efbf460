#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <thread>

#include "harness/target/open.hpp"
#include "harness/world/live_session.hpp"
#include "harness/world/sim_session.hpp"

namespace atspec::target {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;

using Opened = std::expected<std::unique_ptr<Bench>, OpenError>;

Opened open_url(const std::string& text, const PeerOptions& peer = {}) {
  const auto url = parse_url(text);
  if (!url) return std::unexpected(OpenError{2, url.error()});
  return open(*url, peer, world::ordinary_options().modem, 1);
}

/// Writes, then polls until what came ends with `end`.
std::string type(Bench& bench, io::ByteView bytes, std::string_view end = "OK\r\n", io::Duration limit = seconds(20)) {
  std::string seen;
  if (const auto done = bench.write(bytes); !done) return "lost: " + done.error().reason;
  const io::Time until = bench.now() + limit;
  while (!seen.ends_with(end) && bench.now() < until) {
    const auto arrival = bench.poll(until);
    if (!arrival) return seen + "lost: " + arrival.error().reason;
    if (*arrival) seen += (*arrival)->bytes;
  }
  return seen;
}

std::string log_in(Bench& bench) {
  const auto& tokens = bench.tokens();
  type(bench, "AT+QIACT=1\r");
  type(bench, "AT+QFTPCFG=\"account\",\"" + tokens.at("ftp.user") + "\",\"" + tokens.at("ftp.pass") + "\"\r");
  return type(bench, "AT+QFTPOPEN=\"" + tokens.at("ftp.host") + "\"," + tokens.at("ftp.port") + "\r",
              "+QFTPOPEN: 0,0\r\n");
}

/// A modem in a thread of its own, on a pseudo-terminal or a TCP port.
class RunningModem {
 public:
  enum class On { pseudo_terminal, tcp };
  explicit RunningModem(On on)
      : background_([this, on](world::Loop& loop) {
          auto line = on == On::tcp ? world::tcp_line(loop, {"127.0.0.1", 0}) : world::pseudo_terminal_line(loop, "");
          url_ = (on == On::tcp ? "tcp://" : "serial:") + (*line)->where();
          return std::make_shared<world::LiveModem>(loop, world::ordinary_options().modem, *std::move(line), nullptr);
        }) {}
  const std::string& url() const { return url_; }

 private:
  std::string url_;
  world::Background background_;
};

/// A device that does nothing: the master of a pseudo-terminal.
struct MutePty {
  MutePty() {
    char name[256];
    if (::openpty(&master, &slave, name, nullptr, nullptr) == 0) path = name;
    termios settings{};
    ::tcgetattr(slave, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(slave, TCSANOW, &settings);
  }
  ~MutePty() {
    ::close(master);
    if (slave >= 0) ::close(slave);
  }
  int master = -1, slave = -1;
  std::string path;
};

class LiveTarget : public testing::TestWithParam<RunningModem::On> {};

TEST_P(LiveTarget, AWholeSessionWithOurOwnServer) {
  const RunningModem modem(GetParam());
  auto bench = open_url(modem.url());
  ASSERT_TRUE(bench) << bench.error().message;
  Bench& b = **bench;
  EXPECT_EQ(b.peer_level(), scenario::PeerLevel::scripted);
  EXPECT_FALSE(b.virtual_clock());
  EXPECT_EQ(b.begin().value_or(true), false);
  ASSERT_TRUE(b.peer(scenario::PeerFile{"a.bin", 1000, 7, std::nullopt}));
  EXPECT_THAT(log_in(b), EndsWith("+QFTPOPEN: 0,0\r\n"));
  EXPECT_THAT(type(b, "AT+QFTPSIZE=\"a.bin\"\r", "1000\r\n"), EndsWith("+QFTPSIZE: 0,1000\r\n"));
  type(b, "AT+QFTPPUT=\"up.bin\",\"COM:\",0,500000,1\r", "CONNECT\r\n");
  const io::Bytes content = io::pattern(500'000, 3);
  EXPECT_THAT(type(b, content, "+QFTPPUT: 0,500000\r\n"), EndsWith("+QFTPPUT: 0,500000\r\n"));

  const auto files = b.files();
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ(files->at(0).path, "/a.bin");
  EXPECT_EQ(files->at(0).content, io::pattern(1000, 7));
  EXPECT_EQ(files->at(1).path, "/up.bin");
  EXPECT_EQ(files->at(1).size, 500'000U);
  EXPECT_EQ(files->at(1).hash, io::hash_hex(content));
  EXPECT_EQ(files->at(1).content, "");

  std::string commands;
  std::uint64_t uploaded = 0;
  io::Time last{};
  for (const auto& chunk : b.take_peer_log()) {
    EXPECT_GE(chunk.at, last);
    last = chunk.at;
    if (chunk.channel == trace::Channel::control_to_peer) commands += chunk.bytes;
    if (chunk.channel == trace::Channel::data_to_peer) uploaded += chunk.size;
  }
  EXPECT_THAT(commands, HasSubstr("SIZE a.bin\r\n"));
  EXPECT_EQ(uploaded, 500'000U);
  EXPECT_TRUE(b.take_peer_log().empty());

  EXPECT_EQ(b.begin().value_or(true), false);
  EXPECT_TRUE(b.files()->empty());
}

TEST_P(LiveTarget, ThePeersScriptHoldsUntilTheNextCase) {
  const RunningModem modem(GetParam());
  auto bench = open_url(modem.url());
  ASSERT_TRUE(bench);
  Bench& b = **bench;
  log_in(b);
  ASSERT_TRUE(b.peer(*scenario::parse_peer_directive("on SIZE reply \"550 No\"")));
  ASSERT_TRUE(b.peer(scenario::PeerFile{"a", 5, 0, std::nullopt}));
  EXPECT_THAT(type(b, "AT+QFTPSIZE=\"a\"\r", "550\r\n"), EndsWith("+QFTPSIZE: 627,550\r\n"));
  ASSERT_TRUE(b.begin());
  ASSERT_TRUE(b.peer(scenario::PeerFile{"a", 5, 0, std::nullopt}));
  EXPECT_THAT(type(b, "AT+QFTPSIZE=\"a\"\r", "0,5\r\n"), EndsWith("+QFTPSIZE: 0,5\r\n"));
}

INSTANTIATE_TEST_SUITE_P(Lines, LiveTarget, testing::Values(RunningModem::On::pseudo_terminal, RunningModem::On::tcp),
                         [](const auto& one) { return one.param == RunningModem::On::tcp ? "Tcp" : "PseudoTerminal"; });

TEST(LiveSerial, UnreadInputOfTheCaseBeforeIsDropped) {
  MutePty pty;
  auto bench = open_url("serial:" + pty.path);
  ASSERT_TRUE(bench) << bench.error().message;
  ASSERT_EQ(::write(pty.master, "late", 4), 4);
  std::this_thread::sleep_for(milliseconds(20));
  ASSERT_TRUE((*bench)->begin());
  const auto arrival = (*bench)->poll((*bench)->now() + milliseconds(20));
  ASSERT_TRUE(arrival);
  EXPECT_FALSE(arrival->has_value());
}

TEST(LiveSerial, PollReturnsAtTheDeadline) {
  MutePty pty;
  auto bench = open_url("serial:" + pty.path);
  ASSERT_TRUE(bench);
  const io::Time begun = (*bench)->now();
  EXPECT_FALSE((*bench)->poll(begun + milliseconds(50))->has_value());
  EXPECT_GE((*bench)->now(), begun + milliseconds(50));
  EXPECT_LT((*bench)->now(), begun + seconds(5));
}

TEST(LiveSerial, WhatComesWhileWeWriteIsKept) {
  MutePty pty;
  auto bench = open_url("serial:" + pty.path);
  ASSERT_TRUE(bench);
  // a device that sends a lot before it reads anything: neither side may wait for the other
  std::thread device([&] {
    const io::Bytes much(200'000, 'd');
    for (std::size_t sent = 0; sent < much.size();) {
      const ssize_t size = ::write(pty.master, much.data() + sent, much.size() - sent);
      if (size <= 0) return;
      sent += static_cast<std::size_t>(size);
    }
    char buffer[65536];
    for (std::size_t read = 0; read < 300'000;) {
      const ssize_t size = ::read(pty.master, buffer, sizeof buffer);
      if (size <= 0) return;
      read += static_cast<std::size_t>(size);
    }
  });
  EXPECT_TRUE((*bench)->write(io::Bytes(300'000, 'h')));
  std::size_t seen = 0;
  while (seen < 200'000) {
    const auto arrival = (*bench)->poll((*bench)->now() + seconds(5));
    if (!arrival || !*arrival) break;
    seen += (*arrival)->bytes.size();
  }
  device.join();
  EXPECT_EQ(seen, 200'000U);
}

TEST(LiveSerial, AnUnpluggedLineIsLost) {
  MutePty pty;
  auto bench = open_url("serial:" + pty.path);
  ASSERT_TRUE(bench);
  ::close(std::exchange(pty.slave, -1));
  ::close(std::exchange(pty.master, ::open("/dev/null", O_RDONLY)));
  const auto arrival = (*bench)->poll((*bench)->now() + seconds(5));
  ASSERT_FALSE(arrival);
  EXPECT_THAT(arrival.error().reason, HasSubstr(pty.path));
  EXPECT_FALSE((*bench)->begin());
}

TEST(LiveSerial, ABusyPortIsSaidToBe) {
  MutePty pty;
  auto first = open_url("serial:" + pty.path);
  ASSERT_TRUE(first);
  auto second = open_url("serial:" + pty.path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().exit_status, 2);
  EXPECT_THAT(second.error().message, HasSubstr("busy"));
  first->reset();
  EXPECT_TRUE(open_url("serial:" + pty.path)) << "it is free again";
}

TEST(LiveSerial, APortThatAnotherProgramHasToItselfIsBusyEvenForTheSuperuser) {
  MutePty pty;
  ASSERT_EQ(::ioctl(pty.slave, TIOCEXCL), 0);
  const auto bench = open_url("serial:" + pty.path);
  ASSERT_FALSE(bench);
  EXPECT_THAT(bench.error().message, HasSubstr("busy"));
  ::ioctl(pty.slave, TIOCNXCL);
}

TEST(LiveSerial, HasNoDtrAndNoBreakOnAPseudoTerminal) {
  MutePty pty;
  auto bench = open_url("serial:" + pty.path);
  ASSERT_TRUE(bench);
  EXPECT_THAT((*bench)->set_dtr(false).error().reason, HasSubstr("no DTR on this line"));
  EXPECT_THAT((*bench)->send_break().error().reason, HasSubstr("no break on this line"));
  EXPECT_FALSE((*bench)->reset());
}

TEST(LiveSerial, WrongSettingsAndPathsAreUsageErrors) {
  MutePty pty;
  const auto message = [](const std::string& url) {
    const auto bench = open_url(url);
    if (bench) return std::string("opened");
    EXPECT_EQ(bench.error().exit_status, 2) << url;
    EXPECT_EQ(bench.error().message.find('\n'), std::string::npos);
    return bench.error().message;
  };
  EXPECT_THAT(message("serial:" + pty.path + "?baud=12345"), HasSubstr("baud=12345"));
  EXPECT_THAT(message("serial:" + pty.path + "?baud=-1"), HasSubstr("baud=-1"));
  EXPECT_THAT(message("serial:" + pty.path + "?flow=some"), HasSubstr("rtscts"));
  EXPECT_THAT(message("serial:" + pty.path + "?parity=some"), HasSubstr("even"));
  EXPECT_THAT(message("serial:/dev/ttyNONE"), HasSubstr("No such file"));
  EXPECT_THAT(message("serial:/dev/null"), HasSubstr("not a serial port"));
  EXPECT_THAT(message("tcp://nothing"), HasSubstr("tcp://host:port"));
  EXPECT_THAT(message("tcp://h:70000"), HasSubstr("tcp://host:port"));
}

TEST(LiveTcp, ARefusedConnectionIsATargetOutOfReach) {
  const auto bench = open_url("tcp://127.0.0.1:1");
  ASSERT_FALSE(bench);
  EXPECT_EQ(bench.error().exit_status, 3);
  EXPECT_THAT(bench.error().message, HasSubstr("refused"));
}

TEST(LiveTcp, AClosedConnectionIsLost) {
  auto modem = std::make_unique<RunningModem>(RunningModem::On::tcp);
  auto bench = open_url(modem->url());
  ASSERT_TRUE(bench);
  EXPECT_EQ(type(**bench, "AT\r"), "\r\nOK\r\n");
  modem.reset();
  const auto arrival = (*bench)->poll((*bench)->now() + seconds(5));
  ASSERT_FALSE(arrival);
  EXPECT_THAT(arrival.error().reason, HasSubstr("closed"));
}

TEST(LiveExec, TheCommandsStdinAndStdoutAreTheLine) {
  auto bench = open_url("exec:while read -r line; do echo \"got $line\"; done");
  ASSERT_TRUE(bench) << bench.error().message;
  EXPECT_EQ(type(**bench, "one\n", "\n"), "got one\n");
  EXPECT_EQ(type(**bench, "two\n", "\n"), "got two\n");
  EXPECT_THAT((*bench)->set_dtr(true).error().reason, HasSubstr("no DTR"));
}

TEST(LiveExec, ResetStartsTheCommandAgain) {
  auto bench = open_url("exec:n=0; while read -r line; do n=$((n+1)); echo $n; done");
  ASSERT_TRUE(bench);
  type(**bench, "x\n", "\n");
  EXPECT_EQ(type(**bench, "x\n", "\n"), "2\n");
  ASSERT_TRUE((*bench)->reset());
  EXPECT_EQ(type(**bench, "x\n", "\n"), "1\n");
}

TEST(LiveExec, ACommandThatEndsIsLostWithItsStatus) {
  auto bench = open_url("exec:echo bye; exit 7");
  ASSERT_TRUE(bench);
  EXPECT_THAT(type(**bench, "", "never", seconds(5)),
              EndsWith("lost: the command ended with status 7: echo bye; exit 7"));
  auto killed = open_url("exec:kill -SEGV $$");
  ASSERT_TRUE(killed);
  EXPECT_THAT(type(**killed, "", "never", seconds(5)), HasSubstr("signal 11"));
  // writing to what has gone is no SIGPIPE
  EXPECT_FALSE((*killed)->write("AT\r"));
}

TEST(LiveExec, EndsWithAllThatItStarted) {
  auto bench = open_url("exec:sleep 300 & echo $!; wait");
  ASSERT_TRUE(bench);
  const int pid = std::stoi(type(**bench, "", "\n"));
  EXPECT_EQ(::kill(pid, 0), 0);
  const auto begun = std::chrono::steady_clock::now();
  bench->reset();
  // an orphan is gone or waits to be reaped by whoever inherits it
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(5));
  for (int i = 0; i < 100; ++i) {
    std::FILE* status = std::fopen(("/proc/" + std::to_string(pid) + "/stat").c_str(), "r");
    char state = 'Z';
    if (status != nullptr) {
      if (std::fscanf(status, "%*d %*s %c", &state) != 1) state = 'Z';
      std::fclose(status);
    }
    if (state == 'Z') return;
    std::this_thread::sleep_for(milliseconds(20));
  }
  FAIL() << pid << " still runs";
}

TEST(LiveExec, ACommandThatIgnoresTermIsKilled) {
  auto bench = open_url("exec:trap '' TERM; echo ready; while :; do sleep 1; done");
  ASSERT_TRUE(bench);
  EXPECT_EQ(type(**bench, "", "\n"), "ready\n");
  const auto begun = std::chrono::steady_clock::now();
  bench->reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(10));
}

TEST(SimTarget, BeginsEachCaseAsAfterPowerOn) {
  auto bench = open_url("sim:");
  ASSERT_TRUE(bench);
  Bench& b = **bench;
  EXPECT_TRUE(b.virtual_clock());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(b.begin().value_or(false), true);
    EXPECT_EQ(b.now(), io::Time{});
    EXPECT_TRUE(b.files()->empty());
    ASSERT_TRUE(b.peer(scenario::PeerDirectory{"DIR"}));
    ASSERT_TRUE(b.peer(scenario::PeerFile{"DIR/a.bin", 1000, 7, std::nullopt}));
    EXPECT_THAT(log_in(b), EndsWith("+QFTPOPEN: 0,0\r\n"));
    EXPECT_THAT(type(b, "AT+QFTPSIZE=\"DIR/a.bin\"\r", "1000\r\n"), EndsWith("+QFTPSIZE: 0,1000\r\n"));
    EXPECT_EQ(b.files()->size(), 2U);
    EXPECT_FALSE(b.take_peer_log().empty());
  }
}

TEST(SimTarget, AFileInAFolderThatIsNotThereIsUnsupportedNotForgotten) {
  auto bench = open_url("sim:");
  ASSERT_TRUE(bench);
  const auto done = (*bench)->peer(scenario::PeerFile{"NONE/a.bin", 1, 1, std::nullopt});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().reason, HasSubstr("NONE/a.bin"));
}

}  // namespace
}  // namespace atspec::target
