// Where the FTP server keeps its files: in memory, or below a directory of the host. Paths are
// absolute, '/'-separated, already normalised ("/a/b", root "/"); nothing outside the root is reachable.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/bytes.hpp"

namespace atspec::ftpd {

enum class StoreError { not_found, exists, is_directory, not_a_directory, not_empty, denied, no_space };

struct Entry {
  std::string name;
  bool directory = false;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  ///< seconds since 1970, UTC
};

class FileStore {
 public:
  virtual ~FileStore() = default;
  virtual std::expected<Entry, StoreError> status(std::string_view path) const = 0;
  virtual std::expected<std::vector<Entry>, StoreError> list(std::string_view path) const = 0;  ///< by name
  /// Up to `size` bytes from `offset`; empty at the end.
  virtual std::expected<io::Bytes, StoreError> read(std::string_view path, std::uint64_t offset,
                                                    std::size_t size) const = 0;
  /// Makes the file if needed. `truncate` cuts it to `offset` first; then bytes go to `offset`.
  virtual std::expected<void, StoreError> write(std::string_view path, std::uint64_t offset, io::ByteView bytes,
                                                bool truncate) = 0;
  virtual std::expected<void, StoreError> remove(std::string_view path) = 0;
  virtual std::expected<void, StoreError> make_directory(std::string_view path) = 0;
  virtual std::expected<void, StoreError> remove_directory(std::string_view path) = 0;
  /// A file takes the place of a file that is there already; a directory does not.
  virtual std::expected<void, StoreError> rename(std::string_view from, std::string_view to) = 0;
  /// Back to an empty root, where the store can.
  virtual void clear() = 0;
  /// The time that what is written from now on is given; a store that has a clock of its own ignores it.
  virtual void set_time(std::int64_t /*seconds_since_1970*/) {}
};

/// `quota_bytes` 0: no limit; an entry counts its content, its path and some for itself, so that empty files
/// do not come free. Modification times are those of `set_time`.
std::unique_ptr<FileStore> memory_store(std::uint64_t quota_bytes = 0);
/// Below `root`, which must exist; symbolic links that leave it are refused.
std::unique_ptr<FileStore> directory_store(std::string root);

/// "/a/../b//c" from `cwd` as an absolute normal path; ".." never climbs over the root.
std::string resolve_path(std::string_view cwd, std::string_view path);

/// The longest path a store takes.
inline constexpr std::size_t longest_path = 4096;

}  // namespace atspec::ftpd
