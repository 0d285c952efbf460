#include "harness/spec/expression.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace atspec::spec {
namespace {

/// Names from a map; `seen(x)` tells what a function is given.
class Names : public Environment {
 public:
  explicit Names(std::map<std::string, Value, std::less<>> values = {}) : values_(std::move(values)) {}
  Value name(std::string_view name) const override {
    const auto found = values_.find(name);
    return found == values_.end() ? Value{Unknown{}} : found->second;
  }
  Value call(std::string_view function, const std::vector<Value>& arguments,
             const std::vector<std::string>& names) const override {
    std::string out(function);
    for (std::size_t i = 0; i < arguments.size(); ++i) out += " " + names[i] + ":" + to_string(arguments[i]);
    return out;
  }

 private:
  std::map<std::string, Value, std::less<>> values_;
};

const Names some({{"one", std::int64_t{1}}, {"ftp", "idle"}, {"cfg.rsptimeout", std::int64_t{90}}, {"yes", true}});

Value value_of(std::string_view text) {
  const auto parsed = Expression::parse(text);
  if (!parsed) {
    ADD_FAILURE() << text << " at " << parsed.error().offset << ": " << parsed.error().message;
    return Unknown{};
  }
  return parsed->evaluate(some);
}

std::string complaint(std::string_view text) {
  const auto parsed = Expression::parse(text);
  return parsed ? "" : std::to_string(parsed.error().offset) + ": " + parsed.error().message;
}

const Value unknown = Unknown{};
Value number(std::int64_t value) { return value; }

TEST(Expression, OperatorsBindAsTheGrammarSays) {
  EXPECT_EQ(value_of("1 + 2 * 3"), number(7));
  EXPECT_EQ(value_of("(1 + 2) * 3"), number(9));
  EXPECT_EQ(value_of("10 - 2 - 3"), number(5));
  EXPECT_EQ(value_of("1 + 1 = 2 and not 2 < 1"), Value{true});
  EXPECT_EQ(value_of("not ftp = 'idle' or true"), Value{true});
  EXPECT_EQ(value_of("true or true and false"), Value{true});
  EXPECT_EQ(value_of("false and true ?? true"), Value{false});
  EXPECT_EQ(value_of("nothing or false ?? true"), Value{true});
  EXPECT_EQ(value_of("nothing ?? nobody ?? 3"), number(3));
  EXPECT_EQ(value_of("one-1"), number(0));
  EXPECT_EQ(value_of("-5 + 2"), number(-3));
  EXPECT_EQ(value_of("not not yes"), Value{true});
}

TEST(Expression, ComparesNumbersByOrderAndAnythingForEquality) {
  EXPECT_EQ(value_of("cfg.rsptimeout >= 90"), Value{true});
  EXPECT_EQ(value_of("cfg.rsptimeout != 90"), Value{false});
  EXPECT_EQ(value_of("one <= 0"), Value{false});
  EXPECT_EQ(value_of("one > 0"), Value{true});
  EXPECT_EQ(value_of("ftp = 'idle'"), Value{true});
  EXPECT_EQ(value_of("one = '1'"), Value{false});
  EXPECT_EQ(value_of("ftp < 'z'"), unknown);
}

TEST(Expression, AnUnknownNeverAccuses) {
  EXPECT_EQ(value_of("nothing = 1"), unknown);
  EXPECT_EQ(value_of("nothing != 1"), unknown);
  EXPECT_EQ(value_of("nothing < 1"), unknown);
  EXPECT_EQ(value_of("nothing + 1"), unknown);
  EXPECT_EQ(value_of("not nothing"), unknown);
  EXPECT_EQ(value_of("ftp and true"), unknown) << "a text is no condition";
}

TEST(Expression, ArithmeticBeyondSixtyFourBitsIsUnknown) {
  EXPECT_EQ(value_of("9223372036854775807 + 1"), unknown);
  EXPECT_EQ(value_of("9223372036854775807 * 2"), unknown);
  EXPECT_EQ(value_of("-9223372036854775807 - 2"), unknown);
}

TEST(Expression, AFunctionIsGivenValuesAndBareNames) {
  EXPECT_EQ(value_of("f(one, 'x', one + 1, nothing)"), Value{"f one:1 :x :2 nothing:unknown"});
  EXPECT_EQ(value_of("peer.after.has()"), Value{"peer.after.has"});
}

/// true, false and unknown as an expression writes them.
const std::pair<const char*, std::optional<bool>> truths[] = {{"true", true}, {"false", false}, {"nothing", {}}};

TEST(Expression, AndOrFollowKleene) {
  for (const auto& [a, left] : truths) {
    for (const auto& [b, right] : truths) {
      const auto both = left == false || right == false ? std::optional(false)
                        : left && right                 ? std::optional(true)
                                                        : std::nullopt;
      const auto either = left == true || right == true ? std::optional(true)
                          : left && right               ? std::optional(false)
                                                        : std::nullopt;
      EXPECT_EQ(truth(value_of(std::string(a) + " and " + b)), both) << a << " and " << b;
      EXPECT_EQ(truth(value_of(std::string(a) + " or " + b)), either) << a << " or " << b;
    }
  }
}

TEST(Expression, AnErrorStandsWhereTheTextStopsMakingSense) {
  EXPECT_EQ(complaint(""), "0: a value was expected");
  EXPECT_EQ(complaint("a ="), "3: a value was expected");
  EXPECT_EQ(complaint("a b"), "2: an operator was expected");
  EXPECT_EQ(complaint("(a"), "2: ')' was expected");
  EXPECT_EQ(complaint("f(a"), "3: ')' was expected");
  EXPECT_EQ(complaint("a = 'b"), "4: the text has no closing quote");
  EXPECT_EQ(complaint("a = b = c"), "6: an operator was expected");
  EXPECT_EQ(complaint("a and and"), "6: a value was expected");
  EXPECT_EQ(complaint("or"), "0: a value was expected");
  EXPECT_EQ(complaint("a = not b"), "4: a value was expected");
  EXPECT_EQ(complaint("99999999999999999999"), "0: not a number");
  EXPECT_EQ(complaint("a & b"), "2: an operator was expected");
}

TEST(Expression, AWordThatOnlyBeginsLikeAnOperatorIsAName) {
  EXPECT_EQ(Expression::parse("order = android and nothing")->names(),
            (std::vector<std::string>{"android", "nothing", "order"}));
}

TEST(Expression, HostileDepthAndLengthAreRefusedNotRecursedInto) {
  const std::size_t size = 1 << 20;
  EXPECT_NE(complaint(std::string(size, '(')), "");
  std::string calls, sums = "1", nots, choices = "a";
  for (std::size_t i = 0; i < size / 4; ++i) calls += "f(", sums += "+1", nots += "not ", choices += "??a";
  EXPECT_NE(complaint(calls), "");
  EXPECT_NE(complaint(sums), "");
  EXPECT_NE(complaint(choices), "");
  EXPECT_NE(complaint(nots), "");
  EXPECT_EQ(complaint(std::string(90, '(') + "1" + std::string(90, ')')), "");
}

TEST(Expression, TellsTheNamesAndFunctionsItUses) {
  const auto parsed = Expression::parse("server.ok('SIZE') ?? peer.has(file_name) and file_name != ''");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->names(), (std::vector<std::string>{"file_name", "peer.has()", "server.ok()"}));
}

TEST(Expression, TellsWhatNamesAreComparedWith) {
  const auto parsed = Expression::parse("f(ftp = 'idle') or (0 != cmee and one < 3 and a = b)");
  ASSERT_TRUE(parsed);
  const auto found = parsed->comparisons();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "ftp");
  EXPECT_EQ(found[0].literal, Value{"idle"});
  EXPECT_EQ(found[1].name, "cmee");
  EXPECT_EQ(found[1].literal, number(0));
}

TEST(Expression, AnEmptyOneIsUnknown) {
  EXPECT_TRUE(Expression().empty());
  EXPECT_EQ(Expression().evaluate(some), unknown);
}

TEST(ValueOfText, DigitsAreAnIntegerAndAllElseIsText) {
  EXPECT_EQ(value_of_text("90"), number(90));
  EXPECT_EQ(value_of_text("-3"), number(-3));
  EXPECT_EQ(value_of_text("007"), number(7));
  EXPECT_EQ(value_of_text("-0"), number(0));
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1a", "0x1", "99999999999999999999"})
    EXPECT_EQ(value_of_text(text), Value{text}) << text;
}

RC_GTEST_PROP(ValueOfText, EveryIntegerComesBack, (std::int64_t value)) {
  RC_ASSERT(value_of_text(to_string(Value{value})) == Value{value});
}

RC_GTEST_PROP(Expression, NoTextMakesTheParserFail, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "1", "'x'", "(", ")", ",", "=", "!=", "<", "??", "and", "or", "not", "+", "-",
                                    "*", "f(", " ", "'", "\x80", "."));
  std::string text;
  for (const auto& word : words) text += word;
  const auto parsed = Expression::parse(text);
  if (parsed) {
    parsed->evaluate(some);
    parsed->names();
    // what was read is read the same once more
    RC_ASSERT(Expression::parse(parsed->text())->evaluate(some) == parsed->evaluate(some));
  } else {
    RC_ASSERT(parsed.error().offset <= text.size());
  }
}

}  // namespace
}  // namespace atspec::spec
