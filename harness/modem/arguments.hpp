// Arguments of a command held against the limits of the configuration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/modem/command_line.hpp"
#include "harness/modem/config.hpp"

namespace atspec::modem {

/// Reads the arguments of one command in order. `good()` is false once anything was wrong: a missing or surplus
/// argument, a text without quotes, a number with them, a value beyond its limit, a control byte in a text.
class Arguments {
 public:
  Arguments(const Config& config, const Command& command, std::size_t first = 0)
      : config_(config), command_(command), next_(first) {}

  /// Whether one more argument was given, empty ones included.
  bool more() const { return next_ < command_.arguments.size(); }
  std::string text(const char* parameter);
  /// As it was typed.
  std::string bare();
  std::int64_t integer(const char* parameter);
  /// Absent: the configured default, else `otherwise`. An empty argument before another is an error.
  std::optional<std::int64_t> optional_integer(const char* parameter);
  std::optional<std::string> optional_text(const char* parameter);
  /// To be called last.
  bool good() const { return good_ && (!more() || config_.fault("lax.surplus") != nullptr); }
  void refuse() { good_ = false; }

 private:
  const Limit* limit(const char* parameter) const;

  const Config& config_;
  const Command& command_;
  std::size_t next_;
  bool good_ = true;
};

}  // namespace atspec::modem
