#include "harness/spec/spec.hpp"

#include <algorithm>
#include <charconv>
#include <regex>

namespace atspec::spec {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

template <typename List, typename Key>
auto find_by(const List& list, Key key, std::string_view wanted) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& one) { return key(one) == wanted; });
  return found == list.end() ? nullptr : &*found;
}

/// Patterns are few and short, values many: each is compiled once. Null: no regular expression (lint says so).
const std::regex* compiled(const std::string& pattern) {
  thread_local std::map<std::string, std::optional<std::regex>> known;
  auto found = known.find(pattern);
  if (found == known.end()) {
    found = known.emplace(pattern, std::nullopt).first;
    try {
      found->second.emplace(pattern);
    } catch (const std::regex_error&) {
      found->second.reset();
    }
  }
  return found->second ? &*found->second : nullptr;
}

/// What of an invocation is visible before its form is chosen: parameters by position and name.
class ArgumentsOnly : public Environment {
 public:
  explicit ArgumentsOnly(const Binding& binding) : binding_(binding) {}
  Value name(std::string_view name) const override {
    const auto found = binding_.values.find(std::string(name));
    return found == binding_.values.end() ? Value{Unknown{}} : found->second;
  }
  Value call(std::string_view function, const std::vector<Value>&,
             const std::vector<std::string>& names) const override {
    if (function != "given" || names.empty()) return Unknown{};
    const auto found = binding_.given.find(names[0]);
    return found != binding_.given.end() && found->second;
  }

 private:
  const Binding& binding_;
};

}  // namespace

const Clause* Spec::clause(std::string_view id) const {
  return find_by(clauses, [](const Clause& one) -> std::string_view { return one.id; }, id);
}
const Command* Spec::command(std::string_view wanted) const {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const Command& one) { return same_letters(one.name, wanted); });
  return found == commands.end() ? nullptr : &*found;
}
const State* Spec::state(std::string_view wanted) const {
  return find_by(states, [](const State& one) -> std::string_view { return one.name; }, wanted);
}
const CodeTable* Spec::code_table(std::string_view wanted) const {
  return find_by(code_tables, [](const CodeTable& one) -> std::string_view { return one.name; }, wanted);
}
const Rule* Spec::rule(std::string_view wanted) const {
  return find_by(rules, [](const Rule& one) -> std::string_view { return one.name; }, wanted);
}

std::string fault_of(const ValueType& type, std::string_view raw, const Spec* tables) {
  const bool quoted = raw.size() >= 2 && raw.front() == '"' && raw.back() == '"';
  if (type.base == ValueType::Base::integer) {
    const bool negative = raw.starts_with('-');
    const auto digits = raw.substr(negative ? 1 : 0);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return "not an integer";
    std::int64_t value = 0;
    if (std::from_chars(raw.data(), raw.data() + raw.size(), value).ec != std::errc{})
      return "larger than any integer here";
    if (type.min && value < *type.min) return "below " + std::to_string(*type.min);
    if (type.max && value > *type.max) return "above " + std::to_string(*type.max);
    const auto is = [&](const ValueType::Choice& choice) { return value_of_text(choice.value) == Value{value}; };
    if (!type.choices.empty() && std::none_of(type.choices.begin(), type.choices.end(), is))
      return "not one of the values";
    if (!type.code_table.empty() && tables != nullptr) {
      const CodeTable* table = tables->code_table(type.code_table);
      if (table != nullptr && value != 0 &&
          std::none_of(table->codes.begin(), table->codes.end(), [&](const Code& code) { return code.value == value; }))
        return "not in the " + type.code_table + " table";
    }
    return {};
  }
  if (type.base == ValueType::Base::text && !quoted) return "not in quotes";
  if (type.base == ValueType::Base::bare && quoted) return "in quotes";
  const std::string_view text = quoted ? raw.substr(1, raw.size() - 2) : raw;
  // V.250 §5.4.2.2: a string constant holds no quote of its own
  if (quoted && text.find('"') != std::string_view::npos) return "with a quote inside";
  if (type.max_length && text.size() > *type.max_length)
    return "longer than " + std::to_string(*type.max_length) + " bytes";
  const auto is = [&](const ValueType::Choice& choice) { return choice.value == text; };
  if (!type.choices.empty() && std::none_of(type.choices.begin(), type.choices.end(), is))
    return "not one of the values";
  if (type.pattern) {
    const std::regex* form = compiled(*type.pattern);
    // the library's matcher recurses per character: what is longer than any pattern here wants does not match
    if (form == nullptr || text.size() > 1000 || !std::regex_match(text.begin(), text.end(), *form))
      return "not of the form " + *type.pattern;
  }
  return {};
}

Binding bind(const Form& form, const Invocation& invocation) {
  Binding out;
  const std::size_t first = form.keyword.empty() ? 0 : 1;
  const std::size_t count = invocation.arguments.size() < first ? 0 : invocation.arguments.size() - first;
  bool previous_given = true;
  std::size_t too_long = 0;
  for (std::size_t i = 0; i < form.parameters.size(); ++i) {
    const Parameter& parameter = form.parameters[i];
    const Argument* given = i < count ? &invocation.arguments[first + i] : nullptr;
    // "AT+X=" is a write with one empty argument: nothing was given
    const bool there = given != nullptr && !given->empty();
    out.given[parameter.name] = there;
    if (there) {
      std::string why = fault_of(parameter.type, given->raw);
      out.values[parameter.name] = parameter.type.base == ValueType::Base::integer && !given->quoted
                                       ? value_of_text(given->text)
                                       : Value{given->text};
      if (!why.empty()) {
        ValueType unbounded = parameter.type;
        unbounded.max_length.reset();
        too_long += fault_of(unbounded, given->raw).empty() ? 1 : 0;
        out.faults.push_back({parameter.name, std::move(why)});
      } else {
        out.in_bounds.push_back(parameter.name);
      }
    } else {
      if (parameter.default_value) {
        out.values[parameter.name] = parameter.type.base == ValueType::Base::integer
                                         ? value_of_text(*parameter.default_value)
                                         : Value{*parameter.default_value};
      }
      const bool needed = parameter.with_previous ? previous_given : !parameter.optional;
      // a gap before a later argument is no way to leave one out (manual 1.2.2 AT-13)
      const bool gap = given != nullptr && i + 1 < count;
      if (needed || gap) out.faults.push_back({parameter.name, "missing"});
    }
    if (there && parameter.with_previous && !previous_given)
      out.faults.push_back({parameter.name, "given without the one before it"});
    previous_given = there;
  }
  const bool empty_only = count == 1 && invocation.arguments[first].empty();
  out.unclear = count > 0 && invocation.arguments.back().empty() && (count > 1 || first > 0);
  for (std::size_t i = first; i < invocation.arguments.size(); ++i) {
    const std::string& argument = invocation.arguments[i].text;
    out.unclear |= std::any_of(argument.begin(), argument.end(),
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  }
  if (count > form.parameters.size() && !(form.parameters.empty() && empty_only && first == 0))
    out.faults.push_back({"", "too many arguments"});
  out.overlong = too_long > 0 && too_long == out.faults.size();
  return out;
}

const Form* find_form(const Command& command, const Invocation& invocation) {
  const Form* fallback = nullptr;
  for (const Form& form : command.forms) {
    if (form.kind != invocation.kind) continue;
    if (!form.keyword.empty()) {
      if (invocation.arguments.empty() || !invocation.arguments[0].quoted ||
          !same_letters(invocation.arguments[0].text, form.keyword))
        continue;
    }
    if (form.when.empty()) return &form;
    const Binding binding = bind(form, invocation);
    const auto fits = truth(form.when.evaluate(ArgumentsOnly(binding)));
    if (fits.value_or(false)) return &form;
    // an argument that is missing decides nothing: the first such form speaks for the command
    if (!fits && fallback == nullptr) fallback = &form;
  }
  return fallback;
}

}  // namespace atspec::spec
