#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "harness/spec/load.hpp"

namespace atspec::spec {
namespace {

std::string write(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / ("atspec-profile-" + std::to_string(::getpid()) + ".xml");
  std::ofstream(path) << text;
  return path.string();
}

template <typename Load>
std::vector<std::string> complaints(Load load, const std::string& text) {
  const std::string file = write(text);
  const auto loaded = load(file);
  std::remove(file.c_str());
  std::vector<std::string> out;
  if (!loaded) {
    for (const auto& one : loaded.error()) out.push_back(format(one).substr(file.size() + 1));
  }
  return out;
}

TEST(Profile, HoldsReadingsAndStarts) {
  const std::string file = write(R"(<profile name="p" title="t"><prefer reading="A02.unquoted"/>
    <reference state="cfg.filetype" value="0"/><reference state="cwd" value=""/></profile>)");
  const auto profile = load_profile(file);
  std::remove(file.c_str());
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->name, "p");
  EXPECT_EQ(profile->prefers, std::vector<std::string>{"A02.unquoted"});
  EXPECT_EQ(profile->reference, (std::map<std::string, std::string>{{"cfg.filetype", "0"}, {"cwd", ""}}));
}

TEST(Profile, AllThatIsWrongIsSaid) {
  EXPECT_EQ(
      complaints(load_profile,
                 "<profile>\n<prefer/>\n<reference state='a' value='1' vlaue='2'/>\n"
                 "<reference state='a' value='2'/>\n<other/></profile>"),
      (std::vector<std::string>{"5:1: <other> is not allowed in <profile>", "1:1: <profile> needs the attribute name",
                                "2:1: <prefer> needs the attribute reading", "3:39: <reference> has no attribute vlaue",
                                "4:19: state a is there twice"}));
  EXPECT_EQ(complaints(load_profile, "<spec/>"), std::vector<std::string>{"1:1: <spec> where <profile> was expected"});
}

TEST(Mutants, HoldTheirChangesInOrder) {
  const std::string file = write(R"(<mutants><mutant name="m" class="late" breaks="A B"><title>one
    two</title><set path="pair.550" value="601"/><output kind="urc" action="delay" by="2s" times="1"/></mutant></mutants>)");
  const auto mutants = load_mutants(file);
  std::remove(file.c_str());
  ASSERT_TRUE(mutants);
  ASSERT_EQ(mutants->size(), 1U);
  const Mutant& mutant = mutants->front();
  EXPECT_EQ(mutant.title, "one two");
  EXPECT_EQ(mutant.group, "late");
  EXPECT_EQ(mutant.breaks, (std::vector<ClauseId>{"A", "B"}));
  ASSERT_EQ(mutant.changes.size(), 2U);
  EXPECT_EQ(mutant.changes[0].kind, "set");
  EXPECT_EQ(mutant.changes[0].attributes.at("path"), "pair.550");
  EXPECT_EQ(mutant.changes[1].kind, "output");
  EXPECT_EQ(mutant.changes[1].attributes.at("by"), "2s");
  EXPECT_EQ(mutant.changes[1].at.line, 2);
}

TEST(Mutants, AllThatIsWrongIsSaid) {
  EXPECT_EQ(complaints(load_mutants,
                       "<mutants>\n<mutant name='m' breaks=''/>\n<mutant name='m' breaks='A'>\n"
                       "<set path='x'/>\n<output kind='ulc' action='lose' by='2' times='0'/>\n"
                       "<output action='delay'/>\n<output/></mutant></mutants>"),
            (std::vector<std::string>{
                "2:1: mutant m changes nothing", "4:1: <set> needs the attribute value",
                "5:15: kind ulc: one of info connect final urc",
                ("5:28: action lose: one of drop delay duplicate replace unframed substitute add corrupt late "
                 "before after hang restart"),
                "5:38: 2 is no duration like 300ms or 125s", "5:48: times counts from 1",
                "6:1: a delay needs the attribute by", "7:1: <output> needs the attribute action",
                "3:15: mutant m is there twice"}));
}

}  // namespace
}  // namespace atspec::spec
