// Scenario to and from its line-based text. Blank lines and lines starting with # are skipped.
//
//   case QFTPSIZE-05/a1f3…
//   purpose the size of a 1000-byte file, with a slow server
//   clause QFTPSIZE-05 QFTPSIZE-10
//   needs ftp=idle peer=scripted
//   peer file a.bin size=1000 seed=7
//   > AT+QFTPSIZE="a.bin"
//   wait urc
//
// A materialised scenario has its set-up before a line `body`. `modes cfg.ssltype` tells which of its needs the whole
// run has (run --with).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/scenario.hpp"

namespace atspec::scenario {

struct TextError {
  int line = 0;  ///< from 1
  int column = 0;
  std::string message;
};

/// One scenario. Never throws, whatever the bytes; never takes more than linear time.
std::expected<Scenario, TextError> parse(std::string_view text);

/// Several, each begun by its `case` line.
std::expected<std::vector<Scenario>, TextError> parse_all(std::string_view text);

/// parse(to_text(s)) == s for every s that parse can yield.
std::string to_text(const Scenario& scenario);
std::string to_text(const Step& step);

}  // namespace atspec::scenario
