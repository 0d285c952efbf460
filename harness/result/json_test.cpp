#include "harness/result/json.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <fstream>

namespace atspec::result {
namespace {

using testing::HasSubstr;
using testing::Not;

CaseResult sample_case() {
  CaseResult one{.id = "QFTPSIZE-05/a1f30c55", .purpose = "the size of a file", .command = "+QFTPSIZE"};
  one.clauses = {"QFTPSIZE-05"};
  one.verdict = Verdict::fail;
  one.findings = {{.severity = Finding::Severity::inferred,
                   .clauses = {"MAP-550"},
                   .message = "another code",
                   .expected = "627",
                   .actual = "601",
                   .command = "AT+QFTPSIZE=\"a\"",
                   .evidence = {3, 7}}};
  one.checks = {{"MAP-550", {1, 1}}, {"QFTPSIZE-05", {2, 0}}};
  one.reference = Verdict::pass;
  one.differences = {
      {"AT+QFTPSIZE=\"a\"", "<err>", "601", "627", Difference::Breaks::device, {"MAP-550"}},
      {"AT+QFTPSIZE=\"a\"", "the answer", "ERROR", "OK", Difference::Breaks::nobody, {}},
  };
  one.expectation = "OK, then +QFTPSIZE: 0,1000";
  one.scenario = "> AT+QFTPSIZE=\"a\"\n";
  one.trace = {{-5, "to_device", "AT\\r"}, {1200, "from_device", "\\r\\nOK\\r\\n"}};
  one.duration = std::chrono::milliseconds(3);
  return one;
}

Result sample() {
  Result result{.tool_version = "0.1.0", .spec_name = "quectel-ftp", .spec_title = "FTP", .spec_revision = "1.1.0"};
  result.profile = "manual";
  result.mode = "strict";
  result.target = "sim:";
  result.reference = "sim:?profile=field";
  result.tier = "quick";
  result.seed = UINT64_MAX;
  result.started = "2026-01-02T03:04:05Z";
  result.planned = 2;
  result.out_of_time = "the budget of 30s is used up";
  result.left_out_cases = 3;
  result.left_out = {"QFTPOPEN-09"};
  result.clauses = {{"MAP-550", {"5/6", "…", "recorded", "why"}}};
  result.sources = {{"E", {"ITU-T V.250", "standard"}}, {"+X", {"", ""}}};
  result.cases = {sample_case(), CaseResult{.id = "b/1", .reason = "needs scripted peer"}};
  return result;
}

TEST(ResultJson, ReadingWhatWasWrittenGivesTheSame) {
  EXPECT_EQ(parse_result(to_json(sample())), sample());
  EXPECT_EQ(parse_result(to_json_line(sample())), sample());
  EXPECT_EQ(parse_case(to_json_line(sample_case())), sample_case());
}

TEST(ResultJson, AJournalLineIsOneLine) {
  EXPECT_THAT(to_json_line(sample_case()), Not(HasSubstr("\n")));
  EXPECT_THAT(to_json_line(sample()), Not(HasSubstr("\n")));
}

TEST(ResultJson, AnErrorIsOneLineAndNotLong) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), std::string("{\"id\":\n\n"), std::string("{\"id\":1}"),
        "\"" + std::string(100'000, 'x'), std::string(100'000, '[')}) {
    const auto result = parse_result(text);
    const auto one = parse_case(text);
    ASSERT_FALSE(result.has_value() || one.has_value());
    EXPECT_THAT(result.error() + one.error(), Not(HasSubstr("\n")));
    EXPECT_LE(result.error().size(), 300U);
    EXPECT_THAT(result.error() + one.error(), Not(HasSubstr("json.exception")));
  }
}

TEST(ResultJson, AnotherSchemaIsRefused) {
  std::string text = to_json(sample());
  text.replace(text.find("atspec-result-1"), 15, "atspec-result-9");
  EXPECT_EQ(parse_result(text).error(), "schema is not atspec-result-1");
}

TEST(ResultJson, NumbersOutOfRangeAreRefused) {
  std::string text = to_json_line(sample_case());
  for (const std::string_view number : {"-1", "4294967296", "1.5", "\"1\"", "1e99"}) {
    std::string wrong = text;
    wrong.replace(wrong.find("\"fired\":1"), 9, fmt::format("\"fired\":{}", number));
    EXPECT_FALSE(parse_case(wrong).has_value()) << number;
  }
}

TEST(ResultJson, BytesThatAreNoUtf8DoNotThrow) {
  CaseResult one = sample_case();
  one.reason = "\xFF\xC3(";
  EXPECT_TRUE(parse_case(to_json_line(one)).has_value());
}

TEST(ResultJson, EveryVerdictAndSeverityHasAName) {
  for (const auto verdict : {Verdict::none, Verdict::pass, Verdict::inconc, Verdict::fail, Verdict::error})
    EXPECT_EQ(parse_verdict(to_string(verdict)), verdict);
  using enum Finding::Severity;
  for (const auto severity : {must, should, inferred, ambiguous})
    EXPECT_EQ(parse_severity(to_string(severity)), severity);
  EXPECT_EQ(parse_verdict("Pass"), std::nullopt);
}

TEST(Result, TotalsAndChecksAreSumsOverTheCases) {
  const Result result = sample();
  EXPECT_EQ(result.totals(), (Totals{.fail = 1, .none = 1}));
  Result twice = result;
  twice.cases.push_back(sample_case());
  EXPECT_EQ(twice.checks().at("QFTPSIZE-05"), (Fired{4, 0}));
  EXPECT_EQ(twice.checks().at("MAP-550"), (Fired{2, 2}));
}

/// The published schema, where the validator is installed.
TEST(ResultJson, TheSchemaAcceptsWhatIsWritten) {
  const std::string check = "python3 -c 'import jsonschema' 2>/dev/null";
  if (std::system(check.c_str()) != 0) GTEST_SKIP() << "python3 has no jsonschema here";
  const std::string file = testing::TempDir() + "atspec_result_schema_test.json";
  std::ofstream(file) << to_json(sample());
  const std::string validate = fmt::format(
      "python3 -c 'import "
      "json,jsonschema;jsonschema.Draft202012Validator(json.load(open(\"{}/reports/"
      "result.schema.json\"))).validate(json.load(open(\"{}\")))'",
      ATSPEC_SOURCE_DIR, file);
  EXPECT_EQ(std::system(validate.c_str()), 0);
}

// Texts are UTF-8 in a result; escape() has seen to the bytes of devices.
rc::Gen<std::string> texts() {
  return rc::gen::container<std::string>(
      rc::gen::map(rc::gen::inRange(0, 128), [](int c) { return static_cast<char>(c); }));
}

CaseResult any_case() {
  CaseResult one{.id = *texts(), .purpose = *texts(), .command = *texts(), .reason = *texts()};
  one.clauses = *rc::gen::container<std::vector<std::string>>(texts());
  one.verdict = static_cast<Verdict>(*rc::gen::inRange(0, 5));
  one.expectation = *texts();
  one.scenario = *texts();
  one.duration = io::Duration(*rc::gen::arbitrary<std::int64_t>());
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    one.trace.push_back({*rc::gen::arbitrary<std::int64_t>(), *texts(), *texts()});
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    one.checks[*texts()] = {*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<std::uint32_t>()};
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    Finding finding{.severity = static_cast<Finding::Severity>(*rc::gen::inRange(0, 4))};
    finding.clauses = *rc::gen::container<std::vector<std::string>>(texts());
    finding.message = *texts(), finding.expected = *texts(), finding.actual = *texts(), finding.command = *texts();
    finding.evidence = *rc::gen::arbitrary<std::vector<std::size_t>>();
    one.findings.push_back(std::move(finding));
  }
  return one;
}

RC_GTEST_PROP(ResultJsonProperty, ReadingWhatWasWrittenGivesTheSame, ()) {
  const CaseResult one = any_case();
  RC_ASSERT((parse_case(to_json_line(one)) == one));
  Result result{.tool_version = *texts(), .spec_name = *texts(), .spec_title = *texts(), .spec_revision = *texts()};
  result.profile = *texts(), result.mode = *texts(), result.target = *texts(), result.device = *texts();
  result.peer = *texts(), result.command_line = *texts(), result.tier = *texts(), result.started = *texts();
  result.stopped = *texts();
  result.seed = *rc::gen::arbitrary<std::uint64_t>();
  result.wall_ms = *rc::gen::arbitrary<std::int64_t>();
  result.planned = *rc::gen::arbitrary<std::uint32_t>();
  result.left_out = *rc::gen::container<std::vector<std::string>>(texts());
  for (const auto& id : *rc::gen::container<std::vector<std::string>>(texts()))
    result.clauses[id] = {*texts(), *texts(), *texts(), *texts()};
  result.cases = {one, any_case()};
  RC_ASSERT((parse_result(to_json(result)) == result));
}

RC_GTEST_PROP(ResultJsonProperty, DamagedJsonIsReadOrRefused, ()) {
  std::string text = to_json_line(sample_case());
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text.replace(at, *rc::gen::inRange<std::size_t>(0, 6),
               *rc::gen::container<std::string>(rc::gen::element('"', '{', ']', ',', '-', '9', 'x')));
  const auto one = parse_case(text);
  if (!one) RC_ASSERT(!one.error().empty());
}

}  // namespace
}  // namespace atspec::result
