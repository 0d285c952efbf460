#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "harness/report/causes.hpp"
#include "harness/report/report.hpp"
#include "harness/report/text.hpp"
#include "harness/report/words.hpp"

namespace atspec::report {
namespace {

constexpr std::size_t shown_causes = 20;
constexpr std::size_t shown_lines = 30;  // of a scenario

/// On one line, whatever there is in it.
std::string flat(const std::string& text) {
  std::string out = safe_text(text);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out + '\n';
}

std::string lines_of(const result::CaseResult& one) {
  std::string words = flat(fmt::format("  {:<6} {}  {}", to_string(one.verdict), one.id, headline(one)));
  for (const auto& attempt : attempts(one)) words += flat("         " + attempt);
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

/// The first case of a cause, and how many more there are.
std::string lines_of(const Cause& cause, std::string_view replay) {
  const auto& first = *cause.cases.front();
  std::string out = lines_of(first);
  if (const auto at = replay.find("ID"); at != std::string::npos)
    out += "         again: " + safe_text(std::string(replay).replace(at, 2, first.id)) + '\n';
  if (cause.cases.size() > 1)
    out += flat(fmt::format("         and {} like it{}", counted(cause.cases.size() - 1, "more case"),
                            cause.commands.empty() ? "" : ", of " + commands_in_words(cause)));
  return out;
}

/// "Findings: 3 must, 1 inferred", of what is not waived; nothing where there are none.
std::string findings_line(const result::Result& result) {
  std::map<result::Finding::Severity, std::size_t> count;
  for (const auto& one : result.cases) {
    if (!one.waived.empty()) continue;
    for (const auto& finding : one.findings) ++count[finding.severity];
  }
  std::string out;
  for (const auto& [severity, times] : count)
    out += fmt::format("{}{} {}", out.empty() ? "Findings: " : ", ", times, to_string(severity));
  return out.empty() ? out : out + '\n';
}

std::string reference_line(const result::Result& result) {
  std::size_t compared = 0, different = 0;
  for (const auto& one : result.cases) {
    compared += one.reference ? 1 : 0;
    different += one.differences.empty() ? 0 : 1;
  }
  return fmt::format("{} {} run on the reference {} as well: it answered differently in {}\n",
                     counted(compared, "case"), compared == 1 ? "was" : "were", safe_text(result.reference), different);
}

/// "11 not run: 7 (needs a reset), 4 (needs sd=card)", the most frequent first; nothing where there are none.
std::string not_run_line(const result::Result& result) {
  constexpr std::size_t shown_reasons = 8;
  std::map<std::string, std::size_t> count;
  std::size_t all = 0, rest = 0;
  for (const auto& one : result.cases) {
    if (one.verdict != result::Verdict::none) continue;
    ++all;
    ++count[one.reason];
  }
  if (all == 0) return {};
  std::vector<std::pair<std::string, std::size_t>> reasons(count.begin(), count.end());
  std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out = fmt::format("{} not run: ", all);
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (i < shown_reasons) {
      out += fmt::format("{}{} ({})", i == 0 ? "" : ", ", reasons[i].second, reasons[i].first);
    } else {
      rest += reasons[i].second;
    }
  }
  if (rest > 0) out += fmt::format(", {} (other reasons)", rest);
  return flat(out);
}

/// "Left out for time: 15 cases, and with them 3 clauses (…)"; nothing where there are none.
std::string left_out_line(const result::Result& result, bool verbose) {
  // a result of an earlier version knows the clauses alone
  if (result.left_out.empty() && result.left_out_cases == 0) return {};
  std::string out = "Left out for time: ";
  if (result.left_out_cases > 0) out += counted(result.left_out_cases, "case");
  if (!result.left_out.empty()) {
    if (result.left_out_cases > 0) out += ", and with them ";
    out += counted(result.left_out.size(), "clause");
    if (verbose) out += fmt::format(": {}", fmt::join(result.left_out, " "));
  }
  return flat(out + fmt::format(" (tier {}; --tier full, or more --budget, takes them)", result.tier));
}

/// Whether nothing but the waivers' complaints makes the run fail.
bool fails_for_complaints_alone(const result::Result& result, const result::Totals& totals) {
  return !result.complaints.empty() && result.stopped.empty() &&
         totals.fail + totals.inconc + totals.error + totals.flaky == 0;
}

}  // namespace

std::string ended_early(const result::Result& result) {
  const std::size_t missing = result.planned - std::min<std::size_t>(result.planned, result.cases.size());
  if (!result.stopped.empty())
    return fmt::format("{}, after {} of {}", result.stopped, result.cases.size(), counted(result.planned, "case"));
  if (result.out_of_time.empty()) return {};
  return fmt::format("{}, {} of {} cases were not run", result.out_of_time, missing, result.planned);
}

std::string summary(const result::Result& result, const SummaryOptions& options) {
  const result::Totals totals = result.totals();
  std::string out;
  std::size_t shown = 0, hidden = 0;
  for (const auto& cause : causes(result)) {
    if (!cause.waived.empty()) continue;
    if (shown++ < shown_causes) {
      out += lines_of(cause, options.replay);
    } else {
      hidden += cause.cases.size();
    }
  }
  if (hidden > 0) out += fmt::format("  … and {} for other causes, all in the report\n", counted(hidden, "case"));
  out += findings_line(result);
  for (const auto& complaint : result.complaints) out += safe_text(complaint) + "\n";
  if (!result.reference.empty()) out += reference_line(result);
  const auto coverage = result.coverage();
  out += fmt::format("{}: {} checked, {} recorded only, {} not testable, {} unaccounted for\n",
                     counted(result.clauses.size(), "clause"), coverage.checked, coverage.recorded, coverage.untestable,
                     coverage.unaccounted.size());
  out += left_out_line(result, options.verbose);
  out += not_run_line(result);
  if (const auto why = ended_early(result); !why.empty())
    out += flat(fmt::format("Ended early: {}{}", why, options.resumable ? "; --resume goes on" : ""));
  for (const auto& note : options.notes) out += flat(note);
  // what a journal has does not say how long it took
  const std::string time = result.wall_ms > 0 ? " in " + human_time(result.wall_ms * 1000) : "";
  out += fmt::format("{}{}: {} passed, {} failed, {} inconclusive, {}, {} not run{}{}",
                     counted(result.cases.size(), "case"), time, totals.pass, totals.fail, totals.inconc,
                     counted(totals.error, "error"), totals.none,
                     totals.flaky > 0 ? fmt::format(", {} flaky", totals.flaky) : "",
                     totals.waived > 0 ? fmt::format(", {} waived", totals.waived) : "");
  if (fails_for_complaints_alone(result, totals))
    out += fmt::format("; fails for the waivers alone ({} above)", counted(result.complaints.size(), "complaint"));
  return out + '\n';
}

}  // namespace atspec::report
