// Whole outputs against approved files in reports/approved (rewritten where ATSPEC_APPROVE is set), and hostile bytes.
#include "harness/report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>

#include "harness/report/text.hpp"

namespace atspec::report {
namespace {

using result::CaseResult;
using result::Finding;
using result::Result;
using result::Verdict;
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
  out.planned = 4;
  out.left_out = {"S-09"};
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

  out.cases = {pass, fail, inconc, none};
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
  compare("summary.txt", summary(sample(), "atspec replay out/result.json#ID --strict"));
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
  const std::string xml = junit(sample());
  ASSERT_TRUE(document.load_buffer(xml.data(), xml.size()));
  const auto suite = document.child("testsuites").child("testsuite");
  EXPECT_EQ(suite.attribute("failures").as_int(), 2);
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
