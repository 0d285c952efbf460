#include "harness/modem/reply.hpp"

#include <algorithm>

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

}  // namespace

std::optional<std::string> ReplyParser::line() {
  while (true) {
    const auto end = buffer_.find('\n');
    if (end == io::Bytes::npos) {
      if (buffer_.size() <= longest_line && !skipping_) return std::nullopt;
      if (skipping_) {
        buffer_.clear();
        return std::nullopt;
      }
      // the beginning of the line says what it is; what is too much is dropped up to its end
      std::string out = buffer_.substr(0, longest_line);
      buffer_.clear();
      skipping_ = true;
      return out;
    }
    std::string out = buffer_.substr(0, std::min(end, longest_line));
    buffer_.erase(0, end + 1);
    if (skipping_) {
      skipping_ = false;
      continue;
    }
    if (out.ends_with('\r')) out.pop_back();
    return out;
  }
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
    if (code == 0) return Reply{0, *std::move(text)};
    return Reply{code, text->size() > 4 ? text->substr(4) : std::string()};
  }
  return std::nullopt;
}

void ReplyParser::clear() {
  buffer_.clear();
  skipping_ = false;
  open_code_ = 0;
}

}  // namespace atspec::modem
