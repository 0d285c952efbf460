// Bench{Line, Peer, Clock, Facts}: what a Scenario runs on. The executor sees nothing else of the
// world; sim, serial ports, sockets and processes differ only below this interface.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/io/time.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/trace/trace.hpp"

namespace atspec::target {

/// The target or the test bed is gone; what was done so far stands.
struct Lost {
  std::string reason;
};
/// This line or peer cannot do that (DTR on a pseudo-terminal, faults of somebody's server).
struct Unsupported {
  std::string reason;
};

struct PeerFileState {
  std::string path;  ///< absolute on the peer
  bool directory = false;
  std::uint64_t size = 0;
  std::string hash;   ///< io::hash_hex of the content
  io::Bytes content;  ///< empty past trace::Chunk::kept_whole
};

class Bench {
 public:
  virtual ~Bench() = default;

  virtual io::Time now() const = 0;
  virtual bool virtual_clock() const = 0;
  virtual scenario::PeerLevel peer_level() const = 0;
  virtual const std::map<std::string, std::string>& tokens() const = 0;
  /// FTP commands the peer is known not to have.
  virtual std::set<std::string> lacking() const { return {}; }

  /// Before a case: forgets the peer's script and log, empties its root of what earlier cases left,
  /// drops unread input. True: the device is as after power-on; false: it goes on as it was.
  virtual std::expected<bool, Lost> begin() = 0;
  /// Carries out a `peer` line now.
  virtual std::expected<void, Unsupported> peer(const scenario::PeerDirective& directive) = 0;
  /// What is on the peer now; Unsupported where nobody can look.
  virtual std::expected<std::vector<PeerFileState>, Unsupported> files() = 0;
  /// Peer channels since `begin` or the last call, in order of time. Empty below `scripted`.
  virtual std::vector<trace::Chunk> take_peer_log() = 0;

  virtual std::expected<void, Lost> write(io::ByteView bytes) = 0;
  struct Arrival {
    io::Time at;
    io::Bytes bytes;
  };
  /// Lets the world go on until the device sends something or `deadline` has come (then empty).
  virtual std::expected<std::optional<Arrival>, Lost> poll(io::Time deadline) = 0;

  virtual std::expected<void, Unsupported> set_dtr(bool on) = 0;
  virtual std::expected<void, Unsupported> send_break() = 0;
  virtual std::expected<void, Unsupported> reset() = 0;
};

}  // namespace atspec::target
