// FTP replies out of a byte stream (RFC 959 §4.2, RFC 1123 §4.1.2.10-12), bounded whatever the server sends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/io/bytes.hpp"

namespace atspec::modem {

struct Reply {
  int code = 0;      ///< 100 to 599; 0: a line that is no reply
  std::string text;  ///< of the last line, without code and blank
};

class ReplyParser {
 public:
  void feed(io::ByteView bytes) { buffer_ += bytes; }
  /// The next complete reply.
  std::optional<Reply> take();
  void clear();

 private:
  std::optional<std::string> line();

  io::Bytes buffer_;
  bool skipping_ = false;  ///< the rest of an over-long line
  int open_code_ = 0;      ///< of a multi-line reply under way
};

}  // namespace atspec::modem
