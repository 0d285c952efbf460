#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

#include "harness/report/report.hpp"
#include "harness/report/text.hpp"

namespace atspec::report {
namespace {

constexpr std::size_t shown_failures = 20;
constexpr std::size_t shown_lines = 30;  // of a scenario

std::string line_of(const result::CaseResult& one) {
  const std::string& why = one.findings.empty() ? one.reason : one.findings.front().message;
  std::string words = safe_text(fmt::format("  {:<6} {}  {}", to_string(one.verdict), one.id, why));
  for (char& c : words) {
    if (c == '\n') c = ' ';
  }
  words += '\n';
  if (one.smallest.empty()) return words;
  words += "         smallest: " + safe_text(one.smallest_note) + '\n';
  std::istringstream lines(one.smallest);
  bool body = false;
  std::size_t shown = 0;
  for (std::string line; std::getline(lines, line) && shown < shown_lines;) {
    if (body) {
      words += "           " + safe_text(line) + '\n';
      ++shown;
    }
    body |= line == "body";
  }
  return words;
}

std::string reference_line(const result::Result& result) {
  std::size_t compared = 0, different = 0;
  for (const auto& one : result.cases) {
    compared += one.reference ? 1 : 0;
    different += one.differences.empty() ? 0 : 1;
  }
  return fmt::format("{} cases were run on the reference {} as well: it answered differently in {}\n", compared,
                     safe_text(result.reference), different);
}

}  // namespace

std::string summary(const result::Result& result, const std::string& replay) {
  const result::Totals totals = result.totals();
  std::string out;
  std::size_t shown = 0, hidden = 0;
  for (const auto& one : result.cases) {
    if (one.verdict == result::Verdict::pass || one.verdict == result::Verdict::none || !one.waived.empty()) continue;
    if (shown++ < shown_failures) {
      out += line_of(one);
      if (const auto at = replay.find("ID"); at != std::string::npos)
        out += "         again: " + safe_text(std::string(replay).replace(at, 2, one.id)) + '\n';
    } else {
      ++hidden;
    }
  }
  if (hidden > 0) out += fmt::format("  … and {} more, all in the report\n", hidden);
  out += fmt::format("{} cases in {}: {} passed, {} failed, {} inconclusive, {} errors, {} not run{}{}\n",
                     result.cases.size(), human_time(result.wall_ms * 1000), totals.pass, totals.fail, totals.inconc,
                     totals.error, totals.none, totals.flaky > 0 ? fmt::format(", {} flaky", totals.flaky) : "",
                     totals.waived > 0 ? fmt::format(", {} waived", totals.waived) : "");
  for (const auto& complaint : result.complaints) out += safe_text(complaint) + "\n";
  if (!result.reference.empty()) out += reference_line(result);
  const auto coverage = result.coverage();
  out += fmt::format("{} clauses: {} checked, {} recorded only, {} not testable, {} unaccounted for\n",
                     result.clauses.size(), coverage.checked, coverage.recorded, coverage.untestable,
                     coverage.unaccounted.size());
  if (!result.left_out.empty())
    out += fmt::format("Left out for time: {} (tier {}; --tier full, or more --budget, takes them)\n",
                       safe_text(fmt::format("{}", fmt::join(result.left_out, " "))), safe_text(result.tier));
  if (!result.stopped.empty())
    out += fmt::format("Ended early after {} of {} cases: {}\n", result.cases.size(), result.planned,
                       safe_text(result.stopped));
  return out;
}

}  // namespace atspec::report
