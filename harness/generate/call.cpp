#include "harness/generate/call.hpp"

namespace atspec::generate {
namespace {

bool is_mandatory(const spec::Parameter& parameter) { return !parameter.optional && !parameter.with_previous; }

/// Parameters that come with the one before them are given along with it.
std::size_t with_followers(const spec::Form& form, std::size_t count) {
  while (count > 0 && count < form.parameters.size() && form.parameters[count].with_previous) ++count;
  return count;
}

/// For a parameter that must be given, whatever the spec says of it.
std::string some_value(const spec::Parameter& parameter) {
  if (auto value = ordinary_value(parameter)) return *value;
  return parameter.type.base == spec::ValueType::Base::integer ? "1" : "a";
}

}  // namespace

bool is_basic(const spec::Command& command) {
  return std::string_view("+$^*%").find(command.name.empty() ? ' ' : command.name.front()) == std::string_view::npos;
}

std::string Call::line() const {
  std::string out = "AT" + command->name;
  switch (form->kind) {
    case spec::FormKind::test:
      return out + "=?";
    case spec::FormKind::read:
      return out + "?";
    case spec::FormKind::execute:
      return out;
    case spec::FormKind::write:
      break;
  }
  if (!is_basic(*command)) out += '=';
  bool first = true;
  const auto add = [&](std::string_view argument) {
    if (!first) out += ',';
    first = false;
    out += argument;
  };
  if (!form->keyword.empty()) add("\"" + form->keyword + "\"");
  for (const auto& argument : arguments) add(argument);
  return out;
}

std::string spell(const spec::ValueType& type, std::string_view value) {
  if (type.base != spec::ValueType::Base::text) return std::string(value);
  return "\"" + std::string(value) + "\"";
}

std::optional<std::string> ordinary_value(const spec::Parameter& parameter) {
  if (parameter.sample) return parameter.sample;
  if (!parameter.type.choices.empty()) return parameter.type.choices.front().value;
  if (parameter.default_value) return parameter.default_value;
  if (parameter.type.base == spec::ValueType::Base::integer && parameter.type.min)
    return std::to_string(*parameter.type.min);
  return std::nullopt;
}

std::size_t mandatory_count(const spec::Form& form) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < form.parameters.size(); ++i) {
    if (is_mandatory(form.parameters[i])) count = i + 1;
  }
  return with_followers(form, count);
}

std::size_t count_with(const spec::Form& form, std::size_t index) {
  return with_followers(form, std::max(mandatory_count(form), index + 1));
}

std::vector<std::size_t> ordinary_counts(const spec::Form& form) {
  std::vector<std::size_t> out{mandatory_count(form)};
  for (std::size_t i = out.front(); i < form.parameters.size(); ++i) {
    if (!ordinary_value(form.parameters[i])) break;
    if (const std::size_t count = with_followers(form, i + 1); count > out.back()) out.push_back(count);
  }
  return out;
}

Call ordinary_call(const spec::Command& command, const spec::Form& form, std::size_t count) {
  Call call{&command, &form, {}};
  for (std::size_t i = 0; i < std::min(count, form.parameters.size()); ++i)
    call.arguments.push_back(spell(form.parameters[i].type, some_value(form.parameters[i])));
  // a write form without parameters is one the manual does not have: any argument will do to try it
  if (form.kind == spec::FormKind::write && form.parameters.empty() && form.keyword.empty())
    call.arguments.emplace_back("1");
  return call;
}

}  // namespace atspec::generate
