#include "harness/run/runner.hpp"

#include <chrono>
#include <deque>
#include <functional>

#include "harness/generate/small_manual.hpp"
#include "harness/run/suite.hpp"
#include "harness/scenario/text.hpp"

namespace atspec::run {
namespace {

using namespace std::chrono_literals;
using result::Verdict;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const spec::Spec& manual() {
  static const spec::Spec spec = generate::spec_of(generate::small_manual);
  return spec;
}

scenario::Scenario parsed(std::string_view text) {
  auto out = scenario::parse(text);
  EXPECT_TRUE(out) << out.error().message;
  return *out;
}

/// A device that is a function from a command line to what it says, on a bench whose clock jumps.
class FakeBench : public target::Bench {
 public:
  std::function<std::string(const std::string&)> device = [](const std::string&) { return "\r\nOK\r\n"; };
  std::function<void()> restarted;  ///< none: it cannot be
  std::function<void()> polled;     ///< none: nobody looks
  scenario::PeerLevel level = scenario::PeerLevel::none;
  bool fresh = false, is_virtual = false, lost = false;
  bool in_data_mode = false;    ///< then it hears nothing but +++
  std::size_t largest_arrival;  ///< what it says comes in pieces
  std::map<std::string, std::string> known_tokens = {{"ftp.user", "anna"}, {"ftp.pass", "Kn8sesam"}};
  std::vector<std::string> heard;  ///< command lines
  std::vector<std::string> did;
  std::vector<target::PeerFileState> peer_files;
  std::set<std::string> lacks;

  FakeBench() : largest_arrival(1 << 20) {}

  io::Time now() const override { return now_; }
  bool virtual_clock() const override { return is_virtual; }
  scenario::PeerLevel peer_level() const override { return level; }
  const std::map<std::string, std::string>& tokens() const override { return known_tokens; }
  std::set<std::string> lacking() const override { return lacks; }
  std::expected<bool, target::Lost> begin() override {
    if (lost) return std::unexpected(target::Lost{"unplugged"});
    to_say_.clear();
    return fresh;
  }
  std::expected<void, target::Unsupported> peer(const scenario::PeerDirective& directive) override {
    did.push_back(scenario::to_text(directive));
    return {};
  }
  std::expected<std::vector<target::PeerFileState>, target::Unsupported> files() override {
    if (level < scenario::PeerLevel::observed) return std::unexpected(target::Unsupported{"nobody can look"});
    did.emplace_back("files");
    return peer_files;
  }
  std::vector<trace::Chunk> take_peer_log() override { return {}; }
  std::expected<void, target::Lost> write(io::ByteView bytes) override {
    if (lost) return std::unexpected(target::Lost{"unplugged"});
    for (const char c : bytes) {
      line_ += c;
      if (in_data_mode) {
        if (!line_.ends_with("+++")) continue;
        in_data_mode = false;
        line_.clear();
        say("\r\nOK\r\n");
      } else if (c == '\r') {
        line_.pop_back();
        heard.push_back(line_);
        say(device(std::exchange(line_, {})));
      }
    }
    return {};
  }
  std::expected<std::optional<Arrival>, target::Lost> poll(io::Time deadline) override {
    if (lost) return std::unexpected(target::Lost{"unplugged"});
    if (polled) polled();
    if (to_say_.empty()) {
      now_ = std::max(now_, deadline);
      return std::nullopt;
    }
    now_ += 1ms;
    Arrival out{now_, std::move(to_say_.front())};
    to_say_.pop_front();
    return out;
  }
  std::expected<void, target::Unsupported> set_dtr(bool) override {
    return std::unexpected(target::Unsupported{"no DTR on this line"});
  }
  std::expected<void, target::Unsupported> send_break() override { return {}; }
  std::expected<void, target::Unsupported> reset() override {
    if (!restarted) return std::unexpected(target::Unsupported{"no way to restart it"});
    restarted();
    return {};
  }

 private:
  void say(const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += largest_arrival)
      to_say_.push_back(bytes.substr(at, largest_arrival));
  }
  io::Time now_{};
  std::string line_;
  std::deque<std::string> to_say_;
};

class Running : public testing::Test {
 protected:
  result::CaseResult run(std::string_view text) {
    auto out = runner().run(parsed(text));
    EXPECT_TRUE(out) << out.error().reason;
    return out.value_or(result::CaseResult{});
  }
  Runner& runner() {
    if (!runner_) runner_ = std::make_unique<Runner>(manual(), bench, options);
    return *runner_;
  }
  void forget() { runner_.reset(); }
  FakeBench bench;
  Options options;

 private:
  std::unique_ptr<Runner> runner_;
};

TEST_F(Running, PassesWhatKeepsTheManual) {
  const auto one = run("case SET/1\npurpose p\nclause SET\n> AT+SET=?\nwait final\n");
  EXPECT_EQ(one.verdict, Verdict::pass) << one.reason;
  EXPECT_EQ(one.command, "+SET");
  EXPECT_THAT(one.scenario, HasSubstr("body\n> AT+SET=?"));
  EXPECT_EQ(one.checks.at("SET").fired, 1U);
}

TEST_F(Running, FailsWhatDoesNot) {
  bench.device = [](const std::string& line) { return line == "AT+SET=?" ? "\r\nERROR\r\n" : "\r\nOK\r\n"; };
  const auto one = run("case SET/1\n> AT+SET=?\nwait final\n");
  EXPECT_EQ(one.verdict, Verdict::fail);
  EXPECT_THAT(one.findings, Not(IsEmpty()));
}

TEST_F(Running, WhatFailsNowAndThenIsFlakyAndNeverPassed) {
  const std::vector<scenario::Scenario> cases = {parsed("case SET/1\n> AT+SET=?\nwait final\n")};
  const Stop stop;
  const auto nobody = [](const result::CaseResult&, std::size_t) {};
  int asked = 0;
  const auto tried = [&](int refused) {
    asked = 0;
    bench.device = [&asked, refused](const std::string& line) {
      return line == "AT+SET=?" && asked++ < refused ? "\r\nERROR\r\n" : "\r\nOK\r\n";
    };
    result::Result out;
    run_suite(runner(), cases, {}, nullptr, nobody, stop, out, {2});
    return out.cases.at(0);
  };
  const auto flaky = tried(1);
  EXPECT_EQ(flaky.verdict, Verdict::flaky);
  EXPECT_EQ(flaky.reason, "1 of 3 attempts failed");
  ASSERT_EQ(flaky.attempts.size(), 3U);
  EXPECT_EQ(flaky.attempts[0].verdict, Verdict::fail);
  EXPECT_EQ(flaky.attempts[2].verdict, Verdict::pass);
  EXPECT_EQ(tried(3).verdict, Verdict::fail) << "every time the same";
  EXPECT_THAT(tried(0).attempts, IsEmpty());
}

TEST_F(Running, GivesUpWithinAMomentOfALongWaitAndNotBeforeItIsAsked) {
  std::atomic<bool> give_up{false};
  options.give_up = &give_up;
  bench.device = [](const std::string& line) { return line == "AT+SET=?" ? "" : "\r\nOK\r\n"; };
  const auto slow = parsed("case SET/1\n> AT+SET=?\nwait final within 180s\n");
  const auto begun = bench.now();
  ASSERT_TRUE(runner().run(slow)) << "the whole wait";
  EXPECT_GT(bench.now() - begun, 180s);
  bench.polled = [&] { give_up = bench.now() - begun > 200s; };
  const auto given_up = runner().run(slow);
  ASSERT_FALSE(given_up);
  EXPECT_LT(bench.now() - begun, 200s + 2 * options.waits.notice);
}

TEST_F(Running, LeavesOutWhatTheBenchCannotDoAndSaysWhy) {
  const auto scripted = run("case A/1\nneeds peer=scripted\n> AT+SET=?\nwait final\n");
  EXPECT_EQ(scripted.verdict, Verdict::none);
  EXPECT_EQ(scripted.reason, "needs scripted peer");
  EXPECT_THAT(bench.heard, IsEmpty());
  bench.level = scenario::PeerLevel::observed;
  bench.lacks = {"STOR"};
  const auto unknown = run("case A/3\nneeds peer=observed\n> AT+PUT=\"a\",1\nwait final\n");
  EXPECT_EQ(unknown.reason, "needs a server that knows STOR");
  EXPECT_THAT(bench.heard, IsEmpty());
  const auto dtr = run("case A/2\ndtr off\n> AT+SET=?\nwait final\n");
  EXPECT_EQ(dtr.verdict, Verdict::none);
  EXPECT_THAT(dtr.reason, HasSubstr("DTR"));
}

TEST_F(Running, LeavesOutWhatNeedsAThingTheBenchIsNotKnownToHave) {
  for (const generate::States& known : {generate::States{}, generate::States{{"card", "no"}}}) {
    options.reference = known;
    const auto one = run("case A/1\nneeds card=yes\n> AT+SET=?\nwait final\n");
    EXPECT_EQ(one.verdict, Verdict::none);
    EXPECT_EQ(one.reason, "needs card=yes");
    EXPECT_THAT(bench.heard, IsEmpty());
    forget();
  }
  options.reference = {{"card", "yes"}};
  EXPECT_EQ(run("case A/1\nneeds card=yes\n> AT+SET=?\nwait final\n").verdict, Verdict::pass);
}

TEST_F(Running, SetsUpOnlyWhatIsNotKnownToBeThere) {
  run("case A/1\n> AT+SET=?\nwait final\n");
  EXPECT_THAT(bench.heard, Contains("ATE0"));
  bench.heard.clear();
  run("case A/2\n> AT+SET=?\nwait final\n");
  EXPECT_THAT(bench.heard, ElementsAre("AT+SET=?"));
  bench.heard.clear();
  run("case A/3\nneeds limit=20\n> AT+SET=?\nwait final\n");
  EXPECT_THAT(bench.heard, ElementsAre(R"(AT+SET="limit",20)", "AT+SET=?"));
}

TEST_F(Running, KnowsAFreshDeviceByItsManual) {
  bench.fresh = bench.is_virtual = true;
  for (const char* id : {"A/1", "A/2"}) {
    bench.heard.clear();
    run("case " + std::string(id) + "\n> AT+SET=?\nwait final\n");
    EXPECT_THAT(bench.heard, ElementsAre("ATE0", R"(AT+SET="mode",0)", "AT+SET=?"));
  }
}

TEST_F(Running, KnowsTheAccountByItsTokensFromCaseToCase) {
  run("case A/1\nneeds user=${ftp.user}\n> AT+SET=?\nwait final\n");
  bench.heard.clear();
  run("case A/2\nneeds user=${ftp.user} password=${ftp.pass}\n> AT+SET=?\nwait final\n");
  EXPECT_THAT(bench.heard, ElementsAre("AT+SET=?"));
}

TEST_F(Running, BringsADeviceOutOfDataModeBeforeTheFirstCase) {
  bench.in_data_mode = true;
  const auto one = run("case A/1\n> AT+SET=?\nwait final\n");
  EXPECT_EQ(one.verdict, Verdict::pass) << one.reason;
}

TEST_F(Running, RecoversWhereACaseLeftTheDeviceInDataMode) {
  bench.device = [this](const std::string& line) {
    if (line != "AT+SET=?") return "\r\nOK\r\n";
    bench.in_data_mode = true;
    return "\r\nCONNECT\r\n";
  };
  const auto bad = run("case A/1\n> AT+SET=?\nwait final\n");
  EXPECT_NE(bad.verdict, Verdict::pass);
  const auto next = run("case A/2\n> AT+SET=\"mode\",1\nwait final\n");
  EXPECT_EQ(next.verdict, Verdict::pass) << next.reason;
}

TEST_F(Running, TakesNothingForKnownAfterAWaitRanOut) {
  bench.device = [](const std::string& line) { return line == "AT+SET=?" ? "" : "\r\nOK\r\n"; };
  run("case A/1\n> AT+SET=?\nwait final\n");
  bench.heard.clear();
  run("case A/2\n> AT+SET=\"mode\",1\nwait final\n");
  EXPECT_EQ(bench.heard.front(), "AT");
  EXPECT_THAT(bench.heard, Contains("ATE0"));
}

TEST_F(Running, RecoversADeviceThatAnswersInNumbers) {
  bool words = false;
  bench.device = [&](const std::string& line) -> std::string {
    if (line == "ATV1") words = true;
    return words ? "\r\nOK\r\n" : "0\r";
  };
  const auto one = runner().run(parsed("case A/1\n> AT+SET=?\nwait final\n"));
  EXPECT_TRUE(one) << one.error().reason;
}

TEST_F(Running, ADeviceThatAnswersNoMoreEndsTheRun) {
  bench.device = [](const std::string&) { return ""; };
  const auto one = runner().run(parsed("case A/1\n> AT+SET=?\nwait final\n"));
  ASSERT_FALSE(one);
  EXPECT_THAT(one.error().reason, HasSubstr("AT"));
  bench.lost = true;
  const auto two = runner().run(parsed("case A/2\n> AT+SET=?\nwait final\n"));
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().reason, "unplugged");
}

TEST_F(Running, ADeviceThatAnswersNoMoreIsRestartedWhereThatIsPossible) {
  bool hung = true;
  bench.device = [&](const std::string&) { return hung ? "" : "\r\nOK\r\n"; };
  bench.restarted = [&] { hung = false; };
  EXPECT_EQ(run("case A/1\n> AT+SET=?\nwait final\n").verdict, Verdict::pass);
}

TEST_F(Running, MasksASecretThatCameInPieces) {
  bench.largest_arrival = 3;
  bench.device = [](const std::string& line) { return line + "\r\r\nOK\r\n"; };  // with echo
  const auto one = run("case A/1\nneeds password=${ftp.pass}\n> AT+SET=?\nwait final\n");
  std::string shown;
  for (const auto& line : one.trace) shown += line.text;
  EXPECT_THAT(shown, HasSubstr("${ftp.pass}"));
  for (const char* part : {"Kn8", "sesam", "8ses"}) EXPECT_THAT(shown, Not(HasSubstr(part)));
}

TEST_F(Running, LooksAtTheFilesBeforeTheBodySpeaksAndAtTheEnd) {
  bench.level = scenario::PeerLevel::observed;
  run("case A/1\nneeds peer=observed\npeer file a.bin size=1 seed=1\n> AT+SET=?\nwait final\n");
  EXPECT_THAT(bench.did, ElementsAre("peer file a.bin size=1 seed=1", "files", "files"));
}

TEST_F(Running, AsksTheDeviceWhoItIs) {
  bench.device = [](const std::string& line) {
    return line == "ATI" ? "ATI\r\r\nMaker\r\nModel\r\n\r\nOK\r\n" : "\r\nOK\r\n";
  };
  EXPECT_EQ(runner().identify(), "Maker Model");
}

TEST_F(Running, ACaseThatNeedsWhatNoCommandReachesIsNotRun) {
  const auto one = run("case A/1\nneeds session=busy\n> AT+SET=?\nwait final\n");
  EXPECT_NE(one.verdict, Verdict::pass);
  EXPECT_THAT(one.reason, HasSubstr("session"));
}

TEST(Execute, MergesWhatTheDeviceAndItsServerSaidByTime) {
  class Logging : public FakeBench {
   public:
    std::vector<trace::Chunk> take_peer_log() override {
      const auto at = [](int ms) { return io::Time(std::chrono::milliseconds(ms)); };
      return {trace::make_chunk(at(0), trace::Channel::control_to_peer, 1, "NOOP\r\n"),
              trace::make_chunk(at(1), trace::Channel::control_from_peer, 1, "200 OK\r\n")};
    }
  } bench;
  const auto trace = execute(parsed("body\n> AT\nwait final\n"), bench, {});
  ASSERT_TRUE(trace);
  std::string order;
  for (const auto& record : trace->records) {
    if (const auto* chunk = std::get_if<trace::Chunk>(&record)) order += std::string(to_string(chunk->channel)) + " ";
  }
  EXPECT_EQ(order, "to_device control_to_peer control_from_peer from_device ");
  EXPECT_TRUE(std::is_sorted(trace->records.begin(), trace->records.end(), [](const auto& a, const auto& b) {
    const auto at = [](const auto& record) { return std::visit([](const auto& r) { return r.at; }, record); };
    return at(a) < at(b);
  }));
}

}  // namespace
}  // namespace atspec::run
