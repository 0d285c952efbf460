#include "harness/modem/command_line.hpp"

namespace atspec::modem {
namespace {

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string_view stripped(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Position of `wanted` outside quotes, or the end.
std::size_t outside_quotes(std::string_view text, char wanted) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == wanted && !quoted) return i;
  }
  return text.size();
}

/// An extended command without its neighbours; false where it is none.
bool parse_extended(std::string_view text, Command& out) {
  std::size_t end = 1;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '_')) ++end;
  if (end == 1) return false;
  for (const char c : text.substr(0, end)) out.name += upper(c);
  std::string_view rest = text.substr(end);
  if (rest.empty()) {
    out.form = Command::Form::execute;
  } else if (rest == "=?") {
    out.form = Command::Form::test;
  } else if (rest == "?") {
    out.form = Command::Form::read;
  } else if (rest.front() == '=') {
    out.form = Command::Form::write;
    rest.remove_prefix(1);
    while (true) {
      const auto comma = outside_quotes(rest, ',');
      out.arguments.emplace_back(stripped(rest.substr(0, comma)));
      if (comma == rest.size()) break;
      rest.remove_prefix(comma + 1);
    }
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<LineEditor::Line> LineEditor::take(char byte) {
  const bool lf_behind_cr = byte == '\n' && after_cr_;
  after_cr_ = byte == '\r';
  if (lf_behind_cr) return std::nullopt;
  if (byte == '\r') {
    Line out{std::move(text_), too_long_};
    text_.clear();
    too_long_ = false;
    return out;
  }
  if (byte == '\b') {
    if (!text_.empty()) text_.pop_back();
  } else if (text_.size() < longest_) {
    text_ += byte;
  } else {
    too_long_ = true;
  }
  return std::nullopt;
}

void LineEditor::clear() {
  text_.clear();
  too_long_ = false;
}

Parsed parse_line(std::string_view line) {
  Parsed out;
  line = stripped(line);
  out.prefixed = line.starts_with("AT") || line.starts_with("at");
  if (!out.prefixed) return out;
  line.remove_prefix(2);
  while (!(line = stripped(line)).empty()) {
    Command command;
    if (line.front() == ';') {
      line.remove_prefix(1);
      continue;
    }
    if (line.front() == '+') {
      const auto end = outside_quotes(line, ';');
      if (!parse_extended(stripped(line.substr(0, end)), command)) return out;
      line.remove_prefix(end);
    } else {
      std::size_t end = line.front() == '&' ? 1 : 0;
      if (end == line.size() || !is_letter(line[end])) return out;
      ++end;
      for (const char c : line.substr(0, end)) command.name += upper(c);
      const std::size_t digits = end;
      while (end < line.size() && is_digit(line[end])) ++end;
      if (end > digits) {
        command.form = Command::Form::write;
        command.arguments.emplace_back(line.substr(digits, end - digits));
      }
      line.remove_prefix(end);
    }
    out.commands.push_back(std::move(command));
  }
  out.valid = true;
  return out;
}

}  // namespace atspec::modem
