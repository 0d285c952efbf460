#include "harness/judge/compare.hpp"

#include "harness/judge/conversation.hpp"
#include "harness/judge/small_manual.hpp"

namespace atspec::judge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Breaks = result::Difference::Breaks;

/// The small manual, with this as the rule <file_size> is compared by.
const spec::Spec& manual(const std::string& rule) {
  static std::map<std::string, spec::Spec> specs;
  const auto found = specs.find(rule);
  if (found != specs.end()) return found->second;
  const std::string attribute = rule.empty() ? "" : " compare=\"" + rule + "\"";
  return specs
      .emplace(rule, spec_of(without(std::string(small_manual), R"(min="0" clause="SIZE-VALUE"/>)",
                                     R"(min="0" clause="SIZE-VALUE")" + attribute + "/>")))
      .first->second;
}

std::vector<Answer> answers(const trace::Trace& trace, const std::string& rule = {}) {
  Options options;
  options.known = {{"ftp", "idle"}, {"cwd", "/"}, {"verbose", "1"}, {"cfg.rsptimeout", "90"}};
  options.answers = true;
  return judge(manual(rule), trace, options).answers;
}

Comparison compared(const std::vector<Answer>& device, const std::vector<Answer>& reference, bool same_server = true,
                    bool strict = false) {
  return compare(manual(""), device, reference, {same_server, strict});
}

/// The size of a file whose server does not say what it is: any will do.
Conversation size_is(std::string_view size) {
  Conversation talk;
  talk.send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: 0," + std::string(size));
  return talk;
}

TEST(Comparison, WhatIsAnsweredAlikeIsNoDifference) {
  const auto same = answers(size_is("1000"));
  ASSERT_THAT(same, SizeIs(1));
  EXPECT_TRUE(same[0].whole);
  EXPECT_THAT(compared(same, same).differences, IsEmpty());
}

TEST(Comparison, AValueTheManualLeavesOpenIsToldAndAccusesNobody) {
  const auto done = compared(answers(size_is("1000")), answers(size_is("999")));
  ASSERT_THAT(done.differences, SizeIs(1));
  EXPECT_EQ(done.differences[0].what, "<file_size>");
  EXPECT_EQ(done.differences[0].device, "1000");
  EXPECT_EQ(done.differences[0].reference, "999");
  EXPECT_EQ(done.differences[0].breaks, Breaks::nobody);
  EXPECT_THAT(done.differences[0].clauses, ElementsAre("SIZE-VALUE"));
  EXPECT_THAT(done.findings, IsEmpty());
}

TEST(Comparison, TheRuleOfTheSpecDecidesWhetherADifferenceIsAFinding) {
  const auto found = [](const std::string& rule, bool same_server) {
    return compared(answers(size_is("1000"), rule), answers(size_is("999"), rule), same_server).findings.size();
  };
  EXPECT_EQ(found("exact", true), 1U);
  EXPECT_EQ(found("exact", false), 1U);
  EXPECT_EQ(found("same-server", true), 1U);
  EXPECT_EQ(found("same-server", false), 0U);
  EXPECT_EQ(found("ignore", true), 0U);
  const auto finding = compared(answers(size_is("1000"), "exact"), answers(size_is("999"), "exact")).findings[0];
  EXPECT_THAT(finding.clauses, ElementsAre("SIZE-VALUE"));
  EXPECT_EQ(finding.expected, "<file_size> = 999");
}

TEST(Comparison, WhichListedCodeAFailureHasIsHeldAgainstAnybodyInStrictJudgingOnly) {
  const auto with_code = [](const std::string& code) {
    const std::string rule = R"(type="err" clause="SIZE-ERR")";
    static const spec::Spec coded =
        spec_of(without(std::string(small_manual), rule + "/>", rule + " compare=\"same-server\"/>"));
    Options options;
    options.known = {{"ftp", "idle"}, {"cwd", "/"}, {"verbose", "1"}, {"cfg.rsptimeout", "90"}};
    options.answers = true;
    Conversation talk;
    talk.send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: " + code + ",0");
    return std::pair(&coded, judge(coded, talk, options).answers);
  };
  const auto [spec, device] = with_code("601");
  const auto reference = with_code("609").second;
  EXPECT_THAT(compare(*spec, device, reference, {true, false}).findings, IsEmpty());
  const auto strict = compare(*spec, device, reference, {true, true}).findings;
  ASSERT_THAT(strict, SizeIs(1));
  EXPECT_THAT(strict[0].clauses, ElementsAre("SIZE-ERR", "ERR-609"));
}

TEST(Comparison, AnotherAnswerAltogetherSaysWhoBreaksTheManual) {
  const auto breaks = [](const Conversation& device, const Conversation& reference) {
    const auto done = compared(answers(device), answers(reference));
    return done.differences.size() == 1 ? to_string(done.differences[0].breaks) : "no difference";
  };
  const auto failed = Conversation().send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: 609,0");
  const auto wrong = Conversation().send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: what");
  const auto worse = Conversation().send("AT+QFTPSIZE=\"a.bin\"").line("ERROR");
  EXPECT_EQ(breaks(size_is("1000"), failed), "nobody");
  EXPECT_EQ(breaks(wrong, failed), "device");
  EXPECT_EQ(breaks(failed, wrong), "reference");
  EXPECT_EQ(breaks(wrong, worse), "both");
  EXPECT_THAT(compared(answers(wrong), answers(failed), false).differences, IsEmpty()) << "the servers may differ";
}

TEST(Comparison, AnAnswerThatIsNotOverIsNotCompared) {
  const auto open = Conversation().send("AT+QFTPSIZE=\"a.bin\"").line("OK");
  EXPECT_THAT(compared(answers(open), answers(size_is("1"))).differences, IsEmpty());
}

TEST(Comparison, CredentialsAndAddressesAreTheirTokens) {
  const auto asked = [](const std::string& name) {
    Conversation talk;
    talk.trace().tokens["ftp.host"] = name;
    talk.send("AT+QFTPSIZE=\"" + name + "\"").line("OK").line("+QFTPSIZE: 0,5");
    return answers(talk);
  };
  EXPECT_EQ(asked("10.0.0.1")[0].line, "AT+QFTPSIZE=\"${ftp.host}\"");
  EXPECT_EQ(asked("10.0.0.1")[0].line, asked("127.0.0.1")[0].line);
}

}  // namespace
}  // namespace atspec::judge
