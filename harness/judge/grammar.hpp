// One exchange held against the outcomes of its form: which were demanded or possible, which sequence
// explains what was seen, and what follows for clauses and states.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/judge/ledger.hpp"
#include "harness/judge/match.hpp"

namespace atspec::judge {

/// What the rules of the whole manual and the expected lines want to know of an exchange afterwards.
struct Reading {
  bool judged = false;               ///< a form of the spec was applied
  bool fits = false;                 ///< an outcome explains all that was seen, or all so far
  bool by_accepted_reading = false;  ///< but not the sequence the manual prints
  bool complete = false;
  bool order_broken = false;                       ///< only the order of final result and URC is wrong
  const spec::Alternative* alternative = nullptr;  ///< of a fit
  std::size_t demanded_finals = 1, demanded_completions = 1;
  std::vector<StateChange> changes;
  /// A URC that is still owed may change these unseen.
  std::set<std::string, std::less<>> owed_changes;
  struct Reported {
    std::string table;  ///< result or protocol
    std::int64_t value = 0;
    std::size_t event = 0;
  };
  std::vector<Reported> codes;  ///< every code the device reported
  std::string expectation;
  Answer answer;  ///< where Options::answers
};

class Grammar {
 public:
  Grammar(const Surroundings& around, const Options& options, Ledger& ledger)
      : around_(around), options_(options), tolerance_(tolerance(around.index, options)), ledger_(ledger) {}

  /// Enters checks and findings. `states` is what held when the command was sent.
  Reading judge(std::size_t exchange, const States& states);

 private:
  struct Case;
  Reading judge_several(const Exchange& exchange, const States& states) const;
  bool allowed(const spec::Outcome& outcome, const spec::Alternative& alternative,
               const Environment& environment) const;
  static void collect_codes(const Case& now, const Attempt& attempt, Reading& reading);
  void accept(Case& now, const std::vector<const Attempt*>& good, Reading& reading);
  void credit_parameters(Case& now, const Attempt& attempt);
  void check_holds(Case& now, const Attempt& attempt);
  void accuse(Case& now, const Attempt& attempt, Reading& reading);
  Answer answer(const Case& now) const;
  std::vector<StateChange> changes_of(Case& now, const Attempt& attempt) const;

  const Surroundings& around_;
  const Options& options_;
  Tolerance tolerance_;
  Ledger& ledger_;
};

}  // namespace atspec::judge
