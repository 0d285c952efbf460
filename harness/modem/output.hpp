// All that leaves for the DTE passes here: framing, and the rules by which a mutant spoils it.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/io/time.hpp"
#include "harness/modem/config.hpp"

namespace atspec::modem {

class Output {
 public:
  /// `byte_time`: how long a byte takes on the line; 0: no time.
  explicit Output(std::vector<OutputRule> rules, io::Duration byte_time = {});

  void verbose(bool on) { verbose_ = on; }
  void info(io::Time now, std::string_view command, std::string_view text);
  void urc(io::Time now, std::string_view command, std::string_view text);
  void connect(io::Time now, std::string_view command, std::string_view text = "CONNECT");
  /// Nothing leaves before `when`.
  void hold(io::Time when) { line_free_ = std::max(line_free_, when); }
  void ok(io::Time now, std::string_view command) { final_result(now, command, "OK"); }
  void error(io::Time now, std::string_view command) { final_result(now, command, "ERROR"); }
  void final_result(io::Time now, std::string_view command, std::string_view text);
  /// Echo and data: as they are.
  void raw(io::ByteView bytes) { ready_ += bytes; }

  /// Moves what a rule held back and is due now.
  void tick(io::Time now);
  std::optional<io::Time> deadline() const;
  /// What is to be sent now; empty where there is nothing.
  io::Bytes take(io::Time now);
  /// What a rule did to the modem itself; asking forgets it.
  enum class Trouble { none, hang, restart };
  Trouble take_trouble() { return std::exchange(trouble_, Trouble::none); }

 private:
  void emit(io::Time now, OutputRule::Kind kind, std::string_view command, std::string_view text);

  struct Rule {
    OutputRule rule;
    unsigned seen = 0, used = 0;
    std::size_t passed = 0;  // of `behind`
  };
  struct Held {
    io::Time due;
    io::Bytes bytes;
  };
  std::vector<Rule> rules_;
  std::deque<Held> held_;
  io::Bytes ready_, late_;
  std::size_t gone_ = 0;  ///< of ready_: at the front
  bool verbose_ = true;
  Trouble trouble_ = Trouble::none;
  io::Duration byte_time_;
  io::Time line_free_{};
};

}  // namespace atspec::modem
