#include "harness/modem/interpreter.hpp"

#include <algorithm>
#include <charconv>

namespace atspec::modem {

Modem::Impl::Impl(Config given)
    : config(std::move(given)),
      output(config.output),
      editor(config.command_line_bytes),
      store({config.ram_bytes, config.ufs_bytes, config.sd_bytes}),
      ftp(actions, *this) {}

const std::map<std::string, Modem::Impl::Handler, std::less<>>& Modem::Impl::table() {
  static const std::map<std::string, Handler, std::less<>> handlers = {{"&D", &Impl::dtr_behaviour},
                                                                       {"&F", &Impl::defaults},
                                                                       {"+CFUN", &Impl::cfun},
                                                                       {"+CGACT", &Impl::cgact},
                                                                       {"+CGATT", &Impl::cgatt},
                                                                       {"+CGEQMIN", &Impl::quality},
                                                                       {"+CGEQREQ", &Impl::quality},
                                                                       {"+CGMM", &Impl::model},
                                                                       {"+CGMR", &Impl::revision},
                                                                       {"+CGQMIN", &Impl::quality},
                                                                       {"+CGQREQ", &Impl::quality},
                                                                       {"+CGREG", &Impl::cgreg},
                                                                       {"+CMEE", &Impl::cmee},
                                                                       {"+CPIN", &Impl::cpin},
                                                                       {"+QFCLOSE", &Impl::qfclose},
                                                                       {"+QFDEL", &Impl::qfdel},
                                                                       {"+QFDWL", &Impl::qfdwl},
                                                                       {"+QFLDS", &Impl::qflds},
                                                                       {"+QFLST", &Impl::qflst},
                                                                       {"+QFOPEN", &Impl::qfopen},
                                                                       {"+QFPOSITION", &Impl::qfposition},
                                                                       {"+QFREAD", &Impl::qfread},
                                                                       {"+QFSEEK", &Impl::qfseek},
                                                                       {"+QFTPCFG", &Impl::qftpcfg},
                                                                       {"+QFTPCLOSE", &Impl::qftpclose},
                                                                       {"+QFTPCWD", &Impl::qftpcwd},
                                                                       {"+QFTPDEL", &Impl::qftpdel},
                                                                       {"+QFTPGET", &Impl::qftpget},
                                                                       {"+QFTPLEN", &Impl::qftplen},
                                                                       {"+QFTPLIST", &Impl::qftplist},
                                                                       {"+QFTPMDTM", &Impl::qftpmdtm},
                                                                       {"+QFTPMKDIR", &Impl::qftpmkdir},
                                                                       {"+QFTPMLSD", &Impl::qftplist},
                                                                       {"+QFTPNLST", &Impl::qftplist},
                                                                       {"+QFTPOPEN", &Impl::qftpopen},
                                                                       {"+QFTPPUT", &Impl::qftpput},
                                                                       {"+QFTPPWD", &Impl::qftppwd},
                                                                       {"+QFTPRENAME", &Impl::qftprename},
                                                                       {"+QFTPRMDIR", &Impl::qftprmdir},
                                                                       {"+QFTPSIZE", &Impl::qftpsize},
                                                                       {"+QFTPSTAT", &Impl::qftpstat},
                                                                       {"+QFUPL", &Impl::qfupl},
                                                                       {"+QFWRITE", &Impl::qfwrite},
                                                                       {"+QGMR", &Impl::revision},
                                                                       {"+QIACT", &Impl::qiact},
                                                                       {"+QICSGP", &Impl::qicsgp},
                                                                       {"+QIDEACT", &Impl::qideact},
                                                                       {"+QSSLCFG", &Impl::qsslcfg},
                                                                       {"E", &Impl::echo},
                                                                       {"I", &Impl::identify},
                                                                       {"O", &Impl::online},
                                                                       {"Q", &Impl::quiet},
                                                                       {"V", &Impl::verbose},
                                                                       {"Z", &Impl::defaults}};
  return handlers;
}

const std::vector<std::string>& Modem::implemented() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const auto& [name, handler] : Impl::table()) out.push_back(name);
    return out;
  }();
  return names;
}

std::int64_t Modem::Impl::code(std::string_view name) const {
  auto found = config.codes.find(std::string(name));
  if (found == config.codes.end()) found = config.codes.find("unknown");
  return found == config.codes.end() ? 1 : found->second;
}

const std::string& Modem::Impl::text_state(std::string_view name) const {
  static const std::string none;
  const auto found = states.find(name);
  return found == states.end() ? none : found->second;
}

std::int64_t Modem::Impl::state(std::string_view name) const {
  const std::string& text = text_state(name);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::int64_t Modem::Impl::in_force(std::string_view name) const {
  const std::string fault = "used." + std::string(name);
  return config.fault(fault) != nullptr ? config.fault_number(fault) : state(name);
}

void Modem::Impl::set_state(std::string_view name, std::string value) {
  if (config.fault("stuck." + std::string(name)) != nullptr) return;
  states.insert_or_assign(std::string(name), std::move(value));
}

io::Duration Modem::Impl::time(const char* name, io::Duration otherwise) const {
  const auto found = config.times.find(name);
  return found == config.times.end() ? otherwise : found->second;
}

void Modem::Impl::command_byte(io::Time now, char byte) {
  if (state("echo") == 1 && byte != '\n') output.raw(std::string_view(&byte, 1));
  // V.250 §5.2.4: A/ repeats the line before without a CR
  const bool at_start = line_start.empty();
  if (line_start.size() < 2) line_start += byte;
  if (!at_start && (line_start == "A/" || line_start == "a/")) {
    line_start.clear();
    editor.clear();
    execute_line(now, last_line);
    return;
  }
  auto line = editor.take(byte);
  if (const auto longest = config.fault_number("early-answer"); longest > 0 && !line && ++line_bytes == longest)
    line = editor.take('\r');
  if (line) line_bytes = 0;
  if (byte == '\n' && line_start == "\n") line_start.clear();
  if (!line) return;
  line_start.clear();
  if (line->too_long) {
    output.error(now, "");
    return;
  }
  execute_line(now, line->text);
}

void Modem::Impl::execute_line(io::Time now, const std::string& line) {
  Parsed parsed = parse_line(line);
  if (const std::string* wanted = config.fault("prefix")) {
    // "none": a line without one is carried out; "upper": small letters are none
    if (*wanted == "none" && !parsed.prefixed && !line.empty()) parsed = parse_line("AT" + line);
    if (*wanted == "upper" && line.starts_with("at")) parsed.prefixed = false;
  }
  if (!parsed.prefixed) return;
  last_line = line;
  line_at = now;
  if (!parsed.valid) {
    output.error(now, "");
    return;
  }
  queue.assign(std::make_move_iterator(parsed.commands.begin()), std::make_move_iterator(parsed.commands.end()));
  run_commands(now);
}

Ended Modem::Impl::obey(io::Time now, const Command& command) {
  const char* form = command.form == Command::Form::test    ? "=?"
                     : command.form == Command::Form::read  ? "?"
                     : command.form == Command::Form::write ? "="
                                                            : "";
  for (const std::string& spelling : {command.name, command.name + form}) {
    if (const std::string* how = config.fault("refused." + spelling))
      return *how == "error" ? Ended::error() : Ended::cme(*how);
    if (config.fault("idle." + spelling) != nullptr) return Ended::ok();
  }
  for (const auto& [name, value] : config.initial) {
    if (const std::string* at = config.fault("forgotten." + name); at != nullptr && *at == command.name)
      set_state(name, value);
  }
  const auto found = table().find(command.name);
  const bool ftp_family = command.name.starts_with("+QFTP");
  if (found == table().end()) return Ended::error();
  if (command.form == Command::Form::test) return test_form(now, command);
  if (ftp_family && command.form == Command::Form::read) return Ended::error();
  return (this->*found->second)(now, command);
}

/// The commands of a line one after the other; the first that fails ends the line (V.250 §5.4).
void Modem::Impl::run_commands(io::Time now) {
  ++running;
  run_queue(now);
  --running;
}

void Modem::Impl::run_queue(io::Time now) {
  std::string name;
  while (!queue.empty()) {
    const Command command = std::move(queue.front());
    queue.pop_front();
    name = command.name;
    const Ended ended = obey(now, command);
    if (ended.how == Ended::How::later) return;
    if (ended.how != Ended::How::ok) {
      queue.clear();
      return finish_line(now, ended, name);
    }
  }
  finish_line(now, Ended::ok(), name);
}

/// 3GPP TS 27.007 §9.2: +CMEE chooses between ERROR, a number and words.
void Modem::Impl::refuse(io::Time now, const std::string& command, std::int64_t number, std::string words) {
  if (state("cmee") == 0) return output.error(now, command);
  std::replace(words.begin(), words.end(), '-', ' ');
  output.final_result(now, command, "+CME ERROR: " + (state("cmee") == 1 ? std::to_string(number) : words));
}

void Modem::Impl::finish_line(io::Time now, const Ended& ended, const std::string& command) {
  switch (ended.how) {
    case Ended::How::ok:
      output.ok(now, command);
      break;
    case Ended::How::error:
      output.error(now, command);
      break;
    case Ended::How::cme:
      refuse(now, command, code(ended.code), ended.code);
      break;
    case Ended::How::later:
      break;
  }
  // a server command begins once its line is answered
  if (operation.command == command) operation.answered = true;
}

Ended Modem::Impl::test_form(io::Time now, const Command& command) {
  const auto lines = config.test_lines.find(command.name);
  if (lines == config.test_lines.end()) return Ended::error();
  for (const auto& line : lines->second) output.info(now, command.name, line);
  return Ended::ok();
}

}  // namespace atspec::modem
