#include "harness/io/time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

namespace atspec::io {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};
/// Longest first, as format_duration tries them.
constexpr std::array<Unit, 4> units{{{"min", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  if (text.starts_with('-')) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (count > std::numeric_limits<std::int64_t>::max() / unit.microseconds) return std::nullopt;
    return Duration{count * unit.microseconds};
  }
  return std::nullopt;
}

std::string format_duration(Duration value) {
  if (value == Duration{0}) return "0";
  for (const Unit& unit : units) {
    // a single minute reads better as 60 s, as limits are given
    if (unit.name == "min" && value.count() < 2 * unit.microseconds) continue;
    if (value.count() % unit.microseconds == 0)
      return fmt::format("{}{}", value.count() / unit.microseconds, unit.name);
  }
  return fmt::format("{}us", value.count());
}

}  // namespace atspec::io
