#include "harness/run/mutants.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/run/config.hpp"
#include "harness/run/runner.hpp"
#include "harness/target/bench_sim.hpp"

namespace atspec::run {
namespace {

using result::Verdict;

/// What the reference itself makes of the cases.
struct Clean {
  std::map<std::string, std::set<std::size_t>> exercising;  ///< by clause: cases in which a check of it fired
  std::set<std::size_t> unsound;
  std::vector<std::vector<judge::Answer>> answers;  ///< by case
};

/// The reference takes any name of a state or a reading; one that the spec does not have changes nothing.
std::optional<std::string> not_in_spec(const spec::Spec& spec, const spec::Mutant::Change& change) {
  const auto path = change.attributes.find("path");
  if (path == change.attributes.end()) return std::nullopt;
  const std::string_view all = path->second;
  const auto dot = std::min(all.find('.'), all.size());
  const auto kind = all.substr(0, dot), name = all.substr(std::min(dot + 1, all.size()));
  if (kind == "initial" && spec.state(name) == nullptr) return fmt::format("{}: the spec has no such state", all);
  const auto has = [&](const spec::Ambiguity& one) {
    return std::any_of(one.readings.begin(), one.readings.end(),
                       [&](const spec::Reading& reading) { return reading.id == name; });
  };
  if (kind == "reading" && std::none_of(spec.ambiguities.begin(), spec.ambiguities.end(), has))
    return fmt::format("{}: the spec has no such reading", all);
  return std::nullopt;
}

class Measurement {
 public:
  Measurement(const spec::Spec& spec, const modem::Config& reference, const std::vector<scenario::Scenario>& cases,
              const MutantOptions& options)
      : spec_(spec), reference_(reference), cases_(cases), options_(options) {}

  std::expected<void, std::string> learn() {
    const auto bench = target::sim_bench(reference_, options_.seed, false);
    Runner runner(spec_, *bench, runner_options(reference_));
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const auto done = runner.run(cases_[i]);
      if (!done)
        return std::unexpected(fmt::format("the reference: {} (in case {})", done.error().reason, cases_[i].id));
      if (done->verdict != Verdict::pass) clean_.unsound.insert(i);
      clean_.answers.push_back(runner.answers());
      for (const auto& [clause, counts] : done->checks) {
        if (counts.fired > 0) clean_.exercising[clause].insert(i);
      }
    }
    return {};
  }

  std::expected<Fate, std::string> judge(const Listed& listed) const {
    Fate fate;
    fate.of = listed;
    modem::Config config = reference_;
    if (const auto applied = apply(listed.mutant, config); !applied) return std::unexpected(applied.error());
    const auto bench = target::sim_bench(config, options_.seed, false);
    const std::set<std::string> declared(listed.mutant.breaks.begin(), listed.mutant.breaks.end());
    const bool benign = declared.empty(), called_equivalent = !listed.mutant.equivalent.empty();
    Runner runner(spec_, *bench, runner_options(config, benign));
    fate.kind = benign ? Fate::Kind::tolerated : Fate::Kind::survived;
    for (const std::size_t i : order(listed.mutant)) {
      if (benign && i >= options_.cases_of_variations) continue;
      const auto done = runner.run(cases_[i]);
      if (!done)
        return std::unexpected(
            fmt::format("{}: {} (in case {})", listed.mutant.name, done.error().reason, cases_[i].id));
      ++fate.executed;
      if (done->verdict == Verdict::inconc) ++fate.undecided;
      if (done->verdict == Verdict::fail) weigh(done->findings, done->id, declared, true, fate);
      if (fate.by_manual && !options_.every_case) return fate;
      const judge::CompareOptions comparing{true, !benign && options_.mode == judge::Mode::strict};
      weigh(judge::compare(spec_, runner.answers(), clean_.answers[i], comparing).findings, done->id, declared, false,
            fate);
      if (called_equivalent && !alike(runner.answers(), clean_.answers[i])) {
        fate.by = done->id;
        fate.message = "it is called equivalent, but answers differently";
        return fate;
      }
    }
    if (called_equivalent && fate.kind == Fate::Kind::survived) fate.kind = Fate::Kind::equivalent;
    return fate;
  }

  const Clean& clean() const { return clean_; }

 private:
  static bool alike(const std::vector<judge::Answer>& a, const std::vector<judge::Answer>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const judge::Answer& x, const judge::Answer& y) { return x.words == y.words; });
  }

  /// What findings say of a mutant that declares these clauses. The first that hits decides, and the manual's word
  /// counts for more.
  static void weigh(const std::vector<result::Finding>& findings, const std::string& id,
                    const std::set<std::string>& declared, bool manual, Fate& fate) {
    for (const auto& finding : findings) {
      const bool hit = std::any_of(finding.clauses.begin(), finding.clauses.end(),
                                   [&](const auto& clause) { return declared.contains(clause); });
      fate.cited.insert(finding.clauses.begin(), finding.clauses.end());
      if (fate.by_manual || (!fate.by.empty() && (!hit || (fate.kind == Fate::Kind::killed && !manual)))) continue;
      fate.by = id;
      fate.message = headline(finding);
      fate.kind = hit ? Fate::Kind::killed : declared.empty() ? Fate::Kind::accused : Fate::Kind::elsewhere;
      fate.by_manual = hit && manual;
    }
  }

  Options runner_options(const modem::Config& device, bool benign = false) const {
    Options out;
    // what one reading allows is no breach
    out.mode = benign ? judge::Mode::lenient : options_.mode;
    out.preferred = options_.preferred;
    // what the manual leaves open; what it says of starts comes before
    out.reference = device.initial;
    out.answers = true;
    out.keep_trace = false;
    return out;
  }

  std::vector<std::size_t> order(const spec::Mutant& mutant) const {
    std::set<std::size_t> first;
    for (const auto& clause : mutant.breaks) {
      if (const auto found = clean_.exercising.find(clause); found != clean_.exercising.end())
        first.insert(found->second.begin(), found->second.end());
    }
    std::vector<std::size_t> out;
    for (const bool exercises : {true, false}) {
      for (std::size_t i = 0; i < cases_.size(); ++i) {
        if (first.contains(i) == exercises && !clean_.unsound.contains(i)) out.push_back(i);
      }
    }
    return out;
  }

  const spec::Spec& spec_;
  const modem::Config& reference_;
  const std::vector<scenario::Scenario>& cases_;
  const MutantOptions& options_;
  Clean clean_;
};

}  // namespace

std::string_view to_string(Fate::Kind kind) {
  switch (kind) {
    case Fate::Kind::killed:
      return "killed";
    case Fate::Kind::elsewhere:
      return "caught elsewhere";
    case Fate::Kind::survived:
      return "survived";
    case Fate::Kind::equivalent:
      return "equivalent";
    case Fate::Kind::tolerated:
      return "tolerated";
    case Fate::Kind::accused:
      return "accused";
  }
  return "";
}

std::vector<std::string> faults(const spec::Spec& spec, const modem::Config& reference,
                                const std::vector<Listed>& catalogue) {
  std::vector<std::string> out;
  for (const auto& listed : catalogue) {
    for (const auto& clause : listed.mutant.breaks) {
      if (spec.clause(clause) == nullptr)
        out.push_back(format(spec::Diagnostic{
            listed.mutant.breaks_at, fmt::format("mutant {}: the spec has no clause {}", listed.mutant.name, clause)}));
    }
    modem::Config config = reference;
    for (const auto& change : listed.mutant.changes) {
      if (const auto unknown = not_in_spec(spec, change)) {
        out.push_back(format(spec::Diagnostic{change.at, *unknown}));
        continue;
      }
      spec::Mutant alone;
      alone.changes = {change};
      if (const auto applied = apply(alone, config); !applied) out.push_back(applied.error());
    }
  }
  return out;
}

std::expected<Measured, std::string> measure(const spec::Spec& spec, const modem::Config& reference,
                                             const std::vector<scenario::Scenario>& cases,
                                             const std::vector<Listed>& catalogue, const MutantOptions& options,
                                             const std::function<void(const Fate&)>& progress) {
  if (const auto wrong = faults(spec, reference, catalogue); !wrong.empty())
    return std::unexpected(fmt::format("{}", fmt::join(wrong, "\n")));
  Measurement measurement(spec, reference, cases, options);
  if (const auto learnt = measurement.learn(); !learnt) return std::unexpected(learnt.error());

  std::vector<std::optional<Fate>> fates(catalogue.size());
  std::optional<std::string> broken;
  std::mutex guard;
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < catalogue.size(); i = next++) {
      std::expected<Fate, std::string> fate;
      try {
        fate = measurement.judge(catalogue[i]);
      } catch (const std::exception& error) {
        fate = std::unexpected(fmt::format("{}: {}", catalogue[i].mutant.name, error.what()));
      }
      const std::scoped_lock lock(guard);
      if (!fate) {
        if (!broken) broken = fate.error();
        next = catalogue.size();
        return;
      }
      progress(*fate);
      fates[i] = *std::move(fate);
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < std::min<std::size_t>(options.jobs, catalogue.size()); ++i) workers.emplace_back(work);
    work();
  }
  if (broken) return std::unexpected(*broken);
  Measured out;
  out.cases = cases.size();
  for (const std::size_t i : measurement.clean().unsound) out.unsound.push_back(cases[i].id);
  for (const auto& [clause, numbers] : measurement.clean().exercising) out.exercising[clause] = numbers.size();
  for (auto& fate : fates) out.fates.push_back(*std::move(fate));
  return out;
}

std::map<std::string, Score> score_by_class(const std::vector<Fate>& fates) {
  std::map<std::string, Score> out;
  for (const auto& fate : fates) {
    Score& one = out[fate.of.mutant.group];
    if (fate.kind == Fate::Kind::equivalent) {
      ++one.equivalent;
      continue;
    }
    ++one.of;
    if (!fate.suspicious()) ++one.good;
  }
  return out;
}

Score score(const std::vector<Fate>& fates) {
  Score out;
  for (const auto& [name, one] : score_by_class(fates)) {
    out.good += one.good;
    out.of += one.of;
    out.equivalent += one.equivalent;
  }
  return out;
}

Score score_by_manual(std::vector<Fate> fates) {
  for (auto& fate : fates) {
    if (fate.kind == Fate::Kind::killed && !fate.by_manual) fate.kind = Fate::Kind::survived;
  }
  return score(fates);
}

std::string clause_table(const spec::Spec& spec, const Measured& measured) {
  std::map<std::string, std::vector<std::string>> broken_by;
  for (const auto& fate : measured.fates) {
    for (const auto& clause : fate.cited) broken_by[clause].push_back(fate.of.mutant.name);
  }
  std::string out = "clause,section,cases,mutants,names,reason\n";
  for (const auto& clause : spec.clauses) {
    const auto exercised = measured.exercising.find(clause.id);
    if (clause.testing != spec::Clause::Testing::exercised) continue;
    const auto& names = broken_by[clause.id];
    out += fmt::format("{},{},{},{},{},\"{}\"\n", clause.id, clause.section,
                       exercised == measured.exercising.end() ? 0 : exercised->second, names.size(),
                       fmt::join(names, " "), clause.reason);
  }
  return out;
}

std::string to_text(const Measured& measured) {
  std::string out;
  const auto is_benign = [](const Fate& fate) { return fate.of.mutant.breaks.empty(); };
  std::vector<Fate> mutants, variations;
  std::partition_copy(measured.fates.begin(), measured.fates.end(), std::back_inserter(variations),
                      std::back_inserter(mutants), is_benign);
  const auto line = [&](const std::string& what, const Score& one, const char* good) {
    out += fmt::format("{}: {} of {} {}", what, one.good, one.of, good);
    if (one.equivalent > 0) out += fmt::format(", {} equivalent", one.equivalent);
    out += '\n';
  };
  for (const auto& [name, one] : score_by_class(mutants))
    line("  " + (name.empty() ? "(no class)" : name), one, "killed");
  if (!mutants.empty()) {
    line("mutants", score(mutants), "killed");
    line("  by the manual alone", score_by_manual(mutants), "killed");
  }
  if (!variations.empty()) line("variations", score(variations), "left in peace");
  for (const auto& fate : measured.fates) {
    if (!fate.suspicious()) continue;
    out += fmt::format("{} {}#{} ({}): {}\n", to_string(fate.kind), fate.of.file, fate.of.mutant.name,
                       fmt::join(fate.of.mutant.breaks, " "), fate.of.mutant.title);
    if (!fate.by.empty())
      out += fmt::format("    cited {}; {}: {}\n", fmt::join(fate.cited, " "), fate.by, fate.message);
    if (fate.undecided > 0) out += fmt::format("    {} cases inconclusive\n", fate.undecided);
  }
  if (!measured.unsound.empty())
    out += fmt::format("{} of {} cases are not passed by the reference itself and were left out: {}\n",
                       measured.unsound.size(), measured.cases, fmt::join(measured.unsound, " "));
  return out;
}

}  // namespace atspec::run
