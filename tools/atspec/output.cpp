#include "tools/atspec/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace atspec::tools {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

std::string why(std::string_view path, std::string_view what) {
  return fmt::format("{}: cannot {}: {}", path, what, std::strerror(errno));
}

}  // namespace

std::expected<void, std::string> write_file(const std::string& path, std::string_view content) {
  std::error_code ignored;
  if (const auto parent = std::filesystem::path(path).parent_path(); !parent.empty())
    std::filesystem::create_directories(parent, ignored);
  // a device or a pipe cannot be replaced by renaming
  const auto status = std::filesystem::status(path, ignored);
  const bool in_place = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
  const std::string into = in_place ? path : path + ".part";
  File file{std::fopen(into.c_str(), "wb")};
  if (!file) return std::unexpected(why(path, "write"));
  const bool written =
      std::fwrite(content.data(), 1, content.size(), file.get()) == content.size() && std::fflush(file.get()) == 0;
  if (!written) {
    auto message = why(path, "write");
    file.reset();
    if (!in_place) std::filesystem::remove(into, ignored);
    return std::unexpected(std::move(message));
  }
  file.reset();
  if (!in_place && std::rename(into.c_str(), path.c_str()) != 0) return std::unexpected(why(path, "replace"));
  return {};
}

std::expected<std::string, std::string> read_file(const std::string& path) {
  File file{std::fopen(path.c_str(), "rb")};
  if (!file) return std::unexpected(why(path, "read"));
  std::string out;
  char buffer[64 * 1024];
  for (;;) {
    const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get());
    out.append(buffer, got);
    if (got == sizeof buffer) continue;
    if (std::ferror(file.get()) != 0) return std::unexpected(why(path, "read"));
    return out;
  }
}

void complain(std::string_view message) { fmt::print(stderr, "atspec: {}\n", message); }

Progress::Progress(std::size_t total, bool quiet)
    : total_(total),
      terminal_(::isatty(STDERR_FILENO) == 1),
      quiet_(quiet),
      begun_(std::chrono::steady_clock::now()),
      last_draw_(begun_) {}

Progress::~Progress() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::update(std::size_t done, std::size_t failed, std::string_view current) {
  if (quiet_ || total_ == 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (terminal_) {
    // a redraw costs more than a simulated case
    if (now - last_draw_ < std::chrono::milliseconds(100)) return;
    last_draw_ = now;
    drawn_ = true;
    constexpr std::size_t width = 30;
    const std::size_t filled = done * width / total_;
    fmt::print(stderr, "\r\x1b[K[{:#<{}}{:.<{}}] {}/{}{} {}", "", filled, "", width - filled, done, total_,
               failed > 0 ? fmt::format(", {} failed", failed) : "", current.substr(0, 60));
    std::fflush(stderr);
    return;
  }
  // a line for every tenth, but no more than one in two seconds
  if (const std::size_t tenth = done * 10 / total_;
      tenth > told_tenth_ && now - last_draw_ >= std::chrono::seconds(2)) {
    told_tenth_ = tenth;
    last_draw_ = now;
    const auto seconds = std::chrono::duration<double>(now - begun_).count();
    fmt::print(stderr, "{} of {} cases, {} failed, {:.1f} s\n", done, total_, failed, seconds);
  }
}

}  // namespace atspec::tools
