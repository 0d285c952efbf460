#include "harness/judge/match.hpp"

namespace atspec::judge {
namespace {

using Kind = trace::Event::Kind;
using ItemKind = spec::Item::Kind;
using spec::Value;

std::string_view word_of(std::string_view numeric) {
  if (numeric == "0") return "OK";
  if (numeric == "1") return "CONNECT";
  if (numeric == "3") return "NO CARRIER";
  if (numeric == "4") return "ERROR";
  return numeric;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// An integer compared with a text is compared as it is written.
bool same_value(const Value& a, const Value& b) {
  if (a.index() == b.index()) return a == b;
  return spec::to_string(a) == spec::to_string(b);
}

void append(std::vector<spec::ClauseId>& to, const std::vector<spec::ClauseId>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

std::vector<Observation> observations(const Session& session, const Exchange& exchange, const States& states) {
  const bool words_only = states.value("verbose") == Value(std::int64_t{1});
  std::vector<Observation> out;
  for (const std::size_t i : exchange.seen) {
    const auto& event = session.events[i];
    if (event.kind == Kind::sent_data || event.kind == Kind::sent_escape) continue;
    std::string_view text = event.text;
    if (!words_only && (event.kind == Kind::final_result || event.kind == Kind::connect) && is_number(text)) {
      text = word_of(text);
    }
    out.push_back({i, event.kind, text});
  }
  return out;
}

std::vector<Observation> put_in_order(const std::vector<Observation>& seen, const FormTraits& traits) {
  std::vector<Observation> finals_first;
  std::vector<Observation> held;
  for (const auto& one : seen) {
    const bool urc = one.kind == Kind::line &&
                     std::any_of(traits.completions.begin(), traits.completions.end(), [&](const spec::Template* text) {
                       return text->match(one.text, spec::Template::Blanks::any).has_value();
                     });
    (urc ? held : finals_first).push_back(one);
  }
  finals_first.insert(finals_first.end(), held.begin(), held.end());
  return finals_first;
}

Tolerance tolerance(const Index& index, const Options& options) {
  using Blanks = spec::Template::Blanks;
  Tolerance out{options.mode == Mode::lenient ? Blanks::any : Blanks::exact, options.mode == Mode::lenient};
  for (const auto& ambiguity : index.spec().ambiguities) {
    if (ambiguity.id != "A01") continue;
    for (const auto& reading : ambiguity.readings) {
      if (!reading.preferred && options.preferred.contains(reading.id)) out.blanks = Blanks::any;
    }
  }
  return out;
}

Attempt fit(const spec::Alternative& alternative, const std::vector<Observation>& seen, Tolerance tolerance) {
  Attempt attempt;
  attempt.alternative = &alternative;
  bool final_seen = false, urc_seen = false;
  bool carries_data = false;
  for (const auto& item : alternative.items)
    carries_data |= item.kind == ItemKind::data || item.kind == ItemKind::connect;

  std::size_t at = 0;
  auto take = [&](const spec::Item& item, std::vector<spec::Captured> captured) {
    attempt.sights.push_back({&item, seen[at].event, std::move(captured)});
    ++at;
  };
  for (const auto& item : alternative.items) {
    // passes over what has its own place: data mode, and second final results (rule one-final-result)
    auto skippable = [&] {
      if (at >= seen.size()) return false;
      if (seen[at].kind == Kind::data) return carries_data && item.kind != ItemKind::data;
      return seen[at].kind == Kind::final_result && final_seen && item.kind != ItemKind::final_result;
    };
    while (skippable()) ++at;

    if (item.kind == ItemKind::data) {
      // none at all is data too: an empty file
      if (!item.to_device) {
        bool any = false;
        while (at < seen.size() && seen[at].kind == Kind::data) {
          if (any) attempt.sights.pop_back();
          take(item, {});
          any = true;
        }
      }
      ++attempt.matched;
      continue;
    }
    const Kind wanted = item.kind == ItemKind::connect        ? Kind::connect
                        : item.kind == ItemKind::final_result ? Kind::final_result
                                                              : Kind::line;
    auto try_here = [&]() -> bool {
      if (at >= seen.size() || seen[at].kind != wanted) return false;
      auto captured = item.text.match(seen[at].text, tolerance.blanks);
      if (!captured && wanted == Kind::connect && tolerance.speed && seen[at].text.starts_with("CONNECT ")) {
        captured.emplace();
      }
      if (!captured) return false;
      take(item, std::move(*captured));
      return true;
    };
    if (item.repeated) {
      while (try_here()) {
      }
      ++attempt.matched;
      continue;
    }
    if (at >= seen.size()) return attempt;
    if (!try_here()) {
      attempt.contradiction = seen[at].event;
      return attempt;
    }
    ++attempt.matched;
    final_seen |= item.kind == ItemKind::final_result;
    urc_seen |= item.kind == ItemKind::urc;
  }
  for (; at < seen.size(); ++at) {
    const bool has_own_rule = (seen[at].kind == Kind::final_result && final_seen) ||
                              (seen[at].kind == Kind::line && urc_seen) ||
                              (seen[at].kind == Kind::data && carries_data);
    if (has_own_rule) continue;
    attempt.contradiction = seen[at].event;
    break;
  }
  return attempt;
}

Value value_of(const spec::Captured& captured, const spec::ValueType* type) {
  std::string_view raw = captured.raw;
  if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"') return std::string(raw.substr(1, raw.size() - 2));
  if (type != nullptr && type->base != spec::ValueType::Base::integer) return std::string(raw);
  Value value = spec::value_of_text(raw);
  if (type != nullptr && !std::holds_alternative<std::int64_t>(value)) return spec::Unknown{};
  return value;
}

std::optional<io::Duration> limit_of(const spec::Item& item, const spec::Environment& environment) {
  if (item.within.empty()) return std::nullopt;
  const Value value = item.within.evaluate(environment);
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr || *number < 0 || *number > 1'000'000'000) return std::nullopt;
  return std::chrono::milliseconds(*number);
}

io::Time limit_runs_from(const spec::Item& item, const Exchange& exchange, const Session& session) {
  if (item.kind != ItemKind::urc || exchange.finals.empty()) return exchange.sent;
  return session.events[exchange.finals.front()].at;
}

namespace {

class Examiner {
 public:
  Examiner(Attempt& attempt, const Surroundings& around, const Exchange& exchange, Environment& environment,
           io::Duration margin)
      : attempt_(attempt), around_(around), exchange_(exchange), environment_(environment), margin_(margin) {}

  void run() {
    environment_.forget_captured();
    for (const auto& sight : attempt_.sights) {
      time_of(sight);
      values_of(sight);
    }
  }

 private:
  const trace::Event& event(const Sight& sight) const { return around_.session.events[sight.event]; }

  void time_of(const Sight& sight) {
    const auto limit = limit_of(*sight.item, environment_);
    if (!limit) return;
    const auto& clauses = sight.item->within_clauses.empty() ? attempt_.outcome->clauses : sight.item->within_clauses;
    const io::Duration taken = event(sight).at - limit_runs_from(*sight.item, exchange_, around_.session);
    if (taken <= *limit + margin_ + time_on_the_line(sight.event)) {
      if (!sight.item->within_clauses.empty()) attempt_.credits.push_back(&clauses);
      return;
    }
    attempt_.faults.push_back(
        {clauses,
         {},
         "it came too late",
         fmt::format("within {}", io::format_duration(*limit)),
         fmt::format("after {}: {}", io::format_duration(taken), event(sight).text.substr(0, 200)),
         sight.event});
  }

  /// Of the command and of what was answered up to `event`: how fast the line is, the trace does not tell.
  io::Duration time_on_the_line(std::size_t event) const {
    constexpr io::Duration of_a_byte = std::chrono::microseconds(1042);  // at 9600 baud, ten bits each
    constexpr std::size_t frame = 4;                                     // the CR LF about a line
    std::size_t bytes = exchange_.line.size() + 1;
    for (const std::size_t i : exchange_.seen) {
      const auto& one = around_.session.events[i];
      if (i > event) break;
      if (one.kind == trace::Event::Kind::line || one.kind == trace::Event::Kind::final_result)
        bytes += one.text.size() + frame;
    }
    return of_a_byte * bytes;
  }

  void values_of(const Sight& sight) {
    std::vector<const spec::Token*> placeholders;
    for (const auto& token : sight.item->text.tokens()) {
      if (token.kind == spec::Token::Kind::placeholder) placeholders.push_back(&token);
    }
    const std::size_t count = std::min(placeholders.size(), sight.captured.size());
    std::vector<Declared> types(count);
    std::vector<Value> values(count);
    // rules may look at what stands further right on the line, so all values come first
    for (std::size_t i = 0; i < count; ++i) {
      const auto& captured = sight.captured[i];
      if (exchange_.command != nullptr && exchange_.form != nullptr) {
        types[i] = declared(*exchange_.command, *exchange_.form, captured.name);
      }
      values[i] = value_of(captured, types[i].type);
      environment_.capture(captured.name, values[i]);
    }
    std::vector<std::string> wrong;
    // right to left: an {err} that is paired with a wrong {protocol_error} is not wrong by itself
    for (std::size_t i = count; i-- > 0;) {
      if (!value(sight, *placeholders[i], sight.captured[i], types[i], values[i], wrong)) {
        wrong.push_back(sight.captured[i].name);
      }
    }
  }

  bool value(const Sight& sight, const spec::Token& token, const spec::Captured& captured, const Declared& declaration,
             const Value& value, const std::vector<std::string>& wrong) {
    if (declaration.type != nullptr) {
      const std::string why = spec::fault_of(*declaration.type, captured.raw);
      if (!why.empty()) {
        Fault fault{*declaration.clauses, {}, fmt::format("<{}> {}", captured.name, why), "", "", sight.event};
        fault.actual = fmt::format("{} in {}", captured.raw, event(sight).text.substr(0, 200));
        fault.expected = fmt::format(
            "a {} value", declaration.type->base == spec::ValueType::Base::integer ? "legal integer" : "legal text");
        if (fault.clauses.empty()) fault.clauses = attempt_.outcome->clauses;
        attempt_.faults.push_back(std::move(fault));
        return false;
      }
    }
    const Value expected = token.rule.empty() ? Value(spec::Unknown{}) : token.rule.evaluate(environment_);
    const bool ruled = !spec::is_unknown(expected) && !std::holds_alternative<bool>(expected);
    if (ruled && !same_value(expected, value)) {
      for (const auto& other : wrong) {
        if (token.rule.text().find(other) != std::string::npos) return true;
      }
      attempt_.faults.push_back(value_fault(sight, token, captured, declaration, expected));
      return false;
    }
    if (ruled) {
      for (const auto* clauses : clauses_of_fresh_states(token)) attempt_.credits.push_back(clauses);
    }
    if (declaration.type == nullptr) return true;
    if (declaration.reported) attempt_.credits.push_back(declaration.clauses);
    // what is merely seen proves a row of a table only where the manual demands this outcome
    if (ruled || (token.rule.empty() && attempt_.demanded && is_main()))
      credit_row(token, *declaration.type, value, captured);
    return true;
  }

  /// What the manual says states are after a restart, where the rule looks at such a one.
  std::vector<const std::vector<spec::ClauseId>*> clauses_of_fresh_states(const spec::Token& token) const {
    std::vector<const std::vector<spec::ClauseId>*> out;
    for (const auto& name : token.rule.names()) {
      const auto* state = environment_.fresh(name) ? around_.index.spec().state(name) : nullptr;
      if (state != nullptr) out.push_back(&state->initial_clauses);
    }
    return out;
  }

  /// Whether this is the sequence the manual prints, not one of those also accepted.
  bool is_main() const { return attempt_.alternative == &attempt_.outcome->alternatives.front(); }

  void credit_row(const spec::Token& token, const spec::ValueType& type, const Value& value,
                  const spec::Captured& captured) {
    for (const auto& choice : type.choices) {
      if (choice.value == captured.raw || choice.value == spec::to_string(value))
        attempt_.credits.push_back(&choice.clauses);
    }
    const auto* code = std::get_if<std::int64_t>(&value);
    if (code == nullptr || type.code_table.empty()) return;
    if (const auto* row = row_of(type, *code)) attempt_.credits.push_back(&row->clauses);
    if (!is_paired(token)) return;
    const auto* row = paired_row();
    if (row != nullptr && row->pair == *code) attempt_.credits.push_back(&row->pair_clauses);
  }

  Fault value_fault(const Sight& sight, const spec::Token& token, const spec::Captured& captured,
                    const Declared& declaration, const Value& expected) {
    Fault fault;
    fault.event = sight.event;
    fault.message = fmt::format("<{}> is not what it must be", captured.name);
    fault.expected = fmt::format("<{}> = {}", captured.name, spec::to_string(expected));
    fault.actual = fmt::format("{} in {}", captured.raw, event(sight).text.substr(0, 200));
    if (declaration.clauses != nullptr) fault.clauses = *declaration.clauses;
    for (const auto* clauses : clauses_of_fresh_states(token)) append(fault.clauses, *clauses);
    if (declaration.type != nullptr) {
      for (const auto& choice : declaration.type->choices) {
        if (choice.value == spec::to_string(expected)) append(fault.clauses, choice.clauses);
      }
      if (const auto* code = std::get_if<std::int64_t>(&expected)) {
        if (const auto* row = row_of(*declaration.type, *code)) append(fault.clauses, row->clauses);
      }
    }
    if (is_paired(token)) {
      if (const auto* row = paired_row()) {
        append(fault.clauses, row->pair_clauses);
        fault.weighed_by = row->pair_clauses;
      }
    }
    if (fault.clauses.empty()) fault.clauses = attempt_.outcome->clauses;
    return fault;
  }

  const spec::Code* row_of(const spec::ValueType& type, std::int64_t code) const {
    if (type.code_table == "result") return around_.index.result_code(code);
    if (type.code_table == "protocol") return around_.index.protocol_code(code);
    return nullptr;
  }

  static bool is_paired(const spec::Token& token) { return token.rule.text().find("paired(") != std::string::npos; }

  /// The row of the protocol code the line reports, else of the one the server sent.
  const spec::Code* paired_row() const {
    for (const auto& sight : attempt_.sights) {
      for (const auto& captured : sight.captured) {
        const auto declaration = declared(*exchange_.command, *exchange_.form, captured.name);
        if (declaration.type == nullptr || declaration.type->code_table != "protocol") continue;
        const Value value = value_of(captured, declaration.type);
        if (const auto* code = std::get_if<std::int64_t>(&value)) return around_.index.protocol_code(*code);
      }
    }
    const Value sent = environment_.name("server.code");
    const auto* code = std::get_if<std::int64_t>(&sent);
    return code == nullptr ? nullptr : around_.index.protocol_code(*code);
  }

  Attempt& attempt_;
  const Surroundings& around_;
  const Exchange& exchange_;
  Environment& environment_;
  io::Duration margin_;
};

}  // namespace

void examine(Attempt& attempt, const Surroundings& around, const Exchange& exchange, Environment& environment,
             io::Duration margin) {
  Examiner(attempt, around, exchange, environment, margin).run();
}

}  // namespace atspec::judge
