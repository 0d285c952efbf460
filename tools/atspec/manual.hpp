// The spec and profile a subcommand works with, loaded with their complaints printed.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "harness/modem/config.hpp"
#include "harness/spec/load.hpp"
#include "harness/target/open.hpp"

namespace atspec::tools {

struct Manual {
  spec::Spec spec;
  spec::Profile profile;
};

/// No `specs`: the manual that came with the program. Nothing where something is wrong: every complaint has then been
/// printed, at file:line:column where there is one.
std::optional<Manual> load_manual(const std::vector<std::string>& specs, const std::string& profile);

/// A profile by name or file; the error is all complaints, one a line.
std::expected<spec::Profile, std::string> load_profile(const std::string& name_or_file);

/// What the reference is told, with what the query of a sim: URL changes (profile, mutant).
std::expected<modem::Config, std::string> reference_config(const Manual& manual, const target::Url& url);

}  // namespace atspec::tools
