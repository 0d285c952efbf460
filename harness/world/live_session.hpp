// For tests: what runs in a thread of its own, and a host at the other end of a live modem's line.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "harness/ftpd/store.hpp"
#include "harness/world/live_ftpd.hpp"
#include "harness/world/live_loop.hpp"
#include "harness/world/live_modem.hpp"

namespace atspec::world {

/// A loop in a thread; what lives on it is made and destroyed there.
class Background {
 public:
  template <typename Make>
  explicit Background(Make make) {
    std::promise<void> ready;
    auto made = ready.get_future();
    thread_ = std::thread([this, make, &ready]() mutable {
      Loop loop;
      const auto inhabitants = make(loop);
      loop_ = &loop;
      ready.set_value();
      loop.run();
    });
    made.get();
  }
  ~Background() {
    loop_->stop();
    thread_.join();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

 private:
  Loop* loop_ = nullptr;
  std::thread thread_;
};

/// Our FTP server on a free port of loopback, in a thread of its own.
class RunningFtpd {
 public:
  /// `script`: rules and cuts, no files.
  explicit RunningFtpd(std::unique_ptr<ftpd::FileStore> store = ftpd::memory_store(), ftpd::Options options = {},
                       const std::vector<scenario::PeerDirective>& script = {})
      : store_(std::move(store)), background_([this, options, &script](Loop& loop) mutable {
          options.listen = {"127.0.0.1", 0};
          auto server = std::make_shared<LiveFtpd>(loop, options, *store_, nullptr);
          at_ = server->start().value_or(io::Endpoint{});
          for (const auto& directive : script) server->server().script(directive);
          server->settle();
          return server;
        }) {}

  std::uint16_t port() const { return at_.port; }

 private:
  std::unique_ptr<ftpd::FileStore> store_;
  io::Endpoint at_;
  Background background_;
};

/// Types on a descriptor and reads what comes, while the loop of the modem runs in the same thread.
class LiveHost {
 public:
  LiveHost(Loop& loop, int fd) : loop_(loop), fd_(fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }
  ~LiveHost() { ::close(fd_); }
  LiveHost(const LiveHost&) = delete;
  LiveHost& operator=(const LiveHost&) = delete;

  std::string type(std::string_view text, std::string_view end = "OK\r\n",
                   io::Duration limit = std::chrono::seconds(10)) {
    const io::Time until = loop_.now() + limit;
    std::string seen;
    while (loop_.now() < until && (!text.empty() || !seen.ends_with(end))) {
      if (!text.empty()) {
        const ssize_t taken = ::write(fd_, text.data(), text.size());
        if (taken > 0) text.remove_prefix(static_cast<std::size_t>(taken));
      }
      char buffer[4096];
      const ssize_t got = ::read(fd_, buffer, sizeof buffer);
      if (got > 0) seen.append(buffer, static_cast<std::size_t>(got));
      loop_.run_one(loop_.now() + std::chrono::milliseconds(1));
    }
    return seen;
  }

 private:
  Loop& loop_;
  int fd_;
};

}  // namespace atspec::world
