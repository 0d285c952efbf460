#include "harness/trace/result_code.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace atspec::trace {
namespace {

using namespace std::string_view_literals;

constexpr std::array finals = {"OK"sv,        "ERROR"sv,       "NO CARRIER"sv,  "BUSY"sv,
                               "NO ANSWER"sv, "NO DIALTONE"sv, "NO DIAL TONE"sv};
constexpr std::array open_ended = {"+CME ERROR:"sv, "+CMS ERROR:"sv};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_name_character(char c) { return (upper(c) >= 'A' && upper(c) <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::string_view without_blanks(std::string_view line) {
  const std::size_t first = line.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view{} : line.substr(first);
}

std::optional<std::uint64_t> number(std::string_view text) {
  text = without_blanks(text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Code classify(std::string_view line) {
  if (line.empty()) return Code::none;
  switch (line.front()) {
    case 'O':
    case 'E':
    case 'N':
    case 'B':
      return std::find(finals.begin(), finals.end(), line) != finals.end() ? Code::final_result : Code::none;
    case 'C':
      return line == "CONNECT" || line.starts_with("CONNECT ") ? Code::connect : Code::none;
    case '+':
      for (const auto begin : open_ended) {
        if (line.starts_with(begin)) return Code::final_result;
      }
      return Code::none;
    default:
      return Code::none;
  }
}

Code classify_number(char digit) {
  if (digit == '1') return Code::connect;
  return "034678"sv.find(digit) != std::string_view::npos ? Code::final_result : Code::none;
}

bool is_unsolicited(std::string_view line) { return line == "RING" || line.starts_with('^'); }

bool announces_text(std::string_view line) {
  return line.starts_with("+CMT:") || line.starts_with("+CDS:") || line.starts_with("+CBM:");
}

bool may_become_final(std::string_view begin) {
  for (const auto word : finals) {
    if (word.starts_with(begin)) return true;
  }
  for (const auto word : open_ended) {
    if (word.starts_with(begin) || begin.starts_with(word)) return true;
  }
  return false;
}

std::optional<Report> parse_report(std::string_view line) {
  if (line.empty() || (line.front() != '+' && line.front() != '^')) return std::nullopt;
  std::size_t end = 1;
  while (end < line.size() && is_name_character(line[end])) ++end;
  if (end == 1 || end == line.size() || line[end] != ':') return std::nullopt;
  return Report{line.substr(0, end), line.substr(end + 1)};
}

std::optional<std::uint64_t> announced_bytes(const Report& report) {
  const auto first = number(report.values.substr(0, std::min(report.values.find(','), report.values.size())));
  const std::size_t last_comma = report.values.rfind(',');
  if (first != 0U || last_comma == std::string_view::npos) return first;
  return number(report.values.substr(last_comma + 1));
}

std::optional<std::uint64_t> number_behind_connect(std::string_view line) {
  constexpr auto word = "CONNECT "sv;
  return line.starts_with(word) ? number(line.substr(word.size())) : std::nullopt;
}

bool has_command_prefix(std::string_view line) {
  line = without_blanks(line);
  return line.size() >= 2 && upper(line[0]) == 'A' && (upper(line[1]) == 'T' || line[1] == '/');
}

bool returns_to_data_mode(std::string_view line) {
  line = without_blanks(line);
  if (line.size() < 3 || upper(line[0]) != 'A' || upper(line[1]) != 'T') return false;
  line = without_blanks(line.substr(2));
  return !line.empty() && upper(line[0]) == 'O' && line.find_first_not_of(" 0123456789", 1) == std::string_view::npos;
}

}  // namespace atspec::trace
