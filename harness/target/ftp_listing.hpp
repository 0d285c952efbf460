// What FTP servers answer to MLSD (RFC 3659 §7.2) and LIST, as entries. Hostile text: nothing in it is trusted.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace atspec::target {

struct FtpEntry {
  std::string name;
  bool directory = false;
  std::uint64_t size = 0;
  bool operator==(const FtpEntry&) const = default;
};

inline constexpr std::size_t most_ftp_entries = 10'000;

/// Without the folder itself and its parent. The error quotes the line that is not understood.
std::expected<std::vector<FtpEntry>, std::string> parse_mlsd(std::string_view text);
/// As `ls -l` has it; links and devices are left out.
std::expected<std::vector<FtpEntry>, std::string> parse_list(std::string_view text);

}  // namespace atspec::target
