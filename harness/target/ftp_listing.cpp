#include "harness/target/ftp_listing.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "harness/io/bytes.hpp"

namespace atspec::target {
namespace {

using Entries = std::expected<std::vector<FtpEntry>, std::string>;

constexpr std::size_t longest_shown = 80;

/// Cuts the first line off; CR LF and bare LF both end one.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view take_word(std::string_view& line) {
  const auto begin = std::min(line.find_first_not_of(' '), line.size());
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool equals(std::string_view text, std::string_view small_letters) {
  if (text.size() != small_letters.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != small_letters[i]) return false;
  }
  return true;
}

/// A name with a slash in it would lead somewhere else.
bool is_plain(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

std::unexpected<std::string> strange(std::string_view line) {
  return std::unexpected("a listing that is not understood: " + io::escape(line.substr(0, longest_shown)));
}

std::unexpected<std::string> too_many() { return std::unexpected(std::string("too many files to look at")); }

}  // namespace

Entries parse_mlsd(std::string_view text) {
  std::vector<FtpEntry> out;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    // entry = [ facts ] SP pathname, and every fact ends in a semicolon
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) return strange(line);
    FtpEntry entry;
    bool known = false;
    entry.name = line.substr(blank + 1);
    for (std::string_view facts = line.substr(0, blank); !facts.empty();) {
      const std::string_view fact = facts.substr(0, facts.find(';'));
      facts.remove_prefix(std::min(facts.size(), fact.size() + 1));
      const auto sign = fact.find('=');
      if (sign == std::string_view::npos) return strange(line);
      const std::string_view name = fact.substr(0, sign), value = fact.substr(sign + 1);
      if (equals(name, "type")) {
        entry.directory = equals(value, "dir");
        known = entry.directory || equals(value, "file");
      } else if (equals(name, "size")) {
        const auto size = number(value);
        if (!size) return strange(line);
        entry.size = *size;
      }
    }
    if (entry.directory) entry.size = 0;
    if (!known || !is_plain(entry.name)) continue;
    if (out.size() == most_ftp_entries) return too_many();
    out.push_back(std::move(entry));
  }
  return out;
}

Entries parse_list(std::string_view text) {
  std::vector<FtpEntry> out;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty() || line.starts_with("total ")) continue;
    std::string_view left = line;
    // -rw-r--r--    1 ftp      ftp          1000 Nov 23 06:45 name: owner and group are one word each
    const std::string_view kind = take_word(left);
    for (int skipped = 0; skipped < 3; ++skipped) take_word(left);
    const auto size = number(take_word(left));
    for (int skipped = 0; skipped < 3; ++skipped) {
      if (take_word(left).empty()) return strange(line);
    }
    if (kind.size() < 10 || !size || left.size() < 2) return strange(line);
    // the one blank before the name; further ones belong to it
    FtpEntry entry{std::string(left.substr(1)), kind.front() == 'd', kind.front() == 'd' ? 0 : *size};
    if ((kind.front() != '-' && kind.front() != 'd') || !is_plain(entry.name)) continue;
    if (out.size() == most_ftp_entries) return too_many();
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace atspec::target
