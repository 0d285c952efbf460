#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "harness/ftpd/store.hpp"

namespace atspec::ftpd {
namespace {

namespace fs = std::filesystem;

StoreError from_errno(int code) {
  switch (code) {
    case ENOENT:
      return StoreError::not_found;
    case EEXIST:
      return StoreError::exists;
    case EISDIR:
      return StoreError::is_directory;
    case ENOTDIR:
      return StoreError::not_a_directory;
    case ENOTEMPTY:
      return StoreError::not_empty;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return StoreError::no_space;
    default:
      return StoreError::denied;
  }
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

/// Every path is first made real (all links followed) and must then lie below the real root. Devices, pipes
/// and sockets are no files: opening one could block the server.
class DirectoryStore final : public FileStore {
 public:
  explicit DirectoryStore(std::string root) {
    std::error_code error;
    root_ = fs::canonical(std::move(root), error).string();
    if (error) root_.clear();
  }

  std::expected<Entry, StoreError> status(std::string_view path) const override {
    const auto real = existing(path);
    if (!real) return std::unexpected(real.error());
    struct stat info{};
    if (::stat(real->c_str(), &info) != 0) return std::unexpected(from_errno(errno));
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return std::unexpected(StoreError::denied);
    return entry(path == "/" ? path : path.substr(path.rfind('/') + 1), info);
  }

  std::expected<std::vector<Entry>, StoreError> list(std::string_view path) const override {
    const auto real = existing(path);
    if (!real) return std::unexpected(real.error());
    DIR* directory = ::opendir(real->c_str());
    if (directory == nullptr) return std::unexpected(from_errno(errno));
    std::vector<std::string> names;
    while (const dirent* item = ::readdir(directory)) {
      const std::string_view name = item->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(directory);
    std::sort(names.begin(), names.end());
    std::vector<Entry> out;
    std::string child(path == "/" ? std::string_view{} : path);
    child += '/';
    const std::size_t prefix = child.size();
    for (const std::string& name : names) {
      child.resize(prefix);
      child += name;
      // what could not be opened either (a link that leaves the root, a pipe) is not shown
      if (auto one = status(child)) out.push_back(std::move(*one));
    }
    return out;
  }

  std::expected<io::Bytes, StoreError> read(std::string_view path, std::uint64_t offset,
                                            std::size_t size) const override {
    const auto real = existing(path);
    if (!real) return std::unexpected(real.error());
    const Descriptor file(::open(real->c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (const auto usable = regular(file); !usable) return std::unexpected(usable.error());
    io::Bytes out(size, '\0');
    std::size_t done = 0;
    while (done < size) {
      const ssize_t got = ::pread(file.get(), out.data() + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return std::unexpected(from_errno(errno));
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    out.resize(done);
    return out;
  }

  std::expected<void, StoreError> write(std::string_view path, std::uint64_t offset, io::ByteView bytes,
                                        bool truncate) override {
    if (path == "/") return std::unexpected(StoreError::is_directory);
    auto real = existing(path);
    if (!real && real.error() == StoreError::not_found) real = to_be_made(path);
    if (!real) return std::unexpected(real.error());
    const Descriptor file(::open(real->c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644));
    if (const auto usable = regular(file); !usable) return usable;
    if (truncate) {
      struct stat info{};
      if (::fstat(file.get(), &info) != 0) return std::unexpected(from_errno(errno));
      if (static_cast<std::uint64_t>(info.st_size) > offset && ::ftruncate(file.get(), static_cast<off_t>(offset)) != 0)
        return std::unexpected(from_errno(errno));
    }
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return std::unexpected(put == 0 ? StoreError::no_space : from_errno(errno));
      bytes.remove_prefix(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
    }
    return {};
  }

  std::expected<void, StoreError> remove(std::string_view path) override {
    const auto self = status(path);
    if (!self) return std::unexpected(self.error());
    if (self->directory) return std::unexpected(StoreError::is_directory);
    return done(::unlink, to_be_made(path));
  }

  std::expected<void, StoreError> make_directory(std::string_view path) override {
    if (path == "/") return std::unexpected(StoreError::exists);
    const auto real = to_be_made(path);
    if (!real) return std::unexpected(real.error());
    if (::mkdir(real->c_str(), 0755) != 0) return std::unexpected(from_errno(errno));
    return {};
  }

  std::expected<void, StoreError> remove_directory(std::string_view path) override {
    if (path == "/") return std::unexpected(StoreError::denied);
    return done(::rmdir, to_be_made(path));
  }

  std::expected<void, StoreError> rename(std::string_view from, std::string_view to) override {
    if (from == "/") return std::unexpected(StoreError::denied);
    if (to == "/") return std::unexpected(StoreError::exists);
    const auto source = status(from);
    if (!source) return std::unexpected(source.error());
    if (const auto target = status(to); target && from != to) {
      if (target->directory) return std::unexpected(StoreError::is_directory);
      if (source->directory) return std::unexpected(StoreError::exists);
    }
    const auto real_from = to_be_made(from), real_to = to_be_made(to);
    if (!real_from) return std::unexpected(real_from.error());
    if (!real_to) return std::unexpected(real_to.error());
    if (::rename(real_from->c_str(), real_to->c_str()) != 0) return std::unexpected(from_errno(errno));
    return {};
  }

  /// A directory of the user's own is never emptied: what lies there may not be ours.
  void clear() override {}

 private:
  static Entry entry(std::string_view name, const struct stat& info) {
    const bool directory = S_ISDIR(info.st_mode);
    return {std::string(name), directory, directory ? 0 : static_cast<std::uint64_t>(info.st_size), info.st_mtime};
  }

  static std::expected<void, StoreError> regular(const Descriptor& file) {
    if (file.get() < 0) return std::unexpected(from_errno(errno));
    struct stat info{};
    if (::fstat(file.get(), &info) != 0) return std::unexpected(from_errno(errno));
    if (S_ISDIR(info.st_mode)) return std::unexpected(StoreError::is_directory);
    if (!S_ISREG(info.st_mode)) return std::unexpected(StoreError::denied);
    return {};
  }

  bool inside(const std::string& real) const {
    if (root_.empty()) return false;
    return real == root_ || root_ == "/" || (real.starts_with(root_) && real[root_.size()] == '/');
  }

  std::expected<std::string, StoreError> real_path(std::string_view path) const {
    if (path.size() > longest_path || path.find('\0') != std::string_view::npos)
      return std::unexpected(StoreError::denied);
    const std::string whole = root_ + std::string(path);
    char* resolved = ::realpath(whole.c_str(), nullptr);
    if (resolved == nullptr) return std::unexpected(from_errno(errno));
    std::string real = resolved;
    ::free(resolved);  // NOLINT: realpath allocates with malloc
    if (!inside(real)) return std::unexpected(StoreError::denied);
    return real;
  }

  /// The real path of what is there, at the end of all links.
  std::expected<std::string, StoreError> existing(std::string_view path) const { return real_path(path); }

  /// The real path of a name in its directory; the name itself is not followed when it is a link.
  std::expected<std::string, StoreError> to_be_made(std::string_view path) const {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos || slash + 1 == path.size()) return std::unexpected(StoreError::denied);
    const std::string_view name = path.substr(slash + 1);
    if (name == "." || name == ".." || path.find('\0') != std::string_view::npos)
      return std::unexpected(StoreError::denied);
    auto directory = real_path(slash == 0 ? "/" : path.substr(0, slash));
    if (!directory) return directory;
    return *directory + '/' + std::string(name);
  }

  static std::expected<void, StoreError> done(int (*call)(const char*),
                                              const std::expected<std::string, StoreError>& real) {
    if (!real) return std::unexpected(real.error());
    if (call(real->c_str()) != 0) return std::unexpected(from_errno(errno));
    return {};
  }

  std::string root_;  ///< real; empty where it does not exist, and then nothing is inside
};

}  // namespace

std::unique_ptr<FileStore> directory_store(std::string root) {
  return std::make_unique<DirectoryStore>(std::move(root));
}

}  // namespace atspec::ftpd
