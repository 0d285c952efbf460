// The network as values (io/network.hpp), carried out with sockets of this host. It drives a machine that speaks
// those values: brings events, takes actions, keeps its deadline, and reads only what the machine wants.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/io/network.hpp"
#include "harness/io/time.hpp"
#include "harness/world/live_loop.hpp"

namespace atspec::world {

/// What a live network drives.
class Machine {
 public:
  virtual void network(io::Time now, const io::NetworkEvent& event) = 0;
  virtual void tick(io::Time now) = 0;
  /// The machine's actions in order; what is not the network's business is carried out here on the way.
  virtual std::optional<io::NetworkAction> take_action() = 0;
  virtual std::optional<io::Time> deadline() const = 0;
  virtual bool wants(io::ConnectionId id) const = 0;
  /// Nothing is left to do for now.
  virtual void settled() {}

 protected:
  ~Machine() = default;
};

class LiveNetwork {
 public:
  static constexpr std::size_t most_connections = 1000;

  /// `machine` outlives the network.
  LiveNetwork(Loop& loop, Machine& machine);
  /// All connections are dropped.
  ~LiveNetwork();
  LiveNetwork(const LiveNetwork&) = delete;
  LiveNetwork& operator=(const LiveNetwork&) = delete;

  /// To be called after the machine was told anything from elsewhere.
  void settle();

  /// Why the last thing that failed did, in the system's words.
  const std::string& last_error() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace atspec::world
