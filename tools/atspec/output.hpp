// Files and lines the program writes for its user.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace atspec::tools {

/// The exit statuses of the command line (README, "Exit status").
enum Exit : int { all_passed = 0, some_failed = 1, bad_usage = 2, lost = 3, harness_error = 4, interrupted = 130 };

/// Whole or not at all: written beside `path` and renamed. The error is one line with the system's reason.
std::expected<void, std::string> write_file(const std::string& path, std::string_view content);

std::expected<std::string, std::string> read_file(const std::string& path);

/// One line on stderr: "atspec: …".
void complain(std::string_view message);

/// A bar that redraws itself on a terminal, a plain line every tenth of the way elsewhere; nothing if `quiet`.
class Progress {
 public:
  Progress(std::size_t total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void update(std::size_t done, std::size_t failed, std::string_view current);

 private:
  std::size_t total_;
  bool terminal_;
  bool quiet_;
  std::size_t told_tenth_ = 0;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point begun_, last_draw_;
};

}  // namespace atspec::tools
