#include <fmt/format.h>

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <map>
#include <set>

#include "harness/report/causes.hpp"
#include "harness/report/report.hpp"
#include "harness/report/template.hpp"
#include "harness/report/text.hpp"
#include "harness/report/words.hpp"

namespace atspec::report {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::list;
using result::CaseResult;
using result::Result;
using result::Verdict;

/// So that a page with thousands of cases can be opened and sent.
constexpr std::size_t shown_trace_lines = 400;
constexpr std::size_t shown_trace_lines_of_many = 100;  // random sequences that pass or fail alike have longer ones
constexpr std::size_t shown_text_bytes = 2000;

data text(std::string_view value) { return data{safe_text(shorten(value, shown_text_bytes))}; }

/// Empty text as false, so that a template section on it is left out. Every key of an object is always set: a
/// missing one would be looked up in the enclosing object.
data text_or_nothing(std::string_view value) { return value.empty() ? data{data::type::bool_false} : text(value); }

data number(std::uint64_t value) { return data{std::to_string(value)}; }

std::string verdict_class(const result::Totals& totals, const Result& result) {
  if (totals.fail > 0 || !result.complaints.empty()) return "fail";
  if (totals.error > 0 || !result.stopped.empty()) return "error";
  if (totals.inconc + totals.flaky > 0) return "inconc";
  return totals.pass > 0 ? "pass" : "none";
}

std::string verdict_words(const result::Totals& totals, const Result& result) {
  if (totals.fail > 0) return fmt::format("{} of {} cases failed", totals.fail, result.cases.size());
  if (totals.error > 0) return fmt::format("{} cases could not be carried out", totals.error);
  if (!result.stopped.empty()) return "Ended before all cases were carried out";
  if (totals.inconc > 0) return fmt::format("{} of {} cases were inconclusive", totals.inconc, result.cases.size());
  if (totals.flaky > 0) return fmt::format("{} of {} cases failed now and then", totals.flaky, result.cases.size());
  if (!result.complaints.empty()) return "The waivers do not fit what was seen";
  if (totals.waived > 0) return fmt::format("{} cases passed, {} failures are waived", totals.pass, totals.waived);
  if (totals.pass == 0) return "Nothing was checked";
  const std::size_t missing = result.planned - std::min<std::size_t>(result.planned, result.cases.size());
  const std::size_t not_run = totals.none + (result.out_of_time.empty() ? 0 : missing);
  if (not_run > 0) return fmt::format("All {} cases that ran passed, {} not run", totals.pass, not_run);
  return fmt::format("All {} cases passed", totals.pass);
}

std::string anchor(const CaseResult& one) {
  std::string out = "case-";
  for (const char c : one.id) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    out += plain ? c : '_';
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

std::string statement(const result::Clause& clause) { return clause.section + " " + clause.text; }

data findings_of(const CaseResult& one, const Result& result) {
  list out;
  for (const auto& finding : one.findings) {
    list clauses;
    for (const auto& id : finding.clauses) {
      const auto known = result.clauses.find(id);
      data clause;
      clause.set("id", text(id));
      clause.set("text", text(known == result.clauses.end() ? std::string() : statement(known->second)));
      clauses.push_back(clause);
    }
    data item;
    item.set("message", text(finding.message));
    item.set("severity", text(to_string(finding.severity)));
    item.set("command", text_or_nothing(finding.command));
    item.set("expected", text_or_nothing(finding.expected));
    item.set("actual", text_or_nothing(finding.actual));
    item.set("clauses", data{clauses});
    item.set("clause_list", text(joined(finding.clauses)));
    out.push_back(item);
  }
  return data{out};
}

/// Long traces are shown of `exemplary` cases: the first of each cause.
data trace_of(const CaseResult& one, bool exemplary) {
  list out;
  const std::int64_t begin = one.trace.empty() ? 0 : one.trace.front().at_us;
  const bool whole = exemplary || one.trace.size() <= shown_trace_lines_of_many;
  for (const auto& line : one.trace) {
    if (!whole || out.size() == shown_trace_lines) {
      data more;
      more.set("class", data{"fact"});
      more.set("at", data{""});
      more.set("channel", data{""});
      more.set("text", data{fmt::format("{} lines{} are in the JSON", one.trace.size() - out.size(),
                                        out.empty() ? "" : " more")});
      out.push_back(more);
      break;
    }
    const bool chunk =
        line.channel.find("_device") != std::string::npos || line.channel.find("_peer") != std::string::npos;
    data item;
    item.set("class", text(chunk ? line.channel : "fact"));
    item.set("at", data{fmt::format("{:.3f} ms", static_cast<double>(line.at_us - begin) / 1e3)});
    item.set("channel", text(line.channel));
    item.set("text", text(line.text));
    out.push_back(item);
  }
  return data{out};
}

/// "the device breaks the manual here"
std::string_view adjudication(result::Difference::Breaks breaks) {
  switch (breaks) {
    case result::Difference::Breaks::nobody:
      return "the manual decides for neither";
    case result::Difference::Breaks::device:
      return "the device breaks the manual, the reference keeps it";
    case result::Difference::Breaks::reference:
      return "the reference breaks the manual, the device keeps it";
    case result::Difference::Breaks::both:
      return "both break the manual";
  }
  return "";
}

data differences_of(const CaseResult& one) {
  list out;
  for (const auto& difference : one.differences) {
    data row;
    row.set("command", text(difference.command));
    row.set("what", text(difference.what));
    row.set("device", text(difference.device));
    row.set("reference", text(difference.reference));
    row.set("breaks", text(adjudication(difference.breaks)));
    out.push_back(row);
  }
  return data{out};
}

data case_of(const CaseResult& one, const Result& result, bool exemplary) {
  std::vector<std::string> checks;
  for (const auto& [clause, fired] : one.checks) {
    checks.push_back(fired.failed > 0 ? fmt::format("{} ({} of {} broken)", clause, fired.failed, fired.fired)
                                      : fmt::format("{} ({})", clause, fired.fired));
  }
  data item;
  item.set("id", text(one.id));
  item.set("anchor", data{anchor(one)});
  item.set("class", text(to_string(one.verdict)));
  item.set("verdict", text(to_string(one.verdict)));
  item.set("purpose", text(one.purpose));
  item.set("reason", text_or_nothing(one.reason));
  item.set("waived", text_or_nothing(one.waived));
  item.set("expectation", text_or_nothing(one.expectation));
  item.set("findings", findings_of(one, result));
  item.set("checks", text_or_nothing(fmt::format("{}", fmt::join(checks, ", "))));
  item.set("scenario", text(one.scenario));
  item.set("trace", trace_of(one, exemplary));
  list attempts;
  for (const auto& attempt : one.attempts) {
    data row;
    row.set("number", number(attempts.size() + 1));
    row.set("class", text(to_string(attempt.verdict)));
    row.set("verdict", text(to_string(attempt.verdict)));
    row.set("words", text(headline(attempt)));
    row.set("findings", findings_of(attempt, result));
    row.set("trace", trace_of(attempt, exemplary));
    attempts.push_back(row);
  }
  item.set("attempts", data{attempts});
  item.set("differences", differences_of(one));
  item.set("has_differences", data{one.differences.empty() ? data::type::bool_false : data::type::bool_true});
  item.set("smallest", text_or_nothing(one.smallest));
  item.set("smallest_note", text(one.smallest_note));
  item.set("duration", data{human_time(one.duration.count())});
  item.set("open", data{exemplary ? data::type::bool_true : data::type::bool_false});
  return item;
}

data link_to(const CaseResult& one) {
  data link;
  link.set("id", text(one.id));
  link.set("anchor", data{anchor(one)});
  return link;
}

data cause_of(const Cause& cause, const Result& result) {
  list alike;
  for (std::size_t i = 1; i < cause.cases.size(); ++i) alike.push_back(link_to(*cause.cases[i]));
  data item;
  item.set("case", case_of(*cause.cases.front(), result, true));
  item.set("class", text(to_string(cause.verdict)));
  item.set("count", number(cause.cases.size()));
  item.set("message", text(cause.message));
  item.set("severity", text(cause.clauses.empty() ? std::string_view() : to_string(cause.severity)));
  item.set("clauses", text(joined(cause.clauses)));
  item.set("commands", text(commands_in_words(cause)));
  item.set("waived", text_or_nothing(cause.waived));
  item.set("has_alike", data{alike.empty() ? data::type::bool_false : data::type::bool_true});
  item.set("alike_count", data{counted(alike.size(), "more case")});
  item.set("alike", data{alike});
  return item;
}

data commands_of(const Result& result) {
  std::vector<std::string> order;
  std::map<std::string, result::Totals> totals;
  for (const auto& one : result.cases) {
    const std::string name = one.command.empty() ? "(command line)" : one.command;
    if (!totals.contains(name)) order.push_back(name);
    totals[name].add(one);
  }
  // lines that are no command, or one that nobody defines, come last
  std::stable_partition(order.begin(), order.end(), [&](const auto& name) { return result.sources.contains(name); });
  list out;
  for (const auto& name : order) {
    const result::Totals& sum = totals[name];
    data row;
    row.set("name", text(name));
    row.set("class", data{sum.fail + sum.error > 0 ? "fail" : "pass"});
    row.set("cases", number(sum.pass + sum.fail + sum.inconc + sum.error + sum.none + sum.flaky + sum.waived));
    row.set("pass", number(sum.pass));
    row.set("fail", number(sum.fail));
    row.set("inconc", number(sum.inconc + sum.flaky));
    row.set("error", number(sum.error));
    row.set("none", number(sum.none));
    row.set("waived", number(sum.waived));
    const auto source = result.sources.find(name);
    if (source == result.sources.end()) {
      row.set("source", text(""));  // a command that nobody defines
    } else {
      const auto& [document, confidence] = source->second;
      row.set("source", text(confidence.empty() ? document : fmt::format("{} ({})", document, confidence)));
    }
    out.push_back(row);
  }
  return data{out};
}

data tiles_of(const result::Totals& totals) {
  list out;
  const auto add = [&](const char* name, const char* css, std::uint32_t count) {
    data tile;
    tile.set("name", data{name});
    tile.set("class", data{css});
    tile.set("count", number(count));
    out.push_back(tile);
  };
  add("passed", "pass", totals.pass);
  add("failed", "fail", totals.fail);
  add("inconclusive", "inconc", totals.inconc);
  add("errors", "error", totals.error);
  add("not run", "none", totals.none);
  if (totals.flaky > 0) add("flaky", "inconc", totals.flaky);
  if (totals.waived > 0) add("waived", "none", totals.waived);
  return data{out};
}

data environment_of(const Result& result) {
  list out;
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    data row;
    row.set("name", data{name});
    row.set("value", text(value));
    out.push_back(row);
  };
  add("Specification", fmt::format("{} {} ({})", result.spec_title, result.spec_revision, result.spec_name));
  add("Target", result.target);
  add("Device says", result.device);
  add("Reference", result.reference);
  add("FTP peer", result.peer);
  add("Profile", result.profile);
  add("Judging", result.mode);
  add("Tier", result.tier);
  add("Seed", std::to_string(result.seed));
  add("Command line", result.command_line);
  add("Started", result.started);
  add("Took", human_time(result.wall_ms * 1000));
  add("Tool", "atspec " + result.tool_version);
  return data{out};
}

void set_clauses(data& page, const Result& result) {
  const auto sums = result.checks();
  list rows;
  list without;
  std::uint64_t failed_clauses = 0, fired_checks = 0;
  for (const auto& [id, clause] : result.clauses) {
    const auto found = sums.find(id);
    if (found == sums.end() || found->second.fired == 0) {
      if (clause.testing == "exercised") continue;
      data row;
      row.set("id", text(id));
      row.set("text", text(statement(clause)));
      row.set("testing", text(clause.testing == "recorded" ? "recorded" : "not testable"));
      row.set("reason", text(clause.reason));
      without.push_back(row);
      continue;
    }
    const result::Fired& fired = found->second;
    fired_checks += fired.fired;
    if (fired.failed > 0) ++failed_clauses;
    data row;
    row.set("id", text(id));
    row.set("text", text(statement(clause)));
    row.set("class", data{fired.failed > 0 ? "fail" : "pass"});
    row.set("fired", number(fired.fired));
    row.set("failed", number(fired.failed));
    rows.push_back(row);
  }
  page.set("clauses", data{rows});
  const auto coverage = result.coverage();
  page.set("clauses_all", number(result.clauses.size()));
  page.set("clauses_fired", number(coverage.checked));
  page.set("clauses_failed", number(failed_clauses));
  page.set("checks_fired", number(fired_checks));
  const auto& unaccounted = coverage.unaccounted;
  page.set("has_unaccounted", data{unaccounted.empty() ? data::type::bool_false : data::type::bool_true});
  page.set("unaccounted_count", number(unaccounted.size()));
  page.set("unaccounted", data{safe_text(joined(unaccounted))});
  page.set("has_without", data{without.empty() ? data::type::bool_false : data::type::bool_true});
  page.set("without_count", number(without.size()));
  page.set("without", data{without});
  const bool any_left_out = result.left_out_cases > 0 || !result.left_out.empty();
  page.set("has_left_out", data{any_left_out ? data::type::bool_true : data::type::bool_false});
  page.set("left_out_cases", result.left_out_cases > 0 ? number(result.left_out_cases) : data{data::type::bool_false});
  page.set("left_out_count", number(result.left_out.size()));
  page.set("left_out", data{safe_text(joined(result.left_out))});
}

}  // namespace

std::string html(const Result& result) {
  const result::Totals totals = result.totals();
  data page;
  page.set("style", data{std::string(template_css())});
  page.set("title", text(result.device.empty() ? result.spec_title : result.device + " against " + result.spec_title));
  page.set("verdict_words", text(verdict_words(totals, result)));
  page.set("verdict_class", data{verdict_class(totals, result)});
  page.set("ended_early", text_or_nothing(ended_early(result)));
  page.set("tier", text(result.tier));
  page.set("tool_version", text(result.tool_version));
  page.set("tiles", tiles_of(totals));
  page.set("commands", commands_of(result));
  page.set("environment", environment_of(result));
  set_clauses(page, result);

  list failures;
  std::set<const CaseResult*> firsts;
  for (const auto& cause : causes(result)) {
    failures.push_back(cause_of(cause, result));
    firsts.insert(cause.cases.front());
  }
  list cases;
  std::map<std::string, std::uint64_t> reasons;
  for (const auto& one : result.cases) {
    if (one.verdict == Verdict::none) ++reasons[one.reason];
    cases.push_back(case_of(one, result, firsts.contains(&one)));
  }
  list not_run;
  for (const auto& [reason, count] : reasons) {
    data row;
    row.set("reason", text(reason));
    row.set("count", number(count));
    not_run.push_back(row);
  }
  page.set("has_failures", data{failures.empty() ? data::type::bool_false : data::type::bool_true});
  page.set("failures", data{failures});
  list complaints;
  for (const auto& one : result.complaints) complaints.push_back(text(one));
  page.set("has_complaints", data{complaints.empty() ? data::type::bool_false : data::type::bool_true});
  page.set("complaints", data{complaints});
  page.set("has_not_run", data{not_run.empty() ? data::type::bool_false : data::type::bool_true});
  page.set("not_run", data{not_run});
  page.set("cases", data{cases});

  kainjow::mustache::mustache renderer{std::string(template_html())};
  return renderer.render(page);
}

}  // namespace atspec::report
