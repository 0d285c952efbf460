// What a sans-I/O machine asks of a network and what it hears back. The modem and the FTP server
// speak only these values; world/sim answers them from memory, world/live from sockets.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/io/tls.hpp"

namespace atspec::io {

/// Chosen by the machine for what it opens (below 2^31), by the world for what it accepts (above).
using ConnectionId = std::uint32_t;
inline constexpr ConnectionId first_accepted_id = 0x8000'0000U;

struct Endpoint {
  std::string address;  ///< dotted IPv4 or IPv6 text, never a name
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

enum class ConnectError : std::uint8_t { refused, unreachable, timed_out };

namespace action {
struct Resolve {
  ConnectionId id;
  std::string host;
};
struct Connect {
  ConnectionId id;
  Endpoint to;
};
/// Port 0 asks for any free one.
struct Listen {
  ConnectionId id;
  Endpoint on;
};
struct Send {
  ConnectionId id;
  Bytes bytes;
};
/// From here on the connection speaks TLS, begun by the client's side. Bytes that came before and were not handed over
/// yet belong to the handshake; what is sent waits for Secured, or is dropped with TlsFailed. Of `resume`, the control
/// connection of a data connection, the session is taken up again where both sides agree (RFC 4217 §10.2); 0: of none.
struct StartTls {
  ConnectionId id;
  TlsSettingsPtr settings;
  ConnectionId resume = 0;
};
/// Sends FIN once all that was sent before is out, over TLS behind close_notify; reading goes on.
struct ShutdownSend {
  ConnectionId id;
};
/// Orderly: what was sent still goes out. Over TLS close_notify goes before the FIN unless `notify` is off, which is a
/// breach of RFC 8446 §6.1 that scripts play. No event follows for this id.
struct Close {
  ConnectionId id;
  bool notify = true;
};
/// RST: what is unsent is dropped. No event follows for this id.
struct Abort {
  ConnectionId id;
};
}  // namespace action

using NetworkAction = std::variant<action::Resolve, action::Connect, action::Listen, action::Send, action::StartTls,
                                   action::ShutdownSend, action::Close, action::Abort>;

namespace event {
/// An empty list: the name does not exist.
struct Resolved {
  ConnectionId id;
  std::vector<std::string> addresses;
};
struct Connected {
  ConnectionId id;
  Endpoint local;
  Endpoint peer;
};
struct ConnectFailed {
  ConnectionId id;
  ConnectError error;
};
struct Listening {
  ConnectionId id;
  Endpoint on;
};
struct ListenFailed {
  ConnectionId id;
};
struct Accepted {
  ConnectionId listener;
  ConnectionId id;
  Endpoint local;
  Endpoint peer;
};
struct Received {
  ConnectionId id;
  Bytes bytes;
};
/// `bytes` of what was sent have left; the sum of these is what bounds a sender's memory.
struct Sent {
  ConnectionId id;
  std::size_t bytes;
};
/// The handshake is over; what is received from here on is what the other side sent under TLS.
struct Secured {
  ConnectionId id;
  TlsVersion version = TlsVersion::tls12;
  std::uint16_t suite = 0;  ///< its IANA number
  bool resumed = false;     ///< an earlier session was taken up again
};
/// The handshake or a record failed, or an alert came. Nothing passes any more; the machine closes the connection.
struct TlsFailed {
  ConnectionId id;
  std::string reason;  ///< for people
};
/// The peer sent FIN, or close_notify; sending is still possible.
struct PeerClosed {
  ConnectionId id;
  bool cut = false;  ///< over TLS: without close_notify, so that anyone may have cut the stream (RFC 8446 §6.1)
};
/// The peer sent RST, or the connection broke.
struct Reset {
  ConnectionId id;
};
}  // namespace event

using NetworkEvent = std::variant<event::Resolved, event::Connected, event::ConnectFailed, event::Listening,
                                  event::ListenFailed, event::Accepted, event::Received, event::Sent, event::Secured,
                                  event::TlsFailed, event::PeerClosed, event::Reset>;

}  // namespace atspec::io
