#include "harness/judge/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace atspec::judge {
namespace {

using Compare = spec::Reported::Compare;
using result::Difference;
using result::Finding;

constexpr std::size_t most_differences = 16;

const spec::Reported* reported(const spec::Command& command, std::string_view name) {
  const auto found = std::find_if(command.reported.begin(), command.reported.end(),
                                  [&](const spec::Reported& one) { return one.name == name; });
  return found == command.reported.end() ? nullptr : &*found;
}

Difference::Breaks who_breaks(const Answer& device, const Answer& reference) {
  if (device.outcome == nullptr)
    return reference.outcome == nullptr ? Difference::Breaks::both : Difference::Breaks::device;
  return reference.outcome == nullptr ? Difference::Breaks::reference : Difference::Breaks::nobody;
}

class Comparer {
 public:
  Comparer(const spec::Spec& spec, const CompareOptions& options) : spec_(spec), options_(options) {}

  void compare(const Answer& device, const Answer& reference) {
    if (device.form == nullptr || device.form != reference.form || !device.judged || !reference.judged) return;
    if (!device.whole || !reference.whole || device.words == reference.words) return;
    if (device.outcome != nullptr && device.outcome == reference.outcome) return values(device, reference);
    if (!options_.same_server) return;
    Difference difference{device.line, "the answer", device.words, reference.words, who_breaks(device, reference), {}};
    const auto* outcome = reference.outcome != nullptr ? reference.outcome : device.outcome;
    if (outcome != nullptr) difference.clauses = outcome->clauses;
    // neither the manual nor any clause has a word on it
    if (difference.breaks == Difference::Breaks::nobody && difference.clauses.empty()) return;
    tell(std::move(difference));
  }

  Comparison take() { return std::move(out_); }

 private:
  void tell(Difference difference) {
    if (out_.differences.size() < most_differences) out_.differences.push_back(std::move(difference));
  }

  /// By name; of those with the same name the first with the first.
  void values(const Answer& device, const Answer& reference) {
    std::multimap<std::string, std::string, std::less<>> theirs;
    for (const auto& value : reference.values) theirs.emplace(value.name, value.raw);
    for (const auto& value : device.values) {
      const auto other = theirs.find(value.name);
      if (other == theirs.end()) continue;
      const std::string raw = other->second;
      theirs.erase(other);
      const auto* declaration = raw == value.raw ? nullptr : reported(*device.command, value.name);
      if (declaration != nullptr) value_differs(device, *declaration, value.raw, raw);
    }
  }

  void value_differs(const Answer& device, const spec::Reported& declaration, const std::string& mine,
                     const std::string& theirs) {
    if (declaration.compare == Compare::ignore || declaration.clauses.empty()) return;
    if (declaration.compare != Compare::exact && !options_.same_server) return;
    tell({device.line, fmt::format("<{}>", declaration.name), mine, theirs, Difference::Breaks::nobody,
          declaration.clauses});
    const std::string& table = declaration.type.code_table;
    if (declaration.compare == Compare::told || (!table.empty() && !options_.strict)) return;
    Finding finding;
    finding.severity = table.empty() ? Finding::Severity::inferred : Finding::Severity::ambiguous;
    finding.clauses = declaration.clauses;
    for (const auto& row : rows_of(table)) {
      if (std::to_string(row.value) != theirs) continue;
      finding.clauses.insert(finding.clauses.end(), row.clauses.begin(), row.clauses.end());
    }
    finding.message = fmt::format("<{}> is not what the reference reports", declaration.name);
    finding.expected = fmt::format("<{}> = {}", declaration.name, theirs);
    finding.actual = fmt::format("{} in {}", mine, device.words);
    finding.command = device.line;
    out_.findings.push_back(std::move(finding));
  }

  const std::vector<spec::Code>& rows_of(const std::string& table) const {
    static const std::vector<spec::Code> none;
    const auto* found = spec_.code_table(table);
    return found == nullptr ? none : found->codes;
  }

  const spec::Spec& spec_;
  CompareOptions options_;
  Comparison out_;
};

}  // namespace

Comparison compare(const spec::Spec& spec, const std::vector<Answer>& device, const std::vector<Answer>& reference,
                   const CompareOptions& options) {
  Comparer comparer(spec, options);
  for (std::size_t i = 0; i < std::min(device.size(), reference.size()); ++i) comparer.compare(device[i], reference[i]);
  return comparer.take();
}

}  // namespace atspec::judge
