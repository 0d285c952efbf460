#include "harness/generate/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/generate/line.hpp"

namespace atspec::generate {
namespace {

using spec::Command;
using spec::Form;
using spec::Item;
using spec::Outcome;
using spec::Spec;

/// Longer chains of needs than any manual has.
constexpr int deepest = 8;

/// A value that an effect names without any doubt: a constant, or a parameter the planner may choose.
struct EffectSource {
  std::string constant;
  std::string parameter;
};

std::optional<EffectSource> source_of(const Form& form, const spec::Effect& effect) {
  std::vector<std::string> names;
  for (auto& name : effect.value.names()) {
    if (name != "resolved()") names.push_back(std::move(name));
  }
  if (names.empty()) return EffectSource{to_string(effect.value.evaluate(OverStates({}))), {}};
  if (names.size() != 1) return std::nullopt;
  for (const auto& parameter : form.parameters) {
    if (parameter.name == names[0]) return EffectSource{{}, names[0]};
  }
  return std::nullopt;
}

bool leaves_doubt(const Outcome& outcome) {
  for (const auto& item : outcome.alternatives.front().items) {
    if (item.kind == Item::Kind::data || item.kind == Item::Kind::connect) return true;
    for (const auto& effect : item.effects) {
      if (effect.value.names() == std::vector<std::string>{"unknown"}) return true;
    }
  }
  return false;
}

/// A state and the value it is to get.
using Goal = std::pair<std::string, std::string>;

/// A way to give a state a value.
struct Provider {
  const Command* command;
  const Form* form;
  const Outcome* outcome;
  EffectSource source;
};

}  // namespace

States initial_states(const Spec& spec) {
  States out;
  for (const auto& state : spec.states) {
    if (state.initial) out[state.name] = *state.initial;
  }
  return out;
}

struct Planner::Impl {
  const Spec& spec;
  std::map<std::string, std::vector<Provider>> providers;
  std::map<std::pair<States, States>, std::expected<std::vector<scenario::Step>, std::string>> remembered;

  struct Path {
    States states;
    std::vector<scenario::Step> steps;
    std::size_t commands = 0;
  };

  explicit Impl(const Spec& s) : spec(s) {
    for (const auto& command : spec.commands) {
      for (const auto& form : command.forms) {
        for (const auto& outcome : form.outcomes) {
          if (outcome.alternatives.empty() || leaves_doubt(outcome)) continue;
          for (const auto& [state, effect] : lasting(outcome)) {
            if (auto source = source_of(form, *effect))
              providers[state].push_back({&command, &form, &outcome, *std::move(source)});
          }
        }
      }
    }
  }

  static std::vector<std::string> arguments(const Provider& provider, const std::string& value, const States& states) {
    std::vector<std::string> out;
    for (const auto& parameter : provider.form->parameters) {
      const bool chosen = parameter.name == provider.source.parameter;
      const bool left_out = parameter.optional && !chosen && !parameter.sample && out.size() + 1 >= needed(provider);
      if (left_out) break;
      out.push_back(on_line(parameter, chosen ? value : sample_of(parameter, states)));
    }
    return out;
  }

  /// How many arguments must be given so that the one that carries the value is among them.
  static std::size_t needed(const Provider& provider) {
    std::size_t out = 0, index = 0;
    for (const auto& parameter : provider.form->parameters) {
      ++index;
      if (!parameter.optional || parameter.name == provider.source.parameter || parameter.sample) out = index;
    }
    return out + 1;
  }

  std::optional<Path> achieve(const std::string& state, const std::string& value, const Path& from, std::set<Goal> open,
                              int depth) const {
    const auto known = from.states.find(state);
    if (known != from.states.end() && known->second == value) return from;
    if (depth == deepest || !open.insert({state, value}).second) return std::nullopt;
    // Back from an unknown state to the one after power-on: whether the device obeys, since it was elsewhere, or
    // refuses, since it was there already, it is there afterwards. Forwards that would not hold: a session that is
    // refused for being open may be a dead one.
    const auto* declared = spec.state(state);
    const bool forced = known == from.states.end() && declared != nullptr && declared->initial == value;
    std::optional<Path> best;
    const auto found = providers.find(state);
    if (found == providers.end()) return std::nullopt;
    for (const auto& provider : found->second) {
      if (provider.source.parameter.empty() && provider.source.constant != value) continue;
      auto path = use(provider, state, value, from, open, depth, forced);
      if (path && (!best || path->commands < best->commands)) best = std::move(path);
    }
    return best;
  }

  std::optional<Path> use(const Provider& provider, const std::string& state, const std::string& value, Path path,
                          const std::set<Goal>& open, int depth, bool forced) const {
    const std::string line = command_line(*provider.command, *provider.form, arguments(provider, value, path.states));
    const auto invocation = invocation_of(line);
    if (!invocation || spec::find_form(*provider.command, *invocation) != provider.form) return std::nullopt;
    std::vector<Goal> needs;
    for (const auto& need : provider.form->needs) {
      // an unknown state may be what the command needs of it: it is sent all the same
      if (need.state != state || !forced) needs.emplace_back(need.state, need.value);
    }
    if (!meet(needs, path, open, depth)) return std::nullopt;
    if (auto obstacle = in_the_way(provider, state, *invocation, path.states)) {
      needs.push_back(*std::move(obstacle));
      if (!meet(needs, path, open, depth)) return std::nullopt;
    }
    const Beforehand environment(*provider.form, *invocation, path.states);
    const auto outcomes = possible(*provider.form, environment);
    if (std::find(outcomes.begin(), outcomes.end(), provider.outcome) == outcomes.end()) return std::nullopt;
    path.steps.push_back(scenario::Send{line});
    for (auto& step : waits(outcomes, environment, {})) path.steps.push_back(std::move(step));
    ++path.commands;
    for (const auto& [other, effect] : lasting(*provider.outcome)) {
      const spec::Value result = effect->value.evaluate(environment);
      if (spec::is_unknown(result)) {
        path.states.erase(other);
      } else {
        path.states[other] = to_string(result);
      }
    }
    path.states[state] = value;
    return path;
  }

  /// All of them at once; one may undo another.
  bool meet(const std::vector<Goal>& goals, Path& path, const std::set<Goal>& open, int depth) const {
    for (int round = 0; round < 3; ++round) {
      bool all = true;
      for (const auto& [state, value] : goals) {
        const auto known = path.states.find(state);
        if (known != path.states.end() && known->second == value) continue;
        all = false;
        auto there = achieve(state, value, path, open, depth + 1);
        if (!there) return false;
        path = *std::move(there);
      }
      if (all) return true;
    }
    return false;
  }

  /// A state for which another outcome comes before the one that is wanted, and the value with which it does not: a
  /// session must be closed before its PDP context is given up. The state that is to change is none of these.
  std::optional<Goal> in_the_way(const Provider& provider, const std::string& changing,
                                 const spec::Invocation& invocation, const States& states) const {
    const auto comes_first = [&](const States& tried) {
      auto outcomes = possible(*provider.form, Beforehand(*provider.form, invocation, tried));
      // against what may always happen, no state helps
      std::erase_if(outcomes, [&](const spec::Outcome* one) {
        return one != provider.outcome && !one->when.empty() && one->when.names().empty();
      });
      return !outcomes.empty() && outcomes.front() == provider.outcome;
    };
    if (comes_first(states)) return std::nullopt;
    for (const auto& outcome : provider.form->outcomes) {
      if (&outcome == provider.outcome) break;
      for (const auto& name : outcome.when.names()) {
        const auto* state = spec.state(name);
        if (state == nullptr || name == changing) continue;
        std::vector<std::string> values = state->values;
        if (state->initial) values.insert(values.begin(), *state->initial);
        for (const auto& value : values) {
          States tried = states;
          tried[name] = value;
          if (comes_first(tried)) return Goal{name, value};
        }
      }
    }
    return std::nullopt;
  }

  std::expected<std::vector<scenario::Step>, std::string> plan(const States& from, const States& to) const {
    Path path{from, {}, 0};
    // reaching one state may undo another: go round until all hold
    for (int round = 0; round < 3; ++round) {
      bool all = true;
      for (const auto& state : spec.states) {
        const auto wanted = to.find(state.name);
        if (wanted == to.end()) continue;
        const auto known = path.states.find(state.name);
        if (known != path.states.end() && known->second == wanted->second) continue;
        // nobody can bring it about: who runs the case knows whether it holds
        if (state.given) {
          path.states[state.name] = wanted->second;
          continue;
        }
        all = false;
        auto next = achieve(state.name, wanted->second, path, {}, 0);
        if (!next) return std::unexpected(fmt::format("no command brings {} to {}", state.name, wanted->second));
        path = *std::move(next);
      }
      if (all) return path.steps;
    }
    for (const auto& [state, value] : to) {
      const auto known = path.states.find(state);
      if (known == path.states.end() || known->second != value)
        return std::unexpected(fmt::format("{}={} cannot be had together with the rest", state, value));
    }
    return path.steps;
  }
};

Planner::Planner(const Spec& spec) : impl_(std::make_unique<Impl>(spec)) {}
Planner::~Planner() = default;
Planner::Planner(Planner&&) noexcept = default;

std::expected<std::vector<scenario::Step>, std::string> Planner::plan(const States& from, const States& to) {
  for (const auto& [state, value] : to) {
    if (impl_->spec.state(state) == nullptr) return std::unexpected(fmt::format("there is no state {}", state));
  }
  // a fuzzer asks for what nobody will ask again
  constexpr std::size_t most = 10'000;
  if (impl_->remembered.size() > most) impl_->remembered.clear();
  auto [at, fresh] = impl_->remembered.try_emplace({from, to});
  if (fresh) at->second = impl_->plan(from, to);
  return at->second;
}

std::optional<std::string> lacking(const Spec& spec, const scenario::Scenario& scenario, const States& bench) {
  for (const auto& state : spec.states) {
    const auto need = scenario.needs.find(state.name);
    if (!state.given || need == scenario.needs.end()) continue;
    const auto has = bench.find(state.name);
    if (has == bench.end() || has->second != need->second) return fmt::format("{}={}", need->first, need->second);
  }
  return std::nullopt;
}

std::expected<scenario::Scenario, std::string> Planner::materialise(scenario::Scenario scenario, const States& from) {
  if (scenario.materialised) return scenario;
  States to = scenario.needs;
  for (const auto& state : impl_->spec.states) {
    if (state.base) to.try_emplace(state.name, *state.base);
  }
  auto steps = plan(from, to);
  if (!steps) return std::unexpected(steps.error());
  scenario.set_up = *std::move(steps);
  scenario.materialised = true;
  return scenario;
}

}  // namespace atspec::generate
