#include <algorithm>

#include "harness/ftpd/store.hpp"

namespace atspec::ftpd {
namespace {

/// Adds the components of `path` to the normal path `out`, which is empty for the root.
void append_components(std::string& out, std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!out.empty()) out.resize(out.rfind('/'));
      continue;
    }
    out += '/';
    out += part;
  }
}

}  // namespace

std::string resolve_path(std::string_view cwd, std::string_view path) {
  std::string out;
  out.reserve(cwd.size() + path.size() + 2);
  if (!path.starts_with('/')) append_components(out, cwd);
  append_components(out, path);
  if (out.empty()) out.push_back('/');
  return out;
}

}  // namespace atspec::ftpd
