// The append-only record of a run: one JSON line per finished case, on disk before the next begins.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "harness/result/result.hpp"

namespace atspec::run {

class Journal {
 public:
  /// In `directory` (made if needed). `resume`: keeps and returns in `done` what is there; a torn last
  /// line is dropped. Otherwise an existing journal is moved aside, never overwritten.
  static std::expected<Journal, std::string> open(const std::string& directory, bool resume,
                                                  std::vector<result::CaseResult>& done);
  /// The error (a full disk) is one line; what was appended before stays.
  std::expected<void, std::string> append(const result::CaseResult& case_result);

  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

 private:
  Journal();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::run
