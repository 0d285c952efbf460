// V.250 and 3GPP TS 27.007 basics, identification, restart.
#include <fmt/format.h>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {
namespace {

/// The number behind a basic command: absent is 0; above `highest` nothing.
std::optional<int> number_of(const Command& command, int highest) {
  if (command.form == Command::Form::execute) return 0;
  if (command.form != Command::Form::write || command.arguments.size() != 1) return std::nullopt;
  const std::string& text = command.arguments[0];
  if (text.size() != 1 || text[0] < '0' || text[0] > '9') return std::nullopt;
  const int value = text[0] - '0';
  return value <= highest ? std::optional(value) : std::nullopt;
}

}  // namespace

Ended Modem::Impl::echo(io::Time, const Command& command) {
  const auto value = number_of(command, 1);
  if (!value) return Ended::error();
  set_state("echo", std::to_string(*value));
  return Ended::ok();
}

Ended Modem::Impl::verbose(io::Time, const Command& command) {
  const auto value = number_of(command, 1);
  if (!value) return Ended::error();
  set_state("verbose", std::to_string(*value));
  output.verbose(*value == 1);
  return Ended::ok();
}

Ended Modem::Impl::quiet(io::Time, const Command& command) {
  // results are never suppressed: a harness without results learns nothing
  return number_of(command, 0) ? Ended::ok() : Ended::error();
}

Ended Modem::Impl::identify(io::Time now, const Command& command) {
  if (!number_of(command, 9)) return Ended::error();
  output.info(now, command.name, config.manufacturer);
  output.info(now, command.name, config.model);
  output.info(now, command.name, "Revision: " + config.revision);
  return Ended::ok();
}

Ended Modem::Impl::dtr_behaviour(io::Time, const Command& command) {
  const auto value = number_of(command, 2);
  if (!value) return Ended::error();
  set_state("dtr", std::to_string(*value));
  return Ended::ok();
}

Ended Modem::Impl::defaults(io::Time, const Command& command) {
  if (!number_of(command, 0)) return Ended::error();
  for (const char* name : {"echo", "verbose", "cmee", "dtr"}) {
    const auto found = config.initial.find(name);
    if (found != config.initial.end()) set_state(name, found->second);
  }
  output.verbose(state("verbose") == 1);
  return Ended::ok();
}

Ended Modem::Impl::online(io::Time now, const Command& command) {
  if (command.form != Command::Form::execute) return Ended::error();
  if (!paused) {
    if (!config.plays("A31.other")) return Ended::error();
    output.final_result(now, command.name, "NO CARRIER");
    return Ended::later();
  }
  // manual 1.5 DATA-13: a paused download goes on
  paused = false;
  operation.answered = false;
  connect(now, operation.command);
  enter_data_mode(now);
  output.raw(std::exchange(held_back, {}));
  if (held_outcome) {
    const FtpOutcome outcome = *std::exchange(held_outcome, std::nullopt);
    report_end(now, outcome);
  } else {
    ftp.hold(now, false);
  }
  return Ended::later();
}

Ended Modem::Impl::cmee(io::Time now, const Command& command) {
  if (command.form == Command::Form::read) {
    output.info(now, command.name, fmt::format("+CMEE: {}", state("cmee")));
    return Ended::ok();
  }
  Arguments arguments(config, command);
  const auto value = arguments.integer("n");
  if (command.form != Command::Form::write || !arguments.good() || value < 0 || value > 2) return Ended::error();
  set_state("cmee", std::to_string(value));
  return Ended::ok();
}

Ended Modem::Impl::model(io::Time now, const Command& command) {
  if (command.form != Command::Form::execute) return Ended::error();
  output.info(now, command.name, config.model);
  return Ended::ok();
}

Ended Modem::Impl::revision(io::Time now, const Command& command) {
  if (command.form != Command::Form::execute) return Ended::error();
  output.info(now, command.name, config.revision);
  return Ended::ok();
}

/// The radio is not played: 0 and 4 switch it off (27.007 §8.2), which takes the network away.
Ended Modem::Impl::cfun(io::Time now, const Command& command) {
  if (command.form == Command::Form::read) {
    output.info(now, command.name, fmt::format("+CFUN: {}", function));
    return Ended::ok();
  }
  Arguments arguments(config, command);
  const auto wanted = arguments.integer("fun");
  const auto reset = arguments.optional_integer("rst").value_or(0);
  const bool known = wanted == 0 || wanted == 1 || wanted == 4;
  if (command.form != Command::Form::write || !arguments.good() || !known || reset < 0 || reset > 1)
    return Ended::error();
  if (reset == 1) {
    if (wanted != 1) return Ended::error();
    output.ok(now, command.name);
    restart(now);
    return Ended::later();
  }
  if (wanted != 1) detach(now);
  if (wanted == 1 && function != 1) attached = config.attached;
  function = static_cast<int>(wanted);
  return Ended::ok();
}

}  // namespace atspec::modem
