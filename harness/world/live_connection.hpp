// A connection of the live network: its socket, and what waits to be written to it, in the clear or through TLS. Of
// what is sent over TLS only one record at a time is encrypted, when the socket takes it: memory stays flat.
#pragma once

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <utility>

#include "harness/io/network.hpp"
#include "harness/world/live_asio.hpp"
#include "harness/world/tls_layer.hpp"

namespace atspec::world {

struct Connection {
  Connection(boost::asio::io_context& context, io::ConnectionId its) : id(its), socket(context), linger(context) {}

  io::ConnectionId id;
  boost::asio::ip::tcp::socket socket;
  boost::asio::steady_timer linger;
  bool connected = false;
  bool known = true;  ///< to the machine; a closed one lives on until its bytes are out
  bool waits_to_read = false, waits_to_write = false;
  bool peer_closed = false;  ///< or nothing more will come for another reason
  bool broken = false;       ///< writing failed; what had arrived before may still be read
  bool fin_asked = false, fin_sent = false;
  std::unique_ptr<TlsLayer> tls;

  /// TLS has begun and is not there yet.
  bool handshakes() const { return tls && !tls->secured() && tls->failure().empty(); }

  void send(io::Bytes bytes) { unsent_.push_back(std::move(bytes)); }

  /// Nothing more will be sent: close_notify is to follow, where TLS is spoken and `notify` says so.
  void end(bool notify) {
    notify_asked_ = notify && tls != nullptr;
    // what waits for a handshake that nobody will finish
    if (tls && !tls->secured()) unsent_.clear();
  }

  /// Whether there is something to write.
  bool has_next() {
    if (!tls) return !unsent_.empty();
    if (wire_.empty()) wire_ = tls->take_wire();
    if (wire_.empty() && !unsent_.empty() && tls->secured() && tls->failure().empty()) encrypt();
    if (wire_.empty() && unsent_.empty() && std::exchange(notify_asked_, false)) {
      tls->say_close();
      wire_ = tls->take_wire();
    }
    return !wire_.empty();
  }

  /// What to write; only where `has_next`.
  io::ByteView next() const { return io::ByteView(tls ? wire_ : unsent_.front()).substr(written_); }

  /// So much of it was written; of the machine's bytes, so many have left by that.
  std::size_t sent(std::size_t bytes) {
    written_ += bytes;
    if (!tls) {
      if (written_ == unsent_.front().size()) {
        unsent_.pop_front();
        written_ = 0;
      }
      return bytes;
    }
    if (written_ < wire_.size()) return 0;
    wire_.clear();
    written_ = 0;
    return std::exchange(in_record_, 0);
  }

  void forget_unsent() {
    unsent_.clear();
    wire_.clear();
    written_ = 0;
    notify_asked_ = false;
  }

 private:
  void encrypt() {
    const io::Bytes& first = unsent_.front();
    const auto part = io::ByteView(first).substr(encrypted_, TlsLayer::record_bytes);
    tls->say(part);
    in_record_ = part.size();
    encrypted_ += part.size();
    if (encrypted_ == first.size()) {
      unsent_.pop_front();
      encrypted_ = 0;
    }
    wire_ = tls->take_wire();
  }

  std::deque<io::Bytes> unsent_;
  std::size_t encrypted_ = 0;  ///< of the first of these
  io::Bytes wire_;             ///< one record, or the handshake's
  std::size_t written_ = 0;    ///< of what is written now
  std::size_t in_record_ = 0;  ///< of the machine's bytes
  bool notify_asked_ = false;
};

}  // namespace atspec::world
