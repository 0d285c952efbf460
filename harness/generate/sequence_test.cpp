#include "harness/generate/sequence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/generate/plan.hpp"
#include "harness/generate/small_manual.hpp"
#include "harness/scenario/text.hpp"

namespace atspec::generate {
namespace {

const spec::Spec& manual() {
  static const spec::Spec spec = spec_of(small_manual);
  return spec;
}

std::vector<std::string> lines_of(const scenario::Scenario& one) {
  std::vector<std::string> out;
  for (const auto& step : one.body) {
    if (const auto* send = std::get_if<scenario::Send>(&step)) out.push_back(send->line);
  }
  return out;
}

bool has(const scenario::Scenario& one, std::string_view beginning) {
  const auto lines = lines_of(one);
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(beginning); });
}

TEST(Sequences, DependOnSeedAndNumberAlone) {
  const Sequences some(manual(), 1), same(manual(), 1), others(manual(), 2);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(some.at(i), same.at(i)) << i;
    ids.insert(some.at(i).id);
    ids.insert(others.at(i).id);
  }
  EXPECT_GT(ids.size(), 390U);
}

TEST(Sequences, CanBePlannedAndReadAgain) {
  const Sequences some(manual(), 3);
  Planner planner(manual());
  for (std::size_t i = 0; i < 200; ++i) {
    const auto one = some.at(i);
    const auto full = planner.materialise(one, initial_states(manual()));
    ASSERT_TRUE(full) << full.error();
    const auto read = scenario::parse(scenario::to_text(*full));
    ASSERT_TRUE(read) << read.error().message << '\n' << scenario::to_text(*full);
    EXPECT_EQ(*read, *full);
  }
}

TEST(Sequences, TryEveryCommandWithRightAndWrongArguments) {
  const Sequences some(manual(), 1);
  std::set<std::string> lines;
  for (std::size_t i = 0; i < 500; ++i) {
    for (auto& line : lines_of(some.at(i))) lines.insert(std::move(line));
  }
  for (const auto* one : {"AT+OPEN", "AT+CLOSE", "AT+ACT", "AT+DEACT", "ATE0", "AT+SET=?", R"(AT+SET="limit")",
                          R"(AT+SET="limit",20)", R"(AT+PUT="up.bin",10)"})
    EXPECT_TRUE(lines.contains(one)) << one;
  for (const auto& line : lines) {
    EXPECT_EQ(line.find_first_of("\r\n\b"), std::string::npos) << "would edit or end the line";
  }
}

TEST(Sequences, MostlyCallWhatTheStatesAllow) {
  const Sequences some(manual(), 1);
  std::size_t open = 0, uploads = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    const auto one = some.at(i);
    bool session = one.needs.contains("session") && one.needs.at("session") == "idle";
    for (const auto& line : lines_of(one)) {
      if (line == "AT+OPEN") session = true;
      if (line == "AT+CLOSE") session = false;
      if (!line.starts_with("AT+PUT=")) continue;
      ++uploads;
      if (session) ++open;
    }
  }
  EXPECT_GT(uploads, 300U);
  EXPECT_GT(open * 10, uploads * 7);
}

TEST(Sequences, ShrinkToTheCommandsThatMatterInTheirOrder) {
  const auto culprits = [](const scenario::Scenario& one) {
    const auto lines = lines_of(one);
    const auto limit =
        std::find_if(lines.begin(), lines.end(), [](const auto& l) { return l.starts_with(R"(AT+SET="limit",)"); });
    return limit != lines.end() && std::any_of(limit, lines.end(), [](const auto& l) { return l == "AT+CLOSE"; });
  };
  const Sequences some(manual(), 1);
  std::size_t shrunk = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    if (!culprits(some.at(i))) continue;
    ++shrunk;
    const auto least = some.shrink(i, culprits, 10'000);
    EXPECT_TRUE(least.smallest);
    EXPECT_TRUE(culprits(least.scenario));
    EXPECT_LE(lines_of(least.scenario).size(), 3U) << "a session may have to be opened between\n"
                                                   << scenario::to_text(least.scenario);
    EXPECT_EQ(least.scenario.peer, scenario::PeerLevel::observed) << "faults do not matter";
  }
  EXPECT_GT(shrunk, 10U);
}

TEST(Sequences, TakeTheSampleThatGoesWithTheState) {
  const auto manual = spec_of(std::string(small_manual) + R"xml(
<command name="+DIAL" section="7" title="dial" source="small">
  <write><parameter name="port" base="integer" min="1" max="65535" sample="${ftp.port}">
      <sample when="mode = 1">${ftps.port}</sample></parameter>
    <outcome name="bad" when="invalid"><final>ERROR</final></outcome>
    <outcome name="dialled"><final>OK</final></outcome></write>
</command>)xml");
  std::map<std::string, int> dialled;
  const auto look = [&](const scenario::Scenario& one) {
    std::string mode = "0";
    for (const auto& line : lines_of(one)) {
      if (line.starts_with(R"(AT+SET="mode",)")) mode = line.substr(line.find(',') + 1);
      if (mode != "0" && mode != "1") break;  // an odd value: not ours to judge
      if (line == "AT+DIAL=${ftp.port}" || line == "AT+DIAL=${ftps.port}") {
        EXPECT_EQ(line.find("ftps") != std::string::npos, mode == "1") << scenario::to_text(one);
      }
      ++dialled[line];
    }
    return has(one, "AT+DIAL=${ftp");
  };
  const Sequences some(manual, 1);
  for (std::size_t i = 0; i < 1000; ++i) {
    if (look(some.at(i)) && i < 20) some.shrink(i, look, 200);
  }
  EXPECT_GT(dialled["AT+DIAL=${ftp.port}"], 20);
  EXPECT_GT(dialled["AT+DIAL=${ftps.port}"], 20);
}

TEST(Sequences, AreShrunkWithinTheTriesThereAre) {
  const Sequences some(manual(), 1);
  std::size_t asked = 0;
  const auto never = some.shrink(0, [&](const auto&) { return ++asked, false; }, 5);
  EXPECT_EQ(asked, never.tried);
  EXPECT_LE(asked, 5U);
  EXPECT_EQ(never.scenario, some.at(0));
}

TEST(Sequences, OfASessionKeepTheCommandThatOpensIt) {
  // a command whose needs were met is not left alone without what met them
  const Sequences some(manual(), 1);
  for (std::size_t i = 0; i < 200; ++i) {
    const auto one = some.at(i);
    if (one.needs.contains("session") || !has(one, "AT+OPEN") || !has(one, "AT+CLOSE")) continue;
    const auto least = some.shrink(i, [](const auto& s) { return has(s, "AT+CLOSE"); }, 10'000);
    if (lines_of(least.scenario).size() > 1) {
      EXPECT_TRUE(has(least.scenario, "AT+OPEN")) << scenario::to_text(least.scenario);
      return;
    }
  }
  ADD_FAILURE() << "no sequence opens and closes";
}

}  // namespace
}  // namespace atspec::generate
