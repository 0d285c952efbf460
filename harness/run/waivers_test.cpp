#include "harness/run/waivers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atspec::run {
namespace {

using result::CaseResult;
using result::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* rest = " owner=anna link=https://t/1 until=2027-01-31";

Waivers waivers(const std::string& text) {
  auto parsed = parse_waivers(text, "known");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error());
  return parsed.value_or(Waivers{});
}

CaseResult failing(const std::string& id, const std::string& message, std::vector<std::string> clauses = {"C-1"}) {
  CaseResult one;
  one.id = id;
  one.clauses = clauses;
  one.verdict = Verdict::fail;
  one.findings.push_back({});
  one.findings.back().message = message;
  one.findings.back().clauses = std::move(clauses);
  return one;
}
CaseResult passing(const std::string& id) {
  CaseResult one;
  one.id = id;
  one.clauses = {"C-1"};
  one.verdict = Verdict::pass;
  return one;
}

result::Result ran(std::vector<CaseResult> cases) {
  result::Result out;
  out.device = "EC200 R02";
  out.cases = std::move(cases);
  out.clauses["C-1"] = {};
  return out;
}

result::Result applied(const std::string& text, std::vector<CaseResult> cases,
                       const std::string& today = "2026-06-01") {
  auto out = ran(std::move(cases));
  apply(waivers(text), today, {"C-1/a", "C-1/b", "C-1/left-out"}, out);
  return out;
}

TEST(Waivers, AListedFailureDoesNotCountAndAnUnlistedOneDoes) {
  const auto out = applied(std::string("waive C-1/a message=\"late\"") + rest,
                           {failing("C-1/a", "late by 3 s"), failing("C-1/b", "late")});
  EXPECT_EQ(out.cases[0].waived, "anna, https://t/1, until 2027-01-31");
  EXPECT_EQ(out.cases[1].waived, "");
  EXPECT_THAT(out.complaints, IsEmpty());
  EXPECT_EQ(out.totals().fail, 1U);
  EXPECT_EQ(out.totals().waived, 1U);
}

TEST(Waivers, AnotherMessageIsAFailureAndAComplaint) {
  const auto out = applied(std::string("waive C-1/a message=\"late\"") + rest, {failing("C-1/a", "wrong code")});
  EXPECT_EQ(out.totals().fail, 1U);
  EXPECT_THAT(out.complaints, ElementsAre("known:1: C-1/a: fails with another message: wrong code"));
}

TEST(Waivers, ACaseWithAFurtherFindingIsNotWaived) {
  auto one = failing("C-1/a", "late");
  one.findings.push_back(one.findings.back());
  one.findings.back().message = "wrong code";
  EXPECT_EQ(applied(std::string("waive C-1/a message=\"late\"") + rest, {one}).totals().fail, 1U);
}

TEST(Waivers, WhatIsListedAndPassesIsAComplaint) {
  EXPECT_THAT(applied(std::string("waive C-1/a") + rest, {passing("C-1/a")}).complaints,
              ElementsAre("known:1: C-1/a: passes: the waiver is no longer needed"));
  EXPECT_THAT(applied(std::string("waive C-1") + rest, {passing("C-1/a")}).complaints,
              ElementsAre("known:1: C-1: passes: the waiver is no longer needed"));
}

TEST(Waivers, WhatIsListedAndNotRunIsAComplaintUnlessItWasLeftOutOnPurpose) {
  auto skipped = passing("C-1/a");
  skipped.verdict = Verdict::none;
  skipped.reason = "needs scripted peer";
  EXPECT_THAT(applied(std::string("waive C-1/a") + rest, {skipped}).complaints,
              ElementsAre("known:1: C-1/a: was not run: needs scripted peer"));
  EXPECT_THAT(applied(std::string("waive C-1/left-out") + rest, {}).complaints, IsEmpty());
  EXPECT_THAT(applied(std::string("waive C-1/gone") + rest, {}).complaints,
              ElementsAre("known:1: C-1/gone: no case has such a name"));
  EXPECT_THAT(applied(std::string("waive C-9") + rest, {}).complaints,
              ElementsAre("known:1: C-9: no clause has such a name"));
}

TEST(Waivers, ASequenceThatWasNotMadeIsNoComplaintUnlessNoneCouldHaveSuchAName) {
  for (const char* left_out : {"SEQ/0a1b2c3d", "SEQ/0a1b2c3?", "SEQ/0a*", "SEQ/*"})
    EXPECT_THAT(applied(std::string("waive ") + left_out + rest, {}).complaints, IsEmpty()) << left_out;
  for (const char* wrong : {"SEQ/0a1b", "SEQ/0a1b2c3d4", "SEQ/gone", "SEQ/"})
    EXPECT_THAT(applied(std::string("waive ") + wrong + rest, {}).complaints,
                ElementsAre(HasSubstr("no case has such a name")))
        << wrong;
  EXPECT_THAT(applied(std::string("waive SEQ/0a1b2c3d") + rest, {passing("SEQ/0a1b2c3d")}).complaints,
              ElementsAre("known:1: SEQ/0a1b2c3d: passes: the waiver is no longer needed"));
}

TEST(Waivers, AnUpdatedFileKeepsSequencesThatWereNotMade) {
  const std::string text = std::string("waive SEQ/0a1b2c3d message=\"late\"") + rest + "\nwaive SEQ/11111111" + rest +
                           "\nwaive SEQ/gone" + rest + "\n";
  EXPECT_EQ(updated(waivers(text), ran({passing("SEQ/11111111")}), "otto", "2026-12-01"),
            std::string("waive SEQ/0a1b2c3d message=\"late\"") + rest + "\n");
}

TEST(Waivers, AnExpiredOneHoldsNothing) {
  const auto text = std::string("waive C-1/a") + rest;
  EXPECT_EQ(applied(text, {failing("C-1/a", "late")}, "2027-01-31").totals().fail, 0U) << "its last day";
  const auto out = applied(text, {failing("C-1/a", "late")}, "2027-02-01");
  EXPECT_EQ(out.totals().fail, 1U);
  EXPECT_THAT(out.complaints, ElementsAre("known:1: C-1/a: expired on 2027-01-31"));
}

TEST(Waivers, APatternThatSwallowsMoreThanItSaysIsAComplaint) {
  const std::vector<CaseResult> two = {failing("C-1/a", "late"), failing("C-1/b", "late")};
  EXPECT_THAT(applied(std::string("waive C-1/*") + rest, two).complaints,
              ElementsAre("known:1: C-1/*: covers 2 cases, and is to cover at most 1"));
  const auto out = applied(std::string("waive C-* at-most=2") + rest, two);
  EXPECT_THAT(out.complaints, IsEmpty());
  EXPECT_EQ(out.totals().waived, 2U);
}

TEST(Waivers, OneForOtherFirmwareHoldsNothingAndIsNoComplaint) {
  const auto out = applied(std::string("waive C-1/a firmware=\"*R03*\"") + rest, {failing("C-1/a", "late")});
  EXPECT_EQ(out.totals().fail, 1U);
  EXPECT_THAT(out.complaints, IsEmpty());
  EXPECT_EQ(applied(std::string("waive C-1/a firmware=\"*R02*\"") + rest, {failing("C-1/a", "late")}).totals().fail,
            0U);
}

TEST(Waivers, AFileThatIsWrongSaysWhere) {
  const auto error = [](const std::string& text) {
    const auto parsed = parse_waivers(text, "known");
    return parsed ? std::string() : parsed.error();
  };
  EXPECT_EQ(error("# ok\nwave C-1"), "known:2:1: a line begins with `waive`");
  EXPECT_THAT(error("waive C-1 owner=a link=b"), HasSubstr("until= is missing"));
  EXPECT_THAT(error("waive C-1 owner=a link=b until=tomorrow"), HasSubstr("known:1:26: until= wants a day"));
  EXPECT_THAT(error("waive C-1 owner=a link=b until=2027-02-29"), HasSubstr("until= wants a day"));
  EXPECT_EQ(error("waive C-1 owner=a link=b until=2028-02-29"), "");
  EXPECT_THAT(error("waive C-1 owner=a owner=b"), HasSubstr("each once"));
  EXPECT_THAT(error("waive C-1 at-most=0"), HasSubstr("wants a number"));
}

TEST(Waivers, AnUpdatedFileKeepsCommentsAndFitsTheRun) {
  const std::string text = std::string("# ours\nwaive C-1/a message=\"late\"") + rest + "\n# gone soon\nwaive C-1/b" +
                           rest + "\nwaive C-1/x firmware=\"*R03*\"" + rest + "\n";
  auto out = ran({failing("C-1/a", "wrong \"code\""), passing("C-1/b"), failing("C-1/c", "new")});
  const std::string fits = updated(waivers(text), out, "otto", "2026-12-01");
  EXPECT_EQ(fits, std::string("# ours\nwaive C-1/a message=\"wrong \\\"code\\\"\"") + rest +
                      "\n# gone soon\nwaive C-1/x firmware=\"*R03*\"" + rest +
                      "\nwaive C-1/c message=\"new\" owner=otto link=none until=2026-12-01\n");
  apply(waivers(fits), "2026-06-01", {"C-1/a", "C-1/b", "C-1/c"}, out);
  EXPECT_THAT(out.complaints, IsEmpty());
  EXPECT_EQ(out.totals().fail, 0U);
}

}  // namespace
}  // namespace atspec::run
