// The small language of conditions and value rules in a spec: `peer.has(file_name)`,
// `ftp != 'idle'`, `server.number('SIZE') ?? peer.size(file_name)`.
//
// Evaluation is three-valued: what the trace cannot show is *unknown*, and unknown never accuses.
// `and`, `or`, `not` follow Kleene; a comparison or arithmetic with an unknown is unknown;
// `a ?? b` is a unless that is unknown.
//
// Grammar, loosest first:  ??   or   and   not   = != < <= > >=   + -   *   primary
// primary: integer | 'text' | true | false | name | name(args…) | (expr); a name may hold dots.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace atspec::spec {

struct Unknown {
  bool operator==(const Unknown&) const = default;
};
using Value = std::variant<Unknown, bool, std::int64_t, std::string>;

bool is_unknown(const Value& value);
/// True, false, or unknown (nullopt). A text or number where a condition stands is unknown.
std::optional<bool> truth(const Value& value);
std::string to_string(const Value& value);
/// Digits (with an optional minus) are an integer, anything else is a text.
Value value_of_text(std::string_view text);

/// Where names and functions get their values. A name that is not there is unknown.
class Environment {
 public:
  virtual ~Environment() = default;
  virtual Value name(std::string_view name) const = 0;
  /// `given(x)` and its like receive the *name* of a bare-name argument in `names` (else empty there).
  virtual Value call(std::string_view function, const std::vector<Value>& arguments,
                     const std::vector<std::string>& names) const = 0;
};

/// `name = literal` or `name != literal`, either way round.
struct Comparison {
  std::string name;
  Value literal;
};

struct ExpressionError {
  std::size_t offset = 0;  ///< in the expression's text
  std::string message;
};

class Expression {
 public:
  struct Node;

  Expression() = default;
  static std::expected<Expression, ExpressionError> parse(std::string_view text);

  Value evaluate(const Environment& environment) const;
  bool empty() const { return node_ == nullptr; }
  const std::string& text() const { return text_; }
  /// Every name and every function used, for lint: function names end in "()".
  std::vector<std::string> names() const;
  /// What names are held equal to, for lint: a state compared with a value it never has is a slip.
  std::vector<Comparison> comparisons() const;

 private:
  std::string text_;
  std::shared_ptr<const Node> node_;
};

}  // namespace atspec::spec
