#include "harness/modem/reply.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace atspec::modem {
namespace {

std::vector<Reply> all(ReplyParser& parser) {
  std::vector<Reply> out;
  while (auto reply = parser.take()) out.push_back(*reply);
  return out;
}

std::vector<Reply> parse(std::string_view bytes) {
  ReplyParser parser;
  parser.feed(bytes);
  return all(parser);
}

TEST(Port, SaysAnAddressAsAServerReadsItBack) {
  EXPECT_EQ(port_argument({"127.0.0.1", 1025}), "127,0,0,1,4,1");
  EXPECT_EQ(passive_address(port_argument({"10.20.30.40", 65535})), (io::Endpoint{"10.20.30.40", 65535}));
}

TEST(ReplyParser, TheRestOfAnOverLongLineIsNoReplyHoweverLateItComes) {
  ReplyParser parser;
  parser.feed("257 \"/\"" + std::string(20'000, 'a'));
  EXPECT_FALSE(parser.take());
  parser.forget();
  parser.feed("the end\r\n213 10\r\n");
  const auto reply = parser.take();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->code, 213);
}

TEST(ReplyParser, AReplyThatBeganBeforeItIsForgottenIsForgottenWhole) {
  const std::pair<const char*, const char*> strays[] = {
      {"226 a\r\n", ""},          {"2", "26 a\r\n"},
      {"226 a", "\r\n"},          {"226-a\r\n213 b\r\n", "226 c\r\n"},
      {"226-a\r\n226", " c\r\n"}, {"220 a\r\n226-a", "\r\n226 c\r\n"}};
  for (const auto& [came, rest] : strays) {
    ReplyParser parser;
    parser.feed(came);
    parser.forget();
    parser.feed(std::string(rest) + "213 10\r\n");
    const auto reply = parser.take();
    ASSERT_TRUE(reply) << came;
    EXPECT_EQ(reply->text, "10") << came;
  }
}

TEST(ReplyParser, AByte255IsDoubledOnTheWay) {
  const auto replies = parse("257 \"/\xFF\xFF\"\r\n");
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].text, "\"/\xFF\"");
}

TEST(ReplyParser, ManyLinesAtOnceAreReadInTheirOrder) {
  ReplyParser parser;
  parser.feed("220-hello\r\nyou\r\n220 there\r\n331 pass\r\n23");
  EXPECT_EQ(parser.take()->text, "there");
  EXPECT_EQ(parser.take()->code, 331);
  EXPECT_FALSE(parser.take());
  parser.feed("0 in\r\n");
  EXPECT_EQ(parser.take()->code, 230);
  parser.feed("226 nobody asked\r\n");
  parser.forget();
  parser.feed("200 ok\r\n");
  EXPECT_EQ(parser.take()->code, 200);
}

TEST(ReplyParser, OneLineIsCodeAndText) {
  const auto replies = parse("220 ready\r\n");
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].code, 220);
  EXPECT_EQ(replies[0].text, "ready");
}

TEST(ReplyParser, AMultiLineReplyEndsAtItsOwnCodeWithABlank) {
  const auto replies =
      parse("230-Welcome\r\n 230 not the end\r\n331 nor this\r\n230-nor this\r\n230 in\r\n250 next\r\n");
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_EQ(replies[0].code, 230);
  EXPECT_EQ(replies[0].text, "in");
  EXPECT_EQ(replies[1].code, 250);
}

TEST(ReplyParser, TheBareCodeEndsAMultiLineReply) {
  const auto replies = parse("211-a\r\n211\r\n");
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].code, 211);
}

TEST(ReplyParser, WhatIsNoReplyHasCodeZero) {
  for (const char* line : {"hello\r\n", "99 x\r\n", "2200 x\r\n", "650 x\r\n", "\r\n"})
    EXPECT_EQ(parse(line).at(0).code, 0) << line;
}

TEST(ReplyParser, AnOverLongLineIsCutAndItsRestDropped) {
  const auto replies = parse("220 " + std::string(100'000, 'x') + "\r\n221 bye\r\n");
  ASSERT_EQ(replies.size(), 2U);
  EXPECT_LE(replies[0].text.size(), 10'000U);
  EXPECT_EQ(replies[1].code, 221);
}

RC_GTEST_PROP(ReplyParser, WhereTheStreamIsCutMakesNoDifference, ()) {
  const std::string stream = "120 wait\r\n220-hi\r\n 220 x\r\n220 go\r\ngarbage\r\n331 pw\n230 in\r\n";
  const auto cut = *rc::gen::inRange<std::size_t>(0, stream.size() + 1);
  ReplyParser parser;
  parser.feed(std::string_view(stream).substr(0, cut));
  auto replies = all(parser);
  parser.feed(std::string_view(stream).substr(cut));
  for (auto& reply : all(parser)) replies.push_back(reply);
  std::vector<int> codes;
  for (const auto& reply : replies) codes.push_back(reply.code);
  RC_ASSERT(codes == (std::vector<int>{120, 220, 0, 331, 230}));
}

TEST(ModificationTime, IsFourteenDigitsWithAFractionOfThreeOrNone) {
  EXPECT_EQ(modification_time("20140708110039"), "20140708110039");
  EXPECT_EQ(modification_time("20140708110039.125"), "20140708110039.125");
  EXPECT_EQ(modification_time("20140708110060"), "20140708110060") << "a leap second, RFC 3659 §2.3";
}

TEST(ModificationTime, AFractionOfAnotherLengthIsFilledUpOrCut) {
  EXPECT_EQ(modification_time("20140708110039.5"), "20140708110039.500");
  EXPECT_EQ(modification_time("20140708110039.123456"), "20140708110039.123");
}

TEST(ModificationTime, NothingElseGetsThrough) {
  for (const char* text : {"", "yesterday", "2014070811003", "201407081100390", "20140708110039.", "20140708110039.5s",
                           "20140708110039 GMT", " 20140708110039", "20140708110039\r\nOK", "2014070811003\"",
                           "-2014070811003", "20140708110039,5"})
    EXPECT_EQ(modification_time(text), std::nullopt) << text;
}

RC_GTEST_PROP(ModificationTime, WhatItSaysFitsAnAtLine, (const std::string& text)) {
  if (const auto time = modification_time(text)) {
    RC_ASSERT(time->size() == 14U || time->size() == 18U);
    RC_ASSERT(time->find_first_not_of("0123456789.") == std::string::npos);
  }
}

}  // namespace
}  // namespace atspec::modem
