// An item that was not seen: whether the trace proves that it did not come.
#pragma once

#include "harness/judge/match.hpp"

namespace atspec::judge {

enum class Missing { maybe_still_to_come, undecidable, proven };

/// The next item of an attempt that is open. Proven once its limit, or where it has none the patience of the options,
/// passed while the device was left to itself: until a reset, or a later command that may have changed what the item
/// belongs to. Undecidable where its limit is not known.
Missing missing(const Attempt& attempt, const Surroundings& around, const Exchange& exchange,
                const Environment& environment, const Options& options);

}  // namespace atspec::judge
