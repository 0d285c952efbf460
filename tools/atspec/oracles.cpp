#include "tools/atspec/oracles.hpp"

#include <CLI/CLI.hpp>

#include "harness/run/config.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {
namespace {

run::Options runner_options(const Manual& manual, const Judging& judging, const target::Url& url,
                            const modem::Config& config) {
  run::Options out;
  out.mode = judging.strict ? judge::Mode::strict : judge::Mode::lenient;
  out.preferred = judge::preferred_readings(manual.spec, manual.profile);
  out.reference = url.scheme == "sim" ? config.initial : run::given(manual.spec, manual.profile);
  if (judging.show_secrets) out.secrets.clear();
  return out;
}

/// `option` is what the URL was said with, for messages: "--reference: ", or empty.
int open_bench(const Manual& manual, const target::Url& url, const target::PeerOptions& peer, const Judging& judging,
               const std::string& option, std::unique_ptr<target::Bench>& bench, run::Options& options) {
  const auto config = reference_config(manual, url);
  if (!config) {
    complain(option + config.error());
    return bad_usage;
  }
  auto opened = target::open(url, peer, *config, judging.seed);
  if (!opened) {
    complain(option + opened.error().message);
    return opened.error().exit_status;
  }
  bench = *std::move(opened);
  options = runner_options(manual, judging, url, *config);
  return all_passed;
}

int open_reference(const Manual& manual, bool simulated, const target::PeerOptions& peer, const Judging& judging,
                   const std::atomic<bool>* give_up, Benches& out) {
  const std::string option = "--reference: ";
  out.reference_url = judging.reference.empty() ? (simulated ? "none" : "sim:") : judging.reference;
  if (out.reference_url == "none") {
    out.reference_url.clear();
    return all_passed;
  }
  const auto url = target::parse_url(out.reference_url);
  if (!url) {
    complain(option + url.error());
    return bad_usage;
  }
  // one in simulation has a server of its own, whatever the device's is
  const auto& server = url->scheme == "sim" ? target::PeerOptions{} : peer;
  run::Options options;
  if (const auto status = open_bench(manual, *url, server, judging, option, out.reference, options);
      status != all_passed)
    return status;
  options.answers = true;
  options.keep_trace = false;
  options.give_up = give_up;
  out.reference_runner.emplace(manual.spec, *out.reference, options);
  return all_passed;
}

}  // namespace

void add_options(CLI::App& command, Judging& judging) {
  command.add_option("--reference", judging.reference,
                     "What every case is run on as well, and its answers compared: a target or none (default: sim:, "
                     "the reference in simulation; for the target sim: none)");
  command.add_flag("--strict", judging.strict, "Accept the preferred readings only");
}

int open(const Manual& manual, const target::Url& device, const target::PeerOptions& peer, const Judging& judging,
         Benches& out, const std::atomic<bool>* give_up) {
  run::Options options;
  if (const auto status = open_bench(manual, device, peer, judging, "", out.device, options); status != all_passed)
    return status;
  if (const auto status = open_reference(manual, device.scheme == "sim", peer, judging, give_up, out);
      status != all_passed)
    return status;
  options.oracle = out.oracle();
  options.give_up = give_up;
  out.runner.emplace(manual.spec, *out.device, options);
  return all_passed;
}

}  // namespace atspec::tools
