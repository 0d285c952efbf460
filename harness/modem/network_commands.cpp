// SIM, attachment, registration, quality of service, PDP contexts: what must be in order before a session can be opened
// (manual 1.4 and 4.2).
#include <fmt/format.h>

#include <algorithm>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {
namespace {

constexpr int most_active_contexts = 3;       // manual 4.2 DIAG-07, after 3GPP
constexpr std::int64_t highest_context = 99;  // what no limit of the configuration keeps out is refused all the same

}  // namespace

bool Modem::Impl::can_activate() const {
  int active = 0;
  for (const auto& [id, context] : contexts) active += context.active || context.held ? 1 : 0;
  return config.sim_present && attached && active < most_active_contexts;
}

/// A session on this context loses its bearer.
void Modem::Impl::deactivate(io::Time now, int id) {
  const auto found = contexts.find(id);
  if (found == contexts.end()) return;
  found->second.active = false;
  found->second.held = false;
  if (session_context != id) return;
  // a transfer left with +++ ends with the session
  if (paused) end_pause();
  ftp.lose_bearer(now);
}

void Modem::Impl::detach(io::Time now) {
  attached = false;
  for (const auto& [id, context] : contexts) deactivate(now, id);
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
  if (value == 0) {
    detach(now);
    return Ended::ok();
  }
  if (!config.sim_present || function != 1) return Ended::error();
  attached = true;
  return Ended::ok();
}

Ended Modem::Impl::cgreg(io::Time now, const Command& command) {
  if (command.form == Command::Form::read) {
    const bool registered = config.sim_present && attached;
    output.info(now, command.name, fmt::format("+CGREG: {},{}", registration_reports, registered ? 1 : 0));
    return Ended::ok();
  }
  Arguments arguments(config, command);
  const auto value = arguments.integer("n");
  if (command.form != Command::Form::write || !arguments.good() || value < 0 || value > 2) return Ended::error();
  registration_reports = static_cast<int>(value);
  return Ended::ok();
}

/// The quality of a context is kept and shown; nothing here becomes faster by it.
Ended Modem::Impl::quality(io::Time now, const Command& command) {
  auto& profiles = qualities[command.name];
  if (command.form == Command::Form::read) {
    for (const auto& [id, profile] : profiles)
      output.info(now, command.name, fmt::format("{}: {},{}", command.name, id, profile));
    return Ended::ok();
  }
  Arguments arguments(config, command);
  const auto id = arguments.integer("cid");
  if (command.form != Command::Form::write || id < 1 || id > highest_context) return Ended::error();
  std::string profile;
  while (arguments.more()) profile += (profile.empty() ? "" : ",") + std::to_string(arguments.integer("value"));
  if (!arguments.good()) return Ended::error();
  // 27.007 §10.1.4: without values the profile is undefined again
  if (profile.empty()) {
    profiles.erase(static_cast<int>(id));
  } else {
    profiles.insert_or_assign(static_cast<int>(id), std::move(profile));
  }
  return Ended::ok();
}

Ended Modem::Impl::cgact(io::Time now, const Command& command) {
  if (command.form == Command::Form::read) {
    for (const auto& [id, context] : contexts)
      output.info(now, command.name, fmt::format("+CGACT: {},{}", id, context.active || context.held ? 1 : 0));
    return Ended::ok();
  }
  Arguments arguments(config, command);
  const auto wanted = arguments.integer("state");
  const auto id = arguments.integer("cid");
  if (command.form != Command::Form::write || !arguments.good() || wanted < 0 || wanted > 1 || id < 1 ||
      id > highest_context)
    return Ended::error();
  if (wanted == 0) {
    deactivate(now, static_cast<int>(id));
    return Ended::ok();
  }
  Context& context = contexts[static_cast<int>(id)];
  if (context.active || context.held) return Ended::ok();
  if (!can_activate()) return Ended::error();
  context.held = true;
  return Ended::ok();
}

Ended Modem::Impl::qicsgp(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  const auto id = arguments.integer("contextID");
  if (id < 1) return Ended::error();
  Context& context = contexts[static_cast<int>(std::min(id, highest_context))];
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
  // what +CGACT activated is not for FTP (manual 4.2 DIAG-06)
  if (context.held || !can_activate()) return Ended::error();
  context.active = true;
  return Ended::ok();
}

Ended Modem::Impl::qideact(io::Time now, const Command& command) {
  Arguments arguments(config, command);
  const auto id = arguments.integer("contextID");
  if (command.form != Command::Form::write || !arguments.good()) return Ended::error();
  deactivate(now, static_cast<int>(id));
  return Ended::ok();
}

}  // namespace atspec::modem
