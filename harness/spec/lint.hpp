// What no schema can say about a spec: dangling clause, unknown type, placeholder without type,
// example its own grammar rejects, unreachable state, …
#pragma once

#include <string>
#include <vector>

#include "harness/spec/load.hpp"

namespace atspec::spec {

std::vector<Diagnostic> lint(const Spec& spec);

/// What expressions may use beyond parameters, reported values and states (functions end in "()"), and the rules
/// the judge knows. The lists of specs/LANGUAGE.md.
const std::vector<std::string>& known_functions();
const std::vector<std::string>& known_names();
const std::vector<std::string>& known_rules();

}  // namespace atspec::spec
