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

/// The documents its commands are from.
std::map<std::string, result::Source> sources_of(const spec::Spec& spec);

struct SuiteEnd {
  enum class Why { finished, target_lost, interrupted, out_of_time, journal_failed } why = Why::finished;
};

/// What somebody outside asks of a run, from a signal handler or another thread.
struct Stop {
  std::atomic<bool> after_case{false};  ///< the case under way is the last
  std::atomic<bool> at_once{false};     ///< it is given up: Options::give_up of the runners
};

struct SuiteOptions {
  unsigned retries = 0;                    ///< what fails is tried so many times more; that never makes it pass
  std::function<bool()> out_of_time = {};  ///< asked before each case whether no more are to be run; empty: never
};

/// Runs `cases` that `done` does not hold already (by id) and appends them to `out.cases` in the order of `cases`.
/// `journal` may be null. `progress` is told after each case. What is given up is in neither.
/// `out.stopped` says why it ended early, unless the time was used up: that is for the caller to say.
SuiteEnd run_suite(Runner& runner, const std::vector<scenario::Scenario>& cases, std::vector<result::CaseResult> done,
                   Journal* journal, const std::function<void(const result::CaseResult&, std::size_t number)>& progress,
                   const Stop& stop, result::Result& out, const SuiteOptions& options = {});

}  // namespace atspec::run
