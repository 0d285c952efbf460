#include "harness/judge/ledger.hpp"

#include <fmt/ranges.h>

namespace atspec::judge {

using Severity = result::Finding::Severity;

void Ledger::passed(const std::vector<spec::ClauseId>& clauses) {
  if (muted_) return;
  for (const auto& clause : clauses) ++out_.checks[clause].fired;
}

Severity Ledger::severity(const std::vector<spec::ClauseId>& clauses) const {
  Severity strictest = Severity::ambiguous;
  for (const auto& id : clauses) {
    const auto* clause = index_.clause(id);
    const auto level = clause == nullptr ? Severity::must : static_cast<Severity>(clause->level);
    strictest = std::min(strictest, level);
  }
  return strictest;
}

void Ledger::failed(Breach breach) {
  if (muted_) return;
  std::sort(breach.clauses.begin(), breach.clauses.end());
  breach.clauses.erase(std::unique(breach.clauses.begin(), breach.clauses.end()), breach.clauses.end());
  if (breach.clauses.empty())
    return undecided(fmt::format("{}: {} (no clause says so)", breach.command, breach.message));

  std::vector<spec::ClauseId> recorded;
  std::erase_if(breach.clauses, [&](const spec::ClauseId& id) {
    const auto* clause = index_.clause(id);
    const bool only_recorded = clause != nullptr && clause->testing != spec::Clause::Testing::exercised;
    if (only_recorded) recorded.push_back(id);
    return only_recorded;
  });
  passed(recorded);
  if (breach.clauses.empty()) return;

  for (const auto& clause : breach.clauses) {
    auto& fired = out_.checks[clause];
    ++fired.fired;
    ++fired.failed;
  }
  std::string key = fmt::format("{}\n{}\n{}", breach.command, breach.message, fmt::join(breach.clauses, " "));
  const auto [known, fresh] = known_.try_emplace(std::move(key), out_.findings.size());
  if (!fresh) {
    if (known->second >= out_.findings.size()) return;  // it was one too many
    auto& evidence = out_.findings[known->second].evidence;
    for (const std::size_t record : breach.evidence) {
      if (evidence.size() < most_evidence) evidence.push_back(record);
    }
    return;
  }
  if (out_.findings.size() >= most_findings) return;

  result::Finding finding;
  finding.severity = severity(breach.weighed_by.empty() ? breach.clauses : breach.weighed_by);
  finding.message = std::move(breach.message);
  finding.clauses = std::move(breach.clauses);
  finding.expected = std::move(breach.expected);
  finding.actual = std::move(breach.actual);
  finding.command = std::move(breach.command);
  finding.evidence = std::move(breach.evidence);
  if (finding.evidence.size() > most_evidence) finding.evidence.resize(most_evidence);
  out_.findings.push_back(std::move(finding));
}

void Ledger::undecided(const std::string& reason) {
  if (!muted_ && undecided_.empty()) undecided_ = reason;
}

void Ledger::settle() {
  using result::Verdict;
  for (const auto& finding : out_.findings) {
    // lenient judging does not hold a device to one side of what the manual leaves open
    if (mode_ == Mode::lenient && finding.severity == Severity::ambiguous) {
      if (undecided_.empty()) undecided_ = headline(finding);
      continue;
    }
    out_.verdict = Verdict::fail;
    return;
  }
  if (!undecided_.empty()) {
    out_.verdict = Verdict::inconc;
    out_.reason = undecided_;
  } else if (out_.checks.empty()) {
    out_.verdict = Verdict::none;
    out_.reason = "no check fired";
  } else {
    out_.verdict = Verdict::pass;
  }
}

}  // namespace atspec::judge
