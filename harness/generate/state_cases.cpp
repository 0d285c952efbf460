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

/// Of each value that a state takes with a final result and loses with the URC behind it, the first command of the
/// spec.
std::vector<UnderWay> transients(const spec::Spec& spec) {
  std::vector<UnderWay> out;
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& command : spec.commands) {
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

/// A value that a command gives to the state, as far from what a case starts with as it can be.
std::optional<std::string> value_set(const spec::Spec& spec, const spec::State& state) {
  for (const auto& command : spec.commands) {
    for (const auto& form : command.forms) {
      for (const auto& outcome : form.outcomes) {
        if (outcome.alternatives.empty()) continue;
        for (const auto& item : outcome.alternatives.front().items) {
          for (const auto& effect : item.effects) {
            if (effect.state != state.name) continue;
            const auto parameter =
                std::find_if(form.parameters.begin(), form.parameters.end(),
                             [&](const spec::Parameter& one) { return one.name == effect.value.text(); });
            if (parameter == form.parameters.end()) continue;
            const std::string start = state.base.value_or(state.initial.value_or(std::string()));
            if (!parameter->type.choices.empty()) {
              const auto& choices = parameter->type.choices;
              return choices.back().value == start ? choices.front().value : choices.back().value;
            }
            if (parameter->type.max) return std::to_string(*parameter->type.max);
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
    const auto value = value_set(spec, state);
    if (!report || !value || report->form->parameters.empty()) continue;
    Draft draft(spec, *report->command, *report->form);
    for (const auto& comparison : report->outcome->when.comparisons()) {
      if (spec.state(comparison.name) != nullptr && comparison.name != state.name)
        draft.needs(comparison.name, spec::to_string(comparison.literal));
    }
    out.push_back(draft.needs(state.name, *value)
                      .aims(report->outcome->clauses)
                      .arguments(samples(*report->form, mandatory(*report->form)))
                      .purpose(fmt::format("{} is {} once it was set to that", state.name, *value))
                      .finish());
  }
}

}  // namespace

void state_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out) {
  for (const auto& state : spec.states) {
    if (!state.initial || state.initial_clauses.empty()) continue;
    const auto report = reporting(spec, state.name);
    if (!report) continue;
    out.push_back(Draft(spec, *report->command, *report->form)
                      .aims(state.initial_clauses)
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
  std::set<std::string> shown;
  for (const auto& other : transients(spec)) {
    if (!named.contains(other.state)) continue;
    // a form that does not tell the values apart is shown one of them
    if (!told_apart.contains({other.state, other.value}) && !shown.insert(other.state).second) continue;
    Draft draft(spec, command, form);
    for (const auto& need : other.form->needs) draft.needs(need.state, need.value);
    draft.scripted().meanwhile(other.state, other.value);
    for (const auto& step : steps_of(other.form->set_up)) draft.before(step);
    PeerRule rule;
    rule.verb = other.form->verbs.front();
    rule.action = PeerRule::Action::delay;
    rule.duration = slow;
    draft.before(Peer{rule});
    draft.before(Send{command_line(*other.command, *other.form, samples(*other.form, required(*other.form)))});
    draft.before(Wait{});
    draft.before(Pause{soon});
    out.push_back(draft.aims(form.clauses)
                      .at_last({Wait{Wait::For::urc, other.command->name, std::nullopt}})
                      .purpose(fmt::format("{} while {} is under way", command.name, other.command->name))
                      .finish());
  }
}

}  // namespace atspec::generate
