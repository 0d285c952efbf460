// Whole outputs against approved files in reports/approved (rewritten where ATSPEC_APPROVE is set), and hostile bytes.
#include "harness/report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>

#include "harness/report/causes.hpp"
#include "harness/report/text.hpp"
#include "harness/report/words.hpp"

namespace atspec::report {
namespace {

using result::CaseResult;
using result::Finding;
using result::Result;
using result::Verdict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Result sample() {
  Result out;
  out.tool_version = "0.0.0";
  out.spec_name = "sample";
  out.spec_title = "A sample manual";
  out.spec_revision = "1";
  out.profile = "manual";
  out.mode = "lenient";
  out.target = "sim:";
  out.reference = "sim:";
  out.device = "EC200-REF";
  out.peer = "scripted at 10.0.0.1";
  out.command_line = "atspec run";
  out.tier = "quick";
  out.seed = 7;
  out.started = "2026-01-02T03:04:05Z";
  out.wall_ms = 1234;
  out.planned = 7;
  out.out_of_time = "the budget of 30s is used up";
  out.left_out_cases = 3;
  out.left_out = {"S-09"};
  out.sources = {{"+QFTPSIZE", {"another <note>", "shown"}}};
  out.clauses = {{"S-01", {"1", "The size is reported."}},
                 {"S-02", {"1", "A missing file is 627."}},
                 {"S-08", {"2", "Names are printed in bold.", "untestable", "a convention of <print>"}},
                 {"S-09", {"2", "Nobody looks."}}};

  CaseResult pass;
  pass.id = "S-01/0a1b";
  pass.purpose = "size of a file";
  pass.command = "+QFTPSIZE";
  pass.clauses = {"S-01"};
  pass.verdict = Verdict::pass;
  pass.checks = {{"S-01", {2, 0}}};
  pass.expectation = "OK, then +QFTPSIZE: 0,1000";
  pass.scenario = "> AT+QFTPSIZE=\"a.bin\"\nwait urc\n";
  pass.trace = {{1000, "to_device", "AT+QFTPSIZE=\\\"a.bin\\\"\\r"}, {1400, "from_device", "\\r\\nOK\\r\\n"}};
  pass.duration = std::chrono::microseconds(1500);

  CaseResult fail = pass;
  fail.id = "S-02/2c3d";
  fail.purpose = "size of a missing file <b>&amp;";
  fail.verdict = Verdict::fail;
  fail.checks = {{"S-02", {1, 1}}};
  Finding finding;
  finding.clauses = {"S-02"};
  finding.message = "err is not the code paired with 550";
  finding.expected = "627";
  finding.actual = "601";
  finding.command = "AT+QFTPSIZE=\"none\"";
  fail.findings = {finding};
  fail.reference = Verdict::pass;
  fail.differences = {{"AT+QFTPSIZE=\"none\"",
                       "the answer",
                       "OK, +QFTPSIZE: 601,550",
                       "OK, +QFTPSIZE: 627,550",
                       result::Difference::Breaks::device,
                       {"S-02"}}};

  CaseResult inconc = pass;
  inconc.id = "S-01/4e5f";
  inconc.verdict = Verdict::inconc;
  inconc.reason = "the set-up did not reach its end";
  inconc.checks.clear();

  CaseResult none = pass;
  none.id = "S-01/6071";
  none.command = "";
  none.verdict = Verdict::none;
  none.reason = "needs scripted peer";
  none.checks.clear();

  CaseResult flaky = fail;
  flaky.id = "S-02/8a9b";
  flaky.verdict = Verdict::flaky;
  flaky.reason = "2 of 3 attempts failed";
  flaky.findings[0].severity = Finding::Severity::inferred;
  flaky.reference.reset();
  flaky.differences.clear();
  CaseResult failed = flaky;
  failed.verdict = Verdict::fail;
  failed.reason.clear();
  CaseResult passed = pass;
  passed.id = flaky.id;
  passed.purpose = flaky.purpose;
  flaky.attempts = {failed, failed, passed};

  out.cases = {pass, fail, inconc, none, flaky};
  return out;
}

void compare(const std::string& name, const std::string& actual) {
  const std::string path = std::string(ATSPEC_SOURCE_DIR) + "/reports/approved/" + name;
  if (std::getenv("ATSPEC_APPROVE") != nullptr) std::ofstream(path, std::ios::binary) << actual;
  std::ifstream file(path, std::ios::binary);
  std::stringstream approved;
  approved << file.rdbuf();
  EXPECT_EQ(approved.str(), actual) << "look at the difference; if it is wanted, run again with ATSPEC_APPROVE=1";
}

TEST(Report, ThePageIsTheApprovedOne) { compare("report.html", html(sample())); }
TEST(Report, TheJUnitFileIsTheApprovedOne) { compare("junit.xml", junit(sample())); }
TEST(Report, TheLedgerIsTheApprovedOne) { compare("ledger.csv", ledger(sample())); }
TEST(Report, TheSummaryIsTheApprovedOne) {
  compare("summary.txt", summary(sample(), {"atspec replay out/result.json#ID --strict", true, false, {}}));
}

TEST(Report, NothingOffTheWireBecomesMarkup) {
  Result result = sample();
  const std::string evil = "<script>alert(1)</script>\"'&\x1b[31m\xff";
  CaseResult& one = result.cases[1];
  one.id = one.purpose = one.reason = one.expectation = one.scenario = one.command = evil;
  one.findings[0].message = one.findings[0].expected = one.findings[0].actual = one.findings[0].command = evil;
  one.findings[0].clauses = {evil};
  one.checks = {{evil, {1, 1}}};
  one.trace = {{0, evil, evil}};
  result.stopped = result.device = result.target = result.peer = evil;
  const std::string page = html(result);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  EXPECT_THAT(summary(result), Not(HasSubstr("\x1b")));

  pugi::xml_document document;
  const std::string xml = junit(result);
  EXPECT_TRUE(document.load_buffer(xml.data(), xml.size()));
}

TEST(Report, NoCellOfTheLedgerIsAFormulaOrBreaksOut) {
  Result result = sample();
  result.clauses = {{"=1+1", {"1", "x", "recorded", "a \"quoted\", cell\nof two lines"}}};
  EXPECT_EQ(ledger(result),
            "clause,section,testing,verdict,checks,broken,cases,reason\r\n"
            "'=1+1,1,recorded,not checked,0,0,,\"a \"\"quoted\"\", cell\nof two lines\"\r\n");
}

TEST(Report, AnInconclusiveCaseIsNoPassInJUnit) {
  pugi::xml_document document;
  Result result = sample();
  result.out_of_time.clear();
  const std::string xml = junit(result);
  ASSERT_TRUE(document.load_buffer(xml.data(), xml.size()));
  const auto suite = document.child("testsuites").child("testsuite");
  EXPECT_EQ(suite.attribute("failures").as_int(), 3);
  EXPECT_EQ(suite.attribute("skipped").as_int(), 1);
}

TEST(Report, ARunThatEndedEarlyIsAnErrorInJUnitAndSaysSoOnThePage) {
  Result result = sample();
  result.cases.resize(1);
  result.stopped = "the line is gone";
  pugi::xml_document document;
  const std::string xml = junit(result);
  ASSERT_TRUE(document.load_buffer(xml.data(), xml.size()));
  EXPECT_EQ(document.child("testsuites").child("testsuite").attribute("errors").as_int(), 1);
  EXPECT_EQ(document.child("testsuites").child("testsuite").attribute("tests").as_int(), 2);
  EXPECT_THAT(html(result), HasSubstr("Ended early: the line is gone"));
}

std::string last_line(const std::string& text) { return text.substr(text.rfind('\n', text.size() - 2) + 1); }

TEST(Summary, NamesClausesLeftOutForTimeWhereItIsVerbose) {
  EXPECT_THAT(summary(sample()), HasSubstr("Left out for time: 3 cases, and with them 1 clause (tier quick; "));
  EXPECT_THAT(summary(sample(), {"", false, true, {}}), HasSubstr("and with them 1 clause: S-09 (tier quick; "));
  Result result = sample();
  result.left_out.clear();
  EXPECT_THAT(summary(result), HasSubstr("Left out for time: 3 cases (tier"));
}

TEST(Summary, CountsWhyCasesWereNotRunAndNamesTheMostFrequentReasonFirst) {
  Result result;
  for (const char* reason : {"needs a reset", "needs sd=card", "needs sd=card"})
    result.cases.push_back({.id = "a/1", .reason = reason});
  EXPECT_THAT(summary(result), HasSubstr("\n3 not run: 2 (needs sd=card), 1 (needs a reset)\n"));
  for (int i = 0; i < 10; ++i)
    result.cases.push_back({.id = "a/1", .reason = std::string(1, static_cast<char>('a' + i))});
  EXPECT_THAT(summary(result), HasSubstr(", 1 (g), 4 (other reasons)\n"));
}

TEST(Summary, EndsWithTheVerdict) {
  const std::string text = summary(sample(), {"", true, false, {"report: r.html"}});
  EXPECT_THAT(text, HasSubstr("\nreport: r.html\n"));
  EXPECT_EQ(last_line(text), "5 cases in 1.23 s: 1 passed, 1 failed, 1 inconclusive, 0 errors, 1 not run, 1 flaky\n");
}

TEST(Summary, SaysWhereNothingButTheWaiversFails) {
  Result result = sample();
  result.complaints = {"known:1: S-09: expired on 2026-01-01"};
  EXPECT_THAT(summary(result), Not(HasSubstr("for the waivers alone")));
  result.cases.resize(1);
  EXPECT_THAT(last_line(summary(result)), HasSubstr("; fails for the waivers alone (1 complaint above)\n"));
}

TEST(Report, ABudgetThatIsUsedUpIsNoErrorButSaidEverywhere) {
  Result result = sample();
  result.cases.resize(1);
  const std::string words = "the budget of 30s is used up, 6 of 7 cases were not run";
  EXPECT_THAT(summary(result), HasSubstr("\nEnded early: " + words + "\n"));
  EXPECT_THAT(summary(result, {"", true, false, {}}), HasSubstr("\nEnded early: " + words + "; --resume goes on\n"));
  EXPECT_THAT(html(result), HasSubstr("Ended early: " + words));
  EXPECT_THAT(html(result), HasSubstr("<header class=\"pass\">"));
  pugi::xml_document document;
  const std::string xml = junit(result);
  ASSERT_TRUE(document.load_buffer(xml.data(), xml.size()));
  const auto suite = document.child("testsuites").child("testsuite");
  EXPECT_EQ(suite.attribute("tests").as_int(), 2);
  EXPECT_EQ(suite.attribute("errors").as_int(), 0);
  EXPECT_EQ(suite.attribute("skipped").as_int(), 1);
  EXPECT_EQ(suite.last_child().child("skipped").attribute("message").as_string(), words);
}

TEST(Report, TheHeadingKeepsSilentAboutNoCase) {
  Result result;
  result.cases.resize(3);
  for (auto& one : result.cases) one.verdict = result::Verdict::pass;
  EXPECT_THAT(html(result), HasSubstr("All 3 cases passed"));
  result.cases[1].verdict = result::Verdict::none;
  EXPECT_THAT(html(result), HasSubstr("All 2 cases that ran passed, 1 not run"));
}

TEST(Report, WhatNobodyDefinesComesBehindTheCommands) {
  Result result;
  result.cases.resize(3);
  result.cases[0].command = "+NOSUCH";
  result.cases[2].command = "+QFTPSIZE";
  result.sources = {{"+QFTPSIZE", {"the manual", ""}}};
  const std::string page = html(result);
  const auto row = [&](const std::string& name) { return page.find("<th scope=\"row\"><code>" + name); };
  EXPECT_LT(row("+QFTPSIZE"), row("+NOSUCH"));
  EXPECT_LT(row("+NOSUCH"), row("(command line)"));
  EXPECT_NE(row("(command line)"), std::string::npos);
}

TEST(Report, EveryAttemptIsInEveryOutput) {
  const Result result = sample();
  const std::string page = html(result);
  for (const char* attempt : {"Attempt 1 <", "Attempt 2 <", "Attempt 3 <"}) EXPECT_THAT(page, HasSubstr(attempt));
  for (const auto& text : {junit(result), summary(result)}) {
    EXPECT_THAT(
        text,
        HasSubstr("attempts 1 to 2: fail: AT+QFTPSIZE=\"none\": err is not the code paired with 550 (inferred)\n"));
    EXPECT_THAT(text, HasSubstr("attempt 3: pass"));
  }
}

TEST(Report, ALongTraceIsOnThePageOnlyOfTheFirstCaseOfACause) {
  Result result = sample();
  result.cases.resize(1);
  auto& one = result.cases[0];
  const auto lines = [&](std::size_t count, Verdict verdict) {
    one.trace.assign(count, {0, "from_device", "a line of the trace"});
    one.verdict = verdict;
    const std::string page = html(result);
    std::size_t shown = 0;
    for (std::size_t at = 0; (at = page.find("a line of the trace", at)) != std::string::npos; ++at) ++shown;
    return std::pair(shown, page.find(" in the JSON") == std::string::npos);
  };
  EXPECT_EQ(lines(100, Verdict::pass), std::pair(std::size_t{100}, true));
  EXPECT_EQ(lines(101, Verdict::pass), std::pair(std::size_t{0}, false));
  const auto [of_400, all] = lines(400, Verdict::fail);
  EXPECT_GE(of_400, 400U);
  EXPECT_TRUE(all);
  EXPECT_FALSE(lines(401, Verdict::fail).second);
}

TEST(Report, OfSeveralFindingsTheGravestIsNamed) {
  CaseResult one = sample().cases[1];
  one.findings.insert(one.findings.begin(), one.findings[0]);
  one.findings[0].message = "late";
  one.findings[0].severity = Finding::Severity::should;
  EXPECT_EQ(headline(one), "AT+QFTPSIZE=\"none\": err is not the code paired with 550 (must)");
  one.findings.pop_back();
  EXPECT_EQ(headline(one), "AT+QFTPSIZE=\"none\": late (should)");
}

CaseResult failing(const std::string& id, const std::string& command, const std::string& message,
                   const std::vector<std::string>& clauses) {
  CaseResult out;
  out.id = id;
  out.verdict = Verdict::fail;
  Finding finding;
  finding.command = command;
  finding.message = message;
  finding.clauses = clauses;
  out.findings = {finding};
  return out;
}

std::vector<std::string> ids(const Cause& cause) {
  std::vector<std::string> out;
  for (const auto* one : cause.cases) out.push_back(one->id);
  return out;
}

TEST(Causes, CasesThatFailAlikeAndBreakAClauseInCommonHaveOne) {
  Result result;
  result.cases = {failing("a", "AT+X=1", "refused", {"X-01"}), failing("b", "AT+X=1", "unframed", {"AT-02", "X-01"}),
                  failing("c", "AT+Y", "refused", {"Y-01"}), failing("d", "at+y=\"1\"", "unframed", {"AT-02", "Y-01"}),
                  failing("e", "AT+Z?", "unframed", {"AT-02"})};
  const auto found = causes(result);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(ids(found[0]), ElementsAre("b", "d", "e"));
  EXPECT_THAT(found[0].clauses, ElementsAre("AT-02"));
  EXPECT_THAT(found[0].commands, ElementsAre("AT+X", "AT+Y", "AT+Z"));
  EXPECT_THAT(ids(found[1]), ElementsAre("a"));
  EXPECT_THAT(ids(found[2]), ElementsAre("c"));
}

TEST(Causes, FailuresComeBeforeWhatIsInconclusiveAndTheGraveBeforeTheFrequent) {
  Result result;
  for (const char* id : {"a", "b"}) {
    result.cases.push_back({.id = id, .verdict = Verdict::inconc, .reason = "the line was busy"});
    result.cases.push_back(failing(id, "", "late", {"T-01"}));
    result.cases.back().findings[0].severity = Finding::Severity::should;
  }
  result.cases.push_back(failing("c", "", "lost", {"T-02"}));
  result.cases.push_back({.id = "d", .verdict = Verdict::pass});
  std::vector<std::string> messages;
  for (const auto& cause : causes(result)) messages.push_back(cause.message);
  EXPECT_THAT(messages, ElementsAre("lost", "late", "the line was busy"));
}

TEST(Causes, WhatIsWaivedIsNoneOfThoseThatAreNot) {
  Result result;
  result.cases = {failing("a", "AT", "late", {"T-01"}), failing("b", "AT", "late", {"T-01"})};
  result.cases[0].waived = "anna, none, until 2027-01-01";
  EXPECT_EQ(causes(result).size(), 2U);
  EXPECT_THAT(summary(result), AllOf(HasSubstr("  fail   b  "), Not(HasSubstr("  fail   a  "))));
}

TEST(Summary, NamesTheFirstCaseOfACauseAndCountsTheOthers) {
  Result result;
  for (const char* name : {"A", "B", "C", "D", "E"})
    result.cases.push_back(failing(std::string("case-") + name, std::string("AT+") + name, "late", {"T-01"}));
  const std::string text = summary(result, {"atspec replay r.json#ID", false, false, {}});
  EXPECT_THAT(text, HasSubstr("  fail   case-A  AT+A: late (must)\n"
                              "         again: atspec replay r.json#case-A\n"
                              "         and 4 more cases like it, of AT+A, AT+B, AT+C and 2 more commands\n"));
  EXPECT_THAT(text, Not(HasSubstr("case-B")));
  const std::string page = html(result);
  EXPECT_THAT(page, HasSubstr("<summary>4 more cases like it</summary>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"#case-case-E\">case-E</a>"));
}

TEST(SafeText, KeepsUtf8AndEscapesWhatIsNot) {
  EXPECT_EQ(safe_text("größe 文"), "größe 文");
  EXPECT_EQ(safe_text(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(safe_text("\xC0\xAF"), "\\xC0\\xAF");
  EXPECT_EQ(safe_text("\xE2\x80\xAE"), "\\u{202E}");
  EXPECT_EQ(safe_text("\xE2\x82"), "\\xE2\\x82");
}

TEST(SafeText, ShorteningNeverCutsACharacter) {
  EXPECT_EQ(shorten("äää", 3), "ä… (4 bytes more)");
  EXPECT_EQ(shorten("abc", 3), "abc");
}

}  // namespace
}  // namespace atspec::report
