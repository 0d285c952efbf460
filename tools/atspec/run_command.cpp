// `atspec run`: specs to cases, cases on a target, results to files. Everything that matters happens in harness/;
// this file turns options into values and values into exit statuses.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/generate/generate.hpp"
#include "harness/generate/sequence.hpp"
#include "harness/report/report.hpp"
#include "harness/report/text.hpp"
#include "harness/result/json.hpp"
#include "harness/run/select.hpp"
#include "harness/run/shrink.hpp"
#include "harness/run/suite.hpp"
#include "harness/run/waivers.hpp"
#include "harness/scenario/text.hpp"
#include "harness/scenario/words.hpp"
#include "harness/spec/load.hpp"
#include "harness/target/open.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/manual.hpp"
#include "tools/atspec/oracles.hpp"
#include "tools/atspec/output.hpp"
#include "tools/atspec/run_arguments.hpp"

namespace atspec::tools {
namespace {

run::Stop stop;
std::atomic<bool> on_terminal{false};  // there may be a bar on the line

/// Nothing but what a signal handler may do.
void request_stop(int signal) {
  const auto say = [](std::string_view words) {
    if (!on_terminal) words.remove_prefix(1);
    if (::write(STDERR_FILENO, words.data(), words.size()) < 0) return;  // nobody reads it
  };
  if (!stop.after_case.exchange(true)) {
    say("\nstopping after this case; press Ctrl-C again to stop at once\n");
  } else if (!stop.at_once.exchange(true)) {
    say("\nstopping at once\n");
  } else {
    // a device that takes no bytes, or a slow disk: the journal is complete up to the last case
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

/// A --budget, from now on.
class Budget {
 public:
  explicit Budget(std::optional<io::Duration> length) : length_(length) {}
  bool used_up() const { return length_ && std::chrono::steady_clock::now() - begun_ >= *length_; }

 private:
  std::optional<io::Duration> length_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

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

void print_list(const run::Selection& selection) {
  std::fflush(stdout);
  fmt::print(stderr, "{:<40} {:>6}  {}\n", "CASE", "TIME", "PURPOSE");
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
bool write_results(const RunArguments& arguments, const result::Result& result) {
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
std::string replay_command(const RunArguments& arguments) {
  const std::string file = arguments.out.empty() ? arguments.json : arguments.out + "/result.json";
  if (file.empty()) return {};
  std::string out = fmt::format("atspec replay {}#ID", file);
  if (arguments.bed.target != "sim:") out += fmt::format(" --target '{}'", arguments.bed.target);
  for (const auto& spec : arguments.specs) out += " --spec " + spec;
  if (arguments.profile != "manual") out += " --profile " + arguments.profile;
  if (!arguments.judging.reference.empty()) out += fmt::format(" --reference '{}'", arguments.judging.reference);
  if (arguments.judging.strict) out += " --strict";
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
    case run::SuiteEnd::Why::out_of_time:
    case run::SuiteEnd::Why::finished:
      break;
  }
  if (!written) return harness_error;
  const result::Totals totals = result.totals();
  if (totals.error > 0) return lost;
  if (totals.fail + totals.inconc + totals.flaky > 0 || !result.complaints.empty()) return some_failed;
  return totals.pass + totals.waived > 0 ? all_passed : bad_usage;
}

/// Random cases that failed and are not known to are made small, the first few; interrupted or out of time, they stay
/// as they are. What the reference does wrong as well is found out without the device.
void shrink_failures(const RunArguments& arguments, const Manual& manual,
                     const std::map<std::string, std::string>& modes, const Budget& budget, Benches& benches,
                     result::Result& result) {
  constexpr std::size_t in_simulation = 1000, on_a_device = 60, most_cases = 5;
  run::ShrinkOptions options;
  options.tries = arguments.shrink.value_or(benches.device->virtual_clock() ? in_simulation : on_a_device);
  if (options.tries == 0) return;
  options.enough = [&] { return stop.after_case || budget.used_up(); };
  options.dress = [&](scenario::Scenario& one) { run::begin_with(one, modes, manual.spec); };
  std::map<std::string, result::CaseResult*> failed;
  for (auto& one : result.cases) {
    const bool wanted = one.id.starts_with("SEQ/") && one.verdict == result::Verdict::fail && one.waived.empty();
    if (wanted && failed.size() < most_cases) failed[one.id] = &one;
  }
  const generate::Sequences sequences(manual.spec, arguments.judging.seed, arguments.strength);
  for (std::size_t i = 0; i < arguments.sequences.value_or(0) && !failed.empty() && !options.enough(); ++i) {
    const auto found = failed.find(sequences.at(i).id);
    if (found == failed.end()) continue;
    if (!arguments.quiet) fmt::print(stderr, "looking for the smallest scenario that fails as {} does\n", found->first);
    if (const auto done = run::shrink(sequences, i, *benches.runner, benches.oracle(), options, *found->second);
        !done) {
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
bool update_waivers(const RunArguments& arguments, const run::Waivers& waivers, const result::Result& result) {
  if (!report::ended_early(result).empty()) {
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

/// Of all files the spec is from.
std::string digest(const spec::Spec& spec) {
  std::string all;
  for (const auto& file : spec.files) all += read_file(file).value_or("");
  return io::hash_hex(all);
}

/// What is known before the first case.
result::Result begun(const RunArguments& arguments, const Manual& manual, const run::Selection& selection,
                     const target::Url& url, const std::string& command_line, Benches& benches) {
  result::Result out;
  out.tool_version = ATSPEC_VERSION;
  out.spec_name = manual.spec.name;
  out.spec_title = manual.spec.title;
  out.spec_revision = manual.spec.revision;
  out.profile = manual.profile.name;
  out.mode = arguments.judging.strict ? "strict" : "lenient";
  out.target = url.text;
  out.reference = benches.reference_url;
  out.device = benches.runner->identify();
  const auto& tokens = benches.device->tokens();
  out.peer = fmt::format("{} at {}", scenario::to_string(benches.device->peer_level()),
                         tokens.contains("ftp.host") ? tokens.at("ftp.host") : "-");
  out.command_line = command_line;
  out.tier = arguments.tier;
  out.seed = arguments.judging.seed;
  out.started = utc_now();
  out.planned = static_cast<std::uint32_t>(selection.cases.size());
  out.left_out_cases = static_cast<std::uint32_t>(selection.left_out_cases);
  out.left_out = selection.left_out;
  out.clauses = run::ledger_of(manual.spec);
  out.sources = run::sources_of(manual.spec);
  return out;
}

/// What a run that goes on with this one must have in common.
run::JournalHeader header_of(const RunArguments& arguments, const Manual& manual,
                             const std::map<std::string, std::string>& modes, const result::Result& result) {
  std::string with;
  for (const auto& [state, value] : modes) with += fmt::format("{}{}={}", with.empty() ? "" : " ", state, value);
  return {{{"target", result.target},
           {"device", result.device},
           {"profile", result.profile},
           {"mode", result.mode},
           {"tier", result.tier},
           {"seed", std::to_string(result.seed)},
           {"sequences", std::to_string(arguments.sequences.value_or(0))},
           {"pairwise", std::to_string(arguments.strength)},
           {"with", with.empty() ? "nothing" : with},
           {"spec", fmt::format("{} {} ({})", result.spec_name, result.spec_revision, digest(manual.spec))}},
          result};
}

/// The journal in --out, with what it has of this run in `done`. Gives all_passed, or the exit status where it cannot
/// be had: that was said then.
int open_journal(const RunArguments& arguments, const run::JournalHeader& header, std::vector<result::CaseResult>& done,
                 std::optional<run::Journal>& journal) {
  const std::string path = run::journal_in(arguments.out);
  std::optional<run::Recorded> keep;
  if (arguments.resume) {
    auto read = run::read_journal(path);
    if (!read) {
      complain(report::safe_text(read.error()));
      return harness_error;
    }
    keep = *std::move(read);
    const std::string otherwise = "without --resume it is kept aside and a new run begins";
    if (!keep->header && !keep->cases.empty()) {
      complain(fmt::format("--resume: {} does not say what it was run with (an older atspec wrote it); {}", path,
                           otherwise));
      return bad_usage;
    }
    if (const auto other = keep->header ? run::differences(*keep->header, header) : ""; !other.empty()) {
      complain(report::safe_text(fmt::format("--resume: {} is of another run: {}; {}", path, other, otherwise)));
      return bad_usage;
    }
    if (!keep->header && !arguments.quiet)
      complain(fmt::format("--resume: {}: the run begins anew",
                           std::filesystem::exists(path) ? path + " has no finished case" : "there is no " + path));
    done = std::move(keep->cases);
  }
  auto opened = run::Journal::open(arguments.out, keep, header);
  if (!opened) {
    complain(opened.error());
    return harness_error;
  }
  if (!opened->aside().empty() && !arguments.quiet)
    complain(fmt::format("the journal of the earlier run is kept in {}", opened->aside()));
  journal.emplace(*std::move(opened));
  return all_passed;
}

bool is_failure(const result::CaseResult& one) {
  return one.verdict != result::Verdict::pass && one.verdict != result::Verdict::none;
}

/// Runs what is not done, into `result`.
run::SuiteEnd run_cases(const RunArguments& arguments, const run::Selection& selection, const Budget& budget,
                        std::vector<result::CaseResult> done, run::Journal* journal, Benches& benches,
                        result::Result& result) {
  std::set<std::string> chosen;
  for (const auto& one : selection.cases) chosen.insert(one.id);
  std::erase_if(done, [&](const result::CaseResult& one) { return !chosen.contains(one.id); });
  auto failed = static_cast<std::size_t>(std::count_if(done.begin(), done.end(), is_failure));
  if (!done.empty() && !arguments.quiet)
    fmt::print(stderr, "resuming: {} cases are already done, {} of them failed\n", done.size(), failed);
  Progress progress(selection.cases.size(), arguments.quiet || arguments.verbose);
  const auto told = [&](const result::CaseResult& one, std::size_t number) {
    if (is_failure(one)) ++failed;
    if (arguments.verbose) fmt::print(stderr, "{:<6} {}  {}\n", to_string(one.verdict), one.id, one.purpose);
    progress.update(number, failed, one.id);
  };
  const run::SuiteOptions options{arguments.retries, [&] { return budget.used_up(); }};
  const auto end =
      run::run_suite(*benches.runner, selection.cases, std::move(done), journal, told, stop, result, options);
  if (end.why == run::SuiteEnd::Why::out_of_time)
    result.out_of_time = fmt::format("the budget of {} is used up", arguments.budget);
  return end;
}

void print_summary(const RunArguments& arguments, const result::Result& result, bool written) {
  report::SummaryOptions options;
  options.replay = replay_command(arguments);
  options.resumable = !arguments.out.empty();
  options.verbose = arguments.verbose;
  if (result.totals().fail > 0 && options.replay.empty())
    options.notes.emplace_back("--out DIR keeps what failed, for atspec replay DIR/result.json#ID");
  if (!arguments.html.empty() && written) options.notes.push_back("report: " + arguments.html);
  fmt::print("{}", report::summary(result, options));
}

int carry_out(const RunArguments& arguments, const Manual& manual, const run::Selection& selection,
              const std::vector<std::string>& known, const std::map<std::string, std::string>& modes,
              const std::optional<run::Waivers>& waivers, const target::Url& url,
              std::optional<io::Duration> budget_length, const std::string& command_line) {
  const Budget budget(budget_length);
  Benches benches;
  if (const auto status = open(manual, url, arguments.bed.peer, arguments.judging, benches, &stop.at_once);
      status != all_passed)
    return status;
  result::Result result = begun(arguments, manual, selection, url, command_line, benches);
  std::vector<result::CaseResult> done;
  std::optional<run::Journal> journal;
  if (!arguments.out.empty()) {
    const auto header = header_of(arguments, manual, modes, result);
    if (const auto status = open_journal(arguments, header, done, journal); status != all_passed) return status;
  }
  on_terminal = ::isatty(STDERR_FILENO) == 1;
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
  const auto began = std::chrono::steady_clock::now();
  const auto end =
      run_cases(arguments, selection, budget, std::move(done), journal ? &*journal : nullptr, benches, result);
  result.wall_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
  if (waivers) run::apply(*waivers, day(std::chrono::system_clock::now()), known, result);
  if (end.why == run::SuiteEnd::Why::finished) shrink_failures(arguments, manual, modes, budget, benches, result);
  bool written = write_results(arguments, result);
  if (arguments.update_waivers) written &= update_waivers(arguments, *waivers, result);
  if (!arguments.quiet) print_summary(arguments, result, written);
  return status_of(result, end, written);
}

int run_command(RunArguments& arguments, const std::string& command_line) {
  const auto length = parse_budget(arguments.budget);
  if (!length) {
    complain(length.error());
    return bad_usage;
  }
  if (arguments.judging.strict && arguments.lenient) {
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
  generator.seed = arguments.judging.seed;
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
  if (*length) selection = run::within(std::move(selection), **length);
  for (auto& one : selection.cases) run::begin_with(one, *modes, manual->spec);
  if (selection.cases.empty()) {
    complain("no case is left to run: --list without --filter shows what there is");
    return bad_usage;
  }
  if (arguments.list) {
    print_list(selection);
    return all_passed;
  }
  if (arguments.dry_run) return dry_run(selection, *manual);
  return carry_out(arguments, *manual, selection, known, *modes, waivers, *url, *length, command_line);
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("run", "Run the generated cases against a target and judge it by the manual");
  auto arguments = std::make_shared<RunArguments>();
  add_options(*command, *arguments);
  command->footer(
      "Ctrl-C ends the run after the case under way, a second one gives that case up: all outputs are written, and\n"
      "--resume goes on.\n\n"
      "Examples:\n"
      "  atspec run --html report.html\n"
      "  atspec run --target 'serial:/dev/ttyUSB2?baud=115200' --ftp ftp://user:password@192.0.2.7/ --out "
      "today\n"
      "  atspec run --filter '+QFTPSIZE' --list\n"
      "  atspec run --target serial:/dev/ttyUSB2 --budget 90s\n"
      "  atspec run --tier full --waivers known.txt --update-waivers\n"
      "  atspec run --target 'sim:?mutant=specs/mutants/ftp.xml#size-urc-lost'");
  command->callback([arguments, &status] { status = run_command(*arguments, own_command_line()); });
}

}  // namespace atspec::tools
