// Where the program finds the specs it came with.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace atspec::tools {

/// The folder that holds specs/: $ATSPEC_HOME, else the nearest one above the program that has it. The error says
/// what to do.
std::expected<std::filesystem::path, std::string> home();

/// A profile's name ("manual") or file.
std::expected<std::string, std::string> profile_file(const std::string& name_or_file);

/// The manual that is used where no --spec is given.
std::expected<std::string, std::string> default_spec();

}  // namespace atspec::tools
