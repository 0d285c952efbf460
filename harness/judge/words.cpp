// Sequences said in words, for findings and for the report's column of expectations.
#include "harness/judge/match.hpp"

namespace atspec::judge {
namespace {

using ItemKind = spec::Item::Kind;

std::string rendered(const spec::Item& item, const Exchange& exchange, const Environment& environment) {
  return item.text.render([&](const spec::Token& token) {
    const spec::Value value = token.rule.empty() ? spec::Value(spec::Unknown{}) : token.rule.evaluate(environment);
    if (spec::is_unknown(value) || std::holds_alternative<bool>(value)) return fmt::format("<{}>", token.text);
    Declared declaration;
    if (exchange.command != nullptr && exchange.form != nullptr) {
      declaration = declared(*exchange.command, *exchange.form, token.text);
    }
    const bool quoted = declaration.type != nullptr && declaration.type->base == spec::ValueType::Base::text;
    return quoted ? fmt::format("\"{}\"", spec::to_string(value)) : spec::to_string(value);
  });
}

}  // namespace

std::string in_words(const spec::Item& item, const Exchange& exchange, Environment& environment) {
  if (item.kind == ItemKind::data) return item.to_device ? "data from the host" : "data";
  return rendered(item, exchange, environment);
}

std::string in_words(const spec::Alternative& alternative, const Exchange& exchange, Environment& environment) {
  environment.forget_captured();
  std::string out;
  for (const auto& item : alternative.items) {
    if (!out.empty()) out += ", then ";
    if (item.repeated) out += "any number of ";
    out += in_words(item, exchange, environment);
    if (const auto limit = limit_of(item, environment)) out += " within " + io::format_duration(*limit);
  }
  return out.empty() ? "nothing" : out;
}

std::string in_words(const std::vector<Observation>& seen, const Session& session) {
  constexpr std::size_t most_shown = 12, longest_shown = 200;
  std::string out;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!out.empty()) out += ", ";
    if (i == most_shown) return out + fmt::format("{} more", seen.size() - i);
    if (seen[i].kind == trace::Event::Kind::data) {
      out += fmt::format("{} bytes of data", session.events[seen[i].event].size);
    } else {
      out += io::escape(seen[i].text.substr(0, longest_shown));
    }
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace atspec::judge
