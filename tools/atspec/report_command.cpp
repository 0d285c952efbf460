#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "harness/report/report.hpp"
#include "harness/result/json.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {
namespace {

struct Arguments {
  std::string result, html, junit;
};

int render(const Arguments& arguments) {
  const auto text = read_file(arguments.result);
  if (!text) {
    complain(text.error());
    return bad_usage;
  }
  const auto result = result::parse_result(*text);
  if (!result) {
    complain(fmt::format("{}: {}", arguments.result, result.error()));
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
  fmt::print("{}", report::summary(*result));
  return all_passed;
}

}  // namespace

void add_report(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("report", "Render the result of a run again");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("RESULT", arguments->result, "result.json of a run")->required();
  command->add_option("--html", arguments->html, "Write the page here");
  command->add_option("--junit", arguments->junit, "Write JUnit XML here");
  command->footer("Example:\n  atspec report build/quickstart/result.json --html report.html");
  command->callback([arguments, &status] { status = render(*arguments); });
}

}  // namespace atspec::tools
