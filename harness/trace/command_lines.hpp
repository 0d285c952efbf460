// The command lines a device was sent and has not answered yet: what it may still echo, and whether anybody
// asked for the CONNECT it sends.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/time.hpp"

namespace atspec::trace {

class CommandLines {
 public:
  struct Line {
    std::string text;  ///< as sent, without CR and LF; of a very long one its beginning
    io::Time at{};
    bool asks = false;       ///< begins with AT, so that an answer is due
    std::size_t echoed = 0;  ///< bytes the device has repeated
  };

  void sent(std::string_view text, io::Time at, std::size_t echoed);
  /// A final result came: it answers the oldest line that asks.
  void answered();
  bool empty() const { return lines_.empty(); }

  /// The line a result now coming would answer: the oldest that asks.
  const Line* oldest() const;

  /// What of `text`, which a CR ended, is echo: none, all, or all from `begin` on.
  struct Echo {
    std::size_t begin = 0;
  };
  std::optional<Echo> take_echo(std::string_view text, bool framed);

  /// Whether `text` may be the beginning of an echo.
  bool may_become_echo(std::string_view text) const;

 private:
  std::vector<Line> lines_;  ///< oldest first, few
};

/// BS SP BS, the echo of a backspace that wipes (V.250 §5.2.2), as the backspace it stands for.
std::string without_wiping(std::string_view echo);

}  // namespace atspec::trace
