#include "harness/world/memory_network.hpp"

#include <algorithm>

namespace atspec::world {
namespace {

constexpr io::Duration unreachable_after = std::chrono::seconds(3);
constexpr io::Duration timed_out_after = std::chrono::seconds(75);
constexpr std::uint16_t first_free_port = 49152;  // RFC 6335 §6

std::optional<io::ConnectionId> id_of(const io::NetworkEvent& event) {
  return std::visit(
      [](const auto& one) -> std::optional<io::ConnectionId> {
        if constexpr (requires { one.listener; }) {
          return std::nullopt;
        } else {
          return one.id;
        }
      },
      event);
}

bool is_wildcard(std::string_view address) { return address.empty() || address == "0.0.0.0" || address == "::"; }

}  // namespace

MemoryNetwork::MemoryNetwork(MemoryNetworkOptions options) : options_(std::move(options)) { clear(); }

void MemoryNetwork::clear() {
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    if (links_[i].used) release(i);
  }
  due_.clear();
  order_ = 0;
  events_.clear();
  free_events_.clear();
  listeners_.clear();
  waiting_.clear();
  // the same links in the same order as in a network just made
  free_links_.clear();
  for (auto i = static_cast<std::uint32_t>(links_.size()); i > 0; --i) free_links_.push_back(i - 1);
  last_port_.assign(options_.hosts.size(), static_cast<std::uint16_t>(first_free_port - 1));
  last_accepted_.assign(options_.hosts.size(), io::first_accepted_id);
  buffered_ = 0;
  random_state_ = options_.seed;
}

void MemoryNetwork::act(io::Time now, Host host, io::NetworkAction action) {
  std::visit([&](auto& one) { on(now, host, one); }, action);
}

void MemoryNetwork::on(io::Time now, Host host, io::action::Resolve& action) {
  io::event::Resolved event{action.id, {}};
  if (const auto known = options_.names.find(action.host); known != options_.names.end()) {
    if (known->second.empty()) return;
    event.addresses.push_back(known->second);
  } else if (!action.host.empty() &&
             action.host.find_first_not_of(action.host.find(':') == std::string::npos
                                               ? "0123456789."
                                               : "0123456789abcdefABCDEF:.") == std::string::npos) {
    event.addresses.push_back(action.host);  // an address stands for itself
  }
  announce(now + 2 * options_.latency, host, std::move(event));
}

void MemoryNetwork::on(io::Time now, Host host, io::action::Connect& action) {
  const std::uint32_t index = new_link();
  Link& link = links_[index];
  Side& from = link.sides[0];
  from.host = host;
  from.id = action.id;
  from.open = true;
  from.at = {options_.hosts[host], free_port(host)};
  Side& to = link.sides[1];
  to.at = action.to;
  if (const auto target = find_host(action.to.address)) {
    to.host = *target;
    schedule(now + options_.latency, Kind::syn, {index, 1});
    return;
  }
  nobody_answers(now, {index, 0}, action.to.address.starts_with("192.0.2."));
}

void MemoryNetwork::nobody_answers(io::Time now, End from, bool silent) {
  links_[from.link].failure = silent ? io::ConnectError::timed_out : io::ConnectError::unreachable;
  schedule(now + (silent ? timed_out_after : unreachable_after), Kind::established, from);
}

void MemoryNetwork::on(io::Time now, Host host, io::action::Listen& action) {
  io::Endpoint on{is_wildcard(action.on.address) ? options_.hosts[host] : action.on.address, action.on.port};
  if (on.port == 0) on.port = free_port(host);
  if (find_host(on.address) != host || find_listener(on) != nullptr) {
    announce(now, host, io::event::ListenFailed{action.id});
    return;
  }
  listeners_.push_back({host, action.id, on});
  announce(now, host, io::event::Listening{action.id, std::move(on)});
}

void MemoryNetwork::on(io::Time now, Host host, io::action::Send& action) {
  const auto end = find(host, action.id);
  if (!end || action.bytes.empty() || side(*end).fin_asked) return;
  if (side(*end).tls) return tls_send(now, *end, action.bytes);
  const std::size_t size = action.bytes.size();
  buffered_ += size;
  side(*end).unsent.push({std::move(action.bytes), size});
  transmit(now, *end);
}

void MemoryNetwork::on(io::Time now, Host host, io::action::ShutdownSend& action) {
  const auto end = find(host, action.id);
  if (!end) return;
  tls_end(now, *end);
  side(*end).fin_asked = true;
  transmit(now, *end);
}

void MemoryNetwork::on(io::Time now, Host host, io::action::Close& action) {
  forget_events(host, action.id);
  std::erase_if(listeners_, [&](const Listener& one) { return one.host == host && one.id == action.id; });
  if (const auto end = find(host, action.id)) close(now, *end, false, action.notify);
}

void MemoryNetwork::on(io::Time now, Host host, io::action::Abort& action) {
  forget_events(host, action.id);
  std::erase_if(listeners_, [&](const Listener& one) { return one.host == host && one.id == action.id; });
  if (const auto end = find(host, action.id)) close(now, *end, true, false);
}

void MemoryNetwork::drop(io::Time now, Host host) {
  forget_events(host, std::nullopt);
  std::erase_if(listeners_, [&](const Listener& one) { return one.host == host; });
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    for (std::uint8_t k = 0; k < 2; ++k) {
      if (links_[i].used && links_[i].sides[k].open && links_[i].sides[k].host == host) close(now, {i, k}, true, false);
    }
  }
}

std::optional<io::Time> MemoryNetwork::next() const {
  if (due_.empty()) return std::nullopt;
  return due_.front().at;
}

void MemoryNetwork::transmit(io::Time now, End from) {
  Side& sender = side(from);
  std::size_t left = 0;
  while (!sender.unsent.empty() && sender.window_used < window_bytes) {
    const std::size_t room = window_bytes - sender.window_used;
    Piece& first = sender.unsent.front();
    Piece piece;
    if (first.bytes.size() <= room) {
      piece = sender.unsent.pop();
    } else {
      const std::size_t rest = first.bytes.size() - room;
      piece = {first.bytes.substr(0, room), first.stands_for - std::min(first.stands_for, rest)};
      first.bytes.erase(0, room);
      first.stands_for -= piece.stands_for;
    }
    sender.window_used += piece.bytes.size();
    left += piece.stands_for;
    launch(now, from, std::move(piece.bytes));
  }
  if (left > 0 && sender.open) announce(now, sender.host, io::event::Sent{sender.id, left});
  if (sender.fin_asked && !sender.fin_sent && sender.unsent.empty()) {
    sender.fin_sent = true;
    send_control(now, from, Kind::fin);
  }
}

void MemoryNetwork::launch(io::Time now, End from, io::Bytes bytes) {
  Side& sender = side(from);
  while (!bytes.empty()) {
    io::Bytes piece;
    io::Time at = now + options_.latency;
    if (options_.segment) {
      const std::size_t size = 1 + static_cast<std::size_t>(random() % bytes.size());
      piece = bytes.substr(0, size);
      bytes.erase(0, size);
      at += io::Duration(
          static_cast<io::Duration::rep>(random() % static_cast<std::uint64_t>(options_.latency.count() + 1)));
    } else {
      piece = std::move(bytes);
      bytes.clear();
    }
    sender.last_arrival = std::max(sender.last_arrival, at);
    side(other(from)).flying.push({std::move(piece)});
    schedule(sender.last_arrival, Kind::segment, other(from));
  }
}

void MemoryNetwork::send_control(io::Time now, End from, Kind kind) {
  Side& sender = side(from);
  sender.last_arrival = std::max(sender.last_arrival, now + options_.latency);
  schedule(sender.last_arrival, kind, other(from));
}

void MemoryNetwork::close(io::Time now, End end, bool abort, bool notify) {
  Side& closing = side(end);
  if (notify) tls_end(now, end);
  closing.open = false;
  // what was not read makes room, so that a sender held up by it goes on and hears the RST
  while (!closing.inbox.empty()) {
    const Piece piece = closing.inbox.pop();
    buffered_ -= piece.bytes.size();
    side(other(end)).window_used -= piece.stands_for;
  }
  std::erase(waiting_, end);
  if (abort) {
    discard(closing.unsent);
    closing.fin_asked = closing.fin_sent = true;
  }
  if (!side(other(end)).open) {
    // an attempt that has not come to a listener yet, or both ends are done: nobody is left to be told
    release(end.link);
    return;
  }
  if (abort) {
    send_control(now, end, Kind::rst);
  } else {
    closing.fin_asked = true;
    transmit(now, end);
    transmit(now, other(end));
  }
}

std::optional<MemoryNetwork::Delivery> MemoryNetwork::arrive(io::Time now, std::optional<End>& filled) {
  std::pop_heap(due_.begin(), due_.end(), Later{});
  const Due due = due_.back();
  due_.pop_back();
  if (due.kind == Kind::event) {
    std::optional<Delivery> out = std::move(events_[due.link]);
    events_[due.link].reset();
    free_events_.push_back(due.link);
    return out;
  }
  Link& link = links_[due.link];
  if (!link.used || link.generation != due.generation) return std::nullopt;
  const End end{due.link, due.side};
  Side& here = side(end);
  switch (due.kind) {
    case Kind::syn:
      return arrive_syn(now, end);
    case Kind::established: {
      if (!here.open) return std::nullopt;
      if (link.failure) {
        Delivery out{here.host, io::event::ConnectFailed{here.id, *link.failure}};
        release(due.link);
        return out;
      }
      return Delivery{here.host, io::event::Connected{here.id, here.at, side(other(end)).at}};
    }
    case Kind::segment: {
      io::Bytes bytes = here.flying.pop().bytes;
      if (!here.open) {
        // nobody takes it any more: what TCP answers is RST
        buffered_ -= bytes.size();
        if (side(other(end)).open) send_control(now, end, Kind::rst);
        return std::nullopt;
      }
      if (here.tls) {
        tls_arrive(now, end, bytes);
        return std::nullopt;
      }
      const bool was_empty = here.inbox.empty();
      const std::size_t size = bytes.size();
      here.inbox.push({std::move(bytes), size});
      if (was_empty) {
        waiting_.push_back(end);
        filled = end;
      }
      return std::nullopt;
    }
    case Kind::fin: {
      if (!here.open) return std::nullopt;
      if (here.tls) {
        tls_fin(now, end);
        return std::nullopt;
      }
      here.fin_arrived = true;
      if (!here.inbox.empty()) return std::nullopt;
      return Delivery{here.host, io::event::PeerClosed{here.id}};
    }
    case Kind::rst: {
      if (!here.open) return std::nullopt;
      Delivery out{here.host, io::event::Reset{here.id}};
      forget_events(here.host, here.id);
      std::erase(waiting_, end);
      here.open = false;
      release(due.link);
      return out;
    }
    case Kind::event:
      break;
  }
  return std::nullopt;
}

std::optional<MemoryNetwork::Delivery> MemoryNetwork::arrive_syn(io::Time now, End end) {
  Link& link = links_[end.link];
  Side& here = side(end);
  const Listener* listener = find_listener(here.at);
  if (listener == nullptr && here.at.port >= firewalled_from) {
    nobody_answers(now, other(end), true);
    return std::nullopt;
  }
  schedule(now + options_.latency, Kind::established, other(end));
  if (listener == nullptr) {
    link.failure = io::ConnectError::refused;
    return std::nullopt;
  }
  here.open = true;
  here.id = last_accepted_[here.host]++;
  return Delivery{here.host, io::event::Accepted{listener->id, here.id, here.at, side(other(end)).at}};
}

std::optional<MemoryNetwork::Delivery> MemoryNetwork::hand_over(io::Time now, End end) {
  Side& here = side(end);
  Piece piece = here.inbox.pop();
  buffered_ -= piece.bytes.size();
  if (here.inbox.empty()) {
    std::erase(waiting_, end);
    if (here.fin_arrived)
      announce(now, here.host, io::event::PeerClosed{here.id, here.tls && !here.tls->peer_closed()});
  }
  Delivery out{here.host, io::event::Received{here.id, std::move(piece.bytes)}};
  Side& sender = side(other(end));
  sender.window_used -= piece.stands_for;
  transmit(now, other(end));
  return out;
}

std::optional<MemoryNetwork::End> MemoryNetwork::find(Host host, io::ConnectionId id) const {
  for (std::uint32_t i = 0; i < links_.size(); ++i) {
    if (!links_[i].used) continue;
    for (std::uint8_t k = 0; k < 2; ++k) {
      const Side& one = links_[i].sides[k];
      if (one.open && one.host == host && one.id == id) return End{i, k};
    }
  }
  return std::nullopt;
}

const MemoryNetwork::Listener* MemoryNetwork::find_listener(const io::Endpoint& on) const {
  const auto at = std::find_if(listeners_.begin(), listeners_.end(), [&](const Listener& one) { return one.on == on; });
  return at == listeners_.end() ? nullptr : &*at;
}

std::optional<MemoryNetwork::Host> MemoryNetwork::find_host(const std::string& address) const {
  const auto at = std::find(options_.hosts.begin(), options_.hosts.end(), address);
  if (at == options_.hosts.end()) {
    const auto too = options_.further.find(address);
    return too == options_.further.end() ? std::nullopt : std::optional(too->second);
  }
  return static_cast<Host>(at - options_.hosts.begin());
}

std::uint16_t MemoryNetwork::free_port(Host host) {
  // one listener in use cannot be met again before all the others were: skip it then
  for (unsigned tries = 0; tries < unsigned{firewalled_from} - first_free_port; ++tries) {
    std::uint16_t& last = last_port_[host];
    last = last + 1 >= firewalled_from ? first_free_port : static_cast<std::uint16_t>(last + 1);
    if (find_listener({options_.hosts[host], last}) == nullptr) break;
  }
  return last_port_[host];
}

std::uint64_t MemoryNetwork::random() {
  // SplitMix64: seeded at no cost, as a restart must be
  std::uint64_t z = (random_state_ += 0x9E37'79B9'7F4A'7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EBULL;
  return z ^ (z >> 31);
}

std::uint32_t MemoryNetwork::new_link() {
  if (free_links_.empty()) {
    links_.emplace_back();
    free_links_.push_back(static_cast<std::uint32_t>(links_.size() - 1));
  }
  const std::uint32_t index = free_links_.back();
  free_links_.pop_back();
  links_[index].used = true;
  return index;
}

void MemoryNetwork::release(std::uint32_t index) {
  Link& link = links_[index];
  for (Side& one : link.sides) {
    discard(one.flying);
    discard(one.inbox);
    discard(one.unsent);
    one.open = one.fin_asked = one.fin_sent = one.fin_arrived = false;
    one.window_used = 0;
    one.last_arrival = {};
    one.tls.reset();
    one.before_tls.clear();
    one.tls_failed = one.tls_closing = false;
  }
  link.used = false;
  link.failure.reset();
  ++link.generation;
  free_links_.push_back(index);
}

void MemoryNetwork::discard(Queue& queue) {
  while (!queue.empty()) buffered_ -= queue.pop().bytes.size();
}

void MemoryNetwork::schedule(io::Time at, Kind kind, End to) {
  due_.push_back({at, order_++, kind, to.side, to.link, kind == Kind::event ? 0 : links_[to.link].generation});
  std::push_heap(due_.begin(), due_.end(), Later{});
}

void MemoryNetwork::announce(io::Time at, Host host, io::NetworkEvent event) {
  std::uint32_t slot = 0;
  if (free_events_.empty()) {
    slot = static_cast<std::uint32_t>(events_.size());
    events_.emplace_back();
  } else {
    slot = free_events_.back();
    free_events_.pop_back();
  }
  events_[slot] = Delivery{host, std::move(event)};
  schedule(at, Kind::event, {slot, 0});
}

void MemoryNetwork::forget_events(Host host, std::optional<io::ConnectionId> id) {
  for (auto& event : events_) {
    if (event && event->host == host && (!id || id_of(event->event) == id)) event.reset();
  }
}

}  // namespace atspec::world
