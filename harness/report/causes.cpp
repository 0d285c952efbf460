#include "harness/report/causes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "harness/report/words.hpp"

namespace atspec::report {
namespace {

using result::CaseResult;
using result::Verdict;

/// Of a command line the first command's name as far as it can be told from its values.
std::string name_of(std::string_view line) {
  std::string name(line.substr(0, line.find_first_of("=?;\"")));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return name;
}

std::vector<std::string> in_common(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

/// The cause a case would be alone.
Cause alone(const CaseResult& one) {
  Cause cause;
  cause.verdict = one.verdict;
  cause.waived = one.waived;
  cause.cases = {&one};
  if (one.findings.empty()) {
    cause.message = one.reason;
    return cause;
  }
  const auto& finding = gravest(one);
  cause.severity = finding.severity;
  cause.message = finding.message;
  cause.clauses = finding.clauses;
  if (!finding.command.empty()) cause.commands = {name_of(finding.command)};
  return cause;
}

/// Whether `one` is a case of `cause`, which then is that of both.
bool joined(Cause& cause, const Cause& one) {
  const auto what = [](const Cause& of) { return std::tie(of.verdict, of.severity, of.message, of.waived); };
  if (what(cause) != what(one)) return false;
  auto clauses = in_common(cause.clauses, one.clauses);
  if (clauses.empty() && !(cause.clauses.empty() && one.clauses.empty())) return false;
  cause.clauses = std::move(clauses);
  cause.cases.insert(cause.cases.end(), one.cases.begin(), one.cases.end());
  for (const auto& command : one.commands) {
    if (std::find(cause.commands.begin(), cause.commands.end(), command) == cause.commands.end())
      cause.commands.push_back(command);
  }
  return true;
}

/// fail, flaky, inconc, error.
int rank(Verdict verdict) {
  switch (verdict) {
    case Verdict::fail:
      return 0;
    case Verdict::flaky:
      return 1;
    case Verdict::inconc:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

std::vector<Cause> causes(const result::Result& result) {
  std::vector<Cause> out;
  for (const auto& one : result.cases) {
    if (one.verdict == Verdict::pass || one.verdict == Verdict::none) continue;
    Cause fresh = alone(one);
    if (std::none_of(out.begin(), out.end(), [&](Cause& cause) { return joined(cause, fresh); }))
      out.push_back(std::move(fresh));
  }
  std::stable_sort(out.begin(), out.end(), [](const Cause& a, const Cause& b) {
    return std::tuple(rank(a.verdict), a.severity, b.cases.size()) <
           std::tuple(rank(b.verdict), b.severity, a.cases.size());
  });
  return out;
}

std::string commands_in_words(const Cause& cause) {
  constexpr std::size_t shown = 3;
  const auto& all = cause.commands;
  const std::vector<std::string> first(all.begin(), all.begin() + std::min(shown, all.size()));
  const std::string names = fmt::format("{}", fmt::join(first, ", "));
  return all.size() <= shown ? names : fmt::format("{} and {}", names, counted(all.size() - shown, "more command"));
}

}  // namespace atspec::report
