#include "harness/spec/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "harness/spec/lint_examples.hpp"

namespace atspec::spec {

const std::vector<std::string>& known_functions() {
  static const std::vector<std::string> names = {"given()",
                                                 "server.ok()",
                                                 "server.number()",
                                                 "server.path()",
                                                 "server.time()",
                                                 "server.full_time()",
                                                 "server.saw()",
                                                 "server.asked()",
                                                 "peer.has()",
                                                 "peer.size()",
                                                 "peer.is_directory()",
                                                 "peer.after.has()",
                                                 "peer.after.size()",
                                                 "peer.after.is_sent()",
                                                 "peer.after.was_sent()",
                                                 "peer.after.is_directory()",
                                                 "peer.after.is_moved()",
                                                 "data.is_file()",
                                                 "data.was_sent()",
                                                 "paired()",
                                                 "listed()",
                                                 "resolved()",
                                                 "medium()",
                                                 "length()"};
  return names;
}

const std::vector<std::string>& known_names() {
  static const std::vector<std::string> names = {
      "invalid",           "server.code",    "server.garbled", "server.begun",  "connected",      "peer.host",
      "peer.port",         "peer.ftps_port", "server.silent",  "server.closed", "data.sent",      "data.received",
      "escaped",           "silent",         "unknown",        "peer.served",   "data.is_served", "data.sent_hash",
      "server.left_alone", "overlong"};
  return names;
}

const std::vector<std::string>& known_rules() {
  static const std::vector<std::string> names = {"framing",
                                                 "report-line",
                                                 "one-final-result",
                                                 "one-completion",
                                                 "ok-before-urc",
                                                 "result-listed",
                                                 "protocol-listed",
                                                 "silence-before-cr",
                                                 "no-echo",
                                                 "no-command-without-prefix",
                                                 "data-is-not-command",
                                                 "silence-in-upload",
                                                 "guard-time",
                                                 "escape-window",
                                                 "cfg-limit",
                                                 "open-limit"};
  return names;
}

namespace {

bool is_token(std::string_view text) { return text.starts_with("${") && text.ends_with('}'); }

template <typename List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

class Lint {
 public:
  explicit Lint(const Spec& spec) : spec_(spec) {}

  std::vector<Diagnostic> run() {
    clauses();
    ambiguities();
    once(spec_.code_tables, "code table", &CodeTable::name);
    for (const auto& table : spec_.code_tables) codes(table);
    once(spec_.rules, "rule", &Rule::name);
    for (const auto& rule : spec_.rules) {
      cite(rule.clauses, rule.at);
      if (rule.value.empty() && !holds(known_rules(), rule.name))
        say(rule.at, fmt::format("no rule is called {}", rule.name));
    }
    states();
    commands();
    reachable();
    once(spec_.examples, "example", &Example::id);
    for (const auto& example : spec_.examples) {
      for (auto& diagnostic : lint_example(spec_, example)) out_.push_back(std::move(diagnostic));
      for (const auto& id : clauses_of(example)) cite({id}, example.at);
    }
    unexercised();
    unaccepted();
    return std::move(out_);
  }

 private:
  void say(const Location& at, std::string message) { out_.push_back({at, std::move(message)}); }

  template <typename List, typename Key>
  void once(const List& list, const char* what, Key key) {
    std::set<std::string> seen;
    for (const auto& one : list) {
      if (!seen.insert(one.*key).second) say(one.at, fmt::format("{} {} is there twice", what, one.*key));
    }
  }

  void cite(const std::vector<ClauseId>& ids, const Location& at) {
    for (const auto& id : ids) {
      cited_.insert(id);
      if (spec_.clause(id) == nullptr) say(at, fmt::format("no clause {}", id));
    }
  }

  void clauses() {
    once(spec_.clauses, "clause", &Clause::id);
    for (const auto& clause : spec_.clauses) {
      for (const auto& id : clause.ambiguities) {
        const bool known = std::any_of(spec_.ambiguities.begin(), spec_.ambiguities.end(),
                                       [&](const auto& one) { return one.id == id; });
        if (!known) say(clause.at, fmt::format("no ambiguity {}", id));
      }
    }
  }

  void ambiguities() {
    once(spec_.ambiguities, "ambiguity", &Ambiguity::id);
    for (const auto& one : spec_.ambiguities) {
      const auto preferred = std::count_if(one.readings.begin(), one.readings.end(),
                                           [](const auto& reading) { return reading.preferred; });
      if (preferred != 1)
        say(one.at, fmt::format("ambiguity {} has {} preferred readings, wants one", one.id, preferred));
      for (const auto& reading : one.readings) readings_.insert(reading.id);
    }
  }

  /// What the manual may mean besides must be taken by lenient judging, or accuses a good device.
  void unaccepted() {
    for (const auto& one : spec_.ambiguities) {
      for (const auto& reading : one.readings) {
        if (!reading.preferred && reading.accepted.empty() && !accepted_.contains(reading.id))
          say(reading.at,
              fmt::format("no <accept> plays the reading {}, nor says accepted=\"\" how it is taken", reading.id));
      }
    }
  }

  void codes(const CodeTable& table) {
    cite(table.clauses, table.at);
    const CodeTable* results = spec_.code_table("result");
    for (const auto& code : table.codes) {
      cite(code.clauses, code.at);
      cite(code.pair_clauses, code.at);
      const bool listed = code.pair && results != nullptr &&
                          std::any_of(results->codes.begin(), results->codes.end(),
                                      [&](const auto& one) { return one.value == *code.pair; });
      // a pair the result table lacks for a reason (630 for 553, ambiguity A39) is spelt out by its clause
      const bool stated =
          code.pair && std::any_of(code.pair_clauses.begin(), code.pair_clauses.end(), [&](const auto& id) {
            const Clause* clause = spec_.clause(id);
            return clause != nullptr && clause->text.find(std::to_string(*code.pair)) != std::string::npos;
          });
      if (code.pair && !listed && !stated)
        say(code.at, fmt::format("{} is paired with {}, which the result table lacks", code.value, *code.pair));
    }
  }

  void state_value(const State& state, const std::optional<std::string>& value, const char* what) {
    if (value && !can_be(state, *value))
      say(state.at, fmt::format("{} {} is no value of state {}", what, *value, state.name));
  }

  void states() {
    once(spec_.states, "state", &State::name);
    for (const auto& state : spec_.states) {
      cite(state.initial_clauses, state.at);
      state_value(state, state.initial, "initial");
      state_value(state, state.reference, "reference");
      state_value(state, state.base, "base");
      for (const auto& mode : state.modes) state_value(state, mode, "mode");
      if (!state.modes.empty() && state.modes.front() != state.base)
        say(state.at, fmt::format("the modes of state {} begin with its base", state.name));
      if (state.given && (state.base || state.initial))
        say(state.at, fmt::format("state {} is given: nothing sets it up, not even a restart", state.name));
    }
  }

  /// Whether values can be held against it.
  bool type(const ValueType& type, const Location& at) {
    if (!type.code_table.empty() && spec_.code_table(type.code_table) == nullptr)
      say(at, fmt::format("no code table {}", type.code_table));
    for (const auto& choice : type.choices) {
      cite(choice.clauses, at);
      const bool number = std::holds_alternative<std::int64_t>(value_of_text(choice.value));
      if (type.base == ValueType::Base::integer && !number) say(at, fmt::format("{} is not an integer", choice.value));
    }
    if (type.pattern) {
      try {
        [[maybe_unused]] const std::regex compiled(*type.pattern);
      } catch (const std::regex_error&) {
        say(at, fmt::format("{} is no regular expression", *type.pattern));
        return false;
      }
    }
    return true;
  }

  /// A value as it would stand on the line.
  static std::string on_line(const ValueType& type, const std::string& value) {
    return type.base == ValueType::Base::text ? '"' + value + '"' : value;
  }

  void commands() {
    for (const auto& command : spec_.commands) {
      // letter case does not tell commands apart, so the first of a name is the one found
      if (spec_.command(command.name) != &command)
        say(command.at, fmt::format("command {} is there twice", command.name));
      for (const auto& reported : command.reported) {
        type(reported.type, reported.at);
        cite(reported.clauses, reported.at);
      }
      std::set<std::string> forms;
      for (const auto& one : command.forms) {
        const std::string key = fmt::format("{} {} {}", to_string(one.kind), one.keyword, one.when.text());
        if (!forms.insert(key).second) say(one.at, fmt::format("this form of {} is there twice", command.name));
        form(command, one);
      }
    }
  }

  void form(const Command& command, const Form& form) {
    cite(form.clauses, form.at);
    for (const auto& need : form.needs) {
      const State* state = spec_.state(need.state);
      if (state == nullptr) {
        say(form.at, fmt::format("needs an unknown state {}", need.state));
      } else if (!can_be(*state, need.value)) {
        say(form.at, fmt::format("needs {}={}, which is no value of it", need.state, need.value));
      }
    }
    for (const auto& parameter : form.parameters) {
      const bool usable = type(parameter.type, parameter.at);
      cite(parameter.clauses, parameter.at);
      cite(parameter.default_clauses, parameter.at);
      const auto fits = [&](const std::optional<std::string>& value, const char* what, const Location& at) {
        if (!usable || !value || is_token(*value)) return;
        const std::string why = fault_of(parameter.type, on_line(parameter.type, *value), &spec_);
        if (!why.empty()) say(at, fmt::format("{} {} of {} is {}", what, *value, parameter.name, why));
      };
      fits(parameter.sample, "sample", parameter.at);
      fits(parameter.default_value, "default", parameter.at);
      for (const auto& sample : parameter.conditional_samples) {
        fits(sample.value, "sample", sample.at);
        expression(command, form, sample.when, sample.at);
        for (const auto& name : sample.when.names()) {
          if (spec_.state(name) == nullptr)
            say(sample.at, fmt::format("\"{}\" asks {}, which is no state", sample.when.text(), name));
        }
      }
    }
    expression(command, form, form.when, form.at);
    for (const auto& outcome : form.outcomes) {
      cite(outcome.clauses, outcome.at);
      expression(command, form, outcome.when, outcome.at);
      for (const auto& check : outcome.checks) {
        cite(check.clauses, outcome.at);
        expression(command, form, check.holds, outcome.at);
      }
      for (const auto& alternative : outcome.alternatives) {
        for (const auto& id : alternative.readings) {
          if (!readings_.contains(id)) say(outcome.at, fmt::format("no reading {}", id));
          accepted_.insert(id);
        }
        expression(command, form, alternative.when, outcome.at);
        for (const auto& item : alternative.items) this->item(command, form, outcome, item);
      }
    }
  }

  void item(const Command& command, const Form& form, const Outcome& outcome, const Item& item) {
    cite(item.within_clauses, outcome.at);
    expression(command, form, item.within, outcome.at);
    for (const auto& effect : item.effects) {
      const State* state = spec_.state(effect.state);
      if (state == nullptr) {
        say(outcome.at, fmt::format("an effect on an unknown state {}", effect.state));
      } else if (effect.value.names().empty() && !can_be(*state, constant(effect.value))) {
        say(outcome.at,
            fmt::format("an effect sets {} to {}, which is no value of it", effect.state, constant(effect.value)));
      }
      expression(command, form, effect.value, outcome.at);
    }
    for (const auto& token : item.text.tokens()) {
      if (token.kind != Token::Kind::placeholder) continue;
      if (!typed(command, form, token.text))
        say(outcome.at, fmt::format("placeholder {{{}}} of {} has no type: no parameter and no <reports> has that name",
                                    token.text, command.name));
      expression(command, form, token.rule, outcome.at);
    }
  }

  static bool typed(const Command& command, const Form& form, std::string_view name) {
    const auto named = [&](const auto& one) { return one.name == name; };
    return std::any_of(form.parameters.begin(), form.parameters.end(), named) ||
           std::any_of(command.reported.begin(), command.reported.end(), named);
  }

  /// A state that lists its values has no other; a token stands for any.
  static bool can_be(const State& state, const std::string& value) {
    return state.values.empty() || is_token(value) || holds(state.values, value);
  }

  void expression(const Command& command, const Form& form, const Expression& expression, const Location& at) {
    for (const auto& name : expression.names()) {
      const bool function = name.ends_with("()");
      const bool known = function
                             ? holds(known_functions(), name)
                             : holds(known_names(), name) || typed(command, form, name) || spec_.state(name) != nullptr;
      if (!known) say(at, fmt::format("\"{}\" uses {}, which nothing defines", expression.text(), name));
    }
    for (const auto& [name, literal] : expression.comparisons()) {
      const State* state = typed(command, form, name) ? nullptr : spec_.state(name);
      if (state != nullptr && !can_be(*state, to_string(literal)))
        say(at, fmt::format("\"{}\" compares {} with {}, which is no value of it", expression.text(), name,
                            to_string(literal)));
    }
  }

  /// A value of a state that nothing initial and no effect yields will never be seen, and cases that need it never run.
  void reachable() {
    for (const auto& state : spec_.states) {
      std::set<std::string> reached;
      bool any = false;
      for (const auto& value : {state.initial, state.reference, state.base}) {
        if (value) reached.insert(*value);
      }
      for (const auto& command : spec_.commands) {
        for (const auto& form : command.forms) {
          for (const auto& outcome : form.outcomes) {
            for (const auto& alternative : outcome.alternatives) {
              for (const auto& item : alternative.items) {
                for (const auto& effect : item.effects) {
                  if (effect.state != state.name) continue;
                  const auto names = effect.value.names();
                  if (names.empty()) {
                    reached.insert(constant(effect.value));
                  } else if (names != std::vector<std::string>{"unknown"}) {
                    any = true;
                  }
                }
              }
            }
          }
        }
      }
      if (any || state.given) continue;
      for (const auto& value : state.values) {
        if (!reached.contains(value))
          say(state.at, fmt::format("state {}={} is unreachable: nothing sets it", state.name, value));
      }
    }
  }

  static std::string constant(const Expression& expression) {
    class Nothing : public Environment {
      Value name(std::string_view) const override { return Unknown{}; }
      Value call(std::string_view, const std::vector<Value>&, const std::vector<std::string>&) const override {
        return Unknown{};
      }
    };
    return to_string(expression.evaluate(Nothing{}));
  }

  void unexercised() {
    for (const auto& clause : spec_.clauses) {
      if (clause.testing == Clause::Testing::exercised && !cited_.contains(clause.id))
        say(clause.at, fmt::format("clause {} is said to be exercised, but no element carries it", clause.id));
    }
  }

  const Spec& spec_;
  std::vector<Diagnostic> out_;
  std::set<std::string> cited_, readings_, accepted_;
};

}  // namespace

std::vector<Diagnostic> lint(const Spec& spec) { return Lint(spec).run(); }

}  // namespace atspec::spec
