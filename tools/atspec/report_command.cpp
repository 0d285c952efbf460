// `atspec report`: the outputs of a run once more, from its result or, where it was killed, from its journal.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/report/report.hpp"
#include "harness/report/text.hpp"
#include "harness/result/json.hpp"
#include "harness/run/journal.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string result, html, junit;
  bool verbose = false;
};

/// What a journal has, as the result of a run that was killed.
std::expected<result::Result, std::string> from_journal(const std::string& path) {
  auto recorded = run::read_journal(path);
  if (!recorded) return std::unexpected(recorded.error());
  if (!recorded->header && recorded->cases.empty()) return std::unexpected(path + ": no case is finished in it");
  if (!recorded->header)
    return std::unexpected(path + ": an older atspec wrote it, and it does not say what it was run with");
  result::Result out = std::move(recorded->header->run);
  out.cases = std::move(recorded->cases);
  if (out.cases.size() < out.planned) out.stopped = "the run did not come to its end";
  complain(fmt::format("{}: from the journal: without waivers, and no failed sequence is made small", path));
  return out;
}

/// Whether the run under way or killed in `directory` is younger than the result there.
bool journal_is_newer(const std::string& directory) {
  std::error_code none, unread;
  const auto result = fs::last_write_time(directory + "/result.json", none);
  const auto journal = fs::last_write_time(run::journal_in(directory), unread);
  return !unread && (none || journal > result);
}

/// Of a result, a journal, or the folder of a run.
std::expected<result::Result, std::string> read_result(const std::string& path) {
  std::error_code error;
  std::string file = path;
  if (fs::is_directory(path, error)) {
    if (journal_is_newer(path)) return from_journal(run::journal_in(path));
    file = path + "/result.json";
    if (!fs::exists(file, error))
      return std::unexpected(path + ": neither result.json nor journal.jsonl: no folder of a run (--out)");
  }
  if (file.ends_with(".jsonl")) {
    if (!fs::exists(file, error)) return std::unexpected(file + ": no such file");
    return from_journal(file);
  }
  const auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  auto result = result::parse_result(*text);
  if (!result) return std::unexpected(fmt::format("{}: no result of a run: {}", file, result.error()));
  return result;
}

int render(const Arguments& arguments) {
  const auto result = read_result(arguments.result);
  if (!result) {
    complain(report::safe_text(result.error()));
    return bad_usage;
  }
  const auto write = [](const std::string& path, const std::string& content) {
    if (path.empty()) return true;
    const auto written = write_file(path, content);
    if (!written) complain(written.error());
    return written.has_value();
  };
  if (!write(arguments.html, arguments.html.empty() ? "" : report::html(*result)) ||
      !write(arguments.junit, arguments.junit.empty() ? "" : report::junit(*result)))
    return harness_error;
  report::SummaryOptions options;
  options.verbose = arguments.verbose;
  fmt::print("{}", report::summary(*result, options));
  return all_passed;
}

}  // namespace

void add_report(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("report", "Render the result of a run again");
  auto arguments = std::make_shared<Arguments>();
  command
      ->add_option("RESULT", arguments->result,
                   "Folder of a run (--out), its result.json or its journal.jsonl: what a killed run had finished")
      ->required();
  command->add_option("--html", arguments->html, "Write the page here");
  command->add_option("--junit", arguments->junit, "Write JUnit XML here");
  command->add_flag("--verbose", arguments->verbose, "Name the clauses left out for time");
  command->footer(
      "Examples:\n"
      "  atspec report build/quickstart/result.json --html report.html\n"
      "  atspec report today --html today/report.html");
  command->callback([arguments, &status] { status = render(*arguments); });
}

}  // namespace atspec::tools
