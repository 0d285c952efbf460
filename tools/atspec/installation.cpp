#include "tools/atspec/installation.hpp"

#include <cstdlib>

namespace atspec::tools {

namespace fs = std::filesystem;

std::expected<fs::path, std::string> home() {
  if (const char* set = std::getenv("ATSPEC_HOME"); set != nullptr && *set != '\0') return fs::path(set);
  std::error_code ignored;
  for (fs::path at = fs::read_symlink("/proc/self/exe", ignored).parent_path(); !at.empty(); at = at.parent_path()) {
    if (fs::exists(at / "specs" / "profiles", ignored)) return at;
    if (at == at.root_path()) break;
  }
  return std::unexpected(
      "no specs/ above the program: set ATSPEC_HOME to the folder that holds it, or give --spec and --profile files");
}

std::expected<std::string, std::string> profile_file(const std::string& name_or_file) {
  if (name_or_file.find('/') != std::string::npos || name_or_file.ends_with(".xml")) return name_or_file;
  const auto at = home();
  if (!at) return std::unexpected(at.error());
  return (*at / "specs" / "profiles" / (name_or_file + ".xml")).string();
}

std::expected<std::string, std::string> default_spec() {
  const auto at = home();
  if (!at) return std::unexpected(at.error());
  return (*at / "specs" / "quectel-ftp" / "manual.xml").string();
}

}  // namespace atspec::tools
