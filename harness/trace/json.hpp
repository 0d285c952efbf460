// Trace as JSON lines: a header line, then a line per record. Bytes are escaped text
// (io::escape), so that a trace can be read and compared by people.
#pragma once

#include <expected>
#include <set>
#include <string>
#include <string_view>

#include "harness/trace/trace.hpp"

namespace atspec::trace {

/// `secrets`: names of tokens whose values are replaced by ${name} everywhere.
std::string to_json_lines(const Trace& trace, const std::set<std::string>& secrets = {"ftp.pass"});

/// The error names the line.
std::expected<Trace, std::string> from_json_lines(std::string_view text);

}  // namespace atspec::trace
