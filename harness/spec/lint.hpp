// What no schema can say about a spec: dangling clause, unknown type, placeholder without type,
// example its own grammar rejects, unreachable state, …
#pragma once

#include <vector>

#include "harness/spec/load.hpp"

namespace atspec::spec {

std::vector<Diagnostic> lint(const Spec& spec);

}  // namespace atspec::spec
