// exec:COMMAND, run by /bin/sh
#define BOOST_PROCESS_V2_HEADER_ONLY 1
#define BOOST_PROCESS_USE_STD_FS 1

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// first: Process v2 forgets it where it is told to use std::filesystem
#include <boost/optional.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/stdio.hpp>
#include <csignal>
#include <cstring>
#include <optional>
#include <thread>

#include "harness/target/line.hpp"
#include "harness/world/live_asio.hpp"

namespace atspec::target {
namespace {

namespace process = boost::process::v2;

constexpr auto patience = std::chrono::seconds(2);

/// A session of its own, so that all it starts ends with it and the terminal's Ctrl-C is ours alone.
struct OwnSession {
  template <typename Launcher, typename Argv>
  boost::system::error_code on_exec_setup(Launcher&, const process::filesystem::path&, const Argv&) {
    ::setsid();
    // what we ignore must not be ignored there
    ::signal(SIGPIPE, SIG_DFL);
    ::signal(SIGINT, SIG_DFL);
    return {};
  }
};

struct Child {
  int line = -1;
  std::optional<process::process> process;
};

std::expected<Child, std::string> launch(const std::string& command, world::Loop& loop) {
  // a socket pair: one descriptor for both directions, and no SIGPIPE for us when the child is gone
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return std::unexpected(std::strerror(errno));
  Child child;
  child.line = ends[0];
  boost::system::error_code error;
  process::default_process_launcher launcher;
  auto started = launcher(loop.impl().context.get_executor(), error, process::filesystem::path("/bin/sh"),
                          std::initializer_list<std::string>{"-c", command},
                          process::process_stdio{ends[1], ends[1], {}}, OwnSession{});
  ::close(ends[1]);
  if (error) {
    ::close(ends[0]);
    return std::unexpected(error.message());
  }
  ::fcntl(ends[0], F_SETFL, ::fcntl(ends[0], F_GETFL) | O_NONBLOCK);
  child.process.emplace(std::move(started));
  return child;
}

class ExecLine final : public DescriptorLine {
 public:
  ExecLine(Child child, std::string command, world::Loop& loop)
      : DescriptorLine(child.line, Kind::socket),
        process_(std::move(child.process)),
        command_(std::move(command)),
        loop_(loop) {}
  ~ExecLine() override { end(); }

  std::expected<void, Unsupported> restart() override {
    end();
    auto next = launch(command_, loop_);
    if (!next) return std::unexpected(Unsupported{"the command could not be started again: " + next.error()});
    replace(next->line);
    process_ = std::move(next->process);
    return {};
  }

 private:
  /// Whether it ended within `limit`.
  bool ended_within(std::chrono::milliseconds limit) {
    const auto give_up = std::chrono::steady_clock::now() + limit;
    for (;;) {
      boost::system::error_code error;
      if (!process_->running(error) || error) return true;
      if (std::chrono::steady_clock::now() >= give_up) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  void end() {
    if (!process_) return;
    const int group = process_->id();
    if (!ended_within(std::chrono::milliseconds(0))) {
      ::kill(-group, SIGTERM);
      ended_within(patience);
    }
    // also what it left behind
    ::kill(-group, SIGKILL);
    ended_within(patience);
    process_.reset();
  }

  std::string why_lost(int error) override {
    if (process_ && ended_within(std::chrono::milliseconds(500))) {
      const int status = process_->native_exit_code();
      if (WIFSIGNALED(status))
        return fmt::format("the command was ended by signal {} ({}): {}", WTERMSIG(status),
                           ::strsignal(WTERMSIG(status)), command_);
      return fmt::format("the command ended with status {}: {}", WEXITSTATUS(status), command_);
    }
    return fmt::format("the command closed its end of the line{}: {}",
                       error == 0 ? "" : fmt::format(" ({})", std::strerror(error)), command_);
  }

  std::optional<process::process> process_;
  std::string command_;
  world::Loop& loop_;
};

}  // namespace

OpenedLine open_exec(const Url& url, world::Loop& loop) {
  auto child = launch(url.rest, loop);
  if (!child) return std::unexpected(OpenError{2, url.text + ": " + child.error()});
  return std::make_unique<ExecLine>(*std::move(child), url.rest, loop);
}

}  // namespace atspec::target
