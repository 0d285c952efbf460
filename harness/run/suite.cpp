#include "harness/run/suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace atspec::run {

std::map<std::string, result::Clause> ledger_of(const spec::Spec& spec) {
  using Testing = spec::Clause::Testing;
  std::map<std::string, result::Clause> out;
  for (const auto& clause : spec.clauses) {
    const char* testing = clause.testing == Testing::recorded     ? "recorded"
                          : clause.testing == Testing::untestable ? "untestable"
                                                                  : "exercised";
    out[clause.id] = {clause.section, clause.text, testing, clause.reason};
  }
  return out;
}

std::map<std::string, result::Source> sources_of(const spec::Spec& spec) {
  std::map<std::string, result::Source> out;
  for (const auto& command : spec.commands) {
    out[command.name] = {command.source.empty() ? "the manual" : command.source, command.confidence};
  }
  return out;
}

namespace {

bool failed(const result::CaseResult& one) {
  return one.verdict == result::Verdict::fail || one.verdict == result::Verdict::inconc;
}

bool same_outcome(const result::CaseResult& a, const result::CaseResult& b) {
  const auto alike = [](const result::Finding& x, const result::Finding& y) {
    return x.command == y.command && x.message == y.message;
  };
  return a.verdict == b.verdict &&
         std::equal(a.findings.begin(), a.findings.end(), b.findings.begin(), b.findings.end(), alike);
}

/// A failure again and again. What is lost on the way is lost for the next case too, which says so.
std::expected<result::CaseResult, target::Lost> try_case(Runner& runner, const scenario::Scenario& scenario,
                                                         unsigned retries) {
  auto first = runner.run(scenario);
  if (!first || !failed(*first) || retries == 0) return first;
  std::vector<result::CaseResult> attempts = {*first};
  for (unsigned i = 0; i < retries; ++i) {
    auto again = runner.run(scenario);
    if (!again) break;
    attempts.push_back(*std::move(again));
  }
  const auto failures = std::count_if(attempts.begin(), attempts.end(), failed);
  const bool alike = std::all_of(attempts.begin(), attempts.end(),
                                 [&](const result::CaseResult& one) { return same_outcome(one, attempts.front()); });
  if (!alike) {
    first->verdict = result::Verdict::flaky;
    first->reason = fmt::format("{} of {} attempts failed", failures, attempts.size());
  }
  first->attempts = std::move(attempts);
  return first;
}

}  // namespace

SuiteEnd run_suite(Runner& runner, const std::vector<scenario::Scenario>& cases, std::vector<result::CaseResult> done,
                   Journal* journal, const std::function<void(const result::CaseResult&, std::size_t number)>& progress,
                   const Stop& stop, result::Result& out, const SuiteOptions& options) {
  std::map<std::string, result::CaseResult*> finished;
  for (auto& one : done) finished[one.id] = &one;
  // what an earlier part of the run finished stands, even if this part never reaches its place in the order
  const auto keep_rest = [&](std::size_t from) {
    for (std::size_t i = from; i < cases.size(); ++i) {
      if (const auto found = finished.find(cases[i].id); found != finished.end())
        out.cases.push_back(std::move(*found->second));
    }
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (const auto found = finished.find(cases[i].id); found != finished.end()) {
      out.cases.push_back(std::move(*found->second));
      continue;
    }
    if (stop.after_case || stop.at_once) {
      out.stopped = fmt::format("interrupted before {}", cases[i].id);
      keep_rest(i);
      return {SuiteEnd::Why::interrupted};
    }
    if (options.out_of_time && options.out_of_time()) {
      keep_rest(i);
      return {SuiteEnd::Why::out_of_time};
    }
    auto outcome = try_case(runner, cases[i], options.retries);
    if (stop.at_once) {
      out.stopped = fmt::format("interrupted in {}", cases[i].id);
      keep_rest(i);
      return {SuiteEnd::Why::interrupted};
    }
    if (!outcome) {
      out.stopped = fmt::format("{} (in case {})", outcome.error().reason, cases[i].id);
      keep_rest(i);
      return {SuiteEnd::Why::target_lost};
    }
    if (journal != nullptr) {
      if (const auto written = journal->append(*outcome); !written) {
        out.stopped = written.error();
        out.cases.push_back(std::move(*outcome));
        keep_rest(i + 1);
        return {SuiteEnd::Why::journal_failed};
      }
    }
    out.cases.push_back(std::move(*outcome));
    progress(out.cases.back(), i + 1);
  }
  return {SuiteEnd::Why::finished};
}

}  // namespace atspec::run
