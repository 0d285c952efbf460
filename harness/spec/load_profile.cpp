// Profiles and mutant catalogues: small files of their own, beside the spec.
#include <fmt/format.h>

#include <algorithm>

#include "harness/spec/load.hpp"
#include "harness/spec/source.hpp"

namespace atspec::spec {
namespace {

std::shared_ptr<Source> open_root(const std::string& file, std::string_view wanted,
                                  std::vector<Diagnostic>& diagnostics) {
  auto source = Source::open(file, diagnostics);
  if (!source) return nullptr;
  const Element root(*source, source->root(), diagnostics);
  if (root.name() == wanted) return source;
  root.complain(root.at(), fmt::format("<{}> where <{}> was expected", root.name(), wanted));
  return nullptr;
}

/// The attribute is one of these words, where it is there.
void one_of(const Element& element, const char* attribute, std::string_view words) {
  const auto known = split_words(words);
  const std::string word = element.optional(attribute);
  if (element.has(attribute) && std::find(known.begin(), known.end(), word) == known.end())
    element.complain(element.at(attribute), fmt::format("{} {}: one of {}", attribute, word, words));
}

void read_set(const Element& element) {
  element.only_attributes("path value");
  element.required("path");
  element.required("value");
}

void read_output(const Element& element) {
  element.only_attributes("kind command match action text find by skip times behind");
  element.required("action");
  one_of(element, "kind", "info connect final urc");
  one_of(element, "action",
         "drop delay duplicate replace unframed substitute add corrupt late before after hang restart");
  if (element.has("by") && !io::parse_duration(element.optional("by")))
    element.complain(element.at("by"), fmt::format("{} is no duration like 300ms or 125s", element.optional("by")));
  if (element.optional("action") == "delay" && !element.has("by"))
    element.complain(element.at(), "a delay needs the attribute by");
  if (const auto times = element.integer("times"); times && *times < 1)
    element.complain(element.at("times"), "times counts from 1");
  (void)element.integer("skip");
}

Mutant read_mutant(const Element& element) {
  element.only("name class breaks equivalent", "title set output");
  Mutant mutant;
  mutant.name = element.required("name");
  mutant.group = element.optional("class");
  mutant.equivalent = element.optional("equivalent");
  element.required("breaks");
  mutant.breaks = element.words("breaks");
  mutant.breaks_at = element.at("breaks");
  for (const auto& part : element.children()) {
    if (part.name() == "title") {
      part.only("", "");
      mutant.title = part.text();
      continue;
    }
    if (part.name() == "set") {
      read_set(part);
    } else if (part.name() == "output") {
      read_output(part);
    } else {
      continue;
    }
    Mutant::Change change{std::string(part.name()), {}, part.at()};
    for (const auto attribute : part.node().attributes()) change.attributes[attribute.name()] = attribute.value();
    mutant.changes.push_back(std::move(change));
  }
  if (mutant.changes.empty()) element.complain(element.at(), fmt::format("mutant {} changes nothing", mutant.name));
  return mutant;
}

}  // namespace

std::expected<Profile, std::vector<Diagnostic>> load_profile(const std::string& file) {
  std::vector<Diagnostic> diagnostics;
  Profile profile;
  if (const auto source = open_root(file, "profile", diagnostics)) {
    const Element root(*source, source->root(), diagnostics);
    root.only("name title", "prefer reference");
    profile.name = root.required("name");
    profile.title = root.optional("title");
    for (const auto& child : root.children()) {
      if (child.name() == "prefer") {
        child.only_attributes("reading");
        profile.prefers.push_back(child.required("reading"));
      } else if (child.name() == "reference") {
        child.only_attributes("state value");
        const std::string state = child.required("state");
        if (!profile.reference.emplace(state, child.required("value")).second)
          child.complain(child.at("state"), fmt::format("state {} is there twice", state));
      }
    }
  }
  if (!diagnostics.empty()) return std::unexpected(std::move(diagnostics));
  return profile;
}

std::expected<std::vector<Mutant>, std::vector<Diagnostic>> load_mutants(const std::string& file) {
  std::vector<Diagnostic> diagnostics;
  std::vector<Mutant> mutants;
  if (const auto source = open_root(file, "mutants", diagnostics)) {
    const Element root(*source, source->root(), diagnostics);
    root.only("", "mutant");
    for (const auto& child : root.children()) {
      if (child.name() != "mutant") continue;
      Mutant mutant = read_mutant(child);
      if (std::any_of(mutants.begin(), mutants.end(), [&](const Mutant& other) { return other.name == mutant.name; }))
        child.complain(child.at("name"), fmt::format("mutant {} is there twice", mutant.name));
      mutants.push_back(std::move(mutant));
    }
  }
  if (!diagnostics.empty()) return std::unexpected(std::move(diagnostics));
  return mutants;
}

}  // namespace atspec::spec
