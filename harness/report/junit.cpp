#include <fmt/format.h>

#include <pugixml.hpp>
#include <sstream>

#include "harness/report/report.hpp"
#include "harness/report/text.hpp"

namespace atspec::report {
namespace {

using result::CaseResult;
using result::Verdict;

std::string words_of(const CaseResult& one) {
  std::string out = one.waived.empty() ? one.reason : "waived: " + one.waived;
  for (const auto& finding : one.findings) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{}: {}", fmt::join(finding.clauses, " "), finding.message);
    if (!finding.expected.empty()) out += fmt::format("\n  expected: {}", finding.expected);
    if (!finding.actual.empty()) out += fmt::format("\n  actual:   {}", finding.actual);
  }
  for (const auto& attempt : one.attempts)
    out += fmt::format("\nattempt: {} {}", to_string(attempt.verdict),
                       attempt.findings.empty() ? attempt.reason : attempt.findings.front().message);
  for (const auto& difference : one.differences)
    out += fmt::format("\nreference, {}: {} is {}, here {}", difference.command, difference.what, difference.reference,
                       difference.device);
  if (!one.smallest.empty()) out += fmt::format("\nsmallest: {}\n{}", one.smallest_note, one.smallest);
  return safe_text(out);
}

void add_outcome(pugi::xml_node node, const char* element, const CaseResult& one) {
  const std::string words = words_of(one);
  pugi::xml_node outcome = node.append_child(element);
  outcome.append_attribute("type") = std::string(to_string(one.verdict)).c_str();
  outcome.append_attribute("message") = words.substr(0, words.find('\n')).c_str();
  outcome.text() = words.c_str();
}

}  // namespace

std::string junit(const result::Result& result) {
  const result::Totals totals = result.totals();
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node suite = document.append_child("testsuites").append_child("testsuite");
  suite.append_attribute("name") = safe_text(result.spec_name).c_str();
  suite.append_attribute("timestamp") = safe_text(result.started).c_str();
  suite.append_attribute("time") = fmt::format("{:.3f}", static_cast<double>(result.wall_ms) / 1e3).c_str();
  suite.append_attribute("tests") =
      static_cast<unsigned>(result.cases.size() + result.complaints.size() + (result.stopped.empty() ? 0 : 1));
  suite.append_attribute("failures") =
      totals.fail + totals.inconc + totals.flaky + static_cast<unsigned>(result.complaints.size());
  suite.append_attribute("errors") = totals.error + (result.stopped.empty() ? 0U : 1U);
  suite.append_attribute("skipped") = totals.none + totals.waived;
  for (const auto& one : result.cases) {
    pugi::xml_node node = suite.append_child("testcase");
    node.append_attribute("classname") = safe_text(one.command.empty() ? "command-line" : one.command).c_str();
    node.append_attribute("name") = safe_text(one.id + " " + one.purpose).c_str();
    node.append_attribute("time") = fmt::format("{:.6f}", static_cast<double>(one.duration.count()) / 1e6).c_str();
    switch (one.verdict) {
      case Verdict::pass:
        break;
      case Verdict::fail:
      case Verdict::inconc:
      case Verdict::flaky:
        add_outcome(node, one.waived.empty() ? "failure" : "skipped", one);
        break;
      case Verdict::error:
        add_outcome(node, "error", one);
        break;
      case Verdict::none:
        add_outcome(node, "skipped", one);
        break;
    }
  }
  for (const auto& complaint : result.complaints) {
    pugi::xml_node node = suite.append_child("testcase");
    node.append_attribute("classname") = "waivers";
    node.append_attribute("name") = safe_text(complaint.substr(0, complaint.find(": "))).c_str();
    node.append_child("failure").append_attribute("message") = safe_text(complaint).c_str();
  }
  if (!result.stopped.empty()) {
    // a run that ended early must not look like a smaller run that passed
    pugi::xml_node node = suite.append_child("testcase");
    node.append_attribute("classname") = "atspec";
    node.append_attribute("name") = "the run came to its end";
    pugi::xml_node error = node.append_child("error");
    error.append_attribute("message") =
        fmt::format("{} after {} of {} cases", safe_text(result.stopped), result.cases.size(), result.planned).c_str();
  }
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace atspec::report
