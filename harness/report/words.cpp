#include "harness/report/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace atspec::report {
namespace {

using result::CaseResult;
using result::Finding;

/// The verdict and why.
std::string outcome(const CaseResult& attempt) {
  const std::string why = attempt.findings.empty() ? attempt.reason : headline(attempt);
  return fmt::format("{}{}{}", to_string(attempt.verdict), why.empty() ? "" : ": ", why);
}

}  // namespace

std::string counted(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

const Finding& gravest(const CaseResult& one) {
  return *std::min_element(one.findings.begin(), one.findings.end(),
                           [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
}

std::string headline(const CaseResult& one) {
  if (one.verdict == result::Verdict::flaky || one.findings.empty()) return one.reason;
  const Finding& finding = gravest(one);
  return fmt::format("{} ({})", headline(finding), to_string(finding.severity));
}

std::vector<std::string> attempts(const CaseResult& one) {
  std::vector<std::string> out;
  for (std::size_t first = 0; first < one.attempts.size();) {
    const std::string words = outcome(one.attempts[first]);
    std::size_t next = first + 1;
    while (next < one.attempts.size() && outcome(one.attempts[next]) == words) ++next;
    out.push_back(next == first + 1 ? fmt::format("attempt {}: {}", next, words)
                                    : fmt::format("attempts {} to {}: {}", first + 1, next, words));
    first = next;
  }
  return out;
}

std::string details(const CaseResult& one) {
  std::vector<std::string> out;
  for (const auto& finding : one.findings) {
    out.push_back(
        fmt::format("{} ({}): {}", fmt::join(finding.clauses, " "), to_string(finding.severity), headline(finding)));
    if (!finding.expected.empty()) out.push_back("  expected: " + finding.expected);
    if (!finding.actual.empty()) out.push_back("  actual:   " + finding.actual);
  }
  for (auto& attempt : attempts(one)) out.push_back(std::move(attempt));
  for (const auto& difference : one.differences)
    out.push_back(fmt::format("reference, {}: {} is {}, here {}", difference.command, difference.what,
                              difference.reference, difference.device));
  if (!one.smallest.empty()) out.push_back(fmt::format("smallest: {}\n{}", one.smallest_note, one.smallest));
  return fmt::format("{}", fmt::join(out, "\n"));
}

}  // namespace atspec::report
