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
  EXPECT_EQ(config.limits["+QFTPCFG.timeout"].max, 181);
  EXPECT_EQ(config.codes["timeout"], 601);
  EXPECT_EQ(config.pair[550], 601);
  EXPECT_EQ(config.initial["cfg.rsptimeout"], "60");
  EXPECT_EQ(config.times["guard-time"], std::chrono::milliseconds(500));
  EXPECT_EQ(config.test_lines["+X"][0], "+X: 2");
  EXPECT_FALSE(config.plays("A02.quoted"));
}

TEST(ConfigSet, AWrongPathOrValueIsSaidAndChangesNothing) {
  Config config = sample();
  for (const auto& [path, value] : {std::pair{"limit.+NO.timeout.max", "1"},
                                    {"limit.+QFTPCFG.timeout.most", "1"},
                                    {"code.nothing", "1"},
                                    {"code.timeout", "many"},
                                    {"time.guard-time", "soon"},
                                    {"test.+X.7", "x"},
                                    {"weather", "1"}}) {
    const auto done = set(config, path, value);
    ASSERT_FALSE(done) << path;
    EXPECT_TRUE(done.error().starts_with(path)) << done.error();
  }
  EXPECT_EQ(config.codes["timeout"], 609);
}

}  // namespace
}  // namespace atspec::modem
