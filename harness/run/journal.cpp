#include "harness/run/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/result/json.hpp"

namespace atspec::run {

namespace fs = std::filesystem;

struct Journal::Impl {
  std::string path;
  int file = -1;
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (file >= 0) ::close(file);
  }
};

Journal::Journal() : impl_(std::make_unique<Impl>()) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

namespace {

std::unexpected<std::string> failed(const std::string& path, const char* what) {
  return std::unexpected(fmt::format("{}: cannot {}: {}", path, what, std::strerror(errno)));
}

/// The cases of an earlier part; how much of the file they take, which is less than all where the last line is torn.
std::expected<std::uintmax_t, std::string> read(const std::string& path, std::vector<result::CaseResult>& done) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream whole;
  whole << file.rdbuf();
  const std::string text = whole.str();
  std::size_t at = 0;
  while (true) {
    const auto end = text.find('\n', at);
    if (end == std::string::npos) return at;
    auto one = result::parse_case(std::string_view(text).substr(at, end - at));
    if (!one) return std::unexpected(fmt::format("{}: line {} is no case: {}", path, done.size() + 1, one.error()));
    done.push_back(*std::move(one));
    at = end + 1;
  }
}

}  // namespace

std::expected<Journal, std::string> Journal::open(const std::string& directory, bool resume,
                                                  std::vector<result::CaseResult>& done) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return std::unexpected(fmt::format("{}: cannot make the folder: {}", directory, error.message()));
  Journal out;
  out.impl_->path = directory + "/journal.jsonl";
  const std::string& path = out.impl_->path;
  std::uintmax_t keep = 0;
  const bool plain = !fs::exists(path, error) || fs::is_regular_file(path, error);
  if (fs::exists(path, error)) {
    if (resume && !plain) {
      // a device or a pipe can be written to, but has nothing to give back
    } else if (resume) {
      const auto read_up_to = read(path, done);
      if (!read_up_to) return std::unexpected(read_up_to.error());
      keep = *read_up_to;
    } else {
      // an earlier run is never overwritten
      std::string aside;
      for (int number = 1; aside.empty() || fs::exists(aside, error); ++number)
        aside = fmt::format("{}/journal.{}.jsonl", directory, number);
      fs::rename(path, aside, error);
      if (error) return std::unexpected(fmt::format("{}: cannot move it aside: {}", path, error.message()));
    }
  }
  out.impl_->file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (out.impl_->file < 0) return failed(path, "write");
  if (plain &&
      (::ftruncate(out.impl_->file, static_cast<off_t>(keep)) != 0 || ::lseek(out.impl_->file, 0, SEEK_END) < 0))
    return failed(path, "go on");
  return out;
}

std::expected<void, std::string> Journal::append(const result::CaseResult& case_result) {
  const std::string line = result::to_json_line(case_result) + '\n';
  const off_t before = ::lseek(impl_->file, 0, SEEK_CUR);
  std::string_view rest = line;
  while (!rest.empty()) {
    // straight to the kernel: what it has survives the end of this process
    const ssize_t written = ::write(impl_->file, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const auto error = failed(impl_->path, "write");
      // half a line would be dropped at resume anyway; where it can be taken back, it is
      if (before >= 0 && ::ftruncate(impl_->file, before) == 0) ::lseek(impl_->file, before, SEEK_SET);
      return error;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace atspec::run
