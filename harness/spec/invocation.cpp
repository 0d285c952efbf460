#include "harness/spec/invocation.hpp"

namespace atspec::spec {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

/// V.250 §5.4.1: characters of extended command names behind the sign.
bool extended_name_char(char c) {
  return letter(c) || digit(c) || c == '!' || c == '%' || c == '-' || c == '.' || c == '/' || c == ':' || c == '_';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Argument argument(std::string_view raw) {
  Argument out;
  raw = trim(raw);
  out.raw = raw;
  // V.250 §5.4.2.2: a string constant holds no quote of its own, so "a"b" is none
  out.quoted = raw.size() >= 2 && raw.front() == '"' && raw.find('"', 1) == raw.size() - 1;
  out.text = out.quoted ? raw.substr(1, raw.size() - 2) : raw;
  return out;
}

/// Splits at commas outside quotes.
std::vector<Argument> arguments(std::string_view text) {
  std::vector<Argument> out;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i == text.size() || (text[i] == ',' && !quoted)) {
      out.push_back(argument(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  return out;
}

/// Where an extended command ends: at a semicolon outside quotes.
std::size_t end_of_extended(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == ';' && !quoted) return i;
  }
  return text.size();
}

}  // namespace

std::string_view to_string(FormKind kind) {
  switch (kind) {
    case FormKind::test:
      return "test";
    case FormKind::read:
      return "read";
    case FormKind::write:
      return "write";
    case FormKind::execute:
      return "execute";
  }
  return "";
}

std::expected<std::vector<Invocation>, std::string> parse_command_line(std::string_view line) {
  line = trim(line);
  // manual 1.2.2 AT-07 names AT and at, and no mixture
  if (!line.starts_with("AT") && !line.starts_with("at")) return std::unexpected("no AT prefix");
  line.remove_prefix(2);
  std::vector<Invocation> out;
  while (!(line = trim(line)).empty()) {
    if (line.front() == ';') {
      line.remove_prefix(1);
      continue;
    }
    Invocation one;
    if (line.front() == '+' || line.front() == '$' || line.front() == '^' || line.front() == '*' ||
        line.front() == '%') {
      const std::string_view text = trim(line.substr(0, end_of_extended(line)));
      std::size_t end = 1;
      while (end < text.size() && extended_name_char(text[end])) ++end;
      if (end == 1) return std::unexpected("a sign without a command name");
      one.raw = text;
      one.name = text.substr(0, end);
      const std::string_view rest = text.substr(end);
      if (rest.empty()) {
        one.kind = FormKind::execute;
      } else if (rest == "?") {
        one.kind = FormKind::read;
      } else if (rest == "=?") {
        one.kind = FormKind::test;
      } else if (rest.front() == '=') {
        one.kind = FormKind::write;
        one.arguments = arguments(rest.substr(1));
      } else {
        return std::unexpected("text behind the command name that is neither =, ? nor =?");
      }
      line.remove_prefix(end_of_extended(line));
    } else {
      const std::size_t sign = line.front() == '&' ? 1 : 0;
      if (line.size() <= sign || !letter(line[sign])) return std::unexpected("text that is no command");
      std::size_t end = sign + 1;
      while (end < line.size() && digit(line[end])) ++end;
      one.name = line.substr(0, sign + 1);
      one.raw = line.substr(0, end);
      if (end > sign + 1) {
        one.kind = FormKind::write;
        one.arguments.push_back(argument(line.substr(sign + 1, end - sign - 1)));
      }
      line.remove_prefix(end);
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace atspec::spec
