// The append-only record of a run: what it is run with on the first line, then one JSON line per finished case, on disk
// before the next begins.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/result/result.hpp"

namespace atspec::run {

/// What a journal says of its run.
struct JournalHeader {
  /// What a run that goes on with it must have in common, by name; an empty value is not known.
  std::map<std::string, std::string> conditions;
  result::Result run;  ///< as it began: no cases
};

/// What is in a journal. A torn last line is dropped.
struct Recorded {
  std::optional<JournalHeader> header;  ///< nothing: none is there yet, or an older atspec wrote the cases
  std::vector<result::CaseResult> cases;
  std::uintmax_t whole = 0;  ///< bytes up to the end of the last whole line
};

/// The journal of a run with --out `directory`.
std::string journal_in(const std::string& directory);

/// Of a file that is not there, or is no plain file, nothing. The error is one line that names the file.
std::expected<Recorded, std::string> read_journal(const std::string& path);

/// "seed was 1, is 7; tier was quick, is full" of the conditions of `then` and `now` that differ; empty: none. What one
/// side does not know is no difference.
std::string differences(const JournalHeader& then, const JournalHeader& now);

class Journal {
 public:
  /// In `directory` (made if needed). `keep`: goes on behind what was read there. Otherwise an existing journal is
  /// moved aside, never overwritten: see `aside`. `header` is written with the first case, where none is there.
  static std::expected<Journal, std::string> open(const std::string& directory, const std::optional<Recorded>& keep,
                                                  const JournalHeader& header);
  /// The error (a full disk) is one line; what was appended before stays.
  std::expected<void, std::string> append(const result::CaseResult& case_result);
  /// Where the journal of an earlier run was moved to; empty: there was none.
  const std::string& aside() const;

  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

 private:
  Journal();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::run
