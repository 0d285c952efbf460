#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/spec/load.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {

void add_lint(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("lint", "Check spec files: every error at file:line:column");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("SPEC", *files, "Spec files; what they include is checked with them")->required();
  command->footer("Example:\n  atspec lint specs/quectel-ftp/manual.xml");
  command->callback([files, &status] {
    const spec::Loaded loaded = spec::load(*files);
    for (const auto& diagnostic : loaded.diagnostics) fmt::print("{}\n", format(diagnostic));
    if (!loaded.diagnostics.empty()) {
      status = bad_usage;
      return;
    }
    fmt::print("{} files, {} commands, {} clauses, {} examples: nothing to complain about\n", loaded.spec.files.size(),
               loaded.spec.commands.size(), loaded.spec.clauses.size(), loaded.spec.examples.size());
  });
}

}  // namespace atspec::tools
