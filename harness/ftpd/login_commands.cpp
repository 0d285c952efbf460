// Who is there, and what the server is. The table of all commands stands here too.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/ftpd/session.hpp"

namespace atspec::ftpd {
namespace {

constexpr unsigned most_wrong_passwords = 3;  ///< RFC 2577 §5

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Takes the first word off `text`, in small letters.
std::string take_word(std::string_view& text) {
  std::string word(text.substr(0, text.find(' ')));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  std::transform(word.begin(), word.end(), word.begin(), lower);
  return word;
}

}  // namespace

std::span<const Session::Command> Session::commands() {
  constexpr auto none = Argument::none, optional = Argument::optional, required = Argument::required;
  static constexpr bool early = true, late = false, transfers = true;
  static constexpr std::array table{
      Command{"USER", &Session::user, required, early},
      Command{"PASS", &Session::pass, optional, early},
      Command{"ACCT", &Session::account, required, early},
      Command{"QUIT", &Session::quit, none, early},
      Command{"NOOP", &Session::noop, none, early},
      Command{"SYST", &Session::system, none, early},
      Command{"FEAT", &Session::features, none, early},
      Command{"OPTS", &Session::set_option, required, early},
      Command{"HELP", &Session::help, optional, early},
      Command{"SITE", &Session::site, required, late},
      Command{"ALLO", &Session::allocate, required, late},
      Command{"TYPE", &Session::type, required, late},
      Command{"MODE", &Session::mode, required, late},
      Command{"STRU", &Session::structure, required, late},
      Command{"PWD", &Session::print_directory, none, late},
      Command{"XPWD", &Session::print_directory, none, late},
      Command{"CWD", &Session::change_directory, required, late},
      Command{"XCWD", &Session::change_directory, required, late},
      Command{"CDUP", &Session::change_up, none, late},
      Command{"XCUP", &Session::change_up, none, late},
      Command{"MKD", &Session::make_directory, required, late},
      Command{"XMKD", &Session::make_directory, required, late},
      Command{"RMD", &Session::remove_directory, required, late},
      Command{"XRMD", &Session::remove_directory, required, late},
      Command{"DELE", &Session::remove_file, required, late},
      Command{"RNFR", &Session::rename_from, required, late},
      Command{"RNTO", &Session::rename_to, required, late},
      Command{"SIZE", &Session::size, required, late},
      Command{"MDTM", &Session::modification_time, required, late},
      Command{"MLST", &Session::machine_list, optional, late},
      Command{"STAT", &Session::status, optional, late},
      Command{"PASV", &Session::passive, none, late},
      Command{"EPSV", &Session::extended_passive, optional, late},
      Command{"PORT", &Session::port, required, late},
      Command{"EPRT", &Session::extended_port, required, late},
      Command{"REST", &Session::restart, required, late},
      Command{"RETR", &Session::retrieve, required, late, transfers},
      Command{"STOR", &Session::store, required, late, transfers},
      Command{"APPE", &Session::append, required, late, transfers},
      Command{"LIST", &Session::list, optional, late, transfers},
      Command{"NLST", &Session::name_list, optional, late, transfers},
      Command{"MLSD", &Session::machine_list_directory, optional, late, transfers},
      Command{"ABOR", &Session::abort, none, late},
      Command{"AUTH", &Session::authenticate, required, early},
      Command{"PBSZ", &Session::buffer_size, required, early},
      Command{"PROT", &Session::protection, required, early},
      // RFC 959 and 2228 know these; this server does not offer them
      Command{"STOU", &Session::not_implemented, optional, late},
      Command{"REIN", &Session::not_implemented, optional, late},
      Command{"SMNT", &Session::not_implemented, optional, late},
      Command{"CCC", &Session::not_implemented, optional, early},
  };
  return table;
}

const Session::Command* Session::find_command(std::string_view verb) {
  for (const Command& command : commands()) {
    if (command.verb == verb) return &command;
  }
  return nullptr;
}

void Session::user() {
  logged_in_ = false;
  user_ = argument_;
  reply(331, "Password, please");  // also for unknown names: RFC 2577 §7
}

void Session::pass() {
  if (logged_in_) return reply(202, "Logged in already");
  if (!user_) return reply(503, "USER comes first");
  if (*user_ == house_.options.user && argument_ == house_.options.password) {
    logged_in_ = true;
    wrong_passwords_ = 0;
    return reply(230, "Logged in");
  }
  user_.reset();
  if (++wrong_passwords_ < most_wrong_passwords) return reply(530, "Wrong name or password");
  reply(421, "Too many wrong passwords");
  hang_up();
}

void Session::account() { logged_in_ ? reply(202, "No account is needed") : reply(503, "USER and PASS come first"); }

void Session::quit() {
  reply(221, "Goodbye");
  hang_up();
}

void Session::noop() { reply(200, "Nothing done"); }

void Session::system() { reply(215, "UNIX Type: L8"); }

void Session::features() {
  // RFC 3659 §7.8: all facts there are, those that are on with an asterisk
  const auto fact = [](bool on, std::string_view name) { return fmt::format("{}{};", name, on ? "*" : ""); };
  send_control(fmt::format(
      "211-Features\r\n{} EPRT\r\n EPSV\r\n MDTM\r\n MLST {}{}{}{}\r\n REST STREAM\r\n SIZE\r\n"
      " TVFS\r\n UTF8\r\n211 End\r\n",
      house_.options.tls ? " AUTH TLS\r\n PBSZ\r\n PROT\r\n" : "",  // RFC 4217 §6
      fact(facts_.type, "type"), fact(facts_.size, "size"), fact(facts_.modify, "modify"), fact(facts_.perm, "perm")));
}

void Session::set_option() {
  std::string_view rest = argument_;
  const std::string name = take_word(rest);
  if (name == "mlst") {
    facts_ = parse_facts(rest);
    const std::string names = facts_names(facts_);
    return reply(200, names.empty() ? "MLST OPTS" : "MLST OPTS " + names);
  }
  if (name == "utf8") {
    const std::string value = take_word(rest);
    // names are passed through as bytes, so there is nothing to switch off
    if (value.empty() || value == "on") return reply(200, "UTF8 is on");
    return reply(501, "UTF8 can only be on");
  }
  reply(501, "No such option");
}

void Session::help() {
  std::string out = "214-Commands\r\n";
  std::size_t column = 0;
  for (const Command& command : commands()) {
    if (command.carry_out == &Session::not_implemented) continue;
    out += fmt::format(" {:4}", command.verb);
    if (++column % 10 == 0) out += "\r\n";
  }
  if (column % 10 != 0) out += "\r\n";
  send_control(out + "214 End\r\n");
}

void Session::site() {
  std::string_view rest = argument_;
  const std::string what = take_word(rest);
  // stores have no modes or owners: what clients ask for as a matter of course is not needed here
  if (what == "chmod" || what == "umask" || what == "idle") return superfluous();
  not_implemented();
}

void Session::superfluous() { reply(202, "Not needed here"); }

void Session::not_implemented() { reply(502, "Not implemented"); }

}  // namespace atspec::ftpd
