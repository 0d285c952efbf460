#include "harness/judge/judge.hpp"

#include <rapidcheck/gtest.h>

#include "harness/judge/conversation.hpp"
#include "harness/judge/expect.hpp"
#include "harness/judge/small_manual.hpp"

namespace atspec::judge {
namespace {

using namespace std::chrono_literals;
using result::Verdict;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Fact = trace::Fact::Kind;

const spec::Spec& small() {
  static const spec::Spec spec = spec_of(small_manual);
  return spec;
}

Options idle() {
  Options options;
  options.preferred = preferred_readings(small(), {});
  options.known = {{"ftp", "idle"}, {"cwd", "/"}, {"cfg.rsptimeout", "90"}, {"verbose", "1"}};
  return options;
}

TEST(Verdict, OnlyTheBodyIsAccused) {
  Conversation conversation;
  conversation.step("> AT+QFTPSIZE=?").send("AT+QFTPSIZE=?").line("wrong").line("OK").body();
  conversation.send("AT+QFTPSIZE=?").line("+QFTPSIZE: <file_name>").line("OK");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(judgement.checks.at("SIZE-TEST").fired, 1U);
}

TEST(Verdict, ASetUpThatWaitedInVainIsInconclusive) {
  Conversation conversation;
  conversation.step("> AT+QFTPOPEN")
      .send("AT+QFTPOPEN")
      .line("OK")
      .step("wait urc +QFTPOPEN")
      .later(185s)
      .timed_out("urc");
  conversation.body().send("AT+QFTPSIZE=?").line("+QFTPSIZE: <file_name>").line("OK");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::inconc);
  EXPECT_THAT(judgement.reason, HasSubstr("wait urc +QFTPOPEN"));
}

TEST(Verdict, AScenarioThatNeverReachedItsBodyIsInconclusive) {
  const Judgement judgement = judge(small(), Conversation().step("> AT").send("AT").line("garbage"), idle());
  EXPECT_EQ(judgement.verdict, Verdict::inconc);
  EXPECT_THAT(judgement.findings, IsEmpty());
}

TEST(Verdict, ASetUpThatIsKnownToHaveEndedElsewhereIsInconclusive) {
  Conversation conversation;
  conversation.step("x").body().send("AT+QFTPSIZE=\"a.bin\"").line("+CME ERROR: 603");
  Options options = idle();
  options.known["ftp"] = "busy";
  options.needs = {{"ftp", "idle"}};
  const Judgement judgement = judge(small(), conversation, options);
  EXPECT_EQ(judgement.verdict, Verdict::inconc);
  EXPECT_THAT(judgement.reason, HasSubstr("ftp=idle"));
}

TEST(Verdict, ALongCommandLineIsNotWholeInAHeadline) {
  const std::string line = "AT+QFTPSIZE=\"" + std::string(255, 'a') + '"';
  const auto judgement = judge(small(), Conversation().send(line).line("+QFTPSIZE: 0,1").line("OK"), idle());
  ASSERT_FALSE(judgement.findings.empty());
  for (const auto& finding : judgement.findings) {
    EXPECT_LT(headline(finding).size(), 200U) << headline(finding);
    EXPECT_THAT(headline(finding), HasSubstr("aaa… (269 bytes): " + finding.message));
    EXPECT_EQ(finding.command, line);
  }
}

TEST(Verdict, ASetUpOfWhichACommandWasRefusedIsInconclusiveWhateverFollows) {
  Options options = idle();
  options.known.erase("cwd");
  options.needs = {{"cwd", "TEST"}};
  const auto judged = [&](const char* answer) {
    Conversation conversation;
    conversation.step("> AT+QFTPCWD=\"TEST\"").send("AT+QFTPCWD=\"TEST\"").line(answer);
    conversation.body().send("AT+QFTPSIZE=?").line("+QFTPSIZE: <file_name>").line("OK");
    return judge(small(), conversation, options);
  };
  EXPECT_EQ(judged("ERROR").verdict, Verdict::inconc);
  EXPECT_THAT(judged("ERROR").reason, HasSubstr("cwd=TEST: AT+QFTPCWD=\"TEST\" was refused"));
  EXPECT_EQ(judged("OK").verdict, Verdict::pass) << "that it failed is not seen";
}

TEST(Verdict, ACaptureIsJudgedWhole) {
  EXPECT_EQ(judge(small(), Conversation().send("AT+QFTPSIZE=?").line("wrong").line("OK"), idle()).verdict,
            Verdict::fail);
}

TEST(Verdict, NothingCheckedIsNone) {
  const Judgement judgement = judge(small(), trace::Trace{}, idle());
  EXPECT_EQ(judgement.verdict, Verdict::none);
  EXPECT_EQ(judgement.reason, "no check fired");
}

TEST(Verdict, ALostLineIsInconclusive) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").later(200s).fact(Fact::line_lost, "unplugged", "");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_THAT(judgement.findings, SizeIs(0));
  EXPECT_EQ(judgement.verdict, Verdict::inconc);
  EXPECT_THAT(judgement.reason, HasSubstr("unplugged"));
}

TEST(Verdict, AnAmbiguousClauseFailsInStrictJudgingOnly) {
  const auto spec =
      spec_of(without(std::string(small_manual), "<clause id=\"SIZE-TEST\" section=\"2.7\" kind=\"response\">",
                      "<clause id=\"SIZE-TEST\" section=\"2.7\" kind=\"response\" level=\"ambiguous\">"));
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=?").line("+QFTPSIZE: <x>").line("OK");
  Options options = idle();
  EXPECT_EQ(judge(spec, conversation, options).verdict, Verdict::inconc);
  options.mode = Mode::strict;
  EXPECT_EQ(judge(spec, conversation, options).verdict, Verdict::fail);
}

TEST(Verdict, WhatAnotherReadingAllowsFailsStrictJudgingAsAmbiguous) {
  Options options = idle();
  options.mode = Mode::strict;
  options.known["ftp"] = "closed";
  const auto severity = [&](const char* answer) {
    const auto judgement = judge(small(), Conversation().send("AT+QFTPSIZE=\"123456789\"").line(answer), options);
    EXPECT_EQ(judgement.verdict, Verdict::fail);
    return judgement.findings.at(0).severity;
  };
  EXPECT_EQ(severity("ERROR"), result::Finding::Severity::ambiguous) << "A11.error";
  EXPECT_EQ(severity("OK"), result::Finding::Severity::must);
}

TEST(Verdict, ARecordedClauseAccusesNobody) {
  const auto spec = spec_of(without(
      std::string(small_manual), "<clause id=\"SIZE-TEST\" section=\"2.7\" kind=\"response\">",
      "<clause id=\"SIZE-TEST\" section=\"2.7\" kind=\"response\" testing=\"recorded\" reason=\"not stated\">"));
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=?").line("+QFTPSIZE: <x>").line("OK");
  EXPECT_EQ(judge(spec, conversation, idle()).verdict, Verdict::pass);
}

TEST(Verdict, TheSameBreachAgainIsOneFindingWithMoreEvidence) {
  Conversation conversation;
  for (int i = 0; i < 3; ++i) conversation.send("AT+QFTPSIZE=?").line("+QFTPSIZE: <x>").line("OK");
  const Judgement judgement = judge(small(), conversation, idle());
  ASSERT_THAT(judgement.findings, SizeIs(1));
  EXPECT_EQ(judgement.checks.at("SIZE-TEST").failed, 3U);
  EXPECT_GT(judgement.findings[0].evidence.size(), 6U);
}

TEST(State, ARestartKeepsWhatIsSaved) {
  Conversation conversation;
  conversation.send("AT+QFTPCFG=\"rsptimeout\",20").line("OK").fact(Fact::reset_seen, "RDY", "");
  Options options = idle();
  options.known["cfg.account"] = "x";
  const auto state = judge(small(), conversation, options).state;
  EXPECT_EQ(state.at("cfg.rsptimeout"), "20");
  EXPECT_EQ(state.at("ftp"), "closed");
  EXPECT_FALSE(state.contains("cfg.account"));
}

TEST(State, ARestartTakesNothingThatIsGiven) {
  Conversation conversation;
  conversation.send("AT").line("OK").fact(Fact::reset_seen, "RDY", "");
  Options options = idle();
  options.known["card"] = "yes";
  EXPECT_EQ(judge(small(), conversation, options).state.at("card"), "yes");
}

TEST(State, ADroppedDtrLeavesWhatDataModeChangesUnknown) {
  Conversation conversation;
  conversation.send("AT+QFTPGET=\"a.bin\",\"COM:\"").line("CONNECT").device("abc").step("dtr off").line("OK");
  conversation.trace().records.emplace_back(trace::Fact{Fact::body, {}, "", "", 0, ""});
  const auto state = judge(small(), conversation, idle()).state;
  EXPECT_FALSE(state.contains("ftp"));
  EXPECT_EQ(state.at("cfg.rsptimeout"), "90");
}

Conversation example(std::string_view expected, std::string_view said) {
  Conversation conversation;
  conversation.step("x")
      .body()
      .step("> AT+QFTPSIZE=\"a.bin\"")
      .send("AT+QFTPSIZE=\"a.bin\"")
      .step("< OK", "SIZE-OK")
      .line("OK");
  conversation.ftp("SIZE a.bin").server("213 1000").step(expected, "SIZE-FAIL").line(said);
  return conversation;
}

TEST(ExpectedLines, TheLineAnExamplePrintsFiresItsClause) {
  const Judgement judgement = judge(small(), example("< +QFTPSIZE: 0,*", "+QFTPSIZE: 0,1000"), idle());
  EXPECT_EQ(judgement.verdict, Verdict::pass) << judgement.reason;
  EXPECT_EQ(judgement.checks.at("SIZE-FAIL").fired, 1U);
}

TEST(ExpectedLines, AnotherLineIsAFindingOfTheExamplesClause) {
  const Judgement judgement = judge(small(), example("< +QFTPSIZE: 0,999", "+QFTPSIZE: 0,1000"), idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_EQ(judgement.checks.at("SIZE-FAIL").failed, 1U);
  ASSERT_THAT(judgement.findings, SizeIs(1));
  EXPECT_EQ(judgement.findings[0].expected, "+QFTPSIZE: 0,999");
}

TEST(ExpectedLines, BlanksAndQuotesAreFreeInLenientJudging) {
  Options options = idle();
  EXPECT_EQ(judge(small(), example("< +QFTPSIZE:0, \"1000\"", "+QFTPSIZE: 0,1000"), options).verdict, Verdict::pass);
  options.mode = Mode::strict;
  EXPECT_EQ(judge(small(), example("< +QFTPSIZE:0, \"1000\"", "+QFTPSIZE: 0,1000"), options).verdict, Verdict::fail);
}

TEST(ExpectedLines, AnotherModeThanTheExamplesIsAccusedByTheGrammarAlone) {
  Options options = idle();
  const auto verdict = [&](bool other_mode, const char* said) {
    options.other_mode = other_mode;
    return judge(small(), example("< +QFTPSIZE: 0,999", said), options).verdict;
  };
  EXPECT_EQ(verdict(false, "+QFTPSIZE: 0,1000"), Verdict::fail);
  EXPECT_EQ(verdict(true, "+QFTPSIZE: 0,1000"), Verdict::pass);
  EXPECT_EQ(verdict(true, "+QFTPSIZE: 0,1001"), Verdict::fail);
}

Conversation listing(std::string_view expected) {
  Conversation conversation;
  conversation.step("x").body().send("AT+QFLST").step(expected, "SIZE-FAIL").line("+QFLST: \"a\"");
  conversation.line("+QFLST: \"b\"").step("< OK", "SIZE-OK").line("OK");
  return conversation;
}

TEST(ExpectedLines, OthersMayStandBeforeTheLineOfAListing) {
  Options options = idle();
  for (const Mode mode : {Mode::strict, Mode::lenient}) {
    options.mode = mode;
    for (const char* one : {"< +QFLST: \"a\"", "< +QFLST: \"b\""}) {
      const Judgement judgement = judge(small(), listing(one), options);
      EXPECT_EQ(judgement.checks.at("SIZE-FAIL").fired, 1U) << one;
      EXPECT_EQ(judgement.checks.at("SIZE-OK").failed, 0U) << one;
      EXPECT_EQ(judgement.verdict, Verdict::pass) << judgement.reason;
    }
    const Judgement missing = judge(small(), listing("< +QFLST: \"c\""), options);
    EXPECT_EQ(missing.checks.at("SIZE-FAIL").failed, 1U);
    EXPECT_EQ(missing.checks.at("SIZE-OK").failed, 0U);
  }
}

TEST(ExpectedLines, TokensStandForWhatTheyWereInTheRun) {
  auto conversation = example("< +QFTPSIZE: 0,${size}", "+QFTPSIZE: 0,1000");
  conversation.trace().tokens = {{"size", "1000"}};
  EXPECT_EQ(judge(small(), conversation, idle()).checks.at("SIZE-FAIL").failed, 0U);
}

TEST(ExpectedLines, ALineIsUsedOnce) {
  Conversation conversation;
  conversation.step("x").body().send("AT").step("< OK", "SIZE-OK").line("OK").step("< OK", "SIZE-FAIL").later(5s);
  conversation.timed_out("< OK");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.checks.at("SIZE-OK").failed, 0U);
  EXPECT_EQ(judgement.checks.at("SIZE-FAIL").failed, 1U);
}

TEST(ExpectedLines, AnAcceptedReadingExcusesTheLineInLenientJudging) {
  Conversation conversation;
  conversation.step("x").body().send("AT+QFTPSIZE=\"123456789\"").step("< +CME ERROR: 610", "SIZE-FAIL").line("ERROR");
  Options options = idle();
  EXPECT_FALSE(judge(small(), conversation, options).checks.contains("SIZE-FAIL"));
  options.mode = Mode::strict;
  EXPECT_EQ(judge(small(), conversation, options).checks.at("SIZE-FAIL").failed, 1U);
}

TEST(ExpectedLines, AClauseTheSpecDoesNotHaveAccusesNobody) {
  Conversation conversation;
  conversation.step("x").body().send("AT").step("< NOK", "NO-SUCH-CLAUSE").line("OK");
  EXPECT_THAT(judge(small(), conversation, idle()).findings, IsEmpty());
}

TEST(ExpectedLines, AStarStandsForAnyText) {
  EXPECT_TRUE(fits_pattern("a*c*", "abbbc"));
  EXPECT_TRUE(fits_pattern("*", ""));
  EXPECT_FALSE(fits_pattern("a*c", "abbb"));
  EXPECT_FALSE(fits_pattern("", "x"));
}

// Any trace at all is judged without harm: pieces of real traffic in any order, and noise.
rc::Gen<trace::Trace> any_trace() {
  static const std::vector<std::string> host = {"AT\r",
                                                "AT+QFTPSIZE=\"a.bin\"\r",
                                                "AT+QFTPSIZE=?\r",
                                                "AT+QFTPGET=\"a.bin\",\"COM:\"\r",
                                                "+++",
                                                "hello",
                                                "AT+QFTPPUT=\"a.bin\",\"COM:\"\r",
                                                "AT+QFTPCFG=\"rsptimeout\",20\r",
                                                "ATE0;+QFTPCFG=\"rsptimeout\"\r",
                                                "\r",
                                                "\b"};
  static const std::vector<std::string> device = {"\r\nOK\r\n",
                                                  "\r\nCONNECT\r\n",
                                                  "\r\n+QFTPSIZE: 0,1000\r\n",
                                                  "\r\n+QFTPSIZE: 627,550\r\n",
                                                  "\r\nERROR\r\n",
                                                  "\r\n+CME ERROR: 603\r\n",
                                                  "hello",
                                                  "\r\n",
                                                  "\r\n+QFTPGET: 0,5\r\n",
                                                  "0\r"};
  static const std::vector<std::string> ftp = {"SIZE a.bin\r\n", "RETR a.bin\r\n", "STOR a.bin\r\n", "QUIT\r\n"};
  static const std::vector<std::string> server = {"213 1000\r\n", "550 no\r\n", "150 ok\r\n", "226 done\r\n",
                                                  "211-x\r\n"};
  static const std::vector<std::string> subjects = {
      "< OK", "dtr off", "reset", "wait urc", "> AT", "peer on SIZE close", "urc +QFTPSIZE", "/a.bin", "", "< *"};
  return rc::gen::exec([] {
    Conversation conversation;
    const auto length = *rc::gen::inRange(0, 40);
    for (int i = 0; i < length; ++i) {
      conversation.later(std::chrono::milliseconds(*rc::gen::elementOf(std::vector<int>{0, 1, 300, 1500, 100000})));
      switch (*rc::gen::inRange(0, 7)) {
        case 0:
          conversation.raw(*rc::gen::elementOf(host));
          break;
        case 1:
        case 2:
          conversation.device(*rc::gen::elementOf(device));
          break;
        case 3:
          conversation.ftp(*rc::gen::elementOf(ftp));
          break;
        case 4:
          conversation.server(*rc::gen::elementOf(server));
          break;
        case 5:
          conversation.fact(static_cast<Fact>(*rc::gen::inRange(0, 8)), *rc::gen::elementOf(subjects),
                            *rc::gen::elementOf(std::vector<std::string>{"", "SIZE-OK", "hello"}));
          break;
        default:
          conversation.device(*rc::gen::arbitrary<std::string>());
          break;
      }
    }
    return static_cast<const trace::Trace&>(conversation);
  });
}

RC_GTEST_PROP(AnyTrace, IsJudgedTwiceAlikeAndItsFindingsCiteClausesThatFailed, ()) {
  const trace::Trace trace = *any_trace();
  static const Judge judge(small());
  Options options = idle();
  options.mode = *rc::gen::element(Mode::strict, Mode::lenient);
  const Judgement first = judge.judge(trace, options);
  const Judgement second = judge.judge(trace, options);
  RC_ASSERT(first.verdict == second.verdict);
  RC_ASSERT(first.findings.size() == second.findings.size());
  for (const auto& finding : first.findings) {
    RC_ASSERT(!finding.clauses.empty());
    for (const auto& clause : finding.clauses) RC_ASSERT(first.checks.at(clause).failed > 0U);
    for (const std::size_t record : finding.evidence) RC_ASSERT(record < trace.records.size());
  }
  if (first.verdict == Verdict::pass) RC_ASSERT(first.findings.empty());
}

RC_GTEST_PROP(AnyTrace, WithNothingInTheSpecNothingIsAccused, ()) {
  const trace::Trace trace = *any_trace();
  static const spec::Spec empty;
  RC_ASSERT(judge(empty, trace, {}).findings.empty());
}

}  // namespace
}  // namespace atspec::judge
