// What holds at a certain moment: values after a restart, answers under a setting, and a command sent while another is
// under way.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/generate/draft.hpp"

namespace atspec::generate {
namespace {

using scenario::Pause;
using scenario::Peer;
using scenario::PeerRule;
using scenario::Send;
using scenario::Step;
using scenario::Wait;

struct Report {
  const spec::Command* command = nullptr;
  const spec::Form* form = nullptr;
  const spec::Outcome* outcome = nullptr;
};

/// The form that shows the value of a state: a line of its answer has a placeholder that must be just that.
std::optional<Report> reporting(const spec::Spec& spec, const std::string& state) {
  for (const auto& command : spec.commands) {
    for (const auto& form : command.forms) {
      for (const auto& outcome : form.outcomes) {
        if (outcome.alternatives.empty()) continue;
        for (const auto& item : outcome.alternatives.front().items) {
          for (const auto& token : item.text.tokens()) {
            if (token.rule.names() == std::vector<std::string>{state}) return Report{&command, &form, &outcome};
          }
        }
      }
    }
  }
  return std::nullopt;
}

/// A command that keeps the server busy, and the value a state has meanwhile.
struct UnderWay {
  const spec::Command* command = nullptr;
  const spec::Form* form = nullptr;
  std::string state, value;
};

std::optional<std::string> constant(const spec::Expression& expression) {
  const std::string& text = expression.text();
  if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') return std::nullopt;
  return text.substr(1, text.size() - 2);
}

/// Each command that gives a state a value with its final result and takes it away with the URC behind it.
std::vector<UnderWay> transients(const spec::Spec& spec) {
  std::vector<UnderWay> out;
  for (const auto& command : spec.commands) {
    std::set<std::pair<std::string, std::string>> known;
    for (const auto& form : command.forms) {
      if (form.verbs.empty()) continue;
      for (const auto& outcome : form.outcomes) {
        if (outcome.alternatives.empty()) continue;
        const auto& items = outcome.alternatives.front().items;
        for (std::size_t i = 0; i + 1 < items.size(); ++i) {
          if (items[i].kind != spec::Item::Kind::final_result || items[i + 1].kind != spec::Item::Kind::urc) continue;
          for (const auto& effect : items[i].effects) {
            const auto value = constant(effect.value);
            const auto& later = items[i + 1].effects;
            const bool lost = std::any_of(later.begin(), later.end(),
                                          [&](const spec::Effect& other) { return other.state == effect.state; });
            if (value && lost && known.emplace(effect.state, *value).second)
              out.push_back({&command, &form, effect.state, *value});
          }
        }
      }
    }
  }
  return out;
}

/// A command that gives a state a value of its caller's choice.
struct Setter {
  const spec::Command* command = nullptr;
  const spec::Form* form = nullptr;
  std::vector<std::string> arguments;  ///< as on the line
  States sets;
};

/// A value of the parameter, as far from `start` as it can be; nothing where any would do and none is known to.
std::optional<std::string> other_value(const spec::Parameter& parameter, const std::string& start) {
  const auto& choices = parameter.type.choices;
  if (!choices.empty()) return choices.back().value == start ? choices.front().value : choices.back().value;
  if (parameter.type.max) return std::to_string(*parameter.type.max);
  return parameter.sample;
}

Setter setter(const spec::Command& command, const spec::Form& form, const spec::Outcome& outcome, std::size_t index,
              const std::string& value) {
  std::size_t count = index + 1;
  while (count < form.parameters.size() && form.parameters[count].with_previous) ++count;
  Setter out{&command, &form, samples(form, count), {}};
  const auto give = [&](const std::string& parameter, const std::string& what) {
    for (std::size_t i = 0; i < count; ++i) {
      if (form.parameters[i].name == parameter) out.arguments[i] = on_line(form.parameters[i], what);
    }
  };
  give(form.parameters[index].name, value);
  for (const auto& comparison : outcome.when.comparisons()) give(comparison.name, spec::to_string(comparison.literal));
  for (const auto& item : outcome.alternatives.front().items) {
    for (const auto& effect : item.effects) {
      for (std::size_t i = 0; i < count; ++i) {
        const std::string& text = out.arguments[i];
        if (form.parameters[i].name == effect.value.text())
          out.sets[effect.state] = text.starts_with('"') ? text.substr(1, text.size() - 2) : text;
      }
    }
  }
  return out;
}

/// The first setter of the state in the spec that leaves it no doubt.
std::optional<Setter> setter_of(const spec::Spec& spec, const spec::State& state) {
  const std::string start = state.base.value_or(state.initial.value_or(std::string()));
  for (const auto& command : spec.commands) {
    for (const auto& form : command.forms) {
      for (const auto& outcome : form.outcomes) {
        if (outcome.alternatives.empty() || !form.verbs.empty()) continue;
        for (const auto& item : outcome.alternatives.front().items) {
          for (const auto& effect : item.effects) {
            for (std::size_t i = 0; i < form.parameters.size(); ++i) {
              if (effect.state != state.name || form.parameters[i].name != effect.value.text()) continue;
              if (const auto value = other_value(form.parameters[i], start))
                return setter(command, form, outcome, i, *value);
            }
          }
        }
      }
    }
  }
  return std::nullopt;
}

/// What a command was told is what its query says.
void read_back_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out) {
  for (const auto& state : spec.states) {
    const auto report = reporting(spec, state.name);
    const auto set = setter_of(spec, state);
    if (!report || !set) continue;
    Draft draft(spec, *report->command, *report->form);
    draft.before(Send{command_line(*set->command, *set->form, set->arguments)}).before(Wait{});
    for (const auto& [name, value] : set->sets) draft.meanwhile(name, value);
    out.push_back(draft.aims(report->outcome->clauses)
                      .arguments(samples(*report->form, mandatory(*report->form)))
                      .purpose(fmt::format("{} is what it was set to", state.name))
                      .finish());
  }
}

}  // namespace

void state_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out) {
  for (const auto& state : spec.states) {
    if (!state.initial || state.initial_clauses.empty()) continue;
    const auto report = reporting(spec, state.name);
    if (!report) continue;
    Draft draft(spec, *report->command, *report->form);
    // what it was before must be another, or nothing shows that it was forgotten
    if (const auto set = setter_of(spec, state))
      draft.before(Send{command_line(*set->command, *set->form, set->arguments)}).before(Wait{});
    out.push_back(draft.aims(state.initial_clauses)
                      .before(scenario::Reset{})
                      .meanwhile(state.name, *state.initial)
                      .arguments(samples(*report->form, mandatory(*report->form)))
                      .purpose(fmt::format("{} after a restart", state.name))
                      .finish());
  }
  read_back_cases(spec, out);
  // what a form answers under each value of a setting that its outcomes, or their checks, tell apart
  for (const auto& command : spec.commands) {
    for (const auto& form : command.forms) {
      std::set<std::pair<std::string, std::string>> known;
      for (const auto& outcome : form.outcomes) {
        auto comparisons = outcome.when.comparisons();
        for (const auto& check : outcome.checks) {
          const auto more = check.holds.comparisons();
          comparisons.insert(comparisons.end(), more.begin(), more.end());
        }
        for (const auto& comparison : comparisons) {
          const spec::State* state = spec.state(comparison.name);
          const std::string value = spec::to_string(comparison.literal);
          if (state == nullptr || !state->base || value == *state->base) continue;
          if (!known.emplace(state->name, value).second) continue;
          out.push_back(Draft(spec, command, form)
                            .needs(state->name, value)
                            .aims(outcome.clauses)
                            .arguments(samples(form, mandatory(form)))
                            .purpose(fmt::format("{} while {} is {}", command.name, state->name, value))
                            .finish());
        }
      }
    }
  }
}

void overlap_cases(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                   std::vector<scenario::Scenario>& out) {
  constexpr auto slow = std::chrono::seconds(2);
  constexpr auto soon = std::chrono::milliseconds(300);
  std::set<std::pair<std::string, std::string>> told_apart;
  std::set<std::string> named;
  for (const auto& outcome : form.outcomes) {
    for (auto& name : outcome.when.names()) named.insert(std::move(name));
    for (const auto& comparison : outcome.when.comparisons())
      told_apart.emplace(comparison.name, spec::to_string(comparison.literal));
  }
  for (const auto& other : transients(spec)) {
    if (!named.contains(other.state)) continue;
    // a form that does not tell the values apart is tried beside itself alone
    if (!told_apart.contains({other.state, other.value}) && other.form != &form) continue;
    Draft draft(spec, command, form);
    for (const auto& need : other.form->needs) draft.needs(need.state, need.value);
    draft.scripted().meanwhile(other.state, other.value);
    if (other.form != &form) {
      for (const auto& step : steps_of(other.form->set_up)) draft.before(step);
    }
    PeerRule rule;
    rule.verb = other.form->verbs.front();
    rule.action = PeerRule::Action::delay;
    rule.duration = slow;
    draft.before(Peer{rule});
    draft.before(Send{command_line(*other.command, *other.form, samples(*other.form, required(*other.form)))});
    draft.before(Wait{});
    draft.before(Pause{soon});
    out.push_back(draft.aims(form.clauses)
                      .at_last({Pause{slow}, Wait{Wait::For::urc, other.command->name, std::nullopt}})
                      .purpose(fmt::format("{} while {} is under way", command.name, other.command->name))
                      .finish());
  }
}

}  // namespace atspec::generate
