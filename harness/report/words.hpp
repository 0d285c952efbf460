// What is said of a case in plain words. Raw, as off the wire: see safe_text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/result/result.hpp"

namespace atspec::report {

/// "1 case", "2 cases".
std::string counted(std::size_t number, std::string_view noun);

/// Why the case did not pass: its gravest finding with how grave it is, or the reason.
std::string headline(const result::CaseResult& one);

/// The gravest of its findings, of such the first. The case has one.
const result::Finding& gravest(const result::CaseResult& one);

/// A line for each attempt at the case, where there was more than one; neighbours that are alike share theirs.
std::vector<std::string> attempts(const result::CaseResult& one);

/// Findings, attempts, differences from the reference, the smallest scenario that fails as well: lines without the last
/// line feed, or nothing.
std::string details(const result::CaseResult& one);

}  // namespace atspec::report
