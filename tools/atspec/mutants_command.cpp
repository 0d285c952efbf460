// `atspec mutants`: how many deliberate breaches the judge notices. The measurement is harness/run/mutants.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/generate/generate.hpp"
#include "harness/generate/sequence.hpp"
#include "harness/run/config.hpp"
#include "harness/run/mutants.hpp"
#include "harness/run/select.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/installation.hpp"
#include "tools/atspec/manual.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {
namespace {

/// Random sequences by default: a variation is never done before the last of them.
constexpr std::size_t for_breaches = 2000, for_variations = 500;

struct Arguments {
  std::vector<std::string> files, specs, filters;
  std::string profile = "manual";
  bool strict = false, lenient = false, quiet = false;
  unsigned jobs = 0;
  double at_least = 95;
  std::optional<std::size_t> sequences;
  std::size_t seeds = 1;
  std::uint64_t seed = 1;
  std::string json, table;
};

/// The mutants of `files` that a filter wants; nothing where something is wrong, and then it was said.
std::optional<std::vector<run::Listed>> load_catalogue(const Arguments& arguments) {
  std::vector<std::string> files = arguments.files;
  if (files.empty()) {
    const auto root = home();
    if (!root) {
      complain(root.error());
      return std::nullopt;
    }
    for (const auto& entry : std::filesystem::directory_iterator(*root / "specs" / "mutants")) {
      if (entry.path().extension() == ".xml") files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
  }
  std::vector<run::Listed> out;
  bool good = true;
  for (const auto& file : files) {
    auto mutants = spec::load_mutants(file);
    if (!mutants) {
      for (const auto& diagnostic : mutants.error()) complain(format(diagnostic));
      good = false;
      continue;
    }
    for (auto& one : *mutants) {
      const auto hit = [&](const std::string& pattern) {
        return io::glob(pattern, one.name) || io::glob(pattern, one.group) ||
               std::any_of(one.breaks.begin(), one.breaks.end(),
                           [&](const auto& clause) { return io::glob(pattern, clause); });
      };
      if (arguments.filters.empty() || std::any_of(arguments.filters.begin(), arguments.filters.end(), hit))
        out.push_back({std::filesystem::path(file).filename().string(), std::move(one)});
    }
  }
  if (!good) return std::nullopt;
  if (out.empty()) {
    complain("no mutant is left");
    return std::nullopt;
  }
  return out;
}

/// The variations and what is called equivalent again, and the reference itself, on the random sequences of further
/// seeds. The error is what `measure` says; false alarms are in what it returns.
std::expected<std::vector<run::Fate>, std::string> more_seeds(const Arguments& arguments, const Manual& manual,
                                                              std::vector<run::Listed> variations,
                                                              run::MutantOptions options,
                                                              std::vector<std::string>& unsound) {
  std::erase_if(variations,
                [](const run::Listed& one) { return !one.mutant.breaks.empty() && one.mutant.equivalent.empty(); });
  const auto reference = run::modem_config(manual.spec, manual.profile);
  std::vector<run::Fate> accused;
  Progress progress(arguments.seeds - 1, arguments.quiet);
  for (std::size_t i = 1; i < arguments.seeds; ++i) {
    options.seed = arguments.seed + i;
    const generate::Sequences sequences(manual.spec, options.seed, generate::Options{}.strength);
    std::vector<scenario::Scenario> cases;
    for (std::size_t n = 0; n < arguments.sequences.value_or(for_variations); ++n) cases.push_back(sequences.at(n));
    auto measured = run::measure(manual.spec, reference, cases, variations, options, [](const run::Fate&) {});
    if (!measured) return std::unexpected(measured.error());
    for (auto& id : measured->unsound) unsound.push_back(fmt::format("{} (seed {})", id, options.seed));
    for (auto& fate : measured->fates) {
      if (fate.suspicious()) accused.push_back(std::move(fate));
    }
    progress.update(i, accused.size() + unsound.size(), fmt::format("seed {}", options.seed));
  }
  return accused;
}

int mutants_command(const Arguments& arguments) {
  if (arguments.strict && arguments.lenient) {
    complain("--strict and --lenient exclude each other");
    return bad_usage;
  }
  const auto manual = load_manual(arguments.specs, arguments.profile);
  if (!manual) return bad_usage;
  const auto catalogue = load_catalogue(arguments);
  if (!catalogue) return bad_usage;
  const auto reference = run::modem_config(manual->spec, manual->profile);
  const auto faults = run::faults(manual->spec, reference, *catalogue);
  for (const auto& fault : faults) complain(fault);
  if (!faults.empty()) return bad_usage;
  run::MutantOptions options;
  options.mode = arguments.lenient ? judge::Mode::lenient : judge::Mode::strict;
  options.preferred = judge::preferred_readings(manual->spec, manual->profile);
  options.seed = arguments.seed;
  options.jobs = arguments.jobs > 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.every_case = !arguments.table.empty();
  generate::Options generator;
  generator.seed = arguments.seed;
  generator.sequences = arguments.sequences.value_or(for_breaches);
  const auto cases = generate::cases(manual->spec, generator);
  if (!arguments.sequences) options.cases_of_variations = cases.size() - (for_breaches - for_variations);
  Progress progress(catalogue->size(), arguments.quiet);
  std::size_t done = 0, suspicious = 0;
  auto measured = run::measure(manual->spec, reference, cases, *catalogue, options, [&](const run::Fate& fate) {
    if (fate.suspicious()) ++suspicious;
    progress.update(++done, suspicious, fate.of.mutant.name);
  });
  if (!measured) {
    complain(measured.error());
    return bad_usage;
  }
  if (arguments.seeds > 1) {
    auto accused = more_seeds(arguments, *manual, *catalogue, options, measured->unsound);
    if (!accused) {
      complain(accused.error());
      return bad_usage;
    }
    for (auto& fate : *accused) measured->fates.push_back(std::move(fate));
  }
  if (!arguments.json.empty()) {
    if (const auto written = write_file(arguments.json, run::to_json(*measured)); !written) {
      complain(written.error());
      return harness_error;
    }
  }
  if (!arguments.table.empty()) {
    if (const auto written = write_file(arguments.table, run::clause_table(manual->spec, *measured)); !written) {
      complain(written.error());
      return harness_error;
    }
  }
  if (!arguments.quiet) fmt::print("{}", run::to_text(*measured));
  if (!arguments.quiet && arguments.seeds > 1)
    fmt::print("variations were tried with {} random sequences of each of {} seeds\n",
               arguments.sequences.value_or(for_variations), arguments.seeds);
  const bool accused = std::any_of(measured->fates.begin(), measured->fates.end(),
                                   [](const run::Fate& fate) { return fate.kind == run::Fate::Kind::accused; });
  return !accused && measured->unsound.empty() && run::score(measured->fates).percent() >= arguments.at_least
             ? all_passed
             : some_failed;
}

}  // namespace

void add_mutants(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("mutants", "Measure how many deliberate breaches of the manual the judge notices");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  command->add_option("FILE", a.files, "Catalogues of mutants (default: those that came with the program)");
  command->add_option("--filter", a.filters, "Only mutants whose name, class or clause matches this pattern (* and ?)");
  command->add_flag("--strict", a.strict, "Accept the preferred readings only (default)");
  command->add_flag("--lenient", a.lenient, "Accept every reading the manual allows");
  command->add_option("--at-least", a.at_least, "Percent that must be killed")->capture_default_str();
  command->add_option("--jobs", a.jobs, "Threads (default: as many as there are cores)");
  command->add_option("--json", a.json, "Write what became of each mutant here");
  command->add_option("--table", a.table,
                      "Write what stands behind each clause here, as CSV: cases that check it, mutants it was found "
                      "broken by (runs every case on every mutant)");
  command->add_option("--spec", a.specs, "Spec files (default: the FTP(S) manual that came with the program)");
  command->add_option("--profile", a.profile, "Name or file: which readings are preferred")->capture_default_str();
  command->add_option("--seed", a.seed, "Seed of whatever is random")->capture_default_str();
  command
      ->add_option("--sequences", a.sequences,
                   "So many random sequences of commands behind the other cases (default: 2000, for variations 500)")
      ->check(CLI::Range(0, 1'000'000));
  command
      ->add_option("--seeds", a.seeds,
                   "Try the variations, which nobody may accuse, on random sequences of so many seeds, from --seed on")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_flag("--quiet", a.quiet, "Only errors");
  command->footer(
      "Every mutant is the reference with one breach, in simulation. A kill is a failed case with a finding that "
      "cites\n"
      "a clause the mutant declares. A mutant that declares none is a variation no case may accuse under any reading.\n"
      "Examples:\n"
      "  atspec mutants --at-least 95\n"
      "  atspec mutants --filter benign --sequences 20 --seeds 500\n"
      "  atspec mutants my-mutants.xml --filter 'QFTPSIZE-*'");
  command->callback([arguments, &status] { status = mutants_command(*arguments); });
}

}  // namespace atspec::tools
