#include "harness/judge/grammar.hpp"

#include "harness/judge/missing.hpp"

namespace atspec::judge {
namespace {

using Kind = trace::Event::Kind;
using ItemKind = spec::Item::Kind;

void append(std::vector<spec::ClauseId>& to, const std::vector<spec::ClauseId>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

const spec::Parameter* parameter(const spec::Form& form, std::string_view name) {
  for (const auto& parameter : form.parameters) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

/// Whether the sequence begins by turning the command down.
bool refuses(const spec::Alternative& alternative) {
  for (const auto& item : alternative.items) {
    if (item.kind == ItemKind::connect) return false;
    if (item.kind == ItemKind::final_result) return is_refusal(item.text.text());
  }
  return false;
}

bool among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether the value of a parameter, its default where it is left out, tells this form from the others.
bool chooses_form(const spec::Form& form, const std::string& name) { return among(form.when.names(), name); }

/// What the manual says of parameters that were left out, where `decides` tells that their values mattered.
template <typename Decides>
std::vector<spec::ClauseId> defaults_taken(const spec::Form& form, const spec::Binding& binding, Decides decides) {
  std::vector<spec::ClauseId> out;
  for (const auto& one : form.parameters) {
    const auto given = binding.given.find(one.name);
    if ((given == binding.given.end() || !given->second) && one.default_value && decides(one.name))
      append(out, one.default_clauses);
  }
  return out;
}

/// What the manual says of the listed values that were given.
std::vector<spec::ClauseId> choices_made(const spec::Form& form, const spec::Binding& binding) {
  std::vector<spec::ClauseId> out;
  for (const auto& one : form.parameters) {
    const auto given = binding.given.find(one.name);
    const auto value = binding.values.find(one.name);
    if (given == binding.given.end() || !given->second || value == binding.values.end()) continue;
    for (const auto& choice : one.type.choices) {
      if (choice.value == spec::to_string(value->second)) append(out, choice.clauses);
    }
  }
  return out;
}

}  // namespace

/// One exchange while it is judged.
struct Grammar::Case {
  const Exchange& exchange;
  const States& states;
  spec::Binding binding;
  Environment environment;
  std::vector<Observation> seen;

  Case(const Surroundings& around, const Exchange& judged, const States& held)
      : exchange(judged),
        states(held),
        binding(spec::bind(*judged.form, judged.invocations.front())),
        environment(around, exchange, binding, states),
        seen(observations(around.session, exchange, states)) {}

  /// What is left out may stand for what was given last (A13).
  void doubt_defaults(const Surroundings& around) {
    for (const auto& parameter : exchange.form->parameters) {
      if (!parameter.default_value || binding.given[parameter.name]) continue;
      const auto& exchanges = around.session.exchanges;
      const bool otherwise = std::any_of(exchanges.begin(), exchanges.end(), [&](const Exchange& other) {
        if (other.event >= exchange.event || other.command != exchange.command || other.form == nullptr) return false;
        const auto before = spec::bind(*other.form, other.invocations.front()).values;
        const auto found = before.find(parameter.name);
        return found != before.end() && found->second != binding.values[parameter.name];
      });
      if (otherwise) binding.values.erase(parameter.name);
    }
  }

  /// Whether this outcome is the answer to wrong arguments: without them it would not apply.
  bool is_for_invalid(const Index& index, const spec::Outcome& outcome) {
    if (!index.traits(outcome).mentions_invalid) return false;
    environment.pretend_invalid(false);
    const auto without = spec::truth(outcome.when.evaluate(environment));
    environment.pretend_invalid(true);
    const auto with = spec::truth(outcome.when.evaluate(environment));
    environment.pretend_invalid(std::nullopt);
    return without == false && with != false;
  }

  std::vector<std::size_t> evidence(const Surroundings& around) const {
    std::vector<std::size_t> records{exchange.record};
    for (const auto& one : seen) records.push_back(around.session.events[one.event].record);
    records.erase(std::unique(records.begin(), records.end()), records.end());
    return records;
  }
};

bool Grammar::allowed(const spec::Outcome& outcome, const spec::Alternative& alternative,
                      const Environment& environment) const {
  if (!alternative.when.empty() && spec::truth(alternative.when.evaluate(environment)) == false) return false;
  if (options_.mode == Mode::lenient) return true;
  // where no alternative plays what is preferred of an ambiguity, the manual's own stands
  const auto played = [&](const std::string& ambiguity) {
    return std::any_of(outcome.alternatives.begin(), outcome.alternatives.end(), [&](const spec::Alternative& one) {
      return std::any_of(one.readings.begin(), one.readings.end(), [&](const std::string& reading) {
        return reading.starts_with(ambiguity) && options_.preferred.contains(reading);
      });
    });
  };
  const bool own = &alternative == &outcome.alternatives.front();
  return std::all_of(alternative.readings.begin(), alternative.readings.end(), [&](const std::string& reading) {
    return options_.preferred.contains(reading) || (own && !played(reading.substr(0, reading.find('.') + 1)));
  });
}

Reading Grammar::judge(std::size_t number, const States& states) {
  const Exchange& exchange = around_.session.exchanges[number];
  if (exchange.invocations.size() > 1) return judge_several(exchange, states);
  Reading reading;
  if (exchange.form == nullptr) {
    const bool extended = !exchange.invocations.empty() && exchange.invocations.front().name.starts_with('+');
    if (exchange.prefixed && !extended) reading.owed_changes = around_.index.basic_states();
    return reading;
  }
  const FormTraits& traits = around_.index.traits(*exchange.form);
  if (exchange.doubtful) {
    reading.owed_changes = traits.touched;
    return reading;
  }

  Case now(around_, exchange, states);
  if (options_.mode == Mode::lenient) now.doubt_defaults(around_);
  if (options_.answers) reading.answer = answer(now);
  std::vector<Attempt> attempts;
  const spec::Outcome* demanded = nullptr;
  // then an outcome that comes after the one that is demanded will do as well, if it is not excluded
  const bool misled = now.environment.misled();
  const bool adrift = !exchange.form->verbs.empty() && now.environment.out_of_step();
  for (const auto& outcome : exchange.form->outcomes) {
    const auto when = outcome.when.empty() ? std::optional(true)
                      : adrift             ? std::nullopt
                                           : spec::truth(outcome.when.evaluate(now.environment));
    if (when == false) continue;
    if (when == true && demanded == nullptr) demanded = &outcome;
    for (const auto& alternative : outcome.alternatives) {
      if (!allowed(outcome, alternative, now.environment)) continue;
      // silence explains nothing unless it is what is demanded
      if (alternative.items.empty() && when != true) continue;
      Attempt attempt = fit(alternative, now.seen, tolerance_);
      attempt.outcome = &outcome;
      attempt.demanded = &outcome == demanded;
      attempts.push_back(std::move(attempt));
    }
    if (when == true && !misled) break;
  }
  const bool sayable =
      demanded == nullptr || std::any_of(attempts.begin(), attempts.end(),
                                         [&](const Attempt& attempt) { return attempt.outcome == demanded; });
  if (attempts.empty() || !sayable) {
    // the manual says nothing about this situation, or nothing under these readings
    reading.owed_changes = traits.touched;
    return reading;
  }
  reading.judged = reading.answer.judged = true;
  for (const auto& attempt : attempts) {
    if (attempt.outcome == (demanded != nullptr ? demanded : attempts.front().outcome)) {
      reading.expectation =
          fmt::format("{} → {}", exchange.line, in_words(*attempt.alternative, exchange, now.environment));
      break;
    }
  }

  for (auto& attempt : attempts) examine(attempt, around_, exchange, now.environment, options_.margin);

  std::vector<const Attempt*> good;
  for (const auto& attempt : attempts) {
    if (attempt.complete() && attempt.faults.empty()) good.push_back(&attempt);
  }
  if (good.empty()) {
    bool undecidable = false;
    for (const auto& attempt : attempts) {
      if (!attempt.open() || !attempt.faults.empty()) continue;
      const Missing why = missing(attempt, around_, exchange, now.environment, options_);
      if (why == Missing::maybe_still_to_come) good.push_back(&attempt);
      undecidable |= why == Missing::undecidable;
    }
    if (good.empty() && undecidable) {
      ledger_.undecided(fmt::format("{}: an answer is missing whose time limit is not known", exchange.line));
      reading.owed_changes = traits.touched;
      return reading;
    }
  }
  if (!good.empty()) {
    accept(now, good, reading);
    return reading;
  }

  reading.owed_changes = traits.touched;
  const auto worth = [&](const Attempt& attempt) {
    // all items there but a value wrong, before something missing, before something else altogether
    const int shape = attempt.complete() ? 2 : attempt.open() ? 1 : 0;
    return std::tuple(shape,
                      shape == 2 ? -static_cast<long>(attempt.faults.size()) : static_cast<long>(attempt.matched),
                      attempt.demanded);
  };
  const Attempt* best = &attempts.front();
  for (const auto& attempt : attempts) {
    if (worth(attempt) > worth(*best)) best = &attempt;
  }
  accuse(now, *best, reading);
  return reading;
}

/// Of a line with several commands only the plainest case is followed: all it got is OK.
Reading Grammar::judge_several(const Exchange& exchange, const States& states) const {
  Reading reading;
  const auto seen = observations(around_.session, exchange, states);
  const bool plain = seen.size() == 1 && seen.front().kind == Kind::final_result && seen.front().text == "OK";
  for (const auto& invocation : exchange.invocations) {
    const auto* command = around_.index.command(invocation.name);
    const auto* form = command == nullptr ? nullptr : spec::find_form(*command, invocation);
    if (form == nullptr && !invocation.name.starts_with('+')) {
      const auto& basic = around_.index.basic_states();
      reading.owed_changes.insert(basic.begin(), basic.end());
    }
    if (form == nullptr) continue;
    const auto& touched = around_.index.traits(*form).touched;
    if (!plain || exchange.doubtful) {
      reading.owed_changes.insert(touched.begin(), touched.end());
      continue;
    }
    const spec::Binding binding = spec::bind(*form, invocation);
    const Environment environment(around_, exchange, binding, states);
    for (const auto& outcome : form->outcomes) {
      const auto when = outcome.when.empty() ? std::optional(true) : spec::truth(outcome.when.evaluate(environment));
      if (when == false) continue;
      const auto* items = outcome.alternatives.empty() ? nullptr : &outcome.alternatives.front().items;
      if (when == true && items != nullptr && items->size() == 1 && items->front().text.text() == "OK") {
        for (const auto& effect : items->front().effects) {
          reading.changes.push_back({seen.front().event, effect.state, effect.value.evaluate(environment)});
        }
      } else {
        reading.owed_changes.insert(touched.begin(), touched.end());
      }
      break;
    }
  }
  return reading;
}

/// As far as it can be told before it is held against any outcome.
Answer Grammar::answer(const Case& now) const {
  Answer out;
  out.line = now.exchange.line;
  out.words = in_words(now.seen, around_.session);
  out.command = now.exchange.command;
  out.form = now.exchange.form;
  out.whole = now.exchange.finished && !now.exchange.cut && !now.environment.misled();
  return out;
}

std::vector<StateChange> Grammar::changes_of(Case& now, const Attempt& attempt) const {
  std::vector<StateChange> changes;
  now.environment.forget_captured();
  std::optional<std::size_t> answered;
  for (const auto& sight : attempt.sights) {
    for (const auto& captured : sight.captured) {
      const auto declaration = declared(*now.exchange.command, *now.exchange.form, captured.name);
      now.environment.capture(captured.name, value_of(captured, declaration.type));
    }
    for (const auto& effect : sight.item->effects) {
      // between the final result and the URC that tells of it, a change may be there already
      const bool told_before = std::any_of(changes.begin(), changes.end(),
                                           [&](const StateChange& change) { return change.state == effect.state; });
      if (answered && !told_before) changes.push_back({*answered, effect.state, spec::Unknown{}});
      changes.push_back({sight.event, effect.state, effect.value.evaluate(now.environment)});
    }
    if (sight.item->kind == ItemKind::final_result) answered = sight.event;
  }
  return changes;
}

/// The codes the device reported, as the sequence that explains it best says which those are.
void Grammar::collect_codes(const Case& now, const Attempt& attempt, Reading& reading) {
  for (const auto& sight : attempt.sights) {
    for (const auto& captured : sight.captured) {
      const auto declaration = declared(*now.exchange.command, *now.exchange.form, captured.name);
      if (declaration.type == nullptr || declaration.type->code_table.empty()) continue;
      const auto value = value_of(captured, declaration.type);
      const auto* code = std::get_if<std::int64_t>(&value);
      if (code != nullptr) reading.codes.push_back({declaration.type->code_table, *code, sight.event});
    }
  }
}

void Grammar::accept(Case& now, const std::vector<const Attempt*>& good, Reading& reading) {
  // one that has all it wants is more likely than one of which something may yet come
  const auto complete = std::find_if(good.begin(), good.end(), [](const Attempt* one) { return one->complete(); });
  const Attempt& attempt = complete == good.end() ? *good.front() : **complete;
  reading.fits = true;
  reading.complete = attempt.complete();
  reading.alternative = attempt.alternative;
  reading.by_accepted_reading = attempt.alternative != &attempt.outcome->alternatives.front();
  reading.demanded_finals = reading.demanded_completions = 0;
  for (const auto& item : attempt.alternative->items) {
    reading.demanded_finals += item.kind == ItemKind::final_result ? 1 : 0;
    reading.demanded_completions += item.kind == ItemKind::urc ? 1 : 0;
  }

  collect_codes(now, attempt, reading);
  reading.changes = changes_of(now, attempt);
  for (const auto* one : good) {
    if (one->outcome == attempt.outcome) continue;
    // another outcome explains it as well: what they do not agree on stays open
    for (auto& other : changes_of(now, *one)) {
      const bool agreed = std::any_of(reading.changes.begin(), reading.changes.end(), [&](const StateChange& change) {
        return change.event == other.event && change.state == other.state && change.value == other.value;
      });
      if (!agreed) reading.changes.push_back({other.event, other.state, spec::Unknown{}});
    }
  }
  if (now.environment.misled()) {
    for (auto& change : reading.changes) change.value = spec::Unknown{};
  }
  for (const auto* one : good) {
    for (std::size_t i = one->matched; i < one->alternative->items.size(); ++i) {
      for (const auto& effect : one->alternative->items[i].effects) reading.owed_changes.insert(effect.state);
    }
  }

  for (const auto* clauses : attempt.credits) ledger_.passed(*clauses);
  if (!attempt.complete()) {
    reading.answer.whole = false;
    return;
  }
  reading.answer.outcome = attempt.outcome;
  for (const auto& sight : attempt.sights) {
    for (const auto& captured : sight.captured) reading.answer.values.push_back({captured.name, captured.raw});
  }
  ledger_.passed(attempt.outcome->clauses);
  credit_parameters(now, attempt);
  check_holds(now, attempt);
}

/// A parameter's clause is proven by a legal value that was taken, or an illegal one that was refused as such.
void Grammar::credit_parameters(Case& now, const Attempt& attempt) {
  const spec::Form& form = *now.exchange.form;
  const bool for_invalid = now.is_for_invalid(around_.index, *attempt.outcome);
  if (!now.binding.faults.empty()) {
    if (!for_invalid) return;
    for (const auto& fault : now.binding.faults) {
      const auto* wrong = parameter(form, fault.parameter);
      ledger_.passed(wrong != nullptr ? wrong->clauses : form.clauses);
    }
    return;
  }
  if (for_invalid || now.exchange.refused) return;
  // a form that is one outcome without condition shares its clauses
  std::vector<spec::ClauseId> of_form = form.clauses;
  std::erase_if(of_form, [&](const spec::ClauseId& id) {
    const auto& others = attempt.outcome->clauses;
    return std::find(others.begin(), others.end(), id) != others.end();
  });
  ledger_.passed(of_form);
  for (const auto& one : form.parameters) {
    const auto given = now.binding.given.find(one.name);
    const auto value = now.binding.values.find(one.name);
    if (given != now.binding.given.end() && given->second) {
      ledger_.passed(one.clauses);
      if (value == now.binding.values.end()) continue;
      for (const auto& choice : one.type.choices) {
        if (choice.value == spec::to_string(value->second)) ledger_.passed(choice.clauses);
      }
    } else if (one.default_value && attempt.demanded &&
               (around_.index.traits(*attempt.outcome).examined.contains(one.name) || chooses_form(form, one.name))) {
      ledger_.passed(one.default_clauses);
    }
  }
}

void Grammar::check_holds(Case& now, const Attempt& attempt) {
  if (attempt.outcome->checks.empty() || now.environment.misled()) return;
  (void)changes_of(now, attempt);  // leaves what was captured in the environment
  for (const auto& check : attempt.outcome->checks) {
    const auto holds = spec::truth(check.holds.evaluate(now.environment));
    if (!holds) continue;
    if (*holds) {
      ledger_.passed(check.clauses);
      continue;
    }
    auto clauses = check.clauses;
    append(clauses, defaults_taken(*now.exchange.form, now.binding,
                                   [&](const std::string& name) { return among(check.holds.names(), name); }));
    ledger_.failed({std::move(clauses),
                    "not so: " + check.message,
                    check.holds.text(),
                    in_words(now.seen, around_.session),
                    now.exchange.line,
                    now.evidence(around_),
                    {}});
  }
}

void Grammar::accuse(Case& now, const Attempt& attempt, Reading& reading) {
  const Exchange& exchange = now.exchange;
  collect_codes(now, attempt, reading);
  const std::string expected = in_words(*attempt.alternative, exchange, now.environment);
  const std::string actual = in_words(now.seen, around_.session);

  if (attempt.complete()) {
    // all that was asked came; what is wrong with it, one by one
    for (const auto& fault : attempt.faults) {
      ledger_.failed({fault.clauses,
                      fault.message,
                      fault.expected.empty() ? expected : fault.expected,
                      fault.actual,
                      exchange.line,
                      {exchange.record, around_.session.events[fault.event].record},
                      fault.weighed_by});
    }
    reading.alternative = attempt.alternative;
    reading.complete = true;
    for (auto& change : changes_of(now, attempt)) reading.changes.push_back(std::move(change));
    for (auto& change : reading.changes) change.value = spec::Unknown{};
    return;
  }

  Breach breach{attempt.outcome->clauses, {}, expected, actual, exchange.line, now.evidence(around_), {}};
  const FormTraits& traits = around_.index.traits(*exchange.form);
  append(breach.clauses, defaults_taken(*exchange.form, now.binding, [&](const std::string& name) {
           return chooses_form(*exchange.form, name) || around_.index.traits(*attempt.outcome).examined.contains(name);
         }));
  if (attempt.contradiction && !exchange.finals.empty() && !exchange.completions.empty()) {
    Attempt ordered = fit(*attempt.alternative, put_in_order(now.seen, traits), tolerance_);
    reading.order_broken = ordered.complete();
  }
  if (reading.order_broken) {
    breach.message = "the URC stands before the final result";
    if (const auto* rule = around_.index.rule("ok-before-urc")) append(breach.clauses, rule->clauses);
  } else if (!attempt.contradiction) {
    const auto& item = attempt.alternative->items[attempt.matched];
    breach.message = io::escape(in_words(item, exchange, now.environment)) + " is missing";
    append(breach.clauses, item.within_clauses);
  } else if (now.binding.faults.empty() && exchange.refused && !refuses(*attempt.alternative)) {
    breach.message =
        attempt.demanded ? "refused, though it had to be carried out" : "refused, though nothing stood against it";
    bool as_invalid = false;
    for (const auto& outcome : exchange.form->outcomes) {
      if (!now.is_for_invalid(around_.index, outcome)) continue;
      for (const auto& alternative : outcome.alternatives) {
        as_invalid |= fit(alternative, now.seen, Tolerance()).complete();
      }
    }
    if (as_invalid) {
      append(breach.clauses, exchange.form->clauses);
      for (const auto& name : now.binding.in_bounds) {
        if (const auto* wronged = parameter(*exchange.form, name)) append(breach.clauses, wronged->clauses);
      }
      append(breach.clauses, choices_made(*exchange.form, now.binding));
    } else if (exchange.form->parameters.empty() && now.seen.front().text == "ERROR") {
      // as a command is that the device does not know
      append(breach.clauses, exchange.form->clauses);
    }
  } else if (!now.binding.faults.empty() && !exchange.refused && now.is_for_invalid(around_.index, *attempt.outcome)) {
    const auto& fault = now.binding.faults.front();
    breach.message = fmt::format("accepted, though {}{}",
                                 fault.parameter.empty() ? "" : fmt::format("<{}> ", fault.parameter), fault.message);
    for (const auto& one : now.binding.faults) {
      const auto* wrong = parameter(*exchange.form, one.parameter);
      append(breach.clauses, wrong != nullptr ? wrong->clauses : exchange.form->clauses);
    }
  } else {
    breach.message = fmt::format("{} does not fit",
                                 in_words({{*attempt.contradiction, around_.session.events[*attempt.contradiction].kind,
                                            around_.session.events[*attempt.contradiction].text}},
                                          around_.session));
  }
  if (breach.clauses.empty()) breach.clauses = exchange.form->clauses;
  ledger_.failed(std::move(breach));
}

}  // namespace atspec::judge
