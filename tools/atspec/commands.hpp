// The subcommands of `atspec`, one file each. Every one adds itself to the application and leaves its exit
// status in `status`.
#pragma once

namespace CLI {
class App;
}

namespace atspec::tools {

void add_run(CLI::App& app, int& status);
void add_replay(CLI::App& app, int& status);
void add_report(CLI::App& app, int& status);
void add_lint(CLI::App& app, int& status);
void add_mutants(CLI::App& app, int& status);
void add_modem(CLI::App& app, int& status);
void add_ftpd(CLI::App& app, int& status);

}  // namespace atspec::tools
