// All that leaves for the DTE passes here: framing, and the rules by which a mutant spoils it.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/io/time.hpp"
#include "harness/modem/config.hpp"

namespace atspec::modem {

class Output {
 public:
  explicit Output(std::vector<OutputRule> rules);

  void verbose(bool on) { verbose_ = on; }
  void info(io::Time now, std::string_view command, std::string_view text);
  void urc(io::Time now, std::string_view command, std::string_view text);
  void connect(io::Time now, std::string_view command);
  void ok(io::Time now, std::string_view command) { final_result(now, command, "OK"); }
  void error(io::Time now, std::string_view command) { final_result(now, command, "ERROR"); }
  void final_result(io::Time now, std::string_view command, std::string_view text);
  /// Echo and data: as they are.
  void raw(io::ByteView bytes) { ready_ += bytes; }

  /// Moves what a rule held back and is due now.
  void tick(io::Time now);
  std::optional<io::Time> deadline() const;
  /// What is to be sent; empty where there is nothing.
  io::Bytes take();
  bool empty() const { return ready_.empty(); }

 private:
  void emit(io::Time now, OutputRule::Kind kind, std::string_view command, std::string_view text);

  struct Rule {
    OutputRule rule;
    unsigned used = 0;
  };
  struct Held {
    io::Time due;
    io::Bytes bytes;
  };
  std::vector<Rule> rules_;
  std::deque<Held> held_;
  io::Bytes ready_;
  bool verbose_ = true;
};

}  // namespace atspec::modem
