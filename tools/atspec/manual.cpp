#include "tools/atspec/manual.hpp"

#include <fmt/format.h>

#include "harness/run/config.hpp"
#include "tools/atspec/installation.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {

std::expected<spec::Profile, std::string> load_profile(const std::string& name_or_file) {
  const auto file = profile_file(name_or_file);
  if (!file) return std::unexpected(file.error());
  auto profile = spec::load_profile(*file);
  if (profile) return *std::move(profile);
  std::string lines;
  for (const auto& diagnostic : profile.error()) lines += (lines.empty() ? "" : "\n") + format(diagnostic);
  return std::unexpected(lines);
}

std::optional<Manual> load_manual(const std::vector<std::string>& specs, const std::string& profile) {
  std::vector<std::string> files = specs;
  if (files.empty()) {
    const auto file = default_spec();
    if (!file) {
      complain(file.error());
      return std::nullopt;
    }
    files.push_back(*file);
  }
  auto loaded = spec::load(files);
  for (const auto& diagnostic : loaded.diagnostics) complain(format(diagnostic));
  auto chosen = load_profile(profile);
  if (!chosen) complain(chosen.error());
  if (!loaded.diagnostics.empty() || !chosen) return std::nullopt;
  return Manual{std::move(loaded.spec), *std::move(chosen)};
}

std::expected<modem::Config, std::string> reference_config(const Manual& manual, const target::Url& url) {
  spec::Profile profile = manual.profile;
  if (const auto name = url.query.find("profile"); name != url.query.end()) {
    auto other = load_profile(name->second);
    if (!other) return std::unexpected(other.error());
    profile = *std::move(other);
  }
  modem::Config config = run::modem_config(manual.spec, profile);
  if (const auto name = url.query.find("mutant"); name != url.query.end()) {
    const auto mutant = run::find_mutant(name->second);
    if (!mutant) return std::unexpected(mutant.error());
    if (const auto applied = run::apply(*mutant, config); !applied) return std::unexpected(applied.error());
  }
  return config;
}

}  // namespace atspec::tools
