#include "harness/scenario/text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>

#include "harness/scenario/words.hpp"

namespace atspec::scenario {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view sample = R"(case QFTPSIZE-05/a1f30c55            # stable
purpose the size of a 1000-byte file, with a slow server
clause QFTPSIZE-05 QFTPSIZE-10
needs ftp=idle cwd="/my dir" peer=scripted
peer file a.bin size=1000 seed=7
peer on SIZE delay 15s
> AT+QFTPSIZE="a.bin"
wait final
wait urc +QFTPSIZE within 90s
)";

Scenario parsed(std::string_view text) {
  auto scenario = parse(text);
  EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().message);
  return scenario.value_or(Scenario{});
}

std::string complaint(std::string_view text) {
  const auto scenario = parse(text);
  if (scenario) return "accepted";
  return fmt::format("{}:{}: {}", scenario.error().line, scenario.error().column, scenario.error().message);
}

TEST(ScenarioText, EveryLineOfTheSampleIsUnderstood) {
  const Scenario scenario = parsed(sample);
  EXPECT_EQ(scenario.id, "QFTPSIZE-05/a1f30c55");
  EXPECT_EQ(scenario.purpose, "the size of a 1000-byte file, with a slow server");
  EXPECT_THAT(scenario.clauses, testing::ElementsAre("QFTPSIZE-05", "QFTPSIZE-10"));
  EXPECT_EQ(scenario.needs, (std::map<std::string, std::string>{{"ftp", "idle"}, {"cwd", "/my dir"}}));
  EXPECT_EQ(scenario.peer, PeerLevel::scripted);
  EXPECT_FALSE(scenario.materialised);
  const std::vector<Step> body{Peer{PeerFile{"a.bin", 1000, 7, std::nullopt}},
                               Peer{PeerRule{"SIZE", PeerRule::Action::delay, "", 15s, std::nullopt}},
                               Send{R"(AT+QFTPSIZE="a.bin")"}, Wait{}, Wait{Wait::For::urc, "+QFTPSIZE", 90s}};
  EXPECT_EQ(scenario.body, body);
}

TEST(ScenarioText, EachKindOfStepIsReadAndWrittenTheSameWay) {
  for (const std::string_view line : {"> AT",
                                      ">",
                                      ">   AT \\\\ \\x01 \"",
                                      "< +QFTPSIZE: 0,*",
                                      "raw \"AT\\x08T\\r\"",
                                      "wait connect within 2min",
                                      "wait urc",
                                      "data size=1000 seed=3",
                                      "data size=5",
                                      "data \"a b\\r\\n\"",
                                      "escape",
                                      "pause 1200ms",
                                      "chunk 1",
                                      "line-end crlf",
                                      "line-end cr",
                                      "dtr on",
                                      "dtr off",
                                      "break",
                                      "reset",
                                      "peer file b.txt text=\"hello\\r\\n\"",
                                      "peer dir \"my TEST\"",
                                      "peer on RETR reply \"550 No such file\"",
                                      "peer on STOR stall",
                                      "peer on CONNECT close",
                                      "peer on * reset",
                                      "peer on RETR preface \"150-Soon\\r\\n\" times 2",
                                      "peer on STOR half-close times 1",
                                      "peer on SIZE raw \"213 5\"",
                                      "peer on SIZE raw \"\"",
                                      "peer on CONNECT raw \"22\" \"0 he\" \"llo\\r\\n\" every 300ms times 1",
                                      "peer on SIZE raw \"21\" \"\" every 0",
                                      "peer on * stray \"226 Late\" after 2s times 3",
                                      "peer on CONNECT refuse",
                                      "peer on CONNECT refuse for 30s",
                                      "peer on DATA refuse",
                                      "peer on DATA refuse times 1",
                                      "peer on TLS alert",
                                      "peer on DATA-TLS truncate times 1",
                                      "peer on DATA-TLS resume",
                                      "peer on DATA-TLS no-notify",
                                      "peer on SIZE reply \"213 5\" times 1",
                                      "peer cut data after 500",
                                      "peer cut data after 0 reset",
                                      "peer cut data after 7 reset reply \"226 Done\"",
                                      "peer cut data after 7 reply \"\"",
                                      "peer stall data after 500",
                                      "peer stall data after 0 for 30s",
                                      "peer data elsewhere",
                                      "peer data misnamed"}) {
    const Scenario scenario = parsed(line);
    ASSERT_EQ(scenario.body.size(), 1U) << line;
    EXPECT_EQ(to_text(scenario.body.front()), line);
  }
}

TEST(ScenarioText, WhatStandsBeforeBodyIsTheSetUp) {
  const Scenario scenario = parsed("> AT\nwait final\nbody\n> ATI\n");
  EXPECT_TRUE(scenario.materialised);
  EXPECT_EQ(scenario.set_up.size(), 2U);
  EXPECT_EQ(scenario.body, (std::vector<Step>{Send{"ATI"}}));
}

TEST(ScenarioText, AClauseLineHoldsForTheClaimsUpToTheNextOne) {
  const Scenario scenario = parsed("clause A\n> AT\n< OK\n< X\nclause B C\n< Y\nclause\n< Z\n");
  EXPECT_THAT(scenario.clauses, testing::ElementsAre("A", "B", "C"));
  const std::vector<Step> body{Send{"AT"}, Expect{"OK", {"A"}}, Expect{"X", {"A"}}, Expect{"Y", {"B", "C"}},
                               Expect{"Z", {}}};
  EXPECT_EQ(scenario.body, body);
  EXPECT_EQ(parsed(to_text(scenario)), scenario);
}

TEST(ScenarioText, BlankLinesCommentsIndentationAndWindowsLineEndsAreNoMatter) {
  EXPECT_EQ(parsed("\r\n  # note\r\n\t> AT\r\n  pause 1s # note\r\n"), parsed("> AT\npause 1s\n"));
}

TEST(ScenarioText, AnErrorTellsLineColumnAndWhatIsWrong) {
  EXPECT_EQ(complaint("> AT\n  foo bar\n"), "2:3: there is no step `foo`");
  EXPECT_EQ(complaint(">AT"), "1:2: a blank stands after `>`");
  EXPECT_EQ(complaint("> AT\\q"), "1:5: after a backslash comes one of r n t \\ \" or xHH");
  EXPECT_EQ(complaint("> A\x01"), "1:4: this byte is to be written as \\x01");
  EXPECT_EQ(complaint("raw \"AT"), "1:5: the closing quote is missing");
  EXPECT_EQ(complaint("raw AT"), "1:5: what is sent stands in quotes");
  EXPECT_EQ(complaint("pause soon"), "1:7: the pause looks like 300ms, 15s or 2min");
  EXPECT_EQ(complaint("pause"), "1:6: the pause is missing");
  EXPECT_EQ(complaint("wait final +X"), "1:12: `+X` is too much here");
  EXPECT_EQ(complaint("wait"), "1:5: final, connect or urc comes here");
  EXPECT_EQ(complaint("escape now"), "1:8: `now` is too much here");
  EXPECT_EQ(complaint("needs ftp"), "1:7: state=value comes here");
  EXPECT_EQ(complaint("needs a=1 a=2"), "1:11: `a` is said twice");
  EXPECT_EQ(complaint("needs peer=some"), "1:7: the peer is one of none, blind, observed, scripted");
  EXPECT_EQ(complaint("> AT\nneeds a=1"), "2:1: this line stands before the first step");
  EXPECT_EQ(complaint("case a\ncase b"), "2:1: only one case is expected, begun by this line");
  EXPECT_EQ(complaint("body\nbody"), "2:1: a second `body`");
  EXPECT_EQ(complaint("peer file a size=99999999999"), "1:13: size is a number up to 1073741824");
  EXPECT_EQ(complaint("peer file a size=1 text=\"\""), "1:20: either a text or a size");
  EXPECT_EQ(complaint("peer on SIZE sulk"),
            "1:14: one of reply, raw, delay, stall, close, half-close, reset, preface, stray, refuse comes here");
  for (const std::string_view line : {"peer on SIZE alert", "peer on SIZE refuse", "peer on DATA stall",
                                      "peer on TLS raw \"\"", "peer on TLS half-close"})
    EXPECT_THAT(complaint(line), testing::EndsWith("refuse for CONNECT and DATA, and nothing else for DATA")) << line;
  EXPECT_EQ(complaint("peer on SIZE raw"), "1:17: the reply is missing");
  EXPECT_EQ(complaint("peer on SIZE raw \"a\" \"b\""), "1:25: `every` and a time come here");
  EXPECT_EQ(complaint("peer on SIZE raw \"a\" \"b\" every \"c\""), "1:32: a time looks like 300ms, 15s or 2min");
  EXPECT_EQ(complaint("peer on SIZE raw \"a\" every 1s"), "1:22: `every` is too much here");
  EXPECT_EQ(complaint("peer on SIZE stray \"a\""), "1:23: `after` and a time come here");
  EXPECT_EQ(complaint("peer on SIZE stray \"a\" after"), "1:29: the time is missing");
  EXPECT_EQ(complaint("peer on CONNECT refuse for 0s"), "1:28: a port is closed for more than no time");
  EXPECT_EQ(complaint("peer on CONNECT refuse times 1"),
            "1:30: a closed port counts nobody: `for` and a time, not `times`");
  EXPECT_EQ(complaint("peer on DATA refuse for 1s"), "1:21: `for` is too much here");
  EXPECT_EQ(complaint("data"), "1:5: size=N or a text in quotes comes here");
  EXPECT_EQ(complaint("chunk -1"), "1:7: the size of a piece is a number from 0 to 4294967295");
}

TEST(ScenarioText, SeveralCasesAreSplitAtTheirCaseLines) {
  const auto two = parse_all("# both\ncase a\n> AT\ncase b\nclause X\n> ATI\nbody\n");
  ASSERT_TRUE(two);
  ASSERT_EQ(two->size(), 2U);
  EXPECT_EQ(to_text((*two)[0]), "case a\n> AT\n");
  EXPECT_EQ(to_text((*two)[1]), "case b\nclause X\n> ATI\nbody\n");
  EXPECT_EQ(parse_all("> AT").error().message, "a `case` line comes first");
  EXPECT_TRUE(parse_all("")->empty());
}

TEST(ScenarioText, APeerDirectiveIsReadOnItsOwn) {
  EXPECT_EQ(parse_peer_directive("dir TEST"), PeerDirective(PeerDirectory{"TEST"}));
  EXPECT_EQ(parse_peer_directive("dir").error(), "the path of the directory is missing");
  EXPECT_TRUE(needs_scripted(*parse_peer_directive("cut data after 1")));
  EXPECT_FALSE(needs_scripted(*parse_peer_directive("file a")));
}

TEST(Scenario, ContentIsTheTextOrThePattern) {
  EXPECT_EQ(content(Data{.text = "abc"}), "abc");
  EXPECT_EQ(content(Data{.size = 9, .seed = 4}), io::pattern(9, 4));
  EXPECT_EQ(content(PeerFile{.path = "a", .size = 9, .seed = 4}), io::pattern(9, 4));
}

TEST(Scenario, TheHashDependsOnTheStimulusAlone) {
  const Scenario scenario = parsed(sample);
  Scenario other = scenario;
  other.id = "else", other.purpose = "else", other.clauses = {"else"}, other.materialised = true,
  other.set_up = {Escape{}};
  EXPECT_EQ(stimulus_hash(scenario).size(), 8U);
  EXPECT_EQ(stimulus_hash(scenario), stimulus_hash(other));
  other.needs["ftp"] = "closed";
  EXPECT_NE(stimulus_hash(scenario), stimulus_hash(other));
  other = scenario, other.peer = PeerLevel::none;
  EXPECT_NE(stimulus_hash(scenario), stimulus_hash(other));
  other = scenario, other.body.pop_back();
  EXPECT_NE(stimulus_hash(scenario), stimulus_hash(other));
}

TEST(Scenario, TheEstimateAddsPausesGuardTimesAndWhatThePeerDelays) {
  EXPECT_EQ(estimate(parsed(sample)), 15s);
  EXPECT_EQ(estimate(parsed("pause 1s\nescape\nbody\npause 2s\n")), 5200ms);
  EXPECT_EQ(estimate(parsed("peer on SIZE stall\n> AT\nwait final\nwait urc within 30s\nwait urc within 40s\n")), 30s);
  EXPECT_EQ(estimate(parsed("peer on SIZE raw \"21\" \"3 5\" \"\\r\\n\" every 300ms\n> AT\nwait final\nwait urc\n")),
            600ms);
  EXPECT_EQ(estimate(parsed("peer on SIZE raw \"213 5\"\n> AT\nwait final\nwait urc within 30s\n")), 30s);
  const std::string longest = "pause 9223372036854775807us\n";
  EXPECT_EQ(estimate(parsed("peer on SIZE stall\n> AT\nwait final\nwait urc\n")), 10s) << "or until it gives up";
  EXPECT_EQ(estimate(parsed(longest + longest)), io::Duration::max());
}

// Scenarios of all shapes that the text form can hold.

rc::Gen<std::string> bytes() { return rc::gen::container<std::string>(rc::gen::arbitrary<char>()); }
rc::Gen<std::string> some_bytes() { return rc::gen::nonEmpty(bytes()); }
rc::Gen<io::Duration> durations() {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000),
                      [](std::int64_t us) { return io::Duration(us); });
}
template <typename T>
rc::Gen<std::optional<T>> maybe(rc::Gen<T> gen) {
  return rc::gen::oneOf(rc::gen::just(std::optional<T>{}),
                        rc::gen::map(std::move(gen), [](T value) { return std::optional(value); }));
}

PeerDirective any_directive() {
  using Action = PeerRule::Action;
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return PeerFile{
          *bytes(), *rc::gen::inRange<std::uint64_t>(0, 1U << 30), *rc::gen::arbitrary<std::uint64_t>(), {}};
    case 1:
      return PeerFile{*bytes(), 0, 0, *bytes()};
    case 2:
      return PeerDirectory{*bytes()};
    case 3:
      return PeerCut{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<bool>(), *maybe(bytes())};
    case 4:
      return PeerRule{.verb = "CONNECT", .action = Action::refuse, .duration = *durations()};
    case 5:
      return PeerRule{.verb = "DATA", .action = Action::refuse, .times = *maybe(rc::gen::arbitrary<unsigned>())};
    default:
      break;
  }
  PeerRule rule{.verb = *rc::gen::element<std::string>("SIZE", "*", "CONNECT", "RE TR", "\"")};
  rule.action = *rc::gen::element(Action::reply, Action::delay, Action::stall, Action::close, Action::reset,
                                  Action::preface, Action::raw, Action::stray, Action::half_close);
  const bool says = rule.action == Action::reply || rule.action == Action::preface || rule.action == Action::raw ||
                    rule.action == Action::stray;
  if (says) rule.text = *bytes();
  if (rule.action == Action::raw) rule.more = *rc::gen::container<std::vector<std::string>>(bytes());
  if (rule.action == Action::delay || rule.action == Action::stray || !rule.more.empty()) rule.duration = *durations();
  rule.times = *maybe(rc::gen::arbitrary<unsigned>());
  return rule;
}

std::vector<std::string> any_clauses() {
  return *rc::gen::unique<std::vector<std::string>>(
      rc::gen::oneOf(rc::gen::element<std::string>("A", "B", "#", ""), bytes()));
}

Step any_step() {
  switch (*rc::gen::inRange(0, 13)) {
    case 0:
      return Send{*bytes()};
    case 1:
      return Raw{*bytes()};
    case 2:
      return Wait{static_cast<Wait::For>(*rc::gen::inRange(0, 2)), "", *maybe(durations())};
    case 3:
      return Wait{Wait::For::urc, *rc::gen::oneOf(some_bytes(), rc::gen::just<std::string>("within")),
                  *maybe(durations())};
    case 4:
      return Expect{*some_bytes(), any_clauses()};
    case 5:
      return Data{*rc::gen::inRange<std::uint64_t>(0, 1U << 30), *rc::gen::arbitrary<std::uint64_t>(), {}};
    case 6:
      return Data{0, 0, *bytes()};
    case 7:
      return Escape{};
    case 8:
      return Pause{*durations()};
    case 9:
      return Chunk{*rc::gen::arbitrary<unsigned>()};
    case 10:
      return *rc::gen::arbitrary<bool>() ? Step(LineEnd{true}) : Step(LineEnd{false});
    case 11:
      return Dtr{*rc::gen::arbitrary<bool>()};
    case 12:
      return *rc::gen::arbitrary<bool>() ? Step(Break{}) : Step(Reset{});
    default:
      return Peer{any_directive()};
  }
}

std::vector<Step> any_steps() {
  std::vector<Step> steps(*rc::gen::inRange<std::size_t>(0, 12));
  for (Step& step : steps) step = any_step();
  return steps;
}

Scenario any_scenario() {
  Scenario scenario;
  scenario.id = *bytes();
  scenario.purpose = *bytes();
  scenario.clauses = any_clauses();
  scenario.needs = *rc::gen::container<std::map<std::string, std::string>>(some_bytes(), bytes());
  scenario.needs.erase("peer");
  scenario.peer = static_cast<PeerLevel>(*rc::gen::inRange(0, 4));
  scenario.materialised = *rc::gen::arbitrary<bool>();
  if (scenario.materialised) scenario.set_up = any_steps();
  scenario.body = any_steps();
  for (auto* steps : {&scenario.set_up, &scenario.body}) {  // what is claimed is aimed at
    for (const Step& step : *steps) {
      if (const auto* expect = std::get_if<Expect>(&step)) {
        for (const auto& clause : expect->clauses) {
          if (std::find(scenario.clauses.begin(), scenario.clauses.end(), clause) == scenario.clauses.end())
            scenario.clauses.push_back(clause);
        }
      }
    }
  }
  return scenario;
}

RC_GTEST_PROP(ScenarioProperty, ReadingWhatWasWrittenGivesTheSame, ()) {
  const Scenario scenario = any_scenario();
  const std::string text = to_text(scenario);
  const auto again = parse(text);
  RC_LOG() << text << (again ? "" : again.error().message);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == scenario);
  RC_ASSERT(to_text(*again) == text);
}

RC_GTEST_PROP(ScenarioProperty, TheTextIsPrintableLines, ()) {
  for (const char c : to_text(any_scenario())) RC_ASSERT(c == '\n' || (c >= 0x20 && c < 0x7F));
}

RC_GTEST_PROP(ScenarioProperty, AnyBytesAreReadOrRefusedAndWhatIsReadIsWrittenBack, ()) {
  // cut and spliced scenarios get further than noise does
  std::string text = to_text(any_scenario());
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
  text.replace(at, *rc::gen::inRange<std::size_t>(0, 9), *bytes());
  for (const auto& input : {text, *bytes()}) {
    const auto scenario = parse(input);
    static_cast<void>(parse_all(input));
    if (!scenario) {
      RC_ASSERT(scenario.error().line >= 1 && scenario.error().column >= 1 && !scenario.error().message.empty());
      continue;
    }
    const auto again = parse(to_text(*scenario));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == *scenario);
  }
}

TEST(ScenarioText, HostileTextTakesLinearTime) {
  // eight times the text, measured in the same breath: squares would take 64 times as long
  const auto best = [](const std::string& text) {
    double out = 1e9;
    for (int i = 0; i < 3; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      static_cast<void>(parse(text));
      static_cast<void>(parse_all(text));
      out = std::min(out, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    return out;
  };
  const auto growth = [&](const auto& text_of) { return best(text_of(80'000)) / best(text_of(10'000)); };
  for (const std::string_view piece :
       {"clause A B C\n", "> \\\\\\\\\n", "a=\"\" ", "raw \"", "needs x=1\n", "< x\nclause y\n", "case a\n", "\\x41"}) {
    EXPECT_LT(growth([&](int pieces) {
                std::string text;
                for (int i = 0; i < pieces; ++i) text += piece;
                return text;
              }),
              32)
        << piece;
  }
  EXPECT_LT(growth([](int words) {
              std::string needs = "needs";
              for (int i = 0; i < words; ++i) needs += fmt::format(" k{}=1", i);
              return needs;
            }),
            32);
  const auto claims = [](int words) {
    std::string clauses = "clause";
    for (int i = 0; i < words; ++i) clauses += fmt::format(" c{}", i);
    for (int i = 0; i < words; ++i) clauses += i == 0 ? "\n< x\n" : "< x\n";
    return clauses;
  };
  EXPECT_LT(growth(claims), 32);
  EXPECT_FALSE(parse(claims(80'000)));
}

}  // namespace
}  // namespace atspec::scenario
