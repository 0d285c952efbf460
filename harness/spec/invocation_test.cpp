#include "harness/spec/invocation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atspec::spec {
namespace {

/// "+X write [a] ["b"]; E write [0]", or "! why".
std::string parsed(std::string_view line) {
  const auto invocations = parse_command_line(line);
  if (!invocations) return "! " + invocations.error();
  std::string out;
  for (const auto& one : *invocations) {
    if (!out.empty()) out += "; ";
    out += one.name + " " + std::string(to_string(one.kind));
    for (const auto& argument : one.arguments) out += (argument.quoted ? " q[" : " [") + argument.text + "]";
  }
  return out;
}

TEST(CommandLine, EachFormIsToldByItsSuffix) {
  EXPECT_EQ(parsed("AT+QFTPPWD"), "+QFTPPWD execute");
  EXPECT_EQ(parsed("AT+CMEE?"), "+CMEE read");
  EXPECT_EQ(parsed("AT+QFTPCFG=?"), "+QFTPCFG test");
  EXPECT_EQ(parsed("AT+CMEE=2"), "+CMEE write [2]");
  EXPECT_EQ(parsed("AT+X=\"?\""), "+X write q[?]");
  EXPECT_EQ(parsed("AT+X=??"), "+X write [??]");
}

// manual 1.2.2 AT-07: AT or at, no mixture
TEST(CommandLine, ThePrefixIsInOneLetterCase) {
  EXPECT_EQ(parsed("at+cmee=1"), "+cmee write [1]");
  EXPECT_EQ(parsed("At+CMEE=1"), "! no AT prefix");
  EXPECT_EQ(parsed("aT"), "! no AT prefix");
  EXPECT_EQ(parsed("+CMEE=1"), "! no AT prefix");
  EXPECT_EQ(parsed(""), "! no AT prefix");
  EXPECT_EQ(parsed("A"), "! no AT prefix");
  EXPECT_EQ(parsed("  AT"), "");
}

TEST(CommandLine, AtAloneIsNoCommandAndNoError) {
  EXPECT_EQ(parsed("AT"), "");
  EXPECT_EQ(parsed("AT  "), "");
  EXPECT_EQ(parsed("AT;"), "");
}

TEST(CommandLine, BasicCommandsNeedNoSeparator) {
  EXPECT_EQ(parsed("ATE0V1"), "E write [0]; V write [1]");
  EXPECT_EQ(parsed("AT&D2E"), "&D write [2]; E execute");
  EXPECT_EQ(parsed("ATE0+CMEE=1"), "E write [0]; +CMEE write [1]");
  EXPECT_EQ(parsed("AT E 0"), "! text that is no command");
  EXPECT_EQ(parsed("AT&"), "! text that is no command");
  EXPECT_EQ(parsed("AT&5"), "! text that is no command");
  EXPECT_EQ(parsed("AT1"), "! text that is no command");
  EXPECT_EQ(parsed("ATS0=1"), "! text that is no command") << "S-parameters are not spoken here";
}

TEST(CommandLine, AnExtendedCommandEndsAtASemicolonOutsideQuotes) {
  EXPECT_EQ(parsed("AT+A;+B=1 ; +C?"), "+A execute; +B write [1]; +C read");
  EXPECT_EQ(parsed("AT+A=\"x;y\",2;E0"), "+A write q[x;y] [2]; E write [0]");
  EXPECT_EQ(parsed("AT+A=\"x;+B"), "+A write [\"x;+B]") << "an open quote runs to the end";
}

TEST(CommandLine, ArgumentsAreSplitAtCommasOutsideQuotes) {
  EXPECT_EQ(parsed("AT+A=\"x,y\",1"), "+A write q[x,y] [1]");
  EXPECT_EQ(parsed("AT+A=1,,3"), "+A write [1] [] [3]");
  EXPECT_EQ(parsed("AT+A=,"), "+A write [] []");
  EXPECT_EQ(parsed("AT+A="), "+A write []");
  EXPECT_EQ(parsed("AT+A= 1 , \" b \" "), "+A write [1] q[ b ]");
  EXPECT_EQ(parsed("AT+A=\"\""), "+A write q[]");
}

// V.250 §5.4.2.2: no escape makes a quote part of a string
TEST(CommandLine, AStringConstantHoldsNoQuote) {
  EXPECT_EQ(parsed("AT+A=\"a\"b\""), "+A write [\"a\"b\"]");
  EXPECT_EQ(parsed("AT+A=\"a\\\"b\""), "+A write [\"a\\\"b\"]");
  EXPECT_EQ(parsed("AT+A=\""), "+A write [\"]");
}

TEST(CommandLine, TextBehindANameIsNoCommand) {
  EXPECT_EQ(parsed("AT+"), "! a sign without a command name");
  EXPECT_EQ(parsed("AT+=1"), "! a sign without a command name");
  EXPECT_EQ(parsed("AT+A?1"), "! text behind the command name that is neither =, ? nor =?");
  EXPECT_EQ(parsed("AT+A\"x\""), "! text behind the command name that is neither =, ? nor =?");
  EXPECT_EQ(parsed("AT\"+A\""), "! text that is no command");
}

TEST(CommandLine, RawKeepsWhatWasSentOfEachCommand) {
  const auto invocations = parse_command_line("ATE0 +QFTPCFG=\"account\", \"a\" ;+X");
  ASSERT_TRUE(invocations);
  ASSERT_EQ(invocations->size(), 3U);
  EXPECT_EQ((*invocations)[0].raw, "E0");
  EXPECT_EQ((*invocations)[1].raw, "+QFTPCFG=\"account\", \"a\"");
  EXPECT_EQ((*invocations)[1].arguments[1].raw, "\"a\"");
  EXPECT_EQ((*invocations)[2].raw, "+X");
}

RC_GTEST_PROP(CommandLine, WrittenArgumentsAreReadBack, ()) {
  const auto inside = rc::gen::container<std::string>(rc::gen::element('a', ',', ';', ' ', '=', '?', '\\', '\xFF'));
  const auto wanted = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(inside));
  std::string line = "AT+NAME=";
  for (std::size_t i = 0; i < wanted.size(); ++i) line += (i > 0 ? ",\"" : "\"") + wanted[i] + '"';
  const auto invocations = parse_command_line(line + ";+NEXT");
  RC_ASSERT(invocations.has_value());
  RC_ASSERT(invocations->size() == 2U);
  RC_ASSERT(invocations->front().arguments.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    RC_ASSERT(invocations->front().arguments[i].quoted);
    RC_ASSERT(invocations->front().arguments[i].text == wanted[i]);
  }
}

RC_GTEST_PROP(CommandLine, AnyBytesAreTakenApartOrRefused, (const std::string& bytes)) {
  const auto invocations = parse_command_line("AT" + bytes);
  std::size_t size = 0;
  if (invocations) {
    for (const auto& one : *invocations) size += one.raw.size();
  }
  RC_ASSERT(size <= bytes.size());
}

}  // namespace
}  // namespace atspec::spec
