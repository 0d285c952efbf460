// TLS in the network in memory: the stand-in's records go over the connections like any bytes.
#include <utility>

#include "harness/world/memory_network.hpp"

namespace atspec::world {

void MemoryNetwork::on(io::Time now, Host host, io::action::StartTls& action) {
  const auto end = find(host, action.id);
  if (!end || side(*end).tls) return;
  const auto origin = action.resume == 0 ? std::nullopt : find(host, action.resume);
  Side& here = side(*end);
  here.tls = plain_layer(action, origin ? side(*origin).tls.get() : nullptr);
  tls_go_on(now, *end, 0);
  // what was not handed over yet belongs to the handshake
  std::erase(waiting_, *end);
  Queue early = std::exchange(here.inbox, {});
  while (!early.empty()) tls_arrive(now, *end, early.pop().bytes);
  if (std::exchange(here.fin_arrived, false)) tls_fin(now, *end);
}

void MemoryNetwork::tls_send(io::Time now, End from, io::ByteView bytes) {
  Side& here = side(from);
  if (!here.tls->failure().empty()) return;
  if (!here.tls->secured()) {
    here.before_tls += bytes;
    return;
  }
  // records are made one by one, so that each tells when its own bytes have left
  for (io::ByteView left = bytes; !left.empty();) {
    const auto part = left.substr(0, TlsLayer::record_bytes);
    left.remove_prefix(part.size());
    here.tls->say(part);
    io::Bytes record = here.tls->take_wire();
    buffered_ += record.size();
    here.unsent.push({std::move(record), part.size()});
  }
  transmit(now, from);
}

/// Bytes off the wire, which held so much of the window.
void MemoryNetwork::tls_arrive(io::Time now, End end, io::ByteView bytes) {
  buffered_ -= bytes.size();
  side(end).tls->take(bytes);
  tls_go_on(now, end, bytes.size());
}

/// Brings to the machine and to the wire what the layer made of what it was told.
void MemoryNetwork::tls_go_on(io::Time now, End end, std::size_t held) {
  Side& here = side(end);
  if (io::Bytes wire = here.tls->take_wire(); !wire.empty()) {
    buffered_ += wire.size();
    here.unsent.push({std::move(wire)});
  }
  if (auto secured = here.tls->take_secured()) {
    secured->id = here.id;
    announce(now, here.host, *secured);
    if (!here.before_tls.empty()) tls_send(now, end, std::exchange(here.before_tls, {}));
  }
  if (io::Bytes plain = here.tls->take_plain(); !plain.empty()) {
    if (here.inbox.empty()) waiting_.push_back(end);
    buffered_ += plain.size();
    here.inbox.push({std::move(plain), std::exchange(held, 0)});
  }
  Side& sender = side(other(end));
  sender.window_used -= held;
  if (!here.tls->failure().empty()) tls_fail(now, end, here.tls->failure());
  if (here.tls->peer_closed() && !here.fin_arrived) {
    here.fin_arrived = true;
    if (here.inbox.empty()) announce(now, here.host, io::event::PeerClosed{here.id});
  }
  transmit(now, end);
  transmit(now, other(end));
}

void MemoryNetwork::tls_fail(io::Time now, End end, std::string why) {
  Side& here = side(end);
  if (std::exchange(here.tls_failed, true)) return;
  announce(now, here.host, io::event::TlsFailed{here.id, std::move(why)});
}

void MemoryNetwork::tls_fin(io::Time now, End end) {
  Side& here = side(end);
  if (here.tls_failed || here.fin_arrived) return;
  if (!here.tls->secured()) return tls_fail(now, end, "closed in the middle of the handshake");
  here.fin_arrived = true;
  if (here.inbox.empty()) announce(now, here.host, io::event::PeerClosed{here.id, true});
}

/// close_notify, once, behind all that was sent.
void MemoryNetwork::tls_end(io::Time, End from) {
  Side& here = side(from);
  if (!here.tls || std::exchange(here.tls_closing, true)) return;
  here.tls->say_close();
  if (io::Bytes wire = here.tls->take_wire(); !wire.empty()) {
    buffered_ += wire.size();
    here.unsent.push({std::move(wire)});
  }
}

}  // namespace atspec::world
