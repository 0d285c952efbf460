// Worked examples held against the grammar they illustrate.
#pragma once

#include <vector>

#include "harness/spec/load.hpp"

namespace atspec::spec {

std::vector<Diagnostic> lint_example(const Spec& spec, const Example& example);

/// The ids on its `clause` lines.
std::vector<ClauseId> clauses_of(const Example& example);

}  // namespace atspec::spec
