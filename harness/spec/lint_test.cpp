// broken/ holds a spec for every diagnostic there is. Its first line says where and what:
//   <!-- expect 7:12: the message -->
#include "harness/spec/lint.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace atspec::spec {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> broken_specs() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(ATSPEC_SOURCE_DIR "/harness/spec/broken")) {
    if (entry.path().extension() == ".xml") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class Broken : public testing::TestWithParam<fs::path> {};

TEST_P(Broken, IsDiagnosedOnceAtItsPlace) {
  std::ifstream in(GetParam());
  std::string first;
  std::getline(in, first);
  const std::string before = "<!-- expect ", behind = " -->";
  ASSERT_TRUE(first.starts_with(before) && first.ends_with(behind)) << first;
  const std::string wanted = first.substr(before.size(), first.size() - before.size() - behind.size());

  const Loaded loaded = load({GetParam().string()});
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  const Diagnostic& found = loaded.diagnostics[0];
  EXPECT_EQ(found.at.file, GetParam().string());
  const auto place = wanted.substr(0, wanted.find(' '));
  EXPECT_EQ(std::to_string(found.at.line) + ":" + std::to_string(found.at.column) + ":", place) << found.message;
  EXPECT_NE(found.message.find(wanted.substr(place.size() + 1)), std::string::npos) << found.message;
}

INSTANTIATE_TEST_SUITE_P(Spec, Broken, testing::ValuesIn(broken_specs()), [](const auto& each) {
  std::string name = each.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Lint, EverythingItKnowsIsInTheLanguage) {
  std::ifstream in(ATSPEC_SOURCE_DIR "/specs/LANGUAGE.md");
  std::stringstream text;
  text << in.rdbuf();
  const std::string language = text.str();
  for (const auto& function : known_functions())
    EXPECT_NE(language.find('`' + function.substr(0, function.size() - 1)), std::string::npos) << function;
  for (const auto& name : known_names()) EXPECT_NE(language.find(name), std::string::npos) << name;
  for (const auto& rule : known_rules()) EXPECT_NE(language.find(rule), std::string::npos) << rule;
}

TEST(Lint, AFormatHasThePlaceInFront) {
  EXPECT_EQ(format({{"a.xml", 7, 12}, "no"}), "a.xml:7:12: no");
  EXPECT_EQ(format({{"a.xml", 0, 0}, "no"}), "a.xml: no");
}

}  // namespace
}  // namespace atspec::spec
