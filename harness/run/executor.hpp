// Carries out one materialised Scenario and writes down what happened. Sans-I/O: it never sleeps or
// reads; it says what to do now and until when to wait.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "harness/io/bytes.hpp"
#include "harness/io/time.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/trace/trace.hpp"

namespace atspec::run {

/// How long a wait without `within` lasts, and the silence an escape keeps (manual 1.5).
struct Waits {
  io::Duration final_result = scenario::ordinary_wait;
  io::Duration connect = std::chrono::seconds(95);
  io::Duration urc = std::chrono::seconds(185);
  io::Duration line = std::chrono::seconds(5);
  /// More than the manual's second before the +++, where a device may count another one; as much behind it, answer or
  /// not.
  io::Duration guard = std::chrono::milliseconds(1500), guard_behind = std::chrono::milliseconds(1100);
  io::Duration notice =
      std::chrono::milliseconds(100);  ///< in real time: how often a wait looks whether it is given up
  io::Duration settle{};               ///< quiet kept after the last step, to hear what comes too much
};

class Executor {
 public:
  struct Write {
    io::Bytes bytes;
  };
  using Action = std::variant<Write, scenario::Dtr, scenario::Break, scenario::Reset, scenario::Peer>;

  Executor(const scenario::Scenario& scenario, std::map<std::string, std::string> tokens, Waits waits);
  ~Executor();

  void received(io::Time at, io::ByteView bytes);
  /// What to do now; nothing: wait for bytes until `deadline()`.
  std::optional<Action> next(io::Time now);
  io::Time deadline() const;
  bool done() const;
  /// Whether the body was reached, and whether a wait ran out.
  bool in_body() const;
  /// From now on `next` has nothing to do once between set-up and body: whoever drives it can look at the peer there,
  /// which takes time.
  void rest_before_body();
  /// Whether the next step only prepares the peer.
  bool prepares_peer() const;
  bool timed_out() const;

  trace::Trace& trace();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::run
