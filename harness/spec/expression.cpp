#include "harness/spec/expression.hpp"

#include <charconv>
#include <memory>
#include <set>
#include <utility>

namespace atspec::spec {

bool is_unknown(const Value& value) { return std::holds_alternative<Unknown>(value); }

std::optional<bool> truth(const Value& value) {
  if (const auto* known = std::get_if<bool>(&value)) return *known;
  return std::nullopt;
}

std::string to_string(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "unknown";
}

Value value_of_text(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  return std::string(text);
}

struct Expression::Node {
  enum class Kind {
    literal,
    name,
    call,
    coalesce,
    logical_or,
    logical_and,
    logical_not,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    plus,
    minus,
    times
  } kind = Kind::literal;
  Value value;       // literal
  std::string text;  // name, or function
  std::vector<std::shared_ptr<const Node>> children;
};

namespace {

using Node = Expression::Node;
using NodePtr = std::shared_ptr<const Node>;
using Kind = Node::Kind;

/// Deeper nesting and more terms than any person writes: parsing, evaluating and destroying recurse, and a hostile file
/// must not exhaust the stack.
constexpr int deepest = 100;
constexpr std::size_t most_nodes = 1000;

bool is_keyword(std::string_view word) { return word == "and" || word == "or" || word == "not"; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::expected<NodePtr, ExpressionError> all() {
    NodePtr node = coalesce();
    skip_blanks();
    if (!failed_ && at_ != text_.size()) fail("an operator was expected");
    if (failed_) return std::unexpected(error_);
    return node;
  }

 private:
  void fail(std::string message) {
    if (failed_) return;
    failed_ = true;
    error_ = {at_, std::move(message)};
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(std::string_view symbol) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }
  static bool name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  }
  bool take_word(std::string_view word) {
    skip_blanks();
    const auto rest = text_.substr(at_);
    if (!rest.starts_with(word) || (rest.size() > word.size() && name_char(rest[word.size()]))) return false;
    at_ += word.size();
    return true;
  }
  std::shared_ptr<Node> new_node(Kind kind) {
    if (++nodes_ > most_nodes) fail("too long for one expression");
    auto node = std::make_shared<Node>();
    node->kind = kind;
    return node;
  }
  NodePtr make(Kind kind, std::vector<NodePtr> children) {
    auto node = new_node(kind);
    node->children = std::move(children);
    return node;
  }

  NodePtr coalesce() {
    if (++depth_ > deepest) fail("nested too deeply");
    NodePtr left = either();
    while (!failed_ && take("??")) left = make(Kind::coalesce, {left, either()});
    --depth_;
    return left;
  }
  NodePtr either() {
    NodePtr left = both();
    while (!failed_ && take_word("or")) left = make(Kind::logical_or, {left, both()});
    return left;
  }
  NodePtr both() {
    NodePtr left = negation();
    while (!failed_ && take_word("and")) left = make(Kind::logical_and, {left, negation()});
    return left;
  }
  NodePtr negation() {
    bool negate = false;
    while (take_word("not")) negate = !negate;
    NodePtr inner = comparison();
    return negate ? make(Kind::logical_not, {inner}) : inner;
  }
  NodePtr comparison() {
    NodePtr left = sum();
    static constexpr std::pair<std::string_view, Kind> operators[] = {
        {"!=", Kind::not_equal}, {"<=", Kind::less_equal}, {">=", Kind::greater_equal},
        {"=", Kind::equal},      {"<", Kind::less},        {">", Kind::greater}};
    for (const auto& [symbol, kind] : operators) {
      if (!failed_ && take(symbol)) return make(kind, {left, sum()});
    }
    return left;
  }
  NodePtr sum() {
    NodePtr left = product();
    while (!failed_) {
      if (take("+")) {
        left = make(Kind::plus, {left, product()});
      } else if (take("-")) {
        left = make(Kind::minus, {left, product()});
      } else {
        break;
      }
    }
    return left;
  }
  NodePtr product() {
    NodePtr left = primary();
    while (!failed_ && take("*")) left = make(Kind::times, {left, primary()});
    return left;
  }
  NodePtr literal(Value value) {
    auto node = new_node(Kind::literal);
    node->value = std::move(value);
    return node;
  }
  NodePtr primary() {
    if (failed_) return literal(Unknown{});
    skip_blanks();
    if (at_ == text_.size()) {
      fail("a value was expected");
      return literal(Unknown{});
    }
    const char c = text_[at_];
    if (c == '(') {
      ++at_;
      NodePtr inner = coalesce();
      if (!failed_ && !take(")")) fail("')' was expected");
      return inner;
    }
    if (c == '\'') {
      const auto end = text_.find('\'', at_ + 1);
      if (end == std::string_view::npos) {
        fail("the text has no closing quote");
        return literal(Unknown{});
      }
      auto node = literal(std::string(text_.substr(at_ + 1, end - at_ - 1)));
      at_ = end + 1;
      return node;
    }
    if ((c >= '0' && c <= '9') || c == '-') {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
      if (error != std::errc{}) {
        fail("not a number");
        return literal(Unknown{});
      }
      at_ = static_cast<std::size_t>(end - text_.data());
      return literal(number);
    }
    if (!name_char(c)) {
      fail("a value was expected");
      return literal(Unknown{});
    }
    std::size_t end = at_;
    while (end < text_.size() && name_char(text_[end])) ++end;
    const std::string word(text_.substr(at_, end - at_));
    if (is_keyword(word)) {
      fail("a value was expected");
      return literal(Unknown{});
    }
    at_ = end;
    if (word == "true" || word == "false") return literal(word == "true");
    auto node = new_node(Kind::name);
    node->text = word;
    if (!take("(")) return node;
    node->kind = Kind::call;
    if (take(")")) return node;
    do node->children.push_back(coalesce());
    while (!failed_ && take(","));
    if (!failed_ && !take(")")) fail("')' was expected");
    return node;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::size_t nodes_ = 0;
  bool failed_ = false;
  ExpressionError error_;
};

Value evaluate_node(const Node& node, const Environment& environment);

std::optional<int> compare(const Value& a, const Value& b) {
  const auto* x = std::get_if<std::int64_t>(&a);
  const auto* y = std::get_if<std::int64_t>(&b);
  if (x == nullptr || y == nullptr) return std::nullopt;
  return *x < *y ? -1 : *x > *y ? 1 : 0;
}

/// Kleene: false decides `and`, true decides `or`, whatever the other side is.
Value connect(const Node& node, const Environment& environment, bool deciding) {
  const auto left = truth(evaluate_node(*node.children[0], environment));
  if (left == deciding) return deciding;
  const auto right = truth(evaluate_node(*node.children[1], environment));
  if (right == deciding) return deciding;
  if (!left || !right) return Unknown{};
  return !deciding;
}

Value arithmetic(Kind kind, const Value& a, const Value& b) {
  const auto* x = std::get_if<std::int64_t>(&a);
  const auto* y = std::get_if<std::int64_t>(&b);
  if (x == nullptr || y == nullptr) return Unknown{};
  std::int64_t out = 0;
  const bool overflow = kind == Kind::plus    ? __builtin_add_overflow(*x, *y, &out)
                        : kind == Kind::minus ? __builtin_sub_overflow(*x, *y, &out)
                                              : __builtin_mul_overflow(*x, *y, &out);
  if (overflow) return Unknown{};
  return out;
}

Value evaluate_node(const Node& node, const Environment& environment) {
  switch (node.kind) {
    case Kind::literal:
      return node.value;
    case Kind::name:
      return environment.name(node.text);
    case Kind::call: {
      std::vector<Value> arguments;
      std::vector<std::string> names;
      for (const auto& child : node.children) {
        names.push_back(child->kind == Kind::name ? child->text : std::string());
        arguments.push_back(evaluate_node(*child, environment));
      }
      return environment.call(node.text, arguments, names);
    }
    case Kind::coalesce: {
      Value left = evaluate_node(*node.children[0], environment);
      return is_unknown(left) ? evaluate_node(*node.children[1], environment) : left;
    }
    case Kind::logical_or:
      return connect(node, environment, true);
    case Kind::logical_and:
      return connect(node, environment, false);
    case Kind::logical_not: {
      const auto inner = truth(evaluate_node(*node.children[0], environment));
      if (!inner) return Unknown{};
      return !*inner;
    }
    case Kind::equal:
    case Kind::not_equal: {
      const Value a = evaluate_node(*node.children[0], environment);
      const Value b = evaluate_node(*node.children[1], environment);
      if (is_unknown(a) || is_unknown(b)) return Unknown{};
      return (a == b) == (node.kind == Kind::equal);
    }
    case Kind::less:
    case Kind::less_equal:
    case Kind::greater:
    case Kind::greater_equal: {
      const auto order =
          compare(evaluate_node(*node.children[0], environment), evaluate_node(*node.children[1], environment));
      if (!order) return Unknown{};
      if (node.kind == Kind::less) return *order < 0;
      if (node.kind == Kind::less_equal) return *order <= 0;
      if (node.kind == Kind::greater) return *order > 0;
      return *order >= 0;
    }
    case Kind::plus:
    case Kind::minus:
    case Kind::times:
      return arithmetic(node.kind, evaluate_node(*node.children[0], environment),
                        evaluate_node(*node.children[1], environment));
  }
  return Unknown{};
}

void collect_comparisons(const Node& node, std::vector<Comparison>& out) {
  if (node.kind == Kind::equal || node.kind == Kind::not_equal) {
    const Node& left = *node.children[0];
    const Node& right = *node.children[1];
    if (left.kind == Kind::name && right.kind == Kind::literal) out.push_back({left.text, right.value});
    if (left.kind == Kind::literal && right.kind == Kind::name) out.push_back({right.text, left.value});
  }
  for (const auto& child : node.children) collect_comparisons(*child, out);
}

void collect(const Node& node, std::set<std::string>& names) {
  if (node.kind == Kind::name) names.insert(node.text);
  if (node.kind == Kind::call) names.insert(node.text + "()");
  for (const auto& child : node.children) collect(*child, names);
}

}  // namespace

std::expected<Expression, ExpressionError> Expression::parse(std::string_view text) {
  auto node = Parser(text).all();
  if (!node) return std::unexpected(node.error());
  Expression out;
  out.text_ = text;
  out.node_ = *std::move(node);
  return out;
}

Value Expression::evaluate(const Environment& environment) const {
  return node_ ? evaluate_node(*node_, environment) : Value{Unknown{}};
}

std::vector<std::string> Expression::names() const {
  std::set<std::string> out;
  if (node_) collect(*node_, out);
  return {out.begin(), out.end()};
}

std::vector<Comparison> Expression::comparisons() const {
  std::vector<Comparison> out;
  if (node_) collect_comparisons(*node_, out);
  return out;
}

}  // namespace atspec::spec
