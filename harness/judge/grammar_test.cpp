#include "harness/judge/grammar.hpp"

#include "harness/judge/conversation.hpp"
#include "harness/judge/small_manual.hpp"

namespace atspec::judge {
namespace {

using namespace std::chrono_literals;
using result::Verdict;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Fact = trace::Fact::Kind;

const spec::Spec& small() {
  static const spec::Spec spec = spec_of(small_manual);
  return spec;
}

Options idle(Mode mode = Mode::lenient) {
  Options options;
  options.mode = mode;
  options.preferred = preferred_readings(small(), {});
  options.known = {{"ftp", "idle"}, {"cwd", "/"}, {"cfg.rsptimeout", "90"}, {"verbose", "1"}, {"dtr", "1"}};
  return options;
}

std::uint32_t fired(const Judgement& judgement, const std::string& clause) {
  const auto it = judgement.checks.find(clause);
  return it == judgement.checks.end() ? 0 : it->second.fired;
}

std::vector<std::string> accused(const Judgement& judgement) {
  std::vector<std::string> clauses;
  for (const auto& finding : judgement.findings) {
    clauses.insert(clauses.end(), finding.clauses.begin(), finding.clauses.end());
  }
  return clauses;
}

Conversation size_of(std::string_view urc) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 1000").line(urc);
  return conversation;
}

TEST(Grammar, WhatIsLeftOutMayStandForWhatWasGivenLastInLenientJudgingOnly) {
  const auto download = [](Conversation& conversation, const char* line, const char* data) {
    conversation.send(line).line("CONNECT").device(data).line("OK").line("+QFTPGET: 0,2").later(1s);
  };
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "abcd");
  download(conversation, "AT+QFTPGET=\"a.bin\",\"COM:\",2", "cd");
  download(conversation, "AT+QFTPGET=\"a.bin\",\"COM:\"", "cd");
  EXPECT_THAT(judge(small(), conversation, idle()).findings, IsEmpty());
  EXPECT_THAT(accused(judge(small(), conversation, idle(Mode::strict))), Contains("GET-FILE"));
}

TEST(Grammar, WhatTheManualDemandsPassesAndFiresItsClauses) {
  const Judgement judgement = judge(small(), size_of("+QFTPSIZE: 0,1000"), idle());
  EXPECT_EQ(judgement.verdict, Verdict::pass) << judgement.reason;
  EXPECT_THAT(judgement.findings, IsEmpty());
  for (const char* clause : {"SIZE-OK", "SIZE-LIMIT", "SIZE-VALUE", "SIZE-NAME", "SIZE-SET"}) {
    EXPECT_EQ(fired(judgement, clause), 1U) << clause;
  }
  EXPECT_EQ(fired(judgement, "SIZE-FAIL"), 0U);
  EXPECT_THAT(judgement.expectation, HasSubstr("+QFTPSIZE: 0,1000 within 90s"));
  EXPECT_EQ(judgement.state.at("ftp"), "idle");
}

TEST(Grammar, AValueOtherThanTheServersIsAFindingOfTheValuesClause) {
  const Judgement judgement = judge(small(), size_of("+QFTPSIZE: 0,999"), idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  ASSERT_THAT(judgement.findings, SizeIs(1));
  EXPECT_THAT(judgement.findings[0].clauses, testing::ElementsAre("SIZE-VALUE"));
  EXPECT_THAT(judgement.findings[0].expected, HasSubstr("1000"));
  EXPECT_THAT(judgement.findings[0].actual, HasSubstr("999"));
  EXPECT_EQ(judgement.checks.at("SIZE-VALUE").failed, 1U);
}

TEST(Grammar, WithoutTheRuleInTheSpecTheValueIsNotChecked) {
  std::string text(small_manual);
  for (int i = 0; i < 2; ++i) {
    text = without(text, "{file_size = server.number('SIZE') ?? peer.size(file_name)}", "{file_size}");
  }
  EXPECT_THAT(judge(spec_of(text), size_of("+QFTPSIZE: 0,999"), idle()).findings, IsEmpty());
}

TEST(Grammar, AValueWhoseRuleIsUnknownIsCheckedByTypeAlone) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: 0,12345");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::pass) << judgement.reason;
  EXPECT_EQ(fired(judgement, "SIZE-VALUE"), 1U);
}

TEST(Grammar, ThePeersFilesStandInWhereTheServersReplyIsNotSeen) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "12345").step("x").body();
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: 0,6");
  EXPECT_EQ(judge(small(), conversation, idle()).verdict, Verdict::fail);
}

TEST(Grammar, APairedCodeFiresItsRowsAndTheirPair) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("550 no").line("+QFTPSIZE: 627,550");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::pass) << judgement.reason;
  for (const char* clause : {"MAP-550", "ERR-627", "PROTO-550", "SIZE-FAIL", "SIZE-ERR", "LISTED", "SENT"}) {
    EXPECT_GE(fired(judgement, clause), 1U) << clause;
  }
}

TEST(Grammar, AWrongPairIsAnInferredFindingThatCitesTheExpectedRow) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("550 no").line("+QFTPSIZE: 601,550");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  ASSERT_THAT(judgement.findings, SizeIs(1));
  EXPECT_THAT(judgement.findings[0].clauses, testing::IsSupersetOf({"MAP-550", "ERR-627", "SIZE-ERR"}));
  EXPECT_EQ(judgement.findings[0].severity, result::Finding::Severity::inferred);
  EXPECT_EQ(fired(judgement, "ERR-601"), 0U);
}

TEST(Grammar, AWrongProtocolCodeDoesNotMakeThePairedCodeWrongToo) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("550 no").line("+QFTPSIZE: 627,0");
  const Judgement judgement = judge(small(), conversation, idle());
  ASSERT_THAT(judgement.findings, SizeIs(1));
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("protocol_error"));
}

TEST(Grammar, AnUrcInTheWrongShapeIsAFindingOfTheOutcome) {
  const Judgement judgement = judge(small(), size_of("+QFTPSIZE: 0,\"1000\""), idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  const Judgement other = judge(small(), size_of("+QFTPSIZE: 1000"), idle());
  ASSERT_THAT(other.findings, SizeIs(1));
  EXPECT_THAT(other.findings[0].clauses, Contains("SIZE-OK"));
  EXPECT_THAT(other.findings[0].actual, HasSubstr("+QFTPSIZE: 1000"));
}

TEST(Grammar, BlanksAreFreeInLenientJudgingOnly) {
  EXPECT_EQ(judge(small(), size_of("+QFTPSIZE:0, 1000"), idle()).verdict, Verdict::pass);
  EXPECT_EQ(judge(small(), size_of("+QFTPSIZE:0, 1000"), idle(Mode::strict)).verdict, Verdict::fail);
}

TEST(Grammar, AnAcceptedReadingPassesInLenientJudgingOnly) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"123456789\"").line("ERROR");
  EXPECT_EQ(judge(small(), conversation, idle()).verdict, Verdict::pass);
  EXPECT_EQ(judge(small(), conversation, idle(Mode::strict)).verdict, Verdict::fail);
  Options profile = idle(Mode::strict);
  profile.preferred = preferred_readings(small(), {"p", "", {"A11.error"}, {}});
  EXPECT_EQ(judge(small(), conversation, profile).verdict, Verdict::pass);
}

TEST(Grammar, ARefusedWrongArgumentFiresTheParametersClause) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"123456789\"").line("+CME ERROR: 610");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::pass) << judgement.reason;
  EXPECT_EQ(fired(judgement, "SIZE-NAME"), 1U);
  EXPECT_EQ(fired(judgement, "ERR-610"), 1U);
  EXPECT_EQ(fired(judgement, "SIZE-REFUSED"), 1U);
  EXPECT_EQ(fired(judgement, "SIZE-SET"), 0U);
}

TEST(Grammar, AnAcceptedWrongArgumentIsAFindingOfItsParameter) {
  Conversation conversation;
  conversation.send("AT+QFTPCFG=\"rsptimeout\",181").line("OK");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(accused(judgement), testing::IsSupersetOf({"CFG-TIME", "CFG-BAD"}));
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("above 180"));
  EXPECT_EQ(judgement.state.count("cfg.rsptimeout"), 0U) << "what it holds now is not known";
}

TEST(Grammar, ARefusedLegalArgumentIsAFindingOfItsParameter) {
  Conversation conversation;
  conversation.send("AT+QFTPCFG=\"rsptimeout\",180").line("ERROR");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(accused(judgement), testing::IsSupersetOf({"CFG-TIME", "CFG-OK"}));
}

TEST(Grammar, AnEffectIsSeenByTheNextCommand) {
  Conversation conversation;
  conversation.send("AT+QFTPCFG=\"rsptimeout\",20").line("OK");
  conversation.send("AT+QFTPCFG=\"rsptimeout\"").line("+QFTPCFG: \"rsptimeout\",90").line("OK");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(accused(judgement), Contains("CFG-QUERY"));
}

TEST(Grammar, AStateThatIsNotKnownDemandsNothing) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("+CME ERROR: 601");
  Options unknown = idle();
  unknown.known.erase("ftp");
  EXPECT_THAT(judge(small(), conversation, unknown).findings, IsEmpty());
  EXPECT_EQ(judge(small(), conversation, idle()).verdict, Verdict::fail);
}

TEST(Grammar, ABusyDeviceIsHeldToItsRefusal) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").later(1s);
  conversation.send("AT+QFTPSIZE=\"b.bin\"").line("+CME ERROR: 601").later(1s);
  conversation.server("213 1000").line("+QFTPSIZE: 0,1000");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(accused(judgement), Contains("ERR-603"));
}

TEST(Grammar, ACommandThatCrossesTheUrcOfTheOneBeforeMayBeAnsweredEitherWay) {
  for (const char* answer : {"OK", "+CME ERROR: 603"}) {
    Conversation conversation;
    conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 1000");
    conversation.send("AT+QFTPSIZE=\"b.bin\"").line("+QFTPSIZE: 0,1000").line(answer);
    EXPECT_THAT(judge(small(), conversation, idle()).findings, IsEmpty()) << answer;
  }
}

TEST(Grammar, AMissingUrcIsAFindingOnceItsTimeIsOver) {
  Conversation early;
  early.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").later(60s).timed_out("urc");
  const Judgement open = judge(small(), early, idle());
  EXPECT_THAT(open.findings, IsEmpty());
  EXPECT_EQ(fired(open, "SIZE-OK"), 0U);
  EXPECT_EQ(open.state.count("ftp"), 0U);

  Conversation late;
  late.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").later(91s).timed_out("urc");
  const Judgement missing = judge(small(), late, idle());
  EXPECT_EQ(missing.verdict, Verdict::fail);
  EXPECT_THAT(accused(missing), testing::IsSupersetOf({"SIZE-LIMIT", "SIZE-OK"}));
}

TEST(Grammar, AMissingUrcWhoseLimitIsNotKnownIsInconclusive) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").later(185s).timed_out("urc");
  Options options = idle();
  options.known.erase("cfg.rsptimeout");
  const Judgement judgement = judge(small(), conversation, options);
  EXPECT_THAT(judgement.findings, IsEmpty());
  EXPECT_EQ(judgement.verdict, Verdict::inconc);
}

TEST(Grammar, ALateUrcIsAFindingOfItsLimit) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"")
      .line("OK")
      .ftp("SIZE a.bin")
      .server("213 7")
      .later(91s)
      .line("+QFTPSIZE: 0,7");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_THAT(accused(judgement), testing::ElementsAre("SIZE-LIMIT"));
}

// ambiguity A16: of a URC the manual says "after OK"
TEST(Grammar, TheLimitOfAUrcRunsFromTheFinalResult) {
  const auto judged = [](io::Duration until_ok, io::Duration until_urc) {
    Conversation conversation;
    conversation.send("AT+QFTPSIZE=\"a.bin\"").later(until_ok).line("OK").ftp("SIZE a.bin").server("213 7");
    conversation.later(until_urc).line("+QFTPSIZE: 0,7");
    return accused(judge(small(), conversation, idle()));
  };
  EXPECT_THAT(judged(4s, 89s), Not(Contains("SIZE-LIMIT")));
  EXPECT_THAT(judged(4s, 91s), Contains("SIZE-LIMIT"));
}

TEST(Grammar, ALimitThatIsNotKnownFiresNothing) {
  Options options = idle();
  options.known.erase("cfg.rsptimeout");
  EXPECT_EQ(fired(judge(small(), size_of("+QFTPSIZE: 0,1000"), options), "SIZE-LIMIT"), 0U);
}

TEST(Grammar, AMissingFinalResultWithoutALimitIsAFindingOnceAWaitRanOut) {
  Conversation conversation;
  conversation.send("AT+QFTPCFG=\"rsptimeout\",20").later(5s).timed_out("final");
  EXPECT_EQ(judge(small(), conversation, idle()).verdict, Verdict::fail);
  Conversation impatient;
  impatient.send("AT+QFTPCFG=\"rsptimeout\",20").later(1s).timed_out("final");
  EXPECT_THAT(judge(small(), impatient, idle()).findings, IsEmpty());
  Conversation ended;
  ended.send("AT+QFTPCFG=\"rsptimeout\",20").later(60s).fact(Fact::note, "", "");
  EXPECT_THAT(judge(small(), ended, idle()).findings, IsEmpty());
}

TEST(Grammar, AUrcBeforeTheFinalResultIsAcceptedWhereAReadingAllowsIt) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").ftp("SIZE a.bin").server("213 1000").line("+QFTPSIZE: 0,1000").line("OK");
  EXPECT_EQ(judge(small(), conversation, idle()).verdict, Verdict::pass);
  const Judgement strict = judge(small(), conversation, idle(Mode::strict));
  ASSERT_THAT(strict.findings, SizeIs(1));
  EXPECT_THAT(strict.findings[0].clauses, testing::IsSupersetOf({"ORDER", "SIZE-OK"}));
}

TEST(Grammar, AnAnswerNoOutcomeExplainsIsAFindingOfTheDemandedOne) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=?").line("+QFTPSIZE: <name>").line("OK");
  const Judgement judgement = judge(small(), conversation, idle());
  ASSERT_THAT(judgement.findings, SizeIs(1));
  EXPECT_THAT(judgement.findings[0].clauses, testing::ElementsAre("SIZE-TEST"));
  EXPECT_THAT(judgement.findings[0].expected, HasSubstr("<file_name>"));
}

TEST(Grammar, ALineTooManyInAnInformationResponseIsAFinding) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=?").line("+QFTPSIZE: <file_name>").line("+QFTPSIZE: <file_name>").line("OK");
  EXPECT_THAT(accused(judge(small(), conversation, idle())), Contains("SIZE-TEST"));
}

TEST(Grammar, DownloadedBytesAreThoseOfTheFile) {
  for (const bool right : {true, false}) {
    Conversation conversation;
    conversation.fact(Fact::file_before, "/a.bin", "hello").step("x").body();
    conversation.send("AT+QFTPGET=\"a.bin\",\"COM:\"").line("CONNECT").device(right ? "hello" : "hallo");
    conversation.line("OK").line("+QFTPGET: 0,5");
    const Judgement judgement = judge(small(), conversation, idle());
    EXPECT_EQ(judgement.verdict, right ? Verdict::pass : Verdict::fail) << judgement.reason;
    EXPECT_EQ(fired(judgement, "GET-FILE"), 1U);
    EXPECT_EQ(fired(judgement, "GET-LEN"), 1U);
    EXPECT_GE(fired(judgement, "GET-DEFAULT"), 1U) << "startpos was left out and the bytes show where it began";
    const std::vector<std::string> both = {"GET-DEFAULT", "GET-FILE"};
    EXPECT_EQ(accused(judgement), right ? std::vector<std::string>() : both);
  }
}

TEST(Grammar, TheUploadedFileHoldsWhatWasSent) {
  for (const bool right : {true, false}) {
    Conversation conversation;
    conversation.step("x").body().send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT").raw("hello").later(1500ms);
    conversation.raw("+++").later(1500ms).line("OK").line("+QFTPPUT: 0,5");
    conversation.fact(Fact::file_after, "/a.bin", right ? "hello" : "hell");
    const Judgement judgement = judge(small(), conversation, idle());
    EXPECT_EQ(judgement.verdict, right ? Verdict::pass : Verdict::fail) << judgement.reason;
    EXPECT_EQ(fired(judgement, "PUT-FILE"), 1U);
    EXPECT_EQ(fired(judgement, "PUT-LEN"), 1U);
  }
}

TEST(Grammar, AFileThatALaterCommandMayHaveChangedProvesNothing) {
  Conversation conversation;
  conversation.step("x").body().send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT").raw("hello").later(1500ms);
  conversation.raw("+++").later(1500ms).line("OK").line("+QFTPPUT: 0,5").later(1s).ftp("DELE a.bin");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_EQ(fired(judgement, "PUT-FILE"), 0U);
}

TEST(Grammar, WithoutTheCheckInTheSpecTheFileIsNotLookedAt) {
  spec::Spec spec = small();
  for (auto& command : spec.commands) {
    for (auto& form : command.forms) {
      for (auto& outcome : form.outcomes) outcome.checks.clear();
    }
  }
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "hello").step("x").body();
  conversation.send("AT+QFTPGET=\"a.bin\",\"COM:\"").line("CONNECT").device("hallo").line("OK").line("+QFTPGET: 0,5");
  EXPECT_THAT(judge(spec, conversation, idle()).findings, IsEmpty());
}

TEST(Grammar, ARelativeDirectoryIsTakenFromTheOneBefore) {
  Conversation conversation;
  conversation.send("AT+QFTPCWD=\"TEST\"").line("OK").line("+QFTPCWD: 0,0");
  conversation.send("AT+QFTPCWD=\"../B\"").line("OK").line("+QFTPCWD: 0,0");
  EXPECT_EQ(judge(small(), conversation, idle()).state.at("cwd"), "/B");
}

TEST(Grammar, ACommandTheSpecLacksIsNotAccused) {
  Conversation conversation;
  conversation.send("AT+COPS?").line("+COPS: 0").line("OK").send("AT+QFTPCFG=\"nonsense\",1").line("OK");
  EXPECT_THAT(judge(small(), conversation, idle()).findings, IsEmpty());
}

TEST(Grammar, SilenceProvesItselfOnlyOnceAWaitRanOut) {
  EXPECT_EQ(fired(judge(small(), Conversation().send("AT+QMUTE"), idle()), "MUTE"), 0U);
  EXPECT_EQ(fired(judge(small(), Conversation().send("AT+QMUTE").later(5s).timed_out("final"), idle()), "MUTE"), 1U);
}

TEST(Grammar, ASecondAnswerIsTheRulesToAccuseAndNotTheOutcomes) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").line("OK");
  conversation.line("+QFTPSIZE: 0,7").line("+QFTPSIZE: 0,7");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_THAT(accused(judgement), testing::UnorderedElementsAre("ONE-FINAL", "ONE-URC"));
  EXPECT_EQ(fired(judgement, "SIZE-OK"), 1U);
}

TEST(Grammar, ARefusalProvesNothingAboutLegalArguments) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("+CME ERROR: 601");
  Options options = idle();
  options.known["ftp"] = "closed";
  const Judgement judgement = judge(small(), conversation, options);
  EXPECT_EQ(judgement.verdict, Verdict::pass) << judgement.reason;
  EXPECT_EQ(fired(judgement, "SIZE-NAME"), 0U);
  EXPECT_EQ(fired(judgement, "SIZE-SET"), 0U);
  EXPECT_EQ(fired(judgement, "SIZE-REFUSED"), 1U);
  EXPECT_EQ(fired(judgement, "ERR-601"), 1U);
}

TEST(Grammar, ACodeSeenWhereTheOutcomeIsOnlyPossibleProvesNoRow) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("+CME ERROR: 601");
  Options options = idle();
  options.known.erase("ftp");
  EXPECT_EQ(fired(judge(small(), conversation, options), "ERR-601"), 0U);
}

TEST(Grammar, AMissingUrcIsNotAccusedWhereALaterCommandMayHaveTakenItsPlace) {
  Conversation refused;
  refused.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").later(1s);
  refused.send("AT+QFTPSIZE=\"b.bin\"").line("+CME ERROR: 603").later(95s).timed_out("urc");
  EXPECT_THAT(accused(judge(small(), refused, idle())), Contains("SIZE-LIMIT"));

  Conversation harmless;
  harmless.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").later(1s);
  harmless.send("AT+QFTPSIZE=?").line("+QFTPSIZE: <file_name>").line("OK").later(95s).timed_out("urc");
  EXPECT_THAT(accused(judge(small(), harmless, idle())), Contains("SIZE-LIMIT"));

  Conversation unknown;
  unknown.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").later(1s);
  unknown.send("AT+CFUN=1,1").line("OK").later(95s).timed_out("urc");
  EXPECT_THAT(accused(judge(small(), unknown, idle())), Not(Contains("SIZE-LIMIT")));
}

TEST(Grammar, WhatIsStillOwedAtTheEndLeavesItsStatesUnknown) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK");
  EXPECT_FALSE(judge(small(), conversation, idle()).state.contains("ftp"));
}

TEST(Grammar, NumericResultsStandForTheirWordsUnderV0) {
  Conversation conversation;
  conversation.send("AT+QFTPCFG=\"rsptimeout\",20").device("0\r");
  Options options = idle();
  options.known["verbose"] = "0";
  EXPECT_THAT(judge(small(), conversation, options).findings, IsEmpty());
}

TEST(Grammar, OfALineWithSeveralCommandsOnlyTheFinalResultIsJudged) {
  Conversation conversation;
  conversation.send("AT+QFTPCFG=\"rsptimeout\",20;+QFTPCFG=\"rsptimeout\",30").line("OK");
  const Judgement judgement = judge(small(), conversation, idle());
  EXPECT_THAT(judgement.findings, IsEmpty());
  EXPECT_EQ(judgement.state.at("cfg.rsptimeout"), "30");
}

}  // namespace
}  // namespace atspec::judge
