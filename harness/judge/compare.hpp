// The reference as an oracle: what two devices answered to the same Scenario, each judged by the manual
// first. It decides nothing where the manual is silent, unless the spec says that a value must be the same.
#pragma once

#include <string>
#include <vector>

#include "harness/result/result.hpp"
#include "harness/spec/spec.hpp"

namespace atspec::judge {

/// What a device answered to a command of the body, and what the judge took it for.
struct Answer {
  struct Value {
    std::string name, raw;
  };
  std::string line;                        ///< the command line
  std::string words;                       ///< "OK, +QFTPSIZE: 0,1000"; tokens stand for credentials and addresses
  const spec::Command* command = nullptr;  ///< null: the spec does not know it
  const spec::Form* form = nullptr;
  const spec::Outcome* outcome = nullptr;  ///< that explains all of it; null: none does, or none is asked for
  std::vector<Value> values;               ///< of that outcome's placeholders, in order
  bool judged = false;                     ///< the manual says what may come
  /// Came to its end, and cannot be taken for an answer to something else.
  bool whole = false;
};

struct Comparison {
  std::vector<result::Difference> differences;
  std::vector<result::Finding> findings;  ///< for those of them the spec does not leave open
};

struct CompareOptions {
  /// Both had a server that was told to behave in the same way; without it only values are compared that have nothing
  /// to do with one.
  bool same_server = false;
  /// Which of the listed codes a failure gets is nobody's to say, unless judging is strict.
  bool strict = false;
};

/// Answer by answer, as far as both got.
Comparison compare(const spec::Spec& spec, const std::vector<Answer>& device, const std::vector<Answer>& reference,
                   const CompareOptions& options);

}  // namespace atspec::judge
