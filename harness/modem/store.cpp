#include "harness/modem/store.hpp"

#include <algorithm>

namespace atspec::modem {

Store::Store(const Sizes& sizes)
    : media_{{{"RAM", sizes.ram, 0, {}}, {"UFS", sizes.ufs, 0, {}}, {"SD", sizes.sd, 0, {}}}} {}

std::string_view Store::medium_of(std::string_view path) {
  const auto colon = path.find(':');
  return colon == std::string_view::npos ? std::string_view("UFS") : path.substr(0, colon);
}

std::string_view Store::name_of(std::string_view path) { return path.substr(path.find(':') + 1); }

const Store::Medium* Store::medium(std::string_view path, std::string_view& name) const {
  name = name_of(path);
  if (name.empty()) return nullptr;
  const auto found =
      std::find_if(media_.begin(), media_.end(), [on = medium_of(path)](const Medium& one) { return one.name == on; });
  return found == media_.end() || found->limit == 0 ? nullptr : &*found;
}

Store::Medium* Store::medium(std::string_view path, std::string_view& name) {
  return const_cast<Medium*>(static_cast<const Store*>(this)->medium(path, name));
}

const io::Bytes* Store::content(std::string_view path) const {
  std::string_view name;
  const Medium* on = medium(path, name);
  if (on == nullptr) return nullptr;
  const auto found = on->files.find(name);
  return found == on->files.end() ? nullptr : &found->second;
}

bool Store::has(std::string_view path) const { return content(path) != nullptr; }

bool Store::create(std::string_view path) {
  std::string_view name;
  Medium* on = medium(path, name);
  if (on == nullptr) return false;
  remove(path);
  on->files.emplace(name, io::Bytes());
  return true;
}

bool Store::can_hold(std::string_view path) const {
  std::string_view name;
  return medium(path, name) != nullptr;
}

bool Store::append(std::string_view path, io::ByteView bytes) {
  const io::Bytes* there = content(path);
  if (there == nullptr && !create(path)) return false;
  return write(path, there == nullptr ? 0 : there->size(), bytes);
}

bool Store::write(std::string_view path, std::uint64_t offset, io::ByteView bytes) {
  std::string_view name;
  Medium* on = medium(path, name);
  if (on == nullptr) return false;
  const auto found = on->files.find(name);
  if (found == on->files.end() || offset > found->second.size()) return false;
  io::Bytes& content = found->second;
  const auto at = static_cast<std::size_t>(offset);
  const std::size_t over = std::min(bytes.size(), content.size() - at);
  const std::size_t more = bytes.size() - over;
  if (more > on->limit - on->used) return false;
  content.replace(at, over, bytes);
  on->used += more;
  return true;
}

bool Store::remove(std::string_view path) {
  std::string_view name;
  Medium* on = medium(path, name);
  if (on == nullptr) return false;
  const auto found = on->files.find(name);
  if (found == on->files.end()) return false;
  on->used -= found->second.size();
  on->files.erase(found);
  return true;
}

std::vector<std::pair<std::string, std::uint64_t>> Store::list(std::string_view pattern) const {
  std::vector<std::pair<std::string, std::uint64_t>> out;
  for (const Medium& on : media_) {
    for (const auto& [name, content] : on.files) {
      const std::string path = std::string(on.name) + ":" + name;
      if (io::glob(pattern, path) || (on.name == "UFS" && io::glob(pattern, name)))
        out.emplace_back(path, content.size());
    }
  }
  return out;
}

std::optional<Store::Space> Store::space(std::string_view medium) const {
  for (const Medium& on : media_) {
    if (on.name == medium && on.limit > 0) return Space{on.limit - on.used, on.limit};
  }
  return std::nullopt;
}

void Store::clear_ram() {
  Medium& ram = media_.front();
  ram.files.clear();
  ram.used = 0;
}

void Store::clear() {
  for (Medium& on : media_) {
    on.files.clear();
    on.used = 0;
  }
}

}  // namespace atspec::modem
