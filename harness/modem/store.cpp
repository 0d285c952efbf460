#include "harness/modem/store.hpp"

namespace atspec::modem {

const Store::Medium* Store::medium(std::string_view path, std::string_view& name) const {
  const auto colon = path.find(':');
  name = colon == std::string_view::npos ? path : path.substr(colon + 1);
  if (name.empty()) return nullptr;
  const auto prefix = colon == std::string_view::npos ? std::string_view("UFS") : path.substr(0, colon);
  if (prefix == "RAM") return &ram_;
  if (prefix == "UFS") return &ufs_;
  return nullptr;
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

bool Store::append(std::string_view path, io::ByteView bytes) {
  std::string_view name;
  Medium* on = medium(path, name);
  if (on == nullptr || bytes.size() > on->limit - on->used) return false;
  auto found = on->files.find(name);
  if (found == on->files.end()) found = on->files.emplace(name, io::Bytes()).first;
  found->second += bytes;
  on->used += bytes.size();
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
  const auto add = [&](std::string_view prefix, const Medium& on) {
    for (const auto& [name, content] : on.files) {
      const std::string path = std::string(prefix) + ":" + name;
      if (io::glob(pattern, path) || (prefix == "UFS" && io::glob(pattern, name)))
        out.emplace_back(path, content.size());
    }
  };
  add("RAM", ram_);
  add("UFS", ufs_);
  return out;
}

void Store::clear_ram() {
  ram_.files.clear();
  ram_.used = 0;
}

void Store::clear() {
  clear_ram();
  ufs_.files.clear();
  ufs_.used = 0;
}

}  // namespace atspec::modem
