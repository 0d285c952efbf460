// The manual as an oracle: Spec × Trace → findings. The only judge there is: what a live device, the
// reference, a captured log or a fuzz input did all arrives here as a Trace.
//
// It accuses only of what the trace proves. A condition that cannot be decided leaves the outcome
// open; a value whose rule is unknown is checked by type alone; a response that no outcome of the form
// explains is a finding of the outcome that was demanded.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/io/time.hpp"
#include "harness/judge/compare.hpp"
#include "harness/result/result.hpp"
#include "harness/spec/spec.hpp"
#include "harness/trace/trace.hpp"

namespace atspec::judge {

enum class Mode { strict, lenient };  ///< preferred readings only, or all accepted ones

struct Options {
  Mode mode = Mode::lenient;
  std::set<std::string> preferred;           ///< reading ids; empty: the spec's own preferred ones
  std::map<std::string, std::string> known;  ///< state variables known when the trace begins
  std::map<std::string, std::string> needs;  ///< what the set-up was to reach; known not to: `inconc`
  /// The trace was taken in a mode that examples are not printed in: see check_expected_lines.
  bool other_mode = false;
  io::Duration margin = std::chrono::milliseconds(200);  ///< added to every limit for the line and the host

  /// An item the manual gives no limit is missing once a wait for it ran out this long after the command: the first
  /// answer, and all that may need the server.
  io::Duration answer_patience = std::chrono::seconds(5);
  io::Duration completion_patience = std::chrono::seconds(180);
  /// Nothing from before the trace can still be owed: a report of a command that is not in it, nobody asked for.
  bool nothing_owed = false;
  /// What was answered, and in which states, is wanted as well, to be compared.
  bool answers = false;
};

/// The preferred reading of each ambiguity, under a profile.
std::set<std::string> preferred_readings(const spec::Spec& spec, const spec::Profile& profile);

struct Judgement {
  result::Verdict verdict = result::Verdict::none;
  std::string reason;
  std::vector<result::Finding> findings;
  std::map<std::string, result::Fired> checks;
  std::string expectation;                   ///< of the last command of the body, in words
  std::map<std::string, std::string> state;  ///< what is known of the state variables at the end
  // where Options::answers
  std::map<std::string, std::string> began;  ///< what is known of the state variables when the body begins
  std::vector<Answer> answers;               ///< to each command line of the body
};

class Index;

/// A spec made ready for many traces. The spec must outlive it; judging changes nothing here.
class Judge {
 public:
  explicit Judge(const spec::Spec& spec);
  ~Judge();
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;

  /// Only what follows the `body` fact is accused; a set-up that did not reach its end is `inconc` with the reason. A
  /// trace without that fact is judged whole if it holds no `step` facts either (a capture).
  Judgement judge(const trace::Trace& trace, const Options& options) const;

 private:
  void weigh_by_other_readings(Judgement& judgement, const trace::Trace& trace, Options options) const;

  std::unique_ptr<const Index> index_;
};

/// The same for a single trace.
Judgement judge(const spec::Spec& spec, const trace::Trace& trace, const Options& options);

}  // namespace atspec::judge
