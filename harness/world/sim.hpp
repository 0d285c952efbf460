// A modem and an FTP server in one thread, on a virtual clock, a memory network and a resolver that is
// a table. The same modem and server code as world/live. Deterministic: same inputs, same seed, same bytes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/ftpd/server.hpp"
#include "harness/modem/modem.hpp"

namespace atspec::world {

struct SimOptions {
  modem::Config modem;
  ftpd::Options ftpd;  ///< listens on `server_address`
  std::string server_address = "10.0.0.1";
  std::string modem_address = "10.0.0.2";
  std::string other_server_address = "10.0.0.3";  ///< for `peer data elsewhere`, where the first one is firewalled
  /// Resolver; a name with an empty address is one whose question is never answered.
  std::map<std::string, std::string> names = {{"ftp.example", "10.0.0.1"}};
  io::Duration latency = std::chrono::microseconds(100);  ///< one way, each segment
  std::uint64_t seed = 0;                                 ///< of segmentation and jitter
  bool segment = false;                                   ///< cut what is sent into random segments
  std::uint64_t store_bytes = 1ULL << 30;                 ///< the server's files take no more
};

class Sim {
 public:
  explicit Sim(SimOptions options);
  ~Sim();

  io::Time now() const;
  ftpd::FileStore& store();
  ftpd::Server& server();

  /// What passed on the server's connections since the last call. Of data past `kept_data` bytes only size and
  /// hash are kept, so that a large transfer leaves no copy of itself here.
  static constexpr std::uint64_t kept_data = 1ULL << 20;
  std::vector<ftpd::Logged> take_log();

  /// A device as after power-on, an empty store, no script, time zero.
  void restart();
  void write(io::ByteView bytes);
  void set_dtr(bool on);
  void reset_modem();

  struct Arrival {
    io::Time at;
    io::Bytes bytes;
  };
  /// Runs events until the modem sends, or until `deadline`: then nothing and now() == deadline.
  std::optional<Arrival> poll(io::Time deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::world
