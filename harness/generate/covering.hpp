// Covering arrays: few rows in which every combination of so many factors occurs.
#pragma once

#include <cstddef>
#include <vector>

namespace atspec::generate {

/// One value (from 0) of each factor.
using Row = std::vector<std::size_t>;

/// Rows in which any `strength` factors take all combinations of their values; `levels[f]` is how many values factor f
/// has. 0: one row of first values. More than there are factors: all combinations.
std::vector<Row> covering_array(const std::vector<std::size_t>& levels, unsigned strength);

}  // namespace atspec::generate
