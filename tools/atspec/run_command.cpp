// `atspec run`: specs to cases, cases on a target, results to files. Everything that matters happens in harness/;
// this file turns options into values and values into exit statuses.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <expected>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/generate/generate.hpp"
#include "harness/generate/sequence.hpp"
#include "harness/report/report.hpp"
#include "harness/result/json.hpp"
#include "harness/run/config.hpp"
#include "harness/run/select.hpp"
#include "harness/run/shrink.hpp"
#include "harness/run/suite.hpp"
#include "harness/run/waivers.hpp"
#include "harness/scenario/text.hpp"
#include "harness/scenario/words.hpp"
#include "harness/spec/load.hpp"
#include "harness/target/bench_sim.hpp"
#include "harness/target/open.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/manual.hpp"
#include "tools/atspec/output.hpp"
#include "tools/atspec/test_bed.hpp"

namespace atspec::tools {
namespace {

struct Arguments {
  TestBed bed;
  std::string reference;
  std::vector<std::string> specs;
  std::string profile = "manual";
  std::vector<std::string> filters, excludes, with;
  std::string tier = "quick";
  bool list = false, dry_run = false, strict = false, lenient = false, resume = false, quiet = false, verbose = false,
       show_secrets = false, update_waivers = false;
  std::uint64_t seed = 1;
  unsigned retries = 0, strength = 2;
  std::optional<std::size_t> sequences, shrink;
  std::string budget, shard;
  std::string out, json, junit, html, ledger, waivers;
};

std::atomic<bool> stop_requested{false};

void request_stop(int signal) {
  if (stop_requested.exchange(true)) {
    // asked twice: leave at once, the journal is complete up to the last case
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

/// As it was typed, but for passwords in URLs, from the kernel's copy.
std::string own_command_line() {
  auto bytes = read_file("/proc/self/cmdline").value_or("");
  for (char& c : bytes) {
    if (c == '\0') c = ' ';
  }
  for (auto at = bytes.find("://"); at != std::string::npos; at = bytes.find("://", at + 3)) {
    const auto end = std::min(bytes.find_first_of(" /", at + 3), bytes.size());
    const auto sign = bytes.substr(at + 3, end - at - 3).rfind('@');
    const auto colon = bytes.substr(at + 3, end - at - 3).find(':');
    if (sign != std::string::npos && colon < sign) bytes.replace(at + 4 + colon, sign - colon - 1, "***");
  }
  while (bytes.ends_with(' ')) bytes.pop_back();
  return bytes;
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::now())); }

/// "2/3"
std::optional<std::pair<std::size_t, std::size_t>> parse_shard(const std::string& text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto number = scenario::parse_number(text.substr(0, slash), 1000);
  const auto of = scenario::parse_number(text.substr(std::min(slash + 1, text.size())), 1000);
  if (!number || !of || *number == 0 || *number > *of) return std::nullopt;
  return std::pair(static_cast<std::size_t>(*number), static_cast<std::size_t>(*of));
}

void print_list(const run::Selection& selection) {
  for (const auto& one : selection.cases)
    fmt::print("{:<40} {:>6}  {}\n", one.id, io::format_duration(scenario::estimate(one)), one.purpose);
  fmt::print("{} cases", selection.cases.size());
  if (selection.left_out_cases > 0)
    fmt::print("; {} left out for time (--tier full, or more --budget, takes them)", selection.left_out_cases);
  fmt::print("\n");
}

int dry_run(const run::Selection& selection, const Manual& manual) {
  generate::Planner planner(manual.spec);
  for (const auto& one : selection.cases) {
    const auto full = planner.materialise(one, generate::initial_states(manual.spec));
    if (!full) {
      complain(fmt::format("{}: {}", one.id, full.error()));
      return harness_error;
    }
    fmt::print("{}\n", scenario::to_text(*full));
  }
  return all_passed;
}

/// Every file that was asked for; the others are still written where one fails.
bool write_results(const Arguments& arguments, const result::Result& result) {
  bool good = true;
  const auto write = [&](const std::string& path, auto render) {
    if (path.empty()) return;
    if (const auto written = write_file(path, render(result)); !written) {
      complain(written.error());
      good = false;
    }
  };
  if (!arguments.out.empty()) write(arguments.out + "/result.json", result::to_json);
  write(arguments.json, result::to_json);
  write(arguments.junit, report::junit);
  write(arguments.html, report::html);
  write(arguments.ledger, report::ledger);
  return good;
}

/// How a case that failed is run again, with ID for its id; empty where no file keeps it.
std::string replay_command(const Arguments& arguments) {
  const std::string file = arguments.out.empty() ? arguments.json : arguments.out + "/result.json";
  if (file.empty()) return {};
  std::string out = fmt::format("atspec replay {}#ID", file);
  if (arguments.bed.target != "sim:") out += fmt::format(" --target '{}'", arguments.bed.target);
  for (const auto& spec : arguments.specs) out += " --spec " + spec;
  if (arguments.profile != "manual") out += " --profile " + arguments.profile;
  if (arguments.strict) out += " --strict";
  if (!arguments.bed.peer.observed.empty()) out += " --ftp URL";
  if (!arguments.bed.peer.advertise.empty()) out += " --ftpd-advertise " + arguments.bed.peer.advertise;
  return out;
}

int status_of(const result::Result& result, run::SuiteEnd end, bool written) {
  switch (end.why) {
    case run::SuiteEnd::Why::journal_failed:
      return harness_error;
    case run::SuiteEnd::Why::target_lost:
      return lost;
    case run::SuiteEnd::Why::interrupted:
      return interrupted;
    case run::SuiteEnd::Why::finished:
      break;
  }
  if (!written) return harness_error;
  const result::Totals totals = result.totals();
  if (totals.error > 0) return lost;
  if (totals.fail + totals.inconc + totals.flaky > 0 || !result.complaints.empty()) return some_failed;
  return totals.pass + totals.waived > 0 ? all_passed : bad_usage;
}

/// What a case is run on as well: where nothing was asked for, the reference in simulation, unless that is the target.
struct Oracle {
  std::string url;  ///< empty: there is none
  std::unique_ptr<target::Bench> bench;
  std::optional<run::Runner> runner;
};

run::Options runner_options(const Arguments& arguments, const Manual& manual) {
  run::Options out;
  out.mode = arguments.strict ? judge::Mode::strict : judge::Mode::lenient;
  out.preferred = judge::preferred_readings(manual.spec, manual.profile);
  if (arguments.show_secrets) out.secrets.clear();
  return out;
}

int open_oracle(const Arguments& arguments, const Manual& manual, bool simulated, Oracle& out) {
  out.url = arguments.reference.empty() ? (simulated ? "none" : "sim:") : arguments.reference;
  if (out.url == "none") {
    out.url.clear();
    return all_passed;
  }
  const auto url = target::parse_url(out.url);
  if (!url) {
    complain("--reference: " + url.error());
    return bad_usage;
  }
  const auto config = reference_config(manual, *url);
  if (!config) {
    complain("--reference: " + config.error());
    return bad_usage;
  }
  if (url->scheme == "sim") {
    out.bench = target::sim_bench(*config, arguments.seed, false);
  } else {
    auto opened = target::open(*url, arguments.bed.peer, *config, arguments.seed);
    if (!opened) {
      complain("--reference: " + opened.error().message);
      return opened.error().exit_status;
    }
    out.bench = *std::move(opened);
  }
  auto options = runner_options(arguments, manual);
  options.answers = true;
  options.reference = url->scheme == "sim" ? config->initial : run::given(manual.spec, manual.profile);
  out.runner.emplace(manual.spec, *out.bench, options);
  return all_passed;
}

/// Random cases that failed are made small; interrupted, they stay as they are. What the reference does wrong as well
/// is found out without the device.
void shrink_failures(const Arguments& arguments, const Manual& manual, bool virtual_clock,
                     const std::map<std::string, std::string>& modes, run::Runner& runner, run::Runner* reference,
                     result::Result& result) {
  constexpr std::size_t in_simulation = 1000, on_a_device = 60, most_cases = 5;
  run::ShrinkOptions options;
  options.tries = arguments.shrink.value_or(virtual_clock ? in_simulation : on_a_device);
  if (options.tries == 0) return;
  options.dress = [&](scenario::Scenario& one) { run::begin_with(one, modes); };
  std::map<std::string, result::CaseResult*> failed;
  for (auto& one : result.cases) {
    if (one.verdict == result::Verdict::fail && failed.size() < most_cases) failed[one.id] = &one;
  }
  std::erase_if(failed, [](const auto& one) { return !one.first.starts_with("SEQ/"); });
  const generate::Sequences sequences(manual.spec, arguments.seed, arguments.strength);
  for (std::size_t i = 0; i < arguments.sequences.value_or(0) && !failed.empty() && !stop_requested; ++i) {
    const auto found = failed.find(sequences.at(i).id);
    if (found == failed.end()) continue;
    if (!arguments.quiet) fmt::print(stderr, "looking for the smallest scenario that fails as {} does\n", found->first);
    if (const auto done = run::shrink(sequences, i, runner, reference, options, *found->second); !done) {
      complain(done.error().reason);
      return;
    }
    failed.erase(found);
  }
}

std::string day(std::chrono::system_clock::time_point at) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

/// Rewrites the file of waivers so that this very result would be as it expects. False where that cannot be.
bool update_waivers(const Arguments& arguments, const run::Waivers& waivers, const result::Result& result) {
  if (!result.stopped.empty()) {
    complain(fmt::format("{} stays as it is: the run ended early", arguments.waivers));
    return false;
  }
  constexpr auto term = std::chrono::days(90);
  const char* user = std::getenv("USER");
  const auto text = run::updated(waivers, result, user == nullptr || *user == 0 ? "nobody" : user,
                                 day(std::chrono::system_clock::now() + term));
  const auto written = write_file(arguments.waivers, text);
  if (!written) complain(written.error());
  return written.has_value();
}

int carry_out(const Arguments& arguments, const Manual& manual, const run::Selection& selection,
              const std::vector<std::string>& known, const std::map<std::string, std::string>& modes,
              const std::optional<run::Waivers>& waivers, const target::Url& url, const std::string& command_line) {
  const auto reference = reference_config(manual, url);
  if (!reference) {
    complain(reference.error());
    return bad_usage;
  }
  std::vector<result::CaseResult> done;
  std::optional<run::Journal> journal;
  if (!arguments.out.empty()) {
    auto opened = run::Journal::open(arguments.out, arguments.resume, done);
    if (!opened) {
      complain(opened.error());
      return harness_error;
    }
    journal.emplace(*std::move(opened));
  }
  auto bench = target::open(url, arguments.bed.peer, *reference, arguments.seed);
  if (!bench) {
    complain(bench.error().message);
    return bench.error().exit_status;
  }
  Oracle oracle;
  if (const auto status = open_oracle(arguments, manual, url.scheme == "sim", oracle); status != all_passed)
    return status;
  auto options = runner_options(arguments, manual);
  if (oracle.runner) options.oracle = &*oracle.runner;
  options.reference = url.scheme == "sim" ? reference->initial : run::given(manual.spec, manual.profile);
  run::Runner runner(manual.spec, **bench, options);

  result::Result result;
  result.tool_version = ATSPEC_VERSION;
  result.spec_name = manual.spec.name;
  result.spec_title = manual.spec.title;
  result.spec_revision = manual.spec.revision;
  result.profile = manual.profile.name;
  result.mode = arguments.strict ? "strict" : "lenient";
  result.target = url.text;
  result.reference = oracle.url;
  result.device = runner.identify();
  result.peer = fmt::format("{} at {}", scenario::to_string((*bench)->peer_level()),
                            (*bench)->tokens().contains("ftp.host") ? (*bench)->tokens().at("ftp.host") : "-");
  result.command_line = command_line;
  result.tier = arguments.tier;
  result.seed = arguments.seed;
  result.started = utc_now();
  result.planned = static_cast<std::uint32_t>(selection.cases.size());
  result.left_out = selection.left_out;
  result.clauses = run::ledger_of(manual.spec);

  if (!done.empty() && !arguments.quiet) fmt::print(stderr, "resuming: {} cases are already done\n", done.size());
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  const auto begun = std::chrono::steady_clock::now();
  run::SuiteEnd end;
  {
    Progress progress(selection.cases.size(), arguments.quiet || arguments.verbose);
    std::size_t failed = 0;
    end = run::run_suite(
        runner, selection.cases, std::move(done), journal ? &*journal : nullptr,
        [&](const result::CaseResult& one, std::size_t number) {
          if (one.verdict != result::Verdict::pass && one.verdict != result::Verdict::none) ++failed;
          if (arguments.verbose) fmt::print(stderr, "{:<6} {}  {}\n", to_string(one.verdict), one.id, one.purpose);
          progress.update(number, failed, one.id);
        },
        stop_requested, result, arguments.retries);
  }
  result.wall_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun).count();
  if (waivers) run::apply(*waivers, day(std::chrono::system_clock::now()), known, result);
  if (end.why == run::SuiteEnd::Why::finished)
    shrink_failures(arguments, manual, (*bench)->virtual_clock(), modes, runner, options.oracle, result);
  bool written = write_results(arguments, result);
  if (arguments.update_waivers) written &= update_waivers(arguments, *waivers, result);
  if (!arguments.quiet) {
    fmt::print("{}", report::summary(result, replay_command(arguments)));
    if (result.totals().fail > 0 && replay_command(arguments).empty())
      fmt::print("--out DIR keeps what failed, for atspec replay DIR/result.json#ID\n");
    if (!arguments.html.empty() && written) fmt::print("report: {}\n", arguments.html);
    if (!result.stopped.empty() && !arguments.out.empty())
      fmt::print("what was finished is kept in {}; the same command with --resume goes on\n", arguments.out);
  }
  return status_of(result, end, written);
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

/// A file that does not exist is an empty one where it is to be written.
int read_waivers(const Arguments& arguments, std::optional<run::Waivers>& out) {
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

int run_command(Arguments& arguments, const std::string& command_line) {
  if (arguments.strict && arguments.lenient) {
    complain("--strict and --lenient exclude each other");
    return bad_usage;
  }
  if (arguments.resume && arguments.out.empty()) {
    complain("--resume needs --out, the folder of the run to go on with");
    return bad_usage;
  }
  const auto url = located(arguments.bed);
  if (!url) return bad_usage;
  const auto manual = load_manual(arguments.specs, arguments.profile);
  if (!manual) return bad_usage;

  generate::Options generator;
  generator.seed = arguments.seed;
  // each takes a device seconds
  constexpr std::size_t in_simulation = 2000, on_a_device = 50;
  if (!arguments.sequences) arguments.sequences = url->scheme == "sim" ? in_simulation : on_a_device;
  generator.sequences = *arguments.sequences;
  generator.strength = arguments.strength;
  const auto modes = parse_states(arguments.with, manual->spec);
  if (!modes) {
    complain(modes.error());
    return bad_usage;
  }
  std::optional<run::Waivers> waivers;
  if (const auto status = read_waivers(arguments, waivers); status != all_passed) return status;
  auto cases = generate::cases(manual->spec, generator);
  std::vector<std::string> known;
  for (const auto& one : cases) known.push_back(one.id);
  auto selection = run::select(std::move(cases), arguments.filters, arguments.excludes,
                               arguments.tier == "full" ? run::Tier::full : run::Tier::quick);
  if (!arguments.shard.empty()) {
    const auto part = parse_shard(arguments.shard);
    if (!part) {
      complain(fmt::format("--shard {}: want a part and how many there are, like 2/3", arguments.shard));
      return bad_usage;
    }
    selection = run::shard(std::move(selection), part->first, part->second);
  }
  if (!arguments.budget.empty()) {
    const auto budget = io::parse_duration(arguments.budget);
    if (!budget) {
      complain(fmt::format("--budget {}: want a time like 90s", arguments.budget));
      return bad_usage;
    }
    selection = run::within(std::move(selection), *budget);
  }
  for (auto& one : selection.cases) run::begin_with(one, *modes);
  if (selection.cases.empty()) {
    complain("no case is left to run: --list without --filter shows what there is");
    return bad_usage;
  }
  if (arguments.list) {
    print_list(selection);
    return all_passed;
  }
  if (arguments.dry_run) return dry_run(selection, *manual);
  return carry_out(arguments, *manual, selection, known, *modes, waivers, *url, command_line);
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("run", "Run the generated cases against a target and judge it by the manual");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  add_options(*command, a.bed);
  command->add_option("--reference", a.reference,
                      "What every case is run on as well, and its answers compared: a target or none (default: sim:, "
                      "the reference in simulation; for the target sim: none)");
  command->add_option("--spec", a.specs, "Spec files (default: the FTP(S) manual that came with the program)");
  command->add_option("--profile", a.profile, "Name or file: which readings are preferred")->capture_default_str();
  command->add_option("--filter", a.filters, "Only cases whose id, clause or command matches this pattern (* and ?)");
  command->add_option("--exclude", a.excludes, "Without those that match");
  command->add_option("--with", a.with, "STATE=VALUE: cases begin in this state as well, such as cfg.transmode=0");
  command->add_option("--tier", a.tier, "quick: without cases that take seconds; full: all")
      ->check(CLI::IsMember({"quick", "full"}))
      ->capture_default_str();
  command->add_option("--budget", a.budget, "No more cases than fit into this time: the most valuable ones");
  command->add_option("--shard", a.shard, "PART/OF: only every so manieth case");
  command->add_flag("--list", a.list, "Print the cases, run nothing");
  command->add_flag("--dry-run", a.dry_run, "Print each case with its set-up as scenario text, run nothing");
  command->add_option("--seed", a.seed, "Seed of whatever is random")->capture_default_str();
  command
      ->add_option(
          "--cases,--sequences", a.sequences,
          "So many random sequences of commands behind the other cases (default: 2000 in simulation, 50 on a device)")
      ->check(CLI::Range(0, 1'000'000));
  command
      ->add_option(
          "--shrink", a.shrink,
          "Of a failed sequence the smallest is sought that fails as well, in so many tries; 0: not (default: 1000 "
          "in simulation, 60 on a device)")
      ->check(CLI::Range(0, 1'000'000));
  command
      ->add_option(
          "--pairwise,--strength", a.strength,
          "Of the modes (echo, ATV, CMEE, active, TLS, …) sequences are in, every so many are combined: 2, every pair")
      ->check(CLI::Range(0, 6))
      ->capture_default_str();
  command->add_flag("--strict", a.strict, "Accept the preferred readings only");
  command->add_flag("--lenient", a.lenient, "Accept every reading the manual allows (default)");
  command->add_option("--out", a.out, "Folder for the journal and result.json");
  command->add_flag("--resume", a.resume, "Go on with the run in --out");
  command->add_option("--json", a.json, "Write the result here");
  command->add_option("--junit", a.junit, "Write JUnit XML here");
  command->add_option("--html", a.html, "Write the report here");
  command->add_option("--ledger", a.ledger, "Write the clause ledger here, as CSV: which cases prove which clause");
  command
      ->add_option("--retries", a.retries,
                   "Try what fails so many times more; what then differs is flaky, never passed")
      ->check(CLI::Range(0, 100));
  command->add_option("--waivers", a.waivers,
                      "File of known deviations: the run fails on what is not in it, and on what is and is not so");
  command->add_flag("--update-waivers", a.update_waivers, "Rewrite that file to fit what this run shows");
  command->add_flag("--no-redact", a.show_secrets, "Leave passwords readable in every output");
  command->add_flag("--quiet", a.quiet, "Only errors");
  command->add_flag("--verbose", a.verbose, "A line per case");
  command->footer(
      "Examples:\n"
      "  atspec run --html report.html\n"
      "  atspec run --target 'serial:/dev/ttyUSB2?baud=115200' --ftp ftp://user:password@192.0.2.7/atspec/ --out "
      "today\n"
      "  atspec run --filter '+QFTPSIZE' --list\n"
      "  atspec run --target serial:/dev/ttyUSB2 --budget 90s\n"
      "  atspec run --tier full --waivers known.txt --update-waivers\n"
      "  atspec run --target 'sim:?mutant=specs/mutants/ftp.xml#missing-file-601'");
  command->callback([arguments, &status] { status = run_command(*arguments, own_command_line()); });
}

}  // namespace atspec::tools
