// Renderings of a Result. Everything that came off a wire is escaped; nothing is fetched, nothing needs
// a script to be read.
#pragma once

#include <expected>
#include <string>

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

/// The lines a terminal shows at the end.
/// `replay`: a command line that runs a case again, with ID where its id belongs; shown below each case that failed.
std::string summary(const result::Result& result, const std::string& replay = "");

}  // namespace atspec::report
