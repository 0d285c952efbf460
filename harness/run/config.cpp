#include "harness/run/config.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <sstream>

#include "harness/judge/judge.hpp"

namespace atspec::run {
namespace {

modem::Limit limit_of(const spec::Parameter& parameter) {
  modem::Limit out;
  out.min = parameter.type.min;
  out.max = parameter.type.max;
  out.max_length = parameter.type.max_length;
  for (const auto& choice : parameter.type.choices) {
    const auto value = spec::value_of_text(choice.value);
    if (const auto* number = std::get_if<std::int64_t>(&value)) out.choices.push_back(*number);
  }
  out.default_value = parameter.default_value;
  return out;
}

template <typename Enum>
std::optional<Enum> named(std::string_view word, std::initializer_list<std::pair<std::string_view, Enum>> names) {
  for (const auto& [name, value] : names) {
    if (name == word) return value;
  }
  return std::nullopt;
}

std::expected<modem::OutputRule, std::string> output_rule(const spec::Mutant::Change& change) {
  using Rule = modem::OutputRule;
  const auto attribute = [&](const char* name) {
    const auto found = change.attributes.find(name);
    return found == change.attributes.end() ? std::string() : found->second;
  };
  Rule rule;
  rule.command = attribute("command");
  rule.match = attribute("match");
  rule.text = attribute("text");
  rule.find = attribute("find");
  if (!attribute("kind").empty()) {
    const auto kind = named<Rule::Kind>(attribute("kind"), {{"info", Rule::Kind::info},
                                                            {"final", Rule::Kind::final_result},
                                                            {"connect", Rule::Kind::connect},
                                                            {"urc", Rule::Kind::urc}});
    if (!kind) return std::unexpected("kind: info, final, connect or urc");
    rule.kind = *kind;
  }
  const auto action = named<Rule::Action>(attribute("action"), {{"drop", Rule::Action::drop},
                                                                {"delay", Rule::Action::delay},
                                                                {"duplicate", Rule::Action::duplicate},
                                                                {"replace", Rule::Action::replace},
                                                                {"unframed", Rule::Action::unframed},
                                                                {"substitute", Rule::Action::substitute},
                                                                {"add", Rule::Action::add},
                                                                {"corrupt", Rule::Action::corrupt},
                                                                {"late", Rule::Action::late},
                                                                {"before", Rule::Action::before},
                                                                {"after", Rule::Action::after},
                                                                {"hang", Rule::Action::hang},
                                                                {"restart", Rule::Action::restart}});
  if (!action) return std::unexpected("action: drop, delay, duplicate, … (LANGUAGE.md, Mutants)");
  rule.action = *action;
  if (rule.action == Rule::Action::delay) {
    const auto by = io::parse_duration(attribute("by"));
    if (!by) return std::unexpected("a delay needs by=\"2s\"");
    rule.by = *by;
  }
  const auto count = [&](const char* name) -> std::optional<unsigned> {
    const std::string text = attribute(name);
    unsigned out = 0;
    if (text.empty() || std::from_chars(text.data(), text.data() + text.size(), out).ec != std::errc{})
      return std::nullopt;
    return out;
  };
  rule.times = count("times");
  rule.skip = count("skip").value_or(0);
  std::istringstream behind(attribute("behind"));
  for (std::string word; behind >> word;) rule.behind.push_back(word);
  return rule;
}

}  // namespace

modem::Config modem_config(const spec::Spec& spec, const spec::Profile& profile) {
  modem::Config out;
  for (const auto& command : spec.commands) {
    for (const auto& reported : command.reported) {
      if (reported.type.max_length)
        out.limits[command.name + "." + reported.name].max_length = reported.type.max_length;
    }
    for (const auto& form : command.forms) {
      for (const auto& parameter : form.parameters)
        out.limits.try_emplace(command.name + "." + parameter.name, limit_of(parameter));
      if (form.kind != spec::FormKind::test || form.outcomes.empty()) continue;
      std::vector<std::string>& lines = out.test_lines[command.name];
      for (const auto& item : form.outcomes.front().alternatives.front().items) {
        if (item.kind == spec::Item::Kind::info)
          lines.push_back(item.text.render([](const spec::Token& token) { return token.text; }));
      }
    }
  }
  if (const auto* results = spec.code_table("result")) {
    for (const auto& code : results->codes) {
      if (!code.name.empty()) out.codes[code.name] = code.value;
    }
  }
  if (const auto* protocol = spec.code_table("protocol")) {
    for (const auto& code : protocol->codes) {
      if (code.pair) out.pair[code.value] = *code.pair;
    }
  }
  for (const auto& state : spec.states) {
    const auto chosen = profile.reference.find(state.name);
    if (state.initial) {
      out.initial[state.name] = *state.initial;
    } else if (chosen != profile.reference.end()) {
      out.initial[state.name] = chosen->second;
    } else if (state.reference) {
      out.initial[state.name] = *state.reference;
    }
  }
  for (const auto& rule : spec.rules) {
    if (const auto duration = io::parse_duration(rule.value)) out.times[rule.name] = *duration;
  }
  if (const auto card = out.initial.find("sd"); card != out.initial.end() && card->second != "card") out.sd_bytes = 0;
  out.readings = judge::preferred_readings(spec, profile);
  return out;
}

generate::States given(const spec::Spec& spec, const spec::Profile& profile) {
  generate::States out;
  for (const auto& [name, value] : profile.reference) {
    if (const auto* state = spec.state(name); state != nullptr && state->given) out[name] = value;
  }
  return out;
}

std::expected<spec::Mutant, std::string> find_mutant(const std::string& file_and_name) {
  const auto hash = file_and_name.rfind('#');
  if (hash == std::string::npos) return std::unexpected(fmt::format("mutant {}: want FILE#NAME", file_and_name));
  const std::string file = file_and_name.substr(0, hash), name = file_and_name.substr(hash + 1);
  auto mutants = spec::load_mutants(file);
  if (!mutants) {
    std::string lines;
    for (const auto& diagnostic : mutants.error()) lines += (lines.empty() ? "" : "\n") + format(diagnostic);
    return std::unexpected(lines);
  }
  std::string names;
  for (auto& mutant : *mutants) {
    if (mutant.name == name) return std::move(mutant);
    names += (names.empty() ? "" : ", ") + mutant.name;
  }
  return std::unexpected(fmt::format("{}: no mutant {}; there are {}", file, name, names));
}

std::expected<void, std::string> apply(const spec::Mutant& mutant, modem::Config& config) {
  for (const auto& change : mutant.changes) {
    const auto failed = [&](const std::string& why) {
      return std::unexpected(format(spec::Diagnostic{change.at, why}));
    };
    if (change.kind == "set") {
      const auto path = change.attributes.find("path");
      const auto value = change.attributes.find("value");
      if (path == change.attributes.end() || value == change.attributes.end())
        return failed("set needs path and value");
      if (const auto done = modem::set(config, path->second, value->second); !done) return failed(done.error());
    } else {
      auto rule = output_rule(change);
      if (!rule) return failed(rule.error());
      config.output.push_back(*std::move(rule));
    }
  }
  return {};
}

}  // namespace atspec::run
