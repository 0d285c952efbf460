// One side of a TLS connection as bytes in, bytes out: the seam between a network and whoever knows TLS. A network
// feeds it what comes off the wire and sends what it makes; it never touches a socket.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "harness/io/network.hpp"

namespace atspec::world {

class TlsLayer {
 public:
  static constexpr std::size_t record_bytes = 16 * 1024;  ///< RFC 8446 §5.1: the plaintext of one record

  virtual ~TlsLayer() = default;
  TlsLayer(const TlsLayer&) = delete;
  TlsLayer& operator=(const TlsLayer&) = delete;

  /// Bytes off the wire, in any pieces. Ignored once it failed or the peer said close_notify.
  virtual void take(io::ByteView wire) = 0;
  /// Encrypts; only between `secured` and `say_close`.
  virtual void say(io::ByteView plain) = 0;
  /// close_notify; nothing where the handshake is not over.
  virtual void say_close() = 0;

  /// What is to be sent now.
  io::Bytes take_wire() { return std::exchange(wire_, {}); }
  /// What the peer said.
  io::Bytes take_plain() { return std::exchange(plain_, {}); }
  /// Once, when the handshake is over; its id is for the network to fill in.
  std::optional<io::event::Secured> take_secured() {
    return std::exchange(news_, false) ? std::optional(secured_with_) : std::nullopt;
  }
  bool secured() const { return secured_; }
  /// Why it failed; empty while all is well.
  const std::string& failure() const { return failure_; }
  /// The peer said close_notify.
  bool peer_closed() const { return peer_closed_; }

 protected:
  TlsLayer() = default;
  void be_secured(io::event::Secured with) {
    secured_with_ = with;
    secured_ = news_ = true;
  }

  io::Bytes wire_, plain_;
  std::string failure_;
  bool peer_closed_ = false;

 private:
  io::event::Secured secured_with_{};
  bool secured_ = false, news_ = false;
};

/// TLS by OpenSSL. `origin` is the layer of `how.resume`, or null; it need not outlive the call. A client has its first
/// bytes ready at once. Settings that cannot be used make a layer that has failed.
std::unique_ptr<TlsLayer> openssl_layer(const io::action::StartTls& how, const TlsLayer* origin);

/// A stand-in without cryptography: records, handshake, alerts and close_notify as in TLS, but everything can be read,
/// and a certificate is vouched for by an authority that is the same text. Deterministic.
std::unique_ptr<TlsLayer> plain_layer(const io::action::StartTls& how, const TlsLayer* origin);

/// A certificate of its own authority and its key, both PEM, made new: what a server shows that has none. Valid for
/// `host` (a name, or an IPv4 address) for a year. Empty strings where OpenSSL fails.
struct Identity {
  io::Bytes certificate, key;
};
Identity make_identity(const std::string& host);

}  // namespace atspec::world
