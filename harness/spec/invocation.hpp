// A command line taken apart as V.250 §5.2-5.4 demands, without knowing any command:
// "AT+QFTPCFG="filetype",1" is one Invocation {"+QFTPCFG", write, ["filetype" quoted, 1]}.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace atspec::spec {

enum class FormKind { test, read, write, execute };
std::string_view to_string(FormKind kind);

struct Argument {
  std::string raw;   ///< as sent, quotes included
  std::string text;  ///< without quotes
  bool quoted = false;
  bool empty() const { return raw.empty(); }
};

struct Invocation {
  std::string name;  ///< "+QFTPSIZE" in the case it was sent in; "E", "&D", "O" for basic commands
  FormKind kind = FormKind::execute;
  std::vector<Argument> arguments;
  std::string raw;  ///< the part of the line that is this command
};

/// The commands of one line (without its CR). An error says why the line is no command line:
/// no AT prefix, or text that is no command.
std::expected<std::vector<Invocation>, std::string> parse_command_line(std::string_view line);

}  // namespace atspec::spec
