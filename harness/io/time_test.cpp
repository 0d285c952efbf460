#include "harness/io/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atspec::io {
namespace {

using namespace std::chrono_literals;

TEST(Duration, EachUnitIsRead) {
  EXPECT_EQ(parse_duration("250us"), Duration(250us));
  EXPECT_EQ(parse_duration("300ms"), Duration(300ms));
  EXPECT_EQ(parse_duration("15s"), Duration(15s));
  EXPECT_EQ(parse_duration("2min"), Duration(2min));
  EXPECT_EQ(parse_duration("0"), Duration(0));
  EXPECT_EQ(parse_duration("0s"), Duration(0));
}

TEST(Duration, WhatIsNoDurationIsNothing) {
  for (const char* text : {"", "5", "s", "-1s", "-0s", "+1s", " 1s", "1 s", "1s ", "1S", "1h", "1.5s", "1ss", "0x1s",
                           "99999999999999999999s", "9223372036854775807min"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Duration, IsWrittenInTheLargestUnitThatIsExact) {
  EXPECT_EQ(format_duration(Duration(0)), "0");
  EXPECT_EQ(format_duration(Duration(1500ms)), "1500ms");
  EXPECT_EQ(format_duration(Duration(2s)), "2s");
  EXPECT_EQ(format_duration(Duration(1min)), "60s");
  EXPECT_EQ(format_duration(Duration(90s)), "90s");
  EXPECT_EQ(format_duration(Duration(3min)), "3min");
  EXPECT_EQ(format_duration(Duration(1'000'001us)), "1000001us");
}

RC_GTEST_PROP(Duration, WhatIsWrittenIsReadBack, ()) {
  const Duration value(*rc::gen::oneOf(rc::gen::nonNegative<std::int64_t>(),
                                       rc::gen::map(rc::gen::inRange<std::int64_t>(0, 10'000),
                                                    [](std::int64_t seconds) { return seconds * 1'000'000; })));
  RC_ASSERT(parse_duration(format_duration(value)) == value);
}

}  // namespace
}  // namespace atspec::io
