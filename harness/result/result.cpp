#include "harness/result/result.hpp"

#include <fmt/format.h>

namespace atspec::result {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::none:
      return "none";
    case Verdict::pass:
      return "pass";
    case Verdict::inconc:
      return "inconc";
    case Verdict::fail:
      return "fail";
    case Verdict::error:
      return "error";
    case Verdict::flaky:
      return "flaky";
  }
  return "none";
}

std::optional<Verdict> parse_verdict(std::string_view text) {
  for (const Verdict verdict :
       {Verdict::none, Verdict::pass, Verdict::inconc, Verdict::fail, Verdict::error, Verdict::flaky}) {
    if (to_string(verdict) == text) return verdict;
  }
  return std::nullopt;
}

std::string_view to_string(Finding::Severity severity) {
  switch (severity) {
    case Finding::Severity::must:
      return "must";
    case Finding::Severity::should:
      return "should";
    case Finding::Severity::inferred:
      return "inferred";
    case Finding::Severity::ambiguous:
      return "ambiguous";
  }
  return "must";
}

std::optional<Finding::Severity> parse_severity(std::string_view text) {
  using enum Finding::Severity;
  for (const Finding::Severity severity : {must, should, inferred, ambiguous}) {
    if (to_string(severity) == text) return severity;
  }
  return std::nullopt;
}

std::string headline(const Finding& finding) {
  constexpr std::size_t longest = 80, shown = 60;
  const std::string& line = finding.command;
  if (line.empty()) return finding.message;
  if (line.size() <= longest) return fmt::format("{}: {}", line, finding.message);
  return fmt::format("{}… ({} bytes): {}", line.substr(0, shown), line.size(), finding.message);
}

std::string_view to_string(Difference::Breaks breaks) {
  switch (breaks) {
    case Difference::Breaks::nobody:
      return "nobody";
    case Difference::Breaks::device:
      return "device";
    case Difference::Breaks::reference:
      return "reference";
    case Difference::Breaks::both:
      return "both";
  }
  return "nobody";
}

std::optional<Difference::Breaks> parse_breaks(std::string_view text) {
  using enum Difference::Breaks;
  for (const Difference::Breaks breaks : {nobody, device, reference, both}) {
    if (to_string(breaks) == text) return breaks;
  }
  return std::nullopt;
}

void Totals::add(const CaseResult& one) {
  switch (one.verdict) {
    case Verdict::none:
      ++none;
      break;
    case Verdict::pass:
      ++pass;
      break;
    case Verdict::inconc:
      ++(one.waived.empty() ? inconc : waived);
      break;
    case Verdict::fail:
      ++(one.waived.empty() ? fail : waived);
      break;
    case Verdict::error:
      ++error;
      break;
    case Verdict::flaky:
      ++(one.waived.empty() ? flaky : waived);
      break;
  }
}

Totals Result::totals() const {
  Totals totals;
  for (const CaseResult& one : cases) totals.add(one);
  return totals;
}

std::map<std::string, Fired> Result::checks() const {
  std::map<std::string, Fired> sum;
  for (const CaseResult& one : cases) {
    for (const auto& [clause, fired] : one.checks) {
      Fired& total = sum[clause];
      total.fired += fired.fired;
      total.failed += fired.failed;
    }
  }
  return sum;
}

Result::Coverage Result::coverage() const {
  const auto sums = checks();
  Coverage out;
  for (const auto& [id, clause] : clauses) {
    const auto found = sums.find(id);
    if (found != sums.end() && found->second.fired > 0) {
      ++out.checked;
    } else if (clause.testing == "recorded") {
      ++out.recorded;
    } else if (clause.testing == "untestable") {
      ++out.untestable;
    } else {
      out.unaccounted.push_back(id);
    }
  }
  return out;
}

}  // namespace atspec::result
