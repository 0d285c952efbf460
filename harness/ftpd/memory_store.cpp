#include <map>

#include "harness/ftpd/store.hpp"

namespace atspec::ftpd {
namespace {

/// One flat map by whole path: no recursion, however deep a client nests its directories.
class MemoryStore final : public FileStore {
 public:
  explicit MemoryStore(std::uint64_t quota_bytes) : quota_(quota_bytes) {}

  std::expected<Entry, StoreError> status(std::string_view path) const override {
    if (path == "/") return Entry{"/", true, 0, root_modified_};
    const auto at = nodes_.find(path);
    if (at == nodes_.end()) return std::unexpected(missing(path));
    return entry(at->first, at->second);
  }

  std::expected<std::vector<Entry>, StoreError> list(std::string_view path) const override {
    const auto self = status(path);
    if (!self) return std::unexpected(self.error());
    if (!self->directory) return std::unexpected(StoreError::not_a_directory);
    std::string prefix(path == "/" ? std::string_view{} : path);
    prefix += '/';
    std::vector<Entry> out;
    for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix);) {
      const std::size_t below = at->first.find('/', prefix.size());
      if (below == std::string::npos) {
        out.push_back(entry(at->first, at->second));
        ++at;
      } else {
        // the first thing inside a subdirectory: jump over all of it ('0' is the character after '/')
        at = nodes_.lower_bound(at->first.substr(0, below) + '0');
      }
    }
    return out;
  }

  std::expected<io::Bytes, StoreError> read(std::string_view path, std::uint64_t offset,
                                            std::size_t size) const override {
    const auto at = nodes_.find(path);
    if (at == nodes_.end()) return std::unexpected(path == "/" ? StoreError::is_directory : missing(path));
    if (at->second.directory) return std::unexpected(StoreError::is_directory);
    const io::Bytes& content = at->second.content;
    if (offset >= content.size()) return io::Bytes{};
    return content.substr(static_cast<std::size_t>(offset), size);
  }

  std::expected<void, StoreError> write(std::string_view path, std::uint64_t offset, io::ByteView bytes,
                                        bool truncate) override {
    auto at = nodes_.find(path);
    if (at != nodes_.end() ? at->second.directory : path == "/") return std::unexpected(StoreError::is_directory);
    const std::uint64_t old_size = at == nodes_.end() ? 0 : at->second.content.size();
    if (offset > largest_file || bytes.size() > largest_file - offset) return std::unexpected(StoreError::no_space);
    const std::uint64_t kept = truncate ? std::min(old_size, offset) : old_size;
    const std::uint64_t new_size = bytes.empty() ? kept : std::max(kept, offset + bytes.size());
    if (at == nodes_.end()) {
      if (const auto able = can_make(path); !able) return able;
      if (!fits(cost(path) + new_size, 0)) return std::unexpected(StoreError::no_space);
      at = nodes_.emplace(path, Node{}).first;
      used_ += cost(path);
      touch_parent(path);
    } else if (!fits(new_size, old_size)) {
      return std::unexpected(StoreError::no_space);
    }
    Node& node = at->second;
    used_ = used_ - old_size + new_size;
    node.content.resize(static_cast<std::size_t>(kept));
    if (!bytes.empty()) {
      if (offset > kept) node.content.resize(static_cast<std::size_t>(offset));  // a gap reads as zeros
      node.content.replace(static_cast<std::size_t>(offset), bytes.size(), bytes);
    }
    node.modified = time_;
    return {};
  }

  std::expected<void, StoreError> remove(std::string_view path) override {
    const auto at = nodes_.find(path);
    if (at == nodes_.end()) return std::unexpected(path == "/" ? StoreError::is_directory : missing(path));
    if (at->second.directory) return std::unexpected(StoreError::is_directory);
    erase(at);
    return {};
  }

  std::expected<void, StoreError> make_directory(std::string_view path) override {
    if (path == "/" || nodes_.contains(path)) return std::unexpected(StoreError::exists);
    if (const auto able = can_make(path); !able) return able;
    if (!fits(cost(path), 0)) return std::unexpected(StoreError::no_space);
    nodes_.emplace(path, Node{true, time_, {}});
    used_ += cost(path);
    touch_parent(path);
    return {};
  }

  std::expected<void, StoreError> remove_directory(std::string_view path) override {
    if (path == "/") return std::unexpected(StoreError::denied);
    const auto at = nodes_.find(path);
    if (at == nodes_.end()) return std::unexpected(missing(path));
    if (!at->second.directory) return std::unexpected(StoreError::not_a_directory);
    if (has_children(path)) return std::unexpected(StoreError::not_empty);
    erase(at);
    return {};
  }

  std::expected<void, StoreError> rename(std::string_view from, std::string_view to) override {
    if (from == "/") return std::unexpected(StoreError::denied);
    const auto source = nodes_.find(from);
    if (source == nodes_.end()) return std::unexpected(missing(from));
    if (from == to) return {};
    if (to == "/") return std::unexpected(StoreError::exists);
    const std::string inside = std::string(from) + '/';
    if (to.starts_with(inside)) return std::unexpected(StoreError::denied);  // a directory into itself
    if (const auto able = can_make(to); !able) return able;
    if (const auto target = nodes_.find(to); target != nodes_.end()) {
      if (target->second.directory) return std::unexpected(StoreError::is_directory);
      if (source->second.directory) return std::unexpected(StoreError::exists);
    }
    // what the new, perhaps longer, paths cost
    std::uint64_t count = 1;
    for (auto at = nodes_.lower_bound(inside); at != nodes_.end() && at->first.starts_with(inside); ++at, ++count) {
      if (at->first.size() - from.size() + to.size() > longest_path) return std::unexpected(StoreError::denied);
    }
    const std::uint64_t before = count * from.size(), after = count * to.size();
    if (!fits(after, before)) return std::unexpected(StoreError::no_space);

    if (const auto target = nodes_.find(to); target != nodes_.end()) erase(target);
    used_ = used_ - before + after;
    touch_parent(from);
    move_node(source, std::string(to));
    for (auto at = nodes_.lower_bound(inside); at != nodes_.end() && at->first.starts_with(inside);) {
      const auto next = std::next(at);
      move_node(at, std::string(to) + at->first.substr(from.size()));
      at = next;
    }
    touch_parent(to);
    return {};
  }

  void clear() override {
    nodes_.clear();
    used_ = 0;
    root_modified_ = time_;
  }

  void set_time(std::int64_t seconds_since_1970) override { time_ = seconds_since_1970; }

 private:
  struct Node {
    bool directory = false;
    std::int64_t modified = 0;
    io::Bytes content;
  };
  using Nodes = std::map<std::string, Node, std::less<>>;

  static constexpr std::uint64_t entry_cost = 128;
  static constexpr std::uint64_t largest_file = 1ULL << 40;
  static std::uint64_t cost(std::string_view path) { return entry_cost + path.size(); }
  static std::string_view parent(std::string_view path) { return path.substr(0, path.rfind('/')); }

  static Entry entry(std::string_view path, const Node& node) {
    return {std::string(path.substr(path.rfind('/') + 1)), node.directory, node.content.size(), node.modified};
  }

  bool fits(std::uint64_t more, std::uint64_t less) const { return quota_ == 0 || used_ - less + more <= quota_; }

  bool has_children(std::string_view path) const {
    const std::string inside = std::string(path) + '/';
    const auto at = nodes_.lower_bound(inside);
    return at != nodes_.end() && at->first.starts_with(inside);
  }

  /// Whether a component before the last is a file: then it is not "not found".
  StoreError missing(std::string_view path) const {
    for (std::string_view above = parent(path); !above.empty(); above = parent(above)) {
      const auto at = nodes_.find(above);
      if (at != nodes_.end()) return at->second.directory ? StoreError::not_found : StoreError::not_a_directory;
    }
    return StoreError::not_found;
  }

  std::expected<void, StoreError> can_make(std::string_view path) const {
    if (path.size() > longest_path || path.find('\0') != std::string_view::npos)
      return std::unexpected(StoreError::denied);
    const std::string_view above = parent(path);
    if (above.empty()) return {};
    const auto at = nodes_.find(above);
    if (at == nodes_.end()) return std::unexpected(missing(path));
    if (!at->second.directory) return std::unexpected(StoreError::not_a_directory);
    return {};
  }

  void touch_parent(std::string_view path) {
    const std::string_view above = parent(path);
    if (above.empty()) {
      root_modified_ = time_;
    } else if (const auto at = nodes_.find(above); at != nodes_.end()) {
      at->second.modified = time_;
    }
  }

  void erase(Nodes::iterator at) {
    used_ -= cost(at->first) + at->second.content.size();
    touch_parent(at->first);
    nodes_.erase(at);
  }

  void move_node(Nodes::iterator at, std::string path) {
    auto node = nodes_.extract(at);
    node.key() = std::move(path);
    nodes_.insert(std::move(node));
  }

  Nodes nodes_;
  std::uint64_t quota_;
  std::uint64_t used_ = 0;
  std::int64_t time_ = 0;
  std::int64_t root_modified_ = 0;
};

}  // namespace

std::unique_ptr<FileStore> memory_store(std::uint64_t quota_bytes) {
  return std::make_unique<MemoryStore>(quota_bytes);
}

}  // namespace atspec::ftpd
