#include "harness/world/live_modem.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "harness/io/scratch_folder.hpp"
#include "harness/world/live_session.hpp"
#include "harness/world/sim_session.hpp"

namespace atspec::world {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

modem::Config ordinary_modem() { return ordinary_options().modem; }

struct PtyModem {
  explicit PtyModem(const std::string& link = "") {
    auto opened = pseudo_terminal_line(loop, link);
    if (!opened) return;
    where = (*opened)->where();
    modem = std::make_unique<LiveModem>(loop, ordinary_modem(), *std::move(opened), nullptr);
  }
  int open_slave() const { return ::open(where.c_str(), O_RDWR | O_NOCTTY); }

  Loop loop;
  std::string where;
  std::unique_ptr<LiveModem> modem;
};

int connect_to(const std::string& where) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(std::stoul(where.substr(where.rfind(':') + 1))));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 ? fd : -1;
}

TEST(LiveModem, AnswersOnAPseudoTerminal) {
  PtyModem line;
  ASSERT_FALSE(line.where.empty());
  LiveHost host(line.loop, line.open_slave());
  EXPECT_EQ(host.type("AT\r"), "\r\nOK\r\n");
}

TEST(LiveModem, OutlivesADteThatClosesTheTerminalAndOpensItAgain) {
  PtyModem line;
  for (int i = 0; i < 3; ++i) {
    LiveHost host(line.loop, line.open_slave());
    EXPECT_EQ(host.type("AT\r"), "\r\nOK\r\n");
  }
  for (int i = 0; i < 20; ++i) line.loop.run_one(line.loop.now() + milliseconds(1));
  LiveHost host(line.loop, line.open_slave());
  EXPECT_EQ(host.type("AT\r"), "\r\nOK\r\n");
}

TEST(LiveModem, TheLinkIsThereWhileTheModemIs) {
  const io::ScratchFolder folder;
  const std::string link = folder / "modem";
  {
    PtyModem line(link);
    EXPECT_EQ(line.where, link);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    LiveHost host(line.loop, line.open_slave());
    EXPECT_EQ(host.type("AT\r"), "\r\nOK\r\n");
  }
  EXPECT_FALSE(std::filesystem::is_symlink(link));
}

TEST(LiveModem, ALinkLeftByAKilledModemIsReplacedAndAFileIsNot) {
  const io::ScratchFolder folder;
  const std::string link = folder / "modem", file = folder / "precious";
  std::filesystem::create_symlink("/dev/pts/99999", link);
  EXPECT_EQ(PtyModem(link).where, link);
  ::close(::creat(file.c_str(), 0600));
  EXPECT_EQ(PtyModem(file).where, "");
  std::filesystem::create_symlink(file, link);
  EXPECT_EQ(PtyModem(link).where, "");
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(LiveModem, TakesTheNextTcpClientWhenTheOneBeforeHasLeft) {
  Loop loop;
  auto line = tcp_line(loop, {"127.0.0.1", 0});
  ASSERT_TRUE(line) << line.error();
  const std::string where = (*line)->where();
  LiveModem modem(loop, ordinary_modem(), *std::move(line), nullptr);
  const int second = [&] {
    LiveHost first(loop, connect_to(where));
    EXPECT_EQ(first.type("AT\r"), "\r\nOK\r\n");
    const int next = connect_to(where);
    EXPECT_GE(next, 0);
    if (next < 0) return next;
    EXPECT_EQ(::send(next, "AT\r", 3, 0), 3);
    char nothing = 0;
    for (int i = 0; i < 5; ++i) loop.run_one(loop.now() + milliseconds(1));
    EXPECT_EQ(::recv(next, &nothing, 1, MSG_DONTWAIT), -1) << "two clients at a time";
    return next;
  }();
  LiveHost host(loop, second);
  EXPECT_EQ(host.type(""), "\r\nOK\r\n");
}

TEST(LiveModem, ATakenPortIsAnErrorWithTheSystemsReason) {
  Loop loop;
  const auto first = tcp_line(loop, {"127.0.0.1", 0});
  ASSERT_TRUE(first);
  const auto port = std::stoul((*first)->where().substr(10));
  const auto second = tcp_line(loop, {"127.0.0.1", static_cast<std::uint16_t>(port)});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().find("in use"), std::string::npos) << second.error();
}

TEST(LiveModem, ADteThatAsksAndNeverReadsIsHeardNoMore) {
  PtyModem line;
  LiveHost host(line.loop, line.open_slave());
  // more answers than any buffer holds: the modem stops reading, and memory stays bounded
  const int fd = line.open_slave();
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  std::string much;
  while (much.size() < 4000) much += "ATI\r";
  std::size_t taken = 0;
  for (int quiet = 0; quiet < 50;) {
    const ssize_t size = ::write(fd, much.data(), much.size());
    taken += size > 0 ? static_cast<std::size_t>(size) : 0;
    quiet = size > 0 ? 0 : quiet + 1;
    line.loop.run_one(line.loop.now() + milliseconds(1));
    ASSERT_LT(taken, 4U << 20);
  }
  ::close(fd);
  EXPECT_GT(taken, 0U);
}

/// Both in one thread and on one loop: the worst case for whoever waits without letting others work.
struct LiveSession : testing::Test {
  LiveSession() : store(ftpd::memory_store()), ftpd(line.loop, options(), *store, nullptr) {
    const auto at = ftpd.start();
    port = at ? std::to_string(at->port) : "";
    host = std::make_unique<LiveHost>(line.loop, line.open_slave());
    host->type("AT+QIACT=1\r");
  }
  static ftpd::Options options() {
    ftpd::Options out;
    out.listen = {"127.0.0.1", 0};
    return out;
  }
  std::string open(const std::string& name = "127.0.0.1") {
    return host->type("AT+QFTPOPEN=\"" + name + "\"," + port + "\r", "+QFTPOPEN: 0,0\r\n");
  }

  PtyModem line;
  std::unique_ptr<ftpd::FileStore> store;
  LiveFtpd ftpd;
  std::string port;
  std::unique_ptr<LiveHost> host;
};

TEST_F(LiveSession, LogsInBySystemsResolverAndLeaves) {
  EXPECT_EQ(open("localhost"), "\r\nOK\r\n\r\n+QFTPOPEN: 0,0\r\n");
  EXPECT_EQ(host->type("AT+QFTPCLOSE\r", "+QFTPCLOSE: 0,0\r\n"), "\r\nOK\r\n\r\n+QFTPCLOSE: 0,0\r\n");
}

TEST_F(LiveSession, UploadsAMegabyteInDataMode) {
  open();
  const io::Bytes content = io::pattern(1'000'000, 3);
  host->type("AT+QFTPPUT=\"big.bin\",\"COM:\",0,1000000,1\r", "CONNECT\r\n");
  const auto end = host->type(content, "+QFTPPUT: 0,1000000\r\n", seconds(60));
  EXPECT_TRUE(end.ends_with("+QFTPPUT: 0,1000000\r\n")) << end;
  EXPECT_EQ(store->read("/big.bin", 0, 2'000'000).value_or(""), content);
}

TEST_F(LiveSession, DownloadsAMegabyteInDataMode) {
  open();
  const io::Bytes content = io::pattern(1'000'000, 4);
  ASSERT_TRUE(store->write("/big.bin", 0, content, true));
  const auto seen = host->type("AT+QFTPGET=\"big.bin\",\"COM:\"\r", "+QFTPGET: 0,1000000\r\n", seconds(60));
  EXPECT_NE(seen.find(content), std::string::npos) << seen.size();
}

TEST_F(LiveSession, ActiveModeWorksAsWell) {
  host->type("AT+QFTPCFG=\"transmode\",0\r");
  open();
  ASSERT_TRUE(store->write("/a.txt", 0, "hello", true));
  const auto seen = host->type("AT+QFTPGET=\"a.txt\",\"COM:\"\r", "+QFTPGET: 0,5\r\n");
  EXPECT_NE(seen.find("hello"), std::string::npos) << seen;
}

TEST_F(LiveSession, APortWhereNobodyListensIsAFailureNotAHang) {
  port = "1";
  const auto seen = host->type("AT+QFTPOPEN=\"127.0.0.1\",1\r", "+QFTPOPEN: 602,0\r\n");
  EXPECT_TRUE(seen.ends_with("+QFTPOPEN: 602,0\r\n")) << seen;
}

}  // namespace
}  // namespace atspec::world
