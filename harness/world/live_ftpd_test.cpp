// Our server under other people's clients.
#include "harness/world/live_ftpd.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/io/bytes.hpp"
#include "harness/io/scratch_folder.hpp"
#include "harness/world/live_session.hpp"

namespace atspec::world {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int status;
  std::string text;
};

Ran run(const std::string& command) {
  Ran out{-1, ""};
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.text.append(buffer, size);
  const int status = ::pclose(pipe);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

bool installed(const std::string& program) { return run("command -v " + program).status == 0; }

/// A directory of the host served by our server, and one for what clients fetch.
struct Served : testing::Test {
  Served() {
    fs::create_directories(folder / "root");
    fs::create_directories(folder / "here");
    server = std::make_unique<RunningFtpd>(ftpd::directory_store(folder / "root"));
    url = fmt::format("ftp://test:test@127.0.0.1:{}/", server->port());
  }
  static void write(const fs::path& path, const io::Bytes& content) {
    std::ofstream(path, std::ios::binary) << content;
  }
  static io::Bytes read(const fs::path& path) {
    std::ostringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    return std::move(content).str();
  }

  io::ScratchFolder scratch;
  fs::path folder = scratch.path();
  std::unique_ptr<RunningFtpd> server;
  std::string url;
};

struct CurlAgainstLiveFtpd : Served {
  void SetUp() override {
    if (!installed("curl")) GTEST_SKIP() << "curl is not installed";
  }
  Ran curl(const std::string& arguments) const { return run("curl -sS --max-time 60 " + arguments); }
};

TEST_F(CurlAgainstLiveFtpd, UploadsAndDownloadsALargeFile) {
  const io::Bytes content = io::pattern(8 << 20, 1);
  write(folder / "here/up.bin", content);
  EXPECT_EQ(curl(fmt::format("-T {}/here/up.bin {}big.bin", folder.string(), url)).text, "");
  EXPECT_TRUE(read(folder / "root/big.bin") == content);
  EXPECT_EQ(curl(fmt::format("-o {}/here/down.bin {}big.bin", folder.string(), url)).text, "");
  EXPECT_TRUE(read(folder / "here/down.bin") == content);
}

TEST_F(CurlAgainstLiveFtpd, ActiveModeWorksToo) {
  write(folder / "root/a.txt", "hello");
  EXPECT_EQ(curl(fmt::format("-P 127.0.0.1 {}a.txt", url)).text, "hello");
  EXPECT_EQ(curl(fmt::format("-P 127.0.0.1 --disable-eprt {}a.txt", url)).text, "hello");
  EXPECT_EQ(curl(fmt::format("--disable-epsv {}a.txt", url)).text, "hello");
}

TEST_F(CurlAgainstLiveFtpd, ResumesBothWays) {
  const io::Bytes content = io::pattern(300'000, 2);
  write(folder / "root/file.bin", content);
  write(folder / "here/file.bin", content.substr(0, 100'000));
  EXPECT_EQ(curl(fmt::format("-C - -o {}/here/file.bin {}file.bin", folder.string(), url)).text, "");
  EXPECT_TRUE(read(folder / "here/file.bin") == content);
  write(folder / "root/part.bin", content.substr(0, 123'456));
  EXPECT_EQ(curl(fmt::format("-C - -T {}/here/file.bin {}part.bin", folder.string(), url)).text, "");
  EXPECT_TRUE(read(folder / "root/part.bin") == content);
}

TEST_F(CurlAgainstLiveFtpd, ListsRenamesAndDeletes) {
  write(folder / "root/one.txt", "1");
  fs::create_directory(folder / "root/DIR");
  EXPECT_EQ(curl(fmt::format("-l {}", url)).text, "DIR\none.txt\n");
  EXPECT_NE(curl(url).text.find("one.txt"), std::string::npos);
  curl(fmt::format("-I -Q 'RNFR one.txt' -Q 'RNTO DIR/two.txt' {}", url));
  EXPECT_EQ(read(folder / "root/DIR/two.txt"), "1");
  curl(fmt::format("-I -Q 'DELE DIR/two.txt' -Q 'RMD DIR' {}", url));
  EXPECT_TRUE(fs::is_empty(folder / "root"));
}

TEST_F(CurlAgainstLiveFtpd, AWrongPasswordIsRefused) {
  const auto refused = curl(fmt::format("ftp://test:wrong@127.0.0.1:{}/", server->port()));
  EXPECT_EQ(refused.status, 67) << refused.text;  // curl's CURLE_LOGIN_DENIED
}

TEST_F(CurlAgainstLiveFtpd, TwentyClientsAtATimeGetTheirFiles) {
  const io::Bytes content = io::pattern(500'000, 9);
  write(folder / "root/f.bin", content);
  const auto all = run(fmt::format("for i in $(seq 20); do curl -sS --max-time 60 -o {0}/here/$i {1}f.bin & done; wait",
                                   folder.string(), url));
  EXPECT_EQ(all.text, "");
  for (int i = 1; i <= 20; ++i) EXPECT_TRUE(read(folder / "here" / std::to_string(i)) == content) << i;
}

TEST_F(Served, LftpMirrorsATreeThereAndBack) {
  if (!installed("lftp")) GTEST_SKIP() << "lftp is not installed";
  fs::create_directories(folder / "here/tree/sub dir");
  write(folder / "here/tree/a", io::pattern(70'000, 5));
  write(folder / "here/tree/sub dir/b c", "with blanks");
  const auto there =
      run(fmt::format("lftp -e 'set net:max-retries 1; mirror -R {0}/here/tree tree; mirror tree {0}/here/back; "
                      "mv tree/a tree/renamed; rm tree/renamed; bye' -u test,test -p {1} 127.0.0.1",
                      folder.string(), server->port()));
  EXPECT_EQ(there.status, 0) << there.text;
  EXPECT_TRUE(read(folder / "here/back/a") == io::pattern(70'000, 5));
  EXPECT_EQ(read(folder / "here/back/sub dir/b c"), "with blanks");
  EXPECT_FALSE(fs::exists(folder / "root/tree/a"));
  EXPECT_FALSE(fs::exists(folder / "root/tree/renamed"));
}

/// 0, or why it did not come about.
int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return errno;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int error = ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ? 0 : errno;
  ::close(fd);
  return error;
}

TEST(LiveFtpd, AControlPortThatRefusesIsClosedUntilItsTimeOrItsScriptIsOver) {
  Loop loop;
  const auto store = ftpd::memory_store();
  LiveFtpd server(loop, {.listen = {"127.0.0.1", 0}}, *store, nullptr);
  const auto at = server.start();
  ASSERT_TRUE(at) << at.error();
  EXPECT_EQ(connect_to(at->port), 0);
  const auto refuse = [&](std::string_view rule) {
    server.server().script(*scenario::parse_peer_directive(rule));
    server.settle();
  };
  refuse("on CONNECT refuse");
  EXPECT_EQ(connect_to(at->port), ECONNREFUSED);
  server.server().clear_script();
  server.settle();
  EXPECT_EQ(connect_to(at->port), 0);
  refuse("on CONNECT refuse for 50ms");
  EXPECT_EQ(connect_to(at->port), ECONNREFUSED);
  const io::Time until = loop.now() + std::chrono::seconds(10);
  while (connect_to(at->port) != 0 && loop.now() < until) loop.run_one(loop.now() + std::chrono::milliseconds(10));
  EXPECT_LT(loop.now(), until);
}

TEST(LiveFtpd, ATakenPortIsAnErrorWithTheSystemsReason) {
  const RunningFtpd first;
  Loop loop;
  const auto store = ftpd::memory_store();
  ftpd::Options options;
  options.listen = {"127.0.0.1", first.port()};
  LiveFtpd second(loop, options, *store, nullptr);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(), "Address already in use");
}

}  // namespace
}  // namespace atspec::world
