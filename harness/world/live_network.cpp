#include "harness/world/live_network.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "harness/world/live_connection.hpp"

namespace atspec::world {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t read_bytes = 64 * 1024;
/// So long an orderly close waits for what was sent before to leave.
constexpr auto linger_limit = std::chrono::seconds(30);
/// After so many events in a row others get their turn: a fast transfer must not starve the line.
constexpr unsigned most_events_in_a_row = 64;

io::Endpoint endpoint_of(const tcp::endpoint& at) { return {at.address().to_string(), at.port()}; }

/// As the machines know addresses: no name, empty for any.
std::optional<tcp::endpoint> to_asio(const io::Endpoint& at) {
  if (at.address.empty()) return tcp::endpoint(tcp::v4(), at.port);
  error_code error;
  const auto address = asio::ip::make_address(at.address, error);
  if (error) return std::nullopt;
  return tcp::endpoint(address, at.port);
}

io::ConnectError kind_of(const error_code& error) {
  if (error == asio::error::connection_refused || error == asio::error::connection_reset)
    return io::ConnectError::refused;
  if (error == asio::error::timed_out) return io::ConnectError::timed_out;
  return io::ConnectError::unreachable;
}

struct Listener {
  Listener(asio::io_context& context, io::ConnectionId its) : id(its), acceptor(context), pause(context) {}

  io::ConnectionId id;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  bool waits = false;
  bool known = true;
};

}  // namespace

struct LiveNetwork::Impl : std::enable_shared_from_this<Impl> {
  using ConnectionPtr = std::shared_ptr<Connection>;
  using ListenerPtr = std::shared_ptr<Listener>;

  Impl(Loop& on, Machine& driven)
      : loop(on),
        context(on.impl().context),
        machine(&driven),
        alarm(on, [this] { ring(); }),
        buffer(read_bytes, '\0') {}

  Loop& loop;
  asio::io_context& context;
  Machine* machine;  ///< none once the network is gone
  Alarm alarm;
  io::Bytes buffer;
  std::map<io::ConnectionId, ConnectionPtr> connections;
  std::map<io::ConnectionId, ListenerPtr> listeners;
  std::map<io::ConnectionId, std::shared_ptr<tcp::resolver>> resolvers;
  std::set<ConnectionPtr> lingering;
  std::deque<io::NetworkEvent> events;
  io::ConnectionId last_accepted = io::first_accepted_id;
  std::string last_error;
  bool settling = false, again = false, posted = false;

  // --- the machine

  void ring() {
    if (machine == nullptr) return;
    machine->tick(loop.now());
    settle();
  }

  void settle() {
    if (machine == nullptr) return;
    if (settling) {
      again = true;
      return;
    }
    settling = true;
    unsigned left = most_events_in_a_row;
    do {
      again = false;
      while (auto action = machine->take_action()) std::visit([this](auto& one) { on(one); }, *action);
      if (!events.empty()) {
        if (left-- == 0) break;
        const io::NetworkEvent event = std::move(events.front());
        events.pop_front();
        machine->network(loop.now(), event);
        again = true;
      }
    } while (again);
    settling = false;
    if (!events.empty() && !posted) {
      posted = true;
      asio::post(context, [self = shared_from_this()] {
        self->posted = false;
        self->settle();
      });
    }
    for (const auto& [id, connection] : connections) read_when_wanted(connection);
    for (const auto& [id, listener] : listeners) accept_next(listener);
    alarm.set(machine->deadline());
    machine->settled();
  }

  void tell(io::NetworkEvent event) { events.push_back(std::move(event)); }

  /// What the machine has closed it hears nothing of any more.
  void forget_events(io::ConnectionId id) {
    std::vector<io::ConnectionId> orphans;
    std::erase_if(events, [&](const io::NetworkEvent& event) {
      if (const auto* accepted = std::get_if<io::event::Accepted>(&event)) {
        if (accepted->listener != id) return false;
        orphans.push_back(accepted->id);
        return true;
      }
      return std::visit([id](const auto& one) { return one.id == id; }, event);
    });
    for (const auto orphan : orphans) drop(orphan, true);
  }

  // --- its actions

  void on(io::action::Resolve& action) {
    error_code error;
    if (const auto address = asio::ip::make_address(action.host, error); !error)
      return tell(io::event::Resolved{action.id, {address.to_string()}});
    auto resolver = std::make_shared<tcp::resolver>(context);
    resolvers[action.id] = resolver;
    resolver->async_resolve(
        action.host, "",
        [self = shared_from_this(), resolver, id = action.id](const error_code& failed, const auto& results) {
          const auto at = self->resolvers.find(id);
          if (at == self->resolvers.end() || at->second != resolver) return;
          self->resolvers.erase(at);
          io::event::Resolved answer{id, {}};
          if (failed) self->last_error = failed.message();
          for (const auto& result : results) {
            auto text = result.endpoint().address().to_string();
            if (std::find(answer.addresses.begin(), answer.addresses.end(), text) == answer.addresses.end())
              answer.addresses.push_back(std::move(text));
          }
          // IPv4 first, as the cellular networks that the modem stands for have it
          std::stable_partition(answer.addresses.begin(), answer.addresses.end(),
                                [](const std::string& one) { return one.find(':') == std::string::npos; });
          self->tell(std::move(answer));
          self->settle();
        });
  }

  void on(io::action::Connect& action) {
    const auto to = to_asio(action.to);
    drop(action.id, true);
    if (!to) {
      last_error = "not an address: " + action.to.address;
      return tell(io::event::ConnectFailed{action.id, io::ConnectError::unreachable});
    }
    auto connection = std::make_shared<Connection>(context, action.id);
    error_code error;
    connection->socket.open(to->protocol(), error);
    if (error) {
      last_error = error.message();
      return tell(io::event::ConnectFailed{action.id, io::ConnectError::unreachable});
    }
    connections[action.id] = connection;
    connection->socket.async_connect(*to, [self = shared_from_this(), connection](const error_code& failed) {
      if (!connection->known) return;
      if (failed) {
        self->last_error = failed.message();
        self->tell(io::event::ConnectFailed{connection->id, kind_of(failed)});
        self->connections.erase(connection->id);
      } else {
        self->tell(io::event::Connected{connection->id, {}, {}});
        auto& told = std::get<io::event::Connected>(self->events.back());
        self->connected(*connection, told.local, told.peer);
        self->flush(connection);
      }
      self->settle();
    });
  }

  void on(io::action::Listen& action) {
    const auto at = to_asio(action.on);
    drop(action.id, true);
    auto listener = std::make_shared<Listener>(context, action.id);
    error_code error = asio::error::make_error_code(asio::error::invalid_argument);
    if (at) listener->acceptor.open(at->protocol(), error);
    if (!error) listener->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) listener->acceptor.bind(*at, error);
    if (!error) listener->acceptor.listen(64, error);
    const auto bound = error ? tcp::endpoint() : listener->acceptor.local_endpoint(error);
    if (error) {
      last_error = error.message();
      return tell(io::event::ListenFailed{action.id});
    }
    listener->acceptor.non_blocking(true, error);
    listeners[action.id] = listener;
    tell(io::event::Listening{action.id, endpoint_of(bound)});
  }

  void on(io::action::Send& action) {
    const auto at = connections.find(action.id);
    if (at == connections.end() || action.bytes.empty()) return;
    at->second->send(std::move(action.bytes));
    flush(at->second);
  }

  void on(io::action::StartTls& action) {
    const auto at = connections.find(action.id);
    if (at == connections.end() || at->second->tls) return;
    const auto origin = connections.find(action.resume);
    at->second->tls = openssl_layer(action, origin == connections.end() ? nullptr : origin->second->tls.get());
    // what was read and not handed over yet belongs to the handshake
    std::erase_if(events, [&](const io::NetworkEvent& event) {
      const auto* received = std::get_if<io::event::Received>(&event);
      if (received == nullptr || received->id != action.id) return false;
      at->second->tls->take(received->bytes);
      return true;
    });
    tell_tls(at->second);
  }

  void on(io::action::ShutdownSend& action) {
    const auto at = connections.find(action.id);
    if (at == connections.end()) return;
    at->second->fin_asked = true;
    at->second->end(true);
    flush(at->second);
  }

  void on(io::action::Close& action) { drop(action.id, false, action.notify); }
  void on(io::action::Abort& action) { drop(action.id, true); }

  // --- connections

  void connected(Connection& connection, io::Endpoint& local, io::Endpoint& peer) {
    error_code ignored;
    connection.connected = true;
    connection.socket.non_blocking(true, ignored);
    connection.socket.set_option(tcp::no_delay(true), ignored);
    local = endpoint_of(connection.socket.local_endpoint(ignored));
    peer = endpoint_of(connection.socket.remote_endpoint(ignored));
  }

  /// A handshake is nobody's business but TLS's.
  bool wants(const Connection& connection) const { return connection.handshakes() || machine->wants(connection.id); }

  void read_when_wanted(const ConnectionPtr& connection) {
    if (!connection->connected || connection->peer_closed || connection->waits_to_read) return;
    if (!wants(*connection)) {
      // nobody will read what could still be there, so the break is all there is to tell
      if (connection->broken) lose(connection);
      return;
    }
    connection->waits_to_read = true;
    connection->socket.async_wait(tcp::socket::wait_read,
                                  [self = shared_from_this(), connection](const error_code& error) {
                                    connection->waits_to_read = false;
                                    if (error || !connection->known || self->machine == nullptr) return;
                                    if (self->wants(*connection)) self->read(connection);
                                    self->settle();
                                  });
  }

  void read(const ConnectionPtr& connection) {
    error_code error;
    const std::size_t size = connection->socket.read_some(asio::buffer(buffer), error);
    if (!error && connection->tls) {
      connection->tls->take(io::ByteView(buffer).substr(0, size));
      return tell_tls(connection);
    }
    if (!error) return tell(io::event::Received{connection->id, io::Bytes(buffer, 0, size)});
    if (error == asio::error::would_block || error == asio::error::interrupted) return;
    if (error == asio::error::eof && !connection->broken) {
      connection->peer_closed = true;
      if (connection->handshakes())
        return tell(io::event::TlsFailed{connection->id, "closed in the middle of the handshake"});
      return tell(io::event::PeerClosed{connection->id, connection->tls != nullptr});
    }
    lose(connection);
  }

  /// Brings to the machine and to the wire what the TLS layer made of what it was told.
  void tell_tls(const ConnectionPtr& connection) {
    TlsLayer& tls = *connection->tls;
    if (auto secured = tls.take_secured()) {
      secured->id = connection->id;
      tell(*secured);
    }
    if (io::Bytes plain = tls.take_plain(); !plain.empty()) tell(io::event::Received{connection->id, std::move(plain)});
    if (!tls.failure().empty() && !connection->peer_closed) {
      connection->peer_closed = true;
      last_error = tls.failure();
      tell(io::event::TlsFailed{connection->id, tls.failure()});
    } else if (tls.peer_closed() && !connection->peer_closed) {
      connection->peer_closed = true;
      tell(io::event::PeerClosed{connection->id});
    }
    flush(connection);
  }

  void lose(const ConnectionPtr& connection) {
    tell(io::event::Reset{connection->id});
    connection->known = false;
    close_socket(*connection);
    // not erased here: settle() may be walking over them
    asio::post(context, [self = shared_from_this(), connection] {
      const auto at = self->connections.find(connection->id);
      if (at != self->connections.end() && at->second == connection) self->connections.erase(at);
      self->settle();
    });
  }

  void flush(const ConnectionPtr& connection) {
    Connection& c = *connection;
    if (!c.connected || c.waits_to_write) return;
    std::size_t left = 0;
    while (c.has_next() && !c.broken) {
      const auto rest = c.next();
      error_code error;
      const std::size_t sent = c.socket.write_some(asio::buffer(rest.data(), rest.size()), error);
      if (error == asio::error::would_block || error == asio::error::interrupted) {
        c.waits_to_write = true;
        c.socket.async_wait(tcp::socket::wait_write, [self = shared_from_this(), connection](const error_code& failed) {
          connection->waits_to_write = false;
          if (failed) return;
          self->flush(connection);
          self->settle();
        });
        break;
      }
      if (error) {
        c.broken = true;
        c.forget_unsent();
        break;
      }
      left += c.sent(sent);
    }
    if (left > 0 && c.known) tell(io::event::Sent{c.id, left});
    if (c.waits_to_write || c.has_next()) return;
    if (!c.known) return finish(connection);
    if (c.fin_asked && !c.fin_sent && !c.broken) {
      error_code ignored;
      c.fin_sent = true;
      c.socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
  }

  /// The end of an orderly close. Bytes that nobody read would turn the FIN into a RST, which may overtake what was
  /// sent: they are taken off first. What comes later is answered with RST by the system.
  void finish(const ConnectionPtr& connection) {
    error_code error;
    connection->socket.shutdown(tcp::socket::shutdown_send, error);
    error.clear();
    for (int i = 0; i < 64 && !error; ++i) (void)connection->socket.read_some(asio::buffer(buffer), error);
    close_socket(*connection);
    lingering.erase(connection);
  }

  static void close_socket(Connection& connection) {
    error_code ignored;
    connection.linger.cancel();
    connection.socket.close(ignored);
  }

  static void reset_socket(Connection& connection) {
    error_code ignored;
    connection.socket.set_option(asio::socket_base::linger(true, 0), ignored);
    close_socket(connection);
  }

  void drop(io::ConnectionId id, bool abort, bool notify = true) {
    forget_events(id);
    resolvers.erase(id);
    if (const auto at = listeners.find(id); at != listeners.end()) {
      error_code ignored;
      at->second->known = false;
      at->second->pause.cancel();
      at->second->acceptor.close(ignored);
      listeners.erase(at);
    }
    const auto at = connections.find(id);
    if (at == connections.end()) return;
    const ConnectionPtr connection = at->second;
    connections.erase(at);
    connection->known = false;
    if (abort || !connection->connected || connection->broken) return reset_socket(*connection);
    lingering.insert(connection);
    connection->end(notify);
    flush(connection);
    if (!lingering.contains(connection)) return;
    connection->linger.expires_after(linger_limit);
    connection->linger.async_wait([self = shared_from_this(), connection](const error_code& error) {
      if (error) return;
      reset_socket(*connection);
      self->lingering.erase(connection);
    });
  }

  // --- listeners

  void accept_next(const ListenerPtr& listener) {
    if (listener->waits || connections.size() >= most_connections) return;
    listener->waits = true;
    listener->acceptor.async_wait(tcp::acceptor::wait_read,
                                  [self = shared_from_this(), listener](const error_code& error) {
                                    listener->waits = false;
                                    if (error || !listener->known || self->machine == nullptr) return;
                                    self->accept(listener);
                                    self->settle();
                                  });
  }

  void accept(const ListenerPtr& listener) {
    do {
      last_accepted = last_accepted == 0xFFFF'FFFFU ? io::first_accepted_id : last_accepted + 1;
    } while (connections.contains(last_accepted));
    auto connection = std::make_shared<Connection>(context, last_accepted);
    error_code error;
    listener->acceptor.accept(connection->socket, error);
    if (error == asio::error::would_block || error == asio::error::connection_aborted ||
        error == asio::error::interrupted)
      return;
    if (error) {
      // out of descriptors, most likely: the client waits in the backlog, and we do not spin
      last_error = error.message();
      listener->waits = true;
      listener->pause.expires_after(std::chrono::milliseconds(100));
      listener->pause.async_wait([self = shared_from_this(), listener](const error_code& cancelled) {
        listener->waits = false;
        if (!cancelled && listener->known) self->settle();
      });
      return;
    }
    connections[connection->id] = connection;
    io::event::Accepted accepted{listener->id, connection->id, {}, {}};
    connected(*connection, accepted.local, accepted.peer);
    tell(std::move(accepted));
  }

  void shut_down() {
    machine = nullptr;
    alarm.set(std::nullopt);
    while (!connections.empty()) drop(connections.begin()->first, false);
    while (!listeners.empty()) drop(listeners.begin()->first, true);
    resolvers.clear();
    for (const auto& connection : lingering) reset_socket(*connection);
    lingering.clear();
  }
};

LiveNetwork::LiveNetwork(Loop& loop, Machine& machine) : impl_(std::make_shared<Impl>(loop, machine)) {}
LiveNetwork::~LiveNetwork() { impl_->shut_down(); }
void LiveNetwork::settle() { impl_->settle(); }
const std::string& LiveNetwork::last_error() const { return impl_->last_error; }

}  // namespace atspec::world
