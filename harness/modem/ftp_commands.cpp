// The +QFTP commands of the manual's chapter 2, as far as the control connection goes; data mode is data_mode.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {
namespace {

using Session = FtpClient::Session;

/// +QFTPCFG keywords with one integer (manual 2.1): parameter name and state variable.
struct Setting {
  std::string_view keyword;
  const char* parameter;
  std::string_view state;
};
constexpr Setting settings_table[] = {
    {"filetype", "file_type", "cfg.filetype"},   {"transmode", "transmode", "cfg.transmode"},
    {"contextid", "contextID", "cfg.contextid"}, {"rsptimeout", "timeout", "cfg.rsptimeout"},
    {"ssltype", "SSL_type", "cfg.ssltype"},      {"ssl_ctxid", "SSL_ctxID", "cfg.sslctxid"},
    {"cache", "cache_type", "cfg.cache"}};

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Path of a 257 reply: quoted, quotes inside doubled (RFC 959 App. II).
std::optional<std::string> quoted_path(std::string_view text) {
  if (!text.starts_with('"')) return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') {
      out += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '"') {
      out += text[++i];
    } else {
      return out;
    }
  }
  return std::nullopt;
}

/// What may stand in quotes on an AT line: no server byte may end the line or the quotes.
bool fits_at_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '"'; });
}

}  // namespace

std::int64_t Modem::Impl::error_code(const FtpOutcome& outcome) const {
  if (outcome.error != "paired") return code(outcome.error);
  const auto found = config.pair.find(outcome.protocol);
  return found == config.pair.end() ? code("unknown") : found->second;
}

void Modem::Impl::urc(io::Time now, const std::string& values) {
  const std::string line = operation.command + ": " + values;
  if (data == Data::file || running > 0) {
    waiting_urcs.emplace_back(operation.command, line);
  } else {
    output.urc(now, operation.command, line);
  }
}

FtpClient::Settings Modem::Impl::settings(io::Duration limit) const {
  FtpClient::Settings out;
  out.user = text_state("cfg.username");
  out.password = text_state("cfg.password");
  out.type = in_force("cfg.filetype") == 1 ? 'A' : 'I';
  out.passive = in_force("cfg.transmode") != 0 || (state("cfg.ssltype") != 0 && lax("active-tls"));
  out.secure_data = !lax("data-tls");
  out.take_session_up = !lax("tls-session");
  using Address = FtpClient::Settings::Address;
  const auto type = in_force("cfg.data_address_type");
  out.address = type == 0 ? Address::server : type == 1 ? Address::control : Address::control_first;
  out.switch_after = std::chrono::seconds(in_force("cfg.data_timeout"));
  out.limit = limit;
  for (const auto& [name, value] : config.faults) {
    if (name.starts_with("verb.")) out.verbs[name.substr(5)] = value;
  }
  return out;
}

FtpClient::Settings Modem::Impl::settings() const {
  return settings(std::chrono::seconds(in_force("cfg.rsptimeout")) + time("overtime", {}) - time("undertime", {}));
}

/// What was accepted goes on by itself; its line is answered once, behind its other commands (V.250 §5.4).
Ended Modem::Impl::accept(io::Time now, const Command& command) {
  if (queue.empty()) {
    output.ok(now, command.name);
  } else {
    run_commands(now);
  }
  return Ended::later();
}

/// Whether the server left since a command asked last: told once.
bool Modem::Impl::session_lost() {
  if (paused && ftp.session() == Session::closed) {
    end_pause();
    return true;
  }
  return ftp.lost_while_idle();
}

std::optional<Ended> Modem::Impl::session_refusal() {
  if (session_lost()) return Ended::cme("control-closed");
  if (!operation.command.empty() || ftp.open_segment()) return Ended::cme("busy");
  if (ftp.session() == Session::closed) return Ended::cme("not-logged-in");
  if (ftp.session() != Session::idle) return Ended::cme("busy");
  return std::nullopt;
}

Ended Modem::Impl::qftpcfg(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command, 1);
  const std::string& first = command.arguments[0];
  if (first.size() < 2 || first.front() != '"' || first.back() != '"') return Ended::error();
  const std::string keyword = lower(std::string_view(first).substr(1, first.size() - 2));
  const bool query = command.arguments.size() == 1;
  const auto report = [&](std::string_view values) {
    output.info(now, command.name, fmt::format("+QFTPCFG: {},{}", first, values));
    return Ended::ok();
  };
  if (keyword == "account") {
    if (query) {
      const std::string& secret = text_state("cfg.password");
      return report(fmt::format("\"{}\",\"{}\"", text_state("cfg.username"),
                                config.plays("A15.masked") ? std::string(secret.size(), '*') : secret));
    }
    std::string user = arguments.text("username"), password = arguments.text("password");
    if (!arguments.good()) return Ended::error();
    set_state("cfg.username", std::move(user));
    set_state("cfg.password", std::move(password));
    return Ended::ok();
  }
  if (keyword == "data_address") {
    const auto type = state("cfg.data_address_type");
    if (query) return report(type == 2 ? fmt::format("{},{}", type, state("cfg.data_timeout")) : std::to_string(type));
    const auto value = arguments.integer("data_address_type");
    std::optional<std::int64_t> timeout;
    if (arguments.more()) timeout = arguments.integer("data_timeout");
    if (!arguments.good()) return Ended::error();
    set_state("cfg.data_address_type", std::to_string(value));
    // valid for type 2 alone (QFTPCFG-68); elsewhere ignored
    if (timeout && value == 2) set_state("cfg.data_timeout", std::to_string(*timeout));
    return Ended::ok();
  }
  for (const Setting& setting : settings_table) {
    if (setting.keyword != keyword) continue;
    if (query) return report(text_state(setting.state));
    const auto value = arguments.integer(setting.parameter);
    if (!arguments.good()) return Ended::error();
    set_state(setting.state, std::to_string(value));
    return Ended::ok();
  }
  return lax("keyword") ? Ended::ok() : Ended::error();
}

Ended Modem::Impl::qftpopen(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  const std::string host = arguments.text("hostname");
  const auto port = arguments.optional_integer("port").value_or(21);
  if (!arguments.good() || port < 0) return Ended::cme("invalid-parameter");
  session_lost();
  if (!operation.command.empty() || ftp.session() != Session::closed) return Ended::cme("busy");
  const auto context = contexts.find(static_cast<int>(in_force("cfg.contextid")));
  if ((context == contexts.end() || !context->second.active) && !lax("context")) return Ended::cme("network");
  operation = {};
  operation.command = command.name;
  FtpClient::Settings with = settings(time("open-limit", std::chrono::seconds(125)));
  if (const auto type = in_force("cfg.ssltype"); type != 0) {
    with.security =
        type == 1 ? FtpClient::Settings::Security::implicit_tls : FtpClient::Settings::Security::explicit_tls;
    with.tls = tls_settings(host);
  }
  session_context = static_cast<int>(in_force("cfg.contextid"));
  if (config.plays("A36.lenient")) transferred = 0;
  ftp.open(now, host, static_cast<std::uint16_t>(std::min<std::int64_t>(port, 65535)), std::move(with));
  return accept(now, command);
}

Ended Modem::Impl::qftpclose(io::Time now, const Command& command) {
  if (command.form != Command::Form::execute)
    return command.form == Command::Form::write ? Ended::cme("invalid-parameter") : Ended::error();
  if (session_lost()) return Ended::cme("control-closed");
  if (ftp.session() == Session::closed) return Ended::cme("not-logged-in");
  // a transfer left with +++, or between two segments, ends with the session
  if (!operation.command.empty() && !paused) return Ended::cme("busy");
  end_pause();
  operation = {};
  operation.command = command.name;
  ftp.close(now, settings().limit);
  return accept(now, command);
}

Ended Modem::Impl::ask_about(io::Time now, const Command& command, const char* parameter, const char* verb,
                             bool typed) {
  Arguments arguments(config, command);
  const std::string path = arguments.text(parameter);
  if (command.form != Command::Form::write || !arguments.good()) return Ended::cme("invalid-parameter");
  if (auto refusal = session_refusal()) return *refusal;
  operation = {};
  operation.command = command.name;
  ftp.command(now, fmt::format("{} {}", verb, path), typed, settings());
  return accept(now, command);
}

Ended Modem::Impl::qftpcwd(io::Time now, const Command& command) { return ask_about(now, command, "path_name", "CWD"); }

Ended Modem::Impl::qftpsize(io::Time now, const Command& command) {
  return ask_about(now, command, "file_name", "SIZE", true);
}

Ended Modem::Impl::qftpdel(io::Time now, const Command& command) {
  return ask_about(now, command, "file_name", "DELE");
}

Ended Modem::Impl::qftpmkdir(io::Time now, const Command& command) {
  return ask_about(now, command, "folder_name", "MKD");
}

Ended Modem::Impl::qftprmdir(io::Time now, const Command& command) {
  return ask_about(now, command, "folder_name", "RMD");
}

Ended Modem::Impl::qftpmdtm(io::Time now, const Command& command) {
  return ask_about(now, command, "file_name", "MDTM");
}

Ended Modem::Impl::qftprename(io::Time now, const Command& command) {
  Arguments arguments(config, command);
  const std::string from = arguments.text("old_name");
  const std::string to = arguments.text("new_name");
  if (command.form != Command::Form::write || !arguments.good()) return Ended::cme("invalid-parameter");
  if (auto refusal = session_refusal()) return *refusal;
  operation = {};
  operation.command = command.name;
  ftp.rename(now, from, to, settings());
  return accept(now, command);
}

Ended Modem::Impl::qftppwd(io::Time now, const Command& command) {
  if (command.form != Command::Form::execute) return Ended::cme("invalid-parameter");
  if (auto refusal = session_refusal()) return *refusal;
  operation = {};
  operation.command = command.name;
  ftp.command(now, "PWD", false, settings());
  return accept(now, command);
}

Ended Modem::Impl::qftpstat(io::Time now, const Command& command) {
  if (command.form != Command::Form::execute) return Ended::cme("invalid-parameter");
  int value = 4;
  switch (ftp.session()) {
    case Session::closed:
      break;
    case Session::opening:
      value = 0;
      break;
    case Session::idle:
    case Session::busy:
      value = 1;
      break;
    case Session::transferring:
      value = 2;
      break;
    case Session::closing:
      value = 3;
      break;
  }
  const std::string line = fmt::format("+QFTPSTAT: 0,{}", value);
  if (config.plays("A34.line-first")) {
    output.info(now, command.name, line);
    return Ended::ok();
  }
  waiting_urcs.emplace_back(command.name, line);
  return accept(now, command);
}

Ended Modem::Impl::qftpput(io::Time now, const Command& command) {
  Arguments arguments(config, command);
  FtpClient::Transfer transfer;
  transfer.verb = "STOR";
  transfer.upload = true;
  transfer.path = arguments.text("file_name");
  const std::string local = arguments.text("local_name");
  const auto start = arguments.optional_integer("startpos").value_or(0);
  std::optional<std::int64_t> length, last;
  const bool com = local == "COM:";
  if (arguments.more()) {
    length = arguments.integer("uploadlen");
    last = arguments.integer("beof");
    // valid for the COM port alone (QFTPPUT-22, -25)
    if (!com) arguments.refuse();
  }
  if (command.form != Command::Form::write || !arguments.good() || start < 0 || length.value_or(1) < 1)
    return Ended::cme("invalid-parameter");
  const bool goes_on = ftp.open_segment() && operation.command.empty() && com && operation.path == transfer.path;
  if (!goes_on) {
    if (auto refusal = session_refusal()) return *refusal;
  }
  operation = {};
  operation.command = command.name;
  operation.com = com;
  operation.upload = true;
  operation.path = transfer.path;
  operation.local = com ? "" : local;
  if (length) operation.upload_length = static_cast<std::uint64_t>(*length);
  operation.last_segment = last.value_or(1) == 1;
  transfer.start = static_cast<std::uint64_t>(std::max<std::int64_t>(start + config.fault_number("start.upload"), 0));
  if (operation.upload_length)
    operation.upload_length =
        *operation.upload_length + static_cast<std::uint64_t>(config.fault_number("length.upload"));
  if (goes_on) {
    ftp.resume_upload(now, settings().limit);
    return Ended::later();
  }
  if (!com) {
    if (!store.has(local) && config.plays("A12.instead")) {
      operation = {};
      return Ended::cme("open-file");
    }
    operation.answered = true;
    if (!store.has(local)) {
      urc(now, fmt::format("{},0", code("open-file")));
      operation = {};
      return accept(now, command);
    }
  }
  FtpClient::Settings with = settings();
  if (com) with.limit += time("connect-overtime", {});
  ftp.transfer(now, std::move(transfer), std::move(with));
  return com ? Ended::later() : accept(now, command);
}

Ended Modem::Impl::qftpget(io::Time now, const Command& command) {
  Arguments arguments(config, command);
  FtpClient::Transfer transfer;
  transfer.path = arguments.text("file_name");
  const std::string local = arguments.text("local_name");
  const auto start = arguments.optional_integer("startpos").value_or(0);
  const bool com = local == "COM:";
  const bool length_given = arguments.more();
  const auto length = arguments.optional_integer("downloadlen").value_or(0);
  if (length_given && !com) arguments.refuse();
  if (command.form != Command::Form::write || !arguments.good() || start < 0 || length < 0)
    return Ended::cme("invalid-parameter");
  if (auto refusal = session_refusal()) return *refusal;
  transfer.start = static_cast<std::uint64_t>(std::max<std::int64_t>(start + config.fault_number("start.download"), 0));
  // 0 is "to the end" (ambiguity A28)
  if (length > 0) transfer.length = static_cast<std::uint64_t>(length + config.fault_number("length.download"));
  return download(now, command, std::move(transfer), local, settings());
}

/// LIST, NLST and MLSD: what the command's name ends in (manual 2.11 to 2.13).
Ended Modem::Impl::qftplist(io::Time now, const Command& command) {
  Arguments arguments(config, command);
  FtpClient::Transfer transfer;
  transfer.verb = command.name.substr(std::string_view("+QFTP").size());
  transfer.path = arguments.text("dirname");
  const std::string local = arguments.optional_text("local_name").value_or("COM:");
  if (command.form != Command::Form::write || !arguments.good()) return Ended::cme("invalid-parameter");
  if (auto refusal = session_refusal()) return *refusal;
  if (transfer.path == ".") transfer.path.clear();
  FtpClient::Settings with = settings();
  with.type = 'A';  // listings are text (RFC 959 §4.1.3)
  return download(now, command, std::move(transfer), local, std::move(with));
}

Ended Modem::Impl::download(io::Time now, const Command& command, FtpClient::Transfer transfer,
                            const std::string& local, FtpClient::Settings with) {
  const bool com = local == "COM:";
  operation = {};
  operation.command = command.name;
  operation.com = com;
  operation.path = transfer.path;
  operation.local = com ? "" : local;
  if (!com) {
    operation.answered = true;
    if (!store.can_hold(local)) {
      urc(now, fmt::format("{},0", code("file")));
      operation = {};
      return accept(now, command);
    }
  }
  if (com) with.limit += time("connect-overtime", {});
  ftp.transfer(now, std::move(transfer), std::move(with));
  return com ? Ended::later() : accept(now, command);
}

Ended Modem::Impl::qftplen(io::Time now, const Command& command) {
  if (command.form != Command::Form::execute) return Ended::cme("invalid-parameter");
  if (session_lost()) return Ended::cme("control-closed");
  if (ftp.session() == Session::closed) return Ended::cme("not-logged-in");
  // of the transfer under way, or of the latest (ambiguity A36)
  const bool moving = operation.com || !operation.local.empty();
  const std::string line = fmt::format("+QFTPLEN: 0,{}", moving ? ftp.moved() : transferred);
  if (config.plays("A34.line-first")) {
    output.info(now, command.name, line);
    return Ended::ok();
  }
  waiting_urcs.emplace_back(command.name, line);
  return accept(now, command);
}

/// The completion URC of the operation under way.
void Modem::Impl::report_end(io::Time now, const FtpOutcome& outcome) {
  const bool transfer = operation.com || !operation.local.empty();
  if (operation.com && !operation.answered && data == Data::none && !outcome.error.empty() &&
      config.plays("A12.instead")) {
    const std::string words =
        outcome.error == "paired" ? fmt::format("server said {}", outcome.protocol) : outcome.error;
    refuse(now, operation.command, error_code(outcome), words);
    operation = {};
    return;
  }
  if (operation.com && !operation.answered) {
    // out of data mode, or never in it: the line's final result is still owed
    leave_data_mode(now);
    output.ok(now, operation.command);
  }
  if (operation.store_failed) {
    urc(now, fmt::format("{},0", code("file")));
  } else if (!outcome.error.empty()) {
    urc(now, fmt::format("{},{}", error_code(outcome), outcome.protocol));
  } else if (transfer) {
    count_transfer(outcome.bytes);
    urc(now, fmt::format("0,{}", outcome.bytes));
  } else if (operation.command == "+QFTPPWD") {
    const auto path = quoted_path(outcome.text);
    const auto limit = config.limits.find("+QFTPPWD.path_name");
    const bool fits =
        limit == config.limits.end() || !path || path->size() <= limit->second.max_length.value_or(path->size());
    if (path && fits && fits_at_line(*path)) {
      urc(now, config.plays("A02.unquoted") ? "0," + *path : "0,\"" + *path + "\"");
    } else {
      urc(now, fmt::format("{},0", code("unknown")));
    }
  } else if (operation.command == "+QFTPSIZE") {
    const bool number = !outcome.text.empty() && outcome.text.size() <= 19 &&
                        outcome.text.find_first_not_of("0123456789") == std::string::npos;
    urc(now, number ? "0," + outcome.text : fmt::format("{},0", code("unknown")));
  } else if (operation.command == "+QFTPMDTM") {
    const auto modified = modification_time(outcome.text);
    urc(now, modified ? "0,\"" + *modified + "\"" : fmt::format("{},0", code("unknown")));
  } else {
    urc(now, "0,0");
  }
  if (config.fault("drops-session." + operation.command) != nullptr) ftp.abandon();
  operation = {};
}

}  // namespace atspec::modem
