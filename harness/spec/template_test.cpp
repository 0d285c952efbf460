#include "harness/spec/template.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>

namespace atspec::spec {
namespace {

using Blanks = Template::Blanks;

Template compiled(std::string_view text) {
  auto out = Template::compile(text);
  if (!out) ADD_FAILURE() << text << " at " << out.error().offset << ": " << out.error().message;
  return out.value_or(Template());
}

std::string complaint(std::string_view text) {
  const auto out = Template::compile(text);
  return out ? "" : std::to_string(out.error().offset) + ": " + out.error().message;
}

/// The raw values with "|" behind each, or "-" where the line does not fit.
std::string values(std::string_view pattern, std::string_view line, Blanks blanks = Blanks::exact) {
  const auto captured = compiled(pattern).match(line, blanks);
  if (!captured) return "-";
  std::string out;
  for (const auto& one : *captured) out += one.raw + "|";
  return out;
}

TEST(Template, IsCompiledToLiteralsAndPlaceholders) {
  const Template one = compiled("+QFTPSIZE: 0,{file_size = server.number('}') ?? 3}");
  ASSERT_EQ(one.tokens().size(), 2U);
  EXPECT_EQ(one.tokens()[0].kind, Token::Kind::literal);
  EXPECT_EQ(one.tokens()[0].text, "+QFTPSIZE: 0,");
  EXPECT_EQ(one.tokens()[1].kind, Token::Kind::placeholder);
  EXPECT_EQ(one.tokens()[1].text, "file_size");
  EXPECT_EQ(one.tokens()[1].rule.names(), std::vector<std::string>{"server.number()"});
  EXPECT_TRUE(compiled("{err}").tokens()[0].rule.empty());
}

TEST(Template, TwoBracesAreOne) {
  EXPECT_EQ(values("a {{b}", "a {b}"), "");
  EXPECT_EQ(values("{{{x}", "{7"), "7|");
}

TEST(Template, AnErrorStandsWhereThePlaceholderIsWrong) {
  EXPECT_EQ(complaint("+X: {a"), "4: the placeholder has no closing brace");
  EXPECT_EQ(complaint("+X: {a = 'b}"), "4: the placeholder has no closing brace");
  EXPECT_EQ(complaint("+X: { }"), "4: the placeholder has no name");
  EXPECT_EQ(complaint("+X: {a = }"), "9: a value was expected");
  EXPECT_EQ(complaint("+X: {a = 1 1}"), "11: an operator was expected");
  EXPECT_EQ(complaint("{a}{b}"), "3: two placeholders need something between them");
}

TEST(Template, IsHeldAgainstTheWholeLine) {
  EXPECT_EQ(values("OK", "OK"), "");
  EXPECT_EQ(values("OK", "OK "), "-");
  EXPECT_EQ(values("OK", "NOT OK"), "-");
  EXPECT_EQ(values("OK", ""), "-");
  EXPECT_EQ(values("+X: {a},{b}", "+X: 1"), "-");
  EXPECT_EQ(values("+X: {a};", "+X: 1"), "-");
}

TEST(Template, AQuotedValueEndsAtItsClosingQuoteWhateverItHolds) {
  EXPECT_EQ(values("+X: {a},{b}", "+X: \"1,2\",3"), "\"1,2\"|3|");
  EXPECT_EQ(values("+X: {a},{b}", "+X: \"\",\"}{\""), "\"\"|\"}{\"|");
  EXPECT_EQ(values("+X: {a}", "+X: \"open"), "-");
  EXPECT_EQ(values("+X: {a}", "+X: \"a\"b"), "-");
  EXPECT_EQ(values("+X: {a}", "+X: \""), "-");
}

TEST(Template, AnUnquotedValueEndsWhereTheNextLiteralBegins) {
  EXPECT_EQ(values("+X: {a},{b}", "+X: 1,2,3"), "1|2,3|");
  EXPECT_EQ(values("+X: {a} bytes in {b} s", "+X: 12 bytes in 3 s"), "12|3|");
  EXPECT_EQ(values("+X: {a} bytes", "+X: abc bytes", Blanks::any), "abc|") << "the b of abc is not that of bytes";
  EXPECT_EQ(values("{a} {b}", "1 2", Blanks::any), "1|2|");
  EXPECT_EQ(values("+X: {a},{b}", "+X: ,"), "||");
}

TEST(Template, ExactBlanksAreThoseOfTheTemplate) {
  EXPECT_EQ(values("+X: 0,{a}", "+X: 0,1"), "1|");
  EXPECT_EQ(values("+X: 0,{a}", "+X:0,1"), "-");
  EXPECT_EQ(values("+X: 0,{a}", "+X:  0,1"), "-");
  EXPECT_EQ(values("+X: 0,{a}", "+X: 0, 1"), " 1|") << "the type, not the shape, refuses the blank";
}

// ambiguity A01: the manual prints "+QFTPSIZE:0, 1000" and "+QFTPSIZE: 0,1000"
TEST(Template, FreeBlanksStandBesideColonAndCommaOnly) {
  for (const char* line : {"+X: 0,1,2", "+X:0,1,2", "+X:0, 1, 2", "+X:   0 , 1 , 2 "})
    EXPECT_EQ(values("+X: 0,{a},{b}", line, Blanks::any), "1|2|") << line;
  for (const char* line : {"+X: 0,1,2", "+X:0, 1, 2"})
    EXPECT_EQ(values("+X:0 , {a} , {b}", line, Blanks::any), "1|2|") << line;
  EXPECT_EQ(values("+X: {a}", "+X : 1", Blanks::any), "-");
  EXPECT_EQ(values("+X: {a}", " +X: 1", Blanks::any), "-");
  EXPECT_EQ(values("NO CARRIER", "NOCARRIER", Blanks::any), "-");
  EXPECT_EQ(values("NO CARRIER", "NO  CARRIER", Blanks::any), "-");
  EXPECT_EQ(values("+X: {a}", "+X: \"b , c\"", Blanks::any), "\"b , c\"|") << "blanks in quotes stay";
}

TEST(Template, ValuesAreIntegersOrTextsByTheirLooks) {
  const auto captured = compiled("+X: {a},{b},{c}").match("+X: 7,\"7\",/x", Blanks::exact);
  ASSERT_TRUE(captured);
  EXPECT_EQ((*captured)[0].value, Value{std::int64_t{7}});
  EXPECT_EQ((*captured)[1].value, Value{"7"});
  EXPECT_EQ((*captured)[2].value, Value{"/x"});
}

RC_GTEST_PROP(Template, WhatIsRenderedIsMatchedBackInBothKindsOfBlanks, ()) {
  // a template of random literals and placeholders, and a value for each
  const auto literal = rc::gen::element<std::string>(",", ": ", ", ", " / ", ";x,", " bytes ");
  const auto bare = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('0', '1', '9', 'q', '-', '.')));
  const auto inside = rc::gen::container<std::string>(rc::gen::element('a', ',', ' ', ':', '{', '}', '/', '0', '\\'));
  const auto quoted = rc::gen::map(inside, [](const std::string& text) { return '"' + text + '"'; });
  const auto count = *rc::gen::inRange(1, 6);
  std::string text = "+NAME: ";
  std::vector<std::string> wanted;
  for (int i = 0; i < count; ++i) {
    if (i > 0) text += *literal;
    text += "{p" + std::to_string(i) + "}";
    wanted.push_back(*rc::gen::oneOf(bare, quoted));
  }
  const auto pattern = Template::compile(text);
  RC_ASSERT(pattern.has_value());
  std::size_t next = 0;
  const std::string line = pattern->render([&](const Token&) { return wanted[next++]; });
  for (const auto blanks : {Blanks::exact, Blanks::any}) {
    const auto captured = pattern->match(line, blanks);
    RC_ASSERT(captured.has_value());
    RC_ASSERT(captured->size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) RC_ASSERT((*captured)[i].raw == wanted[i]);
  }
}

RC_GTEST_PROP(Template, WhatFitsExactlyFitsWithFreeBlanks, ()) {
  const auto word = rc::gen::element<std::string>("+X", ": ", ":", ",", ", ", " ", "0", "\"a,b\"", "b", "\"");
  std::string line;
  for (const auto& one : *rc::gen::container<std::vector<std::string>>(word)) line += one;
  for (const char* text : {"+X: {a},{b}", "+X: 0,{a} b", "{a}", "{a} {b},0"}) {
    const Template pattern = Template::compile(text).value();
    // a blank beside a separator may end up outside of the value, so that only the fit is compared
    if (pattern.match(line, Blanks::exact)) RC_ASSERT(pattern.match(line, Blanks::any).has_value());
  }
}

TEST(Template, ALineOfBlanksOrCommasCostsNoSquareOfItsLength) {
  const auto begin = std::chrono::steady_clock::now();
  for (const char* text : {"{a},{b};", "{a} ,{b};", "{a} x{b}", "{a}: {b},{c}.", "{a}, , ,{b};"}) {
    for (const char filler : {' ', ',', ':', 'x', '"'}) {
      for (const auto blanks : {Blanks::exact, Blanks::any}) values(text, std::string(200'000, filler), blanks);
    }
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace atspec::spec
