#include "harness/generate/line.hpp"

#include <algorithm>

namespace atspec::generate {
namespace {

bool is_token(std::string_view text) { return text.starts_with("${"); }

/// On top of a limit of the manual: for the line and the host. The judge allows less; this only ends a wait.
constexpr auto patience = std::chrono::seconds(2);

std::optional<io::Duration> limit(const spec::Item& item, const spec::Environment& environment) {
  const spec::Value value = item.within.evaluate(environment);
  const auto* milliseconds = std::get_if<std::int64_t>(&value);
  if (milliseconds == nullptr || *milliseconds < 0 || *milliseconds > 86'400'000) return std::nullopt;
  return std::chrono::milliseconds(*milliseconds) + patience;
}

}  // namespace

std::string on_line(const spec::Parameter& parameter, const std::string& value) {
  return parameter.type.base == spec::ValueType::Base::text ? '"' + value + '"' : value;
}

std::string sample_of(const spec::Parameter& parameter, const States& states) {
  for (const auto& sample : parameter.conditional_samples) {
    if (spec::truth(sample.when.evaluate(OverStates(states))) == true) return sample.value;
  }
  if (parameter.sample) return *parameter.sample;
  if (parameter.default_value) return *parameter.default_value;
  if (!parameter.type.choices.empty()) return parameter.type.choices.front().value;
  if (parameter.type.min) return std::to_string(*parameter.type.min);
  return parameter.type.base == spec::ValueType::Base::integer ? "0" : "x";
}

std::vector<std::string> fitting(const spec::Form& form, std::vector<std::string> arguments, const States& states) {
  for (std::size_t i = 0; i < std::min(arguments.size(), form.parameters.size()); ++i) {
    const auto& parameter = form.parameters[i];
    if (!parameter.conditional_samples.empty() && arguments[i] == on_line(parameter, sample_of(parameter)))
      arguments[i] = on_line(parameter, sample_of(parameter, states));
  }
  return arguments;
}

std::string command_line(const spec::Command& command, const spec::Form& form,
                         const std::vector<std::string>& arguments) {
  std::string out = "AT" + command.name;
  const bool basic = !command.name.starts_with('+');
  switch (form.kind) {
    case spec::FormKind::test:
      return out + "=?";
    case spec::FormKind::read:
      return out + "?";
    case spec::FormKind::execute:
      return out;
    case spec::FormKind::write:
      break;
  }
  if (!basic) out += '=';
  bool first = true;
  const auto add = [&](const std::string& argument) {
    if (!first) out += ',';
    out += argument;
    first = false;
  };
  if (!form.keyword.empty()) add('"' + form.keyword + '"');
  for (const auto& argument : arguments) add(argument);
  return out;
}

std::optional<spec::Invocation> invocation_of(const std::string& line) {
  auto parsed = spec::parse_command_line(line);
  if (!parsed || parsed->size() != 1) return std::nullopt;
  return std::move(parsed->front());
}

spec::Value OverStates::name(std::string_view name) const {
  const auto found = states_.find(std::string(name));
  return found == states_.end() ? spec::Value{spec::Unknown{}} : spec::value_of_text(found->second);
}

spec::Value OverStates::call(std::string_view, const std::vector<spec::Value>&, const std::vector<std::string>&) const {
  return spec::Unknown{};
}

Beforehand::Beforehand(const spec::Form& form, const spec::Invocation& invocation, const States& states)
    : OverStates(states), binding_(spec::bind(form, invocation)) {
  // a token is a right value of any type: its faults are none
  std::erase_if(binding_.faults, [&](const auto& fault) {
    const auto found = binding_.values.find(fault.parameter);
    return found != binding_.values.end() && std::holds_alternative<std::string>(found->second) &&
           is_token(std::get<std::string>(found->second));
  });
  invalid_ = !binding_.faults.empty();
}

spec::Value Beforehand::name(std::string_view name) const {
  if (name == "invalid") return invalid_;
  if (name == "overlong") return binding_.overlong;
  if (name == "peer.host") return std::string("${ftp.host}");
  if (name == "peer.port") return std::string("${ftp.port}");
  if (name == "peer.ftps_port") return std::string("${ftps.port}");
  if (name == "escaped" || name == "connected")
    return name == "escaped" ? spec::Value{spec::Unknown{}} : spec::Value{false};
  if (const auto found = binding_.values.find(std::string(name)); found != binding_.values.end()) return found->second;
  return OverStates::name(name);
}

spec::Value Beforehand::call(std::string_view function, const std::vector<spec::Value>& arguments,
                             const std::vector<std::string>& names) const {
  if (function == "given" && !names.empty()) {
    const auto found = binding_.given.find(names[0]);
    return found != binding_.given.end() && found->second;
  }
  if (function == "resolved" && !arguments.empty()) {
    // an absolute path needs no current directory
    const auto* path = std::get_if<std::string>(&arguments[0]);
    if (path != nullptr && path->starts_with('/')) return *path;
  }
  return spec::Unknown{};
}

std::vector<const spec::Outcome*> possible(const spec::Form& form, const spec::Environment& environment) {
  std::vector<const spec::Outcome*> out;
  for (const auto& outcome : form.outcomes) {
    const auto holds = outcome.when.empty() ? std::optional(true) : spec::truth(outcome.when.evaluate(environment));
    if (holds == false) continue;
    out.push_back(&outcome);
    if (holds == true) break;
  }
  return out;
}

namespace {

bool has_urc(const spec::Alternative& alternative) {
  return std::any_of(alternative.items.begin(), alternative.items.end(),
                     [](const spec::Item& item) { return item.kind == spec::Item::Kind::urc; });
}

bool ends_in_error(const spec::Outcome& outcome) {
  const auto& items = outcome.alternatives.front().items;
  return std::any_of(items.begin(), items.end(), [](const spec::Item& item) {
    return item.kind == spec::Item::Kind::final_result &&
           (item.text.text() == "ERROR" || item.text.text().starts_with("+CME ERROR"));
  });
}

/// A refusal that an accepted reading has as OK and a URC (A11). The wait for that URC ends with the error of the other
/// readings, and without it a late URC would come in the middle of the next case.
bool may_refuse_by_urc(const spec::Outcome& outcome) {
  return ends_in_error(outcome) && std::any_of(outcome.alternatives.begin(), outcome.alternatives.end(), has_urc);
}

}  // namespace

std::map<std::string, const spec::Effect*> lasting(const spec::Outcome& outcome) {
  std::map<std::string, const spec::Effect*> out;
  for (const auto& item : outcome.alternatives.front().items) {
    for (const auto& effect : item.effects) out[effect.state] = &effect;
  }
  return out;
}

bool is_refusal(const spec::Outcome& outcome) {
  const auto& items = outcome.alternatives.front().items;
  return ends_in_error(outcome) || std::any_of(items.begin(), items.end(), [](const spec::Item& item) {
           return item.kind == spec::Item::Kind::urc && item.text.text().find("{err") != std::string::npos;
         });
}

std::vector<scenario::Step> waits(const std::vector<const spec::Outcome*>& outcomes,
                                  const spec::Environment& environment, const std::vector<scenario::Step>& after) {
  bool connect = false, urc = false;
  std::optional<io::Duration> connect_limit, urc_limit, final_limit;
  for (const auto* outcome : outcomes) {
    urc |= may_refuse_by_urc(*outcome);
    for (const auto& item : outcome->alternatives.front().items) {
      const auto within = limit(item, environment);
      if (item.kind == spec::Item::Kind::connect) {
        connect = true;
        connect_limit = std::max(connect_limit, within);
      } else if (item.kind == spec::Item::Kind::urc) {
        urc = true;
        urc_limit = std::max(urc_limit, within);
      } else if (item.kind == spec::Item::Kind::final_result && within > scenario::ordinary_wait) {
        final_limit = std::max(final_limit, within);
      }
    }
  }
  std::vector<scenario::Step> out;
  if (connect) {
    out.push_back(scenario::Wait{scenario::Wait::For::connect, {}, connect_limit});
    out.insert(out.end(), after.begin(), after.end());
  }
  // with data before it the final result comes when the data has come
  out.push_back(scenario::Wait{scenario::Wait::For::final_result, {}, connect ? connect_limit : final_limit});
  if (urc) out.push_back(scenario::Wait{scenario::Wait::For::urc, {}, urc_limit});
  return out;
}

}  // namespace atspec::generate
