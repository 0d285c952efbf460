// The one thread in which everything live happens: its clock, its timers, and descriptors that are waited for.
// Boost.Asio does the work and stays out of headers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "harness/io/time.hpp"

namespace atspec::world {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Since the loop was made; never goes back.
  io::Time now() const;
  /// When that was, in seconds since 1970.
  std::int64_t epoch() const;

  /// Runs what is ready, up to a bound, without waiting.
  void poll();
  /// Waits until something could be run, and runs it; false: `deadline` came first.
  bool run_one(io::Time deadline);
  /// Runs until `stop`.
  void run();
  /// May be called from another thread.
  void stop();
  /// SIGINT, SIGTERM and SIGHUP stop the loop from here on.
  void stop_on_signals();

  struct Impl;  ///< live_asio.hpp
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Calls once at the time it was last set to.
class Alarm {
 public:
  Alarm(Loop& loop, std::function<void()> call);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void set(std::optional<io::Time> at);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Waits for a descriptor, and never reads, writes or closes it. Every call is for one time. A descriptor that
/// cannot be waited for, as a plain file, counts as ready. To be destroyed before the descriptor is closed.
class Watch {
 public:
  Watch(Loop& loop, int descriptor);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void when_readable(std::function<void()> call);
  void when_writable(std::function<void()> call);
  bool waits_to_read() const;
  bool waits_to_write() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace atspec::world
