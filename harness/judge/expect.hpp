// `<` lines of a scenario: what a worked example of the manual prints, held against what the device said.
#pragma once

#include <string_view>
#include <vector>

#include "harness/judge/grammar.hpp"

namespace atspec::judge {

/// Strict: each expected line is the next one of its exchange. Lenient: it is among them, quotes and blanks aside, and
/// one that is not is passed over where the exchange was right by an accepted reading; in a mode that examples are not
/// printed in, wherever no form found fault.
void check_expected_lines(const Surroundings& around, const Options& options, const std::vector<Reading>& readings,
                          Ledger& ledger);

/// `*` stands for any text. Linear in practice, never worse than pattern × line.
bool fits_pattern(std::string_view pattern, std::string_view line);

}  // namespace atspec::judge
