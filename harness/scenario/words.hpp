// A line of scenario text as words. A word is a run of characters without blanks, of which parts may be quoted;
// inside quotes io::escape rules hold. `key=value` splits at its first unquoted equals sign; a word that begins
// with # ends the line. Knows no keyword.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/bytes.hpp"

namespace atspec::scenario {

/// What is wrong, and where in the line (from 0).
struct Complaint {
  std::size_t at = 0;
  std::string message;
};

struct Word {
  std::size_t at = 0;              ///< in the line
  std::optional<std::string> key;  ///< before the equals sign
  std::string text;                ///< the rest, or all of it
  bool quoted = false;             ///< `text` is one quoted string
};

std::expected<std::vector<Word>, Complaint> split_words(std::string_view line, std::size_t from);

/// Text to the end of the line: all stays as it is, but for io::escape's backslash sequences.
std::expected<io::Bytes, Complaint> read_literal(std::string_view line, std::size_t from);

/// The inverses. A literal keeps quotes as they are, for command lines are full of them.
std::string spell_word(std::string_view text);
std::string spell_quoted(std::string_view text);
std::string spell_literal(std::string_view text);

/// Words taken one after the other; what is left or lacking is a complaint.
class Arguments {
 public:
  Arguments(std::vector<Word> words, std::size_t end) : words_(std::move(words)), end_(end) {}

  bool empty() const { return next_ == words_.size(); }
  /// Where the next word is, or would be.
  std::size_t at() const { return empty() ? end_ : words_[next_].at; }
  const Word* peek() const { return empty() ? nullptr : &words_[next_]; }
  void skip() { ++next_; }
  /// Takes the next word if it is just this one, without quotes.
  bool take(std::string_view keyword);
  /// A word without key; `what` names it in the complaint.
  std::expected<std::string, Complaint> word(std::string_view what);
  std::expected<std::string, Complaint> quoted(std::string_view what);
  std::expected<std::uint64_t, Complaint> number(std::string_view what, std::uint64_t largest);
  /// A complaint where something is left.
  std::optional<Complaint> done() const;

 private:
  std::vector<Word> words_;
  std::size_t end_;
  std::size_t next_ = 0;
};

/// A decimal number up to `largest`, the whole text.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t largest);

/// Part of the input in a message: escaped and not long.
std::string shown(std::string_view text);

}  // namespace atspec::scenario
