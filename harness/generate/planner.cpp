#include "harness/generate/planner.hpp"

#include <fmt/format.h>

#include "harness/generate/call.hpp"
#include "harness/generate/expectation.hpp"

namespace atspec::generate {
namespace {

constexpr unsigned cost_of_command = 1;
/// Transfers are no way to change a state if there is any other.
constexpr unsigned cost_of_data = 8;
/// A spec may be written so that everything needs everything: then no way is found, but soon.
constexpr unsigned most_tries = 20'000;
constexpr std::size_t deepest = 8;

bool mentions(const spec::Expression& expression, std::string_view name) {
  const auto names = expression.names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool holds(const States& now, const std::string& state, const std::string& value) {
  const auto found = now.find(state);
  return found != now.end() && found->second == value;
}

bool escapes(const std::vector<scenario::Step>& steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const auto& step) { return std::holds_alternative<scenario::Escape>(step); });
}

}  // namespace

Planner::Planner(const spec::Spec& spec) : spec_(spec) {
  for (const auto& state : spec.states) {
    if (state.base) base_[state.name] = *state.base;
  }
  std::set<std::string> needed;
  for (const auto& command : spec.commands) {
    for (const auto& form : command.forms) {
      for (const auto& need : form.needs) needed.insert(need.state);
      for (const auto& outcome : form.outcomes) {
        if (outcome.alternatives.empty()) continue;
        std::map<std::string, const spec::Expression*> last;
        for (const auto& item : outcome.alternatives.front().items) {
          for (const auto& effect : item.effects) last[effect.state] = &effect.value;
        }
        for (const auto& [state, value] : last) means_[state].push_back({&command, &form, &outcome, value});
      }
    }
  }
  // first what nothing depends on (echo, error reports), then what takes several steps, and last the plain settings
  // that those steps may have changed
  for (const auto& state : spec.states) {
    std::set<std::string> seen;
    const int steps = depth(state.name, seen);
    rank_[state.name] = steps > 0 ? steps : needed.contains(state.name) ? 1000 : 0;
  }
}

int Planner::depth(const std::string& state, std::set<std::string>& seen) const {
  if (!seen.insert(state).second) return 0;
  const auto found = means_.find(state);
  if (found == means_.end()) return 0;
  int least = 1000;
  for (const auto& means : found->second) {
    int most = 0;
    for (const auto& need : means.form->needs) {
      if (need.state != state) most = std::max(most, 1 + depth(need.state, seen));
    }
    least = std::min(least, most);
  }
  return least;
}

/// Means-ends: each state in turn, by the cheapest means, the needs of that means before it.
struct Planner::Search {
  const Planner& planner;
  unsigned tries = 0;
  std::set<Goal> pursued;
  std::vector<const States*> wanted;  ///< innermost last: where a parameter may set more than was asked for

  std::expected<Plan, std::string> reach(Plan plan, const States& to) {
    wanted.push_back(&to);
    auto out = reach_all(std::move(plan), to);
    wanted.pop_back();
    return out;
  }

 private:
  std::expected<Plan, std::string> reach_all(Plan plan, const States& to) {
    constexpr int most_rounds = 4;  // one goal may undo another
    const auto goals = planner.in_order(to);
    for (int round = 0; round < most_rounds; ++round) {
      bool all = true;
      for (const auto& goal : goals) {
        if (holds(plan.reached, goal.state, goal.value)) continue;
        all = false;
        auto next = achieve(plan, goal);
        if (!next) return next;
        plan = std::move(*next);
      }
      if (all) return plan;
    }
    for (const auto& goal : goals) {
      if (!holds(plan.reached, goal.state, goal.value))
        return std::unexpected(fmt::format("{}={} does not last", goal.state, goal.value));
    }
    return plan;
  }

  std::expected<Plan, std::string> achieve(const Plan& from, const Goal& goal) {
    const auto none = std::unexpected(fmt::format("no command reaches {}={}", goal.state, goal.value));
    const auto found = planner.means_.find(goal.state);
    if (found == planner.means_.end() || pursued.size() >= deepest) return none;
    if (!pursued.insert(goal).second) return none;
    std::optional<Plan> best;
    std::string inner;
    for (const auto& means : found->second) {
      for (const auto& call : calls(means, goal)) {
        auto way = take(from, means, call, goal);
        if (!way) {
          if (inner.empty()) inner = way.error();
        } else if (!best || way->cost < best->cost) {
          best = std::move(*way);
        }
      }
    }
    pursued.erase(goal);
    if (best) return std::move(*best);
    // the state that lies at the bottom says more than the one that hangs on it
    if (!inner.empty()) return std::unexpected(inner);
    return none;
  }

  /// Calls of the form that may have this outcome and give the state this value.
  std::vector<Call> calls(const Means& means, const Goal& goal) const {
    const auto& parameters = means.form->parameters;
    std::vector<Call> out;
    bool by_parameter = false;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (!mentions(*means.value, parameters[i].name)) continue;
      by_parameter = true;
      const std::string raw = spell(parameters[i].type, goal.value);
      if (!goal.value.starts_with("${") && !spec::fault_of(parameters[i].type, raw).empty()) continue;
      Call call = ordinary_call(*means.command, *means.form, count_with(*means.form, i));
      call.arguments[i] = raw;
      out.push_back(std::move(call));
    }
    if (!by_parameter) {
      for (const std::size_t count : ordinary_counts(*means.form)) {
        out.push_back(ordinary_call(*means.command, *means.form, count));
        // the outcome may hang on a choice among the arguments
        for (std::size_t i = 0; i < count; ++i) {
          for (const auto& choice : parameters[i].type.choices) {
            Call call = out.back();
            call.arguments[i] = spell(parameters[i].type, choice.value);
            if (call.arguments != out.back().arguments) out.push_back(std::move(call));
          }
        }
      }
    }
    for (auto& call : out) give_what_else_is_wanted(means, goal, call);
    return out;
  }

  /// Account and password are set by one command: both get their value when either is asked for.
  void give_what_else_is_wanted(const Means& means, const Goal& goal, Call& call) const {
    for (const auto& item : means.outcome->alternatives.front().items) {
      for (const auto& effect : item.effects) {
        if (effect.state == goal.state) continue;
        for (std::size_t i = 0; i < call.arguments.size() && i < means.form->parameters.size(); ++i) {
          const auto& parameter = means.form->parameters[i];
          if (effect.value.text() != parameter.name) continue;
          for (auto frame = wanted.rbegin(); frame != wanted.rend(); ++frame) {
            const auto value = (*frame)->find(effect.state);
            if (value == (*frame)->end()) continue;
            const std::string raw = spell(parameter.type, value->second);
            if (value->second.starts_with("${") || spec::fault_of(parameter.type, raw).empty()) call.arguments[i] = raw;
            break;
          }
        }
      }
    }
  }

  std::expected<Plan, std::string> take(const Plan& from, const Means& means, const Call& call, const Goal& goal) {
    if (++tries > most_tries) return std::unexpected(fmt::format("no short way to {}={}", goal.state, goal.value));
    const spec::Form& form = *means.form;
    const auto own_steps = steps_of(form.after);
    const std::string line = call.line();
    // cheap look ahead: with all needs met, is it the form and the outcome at all?
    States ideal = from.reached;
    States needs;
    bool forced = false;
    const spec::State* state = planner.spec_.state(goal.state);
    for (const auto& need : form.needs) {
      ideal[need.state] = need.value;
      // Back from an unknown state to the one after power-on: whether the device obeys (it was elsewhere) or refuses
      // (it was there already), it is there afterwards.
      if (need.state == goal.state && !from.reached.contains(goal.state) && state != nullptr &&
          state->initial == goal.value) {
        forced = true;
        continue;
      }
      needs[need.state] = need.value;
    }
    auto prospect = foresee(planner.spec_, line, ideal, {}, escapes(own_steps));
    if (prospect.form != &form || prospect.invalid)
      return std::unexpected(fmt::format("no command reaches {}={}", goal.state, goal.value));
    if (prospect.outcome != means.outcome) {
      const auto other = what_else_it_takes(means, line, ideal, escapes(own_steps));
      if (!other) return std::unexpected(fmt::format("no command reaches {}={}", goal.state, goal.value));
      needs.emplace(other->state, other->value);
    }
    auto plan = reach(from, needs);
    if (!plan) return plan;
    States now = plan->reached;
    if (forced) now[goal.state] = ideal[goal.state];
    prospect = foresee(planner.spec_, line, now, {}, escapes(own_steps));
    if (prospect.outcome != means.outcome)
      return std::unexpected(fmt::format("no command reaches {}={}", goal.state, goal.value));

    for (auto& step : steps_of(form.set_up)) plan->steps.push_back(std::move(step));
    plan->steps.emplace_back(scenario::Send{line});
    for (auto& step : steps_after(prospect)) plan->steps.push_back(std::move(step));
    for (const auto& [changed, value] : prospect.after) {
      if (value) {
        plan->reached[changed] = *value;
      } else {
        plan->reached.erase(changed);
      }
    }
    if (!holds(plan->reached, goal.state, goal.value))
      return std::unexpected(fmt::format("no command reaches {}={}", goal.state, goal.value));
    plan->cost += has_item(form, spec::Item::Kind::data) ? cost_of_data : cost_of_command;
    plan->talks_to_server |= !form.verb.empty();
    return plan;
  }

  /// A state that stands between the call and the outcome, and the value that lets it through (a session must be
  /// closed before its PDP context is given up).
  std::optional<Goal> what_else_it_takes(const Means& means, const std::string& line, const States& now,
                                         bool escaped) const {
    for (const auto& outcome : means.form->outcomes) {
      for (const auto& name : outcome.when.names()) {
        const spec::State* state = planner.spec_.state(name);
        if (state == nullptr) continue;
        std::vector<std::string> values = state->values;
        if (state->initial) values.insert(values.begin(), *state->initial);
        for (const auto& value : values) {
          States tried = now;
          tried[name] = value;
          if (foresee(planner.spec_, line, tried, {}, escaped).outcome == means.outcome) return Goal{name, value};
        }
      }
      if (&outcome == means.outcome) break;
    }
    return std::nullopt;
  }
};

std::vector<Planner::Goal> Planner::in_order(const States& to) const {
  std::vector<Goal> out;
  std::set<std::string> taken;
  for (const auto& state : spec_.states) {
    if (const auto found = to.find(state.name); found != to.end() && taken.insert(state.name).second)
      out.push_back({found->first, found->second});
  }
  std::stable_sort(out.begin(), out.end(),
                   [&](const Goal& a, const Goal& b) { return rank_.at(a.state) < rank_.at(b.state); });
  for (const auto& [state, value] : to) {
    if (!taken.contains(state)) out.push_back({state, value});
  }
  return out;
}

std::expected<Plan, std::string> Planner::find(const States& from, const States& to) const {
  return Search{*this, 0, {}, {}}.reach(Plan{{}, from, 0, false}, to);
}

std::expected<Plan, std::string> Planner::plan(const States& from, const States& to) {
  std::string key;
  for (const auto* states : {&from, &to}) {
    for (const auto& [state, value] : *states) key += fmt::format("{}\x1f{}\x1e", state, value);
    key += '\x1d';
  }
  constexpr std::size_t most_remembered = 4096;
  if (found_.size() > most_remembered) found_.clear();
  if (const auto known = found_.find(key); known != found_.end()) return known->second;
  return found_.emplace(std::move(key), find(from, to)).first->second;
}

States Planner::target(const States& needs) const {
  States out = base_;
  for (const auto& [state, value] : needs) out[state] = value;
  return out;
}

std::optional<std::string> Planner::smallest_value(const std::string& state) const {
  const auto found = means_.find(state);
  if (found == means_.end()) return std::nullopt;
  for (const auto& means : found->second) {
    for (const auto& parameter : means.form->parameters) {
      if (means.value->text() == parameter.name && parameter.type.min) return std::to_string(*parameter.type.min);
    }
  }
  return std::nullopt;
}

std::expected<scenario::Scenario, std::string> Planner::materialise(scenario::Scenario scenario, const States& from) {
  if (scenario.materialised) return scenario;
  auto way = plan(from, target(scenario.needs));
  if (!way) return std::unexpected(std::move(way.error()));
  scenario.set_up = std::move(way->steps);
  scenario.materialised = true;
  return scenario;
}

}  // namespace atspec::generate
