#include "harness/judge/states.hpp"

#include "harness/judge/exchange.hpp"

namespace atspec::judge {

spec::Value States::value(std::string_view name) const {
  const auto it = values_.find(name);
  if (it == values_.end()) return spec::Unknown{};
  return spec::value_of_text(it->second);
}

std::optional<std::string> States::text(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? std::nullopt : std::optional(it->second);
}

void States::assign(const std::string& name, const spec::Value& value) {
  if (spec::is_unknown(value)) return forget(name);
  fresh_.erase(name);
  values_.insert_or_assign(name, spec::to_string(value));
}

void States::forget(std::string_view name) {
  if (const auto it = fresh_.find(name); it != fresh_.end()) fresh_.erase(it);
  if (const auto it = values_.find(name); it != values_.end()) values_.erase(it);
}

void States::forget(const std::set<std::string, std::less<>>& names) {
  for (const auto& name : names) forget(name);
}

void States::restart(const spec::Spec& spec, const std::map<std::string, std::string>& tokens) {
  for (const auto& state : spec.states) {
    if (state.saved || state.given) continue;
    if (state.initial) {
      values_.insert_or_assign(state.name, fill_tokens(*state.initial, tokens));
      fresh_.insert(state.name);
    } else {
      forget(state.name);
    }
  }
}

}  // namespace atspec::judge
