// The FTP control channel of a trace, read as commands and the replies they got (RFC 959 §4.2,
// §5.4; RFC 1123 §4.1.2). What the judge knows of the server, it knows from here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/trace/trace.hpp"

namespace atspec::judge {

/// A point in a trace. Times may be equal, then the order of records decides.
struct Moment {
  io::Time at{};
  std::size_t record = 0;
};
bool earlier(const Moment& a, const Moment& b);

struct ControlReply {
  Moment when;
  int code = 0;
  std::string text;  ///< after the code, all lines
  bool final = false;
};

struct ControlCommand {
  Moment when;
  std::string verb;  ///< in capitals; CONNECT for what the greeting answers
  std::string line;
  std::vector<ControlReply> replies;
  std::uint32_t connection = 0;

  /// The 2yz to 5yz reply that ends it, if it came by then.
  const ControlReply* final_reply(const Moment& by) const;
  /// Whether a final reply to it is a no: 4yz and 5yz, and a 3yz that asks for what does not follow it (RFC 959 §5.4).
  bool refused_by(const ControlReply& reply) const;
};

struct Control {
  bool observed = false;  ///< the peer's log is part of the trace
  bool torn = false;      ///< bytes are missing from it: what is not there may have been
  std::vector<ControlCommand> commands;
  std::vector<Moment> garbage;  ///< lines of the peer that are no reply, where one was awaited
  std::vector<Moment> stray;    ///< and where none was: between two commands
};

/// A scripted peer is observed even where the device never talked to it.
Control read_control(const trace::Trace& trace);

/// The number a reply consists of ("213 1000", RFC 3659 §4.1); the quoted path a 257 begins with (a quote in it is
/// doubled, RFC 959 App. II, and so is a byte 255, RFC 3659 §2.2), where an AT line can show it.
std::optional<std::int64_t> number_in(std::string_view reply_text);
std::optional<std::string> path_in(std::string_view reply_text);
/// The time a reply consists of ("213 20140708110039", RFC 3659 §3.1), where it is written as the manual writes times:
/// with three digits of fraction or none (2.14 QFTPMDTM-11).
std::optional<std::string> time_in(std::string_view reply_text);

}  // namespace atspec::judge
