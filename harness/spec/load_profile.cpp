// Profiles and mutant catalogues: small files of their own, beside the spec.
#include <fmt/format.h>

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
        child.only("reading", "");
        profile.prefers.push_back(child.required("reading"));
      } else if (child.name() == "reference") {
        child.only("state value", "");
        profile.reference[child.required("state")] = child.required("value");
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
      child.only("name breaks", "title set output");
      Mutant mutant;
      mutant.name = child.required("name");
      child.required("breaks");
      mutant.breaks = child.words("breaks");
      for (const auto& part : child.children()) {
        if (part.name() == "title") {
          mutant.title = part.text();
          continue;
        }
        part.only(part.name() == "set" ? "path value" : "kind command match action text by times", "");
        Mutant::Change change{std::string(part.name()), {}, part.at()};
        for (const auto attribute : part.node().attributes()) change.attributes[attribute.name()] = attribute.value();
        mutant.changes.push_back(std::move(change));
      }
      if (mutant.changes.empty()) child.complain(child.at(), fmt::format("mutant {} changes nothing", mutant.name));
      mutants.push_back(std::move(mutant));
    }
  }
  if (!diagnostics.empty()) return std::unexpected(std::move(diagnostics));
  return mutants;
}

}  // namespace atspec::spec
