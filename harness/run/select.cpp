#include "harness/run/select.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
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

void begin_with(scenario::Scenario& one, const std::map<std::string, std::string>& states, const spec::Spec& spec) {
  if (one.needs.empty()) return;
  for (const auto& [name, value] : states) {
    const auto* state = spec.state(name);
    const bool base = state != nullptr && state->base == value;
    if (one.needs.emplace(name, value).second && !base) one.modes.insert(name);
  }
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

io::Duration cost(const scenario::Scenario& one) {
  constexpr auto line = std::chrono::milliseconds(25);  // sent, answered, reported
  constexpr auto around = std::chrono::milliseconds(25);
  const auto lines = std::count_if(one.body.begin(), one.body.end(), [](const scenario::Step& step) {
    return std::holds_alternative<scenario::Send>(step);
  });
  return around + lines * line + scenario::estimate(one);
}

Selection within(Selection selection, io::Duration budget) {
  const std::size_t count = selection.cases.size();
  std::vector<bool> taken(count, false);
  std::set<std::string> reached;
  io::Duration spent{};
  const auto take = [&](std::size_t i) {
    taken[i] = true;
    spent += cost(selection.cases[i]);
    reached.insert(selection.cases[i].clauses.begin(), selection.cases[i].clauses.end());
  };
  const auto fresh = [&](std::size_t i) {
    const auto& clauses = selection.cases[i].clauses;
    return std::count_if(clauses.begin(), clauses.end(), [&](const auto& clause) { return !reached.contains(clause); });
  };
  const auto fits = [&](std::size_t i) { return !taken[i] && spent + cost(selection.cases[i]) <= budget; };
  for (;;) {
    std::optional<std::size_t> best;
    double most = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!fits(i)) continue;
      const double value = static_cast<double>(fresh(i)) / static_cast<double>(cost(selection.cases[i]).count());
      if (value > most) {
        most = value;
        best = i;
      }
    }
    if (!best) break;
    take(*best);
  }
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < count; ++i) {
    if (!taken[i]) rest.push_back(i);
  }
  std::stable_sort(rest.begin(), rest.end(),
                   [&](std::size_t a, std::size_t b) { return cost(selection.cases[a]) < cost(selection.cases[b]); });
  for (const std::size_t i : rest) {
    if (fits(i)) take(i);
  }
  Selection out;
  out.left_out_cases = selection.left_out_cases;
  std::set<std::string> dropped(selection.left_out.begin(), selection.left_out.end());
  for (std::size_t i = 0; i < count; ++i) {
    if (taken[i]) {
      out.cases.push_back(std::move(selection.cases[i]));
    } else {
      ++out.left_out_cases;
      dropped.insert(selection.cases[i].clauses.begin(), selection.cases[i].clauses.end());
    }
  }
  std::set_difference(dropped.begin(), dropped.end(), reached.begin(), reached.end(), std::back_inserter(out.left_out));
  return out;
}

Selection shard(Selection selection, std::size_t number, std::size_t of) {
  std::vector<scenario::Scenario> cases;
  for (std::size_t i = number - 1; i < selection.cases.size(); i += of) cases.push_back(std::move(selection.cases[i]));
  selection.cases = std::move(cases);
  return selection;
}

}  // namespace atspec::run
