#include "harness/judge/index.hpp"

#include <array>

namespace atspec::judge {

std::string capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string report_name(std::string_view line) {
  if (line.empty() || (line.front() != '+' && line.front() != '^')) return {};
  std::size_t end = 1;
  while (end < line.size() && end < 32) {
    const char c = line[end];
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!letter) break;
    ++end;
  }
  if (end == 1 || end >= line.size() || line[end] != ':') return {};
  return capitals(line.substr(0, end));
}

bool moves_data(std::string_view verb) {
  static constexpr std::array<std::string_view, 7> verbs = {"RETR", "STOR", "APPE", "STOU", "LIST", "NLST", "MLSD"};
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

bool alters_files(std::string_view verb) {
  static constexpr std::array<std::string_view, 8> verbs = {"STOR", "APPE", "STOU", "DELE",
                                                            "RMD",  "MKD",  "RNFR", "RNTO"};
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

Declared declared(const spec::Command& command, const spec::Form& form, std::string_view name) {
  for (const auto& reported : command.reported) {
    if (reported.name == name) return {&reported.type, &reported.clauses, true};
  }
  for (const auto& parameter : form.parameters) {
    if (parameter.name == name) return {&parameter.type, &parameter.clauses, false};
  }
  return {};
}

namespace {

void add_names(const spec::Expression& expression, std::set<std::string, std::less<>>& names) {
  if (expression.empty()) return;
  for (auto& name : expression.names()) names.insert(std::move(name));
}

}  // namespace

Index::Index(const spec::Spec& spec) : spec_(spec) {
  for (const auto& clause : spec.clauses) clauses_.emplace(clause.id, &clause);
  for (const auto& command : spec.commands) {
    commands_.emplace(capitals(command.name), &command);
    for (const auto& form : command.forms) {
      FormTraits traits;
      bool up = false, down = false;
      for (const auto& verb : form.verbs) traits.changes_files |= alters_files(capitals(verb));
      for (const auto& outcome : form.outcomes) {
        OutcomeTraits& seen = outcomes_[&outcome];
        add_names(outcome.when, seen.examined);
        seen.mentions_invalid = seen.examined.contains("invalid");
        seen.counts_data = seen.examined.contains("data.sent") || seen.examined.contains("escaped");
        for (const auto& check : outcome.checks) add_names(check.holds, seen.examined);
        for (const auto& alternative : outcome.alternatives) {
          for (const auto& item : alternative.items) {
            using Kind = spec::Item::Kind;
            if (item.kind == Kind::info) traits.information.push_back(&item.text);
            if (item.kind == Kind::info && item.repeated) traits.listing.push_back(&item.text);
            if (item.kind == Kind::urc) traits.completions.push_back(&item.text);
            if (item.kind == Kind::connect) traits.data_mode = true;
            if (item.kind == Kind::data) (item.to_device ? up : down) = true;
            for (const auto& effect : item.effects) traits.touched.insert(effect.state);
            for (const auto& token : item.text.tokens()) add_names(token.rule, seen.examined);
          }
        }
      }
      traits.only_uploads = up && !down;
      if (traits.data_mode) data_mode_states_.insert(traits.touched.begin(), traits.touched.end());
      if (!command.name.starts_with('+')) basic_states_.insert(traits.touched.begin(), traits.touched.end());
      forms_.emplace(&form, std::move(traits));
    }
  }
  for (const auto& ambiguity : spec.ambiguities) {
    for (const auto& reading : ambiguity.readings) {
      if (reading.preferred) preferred_.insert(reading.id);
    }
  }
  if (const auto* table = spec.code_table("result")) {
    for (const auto& code : table->codes) result_.emplace(code.value, &code);
  }
  if (const auto* table = spec.code_table("protocol")) {
    for (const auto& code : table->codes) protocol_.emplace(code.value, &code);
  }
}

const spec::Command* Index::command(std::string_view name) const {
  const auto it = commands_.find(capitals(name));
  return it == commands_.end() ? nullptr : it->second;
}

const spec::Clause* Index::clause(std::string_view id) const {
  const auto it = clauses_.find(id);
  return it == clauses_.end() ? nullptr : it->second;
}

const spec::Rule* Index::rule(std::string_view name) const {
  for (const auto& rule : spec_.rules) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

const FormTraits& Index::traits(const spec::Form& form) const { return forms_.at(&form); }
const OutcomeTraits& Index::traits(const spec::Outcome& outcome) const { return outcomes_.at(&outcome); }

const spec::Code* Index::result_code(std::int64_t value) const {
  const auto it = result_.find(value);
  return it == result_.end() ? nullptr : it->second;
}

const spec::Code* Index::protocol_code(std::int64_t value) const {
  const auto it = protocol_.find(value);
  return it == protocol_.end() ? nullptr : it->second;
}

}  // namespace atspec::judge
