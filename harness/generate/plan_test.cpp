#include "harness/generate/plan.hpp"

#include "harness/generate/small_manual.hpp"
#include "harness/scenario/text.hpp"

namespace atspec::generate {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const spec::Spec& manual() {
  static const spec::Spec spec = spec_of(small_manual);
  return spec;
}

/// The steps without their waits, or the error.
std::vector<std::string> sent(const States& from, const States& to) {
  const auto steps = Planner(manual()).plan(from, to);
  if (!steps) return {"error: " + steps.error()};
  std::vector<std::string> out;
  for (const auto& step : *steps) {
    if (const auto* send = std::get_if<scenario::Send>(&step)) out.push_back(send->line);
  }
  return out;
}

constexpr auto set_account = R"(AT+SET="account","${ftp.user}","${ftp.pass}")";

TEST(Planner, WhatIsThereAlreadyTakesNoCommand) { EXPECT_THAT(sent({{"echo", "0"}}, {{"echo", "0"}}), IsEmpty()); }

TEST(Planner, WhatNoCommandBringsAboutIsTakenToBeThere) {
  EXPECT_THAT(sent({}, {{"card", "yes"}}), IsEmpty());
  EXPECT_THAT(sent({{"card", "no"}}, {{"card", "yes"}, {"limit", "20"}}), ElementsAre(R"(AT+SET="limit",20)"));
}

TEST(Planner, ABenchLacksWhatItIsNotKnownToHave) {
  const auto scenario = scenario::parse("needs card=yes limit=20\n> AT\n").value();
  EXPECT_EQ(lacking(manual(), scenario, {{"limit", "90"}}), "card=yes");
  EXPECT_EQ(lacking(manual(), scenario, {{"card", "no"}}), "card=yes");
  EXPECT_EQ(lacking(manual(), scenario, {{"card", "yes"}}), std::nullopt);
  EXPECT_EQ(lacking(manual(), scenario::parse("needs limit=20\n> AT\n").value(), {}), std::nullopt);
}

TEST(Planner, WhatACommandNeedsComesBeforeIt) {
  EXPECT_THAT(sent(initial_states(manual()), {{"session", "idle"}}),
              ElementsAre("AT+ACT", set_account, R"(AT+SET="mode",1)", "AT+OPEN"));
}

TEST(Planner, ASettingThatOpeningNeedsOtherwiseIsSetBehindIt) {
  EXPECT_EQ(sent(initial_states(manual()), {{"session", "idle"}, {"mode", "0"}}).back(), R"(AT+SET="mode",0)");
}

TEST(Planner, OneCommandSetsBothHalvesOfAnAccount) {
  EXPECT_THAT(sent({}, {{"user", "${ftp.user}"}, {"password", "${ftp.pass}"}}), ElementsAre(set_account));
}

TEST(Planner, ASettingIsGivenAsTheParameterThatSetsIt) {
  EXPECT_THAT(sent({{"limit", "90"}}, {{"limit", "20"}}), ElementsAre(R"(AT+SET="limit",20)"));
}

TEST(Planner, AnUnknownSessionIsClosedWhateverItAnswers) {
  EXPECT_THAT(sent({}, {{"session", "closed"}}), ElementsAre("AT+CLOSE"));
}

TEST(Planner, AnUnknownSessionIsClosedBeforeItIsOpened) {
  const auto lines = sent({}, {{"session", "idle"}});
  EXPECT_THAT(lines, Contains("AT+CLOSE"));
  EXPECT_EQ(lines.back(), "AT+OPEN");
}

TEST(Planner, AStateInTheWayOfTheOutcomeIsChangedFirst) {
  EXPECT_THAT(sent({{"session", "idle"}, {"pdp", "active"}}, {{"pdp", "inactive"}}),
              ElementsAre("AT+CLOSE", "AT+DEACT"));
  EXPECT_THAT(sent({{"pdp", "active"}}, {{"pdp", "inactive"}}), ElementsAre("AT+CLOSE", "AT+DEACT"));
}

TEST(Planner, EachCommandIsWaitedForUntilAllOfItHasCome) {
  const auto steps = Planner(manual()).plan({{"session", "idle"}, {"limit", "90"}}, {{"session", "closed"}});
  ASSERT_TRUE(steps) << steps.error();
  ASSERT_EQ(steps->size(), 3U);
  EXPECT_THAT(scenario::to_text((*steps)[1]), HasSubstr("wait final"));
  EXPECT_THAT(scenario::to_text((*steps)[2]), HasSubstr("wait urc"));
}

TEST(Planner, AStateThatNoCommandReachesIsNamed) {
  EXPECT_THAT(sent({}, {{"weather", "fine"}}).front(), HasSubstr("weather"));
  EXPECT_THAT(sent({}, {{"session", "busy"}}).front(), HasSubstr("session"));
}

TEST(Planner, AParameterOutsideItsBoundsReachesNothing) {
  EXPECT_THAT(sent({{"limit", "90"}}, {{"limit", "500"}}).front(), HasSubstr("error"));
}

TEST(Planner, MaterialisingGoesToTheBaseAndToWhatIsNeeded) {
  scenario::Scenario scenario;
  scenario.needs = {{"limit", "20"}};
  Planner planner(manual());
  const auto full = planner.materialise(scenario, initial_states(manual()));
  ASSERT_TRUE(full) << full.error();
  EXPECT_TRUE(full->materialised);
  const std::string text = scenario::to_text(*full);
  for (const char* line : {"> ATE0\n", "> AT+SET=\"mode\",0\n", "> AT+SET=\"limit\",20\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_EQ(planner.materialise(*full, {}), *full);
}

}  // namespace
}  // namespace atspec::generate
