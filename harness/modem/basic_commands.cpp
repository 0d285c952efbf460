// V.250 and 3GPP TS 27.007 basics, identification, PDP contexts.
#include <fmt/format.h>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {
namespace {

constexpr int most_active_contexts = 3;  // manual 4.2 DIAG-07, after 3GPP

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
  if (command.form != Command::Form::execute || !paused) return Ended::error();
  // manual 1.5 DATA-13: a paused download goes on
  paused = false;
  operation.answered = false;
  output.connect(now, operation.command);
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

Ended Modem::Impl::cpin(io::Time now, const Command& command) {
  if (command.form != Command::Form::read) return Ended::error();
  if (!config.sim_present) return Ended::error();
  output.info(now, command.name, "+CPIN: READY");
  return Ended::ok();
}

Ended Modem::Impl::cgatt(io::Time now, const Command& command) {
  if (command.form == Command::Form::read) {
    output.info(now, command.name, fmt::format("+CGATT: {}", attached ? 1 : 0));
    return Ended::ok();
  }
  Arguments arguments(config, command);
  const auto value = arguments.integer("state");
  if (command.form != Command::Form::write || !arguments.good() || value < 0 || value > 1) return Ended::error();
  attached = value == 1;
  return Ended::ok();
}

Ended Modem::Impl::cgreg(io::Time now, const Command& command) {
  if (command.form != Command::Form::read) return Ended::error();
  output.info(now, command.name, fmt::format("+CGREG: 0,{}", attached ? 1 : 0));
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

Ended Modem::Impl::qicsgp(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  const auto id = arguments.integer("contextID");
  if (id < 1) return Ended::error();
  Context& context = contexts[static_cast<int>(std::min<std::int64_t>(id, 99))];
  if (!arguments.more()) {
    if (!arguments.good()) return Ended::error();
    output.info(now, command.name, fmt::format("+QICSGP: 1,\"{}\",\"\",\"\",0", context.apn));
    return Ended::ok();
  }
  arguments.integer("context_type");
  std::string apn = arguments.text("APN");
  // 3.1 shows user name without password (ambiguity A44): both and the authentication may follow
  bool texts = true;
  for (int i = 0; i < 3 && arguments.more(); ++i) {
    const bool quoted = command.arguments[3 + static_cast<std::size_t>(i)].starts_with('"');
    if (texts && quoted) {
      arguments.text(i == 0 ? "username" : "password");
    } else {
      texts = false;
      arguments.integer("authentication");
    }
  }
  if (!arguments.good()) return Ended::error();
  context.apn = std::move(apn);
  return Ended::ok();
}

Ended Modem::Impl::qiact(io::Time now, const Command& command) {
  if (command.form == Command::Form::read) {
    for (const auto& [id, context] : contexts) {
      if (context.active) output.info(now, command.name, fmt::format("+QIACT: {},1,1,\"10.0.0.2\"", id));
    }
    return Ended::ok();
  }
  Arguments arguments(config, command);
  const auto id = arguments.integer("contextID");
  if (command.form != Command::Form::write || !arguments.good()) return Ended::error();
  Context& context = contexts[static_cast<int>(id)];
  if (context.active) return Ended::ok();
  int active = 0;
  for (const auto& [other, one] : contexts) active += one.active ? 1 : 0;
  if (!config.sim_present || !attached || active >= most_active_contexts) return Ended::error();
  context.active = true;
  return Ended::ok();
}

Ended Modem::Impl::qideact(io::Time, const Command& command) {
  Arguments arguments(config, command);
  const auto id = arguments.integer("contextID");
  if (command.form != Command::Form::write || !arguments.good()) return Ended::error();
  contexts[static_cast<int>(id)].active = false;
  // the session loses its bearer
  if (state("cfg.contextid") == id && ftp.session() != FtpClient::Session::closed && operation.command.empty())
    ftp.abandon();
  return Ended::ok();
}

Ended Modem::Impl::cfun(io::Time now, const Command& command) {
  if (command.form == Command::Form::read) {
    output.info(now, command.name, "+CFUN: 1");
    return Ended::ok();
  }
  Arguments arguments(config, command);
  const auto function = arguments.integer("fun");
  const auto reset = arguments.optional_integer("rst").value_or(0);
  if (command.form != Command::Form::write || !arguments.good() || function != 1 || reset > 1) return Ended::error();
  output.ok(now, command.name);
  if (reset == 1) power_on(now);
  return Ended::later();
}

}  // namespace atspec::modem
