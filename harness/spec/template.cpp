#include "harness/spec/template.hpp"

#include <utility>

namespace atspec::spec {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// How many bytes of `line` the literal takes, or nothing. With free blanks, blanks beside ':' and ',' count on
/// neither side.
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<std::size_t> take_literal(std::string_view literal, std::string_view line, Template::Blanks blanks) {
  if (blanks == Template::Blanks::exact) {
    if (!line.starts_with(literal)) return std::nullopt;
    return literal.size();
  }
  std::size_t at = 0;
  const auto skip = [](std::string_view text, std::size_t& i) {
    while (i < text.size() && text[i] == ' ') ++i;
  };
  for (std::size_t i = 0; i < literal.size();) {
    const char c = literal[i];
    if (c == ' ') {
      // a blank of the literal next to a separator is optional; any other stands for itself
      std::size_t behind = i;
      skip(literal, behind);
      const bool before_separator = behind < literal.size() && literal[behind] == ',';
      const bool after_separator = i > 0 && (literal[i - 1] == ':' || literal[i - 1] == ',');
      if (before_separator || after_separator) {
        i = behind;
        skip(line, at);
        continue;
      }
    }
    if (c == ',') skip(line, at);
    if (at >= line.size() || lower(line[at]) != lower(c)) return std::nullopt;
    ++at;
    ++i;
    if (c == ':' || c == ',') skip(line, at);
  }
  return at;
}

/// Where the literal first fits.
std::optional<std::size_t> find_literal(std::string_view literal, std::string_view line, Template::Blanks blanks) {
  if (blanks == Template::Blanks::exact) {
    const auto at = line.find(literal);
    return at == std::string_view::npos ? std::nullopt : std::optional(at);
  }
  const auto first = literal.find_first_not_of(' ');
  const bool separator = first != std::string_view::npos && literal[first] == ',';
  for (std::size_t at = 0; at < line.size(); ++at) {
    // look closer only where something can fit: at a blank, of several before a comma at the first, so that a line of
    // blanks costs no square of its length
    if (line[at] == ' ' ? separator && at > 0 && line[at - 1] == ' '
                        : first != std::string_view::npos && line[at] != literal[first])
      continue;
    if (take_literal(literal, line.substr(at), blanks)) return at;
  }
  return std::nullopt;
}

}  // namespace

std::expected<Template, ExpressionError> Template::compile(std::string_view text) {
  Template out;
  out.text_ = text;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) out.tokens_.push_back({Token::Kind::literal, std::move(literal), {}});
    literal.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      literal += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '{') {
      literal += '{';
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    for (bool quoted = false; end < text.size() && (quoted || text[end] != '}'); ++end) {
      if (text[end] == '\'') quoted = !quoted;
    }
    if (end == text.size()) return std::unexpected(ExpressionError{i, "the placeholder has no closing brace"});
    const std::string_view inside = text.substr(i + 1, end - i - 1);
    const auto sign = inside.find('=');
    Token token{Token::Kind::placeholder, std::string(trim(inside.substr(0, sign))), {}};
    if (token.text.empty()) return std::unexpected(ExpressionError{i, "the placeholder has no name"});
    if (sign != std::string_view::npos) {
      auto rule = Expression::parse(inside.substr(sign + 1));
      if (!rule) return std::unexpected(ExpressionError{i + 1 + sign + 1 + rule.error().offset, rule.error().message});
      token.rule = *std::move(rule);
    }
    flush();
    if (!out.tokens_.empty() && out.tokens_.back().kind == Token::Kind::placeholder)
      return std::unexpected(ExpressionError{i, "two placeholders need something between them"});
    out.tokens_.push_back(std::move(token));
    i = end;
  }
  flush();
  return out;
}

std::optional<std::vector<Captured>> Template::match(std::string_view line, Blanks blanks) const {
  auto out = match(line, blanks, blanks == Blanks::any);
  // with free blanks a separator may be found too early: ", 0" in a value, where ",0" ends it
  if (!out && blanks == Blanks::any) out = match(line, Blanks::exact, true);
  return out;
}

std::optional<std::vector<Captured>> Template::match(std::string_view line, Blanks blanks, bool trimmed) const {
  std::vector<Captured> out;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    if (token.kind == Token::Kind::literal) {
      const auto taken = take_literal(token.text, line, blanks);
      if (!taken) return std::nullopt;
      line.remove_prefix(*taken);
      continue;
    }
    std::size_t end = line.size();
    if (line.starts_with('"')) {
      // a quoted value ends at its closing quote, whatever it holds
      const auto close = line.find('"', 1);
      if (close == std::string_view::npos) return std::nullopt;
      end = close + 1;
    } else if (i + 1 < tokens_.size()) {
      const auto found = find_literal(tokens_[i + 1].text, line, blanks);
      if (!found) return std::nullopt;
      end = *found;
    }
    const std::string_view raw = trimmed ? trim(line.substr(0, end)) : line.substr(0, end);
    line.remove_prefix(end);
    const bool quoted = raw.size() >= 2 && raw.front() == '"' && raw.back() == '"';
    out.push_back({token.text, std::string(raw),
                   quoted ? Value{std::string(raw.substr(1, raw.size() - 2))} : value_of_text(raw)});
  }
  if (trimmed) line = trim(line);
  if (!line.empty()) return std::nullopt;
  return out;
}

std::string Template::render(const std::function<std::string(const Token&)>& value_of) const {
  std::string out;
  for (const Token& token : tokens_) out += token.kind == Token::Kind::literal ? token.text : value_of(token);
  return out;
}

}  // namespace atspec::spec
