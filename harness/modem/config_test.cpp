#include "harness/modem/config.hpp"

#include <gtest/gtest.h>

namespace atspec::modem {
namespace {

Config sample() {
  Config config;
  config.limits["+QFTPCFG.timeout"] = {20, 180, std::nullopt, {}, std::nullopt};
  config.codes["timeout"] = 609;
  config.test_lines["+X"] = {"+X: 1"};
  config.readings = {"A02.quoted"};
  return config;
}

TEST(ConfigSet, ReachesEveryKindOfValue) {
  Config config = sample();
  EXPECT_TRUE(set(config, "limit.+QFTPCFG.timeout.max", "181"));
  EXPECT_TRUE(set(config, "code.timeout", "601"));
  EXPECT_TRUE(set(config, "pair.550", "601"));
  EXPECT_TRUE(set(config, "initial.cfg.rsptimeout", "60"));
  EXPECT_TRUE(set(config, "time.guard-time", "500ms"));
  EXPECT_TRUE(set(config, "test.+X.0", "+X: 2"));
  EXPECT_TRUE(set(config, "reading.A02.quoted", "false"));
  EXPECT_TRUE(set(config, "store.sd", "0"));
  EXPECT_TRUE(set(config, "store.ram", "100"));
  EXPECT_EQ(config.limits["+QFTPCFG.timeout"].max, 181);
  EXPECT_EQ(config.codes["timeout"], 601);
  EXPECT_EQ(config.pair[550], 601);
  EXPECT_EQ(config.initial["cfg.rsptimeout"], "60");
  EXPECT_EQ(config.times["guard-time"], std::chrono::milliseconds(500));
  EXPECT_EQ(config.test_lines["+X"][0], "+X: 2");
  EXPECT_FALSE(config.plays("A02.quoted"));
  EXPECT_EQ(config.sd_bytes, 0U);
  EXPECT_EQ(config.ram_bytes, 100U);
}

TEST(ConfigSet, AWrongPathOrValueIsSaidAndChangesNothing) {
  Config config = sample();
  for (const auto& [path, value] : {std::pair{"limit.+NO.timeout.max", "1"},
                                    {"limit.+QFTPCFG.timeout.most", "1"},
                                    {"code.nothing", "1"},
                                    {"code.timeout", "many"},
                                    {"time.guard-time", "soon"},
                                    {"test.+X.7", "x"},
                                    {"store.rom", "1"},
                                    {"store.ram", "-1"},
                                    {"store.ram", "much"},
                                    {"weather", "1"}}) {
    const auto done = set(config, path, value);
    ASSERT_FALSE(done) << path;
    EXPECT_TRUE(done.error().starts_with(path)) << done.error();
  }
  EXPECT_EQ(config.codes["timeout"], 609);
}

TEST(Config, FaultsAreKnownByName) {
  Config config;
  EXPECT_TRUE(set(config, "fault.start.upload", "-1"));
  EXPECT_EQ(config.fault_number("start.upload"), -1);
  EXPECT_EQ(config.fault_number("start.download"), 0);
  EXPECT_EQ(config.fault("pluses"), nullptr);
  EXPECT_FALSE(set(config, "fault.no-such", "1"));
  EXPECT_FALSE(set(config, "fault.stuck.", "1"));
}

TEST(Config, AChoiceCanBeTakenAway) {
  Config config;
  config.limits["+X.y"].choices = {0, 1};
  EXPECT_TRUE(set(config, "limit.+X.y.no-choice", "1"));
  EXPECT_EQ(config.limits["+X.y"].choices, std::vector<std::int64_t>{0});
  EXPECT_FALSE(set(config, "limit.+X.y.no-choice", "7"));
}

}  // namespace
}  // namespace atspec::modem
