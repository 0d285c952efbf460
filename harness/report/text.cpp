#include "harness/report/text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace atspec::report {
namespace {

struct Decoded {
  char32_t code = 0;
  std::size_t length = 0;  ///< 0: not a valid sequence
};

/// One UTF-8 sequence, the overlong and surrogate ones refused (RFC 3629 §3).
Decoded decode(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return {};
  char32_t code = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6) | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (overlong || (code >= 0xD800 && code <= 0xDFFF) || code > 0x10FFFF) return {};
  return {code, length};
}

bool reorders(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F;
}

}  // namespace

std::string safe_text(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Decoded decoded = decode(bytes);
    const char32_t code = decoded.code;
    if (decoded.length == 0) {
      out += fmt::format("\\x{:02X}", static_cast<std::uint8_t>(bytes[0]));
      bytes.remove_prefix(1);
      continue;
    }
    const bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0) ||
                         code == 0xFFFE || code == 0xFFFF;
    if (control) {
      out += fmt::format("\\x{:02X}", static_cast<std::uint32_t>(code));
    } else if (reorders(code)) {
      out += fmt::format("\\u{{{:X}}}", static_cast<std::uint32_t>(code));
    } else {
      out += bytes.substr(0, decoded.length);
    }
    bytes.remove_prefix(decoded.length);
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t end = limit;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0U) == 0x80U) --end;
  return fmt::format("{}… ({} bytes more)", text.substr(0, end), text.size() - end);
}

std::string human_time(long long microseconds) {
  if (microseconds < 1000) return fmt::format("{} µs", microseconds);
  if (microseconds < 1'000'000) return fmt::format("{:.1f} ms", static_cast<double>(microseconds) / 1e3);
  return fmt::format("{:.2f} s", static_cast<double>(microseconds) / 1e6);
}

}  // namespace atspec::report
