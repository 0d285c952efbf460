// FTP replies out of a byte stream (RFC 959 §4.2, RFC 1123 §4.1.2.10-12), bounded whatever the server sends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/io/bytes.hpp"
#include "harness/io/network.hpp"

namespace atspec::modem {

struct Reply {
  int code = 0;      ///< 100 to 599; 0: a line that is no reply
  std::string text;  ///< of the last line, without code and blank
};

/// A 2yz: it was done (RFC 959 §4.2.1).
inline bool positive(const Reply& reply) { return reply.code >= 200 && reply.code < 300; }
/// A 3yz wants something more of the client (RFC 959 §4.2.1): where that is not what comes next anyway, as 350 before
/// RNTO, there is no way on.
inline bool refused(const Reply& reply) { return reply.code >= 300 && reply.code < 600; }
/// What only the security of a connection is refused with (RFC 2228 §5.1, RFC 4217 §10.2, §11.4).
bool about_security(const Reply& reply);

/// 227: six numbers joined by commas, wherever they stand in the text (RFC 1123 §4.1.2.6).
std::optional<io::Endpoint> passive_address(std::string_view text);
/// The other way round: "127,0,0,1,4,1", what PORT says of an IPv4 address (RFC 959 §4.1.2).
std::string port_argument(const io::Endpoint& at);
/// 229: "(|||port|)" with a delimiter of the server's choice (RFC 2428 §3).
std::optional<std::uint16_t> extended_port(std::string_view text);
/// The time of a 213 reply to MDTM, "YYYYMMDDHHMMSS" or "YYYYMMDDHHMMSS.sss" (RFC 3659 §2.3), as the manual writes it:
/// a fraction has three digits, whatever the server's has (2.14 QFTPMDTM-11). Nothing where the text is anything else.
std::optional<std::string> modification_time(std::string_view text);

class ReplyParser {
 public:
  void feed(io::ByteView bytes) { buffer_ += bytes; }
  /// The next complete reply.
  std::optional<Reply> take();
  /// What came so far is no reply to anything, nor is the one that has begun to come once it is complete.
  void forget();
  /// Another connection begins.
  void clear();

 private:
  std::optional<std::string> line();

  io::Bytes buffer_;
  std::size_t begin_ = 0;  ///< of what was not read yet
  bool stray_ = false;     ///< the next reply was forgotten while it came
  int open_code_ = 0;      ///< of a multi-line reply under way
};

}  // namespace atspec::modem
