// `atspec replay`: one scenario again, from a file or out of a result: still fails, fixed, or cannot run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/generate/generate.hpp"
#include "harness/report/text.hpp"
#include "harness/report/words.hpp"
#include "harness/result/json.hpp"
#include "harness/scenario/text.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/manual.hpp"
#include "tools/atspec/oracles.hpp"
#include "tools/atspec/output.hpp"
#include "tools/atspec/test_bed.hpp"

namespace atspec::tools {
namespace {

struct Arguments {
  std::string what, profile = "manual";
  std::vector<std::string> specs;
  TestBed bed;
  Judging judging;
};

/// What is to be run again, as text, and of the run it comes from, if from one, the seed and what it said.
struct Found {
  std::string text;
  std::optional<std::uint64_t> seed;
  bool failed = false;
};

/// By "FILE", or "RESULT.json#CASE-ID".
std::expected<Found, std::string> find(const std::string& what) {
  const auto hash = what.find(".json#");
  if (hash == std::string::npos) {
    auto text = read_file(what);
    if (!text) return std::unexpected(text.error());
    return Found{*std::move(text), {}, false};
  }
  const std::string file = what.substr(0, hash + 5), id = what.substr(hash + 6);
  const auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  const auto result = result::parse_result(*text);
  if (!result) return std::unexpected(fmt::format("{}: {}", file, result.error()));
  for (const auto& one : result->cases) {
    if (one.id != id) continue;
    return Found{one.smallest.empty() ? one.scenario : one.smallest, result->seed,
                 one.verdict == result::Verdict::fail};
  }
  return std::unexpected(fmt::format("{}: no case {}", file, id));
}

int replay(Arguments& arguments) {
  const auto found = find(arguments.what);
  if (!found) {
    complain(found.error());
    return bad_usage;
  }
  arguments.judging.seed = found->seed.value_or(arguments.judging.seed);
  auto scenario = scenario::parse(found->text);
  if (!scenario) {
    complain(fmt::format("{}:{}:{}: {}", arguments.what, scenario.error().line, scenario.error().column,
                         scenario.error().message));
    return bad_usage;
  }
  const auto manual = load_manual(arguments.specs, arguments.profile);
  if (!manual) return bad_usage;
  const auto url = located(arguments.bed);
  if (!url) return bad_usage;
  Benches benches;
  if (const auto status = open(*manual, *url, arguments.bed.peer, arguments.judging, benches); status != all_passed)
    return status;
  // the device's state is not that of the first run: the set-up is planned anew
  scenario->set_up.clear();
  scenario->materialised = false;
  const auto outcome = benches.runner->run(*scenario);
  if (!outcome) {
    complain(outcome.error().reason);
    return lost;
  }
  for (const auto& line : outcome->trace)
    fmt::print("{:>12.3f} ms  {:<18} {}\n", static_cast<double>(line.at_us) / 1e3, line.channel,
               report::safe_text(line.text));
  if (const auto details = report::details(*outcome); !details.empty()) fmt::print("{}\n", report::safe_text(details));
  switch (outcome->verdict) {
    case result::Verdict::pass:
      fmt::print("{}\n", found->failed ? "fixed: it passes" : "it passes");
      return all_passed;
    case result::Verdict::fail:
      fmt::print("{}\n", found->failed ? "still fails" : "it fails");
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
  add_options(*command, arguments->judging);
  command->add_option("--spec", arguments->specs, "Spec files");
  command->add_option("--profile", arguments->profile, "Name or file")->capture_default_str();
  command->footer(
      "Example:\n  atspec replay build/quickstart/result.json#QFTPSIZE-05/1a2b3c4d --target serial:/dev/ttyUSB2");
  command->callback([arguments, &status] { status = replay(*arguments); });
}

}  // namespace atspec::tools
