#include "harness/spec/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/spec/lint.hpp"
#include "harness/spec/loader.hpp"

namespace atspec::spec {

namespace fs = std::filesystem;

std::string format(const Diagnostic& diagnostic) {
  if (diagnostic.at.line == 0) return fmt::format("{}: {}", diagnostic.at.file, diagnostic.message);
  return fmt::format("{}:{}:{}: {}", diagnostic.at.file, diagnostic.at.line, diagnostic.at.column, diagnostic.message);
}

namespace {

/// A slip in a group or a type shows up wherever it is used; it is said once.
void without_repetitions(std::vector<Diagnostic>& diagnostics) {
  std::set<std::string> said;
  std::erase_if(diagnostics, [&](const Diagnostic& one) { return !said.insert(format(one)).second; });
}

}  // namespace

Loaded load(const std::vector<std::string>& files) { return Loader().load(files); }

Loaded Loader::load(const std::vector<std::string>& files) {
  for (const auto& file : files) open(file, nullptr);
  for (const auto& source : sources_) collect({*source, source->root(), out_.diagnostics});
  for (const auto& source : sources_) read_root({*source, source->root(), out_.diagnostics});
  for (const auto& [name, element] : groups_) {
    if (!groups_used_.contains(name)) element.complain(element.at(), fmt::format("group {} is used nowhere", name));
  }
  // lint builds on what could be read: after a broken element it would only complain of its absence
  if (out_.diagnostics.empty()) out_.diagnostics = lint(out_.spec);
  without_repetitions(out_.diagnostics);
  return std::move(out_);
}

void Loader::open(const std::string& file, const Element* included_from) {
  std::error_code ignored;
  const fs::path canonical = fs::weakly_canonical(file, ignored);
  if (!opened_.insert(canonical.string()).second) return;
  const auto before = out_.diagnostics.size();
  const auto source = Source::open(file, out_.diagnostics);
  if (!source) {
    if (included_from != nullptr && out_.diagnostics.size() > before && out_.diagnostics.back().at.line == 0) {
      out_.diagnostics.back().at = included_from->at("file");
      out_.diagnostics.back().message = fmt::format("cannot include {}: {}", file, out_.diagnostics.back().message);
    }
    return;
  }
  const Element root(*source, source->root(), out_.diagnostics);
  if (root.name() != "spec") {
    root.complain(root.at(), fmt::format("<{}> where <spec> was expected", root.name()));
    return;
  }
  sources_.push_back(source);
  out_.spec.files.push_back(file);
  for (const auto& child : root.children()) {
    if (child.name() != "include") continue;
    child.only_attributes("file");
    const std::string other = child.required("file");
    if (!other.empty()) open((fs::path(file).parent_path() / other).lexically_normal().string(), &child);
  }
}

void Loader::collect(const Element& root) {
  for (const auto& child : root.children()) {
    if (child.name() != "type" && child.name() != "group") continue;
    auto& named = child.name() == "type" ? types_ : groups_;
    const std::string name = child.required("name");
    if (!named.emplace(name, child).second)
      child.complain(child.at("name"), fmt::format("{} {} is there twice", child.name(), name));
  }
}

void Loader::read_root(const Element& root) {
  root.only("name title revision", "include clause rule type state codes ambiguity group command example");
  const std::string name = root.required("name"), title = root.required("title");
  // the first file speaks for all
  if (out_.spec.name.empty()) {
    out_.spec.name = name;
    out_.spec.title = title;
    out_.spec.revision = root.optional("revision");
  }
  for (const auto& child : root.children()) {
    if (child.name() == "clause") read_clause(child);
    if (child.name() == "rule") read_rule(child);
    if (child.name() == "state") read_state(child);
    if (child.name() == "codes") read_codes(child);
    if (child.name() == "ambiguity") read_ambiguity(child);
    if (child.name() == "example") read_example(child);
    if (child.name() == "command") read_command(child);
    if (child.name() == "type") {
      child.only("name base min max max-length pattern codes unit", "value");
      read_type(child);
    }
    if (child.name() == "group") child.only("name", "outcome use accept");
  }
}

void Loader::read_clause(const Element& element) {
  element.only("id section kind ambiguity level testing reason", "");
  Clause clause;
  clause.id = element.required("id");
  clause.section = element.required("section");
  clause.kind = element.required("kind");
  clause.text = element.text();
  clause.ambiguities = element.words("ambiguity");
  clause.reason = element.optional("reason");
  clause.at = element.at();
  const std::string level = element.optional("level");
  if (level == "should") {
    clause.level = Clause::Level::should;
  } else if (level == "inferred") {
    clause.level = Clause::Level::inferred;
  } else if (level == "ambiguous") {
    clause.level = Clause::Level::ambiguous;
  } else if (!level.empty() && level != "must") {
    element.complain(element.at("level"), fmt::format("level {}: must, should, inferred or ambiguous", level));
  }
  const std::string testing = element.optional("testing");
  if (testing == "recorded") {
    clause.testing = Clause::Testing::recorded;
  } else if (testing == "untestable") {
    clause.testing = Clause::Testing::untestable;
  } else if (!testing.empty() && testing != "exercised") {
    element.complain(element.at("testing"), fmt::format("testing {}: exercised, recorded or untestable", testing));
  }
  if (clause.testing != Clause::Testing::exercised && clause.reason.empty())
    element.complain(element.at(), fmt::format("clause {} is not exercised and gives no reason", clause.id));
  if (clause.text.empty()) element.complain(element.at(), fmt::format("clause {} says nothing", clause.id));
  out_.spec.clauses.push_back(std::move(clause));
}

void Loader::read_rule(const Element& element) {
  element.only_attributes("name clause value");
  Rule rule{element.required("name"), element.words("clause"), element.optional("value"), element.at()};
  if (!rule.value.empty() && !io::parse_duration(rule.value))
    element.complain(element.at("value"), fmt::format("{} is no duration like 300ms or 125s", rule.value));
  out_.spec.rules.push_back(std::move(rule));
}

void Loader::read_state(const Element& element) {
  element.only("name values initial reference base modes modes-of saved given clause", "");
  State state;
  state.name = element.required("name");
  state.title = element.text();
  state.values = element.words("values");
  if (element.has("initial")) state.initial = element.optional("initial");
  if (element.has("reference")) state.reference = element.optional("reference");
  if (element.has("base")) state.base = element.optional("base");
  state.modes = element.words("modes");
  state.modes_of_own_server = element.has("modes-of");
  state.saved = element.yes("saved");
  state.given = element.yes("given");
  state.initial_clauses = element.words("clause");
  state.at = element.at();
  out_.spec.states.push_back(std::move(state));
}

void Loader::read_codes(const Element& element) {
  element.only("name clause", "code");
  CodeTable table{element.required("name"), element.words("clause"), {}, element.at()};
  for (const auto& child : element.children()) {
    if (child.name() != "code") continue;
    child.only("v name clause pair pair-clause", "");
    child.required("v");
    Code code;
    code.value = child.integer("v").value_or(0);
    if (std::any_of(table.codes.begin(), table.codes.end(),
                    [&](const Code& other) { return other.value == code.value; }))
      child.complain(child.at("v"), fmt::format("code {} is there twice", code.value));
    code.name = child.optional("name");
    code.text = child.text();
    code.clauses = child.words("clause");
    code.pair = child.integer("pair");
    code.pair_clauses = child.words("pair-clause");
    code.at = child.at();
    table.codes.push_back(std::move(code));
  }
  out_.spec.code_tables.push_back(std::move(table));
}

void Loader::read_ambiguity(const Element& element) {
  element.only("id question why", "reading");
  Ambiguity ambiguity{element.required("id"), element.required("question"), element.optional("why"), {}, element.at()};
  for (const auto& child : element.children()) {
    if (child.name() != "reading") continue;
    child.only("id preferred accepted", "");
    Reading reading{ambiguity.id + "." + child.required("id"), child.text(), child.yes("preferred"),
                    child.optional("accepted"), child.at()};
    if (std::any_of(ambiguity.readings.begin(), ambiguity.readings.end(),
                    [&](const Reading& other) { return other.id == reading.id; }))
      child.complain(child.at("id"), fmt::format("reading {} is there twice", reading.id));
    ambiguity.readings.push_back(std::move(reading));
  }
  out_.spec.ambiguities.push_back(std::move(ambiguity));
}

void Loader::read_example(const Element& element) {
  element.only("id section title", "");
  Example example;
  example.id = element.required("id");
  example.section = element.required("section");
  example.title = element.required("title");
  example.scenario = element.block();
  example.at = element.at();
  example.text_at = element.at_text();
  out_.spec.examples.push_back(std::move(example));
}

}  // namespace atspec::spec
