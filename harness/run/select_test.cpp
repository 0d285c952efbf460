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
  for (auto& one : some) begin_with(one, {{"cfg.transmode", "0"}});
  EXPECT_EQ(some[0].needs.at("cfg.transmode"), "0");
  EXPECT_EQ(some[1].needs.at("cfg.transmode"), "1");
  EXPECT_THAT(some[2].needs, IsEmpty());
}

TEST(Select, LeavesSlowCasesOutAndNamesTheClausesNobodyElseAimsAt) {
  const auto quick = select(cases(), {}, {}, Tier::quick);
  EXPECT_THAT(ids(quick), ElementsAre("SIZE-01/1", "OPEN-01/3", "LINE/4"));
  EXPECT_EQ(quick.left_out_cases, 1U);
  EXPECT_THAT(quick.left_out, ElementsAre("ERR-609", "SIZE-02"));
}

}  // namespace
}  // namespace atspec::run
