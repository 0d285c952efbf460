// The modem's own files: RAM: and UFS:, each with a size it cannot exceed. RAM is gone after a restart.
#pragma once

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
  Store(std::uint64_t ram_bytes, std::uint64_t ufs_bytes) : ram_{ram_bytes}, ufs_{ufs_bytes} {}

  /// "RAM:x", "UFS:x", or "x" alone, which is UFS.
  bool has(std::string_view path) const;
  const io::Bytes* content(std::string_view path) const;
  /// False where the medium does not exist or is full; the file then keeps what it had.
  bool append(std::string_view path, io::ByteView bytes);
  /// An empty file in place of any there is.
  bool create(std::string_view path);
  bool remove(std::string_view path);
  /// Paths with prefix and sizes, for a pattern like "RAM:*".
  std::vector<std::pair<std::string, std::uint64_t>> list(std::string_view pattern) const;
  void clear_ram();
  void clear();

 private:
  struct Medium {
    std::uint64_t limit;
    std::uint64_t used = 0;
    std::map<std::string, io::Bytes, std::less<>> files;
  };
  Medium* medium(std::string_view path, std::string_view& name);
  const Medium* medium(std::string_view path, std::string_view& name) const;

  Medium ram_, ufs_;
};

}  // namespace atspec::modem
