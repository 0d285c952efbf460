#include "harness/result/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace atspec::result {
namespace {

// keys keep the order they are written in: results are read and compared by people
using json = nlohmann::ordered_json;

constexpr std::string_view schema_name = "atspec-result-1";

/// A device's bytes may have found their way into any text: invalid UTF-8 is replaced, never thrown upon.
std::string dump(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

json to_value(const Finding& finding) {
  return {{"severity", to_string(finding.severity)},
          {"clauses", finding.clauses},
          {"message", finding.message},
          {"expected", finding.expected},
          {"actual", finding.actual},
          {"command", finding.command},
          {"evidence", finding.evidence}};
}

json to_value(const Difference& one) {
  return {
      {"command", one.command},          {"what", one.what},      {"device", one.device}, {"reference", one.reference},
      {"breaks", to_string(one.breaks)}, {"clauses", one.clauses}};
}

json to_value(const CaseResult& one) {
  json findings = json::array(), checks = json::object(), trace = json::array();
  for (const auto& finding : one.findings) findings.push_back(to_value(finding));
  for (const auto& [clause, counts] : one.checks) checks[clause] = {{"fired", counts.fired}, {"failed", counts.failed}};
  for (const auto& line : one.trace) trace.push_back(json::array({line.at_us, line.channel, line.text}));
  json attempts = json::array(), differences = json::array();
  for (const auto& attempt : one.attempts) attempts.push_back(to_value(attempt));
  for (const auto& difference : one.differences) differences.push_back(to_value(difference));
  return {{"id", one.id},
          {"verdict", to_string(one.verdict)},
          {"purpose", one.purpose},
          {"command", one.command},
          {"clauses", one.clauses},
          {"reason", one.reason},
          {"waived", one.waived},
          {"duration_us", one.duration.count()},
          {"expectation", one.expectation},
          {"findings", std::move(findings)},
          {"checks", std::move(checks)},
          {"reference", one.reference ? to_string(*one.reference) : ""},
          {"differences", std::move(differences)},
          {"scenario", one.scenario},
          {"trace", std::move(trace)},
          {"attempts", std::move(attempts)},
          {"smallest", one.smallest},
          {"smallest_note", one.smallest_note}};
}

/// The library would wrap a number that is out of range.
template <typename T>
T whole(const json& value) {
  if (value.is_number_unsigned()) {
    if (value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max())) return value.get<T>();
  } else if (value.is_number_integer() && std::is_signed_v<T>) {
    return value.get<T>();
  }
  throw std::invalid_argument("a number is out of range");
}

template <typename T>
T whole_or_zero(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? T{} : whole<T>(*found);
}

Finding read_finding(const json& in) {
  Finding out;
  const auto severity = parse_severity(in.at("severity").get<std::string>());
  if (!severity) throw std::invalid_argument("no such severity");
  out.severity = *severity;
  out.clauses = in.at("clauses").get<std::vector<std::string>>();
  out.message = in.at("message");
  out.expected = in.value("expected", "");
  out.actual = in.value("actual", "");
  out.command = in.value("command", "");
  if (const auto found = in.find("evidence"); found != in.end()) {
    for (const auto& record : *found) out.evidence.push_back(whole<std::size_t>(record));
  }
  return out;
}

Difference read_difference(const json& in) {
  const auto breaks = parse_breaks(in.at("breaks").get<std::string>());
  if (!breaks) throw std::invalid_argument("breaks: nobody of that name");
  return {in.at("command"),   in.at("what"), in.at("device"),
          in.at("reference"), *breaks,       in.value("clauses", std::vector<std::string>{})};
}

Verdict read_verdict(const std::string& text) {
  const auto verdict = parse_verdict(text);
  if (!verdict) throw std::invalid_argument("no such verdict");
  return *verdict;
}

CaseResult read_case(const json& in) {
  CaseResult out;
  out.id = in.at("id");
  out.verdict = read_verdict(in.at("verdict"));
  if (const std::string word = in.value("reference", ""); !word.empty()) out.reference = read_verdict(word);
  if (const auto differences = in.find("differences"); differences != in.end()) {
    for (const auto& difference : *differences) out.differences.push_back(read_difference(difference));
  }
  out.purpose = in.value("purpose", "");
  out.command = in.value("command", "");
  out.clauses = in.value("clauses", std::vector<std::string>{});
  out.reason = in.value("reason", "");
  out.waived = in.value("waived", "");
  out.duration = io::Duration(whole_or_zero<std::int64_t>(in, "duration_us"));
  out.expectation = in.value("expectation", "");
  out.scenario = in.value("scenario", "");
  out.smallest = in.value("smallest", "");
  out.smallest_note = in.value("smallest_note", "");
  if (const auto attempts = in.find("attempts"); attempts != in.end()) {
    for (const auto& attempt : *attempts) {
      if (attempt.contains("attempts") && !attempt.at("attempts").empty())
        throw std::invalid_argument("an attempt has attempts");
      out.attempts.push_back(read_case(attempt));
    }
  }
  for (const auto& finding : in.at("findings")) out.findings.push_back(read_finding(finding));
  for (const auto& [clause, counts] : in.at("checks").items())
    out.checks[clause] = {whole<std::uint32_t>(counts.at("fired")), whole<std::uint32_t>(counts.at("failed"))};
  for (const auto& line : in.at("trace"))
    out.trace.push_back({whole<std::int64_t>(line.at(0)), line.at(1), line.at(2)});
  return out;
}

Result read_result(const json& in) {
  if (in.value("schema", "") != schema_name) throw std::invalid_argument(fmt::format("schema is not {}", schema_name));
  Result out;
  out.tool_version = in.at("tool_version");
  const json& spec = in.at("spec");
  out.spec_name = spec.at("name");
  out.spec_title = spec.at("title");
  out.spec_revision = spec.at("revision");
  out.profile = in.value("profile", "");
  out.mode = in.value("mode", "");
  out.target = in.at("target");
  out.reference = in.value("reference", "");
  out.device = in.value("device", "");
  out.peer = in.value("peer", "");
  out.command_line = in.value("command_line", "");
  out.tier = in.value("tier", "");
  out.seed = whole_or_zero<std::uint64_t>(in, "seed");
  out.started = in.value("started", "");
  out.wall_ms = whole_or_zero<std::int64_t>(in, "wall_ms");
  out.planned = whole<std::uint32_t>(in.at("planned"));
  out.stopped = in.value("stopped", "");
  out.out_of_time = in.value("out_of_time", "");
  out.left_out_cases = whole_or_zero<std::uint32_t>(in, "left_out_cases");
  out.left_out = in.value("left_out", std::vector<std::string>{});
  out.complaints = in.value("complaints", std::vector<std::string>{});
  for (const auto& [id, clause] : in.at("clauses").items())
    out.clauses[id] = {clause.at("section"), clause.at("text"), clause.value("testing", "exercised"),
                       clause.value("reason", "")};
  const json sources = in.value("sources", json::object());
  for (const auto& [name, source] : sources.items())
    out.sources[name] = {source.at("document"), source.value("confidence", "")};
  for (const auto& one : in.at("cases")) out.cases.push_back(read_case(one));
  return out;
}

/// The library and the readers above report by exception; none leaves this file.
template <typename Value, typename Read>
std::expected<Value, std::string> guarded(std::string_view text, Read read) {
  try {
    return read(json::parse(text));
  } catch (const std::exception& error) {
    constexpr std::size_t longest = 300;  // it may quote the input
    std::string_view what = error.what();
    // the library's own name for it says nothing to a reader
    if (what.starts_with("[json.exception.")) what.remove_prefix(std::min(what.find("] "), what.size() - 2) + 2);
    std::string message(what.substr(0, longest));
    std::replace_if(message.begin(), message.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return std::unexpected(std::move(message));
  }
}

json to_value(const Result& result) {
  const Totals totals = result.totals();
  json out = {{"schema", schema_name},
              {"tool_version", result.tool_version},
              {"spec", {{"name", result.spec_name}, {"title", result.spec_title}, {"revision", result.spec_revision}}},
              {"profile", result.profile},
              {"mode", result.mode},
              {"target", result.target},
              {"reference", result.reference},
              {"device", result.device},
              {"peer", result.peer},
              {"command_line", result.command_line},
              {"tier", result.tier},
              {"seed", result.seed},
              {"started", result.started},
              {"wall_ms", result.wall_ms},
              {"planned", result.planned},
              {"stopped", result.stopped},
              {"out_of_time", result.out_of_time},
              {"totals",
               {{"pass", totals.pass},
                {"fail", totals.fail},
                {"inconc", totals.inconc},
                {"error", totals.error},
                {"none", totals.none},
                {"flaky", totals.flaky},
                {"waived", totals.waived}}},
              {"left_out_cases", result.left_out_cases},
              {"left_out", result.left_out},
              {"complaints", result.complaints},
              {"clauses", json::object()}};
  for (const auto& [id, clause] : result.clauses) {
    json& one = out["clauses"][id] = {{"section", clause.section}, {"text", clause.text}, {"testing", clause.testing}};
    if (!clause.reason.empty()) one["reason"] = clause.reason;
  }
  for (const auto& [name, source] : result.sources)
    out["sources"][name] = {{"document", source.document}, {"confidence", source.confidence}};
  json cases = json::array();
  for (const auto& one : result.cases) cases.push_back(to_value(one));
  out["cases"] = std::move(cases);
  return out;
}

}  // namespace

std::string to_json(const Result& result) { return dump(to_value(result), 1) + '\n'; }

std::string to_json_line(const Result& result) { return dump(to_value(result), -1); }

std::expected<Result, std::string> parse_result(std::string_view text) { return guarded<Result>(text, read_result); }

std::string to_json_line(const CaseResult& case_result) { return dump(to_value(case_result), -1); }

std::expected<CaseResult, std::string> parse_case(std::string_view text) {
  return guarded<CaseResult>(text, read_case);
}

}  // namespace atspec::result
