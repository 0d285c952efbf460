#include "tools/atspec/run_arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "harness/scenario/words.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {

void add_options(CLI::App& command, RunArguments& a) {
  add_options(command, a.bed);
  add_options(command, a.judging);
  command.add_option("--spec", a.specs, "Spec files (default: the FTP(S) manual that came with the program)");
  command.add_option("--profile", a.profile, "Name or file: which readings are preferred")->capture_default_str();
  command.add_option("--filter", a.filters, "Only cases whose id, clause or command matches this pattern (* and ?)");
  command.add_option("--exclude", a.excludes, "Without those that match");
  command.add_option("--with", a.with, "STATE=VALUE: cases begin in this state as well, such as cfg.transmode=0");
  command.add_option("--tier", a.tier, "quick: without cases that take seconds; full: all")
      ->check(CLI::IsMember({"quick", "full"}))
      ->capture_default_str();
  command.add_option("--budget", a.budget,
                     "No more cases than fit into this time: the most valuable ones; none begins once it is used up");
  command.add_option("--shard", a.shard, "PART/OF: only every so manieth case");
  command.add_flag("--list", a.list, "Print the cases (their titles on stderr), run nothing");
  command.add_flag("--dry-run", a.dry_run, "Print each case with its set-up as scenario text, run nothing");
  command.add_option("--seed", a.judging.seed, "Seed of whatever is random")->capture_default_str();
  command
      .add_option(
          "--cases,--sequences", a.sequences,
          "So many random sequences of commands behind the other cases (default: 2000 in simulation, 50 on a device)")
      ->check(CLI::Range(0, 1'000'000));
  command
      .add_option(
          "--shrink", a.shrink,
          "Of a failed sequence the smallest is sought that fails as well, in so many tries; 0: not (default: 1000 "
          "in simulation, 60 on a device)")
      ->check(CLI::Range(0, 1'000'000));
  command
      .add_option(
          "--pairwise,--strength", a.strength,
          "Of the modes (echo, ATV, CMEE, active, TLS, …) sequences are in, every so many are combined: 2, every pair")
      ->check(CLI::Range(0, 6))
      ->capture_default_str();
  command.add_flag("--lenient", a.lenient, "Accept every reading the manual allows (default)");
  command.add_option("--out", a.out, "Folder for the journal and result.json; an earlier journal is kept aside in it");
  command.add_flag("--resume", a.resume,
                   "Go on with the run in --out, of the same target, device, spec, profile, mode, tier, seed, "
                   "sequences and --with");
  command.add_option("--json", a.json, "Write the result here");
  command.add_option("--junit", a.junit, "Write JUnit XML here");
  command.add_option("--html", a.html, "Write the report here");
  command.add_option("--ledger", a.ledger, "Write the clause ledger here, as CSV: which cases prove which clause");
  command
      .add_option("--retries", a.retries, "Try what fails so many times more; what then differs is flaky, never passed")
      ->check(CLI::Range(0, 100));
  command.add_option("--waivers", a.waivers,
                     "File of known deviations: the run fails on what is not in it, and on what is and is not so");
  command.add_flag("--update-waivers", a.update_waivers, "Rewrite that file to fit what this run shows");
  command.add_flag("--no-redact", a.judging.show_secrets, "Leave passwords readable in every output");
  command.add_flag("--quiet", a.quiet, "Only errors");
  command.add_flag("--verbose", a.verbose, "A line per case, and the clauses left out for time by name");
}

std::optional<std::pair<std::size_t, std::size_t>> parse_shard(const std::string& text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto number = scenario::parse_number(text.substr(0, slash), 1000);
  const auto of = scenario::parse_number(text.substr(std::min(slash + 1, text.size())), 1000);
  if (!number || !of || *number == 0 || *number > *of) return std::nullopt;
  return std::pair(static_cast<std::size_t>(*number), static_cast<std::size_t>(*of));
}

std::expected<std::map<std::string, std::string>, std::string> parse_states(const std::vector<std::string>& texts,
                                                                            const spec::Spec& spec) {
  std::map<std::string, std::string> out;
  for (const auto& text : texts) {
    const auto equals = std::min(text.find('='), text.size());
    const std::string name = text.substr(0, equals), value = text.substr(std::min(equals + 1, text.size()));
    const auto* state = spec.state(name);
    if (equals == text.size() || state == nullptr)
      return std::unexpected(fmt::format("--with {}: want STATE=VALUE, with a state of the spec", text));
    const auto& values = state->values;
    if (!values.empty() && std::find(values.begin(), values.end(), value) == values.end())
      return std::unexpected(fmt::format("--with {}: {} is one of {}", text, name, fmt::join(values, ", ")));
    out.insert_or_assign(name, value);
  }
  return out;
}

std::expected<std::optional<io::Duration>, std::string> parse_budget(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto length = io::parse_duration(text);
  if (!length) return std::unexpected(fmt::format("--budget {}: want a time like 90s", text));
  return length;
}

int read_waivers(const RunArguments& arguments, std::optional<run::Waivers>& out) {
  const bool update = arguments.update_waivers;
  if (update && arguments.waivers.empty()) {
    complain("--update-waivers needs --waivers, the file to write");
    return bad_usage;
  }
  const bool chosen = !arguments.filters.empty() || !arguments.excludes.empty() || !arguments.shard.empty() ||
                      !arguments.budget.empty();
  if (update && (chosen || arguments.tier != "full")) {
    complain("--update-waivers wants all cases: --tier full, and no --filter, --exclude, --shard or --budget");
    return bad_usage;
  }
  if (arguments.waivers.empty()) return all_passed;
  const bool there = std::filesystem::exists(arguments.waivers);
  const auto text = there || !update ? read_file(arguments.waivers) : std::expected<std::string, std::string>("");
  if (!text) {
    complain(text.error());
    return bad_usage;
  }
  auto waivers = run::parse_waivers(*text, arguments.waivers);
  if (!waivers) {
    complain(waivers.error());
    return bad_usage;
  }
  out = std::move(*waivers);
  return all_passed;
}

}  // namespace atspec::tools
