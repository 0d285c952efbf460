#include <fmt/format.h>

#include <pugixml.hpp>
#include <sstream>

#include "harness/report/report.hpp"
#include "harness/report/text.hpp"
#include "harness/report/words.hpp"

namespace atspec::report {
namespace {

using result::CaseResult;
using result::Verdict;

std::string words_of(const CaseResult& one) {
  std::string out = one.waived.empty() ? one.reason : "waived: " + one.waived;
  const std::string more = details(one);
  if (!out.empty() && !more.empty()) out += '\n';
  return safe_text(out + more);
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
  const std::string early = ended_early(result);
  const bool lost = !result.stopped.empty();
  suite.append_attribute("tests") =
      static_cast<unsigned>(result.cases.size() + result.complaints.size() + (early.empty() ? 0 : 1));
  suite.append_attribute("failures") =
      totals.fail + totals.inconc + totals.flaky + static_cast<unsigned>(result.complaints.size());
  suite.append_attribute("errors") = totals.error + (lost ? 1U : 0U);
  suite.append_attribute("skipped") = totals.none + totals.waived + (lost || early.empty() ? 0U : 1U);
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
  if (!early.empty()) {
    // a run that ended early must not look like a smaller run that passed
    pugi::xml_node node = suite.append_child("testcase");
    node.append_attribute("classname") = "atspec";
    node.append_attribute("name") = "the run came to its end";
    node.append_child(lost ? "error" : "skipped").append_attribute("message") = safe_text(early).c_str();
  }
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

}  // namespace atspec::report
