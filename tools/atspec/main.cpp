#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "tools/atspec/commands.hpp"
#include "tools/atspec/output.hpp"

int main(int argc, char** argv) {
  using namespace atspec::tools;
  CLI::App app{"Conformance and fuzz test harness for cellular modules that speak AT commands"};
  app.set_version_flag("--version", "atspec " ATSPEC_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  atspec run                                    the manual against the reference, in simulation\n"
      "  atspec run --target serial:/dev/ttyUSB2?baud=115200 --ftp ftp://user:password@host/\n"
      "  atspec modem --link /tmp/modem                an emulated modem on a pseudo-terminal\n"
      "  atspec lint specs/quectel-ftp/manual.xml\n"
      "\n"
      "Exit status: 0 all passed; 1 something failed or was inconclusive; 2 wrong usage, spec or configuration, or\n"
      "nothing executed; 3 the target or the test bed was lost; 4 the harness itself failed; 130 interrupted.");
  int status = all_passed;
  add_run(app, status);
  add_replay(app, status);
  add_report(app, status);
  add_lint(app, status);
  add_mutants(app, status);
  add_modem(app, status);
  add_ftpd(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? all_passed : bad_usage;
  } catch (const std::exception& error) {
    complain(fmt::format("internal error: {}", error.what()));
    return harness_error;
  }
  return status;
}
