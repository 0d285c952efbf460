// Where checks that fired and findings are entered. It alone decides how severe a finding is and what
// verdict all of them make.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/judge/index.hpp"
#include "harness/judge/judge.hpp"

namespace atspec::judge {

struct Breach {
  std::vector<spec::ClauseId> clauses;
  std::string message;  ///< what is wrong, without the command
  std::string expected;
  std::string actual;
  std::string command;
  std::vector<std::size_t> evidence;
  /// Whose level makes the severity where not all of `clauses` do: an inferred pairing of codes is no breach of the
  /// clause that says what the field means.
  std::vector<spec::ClauseId> weighed_by;
};

class Ledger {
 public:
  Ledger(const Index& index, Mode mode, Judgement& out) : index_(index), mode_(mode), out_(out) {}

  /// While muted (set-up) nothing is entered.
  void mute(bool muted) { muted_ = muted; }

  void passed(const std::vector<spec::ClauseId>& clauses);
  /// A breach of nothing but recorded clauses counts as a check and accuses nobody. The same breach again adds
  /// evidence to the finding that is there.
  void failed(Breach breach);
  void undecided(const std::string& reason);

  /// pass, fail, inconc or none; what else makes a case inconclusive was told by `undecided`.
  void settle();

 private:
  static constexpr std::size_t most_findings = 64, most_evidence = 32;

  result::Finding::Severity severity(const std::vector<spec::ClauseId>& clauses) const;

  const Index& index_;
  Mode mode_;
  Judgement& out_;
  bool muted_ = false;
  std::string undecided_;
  std::map<std::string, std::size_t> known_;  ///< finding by command, message and clauses
};

}  // namespace atspec::judge
