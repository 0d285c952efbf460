#include "harness/modem/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atspec::modem {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Store ordinary() { return Store({.ram = 100, .ufs = 1000, .sd = 10'000}); }

TEST(Store, AFileLiesOnTheMediumItsNameBeginsWithAndElseInTheFlash) {
  Store store = ordinary();
  for (const char* path : {"RAM:a", "UFS:b", "SD:c", "d"}) EXPECT_TRUE(store.append(path, "12"));
  EXPECT_THAT(store.list("*"), ElementsAre(Pair("RAM:a", 2), Pair("UFS:b", 2), Pair("UFS:d", 2), Pair("SD:c", 2)));
  EXPECT_THAT(store.list("SD:*"), ElementsAre(Pair("SD:c", 2)));
  EXPECT_TRUE(store.has("UFS:d"));
  EXPECT_FALSE(store.create("CD:e"));
  EXPECT_FALSE(store.create("RAM:"));
}

TEST(Store, AMediumOfNoSizeIsNotThere) {
  Store store({.ram = 100, .ufs = 1000, .sd = 0});
  EXPECT_FALSE(store.create("SD:a"));
  EXPECT_FALSE(store.append("SD:a", "1"));
  EXPECT_FALSE(store.space("SD"));
  EXPECT_THAT(store.list("SD:*"), IsEmpty());
}

TEST(Store, WhatDoesNotFitLeavesTheFileAsItWas) {
  Store store = ordinary();
  ASSERT_TRUE(store.append("RAM:a", std::string(90, 'x')));
  EXPECT_FALSE(store.append("RAM:a", std::string(11, 'y')));
  EXPECT_FALSE(store.write("RAM:a", 85, std::string(16, 'y')));
  EXPECT_EQ(*store.content("RAM:a"), std::string(90, 'x'));
  EXPECT_EQ(store.space("RAM")->free, 10U);
  EXPECT_TRUE(store.write("RAM:a", 85, std::string(15, 'y'))) << "five of them replace what was there";
  EXPECT_EQ(store.space("RAM")->free, 0U);
  EXPECT_TRUE(store.append("UFS:a", std::string(11, 'y'))) << "another medium";
}

TEST(Store, RemovingAFileGivesItsRoomBack) {
  Store store = ordinary();
  ASSERT_TRUE(store.append("RAM:a", std::string(100, 'x')));
  EXPECT_TRUE(store.remove("RAM:a"));
  EXPECT_FALSE(store.remove("RAM:a"));
  EXPECT_EQ(store.space("RAM")->free, 100U);
  ASSERT_TRUE(store.append("RAM:a", std::string(100, 'x')));
  EXPECT_TRUE(store.create("RAM:a"));
  EXPECT_EQ(store.space("RAM")->free, 100U);
}

TEST(Store, NothingIsWrittenBehindTheEndOrIntoNoFile) {
  Store store = ordinary();
  EXPECT_FALSE(store.write("RAM:a", 0, "1"));
  ASSERT_TRUE(store.create("RAM:a"));
  EXPECT_FALSE(store.write("RAM:a", 1, "1"));
  EXPECT_TRUE(store.write("RAM:a", 0, ""));
}

TEST(Store, OnlyRamIsCleared) {
  Store store = ordinary();
  for (const char* path : {"RAM:a", "UFS:b", "SD:c"}) ASSERT_TRUE(store.append(path, "12"));
  store.clear_ram();
  EXPECT_THAT(store.list("*"), ElementsAre(Pair("UFS:b", 2), Pair("SD:c", 2)));
  EXPECT_EQ(store.space("RAM")->free, 100U);
  store.clear();
  EXPECT_THAT(store.list("*"), IsEmpty());
}

RC_GTEST_PROP(StoreProperty, WritingAnywhereIsWritingIntoARowOfBytes, ()) {
  constexpr std::size_t limit = 200;
  Store store({.ram = limit, .ufs = 0, .sd = 0});
  std::string row;
  RC_ASSERT(store.create("RAM:a"));
  for (int steps = *rc::gen::inRange(0, 30); steps > 0; --steps) {
    const auto offset = *rc::gen::inRange<std::size_t>(0, 220);
    const auto bytes =
        *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 80), rc::gen::arbitrary<char>());
    const bool fits = offset <= row.size() && std::max(row.size(), offset + bytes.size()) <= limit;
    RC_ASSERT(store.write("RAM:a", offset, bytes) == fits);
    if (fits) row.replace(offset, bytes.size(), bytes);
    RC_ASSERT(*store.content("RAM:a") == row);
    RC_ASSERT(store.space("RAM")->free == limit - row.size());
  }
}

}  // namespace
}  // namespace atspec::modem
