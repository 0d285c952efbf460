#include "harness/run/select.hpp"

#include <algorithm>
#include <set>

#include "harness/spec/invocation.hpp"

namespace atspec::run {

std::vector<std::string> commands_of(const scenario::Scenario& scenario) {
  std::vector<std::string> names;
  for (const auto& step : scenario.body) {
    const auto* send = std::get_if<scenario::Send>(&step);
    if (send == nullptr) continue;
    const auto invocations = spec::parse_command_line(send->line);
    if (!invocations) continue;
    for (const auto& invocation : *invocations) names.push_back(invocation.name);
  }
  return names;
}

std::string command_of(const scenario::Scenario& scenario) {
  auto names = commands_of(scenario);
  return names.empty() ? std::string() : std::move(names.back());
}

void begin_with(scenario::Scenario& one, const std::map<std::string, std::string>& states) {
  if (!one.needs.empty()) one.needs.insert(states.begin(), states.end());
}

Selection select(std::vector<scenario::Scenario> cases, const std::vector<std::string>& filters,
                 const std::vector<std::string>& excludes, Tier tier) {
  const auto hit = [](const std::vector<std::string>& patterns, const scenario::Scenario& one) {
    const std::string command = command_of(one);
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
      return io::glob(pattern, one.id) || (!command.empty() && io::glob(pattern, command)) ||
             std::any_of(one.clauses.begin(), one.clauses.end(),
                         [&](const auto& clause) { return io::glob(pattern, clause); });
    });
  };
  Selection out;
  std::set<std::string> kept, dropped;
  for (auto& one : cases) {
    if ((!filters.empty() && !hit(filters, one)) || hit(excludes, one)) continue;
    if (tier == Tier::quick && scenario::estimate(one) > quick_case) {
      ++out.left_out_cases;
      dropped.insert(one.clauses.begin(), one.clauses.end());
      continue;
    }
    kept.insert(one.clauses.begin(), one.clauses.end());
    out.cases.push_back(std::move(one));
  }
  std::set_difference(dropped.begin(), dropped.end(), kept.begin(), kept.end(), std::back_inserter(out.left_out));
  return out;
}

}  // namespace atspec::run
