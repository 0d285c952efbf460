// Bytes meant for data mode that a device may have taken for commands.
#pragma once

#include "harness/judge/exchange.hpp"

namespace atspec::judge {

/// Marks exchanges whose data mode did not take all that was sent for it, and makes those behind them doubtful until a
/// command line is answered once, as it should be.
void doubt_what_follows_spilt_data(Session& session, const Index& index);

}  // namespace atspec::judge
