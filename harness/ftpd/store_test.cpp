// Both stores keep the same promises; the directory one also keeps to its root.
#include "harness/ftpd/store.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "harness/io/scratch_folder.hpp"

namespace atspec::ftpd {
namespace {

namespace fs = std::filesystem;

class Stores : public testing::TestWithParam<bool> {
 protected:
  io::ScratchFolder scratch;
  std::unique_ptr<FileStore> store = GetParam() ? memory_store() : directory_store(scratch.path().string());
};

INSTANTIATE_TEST_SUITE_P(Both, Stores, testing::Values(true, false),
                         [](const auto& one) -> std::string { return one.param ? "Memory" : "Directory"; });

TEST_P(Stores, FilesAreWrittenAtOffsetsAndCut) {
  EXPECT_TRUE(store->write("/f", 0, "0123456789", true));
  EXPECT_EQ(*store->read("/f", 2, 3), "234");
  EXPECT_EQ(*store->read("/f", 10, 3), "");
  EXPECT_EQ(*store->read("/f", 1000, 3), "");
  EXPECT_TRUE(store->write("/f", 8, "xyz", false));
  EXPECT_EQ(*store->read("/f", 0, 100), "01234567xyz");
  EXPECT_TRUE(store->write("/f", 2, "-", false));
  EXPECT_EQ(*store->read("/f", 0, 100), "01-34567xyz");
  EXPECT_TRUE(store->write("/f", 4, "", true));
  EXPECT_EQ(*store->read("/f", 0, 100), "01-3");
  EXPECT_TRUE(store->write("/f", 6, "!", false));
  EXPECT_EQ(*store->read("/f", 0, 100), std::string("01-3\0\0!", 7));
  EXPECT_EQ(store->status("/f")->size, 7U);
}

TEST_P(Stores, TreesAreMadeListedAndTakenDown) {
  EXPECT_TRUE(store->make_directory("/b"));
  EXPECT_TRUE(store->make_directory("/b/c"));
  EXPECT_TRUE(store->write("/b/c/deep", 0, "x", true));
  EXPECT_TRUE(store->write("/b-1", 0, "12", true));
  EXPECT_TRUE(store->write("/a", 0, "", true));
  const auto entries = store->list("/");
  ASSERT_TRUE(entries);
  std::vector<std::string> names;
  for (const Entry& one : *entries) names.push_back(one.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "b-1"}));
  EXPECT_TRUE((*entries)[1].directory);
  EXPECT_EQ((*entries)[2].size, 2U);
  EXPECT_EQ(store->list("/b")->size(), 1U);
  EXPECT_EQ(store->remove_directory("/b/c").error(), StoreError::not_empty);
  EXPECT_TRUE(store->remove("/b/c/deep"));
  EXPECT_TRUE(store->remove_directory("/b/c"));
  EXPECT_TRUE(store->remove_directory("/b"));
  EXPECT_EQ(store->list("/b").error(), StoreError::not_found);
}

TEST_P(Stores, WhatIsWrongIsNamed) {
  EXPECT_TRUE(store->make_directory("/d"));
  EXPECT_TRUE(store->write("/f", 0, "x", true));
  EXPECT_EQ(store->status("/no").error(), StoreError::not_found);
  EXPECT_EQ(store->status("/f/x").error(), StoreError::not_a_directory);
  EXPECT_EQ(store->read("/d", 0, 1).error(), StoreError::is_directory);
  EXPECT_EQ(store->read("/no", 0, 1).error(), StoreError::not_found);
  EXPECT_EQ(store->write("/d", 0, "x", true).error(), StoreError::is_directory);
  EXPECT_EQ(store->write("/", 0, "x", true).error(), StoreError::is_directory);
  EXPECT_EQ(store->write("/no/x", 0, "x", true).error(), StoreError::not_found);
  EXPECT_EQ(store->write("/f/x", 0, "x", true).error(), StoreError::not_a_directory);
  EXPECT_EQ(store->list("/f").error(), StoreError::not_a_directory);
  EXPECT_EQ(store->remove("/d").error(), StoreError::is_directory);
  EXPECT_EQ(store->remove("/no").error(), StoreError::not_found);
  EXPECT_EQ(store->remove_directory("/f").error(), StoreError::not_a_directory);
  EXPECT_EQ(store->make_directory("/d").error(), StoreError::exists);
  EXPECT_EQ(store->make_directory("/").error(), StoreError::exists);
  EXPECT_EQ(store->remove_directory("/").error(), StoreError::denied);
  EXPECT_EQ(store->rename("/no", "/x").error(), StoreError::not_found);
  EXPECT_EQ(store->rename("/f", "/d").error(), StoreError::is_directory);
  EXPECT_EQ(store->rename("/d", "/f").error(), StoreError::exists);
  EXPECT_FALSE(store->rename("/d", "/d/e"));
  EXPECT_FALSE(store->write(std::string_view("/a\0b", 4), 0, "x", true));
  EXPECT_FALSE(store->make_directory("/" + std::string(5000, 'x')));
}

TEST_P(Stores, ARenamedDirectoryTakesWhatIsInItAlong) {
  EXPECT_TRUE(store->make_directory("/d"));
  EXPECT_TRUE(store->make_directory("/d/e"));
  EXPECT_TRUE(store->write("/d/e/f", 0, "x", true));
  EXPECT_TRUE(store->write("/d-", 0, "y", true));
  EXPECT_TRUE(store->rename("/d", "/longer name"));
  EXPECT_EQ(*store->read("/longer name/e/f", 0, 9), "x");
  EXPECT_EQ(*store->read("/d-", 0, 9), "y");
  EXPECT_FALSE(store->status("/d"));
  EXPECT_TRUE(store->rename("/longer name/e/f", "/d-"));
  EXPECT_EQ(*store->read("/d-", 0, 9), "x");
  EXPECT_TRUE(store->rename("/d-", "/d-"));
}

TEST(MemoryStore, TheQuotaCountsEmptyFilesAndComesBack) {
  const auto store = memory_store(1000);
  int made = 0;
  while (made < 1000 && store->write("/" + std::to_string(made), 0, "", true)) ++made;
  EXPECT_GT(made, 1);
  EXPECT_LT(made, 10);
  EXPECT_EQ(store->make_directory("/d").error(), StoreError::no_space);
  for (int i = 0; i < made; ++i) EXPECT_TRUE(store->remove("/" + std::to_string(i)));
  EXPECT_TRUE(store->write("/f", 0, std::string(800, 'x'), true));
  EXPECT_EQ(store->write("/f", 800, std::string(200, 'x'), false).error(), StoreError::no_space);
  EXPECT_TRUE(store->write("/f", 0, std::string(800, 'y'), true));
  EXPECT_EQ(store->write("/f", ~0ULL - 5, "x", false).error(), StoreError::no_space);
  store->clear();
  EXPECT_TRUE(store->list("/")->empty());
  EXPECT_TRUE(store->write("/f", 0, std::string(800, 'x'), true));
}

class Links : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(outside());
    std::ofstream(outside() / "secret") << "secret";
    fs::create_directory(root());
    fs::create_directory(root() / "in");
    std::ofstream(root() / "in" / "f") << "inside";
    fs::create_symlink("../outside", root() / "out");
    fs::create_symlink(outside() / "secret", root() / "secret");
    fs::create_symlink(outside() / "unborn", root() / "unborn");
    fs::create_symlink("in/f", root() / "link");
    fs::create_symlink("in", root() / "dir");
    fs::create_symlink("loop", root() / "loop");
    store = directory_store(root().string());
  }
  fs::path outside() const { return scratch.path() / "outside"; }
  fs::path root() const { return scratch.path() / "root"; }
  io::ScratchFolder scratch;
  std::unique_ptr<FileStore> store;
};

TEST_F(Links, NothingOutsideTheRootIsReached) {
  EXPECT_FALSE(store->status("/out"));
  EXPECT_FALSE(store->read("/out/secret", 0, 10));
  EXPECT_FALSE(store->read("/secret", 0, 10));
  EXPECT_FALSE(store->write("/secret", 0, "x", true));
  EXPECT_FALSE(store->write("/out/new", 0, "x", true));
  EXPECT_FALSE(store->write("/unborn", 0, "x", true));
  EXPECT_FALSE(store->list("/out"));
  EXPECT_FALSE(store->make_directory("/out/new"));
  EXPECT_FALSE(store->remove("/out/secret"));
  EXPECT_FALSE(store->rename("/in/f", "/out/f"));
  EXPECT_FALSE(store->rename("/out/secret", "/mine"));
  EXPECT_FALSE(store->remove_directory("/out/."));
  EXPECT_FALSE(store->read("/../outside/secret", 0, 10));
  EXPECT_FALSE(store->status("/loop"));
  EXPECT_FALSE(fs::exists(outside() / "new"));
  EXPECT_FALSE(fs::exists(outside() / "unborn"));
  EXPECT_EQ(fs::file_size(outside() / "secret"), 6U);
}

TEST_F(Links, LinksThatStayInsideAreFollowed) {
  EXPECT_EQ(*store->read("/link", 0, 10), "inside");
  EXPECT_EQ(*store->read("/dir/f", 0, 10), "inside");
  EXPECT_TRUE(store->write("/link", 0, "IN", false));
  EXPECT_EQ(*store->read("/in/f", 0, 10), "INside");
  EXPECT_TRUE(store->remove("/link"));
  EXPECT_TRUE(fs::exists(root() / "in" / "f"));
}

TEST_F(Links, WhatIsNoFileIsNeitherListedNorOpened) {
  ASSERT_EQ(mkfifo((root() / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(store->read("/pipe", 0, 1));
  EXPECT_FALSE(store->write("/pipe", 0, "x", false));
  std::vector<std::string> names;
  const auto entries = store->list("/");
  for (const Entry& one : *entries) names.push_back(one.name);
  EXPECT_EQ(names, (std::vector<std::string>{"dir", "in", "link"}));
}

TEST(DirectoryStore, ARootThatIsNotThereHoldsNothing) {
  const auto store = directory_store("/no/such/directory");
  EXPECT_FALSE(store->status("/"));
  EXPECT_FALSE(store->write("/etc", 0, "x", false));
  EXPECT_FALSE(store->read("/etc/passwd", 0, 1));
}

TEST(Path, IsNormalAndStaysBelowTheRoot) {
  EXPECT_EQ(resolve_path("/", ""), "/");
  EXPECT_EQ(resolve_path("/a/b", ""), "/a/b");
  EXPECT_EQ(resolve_path("/a", "b"), "/a/b");
  EXPECT_EQ(resolve_path("/a", "/b"), "/b");
  EXPECT_EQ(resolve_path("/a", "/a/../b//c"), "/b/c");
  EXPECT_EQ(resolve_path("/a/b", "../.."), "/");
  EXPECT_EQ(resolve_path("/a", "../../../.."), "/");
  EXPECT_EQ(resolve_path("/a", "..."), "/a/...");
  EXPECT_EQ(resolve_path("/", "./a/./"), "/a");
}

RC_GTEST_PROP(Path, OfAnyTextIsNormal, ()) {
  const auto text = rc::gen::container<std::string>(rc::gen::element('a', '.', '/', '\\', ' '));
  const std::string path = resolve_path(resolve_path("/", *text), *text);
  RC_ASSERT(path.starts_with('/'));
  RC_ASSERT(path == "/" || !path.ends_with('/'));
  RC_ASSERT((path + "/").find("/../") == std::string::npos);
  RC_ASSERT((path + "/").find("/./") == std::string::npos);
  RC_ASSERT(path.find("//") == std::string::npos);
  RC_ASSERT(resolve_path("/x", path) == path);
}

}  // namespace
}  // namespace atspec::ftpd
