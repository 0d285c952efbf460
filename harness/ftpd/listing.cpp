#include "harness/ftpd/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace atspec::ftpd {
namespace {

std::tm civil(std::int64_t seconds) {
  // a time outside the years 1970 to 9999 has no form on the wire
  const std::time_t time = std::clamp<std::int64_t>(seconds, 0, 253'402'300'799);
  std::tm out{};
  gmtime_r(&time, &out);
  return out;
}

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t day = 24 * 60 * 60;

bool same_word(std::string_view one, std::string_view lower) {
  return std::equal(one.begin(), one.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

std::string list_line(const Entry& entry, std::int64_t now) {
  const std::tm time = civil(entry.modified);
  const bool recent = entry.modified > now - 180 * day && entry.modified <= now + day;
  const std::string when =
      recent ? fmt::format("{:02}:{:02}", time.tm_hour, time.tm_min) : fmt::format("{:5}", time.tm_year + 1900);
  return fmt::format("{} {:>3} ftp      ftp      {:>12} {} {:2} {} {}\r\n",
                     entry.directory ? "drwxr-xr-x" : "-rw-r--r--", entry.directory ? 2 : 1, entry.size,
                     months[static_cast<std::size_t>(time.tm_mon)], time.tm_mday, when, entry.name);
}

Facts parse_facts(std::string_view text) {
  Facts facts{false, false, false, false};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    facts.type |= same_word(name, "type");
    facts.size |= same_word(name, "size");
    facts.modify |= same_word(name, "modify");
    facts.perm |= same_word(name, "perm");
  }
  return facts;
}

std::string facts_names(const Facts& facts) {
  std::string out;
  if (facts.type) out += "type;";
  if (facts.size) out += "size;";
  if (facts.modify) out += "modify;";
  if (facts.perm) out += "perm;";
  return out;
}

std::string facts_line(const Entry& entry, const Facts& facts, std::string_view name) {
  std::string out;
  if (facts.type) out += entry.directory ? "type=dir;" : "type=file;";
  if (facts.size && !entry.directory) out += fmt::format("size={};", entry.size);
  if (facts.modify) out += fmt::format("modify={};", time_value(entry.modified));
  // RFC 3659 §7.5.5: c, e, l, m, p, d, f for what may be done in and with a directory; a, r, w, d, f with a file
  if (facts.perm) out += entry.directory ? "perm=cdeflmp;" : "perm=adfrw;";
  out += ' ';
  out += name;
  return out;
}

std::string time_value(std::int64_t seconds_since_1970) {
  const std::tm time = civil(seconds_since_1970);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday, time.tm_hour,
                     time.tm_min, time.tm_sec);
}

bool listable(std::string_view name) {
  return !name.empty() && name.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace atspec::ftpd
