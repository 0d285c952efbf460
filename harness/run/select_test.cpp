#include "harness/run/select.hpp"

#include "harness/scenario/text.hpp"

namespace atspec::run {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<scenario::Scenario> cases() {
  auto out = scenario::parse_all(
      "case SIZE-01/1\nclause SIZE-01\n> AT+QFTPSIZE=?\n"
      "case SIZE-02/2\nclause SIZE-02 ERR-609\npeer on SIZE stall\n> AT+QFTPSIZE=\"a\"\nwait urc within 20s\n"
      "case OPEN-01/3\nclause OPEN-01 ERR-610\n> AT+QFTPOPEN\n"
      "case LINE/4\nraw \"AT\\r\"\n");
  EXPECT_TRUE(out) << out.error().message;
  return *out;
}

std::vector<std::string> ids(const Selection& selection) {
  std::vector<std::string> out;
  for (const auto& one : selection.cases) out.push_back(one.id);
  return out;
}

TEST(Select, TakesAllWithoutAPattern) { EXPECT_EQ(select(cases(), {}, {}, Tier::full).cases.size(), 4U); }

TEST(Select, HoldsAPatternAgainstIdClauseAndCommand) {
  EXPECT_THAT(ids(select(cases(), {"*/4"}, {}, Tier::full)), ElementsAre("LINE/4"));
  EXPECT_THAT(ids(select(cases(), {"ERR-6?0"}, {}, Tier::full)), ElementsAre("OPEN-01/3"));
  EXPECT_THAT(ids(select(cases(), {"+QFTPSIZE"}, {}, Tier::full)), ElementsAre("SIZE-01/1", "SIZE-02/2"));
  EXPECT_THAT(ids(select(cases(), {"+NOTHING"}, {}, Tier::full)), IsEmpty());
}

TEST(Select, TakesOutWhatIsExcluded) {
  EXPECT_THAT(ids(select(cases(), {"+QFTP*"}, {"SIZE-02"}, Tier::full)), ElementsAre("SIZE-01/1", "OPEN-01/3"));
}

TEST(BeginWith, AStateIsNeededByCasesThatNeedAnyAndSayNothingOfIt) {
  auto some = *scenario::parse_all(
      "case A/1\nneeds ftp=idle\n> AT+A\ncase B/2\nneeds cfg.transmode=1\n> AT+B\ncase C/3\n> AT+C\n");
  spec::Spec spec;
  spec.states.push_back({.name = "cfg.transmode", .title = {}, .values = {"0", "1"}, .base = "1"});
  for (auto& one : some) begin_with(one, {{"cfg.transmode", "0"}}, spec);
  EXPECT_EQ(some[0].needs.at("cfg.transmode"), "0");
  EXPECT_THAT(some[0].modes, ElementsAre("cfg.transmode"));
  EXPECT_EQ(some[1].needs.at("cfg.transmode"), "1");
  EXPECT_THAT(some[1].modes, IsEmpty());
  EXPECT_THAT(some[2].needs, IsEmpty());
  EXPECT_EQ(*scenario::parse(scenario::to_text(some[0])), some[0]);
}

TEST(BeginWith, TheBaseIsNoOtherMode) {
  spec::Spec spec;
  spec.states.push_back({.name = "cfg.transmode", .title = {}, .values = {"0", "1"}, .base = "1"});
  auto one = *scenario::parse("case A/1\nneeds ftp=idle\n> AT+A\n");
  begin_with(one, {{"cfg.transmode", "1"}}, spec);
  EXPECT_EQ(one.needs.at("cfg.transmode"), "1");
  EXPECT_THAT(one.modes, IsEmpty());
}

TEST(Select, LeavesSlowCasesOutAndNamesTheClausesNobodyElseAimsAt) {
  const auto quick = select(cases(), {}, {}, Tier::quick);
  EXPECT_THAT(ids(quick), ElementsAre("SIZE-01/1", "OPEN-01/3", "LINE/4"));
  EXPECT_EQ(quick.left_out_cases, 1U);
  EXPECT_THAT(quick.left_out, ElementsAre("ERR-609", "SIZE-02"));
}

scenario::Scenario aiming(const std::string& id, std::vector<std::string> clauses, io::Duration pause) {
  scenario::Scenario out;
  out.id = id;
  out.clauses = std::move(clauses);
  out.body = {scenario::Send{"AT"}, scenario::Pause{pause}};
  return out;
}

std::vector<std::string> ids_of(const Selection& selection) {
  std::vector<std::string> out;
  for (const auto& one : selection.cases) out.push_back(one.id);
  return out;
}

TEST(Budget, IsSpentOnNewClausesFirstAndThenOnWhatIsCheap) {
  using std::chrono::seconds;
  Selection all;
  all.cases = {aiming("dear", {"A", "B"}, seconds(9)), aiming("again", {"A"}, seconds(1)),
               aiming("one", {"A"}, seconds(0)),       aiming("other", {"B"}, seconds(2)),
               aiming("same", {"B"}, seconds(0)),      aiming("slow", {"C"}, seconds(30))};
  all.left_out = {"D", "A"};
  const auto some = within(all, seconds(2));
  EXPECT_EQ(ids_of(some), (std::vector<std::string>{"again", "one", "same"})) << "in their own order";
  EXPECT_EQ(some.left_out, (std::vector<std::string>{"C", "D"})) << "nothing else aims at them";
  EXPECT_EQ(some.left_out_cases, 3U);
  EXPECT_EQ(within(all, seconds(100)).cases.size(), 6U);
  EXPECT_TRUE(within(all, seconds(0)).cases.empty());
}

TEST(Shards, HoldEachCaseOnce) {
  Selection all;
  for (const auto* id : {"a", "b", "c", "d", "e"}) all.cases.push_back(aiming(id, {}, {}));
  EXPECT_EQ(ids_of(shard(all, 1, 2)), (std::vector<std::string>{"a", "c", "e"}));
  EXPECT_EQ(ids_of(shard(all, 2, 2)), (std::vector<std::string>{"b", "d"}));
  EXPECT_TRUE(shard(all, 9, 9).cases.empty());
}

}  // namespace
}  // namespace atspec::run
