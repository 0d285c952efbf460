#include "harness/modem/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace atspec::modem {
namespace {

constexpr std::size_t longest_line = 8 * 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int code_of(std::string_view line) {
  if (line.size() < 3 || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2])) return 0;
  if (line[0] < '1' || line[0] > '5') return 0;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/// A byte 255 is doubled on the control connection (RFC 3659 §2.2).
std::string undoubled(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text.substr(i, 2) == "\xFF\xFF") ++i;
  }
  return out;
}

}  // namespace

bool about_security(const Reply& reply) {
  constexpr std::array codes{431, 521, 522, 533, 534, 535, 536};
  return std::ranges::count(codes, reply.code) > 0;
}

std::optional<io::Endpoint> passive_address(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (text[begin] < '0' || text[begin] > '9' || (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9'))
      continue;
    unsigned numbers[6] = {};
    const char* at = text.data() + begin;
    const char* const end = text.data() + text.size();
    int count = 0;
    for (; count < 6; ++count) {
      const auto [next, error] = std::from_chars(at, end, numbers[count]);
      if (error != std::errc{} || numbers[count] > 255) break;
      at = next;
      if (count == 5) continue;
      if (at == end || *at != ',') break;
      ++at;
    }
    if (count < 6) continue;
    const unsigned port = numbers[4] * 256 + numbers[5];
    if (port == 0) return std::nullopt;
    return io::Endpoint{fmt::format("{}.{}.{}.{}", numbers[0], numbers[1], numbers[2], numbers[3]),
                        static_cast<std::uint16_t>(port)};
  }
  return std::nullopt;
}

std::string port_argument(const io::Endpoint& at) {
  std::string out = at.address;
  std::replace(out.begin(), out.end(), '.', ',');
  return out + ',' + std::to_string(at.port / 256) + ',' + std::to_string(at.port % 256);
}

std::optional<std::uint16_t> extended_port(std::string_view text) {
  const auto open = text.rfind('(');
  if (open == std::string_view::npos || open + 5 > text.size()) return std::nullopt;
  const char mark = text[open + 1];
  if (text[open + 2] != mark || text[open + 3] != mark) return std::nullopt;
  unsigned port = 0;
  const auto [next, error] = std::from_chars(text.data() + open + 4, text.data() + text.size(), port);
  if (error != std::errc{} || next == text.data() + text.size() || *next != mark || port == 0 || port > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

std::optional<std::string> modification_time(std::string_view text) {
  constexpr std::size_t whole_digits = 14, fraction_digits = 3;
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), is_digit);
  };
  std::string out(text.substr(0, whole_digits));
  if (out.size() != whole_digits || !all_digits(out)) return std::nullopt;
  if (text.size() == whole_digits) return out;
  std::string fraction(text.substr(whole_digits + 1));
  if (text[whole_digits] != '.' || !all_digits(fraction)) return std::nullopt;
  fraction.resize(fraction_digits, '0');
  return out + '.' + fraction;
}

std::optional<std::string> ReplyParser::line() {
  const auto end = buffer_.find('\n', begin_);
  if (end == io::Bytes::npos) {
    buffer_.erase(0, std::exchange(begin_, 0));
    // the beginning of the line says what it is; what is too much is dropped up to its end
    buffer_.resize(std::min(buffer_.size(), longest_line));
    return std::nullopt;
  }
  std::string out = buffer_.substr(begin_, std::min(end - begin_, longest_line));
  begin_ = end + 1;
  if (out.ends_with('\r')) out.pop_back();
  return out;
}

std::optional<Reply> ReplyParser::take() {
  while (auto text = line()) {
    const int code = code_of(*text);
    if (open_code_ != 0) {
      // inner lines are anything, other codes included; the last has the same code and no hyphen (RFC 3659 §7.2: or no
      // text)
      if (code != open_code_ || (text->size() > 3 && (*text)[3] == '-')) continue;
      open_code_ = 0;
    } else if (code != 0 && text->size() > 3 && (*text)[3] == '-') {
      open_code_ = code;
      continue;
    }
    if (std::exchange(stray_, false)) continue;
    if (code == 0) return Reply{0, *std::move(text)};
    return Reply{code, text->size() > 4 ? undoubled(std::string_view(*text).substr(4)) : std::string()};
  }
  return std::nullopt;
}

void ReplyParser::forget() {
  while (take()) {
  }
  stray_ = stray_ || begin_ < buffer_.size() || open_code_ != 0;
}

void ReplyParser::clear() { *this = {}; }

}  // namespace atspec::modem
