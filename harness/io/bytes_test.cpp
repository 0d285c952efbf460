#include "harness/io/bytes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atspec::io {
namespace {

TEST(Escape, WhatATerminalWouldObeyIsSpeltOut) {
  EXPECT_EQ(escape("AT\r\n\t\"a\\b\""), R"(AT\r\n\t\"a\\b\")");
  EXPECT_EQ(escape(ByteView("\0\x1B\x7F\xFF", 4)), R"(\x00\x1B\x7F\xFF)");
}

TEST(Escape, AMalformedEscapeIsNothing) {
  for (const char* text : {"\\", "a\\", "\\x", "\\x4", "\\xG1", "\\x1G", "\\q", "\\X41"})
    EXPECT_EQ(unescape(text), std::nullopt) << text;
  EXPECT_EQ(unescape("\\x4a\\x4B"), "JK");
}

RC_GTEST_PROP(Escape, AnyBytesComeBack, (const std::string& bytes)) {
  const std::string text = escape(bytes);
  RC_ASSERT(std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; }));
  RC_ASSERT(unescape(text) == bytes);
}

RC_GTEST_PROP(Pattern, AShorterOneIsAPrefixOfALongerOne, (std::uint64_t seed)) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 200), more = *rc::gen::inRange<std::size_t>(0, 200);
  RC_ASSERT(pattern(size + more, seed).starts_with(pattern(size, seed)));
}

TEST(Pattern, DependsOnTheSeed) {
  EXPECT_EQ(pattern(100, 7).size(), 100U);
  EXPECT_NE(pattern(100, 7), pattern(100, 8));
}

// the published test vectors of 64-bit FNV-1a
TEST(Hash, IsFnv1a) {
  EXPECT_EQ(hash(""), 0xCBF29CE484222325ULL);
  EXPECT_EQ(hash("a"), 0xAF63DC4C8601EC8CULL);
  EXPECT_EQ(hash("foobar"), 0x85944171F73967E8ULL);
  EXPECT_EQ(hash_hex("foobar"), "85944171f73967e8");
}

TEST(Hash, LeadingZerosArePartOfTheSixteenDigits) {
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(hash_hex(std::to_string(i)).size(), 16U);
}

TEST(Glob, StarIsAnyBytesAndQuestionMarkOne) {
  EXPECT_TRUE(glob("", ""));
  EXPECT_TRUE(glob("*", ""));
  EXPECT_TRUE(glob("QFTP*-0?", "QFTPSIZE-05"));
  EXPECT_TRUE(glob("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(glob("a**", "a"));
  EXPECT_FALSE(glob("", "a"));
  EXPECT_FALSE(glob("?", ""));
  EXPECT_FALSE(glob("QFTP*-0?", "QFTPSIZE-051"));
  EXPECT_FALSE(glob("a*b", "axxc"));
  EXPECT_FALSE(glob("a", "A"));
}

/// The definition, without a care for time.
bool plain_glob(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return plain_glob(pattern.substr(1), text) || (!text.empty() && plain_glob(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) && plain_glob(pattern.substr(1), text.substr(1));
}

RC_GTEST_PROP(Glob, AgreesWithItsDefinition, ()) {
  const auto of = [](const auto& letters) { return rc::gen::resize(10, rc::gen::container<std::string>(letters)); };
  const auto pattern = *of(rc::gen::element('a', 'b', '*', '?'));
  const auto text = *of(rc::gen::element('a', 'b'));
  RC_ASSERT(glob(pattern, text) == plain_glob(pattern, text));
}

}  // namespace
}  // namespace atspec::io
