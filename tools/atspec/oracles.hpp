// How run and replay judge: by the manual, and by what the reference answers to the same case.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "harness/run/runner.hpp"
#include "harness/target/open.hpp"
#include "tools/atspec/manual.hpp"

namespace CLI {
class App;
}

namespace atspec::tools {

struct Judging {
  /// URL of what cases are run on as well, or "none"; empty: the reference in simulation, unless a simulation is the
  /// device.
  std::string reference;
  bool strict = false;        ///< accept the preferred readings only
  bool show_secrets = false;  ///< leave passwords readable
  std::uint64_t seed = 1;     ///< of what is random on the benches
};

/// --reference, --strict
void add_options(CLI::App& command, Judging& judging);

/// The device and, where there is one, the reference, each with its runner. They point to each other: not to be moved.
struct Benches {
  std::unique_ptr<target::Bench> device;
  std::string reference_url;  ///< empty: there is none
  std::unique_ptr<target::Bench> reference;
  std::optional<run::Runner> reference_runner;
  std::optional<run::Runner> runner;  ///< of the device; asks the other

  run::Runner* oracle() { return reference_runner ? &*reference_runner : nullptr; }
};

/// Opens both into `out`. Gives all_passed, or the exit status where one cannot be had: that was said then.
/// `give_up`: run::Options::give_up of both.
int open(const Manual& manual, const target::Url& device, const target::PeerOptions& peer, const Judging& judging,
         Benches& out, const std::atomic<bool>* give_up = nullptr);

}  // namespace atspec::tools
