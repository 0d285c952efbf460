// Pseudo-terminal, TCP port, stdin and stdout.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "harness/world/live_line.hpp"

namespace atspec::world {
namespace {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

std::string reason() { return std::strerror(errno); }

void make_non_blocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

// --- pseudo-terminal

class PseudoTerminalLine final : public DteLine {
 public:
  /// The slave stays open here, so that the line outlives every DTE.
  PseudoTerminalLine(Loop& loop, Descriptor master, Descriptor slave, std::string path, std::string link)
      : DteLine(loop),
        master_(std::move(master)),
        slave_(std::move(slave)),
        path_(std::move(path)),
        link_(std::move(link)),
        where_(link_.empty() ? path_ : link_) {}
  ~PseudoTerminalLine() override {
    leave();
    std::array<char, 4096> target{};
    // somebody else may have taken the name since
    if (!link_.empty() && ::readlink(link_.c_str(), target.data(), target.size() - 1) > 0 && path_ == target.data())
      ::unlink(link_.c_str());
  }

  const std::string& where() const override { return where_; }
  void start(Owner& owner) override {
    DteLine::start(owner);
    attach(master_.get(), master_.get());
  }

 private:
  void hung_up(bool) override {
    detach();
    owner_->line_ended();
  }

  Descriptor master_, slave_;
  std::string path_, link_, where_;
};

std::expected<void, std::string> make_link(const std::string& path, const std::string& link) {
  struct stat about{};
  if (::lstat(link.c_str(), &about) == 0) {
    if (!S_ISLNK(about.st_mode)) return std::unexpected(link + " is there already and is not a symbolic link");
    // left by a modem that was killed, or the user's own: a link is replaced only if it leads to no file of theirs
    struct stat target{};
    if (::stat(link.c_str(), &target) == 0 && !S_ISCHR(target.st_mode))
      return std::unexpected(link + " is there already and leads to something else than a terminal");
    ::unlink(link.c_str());
  }
  if (::symlink(path.c_str(), link.c_str()) != 0) return std::unexpected(link + ": " + reason());
  return {};
}

// --- TCP

class TcpLine final : public DteLine {
 public:
  TcpLine(Loop& loop, Descriptor listener, std::string where)
      : DteLine(loop), listener_(std::move(listener)), waiting_(loop, listener_.get()), where_(std::move(where)) {}
  ~TcpLine() override { leave(); }

  const std::string& where() const override { return where_; }
  void start(Owner& owner) override {
    DteLine::start(owner);
    next_client();
  }

 private:
  void next_client() {
    waiting_.when_readable([this] {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return next_client();
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      client_ = Descriptor(fd);
      attach(fd, fd);
    });
  }
  void hung_up(bool) override {
    detach();
    client_ = Descriptor();
    next_client();
  }

  Descriptor listener_, client_;
  Watch waiting_;
  std::string where_;
};

// --- stdin and stdout

class StdioLine final : public DteLine {
 public:
  explicit StdioLine(Loop& loop)
      : DteLine(loop), flags_in_(::fcntl(STDIN_FILENO, F_GETFL)), flags_out_(::fcntl(STDOUT_FILENO, F_GETFL)) {}
  ~StdioLine() override {
    leave();
    // a terminal is the shell's as well
    ::fcntl(STDIN_FILENO, F_SETFL, flags_in_);
    ::fcntl(STDOUT_FILENO, F_SETFL, flags_out_);
  }

  const std::string& where() const override { return where_; }
  void start(Owner& owner) override {
    DteLine::start(owner);
    make_non_blocking(STDIN_FILENO);
    make_non_blocking(STDOUT_FILENO);
    attach(STDIN_FILENO, STDOUT_FILENO);
  }

 private:
  void hung_up(bool deaf) override {
    stop_reading();
    ending_ = true;
    if (deaf || is_empty()) owner_->line_ended();
  }
  void emptied() override {
    if (ending_) owner_->line_ended();
  }

  std::string where_ = "stdio";
  int flags_in_, flags_out_;
  bool ending_ = false;
};

}  // namespace

std::expected<std::unique_ptr<DteLine>, std::string> pseudo_terminal_line(Loop& loop, const std::string& link) {
  int master = -1, slave = -1;
  std::array<char, 256> name{};
  if (::openpty(&master, &slave, name.data(), nullptr, nullptr) != 0)
    return std::unexpected("no pseudo-terminal to be had: " + reason());
  Descriptor master_end(master), slave_end(slave);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(slave, F_SETFD, FD_CLOEXEC);
  make_non_blocking(master);
  termios settings{};
  if (::tcgetattr(slave, &settings) != 0) return std::unexpected("no pseudo-terminal to be had: " + reason());
  ::cfmakeraw(&settings);
  ::cfsetspeed(&settings, B115200);
  ::tcsetattr(slave, TCSANOW, &settings);
  if (!link.empty()) {
    if (auto made = make_link(name.data(), link); !made) return std::unexpected(made.error());
  }
  return std::make_unique<PseudoTerminalLine>(loop, std::move(master_end), std::move(slave_end), name.data(), link);
}

std::expected<std::unique_ptr<DteLine>, std::string> tcp_line(Loop& loop, const io::Endpoint& on) {
  boost::system::error_code wrong;
  const auto address = boost::asio::ip::make_address(on.address, wrong);
  if (wrong) return std::unexpected(on.address + " is not an address");
  sockaddr_storage storage{};
  socklen_t length = 0;
  if (address.is_v6()) {
    auto& at = reinterpret_cast<sockaddr_in6&>(storage);
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(on.port);
    const auto bytes = address.to_v6().to_bytes();
    std::memcpy(&at.sin6_addr, bytes.data(), bytes.size());
    length = sizeof at;
  } else {
    auto& at = reinterpret_cast<sockaddr_in&>(storage);
    at.sin_family = AF_INET;
    at.sin_port = htons(on.port);
    at.sin_addr.s_addr = htonl(address.to_v4().to_uint());
    length = sizeof at;
  }
  const std::string host = address.is_v6() ? "[" + on.address + "]" : on.address;
  Descriptor listener(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  if (listener.get() < 0 || ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(listener.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0 || ::listen(listener.get(), 16) != 0)
    return std::unexpected(host + ":" + std::to_string(on.port) + ": " + reason());
  length = sizeof storage;
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&storage), &length);
  const std::uint16_t port = ntohs(address.is_v6() ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                                                   : reinterpret_cast<sockaddr_in&>(storage).sin_port);
  return std::make_unique<TcpLine>(loop, std::move(listener), host + ":" + std::to_string(port));
}

std::unique_ptr<DteLine> stdio_line(Loop& loop) { return std::make_unique<StdioLine>(loop); }

}  // namespace atspec::world
