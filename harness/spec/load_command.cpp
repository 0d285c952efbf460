// Commands, their forms and outcomes; groups are spliced in here.
#include <fmt/format.h>

#include <algorithm>

#include "harness/spec/loader.hpp"

namespace atspec::spec {
namespace {

constexpr std::string_view item_names = "info connect data final urc";
/// Groups within groups multiply: more than any manual needs is not spliced in.
constexpr std::size_t most_splices = 10'000;

bool is_item(std::string_view name) {
  return name == "info" || name == "connect" || name == "data" || name == "final" || name == "urc";
}

std::string with_command_name(std::string text, const std::string& command) {
  for (auto at = text.find("+*"); at != std::string::npos; at = text.find("+*", at + command.size()))
    text.replace(at, 2, command);
  return text;
}

void add(std::vector<ClauseId>& to, const std::vector<ClauseId>& more) {
  for (const auto& id : more) {
    if (std::find(to.begin(), to.end(), id) == to.end()) to.push_back(id);
  }
}

Reported::Compare read_compare(const Element& element) {
  const std::string word = element.optional("compare");
  if (word == "exact") return Reported::Compare::exact;
  if (word == "same-server") return Reported::Compare::same_server;
  if (word == "ignore") return Reported::Compare::ignore;
  if (!word.empty())
    element.complain(element.at("compare"), fmt::format("compare {}: want exact, same-server or ignore", word));
  return Reported::Compare::told;
}

/// What another document says is known more or less well, what the manual says is what is tested.
std::string read_confidence(const Element& element, const Command& command) {
  const std::string word = element.optional("confidence");
  if (!word.empty() && command.source.empty())
    element.complain(element.at("confidence"), "a confidence is for a command whose source is not the manual");
  if (!word.empty() && word != "standard" && word != "shown" && word != "family")
    element.complain(element.at("confidence"), fmt::format("confidence {}: want standard, shown or family", word));
  return word;
}

}  // namespace

void Loader::read_command(const Element& element) {
  element.only("name section title source confidence", "clause reports test read write execute");
  Command command;
  command.name = element.required("name");
  command.section = element.required("section");
  command.title = element.required("title");
  command.source = element.optional("source");
  if (command.source == "manual") command.source.clear();
  command.confidence = read_confidence(element, command);
  command.at = element.at();
  for (const auto& child : element.children()) {
    if (child.name() == "clause") read_clause(child);
    if (child.name() != "reports") continue;
    child.only(fmt::format("name clause compare {}", type_attributes), "value");
    Reported reported{child.required("name"), read_type(child), child.words("clause"), read_compare(child), child.at()};
    if (std::any_of(command.reported.begin(), command.reported.end(),
                    [&](const Reported& other) { return other.name == reported.name; }))
      child.complain(child.at("name"), fmt::format("<reports> of {} is there twice", reported.name));
    command.reported.push_back(std::move(reported));
  }
  for (const auto& child : element.children()) {
    if (child.name() == "test" || child.name() == "read" || child.name() == "write" || child.name() == "execute")
      command.forms.push_back(read_form(child, command));
  }
  out_.spec.commands.push_back(std::move(command));
}

Form Loader::read_form(const Element& element, const Command& command) {
  element.only("clause keyword when needs verb",
               fmt::format("parameter set-up after clean-up use outcome accept check {}", item_names));
  Form form;
  form.kind = element.name() == "test"    ? FormKind::test
              : element.name() == "read"  ? FormKind::read
              : element.name() == "write" ? FormKind::write
                                          : FormKind::execute;
  form.keyword = element.optional("keyword");
  form.when = read_expression(element, "when");
  form.clauses = element.words("clause");
  form.needs = read_needs(element);
  form.verbs = element.words("verb");
  form.at = element.at();
  bool items = false;
  for (const auto& child : element.children()) {
    if (child.name() == "parameter") {
      if (form.kind != FormKind::write) child.complain(child.at(), "only a <write> has parameters");
      Parameter parameter = read_parameter(child);
      if (std::any_of(form.parameters.begin(), form.parameters.end(),
                      [&](const Parameter& other) { return other.name == parameter.name; }))
        child.complain(child.at("name"), fmt::format("parameter {} is there twice", parameter.name));
      form.parameters.push_back(std::move(parameter));
    }
    if (child.name() == "set-up") {
      for (auto& line : child.lines()) form.set_up.push_back(std::move(line));
    }
    if (child.name() == "after") {
      for (auto& line : child.lines()) form.after.push_back(std::move(line));
    }
    if (child.name() == "clean-up") {
      for (auto& line : child.lines()) form.clean_up.push_back(std::move(line));
    }
    if (child.name() == "use") read_group_use(child, command.name, form);
    if (child.name() == "outcome") read_outcome(child, {}, command.name, form);
    items = items || is_item(child.name());
  }
  if (items) {
    // items directly in a form are its one outcome
    Outcome outcome;
    outcome.name = std::string(to_string(form.kind));
    outcome.clauses = form.clauses;
    outcome.at = element.at();
    outcome.alternatives.emplace_back();
    read_items(element, command.name, outcome.alternatives.front(), outcome);
    form.outcomes.push_back(std::move(outcome));
  } else {
    for (const auto& child : element.children()) {
      if (child.name() == "accept" || child.name() == "check")
        child.complain(child.at(), fmt::format("<{}> belongs into an outcome", child.name()));
    }
  }
  if (!form.keyword.empty() && form.kind != FormKind::write)
    element.complain(element.at("keyword"), "only a <write> has a keyword");
  if (form.outcomes.empty())
    element.complain(element.at(), fmt::format("<{}> of {} has no outcome", element.name(), command.name));
  return form;
}

Parameter Loader::read_parameter(const Element& element) {
  element.only(fmt::format("name clause default default-clause optional with-previous sample {}", type_attributes),
               "value sample");
  Parameter parameter;
  parameter.name = element.required("name");
  parameter.type = read_type(element);
  parameter.clauses = element.words("clause");
  parameter.default_clauses = element.words("default-clause");
  if (element.has("default")) parameter.default_value = element.optional("default");
  parameter.with_previous = element.yes("with-previous");
  parameter.optional = element.yes("optional");
  if (element.has("sample")) parameter.sample = element.optional("sample");
  for (const auto& child : element.children()) {
    if (child.name() != "sample") continue;
    child.only("when", "");
    if (child.required("when").empty()) continue;
    parameter.conditional_samples.push_back({read_expression(child, "when"), child.text(), child.at()});
  }
  if (!parameter.conditional_samples.empty() && !parameter.sample)
    element.complain(element.at(), fmt::format("{} has no sample for all other states", parameter.name));
  parameter.at = element.at();
  return parameter;
}

const Element* Loader::find_group(const Element& use) {
  const std::string name = use.required("group");
  const auto found = groups_.find(name);
  if (found == groups_.end()) {
    use.complain(use.at("group"), fmt::format("no group {}", name));
    return nullptr;
  }
  groups_used_.insert(name);
  return &found->second;
}

void Loader::read_group_use(const Element& element, const std::string& command, Form& form) {
  element.only_attributes("group clause");
  const auto* group = find_group(element);
  if (group == nullptr) return;
  const std::string name = element.optional("group");
  if (std::find(groups_open_.begin(), groups_open_.end(), name) != groups_open_.end()) {
    element.complain(element.at("group"), fmt::format("group {} uses itself", name));
    return;
  }
  groups_open_.push_back(name);
  const auto more = element.words("clause");
  for (const auto& child : group->children()) {
    if (++splices_ > most_splices) {
      // said once: every use behind this one would say it too
      if (splices_ == most_splices + 1) element.complain(element.at("group"), "groups within groups grow too large");
      break;
    }
    if (child.name() == "accept") child.complain(child.at(), "<accept> belongs into an outcome");
    if (child.name() == "outcome") read_outcome(child, more, command, form);
    if (child.name() == "use") {
      const auto before = form.outcomes.size();
      read_group_use(child, command, form);
      for (std::size_t i = before; i < form.outcomes.size(); ++i) add(form.outcomes[i].clauses, more);
    }
  }
  groups_open_.pop_back();
}

void Loader::read_outcome(const Element& element, const std::vector<ClauseId>& more_clauses, const std::string& command,
                          Form& form) {
  element.only("name when clause reading", fmt::format("accept use check {}", item_names));
  Outcome outcome;
  outcome.name = element.required("name");
  outcome.when = read_expression(element, "when");
  outcome.clauses = element.words("clause");
  add(outcome.clauses, more_clauses);
  outcome.at = element.at();
  outcome.alternatives.emplace_back();
  outcome.alternatives.front().readings = element.words("reading");
  read_items(element, command, outcome.alternatives.front(), outcome);
  form.outcomes.push_back(std::move(outcome));
}

void Loader::read_items(const Element& element, const std::string& command, Alternative& into, Outcome& outcome) {
  // `into` is the first alternative of `outcome`: accepted ones are added behind, so it is filled last
  Alternative first = std::move(into);
  std::vector<Alternative> accepted;
  for (const auto& child : element.children()) {
    if (is_item(child.name())) {
      if (auto item = read_item(child, command)) first.items.push_back(*std::move(item));
    } else if (child.name() == "accept") {
      accepted.push_back(read_accept(child, command));
    } else if (child.name() == "use" && element.name() == "outcome") {
      read_accepted_use(child, command, accepted);
    } else if (child.name() == "check") {
      child.only("clause holds", "");
      child.required("holds");
      outcome.checks.push_back({child.words("clause"), read_expression(child, "holds"), child.text()});
    }
  }
  outcome.alternatives.clear();
  outcome.alternatives.push_back(std::move(first));
  for (auto& other : accepted) outcome.alternatives.push_back(std::move(other));
}

Alternative Loader::read_accept(const Element& element, const std::string& command) {
  element.only("reading when", item_names);
  Alternative out;
  out.readings = element.words("reading");
  out.when = read_expression(element, "when");
  if (out.readings.empty() && out.when.empty()) element.complain(element.at(), "<accept> needs a reading or a when");
  for (const auto& child : element.children()) {
    if (!is_item(child.name())) continue;
    if (auto item = read_item(child, command)) out.items.push_back(*std::move(item));
  }
  return out;
}

void Loader::read_accepted_use(const Element& element, const std::string& command, std::vector<Alternative>& into) {
  element.only_attributes("group effect");
  const auto effects = read_effects(element);
  const auto* group = find_group(element);
  if (group == nullptr) return;
  for (const auto& child : group->children()) {
    if (child.name() != "accept") {
      element.complain(element.at("group"), "in an outcome only groups of <accept> are used");
      break;
    }
    into.push_back(read_accept(child, command));
    auto& items = into.back().items;
    if (!items.empty()) items.back().effects.insert(items.back().effects.end(), effects.begin(), effects.end());
  }
}

std::optional<Item> Loader::read_item(const Element& element, const std::string& command) {
  element.only(element.name() == "info"   ? "within clause effect repeated"
               : element.name() == "data" ? "within clause effect from"
                                          : "within clause effect",
               "");
  Item item;
  item.kind = element.name() == "info"      ? Item::Kind::info
              : element.name() == "connect" ? Item::Kind::connect
              : element.name() == "data"    ? Item::Kind::data
              : element.name() == "final"   ? Item::Kind::final_result
                                            : Item::Kind::urc;
  item.within = read_within(element);
  item.within_clauses = element.words("clause");
  item.effects = read_effects(element);
  item.repeated = element.yes("repeated");
  const std::string from = element.optional("from");
  if (!from.empty() && from != "device" && from != "host") element.complain(element.at("from"), "from: device or host");
  item.to_device = from == "host";
  std::string text = with_command_name(element.text(), command);
  if (item.kind == Item::Kind::connect && text.empty()) text = "CONNECT";
  auto compiled = Template::compile(text);
  if (!compiled) {
    element.complain(element.at_text(compiled.error().offset), compiled.error().message);
    return std::nullopt;
  }
  item.text = *std::move(compiled);
  const bool wants_text =
      item.kind == Item::Kind::info || item.kind == Item::Kind::final_result || item.kind == Item::Kind::urc;
  if (wants_text && text.empty()) element.complain(element.at(), fmt::format("<{}> needs a text", element.name()));
  if (item.kind == Item::Kind::data && !text.empty()) element.complain(element.at_text(), "<data> has no text");
  return item;
}

ValueType Loader::read_type(const Element& element) {
  ValueType type;
  if (element.has("type")) {
    const auto found = types_.find(element.optional("type"));
    if (found == types_.end()) {
      element.complain(element.at("type"), fmt::format("no type {}", element.optional("type")));
    } else {
      read_type_attributes(found->second, type);
    }
  }
  read_type_attributes(element, type);
  return type;
}

void Loader::read_type_attributes(const Element& element, ValueType& type) {
  const std::string base = element.optional("base");
  if (base == "integer") {
    type.base = ValueType::Base::integer;
  } else if (base == "text") {
    type.base = ValueType::Base::text;
  } else if (base == "bare") {
    type.base = ValueType::Base::bare;
  } else if (!base.empty()) {
    element.complain(element.at("base"), fmt::format("base {}: integer, text or bare", base));
  } else if (!element.has("type") && element.name() != "type") {
    element.complain(element.at(), fmt::format("<{}> needs a type or a base", element.name()));
  } else if (element.name() == "type") {
    element.complain(element.at(), "<type> needs a base");
  }
  if (const auto value = element.integer("min")) type.min = value;
  if (const auto value = element.integer("max")) type.max = value;
  if (type.min && type.max && *type.min > *type.max)
    element.complain(element.at("min"), fmt::format("min {} is above max {}", *type.min, *type.max));
  if (const auto value = element.integer("max-length")) {
    if (*value < 0) element.complain(element.at("max-length"), "a length cannot be negative");
    type.max_length = static_cast<std::size_t>(std::max<std::int64_t>(*value, 0));
  }
  if (element.has("pattern")) type.pattern = element.optional("pattern");
  if (element.has("codes")) type.code_table = element.optional("codes");
  if (element.has("unit")) type.unit = element.optional("unit");
  std::vector<ValueType::Choice> choices;
  for (const auto& child : element.children()) {
    if (child.name() != "value") continue;
    child.only("v clause", "");
    choices.push_back({child.required("v"), child.text(), child.words("clause")});
  }
  if (!choices.empty()) type.choices = std::move(choices);
}

Expression Loader::read_expression(const Element& element, const char* attribute) {
  if (!element.has(attribute)) return {};
  auto parsed = Expression::parse(element.optional(attribute));
  if (!parsed) {
    element.complain(element.at(attribute, parsed.error().offset), parsed.error().message);
    return {};
  }
  return *std::move(parsed);
}

Expression Loader::read_within(const Element& element) {
  if (!element.has("within")) return {};
  const std::string text = element.optional("within");
  std::string milliseconds;
  if (const auto literal = io::parse_duration(text)) {
    milliseconds = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(*literal).count());
  } else if (const auto seconds = Expression::parse(text); !seconds) {
    element.complain(element.at("within", seconds.error().offset),
                     fmt::format("{} is neither a duration nor an expression: {}", text, seconds.error().message));
    return {};
  } else {
    milliseconds = fmt::format("({}) * 1000", text);
  }
  return Expression::parse(milliseconds).value_or(Expression());
}

void Loader::read_effect(const Element& element, std::string_view text, std::size_t begin, std::vector<Effect>& out) {
  const auto sign = text.find('=');
  const auto names = split_words(text.substr(0, sign));
  if (sign == std::string::npos || names.size() != 1) {
    element.complain(element.at("effect", begin), fmt::format("\"{}\" is no assignment", text));
  } else if (auto value = Expression::parse(text.substr(sign + 1)); !value) {
    element.complain(element.at("effect", begin + sign + 1 + value.error().offset), value.error().message);
  } else {
    out.push_back({names[0], *std::move(value)});
  }
}

std::vector<Effect> Loader::read_effects(const Element& element) {
  std::vector<Effect> out;
  const std::string text = element.optional("effect");
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '\'') quoted = !quoted;
    if (i < text.size() && (quoted || text[i] != ';')) continue;
    const std::string part = text.substr(begin, i - begin);
    if (!split_words(part).empty()) read_effect(element, part, begin, out);
    begin = i + 1;
  }
  return out;
}

std::vector<Requirement> Loader::read_needs(const Element& element) {
  std::vector<Requirement> out;
  for (const auto& word : element.words("needs")) {
    const auto sign = word.find('=');
    if (sign == std::string::npos || sign == 0) {
      element.complain(element.at("needs"), fmt::format("\"{}\" is not state=value", word));
    } else {
      out.push_back({word.substr(0, sign), word.substr(sign + 1)});
    }
  }
  return out;
}

}  // namespace atspec::spec
