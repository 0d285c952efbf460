// What the harness costs beside the line: AT and OK over a pseudo-terminal to `atspec modem`, by a bare termios and
// poll loop and by the bench the runner uses. One run, the same modem; compare the medians.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "harness/target/open.hpp"

namespace {

using namespace atspec;

/// The modem as its users start it.
class Modem {
 public:
  Modem() : link_("/tmp/atspec-line-bench-" + std::to_string(::getpid())) {
    const char* program = std::getenv("ATSPEC");
    const std::string path = program != nullptr ? program : ATSPEC_SOURCE_DIR "/build/release/bin/atspec";
    child_ = ::fork();
    if (child_ == 0) {
      ::execl(path.c_str(), "atspec", "modem", "--link", link_.c_str(), nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 500 && ::access(link_.c_str(), F_OK) != 0; ++i) ::usleep(10'000);
  }
  ~Modem() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  const std::string& link() const { return link_; }

 private:
  std::string link_;
  pid_t child_ = -1;
};

const std::string& link() {
  static const Modem modem;
  return modem.link();
}

bool complete(const std::string& heard) { return heard.ends_with("\r\nOK\r\n"); }

void bare_loop(benchmark::State& state) {
  const int line = ::open(link().c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
  termios raw{};
  if (line < 0 || ::tcgetattr(line, &raw) != 0) return state.SkipWithError("no modem");
  ::cfmakeraw(&raw);
  ::tcsetattr(line, TCSANOW, &raw);
  std::string heard;
  char buffer[256];
  for (auto _ : state) {
    heard.clear();
    if (::write(line, "AT\r", 3) != 3) return state.SkipWithError("write");
    while (!complete(heard)) {
      pollfd waiting{line, POLLIN, 0};
      if (::poll(&waiting, 1, 2000) != 1) return state.SkipWithError("no answer");
      const ssize_t got = ::read(line, buffer, sizeof buffer);
      if (got > 0) heard.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(line);
}

void bench_of_the_runner(benchmark::State& state) {
  auto bench = target::open(*target::parse_url("serial:" + link()), {}, {}, 1);
  if (!bench || !(*bench)->begin()) return state.SkipWithError("no modem");
  std::string heard;
  for (auto _ : state) {
    heard.clear();
    if (!(*bench)->write("AT\r")) return state.SkipWithError("write");
    while (!complete(heard)) {
      auto arrival = (*bench)->poll((*bench)->now() + std::chrono::seconds(2));
      if (!arrival || !*arrival) return state.SkipWithError("no answer");
      heard += (*arrival)->bytes;
    }
  }
}

BENCHMARK(bare_loop)->UseRealTime()->Repetitions(7)->ReportAggregatesOnly()->MinTime(0.5);
BENCHMARK(bench_of_the_runner)->UseRealTime()->Repetitions(7)->ReportAggregatesOnly()->MinTime(0.5);

}  // namespace

BENCHMARK_MAIN();
