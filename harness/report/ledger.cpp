#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <vector>

#include "harness/report/report.hpp"
#include "harness/report/text.hpp"

namespace atspec::report {
namespace {

/// RFC 4180 §2; a leading sign would be a formula to a spreadsheet.
std::string cell(const std::string& value) {
  std::string text = safe_text(value);
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) text.insert(0, "'");
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string ledger(const result::Result& result) {
  std::map<std::string, std::vector<std::string>> cases;
  for (const auto& one : result.cases) {
    for (const auto& [id, fired] : one.checks) {
      if (fired.fired > 0) cases[id].push_back(one.id);
    }
  }
  const auto sums = result.checks();
  std::string out = "clause,section,testing,verdict,checks,broken,cases,reason\r\n";
  for (const auto& [id, clause] : result.clauses) {
    const auto found = sums.find(id);
    const result::Fired fired = found == sums.end() ? result::Fired() : found->second;
    const std::string verdict = fired.fired == 0 ? "not checked" : fired.failed > 0 ? "broken" : "kept";
    out +=
        fmt::format("{},{},{},{},{},{},{},{}\r\n", cell(id), cell(clause.section), cell(clause.testing), verdict,
                    fired.fired, fired.failed, cell(fmt::format("{}", fmt::join(cases[id], " "))), cell(clause.reason));
  }
  return out;
}

}  // namespace atspec::report
