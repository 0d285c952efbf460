// `atspec replay`: one scenario again, from a file or out of a result: still fails, fixed, or cannot run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "harness/generate/generate.hpp"
#include "harness/report/text.hpp"
#include "harness/result/json.hpp"
#include "harness/run/config.hpp"
#include "harness/run/runner.hpp"
#include "harness/scenario/text.hpp"
#include "harness/target/open.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/manual.hpp"
#include "tools/atspec/output.hpp"
#include "tools/atspec/test_bed.hpp"

namespace atspec::tools {
namespace {

struct Arguments {
  std::string what, profile = "manual";
  std::vector<std::string> specs;
  TestBed bed;
  bool strict = false;
};

/// "FILE", or "RESULT.json#CASE-ID": the scenario's text.
std::expected<std::string, std::string> scenario_text(const std::string& what) {
  const auto hash = what.find(".json#");
  if (hash == std::string::npos) return read_file(what);
  const std::string file = what.substr(0, hash + 5), id = what.substr(hash + 6);
  const auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  const auto result = result::parse_result(*text);
  if (!result) return std::unexpected(fmt::format("{}: {}", file, result.error()));
  for (const auto& one : result->cases) {
    if (one.id == id) return one.smallest.empty() ? one.scenario : one.smallest;
  }
  return std::unexpected(fmt::format("{}: no case {}", file, id));
}

int replay(Arguments& arguments) {
  const auto text = scenario_text(arguments.what);
  if (!text) {
    complain(text.error());
    return bad_usage;
  }
  auto scenario = scenario::parse(*text);
  if (!scenario) {
    complain(fmt::format("{}:{}:{}: {}", arguments.what, scenario.error().line, scenario.error().column,
                         scenario.error().message));
    return bad_usage;
  }
  const auto manual = load_manual(arguments.specs, arguments.profile);
  if (!manual) return bad_usage;
  const auto url = located(arguments.bed);
  if (!url) return bad_usage;
  auto config = reference_config(*manual, *url);
  if (!config) {
    complain(config.error());
    return bad_usage;
  }
  auto bench = target::open(*url, arguments.bed.peer, *config, 1);
  if (!bench) {
    complain(bench.error().message);
    return bench.error().exit_status;
  }
  run::Options options;
  options.mode = arguments.strict ? judge::Mode::strict : judge::Mode::lenient;
  options.preferred = judge::preferred_readings(manual->spec, manual->profile);
  // the device's state is not that of the first run: the set-up is planned anew
  scenario->set_up.clear();
  scenario->materialised = false;
  run::Runner runner(manual->spec, **bench, options);
  const auto outcome = runner.run(*scenario);
  if (!outcome) {
    complain(outcome.error().reason);
    return lost;
  }
  for (const auto& line : outcome->trace)
    fmt::print("{:>12.3f} ms  {:<18} {}\n", static_cast<double>(line.at_us) / 1e3, line.channel,
               report::safe_text(line.text));
  for (const auto& finding : outcome->findings)
    fmt::print("{}: {}\n  expected: {}\n  actual:   {}\n", fmt::join(finding.clauses, " "),
               report::safe_text(finding.message), report::safe_text(finding.expected),
               report::safe_text(finding.actual));
  switch (outcome->verdict) {
    case result::Verdict::pass:
      fmt::print("fixed: it passes\n");
      return all_passed;
    case result::Verdict::fail:
      fmt::print("still fails\n");
      return some_failed;
    case result::Verdict::flaky:  // one attempt is never that
    case result::Verdict::inconc:
      fmt::print("inconclusive: {}\n", report::safe_text(outcome->reason));
      return some_failed;
    case result::Verdict::none:
    case result::Verdict::error:
      break;
  }
  fmt::print("cannot run: {}\n", report::safe_text(outcome->reason));
  return bad_usage;
}

}  // namespace

void add_replay(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("replay", "Run one scenario again: still fails, fixed, or cannot run");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("SCENARIO", arguments->what, "Scenario file, fuzz input, or RESULT.json#CASE-ID")->required();
  add_options(*command, arguments->bed);
  command->add_option("--spec", arguments->specs, "Spec files");
  command->add_option("--profile", arguments->profile, "Name or file")->capture_default_str();
  command->add_flag("--strict", arguments->strict, "Accept the preferred readings only");
  command->footer(
      "Example:\n  atspec replay build/quickstart/result.json#QFTPSIZE-05/1a2b3c4d --target serial:/dev/ttyUSB2");
  command->callback([arguments, &status] { status = replay(*arguments); });
}

}  // namespace atspec::tools
