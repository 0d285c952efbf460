// TCP and DNS between a few hosts, in memory and in virtual time. It answers the values of io/network.hpp as
// sockets would: bytes in order, a bounded buffer in each direction, FIN, RST, refused and unreachable addresses.
// Deterministic: events come in order of time, and of their cause where times are equal.
//
//   an address of a host      a listener there, or refused; nobody answers at ports from `firewalled_from` on
//   192.0.2.x                 (RFC 5737) nobody answers, ever: timed out
//   any other                 unreachable after three seconds
//
// TLS is the stand-in of tls_layer.hpp: its records cross the network like all bytes, and take their time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/io/network.hpp"
#include "harness/io/time.hpp"
#include "harness/world/tls_layer.hpp"

namespace atspec::world {

struct MemoryNetworkOptions {
  std::vector<std::string> hosts;                         ///< their addresses; a host is its index here
  std::map<std::string, unsigned> further;                ///< further addresses of these hosts
  std::map<std::string, std::string> names;               ///< resolver; an empty address: the resolver never answers
  io::Duration latency = std::chrono::microseconds(100);  ///< one way
  std::uint64_t seed = 0;
  bool segment = false;  ///< cut what is sent into random segments, each up to one latency late
};

class MemoryNetwork {
 public:
  using Host = unsigned;
  static constexpr std::uint16_t firewalled_from = 61000;  ///< no free port is looked for there
  static constexpr std::size_t window_bytes = 64 * 1024;   ///< under way or waiting for the receiver, each direction

  explicit MemoryNetwork(MemoryNetworkOptions options);

  /// Back to time zero: no connections, no listeners, the seed's beginning.
  void clear();
  /// Carries out what a machine on `host` asks for.
  void act(io::Time now, Host host, io::NetworkAction action);
  /// All that `host` has is gone; its peers see RST.
  void drop(io::Time now, Host host);

  /// When there is something to take, at the earliest.
  std::optional<io::Time> next() const;
  struct Delivery {
    Host host;
    io::NetworkEvent event;
  };
  /// The first event due at `now`; bytes are held back while `wants(host, id)` is false.
  template <typename Wants>
  std::optional<Delivery> take(io::Time now, Wants&& wants) {
    const auto wanted = [&](End end) { return wants(side(end).host, side(end).id); };
    while (!due_.empty() && due_.front().at <= now) {
      std::optional<End> filled;
      if (auto delivery = arrive(now, filled)) return delivery;
      if (filled && wanted(*filled)) return hand_over(now, *filled);
    }
    for (const End end : waiting_) {
      if (wanted(end)) return hand_over(now, end);
    }
    return std::nullopt;
  }

  /// Bytes in all buffers, for tests of their bound.
  std::size_t buffered() const { return buffered_; }

 private:
  enum class Kind : std::uint8_t { event, syn, established, segment, fin, rst };
  struct End {
    std::uint32_t link = 0;
    std::uint8_t side = 0;
    bool operator==(const End&) const = default;
  };
  struct Due {
    io::Time at;
    std::uint64_t order;
    Kind kind;
    std::uint8_t side;   ///< that it arrives at
    std::uint32_t link;  ///< of an event: its index in events_
    std::uint32_t generation;
  };
  struct Piece {
    io::Bytes bytes;
    std::size_t stands_for = 0;  ///< unsent: so many bytes of the machine's; in an inbox: so many of the window
  };
  /// Pieces in order; keeps its memory when it runs empty.
  class Queue {
   public:
    bool empty() const { return head_ == items_.size(); }
    Piece& front() { return items_[head_]; }
    void push(Piece piece) { items_.push_back(std::move(piece)); }
    Piece pop() {
      Piece out = std::move(items_[head_++]);
      if (head_ == items_.size()) clear();
      return out;
    }
    void clear() {
      items_.clear();
      head_ = 0;
    }

   private:
    std::vector<Piece> items_;
    std::size_t head_ = 0;
  };
  /// One end of a connection.
  struct Side {
    Host host = 0;
    io::ConnectionId id = 0;
    io::Endpoint at;
    bool open = false;       ///< its machine still has it
    bool fin_asked = false;  ///< nothing is sent after `unsent`
    bool fin_sent = false;
    bool fin_arrived = false;     ///< the other end's, to be told once `inbox` is empty
    Queue flying;                 ///< towards this end, not there yet
    Queue inbox;                  ///< there, not taken yet
    Queue unsent;                 ///< from this end, while the window is full
    std::size_t window_used = 0;  ///< bytes from this end that are under way or not taken
    io::Time last_arrival;        ///< at the other end: segments do not overtake
    std::unique_ptr<TlsLayer> tls;
    io::Bytes before_tls;      ///< sent while the handshake went on
    bool tls_failed = false;   ///< and the machine was told
    bool tls_closing = false;  ///< close_notify is asked for
  };
  struct Link {
    Side sides[2];
    bool used = false;
    std::optional<io::ConnectError> failure;
    std::uint32_t generation = 0;  ///< tells what is due for this link from what was due for an earlier one
  };
  struct Listener {
    Host host;
    io::ConnectionId id;
    io::Endpoint on;
  };

  struct Later {
    bool operator()(const Due& a, const Due& b) const { return a.at != b.at ? a.at > b.at : a.order > b.order; }
  };

  void on(io::Time now, Host host, io::action::Resolve& action);
  void on(io::Time now, Host host, io::action::Connect& action);
  void on(io::Time now, Host host, io::action::Listen& action);
  void on(io::Time now, Host host, io::action::Send& action);
  void on(io::Time now, Host host, io::action::StartTls& action);
  void on(io::Time now, Host host, io::action::ShutdownSend& action);
  void on(io::Time now, Host host, io::action::Close& action);
  void on(io::Time now, Host host, io::action::Abort& action);

  Side& side(End end) { return links_[end.link].sides[end.side]; }
  static End other(End end) { return {end.link, static_cast<std::uint8_t>(1 - end.side)}; }
  std::optional<End> find(Host host, io::ConnectionId id) const;
  const Listener* find_listener(const io::Endpoint& on) const;
  void nobody_answers(io::Time now, End from, bool silent);
  std::optional<Host> find_host(const std::string& address) const;
  std::uint16_t free_port(Host host);
  std::uint64_t random();
  std::uint32_t new_link();
  void release(std::uint32_t link);
  void schedule(io::Time at, Kind kind, End to);
  void announce(io::Time at, Host host, io::NetworkEvent event);
  void forget_events(Host host, std::optional<io::ConnectionId> id);
  void transmit(io::Time now, End from);
  void launch(io::Time now, End from, io::Bytes bytes);
  void send_control(io::Time now, End from, Kind kind);
  void close(io::Time now, End end, bool abort, bool notify);
  void discard(Queue& queue);

  // memory_tls.cpp
  void tls_send(io::Time now, End from, io::ByteView bytes);
  void tls_arrive(io::Time now, End end, io::ByteView bytes);
  void tls_fin(io::Time now, End end);
  void tls_end(io::Time now, End from);
  void tls_go_on(io::Time now, End end, std::size_t held);
  void tls_fail(io::Time now, End end, std::string why);

  std::optional<Delivery> arrive(io::Time now, std::optional<End>& filled);
  std::optional<Delivery> arrive_syn(io::Time now, End end);
  std::optional<Delivery> hand_over(io::Time now, End end);

  MemoryNetworkOptions options_;
  std::vector<Due> due_;  ///< a heap by Later
  std::uint64_t order_ = 0;
  std::vector<std::optional<Delivery>> events_;  ///< of Kind::event, reused through free_events_
  std::vector<std::uint32_t> free_events_;
  std::vector<Link> links_;
  std::vector<std::uint32_t> free_links_;
  std::vector<Listener> listeners_;
  std::vector<End> waiting_;  ///< open ends with something in the inbox
  std::vector<std::uint16_t> last_port_;
  std::vector<io::ConnectionId> last_accepted_;
  std::size_t buffered_ = 0;
  std::uint64_t random_state_ = 0;
};

}  // namespace atspec::world
