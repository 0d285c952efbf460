#include <fmt/format.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "harness/generate/generate.hpp"
#include "harness/generate/line.hpp"
#include "harness/generate/small_manual.hpp"
#include "harness/scenario/text.hpp"

namespace atspec::generate {
namespace {

using scenario::Scenario;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

const spec::Spec& small() {
  static const spec::Spec spec = spec_of(small_manual);
  return spec;
}

const spec::Spec& manual() {
  static const spec::Spec spec = spec::load({ATSPEC_SOURCE_DIR "/specs/quectel-ftp/manual.xml"}).spec;
  return spec;
}

std::vector<Scenario> all(const spec::Spec& spec) { return cases(spec, {}); }

std::set<std::string> ids(const spec::Spec& spec) {
  std::set<std::string> out;
  for (const auto& one : all(spec)) out.insert(one.id);
  return out;
}

/// Every command line of every case.
std::set<std::string> lines(const spec::Spec& spec) {
  std::set<std::string> out;
  for (const auto& one : all(spec)) {
    for (const auto& step : one.body) {
      if (const auto* send = std::get_if<scenario::Send>(&step)) out.insert(send->line);
    }
  }
  return out;
}

std::string text_of(const spec::Spec& spec, std::string_view line) {
  for (const auto& one : all(spec)) {
    const std::string text = scenario::to_text(one);
    if (text.find("> " + std::string(line) + "\n") != std::string::npos) return text;
  }
  return {};
}

spec::Command copy_of(std::string name) {
  spec::Command command = *small().command("+SET");
  command.name = std::move(name);
  return command;
}

TEST(Cases, HaveIdsOfTheirOwn) {
  const auto cases = all(manual());
  EXPECT_GT(cases.size(), 100U);
  EXPECT_EQ(ids(manual()).size(), cases.size());
}

TEST(Cases, AreTheSameEachTime) { EXPECT_EQ(all(manual()), all(manual())); }

TEST(Cases, AreNamedByTheirFirstClauseAndWhatTheyDo) {
  for (const auto& one : all(manual())) {
    ASSERT_FALSE(one.purpose.empty()) << one.id;
    const std::string first = one.clauses.empty() ? "" : one.clauses.front();
    if (one.purpose.starts_with("worked example")) continue;  // those have names of their own
    EXPECT_THAT(one.id, testing::EndsWith("/" + scenario::stimulus_hash(one)));
    EXPECT_TRUE(first.empty() || one.id.starts_with(first + "/")) << one.id;
  }
}

TEST(Cases, AimOnlyAtClausesThatExist) {
  for (const auto& one : all(manual())) {
    for (const auto& clause : one.clauses) EXPECT_NE(manual().clause(clause), nullptr) << one.id << ": " << clause;
  }
}

TEST(Cases, ReadBackFromTheirText) {
  for (const auto& one : all(manual())) {
    const auto again = scenario::parse(scenario::to_text(one));
    ASSERT_TRUE(again) << again.error().message << "\n" << scenario::to_text(one);
    EXPECT_EQ(*again, one);
  }
}

TEST(Cases, ReachWhatTheyNeedFromPowerOnAndFromNothingKnown) {
  Planner planner(manual());
  for (const auto& one : all(manual())) {
    const auto fresh = planner.materialise(one, initial_states(manual()));
    EXPECT_TRUE(fresh) << one.id << ": " << (fresh ? "" : fresh.error());
    const auto unknown = planner.materialise(one, {});
    EXPECT_TRUE(unknown) << one.id << ": " << (unknown ? "" : unknown.error());
  }
}

TEST(Cases, ReachWhatTheyNeedFromAnOpenSession) {
  Planner planner(manual());
  States from = initial_states(manual());
  from["pdp"] = "active";
  from["ftp"] = "idle";
  for (const auto& one : all(manual())) {
    const auto full = planner.materialise(one, from);
    EXPECT_TRUE(full) << one.id << ": " << (full ? "" : full.error());
  }
}

TEST(Cases, WaitBehindEveryCommandLine) {
  for (const auto& one : all(manual())) {
    bool waiting = true;
    for (const auto& step : one.body) {
      const bool answered = std::holds_alternative<scenario::Wait>(step) ||
                            std::holds_alternative<scenario::Expect>(step) ||
                            std::holds_alternative<scenario::Pause>(step);
      if (answered) waiting = true;
      if (!std::holds_alternative<scenario::Send>(step)) continue;
      EXPECT_TRUE(waiting) << scenario::to_text(one);
      waiting = false;
    }
    EXPECT_TRUE(waiting) << scenario::to_text(one);
  }
}

TEST(Cases, ThatScriptTheServerSayThatTheyNeedTo) {
  for (const auto& one : all(manual())) {
    for (const auto& step : one.body) {
      const auto* peer = std::get_if<scenario::Peer>(&step);
      if (peer == nullptr) continue;
      const auto least =
          needs_scripted(peer->directive) ? scenario::PeerLevel::scripted : scenario::PeerLevel::observed;
      EXPECT_GE(one.peer, least) << scenario::to_text(one);
    }
  }
}

TEST(Cases, OfARangeStandAtBothEndsAndJustOutside) {
  EXPECT_THAT(lines(small()), IsSupersetOf({R"(AT+SET="limit",19)", R"(AT+SET="limit",20)", R"(AT+SET="limit",21)",
                                            R"(AT+SET="limit",179)", R"(AT+SET="limit",180)", R"(AT+SET="limit",181)",
                                            R"(AT+SET="limit",x)", R"(AT+SET="limit","20")", R"(AT+SET="limit")"}));
}

TEST(Cases, OfChoicesAreEachOfThemAndTheirNeighbours) {
  EXPECT_THAT(lines(small()), IsSupersetOf({R"(AT+SET="mode",-1)", R"(AT+SET="mode",0)", R"(AT+SET="mode",1)",
                                            R"(AT+SET="mode",2)", R"(AT+SET="mode")", R"(AT+SET="mode",0,1)"}));
}

TEST(Cases, OfALengthStandAtTheLimitAndOneBeyond) {
  EXPECT_THAT(lines(small()), IsSupersetOf({R"(AT+PUT="aaaaaaa",10)", R"(AT+PUT="aaaaaaaa",10)",
                                            R"(AT+PUT="aaaaaaaaa",10)", "AT+PUT=up.bin,10", R"(AT+PUT="up.bin")"}));
}

TEST(Cases, OfAParameterAimAtItsClauseFirst) {
  for (const auto& one : all(small())) {
    if (one.purpose.find("seconds=181") == std::string::npos) continue;
    EXPECT_TRUE(one.id.starts_with("LIMIT/")) << one.id;
  }
}

TEST(Cases, SendAsMuchDataAsTheyAnnounce) {
  EXPECT_THAT(text_of(small(), R"(AT+PUT="up.bin",2)"), HasSubstr("data size=2 seed=1"));
  EXPECT_THAT(text_of(small(), R"(AT+PUT="up.bin",10)"), HasSubstr("data size=10 seed=1"));
}

TEST(Cases, WaitForTheUrcOfARefusalThatMayComeAsOne) {
  EXPECT_THAT(text_of(small(), R"(AT+PUT="aaaaaaaaa",10)"), testing::EndsWith("wait final\nwait urc\n"));
  EXPECT_THAT(text_of(small(), R"(AT+SET="limit",19)"), testing::EndsWith("wait final\n"));
}

TEST(Cases, WaitForAFinalResultAsLongAsItMayTake) {
  const auto slow = [](const char* within) {
    std::string text(small_manual);
    const std::string plain = R"(<final effect="mode=kind">OK</final>)";
    text.replace(text.find(plain), plain.size(),
                 fmt::format(R"(<final within="{}" effect="mode=kind">OK</final>)", within));
    return text_of(spec_of(text), R"(AT+SET="mode",0)");
  };
  EXPECT_THAT(slow("150s"), testing::EndsWith("wait final within 152s\n"));
  EXPECT_THAT(slow("300ms"), testing::EndsWith("wait final\n")) << "longer than that is waited anyway";
}

TEST(Cases, TryTheFormsRefusalWhereWhatItNeedsIsNotThere) {
  bool found = false;
  for (const auto& one : all(small())) {
    found |= one.needs == std::map<std::string, std::string>{{"session", "closed"}} &&
             scenario::to_text(one).find("> AT+CLOSE\n") != std::string::npos;
  }
  EXPECT_TRUE(found);
}

TEST(Cases, PlayEachCodeOfTheProtocolTableAndASilentServer) {
  std::set<std::string> rules;
  for (const auto& one : all(small())) {
    for (const auto& step : one.body) {
      if (std::holds_alternative<scenario::Peer>(step)) rules.insert(scenario::to_text(step));
    }
  }
  for (const char* verb : {"PASS", "QUIT", "STOR"}) {
    EXPECT_THAT(rules, Contains("peer on " + std::string(verb) + R"( reply "550 unavailable")"));
    EXPECT_THAT(rules, Contains("peer on " + std::string(verb) + " stall"));
  }
}

TEST(Cases, ProvokeEachOfSeveralCommandsBehindAForm) {
  spec::Spec spec = small();
  for (auto& command : spec.commands) {
    for (auto& form : command.forms) {
      if (form.verbs == std::vector<std::string>{"STOR"}) form.verbs = {"RNFR", "RNTO"};
    }
  }
  std::set<std::string> rules;
  for (const auto& one : all(spec)) {
    for (const auto& step : one.body) {
      if (std::holds_alternative<scenario::Peer>(step)) rules.insert(scenario::to_text(step));
    }
  }
  for (const char* verb : {"RNFR", "RNTO"}) {
    EXPECT_THAT(rules, Contains("peer on " + std::string(verb) + R"( reply "550 unavailable")"));
    EXPECT_THAT(rules, Contains("peer on " + std::string(verb) + " stall"));
  }
}

TEST(Cases, OfACodeAimAtTheCodeAndAtItsPair) {
  for (const auto& one : all(small())) {
    if (scenario::to_text(one).find(R"(reply "550 unavailable")") == std::string::npos) continue;
    EXPECT_THAT(one.clauses, IsSupersetOf({"PROTO-550", "MAP-550"}));
  }
}

TEST(Cases, WithASilentServerCostTheirTimeInTheEstimate) {
  for (const auto& one : all(manual())) {
    if (scenario::to_text(one).find(" stall\n") == std::string::npos) continue;
    if (one.purpose.starts_with("worked example")) continue;  // its waits have the limits of its own commands
    EXPECT_GE(scenario::estimate(one), std::chrono::seconds(20)) << scenario::to_text(one);
  }
}

TEST(Cases, ComeFromTheExamplesWithTheirClauses) {
  std::set<std::string> named;
  for (const auto& one : all(manual())) named.insert(one.purpose);
  for (const auto& example : manual().examples) {
    EXPECT_TRUE(std::any_of(named.begin(), named.end(), [&](const auto& purpose) {
      return purpose.find(example.title) != std::string::npos;
    })) << example.id;
  }
}

TEST(Cases, OfARangeGoWithTheRange) {
  spec::Spec without = small();
  for (auto& command : without.commands) {
    for (auto& form : command.forms) {
      if (form.keyword == "limit") form.parameters[0].type.min.reset(), form.parameters[0].type.max.reset();
    }
  }
  EXPECT_THAT(lines(without), Not(Contains(R"(AT+SET="limit",181)")));
  EXPECT_THAT(lines(without), Not(Contains(R"(AT+SET="limit",19)")));
}

TEST(Cases, OfARuleGoWithTheRule) {
  spec::Spec without = small();
  const auto unprefixed = [](const spec::Spec& spec) {
    const auto cases = all(spec);
    return std::count_if(cases.begin(), cases.end(), [](const Scenario& one) {
      return std::find(one.clauses.begin(), one.clauses.end(), "NO-PREFIX") != one.clauses.end();
    });
  };
  EXPECT_GT(unprefixed(without), 0);
  std::erase_if(without.rules, [](const spec::Rule& rule) { return rule.name == "no-command-without-prefix"; });
  EXPECT_EQ(unprefixed(without), 0);
}

TEST(Cases, OfOtherCommandsKeepTheirIdsWhenOneIsAdded) {
  const std::set<std::string> before = ids(manual());
  spec::Spec longer = manual();
  longer.commands.push_back(copy_of("+NEW"));
  const std::set<std::string> after = ids(longer);
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  EXPECT_THAT(lines(longer), IsSupersetOf({"AT+NEW=?", R"(AT+NEW="limit",181)"}));
}

RC_GTEST_PROP(Cases, OfOtherCommandsKeepTheirIdsWhereverOneIsAdded, ()) {
  static const std::set<std::string> before = ids(small());
  spec::Spec longer = small();
  const auto at = *rc::gen::inRange<std::size_t>(0, longer.commands.size() + 1);
  spec::Command added = *small().command("+PUT");
  added.name = "+NEW";
  longer.commands.insert(longer.commands.begin() + static_cast<std::ptrdiff_t>(at), std::move(added));
  const std::set<std::string> after = ids(longer);
  RC_ASSERT(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  RC_ASSERT(after.size() > before.size());
}

RC_GTEST_PROP(Line, OfAnyRangeTheNeighboursOfItsEndsAreTried, ()) {
  const auto low = *rc::gen::inRange<std::int64_t>(-1000, 1000);
  const auto high = *rc::gen::inRange<std::int64_t>(low, 2000);
  spec::Spec spec = small();
  for (auto& command : spec.commands) {
    for (auto& form : command.forms) {
      if (form.keyword == "limit") form.parameters[0].type.min = low, form.parameters[0].type.max = high;
    }
  }
  const auto sent = lines(spec);
  for (const auto value : {low - 1, low, high, high + 1})
    RC_ASSERT(sent.contains(R"(AT+SET="limit",)" + std::to_string(value)));
}

TEST(Dictionary, HoldsTheWordsOfTheSpecInTheFormLibFuzzerReads) {
  const auto words = dictionary(small());
  EXPECT_THAT(words, IsSupersetOf({R"("+SET")", R"("\"limit\"")", R"("STOR")", R"("180")"}));
  for (const auto& word : words) {
    ASSERT_GE(word.size(), 3U);
    EXPECT_EQ(word.front(), '"');
    EXPECT_EQ(word.back(), '"');
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (word[i] != '\\') continue;
      EXPECT_THAT("\\\"x", HasSubstr(std::string(1, word[++i]))) << word;
    }
  }
}

}  // namespace
}  // namespace atspec::generate
