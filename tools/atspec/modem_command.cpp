// `atspec modem`: the reference on a line of this host, for people who develop the driver at the other end.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/run/config.hpp"
#include "harness/world/live_modem.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/listening.hpp"
#include "tools/atspec/manual.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {
namespace {

struct Arguments {
  std::string link, tcp;
  bool stdio = false;
  std::vector<std::string> specs;
  std::string profile = "manual";
  std::vector<std::string> mutants;
};

std::expected<std::unique_ptr<world::DteLine>, std::string> open_line(const Arguments& arguments, world::Loop& loop) {
  if (arguments.stdio) return world::stdio_line(loop);
  if (arguments.tcp.empty()) return world::pseudo_terminal_line(loop, arguments.link);
  const auto on = parse_listen(arguments.tcp);
  if (!on) return std::unexpected("--tcp " + on.error());
  return world::tcp_line(loop, *on);
}

int modem_command(const Arguments& arguments) {
  const auto manual = load_manual(arguments.specs, arguments.profile);
  if (!manual) return bad_usage;
  modem::Config config = run::modem_config(manual->spec, manual->profile);
  for (const auto& name : arguments.mutants) {
    const auto mutant = run::find_mutant(name);
    const auto applied = mutant ? run::apply(*mutant, config) : std::unexpected(mutant.error());
    if (!applied) {
      complain(applied.error());
      return bad_usage;
    }
  }
  world::Loop loop;
  auto line = open_line(arguments, loop);
  if (!line) {
    complain(line.error());
    return bad_usage;
  }
  const std::string where = (*line)->where();
  const world::LiveModem modem(loop, std::move(config), *std::move(line), [&loop] { loop.stop(); });
  serve(loop, where);
  return all_passed;
}

}  // namespace

void add_modem(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("modem", "Be the modem of the manual, or one that breaks a clause of it");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  auto* where = command->add_option_group("line", "Where the modem's serial line is");
  where->add_option("--link", a.link, "A pseudo-terminal, under this name (a symbolic link)");
  where->add_option("--tcp", a.tcp, "[HOST:]PORT to listen on, one client at a time; HOST 127.0.0.1, PORT 0: any");
  where->add_flag("--stdio", a.stdio, "stdin and stdout");
  where->require_option(1);
  command->add_option("--spec", a.specs, "Spec files (default: the FTP(S) manual that came with the program)");
  command->add_option("--profile", a.profile, "Name or file: which readings the modem plays")->capture_default_str();
  command->add_option("--mutant", a.mutants, "FILE#NAME: break one clause");
  command->footer(
      "Says READY and where on stderr, and ends at SIGINT or SIGTERM (--stdio: also when stdin ends).\n"
      "Examples:\n"
      "  atspec modem --link /tmp/modem          then: atspec run --target serial:/tmp/modem\n"
      "  atspec modem --tcp 7000\n"
      "  atspec modem --link /tmp/modem --mutant specs/mutants/ftp.xml#size-urc-lost\n"
      "  atspec run --target 'exec:atspec modem --stdio'");
  command->callback([arguments, &status] { status = modem_command(*arguments); });
}

}  // namespace atspec::tools
