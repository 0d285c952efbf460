#include "harness/modem/command_line.hpp"

#include <gtest/gtest.h>

namespace atspec::modem {
namespace {

std::vector<LineEditor::Line> lines(std::string_view bytes, std::size_t longest = 100) {
  LineEditor editor(longest);
  std::vector<LineEditor::Line> out;
  for (const char byte : bytes) {
    if (auto line = editor.take(byte)) out.push_back(*line);
  }
  return out;
}

TEST(LineEditor, NothingIsALineBeforeItsCr) { EXPECT_TRUE(lines("AT+X").empty()); }

TEST(LineEditor, BackspaceTakesOneBackAndNoMore) {
  EXPECT_EQ(lines("AX\bT\r").at(0).text, "AT");
  EXPECT_EQ(lines("\b\bAT\r").at(0).text, "AT");
}

TEST(LineEditor, AnLfBehindTheCrBelongsToIt) {
  const auto two = lines("AT\r\nATI\r\n");
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[1].text, "ATI");
}

TEST(LineEditor, AnOverLongLineIsOneLineThatSaysSo) {
  const auto two = lines(std::string(500, 'A') + "\rAT\r");
  ASSERT_EQ(two.size(), 2U);
  EXPECT_TRUE(two[0].too_long);
  EXPECT_EQ(two[1].text, "AT");
  EXPECT_FALSE(two[1].too_long);
}

TEST(ParseLine, ThePrefixIsAtInOneLetterCase) {
  EXPECT_TRUE(parse_line("AT").prefixed);
  EXPECT_TRUE(parse_line("at+x").prefixed);
  EXPECT_FALSE(parse_line("At").prefixed);
  EXPECT_FALSE(parse_line("+QFTPSTAT").prefixed);
}

TEST(ParseLine, FormsAreToldApart) {
  EXPECT_EQ(parse_line("AT+X").commands.at(0).form, Command::Form::execute);
  EXPECT_EQ(parse_line("AT+X?").commands.at(0).form, Command::Form::read);
  EXPECT_EQ(parse_line("AT+X=?").commands.at(0).form, Command::Form::test);
  EXPECT_EQ(parse_line("AT+X=1").commands.at(0).form, Command::Form::write);
  EXPECT_FALSE(parse_line("AT+X!").valid);
}

TEST(ParseLine, QuotesHoldCommasAndSemicolons) {
  const auto parsed = parse_line("AT+X=\"a,b;c\",2;+Y");
  ASSERT_TRUE(parsed.valid);
  ASSERT_EQ(parsed.commands.size(), 2U);
  EXPECT_EQ(parsed.commands[0].arguments, (std::vector<std::string>{"\"a,b;c\"", "2"}));
  EXPECT_EQ(parsed.commands[1].name, "+Y");
}

TEST(ParseLine, BasicCommandsStandSideBySide) {
  const auto parsed = parse_line("ATE0V1&D2");
  ASSERT_TRUE(parsed.valid);
  ASSERT_EQ(parsed.commands.size(), 3U);
  EXPECT_EQ(parsed.commands[0].name, "E");
  EXPECT_EQ(parsed.commands[2].name, "&D");
  EXPECT_EQ(parsed.commands[2].arguments, (std::vector<std::string>{"2"}));
}

}  // namespace
}  // namespace atspec::modem
