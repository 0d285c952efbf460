// What the harness adds to an AT/OK transaction over a pseudo-terminal: ours beside a bare termios + poll loop, with
// the same bare device at the other end, in one run. Whoever compares them pins both ends the same way (taskset).
#include <benchmark/benchmark.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "harness/target/open.hpp"

namespace {

using namespace atspec;

/// Answers OK to whatever ends in CR.
class BareDevice {
 public:
  BareDevice() {
    char name[256];
    if (::openpty(&master_, &slave_, name, nullptr, nullptr) != 0) return;
    path_ = name;
    termios settings{};
    ::tcgetattr(slave_, &settings);
    ::cfmakeraw(&settings);
    ::tcsetattr(slave_, TCSANOW, &settings);
    thread_ = std::thread([this] {
      char buffer[256];
      for (;;) {
        const ssize_t size = ::read(master_, buffer, sizeof buffer);
        if (size <= 0 || buffer[0] == 'q') return;
        if (buffer[size - 1] == '\r' && ::write(master_, "\r\nOK\r\n", 6) != 6) return;
      }
    });
  }
  ~BareDevice() {
    if (::write(slave_, "q", 1) == 1) thread_.join();
    ::close(slave_);
    ::close(master_);
  }
  const std::string& path() const { return path_; }
  int slave() const { return slave_; }

 private:
  int master_ = -1, slave_ = -1;
  std::string path_;
  std::thread thread_;
};

void BareTermiosAndPoll(benchmark::State& state) {
  const BareDevice device;
  for (auto _ : state) {
    if (::write(device.slave(), "AT\r", 3) != 3) break;
    for (std::size_t seen = 0; seen < 6;) {
      pollfd wait{device.slave(), POLLIN, 0};
      ::poll(&wait, 1, 1000);
      char buffer[256];
      const ssize_t size = ::read(device.slave(), buffer, sizeof buffer);
      if (size > 0) seen += static_cast<std::size_t>(size);
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BareTermiosAndPoll)->UseRealTime();

void Bench(benchmark::State& state) {
  const BareDevice device;
  auto bench = target::open(*target::parse_url("serial:" + device.path()), {}, {}, 1);
  if (!bench) {
    state.SkipWithError(bench.error().message.c_str());
    return;
  }
  for (auto _ : state) {
    if (!(*bench)->write("AT\r")) break;
    for (std::size_t seen = 0; seen < 6;) {
      const auto arrival = (*bench)->poll((*bench)->now() + std::chrono::seconds(1));
      if (!arrival || !*arrival) break;
      seen += (*arrival)->bytes.size();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Bench)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
