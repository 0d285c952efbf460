#include "harness/generate/planner.hpp"

#include "harness/scenario/text.hpp"
#include "harness/spec/load.hpp"

namespace atspec::generate {
namespace {

const spec::Spec& manual() {
  static const spec::Loaded loaded = spec::load({ATSPEC_SOURCE_DIR "/specs/quectel-ftp/manual.xml"});
  return loaded.spec;
}

std::vector<std::string> lines(const std::vector<scenario::Step>& steps) {
  std::vector<std::string> out;
  for (const auto& step : steps) {
    if (const auto* send = std::get_if<scenario::Send>(&step)) out.push_back(send->line);
  }
  return out;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Planner, WhatIsThereAlreadyTakesNoCommand) {
  const auto plan = Planner(manual()).plan({{"echo", "0"}}, {{"echo", "0"}});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_THAT(plan->steps, IsEmpty());
}

TEST(Planner, LoggingInActivatesTheContextAndSetsTheAccountFirst) {
  States from = initial_states(manual());
  from["cfg.ssltype"] = "0";
  from["cfg.transmode"] = "1";
  const auto plan = Planner(manual()).plan(from, {{"ftp", "idle"}});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_THAT(lines(plan->steps),
              testing::UnorderedElementsAre("AT+QIACT=1", R"(AT+QFTPCFG="account","${ftp.user}","${ftp.pass}")",
                                            R"(AT+QFTPOPEN="${ftp.host}",${ftp.port})"));
  EXPECT_EQ(lines(plan->steps).back(), R"(AT+QFTPOPEN="${ftp.host}",${ftp.port})");
  EXPECT_TRUE(plan->talks_to_server);
  EXPECT_EQ(plan->reached.at("cwd"), "/");
}

TEST(Planner, EachCommandIsWaitedForUntilAllOfItHasCome) {
  const auto plan = Planner(manual()).plan({{"ftp", "idle"}}, {{"ftp", "closed"}});
  ASSERT_TRUE(plan) << plan.error();
  ASSERT_EQ(plan->steps.size(), 3U);
  EXPECT_EQ(scenario::to_text(plan->steps[1]), "wait final");
  EXPECT_EQ(scenario::to_text(plan->steps[2]), "wait urc");
}

TEST(Planner, ASettingIsGivenAsTheParameterThatSetsIt) {
  const auto plan = Planner(manual()).plan({{"cfg.rsptimeout", "90"}}, {{"cfg.rsptimeout", "20"}});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_THAT(lines(plan->steps), ElementsAre(R"(AT+QFTPCFG="rsptimeout",20)"));
}

TEST(Planner, ASettingThatLoggingInNeedsOtherwiseIsSetBehindIt) {
  const auto plan = Planner(manual()).plan(initial_states(manual()), {{"ftp", "idle"}, {"cfg.transmode", "0"}});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(lines(plan->steps).back(), R"(AT+QFTPCFG="transmode",0)");
  EXPECT_EQ(plan->reached.at("ftp"), "idle");
}

TEST(Planner, FromAnUnknownSessionTheWayLeadsThroughClosingIt) {
  const auto plan = Planner(manual()).plan({}, {{"ftp", "idle"}});
  ASSERT_TRUE(plan) << plan.error();
  const auto sent = lines(plan->steps);
  const auto close = std::find(sent.begin(), sent.end(), "AT+QFTPCLOSE");
  ASSERT_NE(close, sent.end());
  EXPECT_EQ(sent.back(), R"(AT+QFTPOPEN="${ftp.host}",${ftp.port})");
}

TEST(Planner, ASessionIsClosedBeforeItsContextIsGivenUp) {
  const auto plan = Planner(manual()).plan({{"ftp", "idle"}, {"pdp", "active"}}, {{"pdp", "inactive"}});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_THAT(lines(plan->steps), ElementsAre("AT+QFTPCLOSE", "AT+QIDEACT=1"));
}

TEST(Planner, AnUploadIsLeftOpenByTheArgumentThatSaysSo) {
  const auto plan =
      Planner(manual()).plan({{"ftp", "idle"}, {"cwd", "/"}, {"put", "none"}}, {{"ftp", "idle"}, {"put", "open"}});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_THAT(lines(plan->steps), ElementsAre(R"(AT+QFTPPUT="up.bin","COM:",0,100,0)"));
}

TEST(Planner, ADirectoryIsEnteredAndLeftAgain) {
  Planner planner(manual());
  const auto in = planner.plan({{"ftp", "idle"}, {"cwd", "/"}, {"put", "none"}}, {{"ftp", "idle"}, {"cwd", "/TEST"}});
  ASSERT_TRUE(in) << in.error();
  EXPECT_THAT(lines(in->steps), ElementsAre(R"(AT+QFTPCWD="/TEST")"));
  const auto out = planner.plan(in->reached, {{"ftp", "idle"}, {"cwd", "/"}});
  ASSERT_TRUE(out) << out.error();
  EXPECT_EQ(out->reached.at("cwd"), "/");
}

TEST(Planner, AStateNoCommandSetsIsNamed) {
  const auto plan = Planner(manual()).plan({}, {{"weather", "fine"}});
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().find("weather=fine"), std::string::npos);
  const auto passing = Planner(manual()).plan(initial_states(manual()), {{"ftp", "transfer"}});
  ASSERT_FALSE(passing);
  EXPECT_NE(passing.error().find("ftp=transfer"), std::string::npos) << passing.error();
}

TEST(Planner, MaterialisingGoesToTheBaseAndToWhatIsNeeded) {
  scenario::Scenario scenario;
  scenario.needs = {{"cfg.rsptimeout", "20"}};
  Planner planner(manual());
  const auto full = planner.materialise(scenario, initial_states(manual()));
  ASSERT_TRUE(full) << full.error();
  EXPECT_TRUE(full->materialised);
  const auto sent = lines(full->set_up);
  EXPECT_EQ(sent.front(), "ATE0");
  EXPECT_THAT(sent, testing::Contains("AT+CMEE=1"));
  EXPECT_THAT(sent, testing::Contains(R"(AT+QFTPCFG="rsptimeout",20)"));
  const auto again = planner.materialise(*full, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *full);
}

}  // namespace
}  // namespace atspec::generate
