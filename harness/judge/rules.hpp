// The rules of the whole manual that the judge knows by name (LANGUAGE, rule). One the spec does not
// have is not checked; one that looked at something real fires.
#pragma once

#include <vector>

#include "harness/judge/grammar.hpp"

namespace atspec::judge {

/// `readings`: what the grammar made of each exchange, by number.
void check_rules(const Surroundings& around, const Options& options, const std::vector<Reading>& readings,
                 Ledger& ledger);

/// The two of them that are about +++ (manual 1.5): guard-time and escape-window.
void check_escape_rules(const Surroundings& around, const Options& options, const std::vector<Reading>& readings,
                        Ledger& ledger);

}  // namespace atspec::judge
