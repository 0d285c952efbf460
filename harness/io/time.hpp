// Time as every sans-I/O machine sees it: a count of microseconds since its world began.
// The world decides whether that is virtual or real; nothing below it can tell.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace atspec::io {

struct Clock {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
};

using Duration = Clock::duration;
using Time = Clock::time_point;

/// Reads "300ms", "15s", "2min", "250us" or "0"; nothing where the text is not a duration.
std::optional<Duration> parse_duration(std::string_view text);

/// In the largest unit that is exact, minutes from two on: 1500 ms is "1500ms", 60 s is "60s", 180 s is "3min".
std::string format_duration(Duration value);

}  // namespace atspec::io
