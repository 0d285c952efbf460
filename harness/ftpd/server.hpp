// The scriptable FTP server (RFC 959, 1123, 2228, 2389, 2428, 3659, 4217). Sans-I/O like the modem; it keeps files
// behind `FileStore`, plays peer rules, and logs every byte of control and data connections.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/ftpd/store.hpp"
#include "harness/io/network.hpp"
#include "harness/io/time.hpp"
#include "harness/scenario/peer.hpp"

namespace atspec::ftpd {

struct Options {
  std::string user = "test";
  std::string password = "test";
  io::Endpoint listen{"127.0.0.1", 21};  ///< port 0: any free one
  io::TlsSettingsPtr tls;                ///< as a server; without it AUTH is 502
  bool implicit = false;                 ///< on `listen` TLS begins with the first byte; else AUTH begins it
  /// A second port at the same address, where TLS begins with the first byte; 0: any free one.
  std::optional<std::uint16_t> implicit_port;
  std::string advertise;  ///< address in 227 replies; empty: the control connection's local one
  /// Where data connections go on `peer data elsewhere`: another address of this server, a port or 0 for any. An empty
  /// address: it has no other.
  io::Endpoint elsewhere;
  std::uint16_t passive_from = 0, passive_to = 0;  ///< 0: any free one
  io::Duration idle_limit = std::chrono::minutes(5);
  unsigned max_clients = 100;
  std::int64_t epoch = 1'704'067'200;  ///< io::Time 0 in seconds since 1970, for file times; default: 1 January 2024
};

/// What passed on the server's connections, for the trace.
struct Logged {
  enum class What { control_in, control_out, data_in, data_out } what;
  io::Time at;
  io::ConnectionId connection;  ///< the one it went over
  io::Bytes bytes;
  std::uint64_t size = 0;  ///< the true one, also where a keeper of logs has left `bytes` out
  std::string hash;        ///< io::hash_hex of what passed, where `bytes` was left out
};
using Log = std::function<void(Logged&&)>;

class Server {
 public:
  /// `store` outlives the server. `log` may be empty.
  Server(Options options, FileStore& store, Log log);
  ~Server();
  Server(Server&&) noexcept;

  /// Begins to listen. On a server that ran before: forgets its connections without a word and its script.
  void start(io::Time now);
  void network(io::Time now, const io::NetworkEvent& event);
  void tick(io::Time now);
  std::optional<io::NetworkAction> take_action();
  std::optional<io::Time> deadline() const;
  bool wants(io::ConnectionId id) const;

  /// Where it listens, once known, also while the script has it refuse; nothing where that failed.
  std::optional<io::Endpoint> listening() const;
  /// The same of `implicit_port`.
  std::optional<io::Endpoint> listening_implicit() const;

  /// Adds a rule or a cut (files go to the store); `clear_script` removes all. How rules that match the same
  /// verb go together is said in script.hpp. Both may leave actions to take.
  void script(const scenario::PeerDirective& directive);
  void clear_script();
  /// Whether `peer data elsewhere` can be followed.
  bool has_elsewhere() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::ftpd
