// A whole run: cases on a bench, each journalled before the next begins, into one Result.
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/result/result.hpp"
#include "harness/run/journal.hpp"
#include "harness/run/runner.hpp"

namespace atspec::run {

/// The clauses of a spec as a result lists them.
std::map<std::string, result::Clause> ledger_of(const spec::Spec& spec);

struct SuiteEnd {
  enum class Why { finished, target_lost, interrupted, journal_failed } why = Why::finished;
};

/// Runs `cases` that `done` does not hold already (by id) and appends them to `out.cases` in the order of `cases`.
/// `journal` may be null. `progress` is told after each case. `stop` ends the run after the case under way.
/// `out.stopped` says why it ended early. What fails is tried `retries` times more; that never makes it pass.
SuiteEnd run_suite(Runner& runner, const std::vector<scenario::Scenario>& cases, std::vector<result::CaseResult> done,
                   Journal* journal, const std::function<void(const result::CaseResult&, std::size_t number)>& progress,
                   const std::atomic<bool>& stop, result::Result& out, unsigned retries = 0);

}  // namespace atspec::run
