// specs/atspec.xsd against what the loader says: all of specs/ is valid, and what only the loader's own reading of
// elements and attributes refuses is refused by the schema as well.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace atspec::spec {
namespace {

namespace fs = std::filesystem;

bool has_xmllint() {
  static const bool there = std::system("xmllint --version >/dev/null 2>&1") == 0;
  return there;
}

bool valid(const fs::path& file) {
  const std::string schema = ATSPEC_SOURCE_DIR "/specs/atspec.xsd";
  return std::system(("xmllint --noout --schema '" + schema + "' '" + file.string() + "' >/dev/null 2>&1").c_str()) ==
         0;
}

TEST(Schema, EverySpecIsValid) {
  if (!has_xmllint()) GTEST_SKIP() << "no xmllint here";
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(ATSPEC_SOURCE_DIR "/specs")) {
    if (entry.path().extension() != ".xml") continue;
    ++files;
    EXPECT_TRUE(valid(entry.path())) << entry.path();
  }
  EXPECT_GT(files, 0U);
}

TEST(Schema, RefusesWhatTheLoaderRefusesOfElementsAndAttributes) {
  if (!has_xmllint()) GTEST_SKIP() << "no xmllint here";
  for (const char* name : {"attribute-missing",
                           "attribute-unknown",
                           "clause-level",
                           "clause-testing",
                           "clause-twice",
                           "clause-without-text",
                           "data-from",
                           "data-with-text",
                           "element-misplaced",
                           "element-unknown",
                           "form-without-outcome",
                           "group-twice",
                           "integer-malformed",
                           "item-attribute",
                           "item-without-text",
                           "keyword-of-a-read",
                           "needs-malformed",
                           "parameter-of-a-read",
                           "root-unknown",
                           "rule-value",
                           "spec-without-title",
                           "state-twice",
                           "text-between-elements",
                           "type-base",
                           "type-negative-length",
                           "type-twice",
                           "xml-attribute-twice",
                           "xml-bare-ampersand",
                           "xml-control-character",
                           "xml-less-than-in-attribute",
                           "xml-second-root",
                           "xml-tag-mismatch",
                           "xml-text-outside",
                           "yes-or-no"}) {
    const fs::path file = fs::path(ATSPEC_SOURCE_DIR "/harness/spec/broken") / (std::string(name) + ".xml");
    ASSERT_TRUE(fs::exists(file)) << file;
    EXPECT_FALSE(valid(file)) << name;
  }
}

// the schema must not be stricter than the loader where the slip is none of its business
TEST(Schema, LeavesToLintWhatLintIsFor) {
  if (!has_xmllint()) GTEST_SKIP() << "no xmllint here";
  for (const char* name : {"clause-unknown", "codes-pair", "expression-name", "needs-no-value", "parameter-default",
                           "state-unreachable", "template-without-type"}) {
    EXPECT_TRUE(valid(fs::path(ATSPEC_SOURCE_DIR "/harness/spec/broken") / (std::string(name) + ".xml"))) << name;
  }
}

}  // namespace
}  // namespace atspec::spec
