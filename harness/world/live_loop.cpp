#include "harness/world/live_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <utility>

#include "harness/world/live_asio.hpp"

namespace atspec::world {

namespace asio = boost::asio;

std::chrono::steady_clock::time_point Loop::Impl::real(io::Time at) const {
  // a deadline that stands for "never" must not overflow the finer clock below it
  constexpr io::Duration longest = std::chrono::hours(24 * 365);
  return start + std::min(at.time_since_epoch(), longest);
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

io::Time Loop::now() const {
  return io::Time(std::chrono::duration_cast<io::Duration>(std::chrono::steady_clock::now() - impl_->start));
}

std::int64_t Loop::epoch() const { return impl_->epoch; }

void Loop::poll() {
  // a transfer that is always ready for more must not hold the caller up
  constexpr int most = 256;
  impl_->context.restart();
  for (int i = 0; i < most && impl_->context.poll_one() > 0; ++i) continue;
}

bool Loop::run_one(io::Time deadline) {
  impl_->context.restart();
  return impl_->context.run_one_until(impl_->real(deadline)) > 0;
}

void Loop::run() { impl_->context.run(); }
void Loop::stop() { impl_->context.stop(); }

void Loop::stop_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) impl_->signals.add(signal);
  impl_->signals.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
}

struct Alarm::State : std::enable_shared_from_this<State> {
  State(Loop& of, std::function<void()> what) : loop(of), timer(of.impl().context), call(std::move(what)) {}

  void arm() {
    armed = at;
    timer.expires_at(loop.impl().real(*at));
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && !self->gone) self->ring();
    });
  }

  void ring() {
    armed.reset();
    if (!at) return;
    if (loop.now() < *at) return arm();
    at.reset();
    call();
  }

  Loop& loop;
  asio::steady_timer timer;
  std::function<void()> call;
  std::optional<io::Time> at;
  std::optional<io::Time> armed;  ///< never later than `at`
  bool gone = false;
};

Alarm::Alarm(Loop& loop, std::function<void()> call) : state_(std::make_shared<State>(loop, std::move(call))) {}

Alarm::~Alarm() {
  state_->gone = true;
  state_->timer.cancel();
}

void Alarm::set(std::optional<io::Time> at) {
  state_->at = at;
  // deadlines mostly move on: a timer that rings too early is cheaper than one that is set again and again
  if (at && (!state_->armed || *state_->armed > *at)) state_->arm();
}

struct Watch::State : std::enable_shared_from_this<State> {
  using Wait = asio::posix::stream_descriptor::wait_type;

  State(Loop& loop, int fd) : descriptor(loop.impl().context) {
    boost::system::error_code error;
    descriptor.assign(fd, error);
  }

  void wait(Wait what, std::function<void()>& slot, std::function<void()> call) {
    const bool waits = static_cast<bool>(slot);
    slot = std::move(call);
    if (waits) return;
    descriptor.async_wait(what, [self = shared_from_this(), &slot](const boost::system::error_code& error) {
      if (self->gone || error == asio::error::operation_aborted) return;
      // a plain file cannot be waited for: it is always ready
      if (auto now = std::exchange(slot, nullptr)) now();
    });
  }

  asio::posix::stream_descriptor descriptor;
  std::function<void()> read, write;
  bool gone = false;
};

Watch::Watch(Loop& loop, int descriptor) : state_(std::make_shared<State>(loop, descriptor)) {}

Watch::~Watch() {
  state_->gone = true;
  if (state_->descriptor.is_open()) state_->descriptor.release();
}

void Watch::when_readable(std::function<void()> call) {
  state_->wait(State::Wait::wait_read, state_->read, std::move(call));
}
void Watch::when_writable(std::function<void()> call) {
  state_->wait(State::Wait::wait_write, state_->write, std::move(call));
}
bool Watch::waits_to_read() const { return static_cast<bool>(state_->read); }
bool Watch::waits_to_write() const { return static_cast<bool>(state_->write); }

}  // namespace atspec::world
