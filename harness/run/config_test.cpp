#include "harness/run/config.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace atspec::run {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const spec::Spec& manual() {
  static const spec::Spec spec = spec::load({ATSPEC_SOURCE_DIR "/specs/quectel-ftp/manual.xml"}).spec;
  return spec;
}

const modem::Config& config() {
  static const modem::Config value = modem_config(manual(), {});
  return value;
}

TEST(ModemConfig, HasTheBoundsOfTheManual) {
  const auto& timeout = config().limits.at("+QFTPCFG.timeout");
  EXPECT_EQ(timeout.min, 20);
  EXPECT_EQ(timeout.max, 180);
  EXPECT_EQ(config().limits.at("+QFTPOPEN.port").max, 65535);
  EXPECT_EQ(config().limits.at("+QFTPCWD.path_name").max_length, 128U);
  EXPECT_EQ(config().limits.at("+QFTPPWD.path_name").max_length, 255U) << "of what is reported, too";
  EXPECT_THAT(config().limits.at("+QFTPCFG.file_type").choices, ElementsAre(0, 1));
}

TEST(ModemConfig, HasTheTestResponsesAsTheyArePrinted) {
  EXPECT_THAT(config().test_lines.at("+QFTPSIZE"), ElementsAre("+QFTPSIZE: <file_name>"));
  EXPECT_EQ(config().test_lines.at("+QFTPCFG").size(), 9U);
}

TEST(ModemConfig, HasCodesByNameAndTheirPairs) {
  EXPECT_EQ(config().codes.at("timeout"), 609);
  EXPECT_EQ(config().pair.at(550), 627);
}

TEST(ModemConfig, StartsAsTheManualSaysAndElseAsTheReferenceDoes) {
  EXPECT_EQ(config().initial.at("cfg.rsptimeout"), "90");
  EXPECT_EQ(config().initial.at("cmee"), "0");
}

TEST(ModemConfig, AProfileChoosesWhereTheManualSaysNothing) {
  spec::Profile profile;
  profile.reference = {{"cfg.filetype", "1"}, {"cfg.rsptimeout", "20"}};
  profile.prefers = {"A02.unquoted"};
  const auto chosen = modem_config(manual(), profile);
  EXPECT_EQ(chosen.initial.at("cfg.filetype"), "1");
  EXPECT_EQ(chosen.initial.at("cfg.rsptimeout"), "90");
  EXPECT_THAT(chosen.readings, Contains("A02.unquoted"));
  EXPECT_THAT(chosen.readings, Not(Contains("A02.quoted")));
}

TEST(ModemConfig, HasACardUnlessTheProfileSaysOtherwise) {
  EXPECT_GT(config().sd_bytes, 0U);
  spec::Profile profile;
  profile.reference = {{"sd", "none"}, {"cfg.filetype", "1"}};
  EXPECT_EQ(modem_config(manual(), profile).sd_bytes, 0U);
  EXPECT_EQ(given(manual(), profile), (generate::States{{"sd", "none"}})) << "the rest can be set up";
  EXPECT_TRUE(given(manual(), {}).empty());
}

TEST(ModemConfig, HasTheTimesOfTheRules) {
  EXPECT_EQ(config().times.at("guard-time"), std::chrono::seconds(1));
  EXPECT_EQ(config().times.at("open-limit"), std::chrono::seconds(125));
}

class MutantFile : public testing::Test {
 protected:
  MutantFile() : path_(std::filesystem::temp_directory_path() / ("atspec-mutants." + std::to_string(::getpid()))) {
    std::ofstream(path_) << R"xml(<mutants>
  <mutant name="one" breaks="MAP-550"><title>a</title><set path="pair.550" value="601"/></mutant>
  <mutant name="two" breaks="GEN-03"><title>b</title>
    <output kind="urc" command="+QFTPSIZE" action="delay" by="2s" times="3"/></mutant>
  <mutant name="bad" breaks="GEN-03"><title>c</title><set path="no.such" value="1"/></mutant>
</mutants>)xml";
  }
  ~MutantFile() override { std::filesystem::remove(path_); }
  spec::Mutant mutant(const std::string& name) const {
    auto found = find_mutant(path_ + "#" + name);
    EXPECT_TRUE(found) << found.error();
    return std::move(*found);
  }
  std::string path_;
};

TEST_F(MutantFile, ChangesAValueOfTheReference) {
  modem::Config changed = config();
  ASSERT_TRUE(apply(mutant("one"), changed));
  EXPECT_EQ(changed.pair.at(550), 601);
  EXPECT_EQ(config().pair.at(550), 627);
}

TEST_F(MutantFile, ChangesWhatLeavesTheReference) {
  modem::Config changed = config();
  ASSERT_TRUE(apply(mutant("two"), changed));
  ASSERT_EQ(changed.output.size(), 1U);
  EXPECT_EQ(changed.output[0].kind, modem::OutputRule::Kind::urc);
  EXPECT_EQ(changed.output[0].action, modem::OutputRule::Action::delay);
  EXPECT_EQ(changed.output[0].by, std::chrono::seconds(2));
  EXPECT_EQ(changed.output[0].times, 3U);
}

TEST_F(MutantFile, AValueThatDoesNotExistIsToldWithItsPlace) {
  modem::Config changed = config();
  const auto done = apply(mutant("bad"), changed);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr(path_ + ":5:"));
}

TEST_F(MutantFile, AnUnknownNameIsAnsweredWithThoseThereAre) {
  const auto none = find_mutant(path_ + "#three");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error(), HasSubstr("one, two, bad"));
  EXPECT_FALSE(find_mutant(path_));
  EXPECT_FALSE(find_mutant("no-such-file.xml#one"));
}

TEST(Mutants, OfTheProjectAllApply) {
  for (const auto& file : std::filesystem::directory_iterator(ATSPEC_SOURCE_DIR "/specs/mutants")) {
    if (file.path().extension() != ".xml") continue;
    const auto mutants = spec::load_mutants(file.path().string());
    ASSERT_TRUE(mutants) << file.path();
    for (const auto& one : *mutants) {
      modem::Config changed = config();
      const auto done = apply(one, changed);
      EXPECT_TRUE(done) << done.error();
    }
  }
}

}  // namespace
}  // namespace atspec::run
