#include "harness/run/journal.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace atspec::run {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class JournalFile : public testing::Test {
 protected:
  JournalFile() {
    std::string name = fs::temp_directory_path() / "atspec-journal-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~JournalFile() override { fs::remove_all(folder_); }

  static result::CaseResult finished(std::string id) {
    result::CaseResult out;
    out.id = std::move(id);
    out.verdict = result::Verdict::pass;
    out.purpose = "a device's word: \xff\"\n";
    return out;
  }
  Journal opened(bool resume) {
    done_.clear();
    auto journal = Journal::open(folder_, resume, done_);
    EXPECT_TRUE(journal) << journal.error();
    return std::move(*journal);
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const auto& one : done_) out.push_back(one.id);
    return out;
  }
  std::string path() const { return folder_ + "/journal.jsonl"; }

  std::string folder_;
  std::vector<result::CaseResult> done_;
};

TEST_F(JournalFile, KeepsEachCaseBeforeTheNextBegins) {
  Journal journal = opened(false);
  ASSERT_TRUE(journal.append(finished("A/1")));
  std::ifstream file(path());
  std::string line;
  EXPECT_TRUE(std::getline(file, line));
  EXPECT_THAT(line, HasSubstr("A/1"));
  EXPECT_FALSE(std::getline(file, line));
}

TEST_F(JournalFile, GivesBackWhatItHasAndGoesOnBehindIt) {
  {
    Journal journal = opened(false);
    ASSERT_TRUE(journal.append(finished("A/1")));
    ASSERT_TRUE(journal.append(finished("A/2")));
  }
  {
    Journal journal = opened(true);
    EXPECT_THAT(ids(), ElementsAre("A/1", "A/2"));
    ASSERT_TRUE(journal.append(finished("A/3")));
  }
  opened(true);
  EXPECT_THAT(ids(), ElementsAre("A/1", "A/2", "A/3"));
}

TEST_F(JournalFile, DropsATornLastLineAndGoesOnInItsPlace) {
  {
    Journal journal = opened(false);
    ASSERT_TRUE(journal.append(finished("A/1")));
    ASSERT_TRUE(journal.append(finished("A/2")));
  }
  const auto whole = fs::file_size(path());
  for (std::uintmax_t size = whole - 1; size > whole / 2 + 1; size -= 7) {
    fs::resize_file(path(), size);
    {
      Journal journal = opened(true);
      EXPECT_THAT(ids(), ElementsAre("A/1")) << size;
      ASSERT_TRUE(journal.append(finished("A/2")));
    }
    opened(true);
    EXPECT_THAT(ids(), ElementsAre("A/1", "A/2")) << size;
  }
}

TEST_F(JournalFile, NeverOverwritesAnEarlierRun) {
  for (const char* id : {"A/1", "A/2", "A/3"}) ASSERT_TRUE(opened(false).append(finished(id)));
  opened(true);
  EXPECT_THAT(ids(), ElementsAre("A/3"));
  std::set<std::string> kept;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) kept.insert(line);
  }
  EXPECT_EQ(kept.size(), 3U);
}

TEST_F(JournalFile, ALineInTheMiddleThatIsNoCaseIsAnErrorThatNamesIt) {
  {
    Journal journal = opened(false);
    ASSERT_TRUE(journal.append(finished("A/1")));
  }
  std::ofstream(path(), std::ios::app) << "no json\n";
  const auto journal = Journal::open(folder_, true, done_);
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error(), HasSubstr("line 2"));
}

TEST_F(JournalFile, AFullDiskIsToldInOneLine) {
  fs::create_symlink("/dev/full", path());
  Journal journal = opened(true);
  const auto written = journal.append(finished("A/1"));
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), HasSubstr("No space left"));
  EXPECT_EQ(written.error().find('\n'), std::string::npos);
}

TEST_F(JournalFile, AFolderThatCannotBeMadeIsToldInOneLine) {
  std::ofstream(folder_ + "/file") << "x";
  const auto journal = Journal::open(folder_ + "/file/below", false, done_);
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error(), HasSubstr("file/below"));
}

}  // namespace
}  // namespace atspec::run
