// The FTP server on real sockets.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "harness/ftpd/server.hpp"
#include "harness/world/live_loop.hpp"

namespace atspec::world {

class LiveFtpd {
 public:
  /// `store` outlives it. File times are those of the host's clock.
  LiveFtpd(Loop& loop, ftpd::Options options, ftpd::FileStore& store, ftpd::Log log);
  ~LiveFtpd();

  /// Where it listens from now on; the error is the system's reason.
  std::expected<io::Endpoint, std::string> start();
  /// Where TLS begins with the first byte, after `start`; 0: nowhere.
  std::uint16_t implicit_port() const;
  ftpd::Server& server();
  /// To be called after the server was given a script, or its script taken away.
  void settle();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::world
