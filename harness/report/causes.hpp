// Failures that have one cause: a broken device fails hundreds of cases, and a reader wants to know in how many ways.
#pragma once

#include <string>
#include <vector>

#include "harness/result/result.hpp"

namespace atspec::report {

/// Cases that did not pass, whose gravest findings say the same and break a clause in common; or, without findings,
/// whose reason is the same.
struct Cause {
  result::Verdict verdict = result::Verdict::fail;
  result::Finding::Severity severity = result::Finding::Severity::must;
  std::string message;                           ///< of the finding, or the reason
  std::vector<std::string> clauses;              ///< that all of them break
  std::vector<std::string> commands;             ///< without values, as they first come: "AT+QFTPCWD"
  std::string waived;                            ///< as in the cases; waived ones are causes of their own
  std::vector<const result::CaseResult*> cases;  ///< in the order of the result, which they point into
};

/// What failed before what was inconclusive or an error, the grave first, of equals the one with the most cases.
std::vector<Cause> causes(const result::Result& result);

/// "AT+QFTPCWD, AT+QFTPGET, AT+QFTPPUT and 2 more commands"; nothing where no command is known.
std::string commands_in_words(const Cause& cause);

}  // namespace atspec::report
