#include "harness/run/shrink.hpp"

#include <gtest/gtest.h>

#include "harness/run/config.hpp"
#include "harness/scenario/text.hpp"
#include "harness/spec/load.hpp"
#include "harness/target/bench_sim.hpp"

namespace atspec::run {
namespace {

struct Simulated {
  explicit Simulated(const spec::Spec& spec, const modem::Config& config)
      : bench(target::sim_bench(config, 1, false)), runner(spec, *bench, options(spec, config)) {}

  static Options options(const spec::Spec& spec, const modem::Config& config) {
    Options out;
    out.preferred = judge::preferred_readings(spec, {});
    out.reference = config.initial;
    return out;
  }
  std::unique_ptr<target::Bench> bench;
  Runner runner;
};

class Shrink : public testing::Test {
 protected:
  spec::Spec spec = spec::load({ATSPEC_SOURCE_DIR "/specs/quectel-ftp/manual.xml"}).spec;
  modem::Config good = modem_config(spec, {});
  modem::Config bad = broken();
  generate::Sequences sequences{spec, 1};

  /// The size is wrong behind a change of directory.
  modem::Config broken() const {
    modem::Config out = good;
    modem::OutputRule rule;
    rule.kind = modem::OutputRule::Kind::urc;
    rule.command = "+QFTPSIZE";
    rule.match = "+QFTPSIZE: 0,*";
    rule.action = modem::OutputRule::Action::add;
    rule.text = "1";
    rule.behind = {"+QFTPCWD"};
    out.output.push_back(rule);
    return out;
  }

  /// The first number of a sequence that fails on the broken one.
  std::pair<std::size_t, result::CaseResult> first_failure(Runner& runner) const {
    for (std::size_t i = 0; i < 500; ++i) {
      auto done = runner.run(sequences.at(i));
      if (done && done->verdict == result::Verdict::fail) return {i, *done};
    }
    throw std::runtime_error("nothing fails");
  }
};

TEST_F(Shrink, FindsTheTwoCommandsAndSaysHowOftenTheyFailed) {
  Simulated device(spec, bad);
  auto [i, failed] = first_failure(device.runner);
  ASSERT_TRUE(shrink(sequences, i, device.runner, nullptr, {}, failed));
  EXPECT_TRUE(failed.smallest_note.starts_with("2 of ")) << failed.smallest_note << '\n' << failed.smallest;
  EXPECT_TRUE(failed.smallest_note.ends_with("failed 3 of 3 times")) << failed.smallest_note;
  const auto again = scenario::parse(failed.smallest);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(device.runner.run(*again)->verdict, result::Verdict::fail);
}

TEST_F(Shrink, OnAReferenceThatErrsTooLeavesTheDeviceAlone) {
  Simulated device(spec, bad), reference(spec, bad);
  auto [i, failed] = first_failure(device.runner);
  ASSERT_TRUE(shrink(sequences, i, device.runner, &reference.runner, {}, failed));
  EXPECT_NE(failed.smallest_note.find("on the reference"), std::string::npos) << failed.smallest_note;
}

TEST_F(Shrink, OfWhatTheReferenceDoesRightIsDoneOnTheDevice) {
  Simulated device(spec, bad), reference(spec, good);
  auto [i, failed] = first_failure(device.runner);
  ASSERT_TRUE(shrink(sequences, i, device.runner, &reference.runner, {}, failed));
  EXPECT_EQ(failed.smallest_note.find("on the reference"), std::string::npos) << failed.smallest_note;
  EXPECT_TRUE(failed.smallest_note.starts_with("2 of ")) << failed.smallest_note;
}

TEST_F(Shrink, SaysSoWhereItDoesNotHappenAgain) {
  Simulated device(spec, bad), healed(spec, good);
  auto [i, failed] = first_failure(device.runner);
  ASSERT_TRUE(shrink(sequences, i, healed.runner, nullptr, {}, failed));
  EXPECT_TRUE(failed.smallest_note.ends_with("failed 0 of 3 times")) << failed.smallest_note;
}

TEST_F(Shrink, EndsWhenTheTriesAreUsedUp) {
  Simulated device(spec, bad);
  auto [i, failed] = first_failure(device.runner);
  ShrinkOptions few;
  few.tries = 3;
  ASSERT_TRUE(shrink(sequences, i, device.runner, nullptr, few, failed));
  EXPECT_NE(failed.smallest_note.find("the smallest after 3 tries"), std::string::npos) << failed.smallest_note;
}

TEST_F(Shrink, LeavesTheFailureAsItIsOnceItIsEnough) {
  Simulated device(spec, bad);
  auto [i, failed] = first_failure(device.runner);
  const auto before = failed;
  ShrinkOptions short_of_time;
  int left = 5;
  short_of_time.enough = [&] { return left-- <= 0; };
  ASSERT_TRUE(shrink(sequences, i, device.runner, nullptr, short_of_time, failed));
  EXPECT_EQ(failed, before);
}

}  // namespace
}  // namespace atspec::run
