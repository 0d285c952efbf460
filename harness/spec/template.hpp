// A response as the manual prints it, compiled to tokens: literal text and `{placeholder}`s.
//
//   +QFTPSIZE: 0,{file_size = server.number('SIZE') ?? peer.size(file_name)}
//
// `{name}` takes any value of name's declared type, `{name = rule}` only the one the rule yields
// (any, where the rule is unknown). `{{` is a brace. Matching is anchored at both ends.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/spec/expression.hpp"

namespace atspec::spec {

struct ValueType;

struct Token {
  enum class Kind { literal, placeholder } kind = Kind::literal;
  std::string text;  ///< the literal, or the placeholder's name
  Expression rule;   ///< empty: any value of the type
  bool operator==(const Token& other) const {
    return kind == other.kind && text == other.text && rule.text() == other.rule.text();
  }
};

struct Captured {
  std::string name;
  std::string raw;  ///< as it stood on the line, quotes included
  Value value;      ///< by its looks: digits are an integer, anything else a text without its quotes
};

class Template {
 public:
  static std::expected<Template, ExpressionError> compile(std::string_view text);

  const std::vector<Token>& tokens() const { return tokens_; }
  const std::string& text() const { return text_; }

  /// How blanks after the colon and after commas are taken (ambiguity A01).
  enum class Blanks { exact, any };
  /// The values on `line` by position: shape only, no type is enforced here beyond finding where a
  /// value ends (a quoted text ends at its closing quote, others at the next literal).
  /// Nothing where the literals do not fit.
  std::optional<std::vector<Captured>> match(std::string_view line, Blanks blanks) const;

  /// The line with placeholders filled in by `value_of(token)`.
  std::string render(const std::function<std::string(const Token&)>& value_of) const;

 private:
  std::optional<std::vector<Captured>> match(std::string_view line, Blanks blanks, bool trimmed) const;

  std::string text_;
  std::vector<Token> tokens_;
};

}  // namespace atspec::spec
