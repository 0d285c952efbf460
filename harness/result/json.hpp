// Result and CaseResult to and from JSON (schema: reports/result.schema.json).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "harness/result/result.hpp"

namespace atspec::result {

std::string to_json(const Result& result);
std::expected<Result, std::string> parse_result(std::string_view json);

/// On one line, for the journal.
std::string to_json_line(const Result& result);
std::string to_json_line(const CaseResult& case_result);
std::expected<CaseResult, std::string> parse_case(std::string_view json);

}  // namespace atspec::result
