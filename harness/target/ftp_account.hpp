// Somebody's FTP server through libcurl: the independent eye on what the device really did there. One connection,
// kept open. Blocks, within limits.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/target/ftp_listing.hpp"
#include "harness/target/peer.hpp"

namespace atspec::target {

class FtpAccount {
 public:
  struct Failure {
    enum class Kind { unreachable, refused_login, refused } kind = Kind::refused;
    std::string message;  ///< begins with host:port
  };
  static constexpr std::size_t largest_download = 64 * 1024 * 1024;

  explicit FtpAccount(Account account);
  ~FtpAccount();

  /// Logs in; the directory in which the server puts the user.
  std::expected<std::string, Failure> login_directory();
  // Paths are absolute, in a server whose login directory is its root.
  std::expected<std::vector<FtpEntry>, Failure> list(const std::string& directory);
  /// What `list` has found out.
  bool lacks_mlsd() const;
  std::expected<io::Bytes, Failure> download(const std::string& file);
  std::expected<void, Failure> upload(const std::string& file, io::ByteView content);
  std::expected<void, Failure> make_directory(const std::string& directory);
  std::expected<void, Failure> remove(const std::string& path, bool directory);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::target
