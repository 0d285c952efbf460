#include "harness/run/mutants.hpp"

#include "harness/generate/generate.hpp"
#include "harness/run/config.hpp"

namespace atspec::run {
namespace {

using testing::Contains;
using testing::HasSubstr;
using Kind = Fate::Kind;

const spec::Spec& manual() {
  static const spec::Spec spec = spec::load({ATSPEC_SOURCE_DIR "/specs/quectel-ftp/manual.xml"}).spec;
  return spec;
}

Listed mutant(const std::string& name, std::vector<std::string> breaks, std::map<std::string, std::string> change) {
  Listed out;
  out.file = "here.xml";
  out.mutant.name = name;
  out.mutant.group = "test";
  out.mutant.breaks = std::move(breaks);
  out.mutant.changes.push_back({change.contains("path") ? "set" : "output", std::move(change), {}});
  return out;
}

/// The cases of one command, which is enough here.
std::vector<scenario::Scenario> cases() {
  std::vector<scenario::Scenario> out;
  for (auto& one : generate::cases(manual(), {})) {
    if (one.id.starts_with("QFTPCFG-")) out.push_back(std::move(one));
  }
  return out;
}

std::expected<Measured, std::string> measured(const std::vector<Listed>& catalogue, unsigned jobs = 2,
                                              MutantOptions options = {}) {
  options.preferred = judge::preferred_readings(manual(), {});
  options.jobs = jobs;
  return measure(manual(), modem_config(manual(), {}), cases(), catalogue, options, [](const Fate&) {});
}

const std::map<std::string, std::string> wrong_start = {{"path", "initial.cfg.rsptimeout"}, {"value", "60"}};

TEST(MutantMeasurement, OnlyAFindingThatCitesADeclaredClauseKills) {
  const auto done =
      measured({mutant("declared", {"QFTPCFG-49"}, wrong_start), mutant("misdeclared", {"QFTPSIZE-01"}, wrong_start)});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->fates[0].kind, Kind::killed);
  EXPECT_FALSE(done->fates[0].by.empty());
  EXPECT_EQ(done->fates[1].kind, Kind::elsewhere);
  EXPECT_THAT(done->fates[1].cited, Contains("QFTPCFG-49"));
  EXPECT_TRUE(done->unsound.empty());
}

TEST(MutantMeasurement, WhatChangesNothingSurvivesAllCases) {
  const auto done = measured({mutant("same", {"QFTPCFG-49"}, {{"path", "initial.cfg.rsptimeout"}, {"value", "90"}})});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->fates[0].kind, Kind::survived);
  EXPECT_EQ(done->fates[0].executed, done->cases);
}

TEST(MutantMeasurement, AVariationThatBreaksNothingIsLeftInPeaceOrAccused) {
  const auto done =
      measured({mutant("slow", {}, {{"action", "delay"}, {"kind", "final"}, {"command", "+QFTPCFG"}, {"by", "50ms"}}),
                mutant("wrong", {}, wrong_start)});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->fates[0].kind, Kind::tolerated);
  EXPECT_EQ(done->fates[1].kind, Kind::accused);
}

TEST(MutantMeasurement, AVariationIsTriedWithSoManyOfTheCases) {
  MutantOptions options;
  options.cases_of_variations = 3;
  const auto done = measured({mutant("slow", {}, {{"path", "initial.cfg.rsptimeout"}, {"value", "90"}}),
                              mutant("same", {"QFTPCFG-49"}, {{"path", "initial.cfg.rsptimeout"}, {"value", "90"}})},
                             2, options);
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->fates[0].executed, 3U);
  EXPECT_EQ(done->fates[1].executed, done->cases);
}

TEST(MutantMeasurement, AnEquivalentOneDoesNotCount) {
  auto same = mutant("same", {"QFTPCFG-49"}, {{"path", "initial.cfg.rsptimeout"}, {"value", "90"}});
  same.mutant.equivalent = "for the sake of this test";
  const auto done = measured({same, mutant("declared", {"QFTPCFG-49"}, wrong_start)});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->fates[0].kind, Kind::equivalent);
  EXPECT_EQ(score(done->fates).of, 1U);
  EXPECT_EQ(score(done->fates).equivalent, 1U);
  EXPECT_EQ(score(done->fates).percent(), 100.0);
}

TEST(MutantMeasurement, WhatIsCalledEquivalentAndAnswersDifferentlySurvives) {
  auto other =
      mutant("other", {"QFTPCFG-49"}, {{"kind", "info"}, {"action", "substitute"}, {"find", "+"}, {"text", "-"}});
  other.mutant.breaks = {"QFTPSIZE-01"};
  other.mutant.equivalent = "a bold claim";
  const auto done = measured({other});
  ASSERT_TRUE(done) << done.error();
  EXPECT_NE(done->fates[0].kind, Kind::equivalent);
  EXPECT_EQ(score(done->fates).good, 0U);
}

TEST(MutantMeasurement, WhatTheReferenceAnswersDifferentlyKillsWhereTheManualAloneDoesNot) {
  // strict judging takes the code of the reference for the one to expect, where the manual leaves several
  const auto busy = mutant("busy", {"ERR-603"}, {{"path", "code.busy"}, {"value", "601"}});
  MutantOptions options;
  options.preferred = judge::preferred_readings(manual(), {});
  std::vector<scenario::Scenario> all;
  for (auto& one : generate::cases(manual(), {})) {
    if (!one.id.starts_with("SEQ/")) all.push_back(std::move(one));
  }
  const auto done = measure(manual(), modem_config(manual(), {}), all, {busy}, options, [](const Fate&) {});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->fates[0].kind, Kind::killed);
  EXPECT_FALSE(done->fates[0].by_manual);
  EXPECT_EQ(score(done->fates).good, 1U);
  EXPECT_EQ(score_by_manual(done->fates).good, 0U);
}

TEST(MutantMeasurement, EveryClauseHasCasesAndMutantsBehindItWhereAllAreRun) {
  MutantOptions options;
  options.preferred = judge::preferred_readings(manual(), {});
  options.every_case = true;
  const auto done = measure(manual(), modem_config(manual(), {}), cases(),
                            {mutant("declared", {"QFTPCFG-49"}, wrong_start)}, options, [](const Fate&) {});
  ASSERT_TRUE(done) << done.error();
  EXPECT_EQ(done->fates[0].executed, done->cases);
  const std::string table = clause_table(manual(), *done);
  EXPECT_THAT(table, HasSubstr("\nQFTPCFG-49,2.1,"));
  EXPECT_THAT(table, HasSubstr(",1,declared,"));
}

TEST(MutantMeasurement, IsTheSameWithOneThreadAndWithMany) {
  const std::vector<Listed> catalogue = {
      mutant("a", {"QFTPCFG-49"}, wrong_start), mutant("b", {"QFTPSIZE-01"}, wrong_start),
      mutant("c", {"QFTPCFG-46"}, {{"path", "initial.cfg.contextid"}, {"value", "2"}})};
  const auto alone = measured(catalogue, 1), together = measured(catalogue, 3);
  ASSERT_TRUE(alone && together);
  EXPECT_EQ(to_json(*alone), to_json(*together));
  EXPECT_EQ(to_text(*alone), to_text(*together));
}

TEST(MutantMeasurement, NothingIsRunWhereAnythingIsWrongWithTheCatalogue) {
  std::vector<Listed> catalogue = {mutant("good", {"QFTPCFG-49"}, wrong_start),
                                   mutant("path", {"QFTPCFG-49"}, {{"path", "no.such"}, {"value", "1"}}),
                                   mutant("action", {"QFTPCFG-49"}, {{"action", "explode"}}),
                                   mutant("state", {}, {{"path", "initial.cfg.no-such"}, {"value", "1"}}),
                                   mutant("reading", {}, {{"path", "reading.A02.sung"}, {"value", "true"}}),
                                   mutant("clause", {"NO-SUCH"}, wrong_start)};
  int line = 1;
  for (auto& one : catalogue) {
    one.mutant.breaks_at = {"here.xml", line, 5};
    one.mutant.changes[0].at = {"here.xml", line++, 9};
  }
  std::size_t judged = 0;
  const auto done =
      measure(manual(), modem_config(manual(), {}), cases(), catalogue, {}, [&](const Fate&) { ++judged; });
  ASSERT_FALSE(done);
  EXPECT_EQ(judged, 0U);
  EXPECT_EQ(done.error(),
            "here.xml:2:9: no.such: no such value\n"
            "here.xml:3:9: action: drop, delay, duplicate, … (LANGUAGE.md, Mutants)\n"
            "here.xml:4:9: initial.cfg.no-such: the spec has no such state\n"
            "here.xml:5:9: reading.A02.sung: the spec has no such reading\n"
            "here.xml:6:5: mutant clause: the spec has no clause NO-SUCH");
}

TEST(MutantReport, SaysTheScoreByClassAndWhatDeservesALook) {
  Measured measured;
  measured.cases = 5;
  const auto add = [&](Kind kind, const std::string& name) {
    Fate fate;
    fate.kind = kind;
    fate.of = mutant(name, {"A"}, {});
    fate.of.mutant.title = "a breach";
    fate.by_manual = kind == Kind::killed;
    measured.fates.push_back(fate);
  };
  add(Kind::killed, "one");
  add(Kind::survived, "two");
  EXPECT_EQ(to_text(measured),
            "  test: 1 of 2 killed\n"
            "mutants: 1 of 2 killed\n"
            "  by the manual alone: 1 of 2 killed\n"
            "survived here.xml#two (A): a breach\n");
}

}  // namespace
}  // namespace atspec::run
