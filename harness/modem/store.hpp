// The modem's own files: RAM:, UFS: and SD:, each with a size it cannot exceed. RAM is gone after a restart; a medium
// of no size is not there.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/bytes.hpp"

namespace atspec::modem {

class Store {
 public:
  struct Sizes {
    std::uint64_t ram = 0, ufs = 0, sd = 0;
  };
  explicit Store(const Sizes& sizes);

  /// "RAM:x", "UFS:x", "SD:x", or "x" alone, which is UFS.
  bool has(std::string_view path) const;
  const io::Bytes* content(std::string_view path) const;
  /// False where the medium does not exist or is full; the file then keeps what it had.
  bool append(std::string_view path, io::ByteView bytes);
  /// From `offset` on, over what is there and beyond. False where there is no such file, where it ends before `offset`,
  /// and where the medium is full; the file then keeps what it had.
  bool write(std::string_view path, std::uint64_t offset, io::ByteView bytes);
  /// An empty file in place of any there is.
  bool create(std::string_view path);
  /// Whether `create` could.
  bool can_hold(std::string_view path) const;
  bool remove(std::string_view path);
  /// Paths with prefix and sizes, for a pattern like "RAM:*".
  std::vector<std::pair<std::string, std::uint64_t>> list(std::string_view pattern) const;

  struct Space {
    std::uint64_t free = 0, total = 0;
  };
  /// Of "RAM", "UFS" or "SD"; nothing where it is not there.
  std::optional<Space> space(std::string_view medium) const;
  /// What `path` lies on, whether or not that is there.
  static std::string_view medium_of(std::string_view path);
  /// What `path` is called there.
  static std::string_view name_of(std::string_view path);

  void clear_ram();
  void clear();

 private:
  struct Medium {
    std::string_view name;
    std::uint64_t limit = 0, used = 0;
    std::map<std::string, io::Bytes, std::less<>> files;
  };
  Medium* medium(std::string_view path, std::string_view& name);
  const Medium* medium(std::string_view path, std::string_view& name) const;

  std::array<Medium, 3> media_;
};

}  // namespace atspec::modem
