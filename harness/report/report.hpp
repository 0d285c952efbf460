// Renderings of a Result. Everything that came off a wire is escaped; nothing is fetched, nothing needs
// a script to be read.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "harness/result/result.hpp"

namespace atspec::report {

/// One self-contained page.
std::string html(const result::Result& result);

/// JUnit XML: fail and inconc are failures (a reader must never take them for a pass), error an error,
/// none skipped with its reason.
std::string junit(const result::Result& result);

/// Traceability as CSV (RFC 4180): clause, section, testing, verdict (kept, broken, not checked), checks, broken
/// checks, the cases that exercise it, the reason it has none.
std::string ledger(const result::Result& result);

struct SummaryOptions {
  /// A command line that runs a case again, with ID where its id belongs; shown below each case that failed.
  std::string replay = {};
  bool resumable = false;               ///< --resume can go on with a run that ended early
  bool verbose = false;                 ///< names the clauses left out for time, instead of their number
  std::vector<std::string> notes = {};  ///< lines before the last
};

/// The lines a terminal shows at the end; the last has the verdict.
std::string summary(const result::Result& result, const SummaryOptions& options = {});

/// Why the run ended early: "the budget of 30s is used up, 12 of 40 cases were not run". Empty: it did not.
std::string ended_early(const result::Result& result);

}  // namespace atspec::report
