#include "harness/run/journal.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "harness/io/scratch_folder.hpp"
#include "harness/result/json.hpp"

namespace atspec::run {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class JournalFile : public testing::Test {
 protected:
  static result::CaseResult finished(std::string id) {
    result::CaseResult out;
    out.id = std::move(id);
    out.verdict = result::Verdict::pass;
    out.purpose = "a device's word: \xff\"\n";
    return out;
  }
  static JournalHeader header(std::string seed = "1") {
    JournalHeader out;
    out.conditions = {{"seed", std::move(seed)}, {"device", "EC200 \xff"}};
    out.run.target = "sim:";
    out.run.planned = 7;
    return out;
  }
  Journal opened(bool resume) {
    done_.clear();
    std::optional<Recorded> keep;
    if (resume) {
      auto read = read_journal(path());
      EXPECT_TRUE(read) << read.error();
      keep = *std::move(read);
      done_ = keep->cases;
    }
    auto journal = Journal::open(folder_, keep, header());
    EXPECT_TRUE(journal) << journal.error();
    return std::move(*journal);
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const auto& one : done_) out.push_back(one.id);
    return out;
  }
  std::string path() const { return folder_ + "/journal.jsonl"; }

  io::ScratchFolder scratch_;
  std::string folder_ = scratch_.path();
  std::vector<result::CaseResult> done_;
};

TEST_F(JournalFile, KeepsEachCaseBeforeTheNextBegins) {
  Journal journal = opened(false);
  ASSERT_TRUE(journal.append(finished("A/1")));
  std::ifstream file(path());
  std::string line;
  EXPECT_TRUE(std::getline(file, line));
  EXPECT_THAT(line, HasSubstr("\"seed\":\"1\"")) << "what it is run with";
  EXPECT_TRUE(std::getline(file, line));
  EXPECT_THAT(line, HasSubstr("A/1"));
  EXPECT_FALSE(std::getline(file, line));
}

TEST_F(JournalFile, GivesBackWhatItWasRunWith) {
  ASSERT_TRUE(opened(false).append(finished("A/1")));
  ASSERT_TRUE(opened(true).append(finished("A/2")));
  const auto read = read_journal(path());
  ASSERT_TRUE(read && read->header);
  EXPECT_EQ(read->header->run, header().run);
  EXPECT_EQ(read->cases.size(), 2U) << "and says so once";
  EXPECT_EQ(differences(*read->header, header()), "") << "whatever bytes the device's name has";
  EXPECT_EQ(differences(*read->header, header("7")), "seed was 1, is 7");
}

TEST_F(JournalFile, WhatOneSideDoesNotKnowIsNoDifference) {
  JournalHeader unknown = header();
  unknown.conditions["device"].clear();
  EXPECT_EQ(differences(unknown, header()), "");
  EXPECT_EQ(differences(header(), unknown), "");
}

TEST_F(JournalFile, OfAnOlderVersionHasCasesAndNoHeader) {
  std::ofstream(path()) << result::to_json_line(finished("A/1")) << '\n';
  const auto read = read_journal(path());
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->header);
  EXPECT_EQ(read->cases.size(), 1U);
}

TEST_F(JournalFile, ThatIsNotThereOrTornInItsFirstLineHasNothing) {
  for (const char* text : {"", "{\"journal\":\"ats"}) {
    const auto read = read_journal(path());
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->header);
    EXPECT_TRUE(read->cases.empty());
    EXPECT_EQ(read->whole, 0U);
    std::ofstream(path()) << text;
  }
  ASSERT_TRUE(opened(true).append(finished("A/1")));
  EXPECT_TRUE(read_journal(path())->header);
}

TEST_F(JournalFile, AHeaderThatIsNoneIsAnErrorThatNamesTheLine) {
  for (const char* text :
       {"{\"journal\":\"atspec-journal-9\"}\n", "{\"journal\":\n", "{\"journal\":\"atspec-journal-1\"}\n"}) {
    std::ofstream(path()) << text;
    const auto read = read_journal(path());
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error(), HasSubstr("journal.jsonl: line 1: "));
  }
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
  const auto line = result::to_json_line(finished("A/2")).size();
  for (std::uintmax_t size = whole - 1; size > whole - line; size -= 7) {
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
  std::vector<std::string> aside;
  for (const char* id : {"A/1", "A/2", "A/3"}) {
    Journal journal = opened(false);
    aside.push_back(journal.aside());
    ASSERT_TRUE(journal.append(finished(id)));
  }
  EXPECT_THAT(aside, ElementsAre("", folder_ + "/journal.1.jsonl", folder_ + "/journal.2.jsonl"));
  opened(true);
  EXPECT_THAT(ids(), ElementsAre("A/3"));
  std::set<std::string> kept;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) kept.insert(line);
  }
  EXPECT_EQ(kept.size(), 4U) << "three cases, and what all were run with";
}

TEST_F(JournalFile, ALineInTheMiddleThatIsNoCaseIsAnErrorThatNamesIt) {
  {
    Journal journal = opened(false);
    ASSERT_TRUE(journal.append(finished("A/1")));
  }
  std::ofstream(path(), std::ios::app) << "no json\n";
  const auto read = read_journal(path());
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error(), HasSubstr("line 3"));
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
  const auto journal = Journal::open(folder_ + "/file/below", {}, header());
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error(), HasSubstr("file/below"));
}

}  // namespace
}  // namespace atspec::run
