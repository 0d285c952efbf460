#include "harness/run/shrink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/run/select.hpp"

namespace atspec::run {
namespace {

/// Whether `one` fails of a clause that `failed` fails of.
bool alike(const result::CaseResult& one, const result::CaseResult& failed) {
  if (one.verdict != result::Verdict::fail) return false;
  std::set<std::string> clauses;
  for (const auto& finding : failed.findings) clauses.insert(finding.clauses.begin(), finding.clauses.end());
  return std::any_of(one.findings.begin(), one.findings.end(), [&](const result::Finding& finding) {
    return std::any_of(finding.clauses.begin(), finding.clauses.end(),
                       [&](const std::string& clause) { return clauses.contains(clause); });
  });
}

}  // namespace

std::expected<void, target::Lost> shrink(const generate::Sequences& sequences, std::size_t i, Runner& device,
                                         Runner* reference, const ShrinkOptions& options, result::CaseResult& failed) {
  std::optional<target::Lost> lost;
  const auto fails_on = [&](Runner& runner, scenario::Scenario one) {
    if (lost || options.enough()) return false;
    options.dress(one);
    const auto done = runner.run(one);
    if (!done) lost = done.error();
    return done && alike(*done, failed);
  };
  const auto whole = sequences.at(i);
  const bool there_too = reference != nullptr && fails_on(*reference, whole);
  if (options.enough()) return {};
  if (lost) return std::unexpected(*lost);
  Runner& where = there_too ? *reference : device;
  const auto shrunk =
      sequences.shrink(i, [&](const scenario::Scenario& one) { return fails_on(where, one); }, options.tries);
  if (options.enough()) return {};
  if (lost) return std::unexpected(*lost);

  scenario::Scenario smallest = shrunk.scenario;
  options.dress(smallest);
  std::string materialised;
  unsigned confirmed = 0;
  for (unsigned attempt = 0; attempt < options.confirmations; ++attempt) {
    if (options.enough()) return {};
    device.start_over();
    const auto done = device.run(smallest);
    if (options.enough()) return {};
    if (!done) return std::unexpected(done.error());
    if (alike(*done, failed)) ++confirmed;
    materialised = done->scenario;
  }
  failed.smallest = std::move(materialised);
  failed.smallest_note =
      fmt::format("{} of {} commands, {} {} tries{}; failed {} of {} times", commands_of(shrunk.scenario).size(),
                  commands_of(whole).size(), shrunk.smallest ? "nothing smaller fails after" : "the smallest after",
                  shrunk.tried, there_too ? " on the reference" : "", confirmed, options.confirmations);
  return {};
}

}  // namespace atspec::run
