// The bytes of a control connection as command lines: Telnet commands taken out (RFC 959 §3.1 speaks Telnet;
// RFC 1123 §4.1.2.12 lets a server ignore them), lines cut at LF, over-long ones bounded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/io/bytes.hpp"

namespace atspec::ftpd {

class ControlLines {
 public:
  static constexpr std::size_t longest_line = 4096;

  void feed(io::ByteView bytes);
  /// The next whole line without its CR LF, valid until the next call that is not const. Of a line longer than
  /// `longest_line` only the beginning is left, which is still longer than that.
  std::optional<std::string_view> peek() const;
  void pop();
  /// Enough is waiting: bring no more.
  bool full() const { return waiting_.size() - head_ >= 4 * longest_line; }
  void clear();

 private:
  void append(std::string_view text);

  enum class Telnet : unsigned char { text, command, option, subnegotiation, subnegotiation_command };
  Telnet telnet_ = Telnet::text;
  std::string waiting_;  ///< lines with their LF, then the line that is still coming
  std::size_t head_ = 0;
  std::size_t current_ = 0;  ///< bytes of the line that is still coming
};

/// `text` as it goes out on the control connection: a byte 255 is doubled (RFC 3659 §2.2).
void append_telnet(std::string& out, std::string_view text);

}  // namespace atspec::ftpd
