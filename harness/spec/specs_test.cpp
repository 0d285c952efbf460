// What stands in specs/ is clean: every file of it loads without a word.
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/spec/load.hpp"

namespace atspec::spec {
namespace {

namespace fs = std::filesystem;
const fs::path specs = fs::path(ATSPEC_SOURCE_DIR) / "specs";

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".xml") out.push_back(entry.path().string());
  }
  return out;
}

TEST(Specs, TheManualLoadsWithoutADiagnostic) {
  const fs::path manual = specs / "quectel-ftp" / "manual.xml";
  if (!fs::exists(manual)) GTEST_SKIP() << "no " << manual;
  const Loaded loaded = load({manual.string()});
  for (const auto& diagnostic : loaded.diagnostics) ADD_FAILURE() << format(diagnostic);
  EXPECT_GT(loaded.spec.commands.size(), 0U);
}

TEST(Specs, EachFileBesideTheManualIsIncludedByIt) {
  const Loaded loaded = load({(specs / "quectel-ftp" / "manual.xml").string()});
  for (const auto& file : files_in(specs / "quectel-ftp")) {
    EXPECT_NE(std::find(loaded.spec.files.begin(), loaded.spec.files.end(), file), loaded.spec.files.end()) << file;
  }
}

TEST(Specs, ProfilesNameReadingsAndStatesTheManualHas) {
  const Loaded loaded = load({(specs / "quectel-ftp" / "manual.xml").string()});
  for (const auto& file : files_in(specs / "profiles")) {
    const auto profile = load_profile(file);
    ASSERT_TRUE(profile) << format(profile.error().front());
    for (const auto& id : profile->prefers) {
      bool known = false;
      for (const auto& ambiguity : loaded.spec.ambiguities) {
        for (const auto& reading : ambiguity.readings) known = known || reading.id == id;
      }
      EXPECT_TRUE(known) << file << ": " << id;
    }
    for (const auto& [state, value] : profile->reference) EXPECT_NE(loaded.spec.state(state), nullptr) << state;
  }
}

TEST(Specs, MutantsBreakClausesTheManualHas) {
  const Loaded loaded = load({(specs / "quectel-ftp" / "manual.xml").string()});
  for (const auto& file : files_in(specs / "mutants")) {
    const auto mutants = load_mutants(file);
    ASSERT_TRUE(mutants) << format(mutants.error().front());
    for (const auto& mutant : *mutants) {
      for (const auto& id : mutant.breaks) EXPECT_NE(loaded.spec.clause(id), nullptr) << mutant.name << ": " << id;
    }
  }
}

}  // namespace
}  // namespace atspec::spec
