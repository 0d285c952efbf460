#include "harness/run/suite.hpp"

#include <stdlib.h>

#include <filesystem>

#include "harness/generate/small_manual.hpp"
#include "harness/io/scratch_folder.hpp"
#include "harness/scenario/text.hpp"

namespace atspec::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Takes every case, until it is unplugged before case number `lasts`.
class ShortLived : public target::Bench {
 public:
  ShortLived(int lasts, std::function<void(int left)> before_case)
      : lasts_(lasts), before_case_(std::move(before_case)) {}
  io::Time now() const override { return {}; }
  bool virtual_clock() const override { return true; }
  scenario::PeerLevel peer_level() const override { return scenario::PeerLevel::none; }
  const std::map<std::string, std::string>& tokens() const override { return tokens_; }
  std::expected<bool, target::Lost> begin() override {
    if (lasts_-- == 0) return std::unexpected(target::Lost{"unplugged"});
    if (before_case_) before_case_(lasts_);
    return true;
  }
  std::expected<void, target::Unsupported> peer(const scenario::PeerDirective&) override { return {}; }
  std::expected<std::vector<target::PeerFileState>, target::Unsupported> files() override {
    return std::unexpected(target::Unsupported{"none"});
  }
  std::vector<trace::Chunk> take_peer_log() override { return {}; }
  std::expected<void, target::Lost> write(io::ByteView) override { return {}; }
  std::expected<std::optional<Arrival>, target::Lost> poll(io::Time deadline) override {
    return Arrival{deadline, "\r\nOK\r\n"};
  }
  std::expected<void, target::Unsupported> set_dtr(bool) override { return {}; }
  std::expected<void, target::Unsupported> send_break() override { return {}; }
  std::expected<void, target::Unsupported> reset() override { return {}; }

 private:
  int lasts_;
  std::function<void(int)> before_case_;
  std::map<std::string, std::string> tokens_;
};

struct Suite {
  spec::Spec spec = generate::spec_of("");
  std::vector<scenario::Scenario> cases =
      *scenario::parse_all("case A/1\n> AT\nwait final\ncase A/2\n> AT\nwait final\ncase A/3\n> AT\nwait final\n");
  Stop stop;
  SuiteOptions options;
  result::Result result;
  std::vector<std::string> told;
  std::function<void(int left)> before_case;

  SuiteEnd::Why run(int lasts, std::vector<result::CaseResult> done = {}, Journal* journal = nullptr) {
    ShortLived bench(lasts, before_case);
    Runner runner(spec, bench, {});
    return run_suite(
               runner, cases, std::move(done), journal,
               [&](const result::CaseResult& one, std::size_t) { told.push_back(one.id); }, stop, result, options)
        .why;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const auto& one : result.cases) out.push_back(one.id);
    return out;
  }
};

result::CaseResult finished(std::string id) {
  result::CaseResult out;
  out.id = std::move(id);
  out.reason = "earlier";
  return out;
}

TEST(RunSuite, RunsAllCasesInTheirOrder) {
  Suite suite;
  EXPECT_EQ(suite.run(100), SuiteEnd::Why::finished);
  EXPECT_THAT(suite.ids(), ElementsAre("A/1", "A/2", "A/3"));
  EXPECT_EQ(suite.result.stopped, "");
}

TEST(RunSuite, KeepsWhatWasFinishedWhenTheTargetIsLost) {
  Suite suite;
  EXPECT_EQ(suite.run(2, {finished("A/3")}), SuiteEnd::Why::finished);
  Suite shorter;
  EXPECT_EQ(shorter.run(1, {finished("A/3")}), SuiteEnd::Why::target_lost);
  EXPECT_THAT(shorter.ids(), ElementsAre("A/1", "A/3"));
  EXPECT_THAT(shorter.result.stopped, HasSubstr("unplugged (in case A/2)"));
}

TEST(RunSuite, DoesNotRunAgainWhatAnEarlierPartFinished) {
  Suite suite;
  EXPECT_EQ(suite.run(100, {finished("A/2")}), SuiteEnd::Why::finished);
  EXPECT_THAT(suite.told, ElementsAre("A/1", "A/3"));
  EXPECT_EQ(suite.result.cases[1].reason, "earlier");
}

TEST(RunSuite, StopsBetweenTwoCasesWhenAsked) {
  Suite suite;
  suite.stop.after_case = true;
  EXPECT_EQ(suite.run(100), SuiteEnd::Why::interrupted);
  EXPECT_THAT(suite.result.stopped, HasSubstr("A/1"));
}

TEST(RunSuite, RecordsNothingOfACaseThatIsGivenUp) {
  Suite suite;
  suite.before_case = [&](int left) { suite.stop.at_once = left == 98; };
  EXPECT_EQ(suite.run(100, {finished("A/3")}), SuiteEnd::Why::interrupted);
  EXPECT_THAT(suite.ids(), ElementsAre("A/1", "A/3"));
  EXPECT_THAT(suite.told, ElementsAre("A/1"));
  EXPECT_EQ(suite.result.stopped, "interrupted in A/2");
}

TEST(RunSuite, BeginsNoCaseOnceTheTimeIsUsedUp) {
  Suite suite;
  int left = 2;
  suite.options.out_of_time = [&] { return left-- == 0; };
  EXPECT_EQ(suite.run(100, {finished("A/2")}), SuiteEnd::Why::finished) << "what is done takes none";
  Suite shorter;
  left = 1;
  shorter.options.out_of_time = [&] { return left-- == 0; };
  EXPECT_EQ(shorter.run(100, {finished("A/3")}), SuiteEnd::Why::out_of_time);
  EXPECT_THAT(shorter.ids(), ElementsAre("A/1", "A/3"));
  EXPECT_EQ(shorter.result.stopped, "") << "no error";
}

TEST(RunSuite, StopsWhereACaseCannotBeKept) {
  const io::ScratchFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "journal.jsonl");
  auto journal = Journal::open(folder.path(), Recorded{}, {});
  ASSERT_TRUE(journal);
  Suite suite;
  EXPECT_EQ(suite.run(100, {}, &*journal), SuiteEnd::Why::journal_failed);
  EXPECT_THAT(suite.ids(), ElementsAre("A/1"));
  EXPECT_THAT(suite.result.stopped, HasSubstr("No space left"));
}

}  // namespace
}  // namespace atspec::run
