#include "harness/judge/rules.hpp"

#include "harness/judge/conversation.hpp"
#include "harness/judge/small_manual.hpp"

namespace atspec::judge {
namespace {

using namespace std::chrono_literals;
using Fact = trace::Fact::Kind;

/// A rule, a trace that keeps it and one that breaks it.
struct RuleCase {
  std::string rule;
  std::string clause;
  Conversation kept;
  Conversation broken;
  Mode mode = Mode::lenient;
};
void PrintTo(const RuleCase& one, std::ostream* out) { *out << one.rule << ' ' << one.clause; }

Conversation size(std::string_view answer) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("550 no").line(answer);
  return conversation;
}

Conversation upload() {
  Conversation conversation;
  conversation.send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT").raw("hello");
  return conversation;
}

std::vector<RuleCase> rule_cases() {
  std::vector<RuleCase> cases;
  cases.push_back({"framing", "FRAME", Conversation().send("AT").line("OK"),
                   Conversation().send("AT").device("OK\r\n").later(2s).fact(Fact::note, "", "")});
  cases.push_back({"report-line", "BLANKS", size("+QFTPSIZE: 627,550"), size("+QFTPSIZE: 627, 550"), Mode::strict});
  cases.push_back({"one-final-result", "ONE-FINAL", Conversation().send("AT").line("OK"),
                   Conversation().send("AT").line("OK").line("OK")});
  cases.push_back(
      {"one-completion", "ONE-URC", size("+QFTPSIZE: 627,550"), size("+QFTPSIZE: 627,550").line("+QFTPSIZE: 627,550")});
  cases.push_back({"ok-before-urc", "ORDER", size("+QFTPSIZE: 627,550"),
                   Conversation()
                       .send("AT+QFTPSIZE=\"a.bin\"")
                       .ftp("SIZE a.bin")
                       .server("550 no")
                       .line("+QFTPSIZE: 627,550")
                       .line("OK"),
                   Mode::strict});
  cases.push_back({"result-listed", "LISTED", size("+QFTPSIZE: 627,550"), size("+QFTPSIZE: 799,550")});
  cases.push_back({"protocol-listed", "SENT", size("+QFTPSIZE: 627,550"), size("+QFTPSIZE: 627,553")});
  cases.push_back({"no-command-without-prefix", "PREFIX",
                   Conversation().send("+QFTPSIZE=?").later(2s).fact(Fact::note, "", ""),
                   Conversation().send("+QFTPSIZE=?").line("OK")});
  cases.push_back({"silence-before-cr", "SILENCE", Conversation().raw("AT").later(1s).raw("\r").line("OK"),
                   Conversation().raw("AT").line("OK").later(1s).raw("\r").line("OK")});
  cases.push_back({"data-is-not-command", "DATA",
                   upload().raw("AT\r").later(1500ms).raw("+++").later(1500ms).line("OK"),
                   upload()
                       .raw("AT+QFTPSIZE=?\r")
                       .device("\r\n+QFTPSIZE: <file_name>\r\n")
                       .later(1500ms)
                       .raw("+++")
                       .later(1500ms)
                       .line("OK")});
  cases.push_back({"silence-in-upload", "QUIET",
                   upload().device("\r\n+CREG: 1\r\n").later(1500ms).raw("+++").later(1500ms).line("OK"),
                   upload()
                       .device("\r\nCONNECT")
                       .raw(" and more")
                       .device("\r\n")
                       .later(1500ms)
                       .raw("+++")
                       .later(1500ms)
                       .line("OK")});
  cases.push_back(
      {"guard-time", "GUARD",
       upload().later(300ms).raw("+++").later(300ms).raw("more").later(1500ms).raw("+++").later(1500ms).line("OK").line(
           "+QFTPPUT: 0,12"),
       upload().later(300ms).raw("+++").later(1200ms).line("OK").line("+QFTPPUT: 0,5")});
  cases.push_back(
      {"escape-window", "WINDOW",
       upload()
           .later(1500ms)
           .raw("+")
           .later(700ms)
           .raw("+")
           .later(700ms)
           .raw("+")
           .later(1500ms)
           .raw("x")
           .later(1500ms)
           .raw("+++")
           .later(1500ms)
           .line("OK")
           .line("+QFTPPUT: 0,9"),
       upload().later(1500ms).raw("+").later(700ms).raw("+").later(700ms).raw("+").later(1500ms).line("OK").line(
           "+QFTPPUT: 0,5")});
  return cases;
}

TEST(UnaskedReport, IsAccusedWhereNothingCanBeOwed) {
  const spec::Spec spec = spec_of(small_manual);
  judge::Options options;
  options.preferred = preferred_readings(spec, {});
  const auto findings = [&](const Conversation& conversation) {
    Conversation copy = conversation;
    return Judge(spec).judge(copy.trace(), options).findings.size();
  };
  const Conversation stray =
      Conversation().send("AT+QFTPSIZE=?").line("+QFTPSIZE: <file_name>").line("OK").line("+QFTPCWD: 0,0");
  EXPECT_EQ(findings(stray), 0U);
  options.nothing_owed = true;
  EXPECT_EQ(findings(stray), 1U);
  EXPECT_EQ(findings(Conversation().send("AT+QFTPSIZE=?").line("+QFTPSIZE: <file_name>").line("OK").line("+CREG: 1")),
            0U);
}

class NamedRule : public testing::TestWithParam<RuleCase> {
 protected:
  static Options options(Mode mode, const spec::Spec& spec) {
    Options options;
    options.mode = mode;
    options.preferred = preferred_readings(spec, {});
    options.known = {{"ftp", "idle"}, {"cwd", "/"}, {"cfg.rsptimeout", "90"}, {"verbose", "1"}, {"dtr", "1"}};
    return options;
  }
  static Judgement judged(const spec::Spec& spec, const trace::Trace& trace) {
    return judge(spec, trace, options(GetParam().mode, spec));
  }
};

TEST_P(NamedRule, FiresWhereItIsKept) {
  const Judgement judgement = judged(spec_of(small_manual), GetParam().kept);
  ASSERT_TRUE(judgement.checks.contains(GetParam().clause));
  EXPECT_EQ(judgement.checks.at(GetParam().clause).failed, 0U);
}

TEST_P(NamedRule, AccusesWhereItIsBroken) {
  const Judgement judgement = judged(spec_of(small_manual), GetParam().broken);
  ASSERT_TRUE(judgement.checks.contains(GetParam().clause));
  EXPECT_GT(judgement.checks.at(GetParam().clause).failed, 0U);
  EXPECT_EQ(judgement.verdict, result::Verdict::fail);
}

TEST_P(NamedRule, IsNotCheckedWhereTheSpecDoesNotHaveIt) {
  spec::Spec spec = spec_of(small_manual);
  ASSERT_EQ(std::erase_if(spec.rules, [](const spec::Rule& rule) { return rule.name == GetParam().rule; }), 1U);
  EXPECT_FALSE(judged(spec, GetParam().kept).checks.contains(GetParam().clause));
  EXPECT_FALSE(judged(spec, GetParam().broken).checks.contains(GetParam().clause));
}

INSTANTIATE_TEST_SUITE_P(Rules, NamedRule, testing::ValuesIn(rule_cases()), [](const auto& one) {
  std::string name = one.param.rule;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Rules, ACodeThatOnlyThePairingKnowsIsListedInLenientJudging) {
  const auto spec = spec_of(small_manual);
  Options options;
  options.known = {{"ftp", "idle"}};
  const auto failed = [&](std::string_view report) {
    Conversation conversation;
    conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("553 no").line(report);
    return judge(spec, conversation, options).checks.at("LISTED").failed;
  };
  EXPECT_EQ(failed("+QFTPSIZE: 630,553"), 0U);
  EXPECT_EQ(failed("+QFTPSIZE: 630,0"), 1U) << "not beside another protocol code";
}

// V.250 §5.7.1
TEST(Rules, UnderAtv0InformationStandsWithoutACrLfBefore) {
  const auto spec = spec_of(small_manual);
  Options options;
  options.mode = Mode::strict;
  const auto failed = [&](const char* verbose, const char* said) {
    options.known = {{"cfg.rsptimeout", "90"}, {"verbose", verbose}};
    const auto conversation = Conversation().send("AT+QFTPCFG=\"rsptimeout\"").device(said);
    return judge(spec, conversation, options).checks.at("FRAME").failed;
  };
  EXPECT_EQ(failed("0", "+QFTPCFG: \"rsptimeout\",90\r\n0\r"), 0U);
  EXPECT_EQ(failed("1", "+QFTPCFG: \"rsptimeout\",90\r\n\r\nOK\r\n"), 1U);
}

TEST(Rules, OneCrLfBetweenTwoLinesIsEnoughInLenientJudgingOnly) {
  const auto spec = spec_of(small_manual);
  const auto conversation = Conversation().send("AT+QFTPSIZE=?").device("\r\n+QFTPSIZE: <file_name>\r\nOK\r\n");
  Options options;
  EXPECT_TRUE(judge(spec, conversation, options).findings.empty());
  options.mode = Mode::strict;
  EXPECT_EQ(judge(spec, conversation, options).checks.at("FRAME").failed, 1U);
}

TEST(Rules, AnAnswerBeforeTheCrIsAccusedOnceAndNotAsASecondFinalResult) {
  const auto spec = spec_of(small_manual);
  const auto judgement = judge(
      spec, Conversation().send("AT").line("OK").later(1s).raw("AT").line("OK").later(1s).raw("\r").line("OK"), {});
  EXPECT_EQ(judgement.checks.at("SILENCE").failed, 1U);
  EXPECT_EQ(judgement.checks.at("ONE-FINAL").failed, 0U);
}

TEST(Rules, TheAnswerToAnEarlierLineMayComeWhileTheNextIsTyped) {
  const auto spec = spec_of(small_manual);
  const auto judgement = judge(spec, Conversation().send("AT").raw("AT").line("OK").later(1s).raw("\r").line("OK"), {});
  EXPECT_EQ(judgement.checks.at("SILENCE").failed, 0U);
}

TEST(Rules, DataModeThatEndsLongAfterBrokenPlusesEndedForAnotherReason) {
  const auto spec = spec_of(small_manual);
  Options options;
  options.known = {{"ftp", "idle"}};
  const auto judgement =
      judge(spec, upload().later(300ms).raw("+++").later(60s).line("OK").line("+QFTPPUT: 0,8"), options);
  EXPECT_FALSE(judgement.checks.contains("GUARD"));
}

TEST(Rules, AnEscapeThatIsObeyedAtOnceHadNoSilenceBehindIt) {
  const auto spec = spec_of(small_manual);
  Options options;
  options.known = {{"ftp", "idle"}};
  const auto failures = [&](io::Duration behind) {
    Conversation put = upload();
    put.later(1500ms).raw("+++").later(behind).line("OK").line("+QFTPPUT: 0,5").later(2s).fact(Fact::note, "", "");
    return judge(spec, put, options).checks.at("GUARD").failed;
  };
  EXPECT_EQ(failures(200ms), 1U);
  EXPECT_EQ(failures(500ms), 0U) << "what is about a second, the manual does not say";
  EXPECT_EQ(failures(1s), 0U);
}

TEST(Rules, ARefusalMayHaveANumberOfAnotherTableInLenientJudgingOnly) {
  const auto spec = spec_of(small_manual);
  Options options;
  const auto conversation = Conversation().send("AT+QFTPSIZE=\"a.bin\"").line("+CME ERROR: 799");
  options.known = {{"ftp", "closed"}};
  EXPECT_EQ(judge(spec, conversation, options).checks.count("LISTED"), 0U);
  options.mode = Mode::strict;
  EXPECT_EQ(judge(spec, conversation, options).checks.at("LISTED").failed, 1U);
}

TEST(Rules, ACallOrTheRadioMayBeReportedBeforeAnAnswerAndInAnExample) {
  const auto spec = spec_of(small_manual);
  const auto judgement = judge(spec,
                               Conversation()
                                   .send("AT+QFTPCFG=\"rsptimeout\"")
                                   .line("RING")
                                   .line("+QFTPCFG: \"rsptimeout\",90")
                                   .line("^RSSI: 17")
                                   .line("OK"),
                               {});
  EXPECT_TRUE(judgement.findings.empty());
}

TEST(Rules, NothingComesBackUnderAte0) {
  const auto spec = spec_of(small_manual);
  const auto failures = [&](const Conversation& conversation) {
    const auto checks = judge(spec, conversation, {}).checks;
    const auto found = checks.find("ECHO");
    return found == checks.end() ? -1 : static_cast<int>(found->second.failed);
  };
  const auto off = [] { return Conversation().send("ATE0").device("ATE0\r\r\nOK\r\n"); };
  EXPECT_EQ(failures(off().send("AT+QFTPSIZE=?").line("+QFTPSIZE: <file_name>").line("OK")), 0);
  EXPECT_EQ(failures(off().send("AT+QFTPSIZE=?").device("AT+QFTPSIZE=?\r").line("OK")), 1);
  EXPECT_EQ(failures(Conversation().send("AT+QFTPSIZE=?").device("AT+QFTPSIZE=?\r").line("OK")), -1);
  EXPECT_EQ(failures(off().send("ATE1").line("OK").send("AT").device("AT\r\r\nOK\r\n")), 0);
}

TEST(Rules, NoiseBeforeTheFirstCommandAndATornLastLineAreNotAccused) {
  const auto spec = spec_of(small_manual);
  EXPECT_TRUE(judge(spec, Conversation().device("\xff\xfe RDY\r\n").send("AT").line("OK").device("\r\n+QFT"), {})
                  .findings.empty());
}

}  // namespace
}  // namespace atspec::judge
