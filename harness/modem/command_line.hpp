// The DTE's side of the line in command mode: bytes to command lines (V.250 §5.2), command lines to commands (§5.3,
// §5.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/bytes.hpp"

namespace atspec::modem {

/// Collects bytes until CR. Backspace (0x08) takes one back; an LF directly behind a CR is dropped.
class LineEditor {
 public:
  explicit LineEditor(std::size_t longest) : longest_(longest) {}

  struct Line {
    std::string text;
    bool too_long = false;
  };
  /// Takes one byte; a line when it was the CR.
  std::optional<Line> take(char byte);
  void clear();

 private:
  std::size_t longest_;
  std::string text_;
  bool too_long_ = false;
  bool after_cr_ = false;
};

struct Command {
  enum class Form { test, read, write, execute } form = Form::execute;
  std::string name;                    ///< upper case: "+QFTPSIZE", "E", "&D"
  std::vector<std::string> arguments;  ///< as they stand, quotes included, blanks around removed
};

/// Nothing: not a command line (no AT or at), or text in it that is no command.
struct Parsed {
  bool prefixed = false;
  bool valid = false;
  std::vector<Command> commands;
};
Parsed parse_line(std::string_view line);

}  // namespace atspec::modem
