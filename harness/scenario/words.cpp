#include "harness/scenario/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace atspec::scenario {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// Length of the escape sequence that begins at `at`, 0 where there is none.
std::size_t escape_length(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return 0;
  if (std::string_view("rnt\\\"").find(text[at + 1]) != std::string_view::npos) return 2;
  if (text[at + 1] == 'x' && at + 3 < text.size() && io::unescape(text.substr(at, 4))) return 4;
  return 0;
}

Complaint control_byte(std::size_t at, char c) {
  const std::string spelling = io::escape(std::string_view(&c, 1));
  return {at, fmt::format("this byte is to be written as {}", spelling)};
}

Complaint bad_escape(std::size_t at) { return {at, "after a backslash comes one of r n t \\ \" or xHH"}; }

/// Reads the quoted string at `at`, which then stands behind the closing quote.
std::expected<std::string, Complaint> read_quoted(std::string_view line, std::size_t& at) {
  const std::size_t opened = at++;
  const std::size_t begin = at;
  while (at < line.size() && line[at] != '"') {
    if (is_control(line[at])) return std::unexpected(control_byte(at, line[at]));
    if (line[at] != '\\') {
      ++at;
      continue;
    }
    const std::size_t length = escape_length(line, at);
    if (length == 0) return std::unexpected(bad_escape(at));
    at += length;
  }
  if (at == line.size()) return std::unexpected(Complaint{opened, "the closing quote is missing"});
  return *io::unescape(line.substr(begin, at++ - begin));
}

std::expected<Word, Complaint> read_word(std::string_view line, std::size_t& at) {
  Word word{.at = at};
  std::size_t pieces = 0;
  bool all_quoted = true;
  while (at < line.size() && !is_blank(line[at])) {
    const char c = line[at];
    if (c == '"') {
      auto piece = read_quoted(line, at);
      if (!piece) return std::unexpected(piece.error());
      word.text += *piece;
      ++pieces;
      continue;
    }
    if (is_control(c)) return std::unexpected(control_byte(at, c));
    if (c == '\\') return std::unexpected(Complaint{at, "a backslash stands only inside quotes here"});
    ++at;
    if (c == '=' && !word.key) {
      word.key = std::move(word.text);
      word.text.clear();
      pieces = 0;
      all_quoted = true;
      continue;
    }
    word.text += c;
    all_quoted = false;
  }
  word.quoted = pieces == 1 && all_quoted;
  return word;
}

}  // namespace

std::expected<std::vector<Word>, Complaint> split_words(std::string_view line, std::size_t from) {
  std::vector<Word> words;
  for (std::size_t at = from;;) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size() || line[at] == '#') return words;
    auto word = read_word(line, at);
    if (!word) return std::unexpected(word.error());
    words.push_back(std::move(*word));
  }
}

std::expected<io::Bytes, Complaint> read_literal(std::string_view line, std::size_t from) {
  for (std::size_t at = from; at < line.size();) {
    if (is_control(line[at])) return std::unexpected(control_byte(at, line[at]));
    if (line[at] != '\\') {
      ++at;
      continue;
    }
    const std::size_t length = escape_length(line, at);
    if (length == 0) return std::unexpected(bad_escape(at));
    at += length;
  }
  return *io::unescape(line.substr(std::min(from, line.size())));
}

std::string spell_quoted(std::string_view text) { return '"' + io::escape(text) + '"'; }

std::string spell_word(std::string_view text) {
  const bool bare = !text.empty() && text.front() != '#' && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '=';
  });
  return bare ? std::string(text) : spell_quoted(text);
}

std::string spell_literal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '"') {
      out += c;
    } else {
      out += io::escape(std::string_view(&c, 1));
    }
  }
  // editors take blanks from the ends of lines
  if (!out.empty() && out.back() == ' ') out.replace(out.size() - 1, 1, "\\x20");
  return out;
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 40;
  return io::escape(text.substr(0, longest)) + (text.size() > longest ? "..." : "");
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t largest) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > largest) return std::nullopt;
  return value;
}

bool Arguments::take(std::string_view keyword) {
  const Word* word = peek();
  if (word == nullptr || word->key || word->quoted || word->text != keyword) return false;
  skip();
  return true;
}

std::expected<std::string, Complaint> Arguments::word(std::string_view what) {
  const Word* word = peek();
  if (word == nullptr) return std::unexpected(Complaint{end_, fmt::format("{} is missing", what)});
  if (word->key) return std::unexpected(Complaint{word->at, fmt::format("quote {} if it holds an equals sign", what)});
  skip();
  return word->text;
}

std::expected<std::string, Complaint> Arguments::quoted(std::string_view what) {
  const Word* word = peek();
  if (word == nullptr) return std::unexpected(Complaint{end_, fmt::format("{} is missing", what)});
  if (word->key || !word->quoted) return std::unexpected(Complaint{word->at, fmt::format("{} stands in quotes", what)});
  skip();
  return word->text;
}

std::expected<std::uint64_t, Complaint> Arguments::number(std::string_view what, std::uint64_t largest) {
  const std::size_t where = at();
  const auto text = word(what);
  if (!text) return std::unexpected(text.error());
  if (const auto value = parse_number(*text, largest)) return *value;
  return std::unexpected(Complaint{where, fmt::format("{} is a number from 0 to {}", what, largest)});
}

std::optional<Complaint> Arguments::done() const {
  if (empty()) return std::nullopt;
  const Word& word = words_[next_];
  return Complaint{word.at, fmt::format("`{}` is too much here", shown(word.key ? *word.key + "=" : word.text))};
}

}  // namespace atspec::scenario
