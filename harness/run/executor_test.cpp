#include "harness/run/executor.hpp"

#include <rapidcheck/gtest.h>

#include <chrono>

#include "harness/scenario/text.hpp"

namespace atspec::run {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Fact = trace::Fact::Kind;

scenario::Scenario parsed(std::string_view text) {
  auto out = scenario::parse(text);
  EXPECT_TRUE(out) << out.error().message;
  return *out;
}

/// A device of which the test says each word, and a clock that goes from deadline to deadline.
class Session {
 public:
  explicit Session(std::string_view text, Waits waits = {}, std::map<std::string, std::string> tokens = {})
      : scenario_(parsed(text)), executor_(scenario_, std::move(tokens), waits) {}

  /// What the executor does until it wants to hear something.
  std::string act() {
    std::string out;
    while (auto action = executor_.next(now_)) {
      if (const auto* write = std::get_if<Executor::Write>(&*action)) {
        out += write->bytes;
        ++writes;
      } else {
        out += "<action>";
      }
    }
    return out;
  }
  std::string hears(std::string_view bytes, io::Duration later = 1ms) {
    now_ += later;
    executor_.received(now_, bytes);
    return act();
  }
  /// Nothing is heard until the deadline.
  std::string silence() {
    now_ = std::max(now_, executor_.deadline());
    return act();
  }

  std::vector<std::string> facts(Fact kind) {
    std::vector<std::string> out;
    for (const auto& record : executor_.trace().records) {
      if (const auto* fact = std::get_if<trace::Fact>(&record); fact != nullptr && fact->kind == kind)
        out.push_back(fact->subject);
    }
    return out;
  }
  io::Duration since_start() const { return now_.time_since_epoch(); }
  Executor& executor() { return executor_; }

  int writes = 0;

 private:
  scenario::Scenario scenario_;
  Executor executor_;
  io::Time now_{};
};

TEST(Executor, SendsALineWithItsCrAndWaitsForItsResult) {
  Session session("> AT+X\nwait final\n> AT+Y\n");
  EXPECT_EQ(session.act(), "AT+X\r");
  EXPECT_FALSE(session.executor().done());
  EXPECT_EQ(session.hears("\r\n+X: 1\r\n"), "");
  EXPECT_EQ(session.hears("\r\nOK\r\n"), "AT+Y\r");
  session.silence();
  EXPECT_TRUE(session.executor().done());
  EXPECT_FALSE(session.executor().timed_out());
}

TEST(Executor, FillsTokensInWhenItSendsAndLeavesThemInWhatItSaysItDoes) {
  Session session("> AT+X=\"${ftp.user}\",${ftp.port},${other}\n", {}, {{"ftp.user", "anna"}, {"ftp.port", "2121"}});
  EXPECT_EQ(session.act(), "AT+X=\"anna\",2121,${other}\r");
  EXPECT_THAT(session.facts(Fact::step), ElementsAre("> AT+X=\"${ftp.user}\",${ftp.port},${other}"));
}

TEST(Executor, ReachesTheBodyBehindTheSetUp) {
  Session session("> ATE0\nwait final\nbody\n> AT+X\n");
  EXPECT_EQ(session.act(), "ATE0\r");
  EXPECT_FALSE(session.executor().in_body());
  EXPECT_EQ(session.hears("\r\nOK\r\n"), "AT+X\r");
  EXPECT_TRUE(session.executor().in_body());
  EXPECT_EQ(session.facts(Fact::body).size(), 1U);
}

TEST(Executor, DoesNotReachTheBodyWhereTheSetUpWaitsInVain) {
  Session session("> ATE0\nwait final\nbody\n> AT+X\n");
  session.act();
  EXPECT_EQ(session.silence(), "");
  session.silence();
  EXPECT_TRUE(session.executor().done());
  EXPECT_TRUE(session.executor().timed_out());
  EXPECT_THAT(session.facts(Fact::body), IsEmpty());
  EXPECT_THAT(session.facts(Fact::timed_out), ElementsAre("wait final"));
}

TEST(Executor, LeavesTheRestOutWhenAWaitRanOut) {
  Session session("> AT+X\nwait urc within 3s\n> AT+Y\n");
  session.act();
  session.hears("\r\nOK\r\n");
  EXPECT_EQ(session.silence(), "");
  EXPECT_EQ(session.since_start(), 3s);
  EXPECT_THAT(session.facts(Fact::step), ElementsAre("> AT+X", "wait urc within 3s"));
}

TEST(Executor, AWaitForAUrcEndsWhenTheLineWasRefused) {
  for (const char* refusal : {"\r\nERROR\r\n", "\r\n+CME ERROR: 610\r\n"}) {
    Session session("> AT+X\nwait final\nwait urc\n> AT+Y\n");
    session.act();
    EXPECT_EQ(session.hears(refusal), "AT+Y\r");
  }
}

TEST(Executor, AWaitForAUrcTakesTheOneOfTheLastCommandAndNoOther) {
  Session session("> AT+X\nwait urc\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nOK\r\n\r\n+XY: 0\r\n\r\n+Z: 0\r\n"), "");
  EXPECT_EQ(session.hears("\r\n+X: 0\r\n"), "AT+Y\r");
}

TEST(Executor, TheNumberAReportBeginsWithStandsInTheLinesBehindIt) {
  Session session("> AT+OPEN\nwait final\n> AT+READ=${+OPEN},${+NONE}\nwait final\n> AT+CLOSE=${+OPEN}\nwait final\n");
  EXPECT_EQ(session.act(), "AT+OPEN\r");
  EXPECT_EQ(session.hears("\r\n+OPENED: 9\r\n\r\n+OPEN: 7,\"a\"\r\n\r\nOK\r\n"), "AT+READ=7,${+NONE}\r");
  EXPECT_EQ(session.hears("\r\n+OPEN: 8\r\n\r\n+OPEN: \"a\",9\r\n\r\nOK\r\n"), "AT+CLOSE=8\r") << "the latest";
}

TEST(Executor, AUrcThatCameBeforeTheResultCounts) {
  Session session("> AT+X\nwait final\nwait urc\n> AT+Y\n");
  session.act();
  session.hears("\r\n+X: 0\r\n");
  EXPECT_EQ(session.hears("\r\nOK\r\n"), "AT+Y\r");
}

TEST(Executor, AUrcOfTheLineBeforeDoesNotCount) {
  Session session("> AT+X\nwait urc\n> AT+X\nwait urc\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nOK\r\n\r\n+X: 0\r\n"), "AT+X\r");
  EXPECT_EQ(session.hears("\r\nOK\r\n"), "");
  EXPECT_EQ(session.hears("\r\n+X: 0\r\n"), "AT+Y\r");
}

TEST(Executor, WaitsForTheLfThatBelongsToAResult) {
  Session session("> AT+X\nwait final\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nOK\r"), "");
  EXPECT_EQ(session.hears("\n"), "AT+Y\r");
}

TEST(Executor, WaitsForThatLfNotForLong) {
  Session session("> AT+X\nwait final\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nOK\r"), "");
  EXPECT_EQ(session.silence(), "AT+Y\r");
  EXPECT_LT(session.since_start(), 100ms);
}

TEST(Executor, AReportInAnotherNameIsNotTheOneExpected) {
  Session session("> AT+X\n< OK\n< +X: 0\n> AT+Y\n");
  session.act();
  session.hears("\r\n+CREG: 1\r\n\r\nOK\r\n");
  EXPECT_EQ(session.hears("\r\n+CREG: 2\r\n"), "");
  EXPECT_EQ(session.hears("\r\n+X: 0\r\n"), "AT+Y\r");
}

TEST(Executor, SendsDataBehindConnect) {
  Session session("> AT+X\nwait connect\ndata \"abc\"\nwait final\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nCONNECT\r\n"), "abc");
}

TEST(Executor, SendsNoDataWhereAResultCameInsteadOfConnect) {
  for (const char* result : {"\r\nOK\r\n", "\r\n+CME ERROR: 610\r\n"}) {
    Session session("> AT+X\nwait connect\ndata \"AT+BAD\\r\"\nescape\nwait final\n> AT+Y\n");
    session.act();
    EXPECT_EQ(session.hears(result), "AT+Y\r");
  }
}

TEST(Executor, KeepsTheGuardTimeOnBothSidesOfTheEscape) {
  Session session("> AT+X\nwait connect\ndata \"abc\"\nescape\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nCONNECT\r\n"), "abc");
  EXPECT_EQ(session.silence(), "+++");
  EXPECT_EQ(session.since_start(), 1ms + 1500ms);
  EXPECT_EQ(session.silence(), "AT+Y\r");
  EXPECT_EQ(session.since_start(), 1ms + 1500ms + 1100ms);
}

TEST(Executor, AResultDoesNotEndTheSilenceBehindTheEscape) {
  Session session("> AT+X\nwait connect\ndata \"abc\"\nescape\nwait final\n> AT+Y\n");
  session.act();
  session.hears("\r\nCONNECT\r\n");
  EXPECT_EQ(session.silence(), "+++");
  EXPECT_EQ(session.hears("\r\nOK\r\n", 500ms), "");
  EXPECT_EQ(session.silence(), "AT+Y\r");
  EXPECT_EQ(session.since_start(), 1ms + 1500ms + 1100ms);
}

TEST(Executor, ALineNobodyAskedForIsNotTheOneThatIsExpected) {
  Session session("> AT+X\n< +X: 1\n< OK\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nRING\r\n\r\n^RSSI: 17\r\n\r\n+X: 1\r\n"), "");
  EXPECT_EQ(session.hears("\r\nOK\r\n"), "AT+Y\r");
}

TEST(Executor, SendsNoEscapeToADeviceThatLeftDataModeByItself) {
  Session session("> AT+X\nwait connect\ndata \"abc\"\nescape\nwait final\n> AT+Y\n");
  session.act();
  session.hears("\r\nCONNECT\r\n");
  EXPECT_EQ(session.hears("\r\nNO CARRIER\r\n", 500ms), "AT+Y\r");
}

TEST(Executor, CutsWritesIntoPiecesUntilToldOtherwise) {
  Session session("chunk 2\n> AT+X\nchunk 0\n> AT+Y\n");
  EXPECT_EQ(session.act(), "AT+X\rAT+Y\r");
  EXPECT_EQ(session.writes, 3 + 1);
}

TEST(Executor, PartsNoLineFeedFromItsCarriageReturn) {
  Session session("chunk 1\nline-end crlf\n> AT\n");
  EXPECT_EQ(session.act(), "AT\r\n");
  EXPECT_EQ(session.writes, 3);
}

TEST(Executor, EndsLinesWithALineFeedWhereToldTo) {
  Session session("line-end crlf\n> AT+X\nline-end cr\n> AT+Y\n");
  EXPECT_EQ(session.act(), "AT+X\r\nAT+Y\r");
}

TEST(Executor, PausesAsLongAsItIsTold) {
  Session session("pause 1200ms\n> AT+X\n");
  EXPECT_EQ(session.act(), "");
  EXPECT_EQ(session.silence(), "AT+X\r");
  EXPECT_EQ(session.since_start(), 1200ms);
}

TEST(Executor, HandsOutWhatTheBenchMustDo) {
  Session session("peer on SIZE stall\ndtr off\nreset\n");
  EXPECT_EQ(session.act(), "<action><action><action>");
  EXPECT_EQ(session.facts(Fact::reset_seen).size(), 1U);
}

TEST(Executor, TakesOneLineForEachExpectationAndSaysWhoClaimsIt) {
  Session session("clause A B\n> AT+X\n< +X: *\n< OK\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\n+X: 1\r\n"), "");
  EXPECT_EQ(session.hears("\r\nOK\r\n"), "AT+Y\r");
  std::vector<std::string> claims;
  for (const auto& record : session.executor().trace().records) {
    if (const auto* fact = std::get_if<trace::Fact>(&record); fact != nullptr && fact->subject.starts_with("< "))
      claims.push_back(fact->value);
  }
  EXPECT_THAT(claims, ElementsAre("A B", "A B"));
}

TEST(Executor, ExpectsNothingMoreOfALineThatWasRefused) {
  Session session("> AT+X\n< OK\n< +X: 0\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nERROR\r\n"), "AT+Y\r");
  EXPECT_FALSE(session.executor().timed_out());
}

TEST(Executor, ExpectsNoSecondReportWhereOneCameInsteadOfAnotherLine) {
  Session session("> AT+X\n< CONNECT\n< OK\n< +X: 0\n> AT+Y\n");
  session.act();
  EXPECT_EQ(session.hears("\r\nOK\r\n"), "");
  EXPECT_EQ(session.hears("\r\n+X: 601\r\n"), "AT+Y\r");
  EXPECT_FALSE(session.executor().timed_out());
}

TEST(Executor, ListensAWhileBehindTheLastStep) {
  Waits waits;
  waits.settle = 500ms;
  Session session("> AT+X\nwait final\n", waits);
  session.act();
  session.hears("\r\nOK\r\n");
  EXPECT_FALSE(session.executor().done());
  session.hears("\r\nOK\r\n");
  session.silence();
  EXPECT_TRUE(session.executor().done());
  EXPECT_EQ(session.executor().trace().records.size(), 2U + 1U + 1U + 2U);  // steps, body, line, answers
}

TEST(Executor, SendsALargeUploadInTimeThatGrowsWithItsSize) {
  Session session("> AT+X\nwait connect\ndata size=30000000 seed=1\n");
  session.act();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(session.hears("\r\nCONNECT\r\n").size(), 30'000'000U);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 3s);
}

RC_GTEST_PROP(Executor, EndsWhateverTheDeviceSays, (const std::vector<std::string>& said)) {
  Session session(
      "> ATE0\nwait final\nbody\n> AT+X\nwait connect\ndata size=10 seed=1\nescape\nwait final\nwait urc\n< OK\n");
  std::string sent = session.act();
  for (const auto& bytes : said) {
    const auto word =
        *rc::gen::element<std::string>("\r\nOK\r\n", "\r\nCONNECT\r\n", "\r\n+X: 0\r\n", "\r\nERROR\r\n", "");
    sent += session.hears(bytes + word);
  }
  for (int quiet = 0; quiet < 40 && !session.executor().done(); ++quiet) sent += session.silence();
  RC_ASSERT(session.executor().done());
  RC_ASSERT(session.act().empty());
  // the trace has every byte that went out, in order
  std::string recorded;
  for (const auto& record : session.executor().trace().records) {
    const auto* chunk = std::get_if<trace::Chunk>(&record);
    if (chunk != nullptr && chunk->channel == trace::Channel::to_device) recorded += chunk->bytes;
  }
  RC_ASSERT(recorded == sent);
}

}  // namespace
}  // namespace atspec::run
