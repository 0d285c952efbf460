#include "harness/run/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/result/json.hpp"

namespace atspec::run {

namespace fs = std::filesystem;

struct Journal::Impl {
  std::string path, aside;
  std::string begin;  ///< of the file, still to be written
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

using json = nlohmann::json;

constexpr std::string_view schema_name = "atspec-journal-1";

std::unexpected<std::string> failed(const std::string& path, const char* what) {
  return std::unexpected(fmt::format("{}: cannot {}: {}", path, what, std::strerror(errno)));
}

/// A device's bytes may be in it: invalid UTF-8 is replaced.
std::string spell(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string to_line(const JournalHeader& header) {
  return fmt::format("{{\"journal\":\"{}\",\"conditions\":{},\"run\":{}}}\n", schema_name, spell(header.conditions),
                     result::to_json_line(header.run));
}

bool is_header(std::string_view line) { return line.starts_with("{\"journal\":"); }

std::expected<JournalHeader, std::string> parse_header(std::string_view line) {
  try {
    const json in = json::parse(line);
    if (in.at("journal") != schema_name) return std::unexpected(fmt::format("the journal is not {}", schema_name));
    auto run = result::parse_result(in.at("run").dump());
    if (!run) return std::unexpected(run.error());
    return JournalHeader{in.at("conditions").get<std::map<std::string, std::string>>(), *std::move(run)};
  } catch (const json::exception&) {
    return std::unexpected("it does not say what the run was run with");
  }
}

/// "sim:", or the whole of a list that a device or a user may have put anything into.
std::string shown(const std::string& value) {
  constexpr std::size_t longest = 80;
  return value.size() <= longest ? value : value.substr(0, longest) + "…";
}

}  // namespace

std::string journal_in(const std::string& directory) { return directory + "/journal.jsonl"; }

std::expected<Recorded, std::string> read_journal(const std::string& path) {
  Recorded out;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return out;
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed(path, "read");
  std::stringstream all;
  all << file.rdbuf();
  const std::string text = all.str();
  std::size_t at = 0, number = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
    const auto line = std::string_view(text).substr(at, end - at);
    ++number;
    if (number == 1 && is_header(line)) {
      auto header = parse_header(line);
      if (!header) return std::unexpected(fmt::format("{}: line 1: {}", path, header.error()));
      out.header = *std::move(header);
    } else {
      auto one = result::parse_case(line);
      if (!one) return std::unexpected(fmt::format("{}: line {} is no case: {}", path, number, one.error()));
      out.cases.push_back(*std::move(one));
    }
    at = end + 1;
  }
  out.whole = at;
  return out;
}

std::string differences(const JournalHeader& then, const JournalHeader& now) {
  // as they would be read again: what is no UTF-8 differs from itself otherwise
  const auto ours = json::parse(spell(now.conditions)).get<std::map<std::string, std::string>>();
  std::string out;
  for (const auto& [name, value] : ours) {
    const auto found = then.conditions.find(name);
    if (found == then.conditions.end() || found->second.empty() || value.empty() || found->second == value) continue;
    out += fmt::format("{}{} was {}, is {}", out.empty() ? "" : "; ", name, shown(found->second), shown(value));
  }
  return out;
}

std::expected<Journal, std::string> Journal::open(const std::string& directory, const std::optional<Recorded>& keep,
                                                  const JournalHeader& header) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return std::unexpected(fmt::format("{}: cannot make the folder: {}", directory, error.message()));
  Journal out;
  out.impl_->path = journal_in(directory);
  const std::string& path = out.impl_->path;
  // a device or a pipe can be written to, but has nothing to give back
  const bool plain = !fs::exists(path, error) || fs::is_regular_file(path, error);
  if (!keep && fs::exists(path, error)) {
    std::string aside;
    for (int number = 1; aside.empty() || fs::exists(aside, error); ++number)
      aside = fmt::format("{}/journal.{}.jsonl", directory, number);
    fs::rename(path, aside, error);
    if (error) return std::unexpected(fmt::format("{}: cannot move it aside: {}", path, error.message()));
    out.impl_->aside = aside;
  }
  out.impl_->file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (out.impl_->file < 0) return failed(path, "write");
  const auto end = static_cast<off_t>(keep ? keep->whole : 0);
  if (plain && (::ftruncate(out.impl_->file, end) != 0 || ::lseek(out.impl_->file, 0, SEEK_END) < 0))
    return failed(path, "go on");
  if (end == 0) out.impl_->begin = to_line(header);
  return out;
}

const std::string& Journal::aside() const { return impl_->aside; }

std::expected<void, std::string> Journal::append(const result::CaseResult& case_result) {
  const std::string line = impl_->begin + result::to_json_line(case_result) + '\n';
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
  impl_->begin.clear();
  return {};
}

}  // namespace atspec::run
