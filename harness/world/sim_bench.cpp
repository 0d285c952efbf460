// What a whole session costs in simulation: the figure beside which network fuzzers of FTP servers are measured.
#include <benchmark/benchmark.h>

#include "harness/world/sim_session.hpp"

namespace atspec::world {
namespace {

void session(benchmark::State& state) {
  Sim sim(ordinary_options());
  Host host(sim);
  for (auto _ : state) {
    sim.restart();
    (void)sim.store().write("/a.bin", 0, "0123456789", true);
    if (!host.log_in() || !host.type("AT+QFTPSIZE=\"a.bin\"\r", "0,10\r\n").ends_with("0,10\r\n") ||
        !host.type("AT+QFTPCLOSE\r", "0,0\r\n").ends_with("0,0\r\n")) {
      state.SkipWithError("the session failed");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(session)->Name("restart, login, SIZE, logout");

void restart(benchmark::State& state) {
  Sim sim(ordinary_options());
  for (auto _ : state) sim.restart();
}
BENCHMARK(restart)->Name("restart");

void download(benchmark::State& state) {
  Sim sim(ordinary_options());
  Host host(sim);
  host.log_in();
  (void)sim.store().write("/f", 0, io::pattern(1 << 20, 1), true);
  for (auto _ : state) {
    benchmark::DoNotOptimize(host.type("AT+QFTPGET=\"f\",\"COM:\"\r", "0,1048576\r\n"));
    sim.take_log();
  }
  state.SetBytesProcessed(state.iterations() * (1 << 20));
}
BENCHMARK(download)->Name("download of 1 MiB");

}  // namespace
}  // namespace atspec::world

BENCHMARK_MAIN();
