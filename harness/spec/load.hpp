// XML to Spec, Profile and mutants. The only place that knows XML.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "harness/spec/spec.hpp"

namespace atspec::spec {

struct Diagnostic {
  Location at;
  std::string message;
};
/// "file:line:column: message"
std::string format(const Diagnostic& diagnostic);

/// What a load yields in any case: the spec as far as it could be read, and everything that is
/// wrong with it. A spec with diagnostics must not be run.
struct Loaded {
  Spec spec;
  std::vector<Diagnostic> diagnostics;
};

/// Loads `files` and all they include into one Spec, and checks it: well-formedness, the elements and
/// attributes the language has, and what no schema can say (lint.hpp).
Loaded load(const std::vector<std::string>& files);

std::expected<Profile, std::vector<Diagnostic>> load_profile(const std::string& file);

/// A deliberate breach of the manual, for the reference to play.
struct Mutant {
  struct Change {
    std::string kind;  ///< element name: set, output, …
    std::map<std::string, std::string> attributes;
    Location at;
  };
  std::string name;
  std::string group;  ///< class: what kind of breach it is, for counting
  std::string title;
  std::string equivalent;        ///< why no test can tell it from the unbroken device; empty: one can
  std::vector<ClauseId> breaks;  ///< none: a variation the manual allows
  Location breaks_at;
  std::vector<Change> changes;
};
std::expected<std::vector<Mutant>, std::vector<Diagnostic>> load_mutants(const std::string& file);

}  // namespace atspec::spec
