#include "harness/ftpd/server.hpp"

#include <algorithm>

#include "harness/ftpd/session.hpp"

namespace atspec::ftpd {

struct Server::Impl {
  Impl(Options options, FileStore& store, Log log) : house{std::move(options), store, std::move(log)} {}

  House house;
  std::vector<std::unique_ptr<Session>> sessions;  ///< closed ones are used again
  std::size_t next_action = 0;
  struct Listener {
    io::ConnectionId id = 0;
    std::optional<io::Endpoint> at;
  };
  Listener first, implicit;

  Session* owner(io::ConnectionId id) {
    for (const auto& session : sessions) {
      if (session->owns(id)) return session.get();
    }
    return nullptr;
  }

  void open_session(const io::event::Accepted& accepted, bool over_tls) {
    const auto is_open = [](const auto& session) { return session->is_open(); };
    const bool too_many = std::count_if(sessions.begin(), sessions.end(), is_open) >= house.options.max_clients;
    auto free = std::find_if_not(sessions.begin(), sessions.end(), is_open);
    if (free == sessions.end()) free = sessions.insert(free, std::make_unique<Session>(house));
    (*free)->open(accepted, too_many, over_tls);
    (*free)->proceed();
  }

  void on(const io::event::Resolved&) {}
  void on(const io::event::Connected& event) {
    if (Session* session = owner(event.id)) settle(*session, [&] { session->connected(); });
  }
  void on(const io::event::ConnectFailed& event) {
    if (Session* session = owner(event.id)) settle(*session, [&] { session->connect_failed(); });
  }
  void on(const io::event::Listening& event) {
    if (event.id == first.id) {
      first.at = event.on;
    } else if (event.id == implicit.id) {
      implicit.at = event.on;
    } else if (Session* session = owner(event.id)) {
      settle(*session, [&] { session->listening(event); });
    }
  }
  void on(const io::event::ListenFailed& event) {
    if (event.id == first.id) {
      first.id = 0;
    } else if (event.id == implicit.id) {
      implicit.id = 0;
    } else if (Session* session = owner(event.id)) {
      settle(*session, [&] { session->listen_failed(); });
    }
  }
  void on(const io::event::Accepted& event) {
    if (event.listener == first.id || event.listener == implicit.id) {
      open_session(event, event.listener == implicit.id || house.options.implicit);
    } else if (Session* session = owner(event.listener)) {
      settle(*session, [&] { session->accepted(event); });
    } else {
      house.actions.emplace_back(io::action::Abort{event.id});
    }
  }
  void on(const io::event::Received& event) {
    if (Session* session = owner(event.id)) settle(*session, [&] { session->received(event.id, event.bytes); });
  }
  void on(const io::event::Sent& event) {
    if (Session* session = owner(event.id)) settle(*session, [&] { session->sent(event.id, event.bytes); });
  }
  void on(const io::event::Secured& event) {
    if (Session* session = owner(event.id)) settle(*session, [&] { session->secured(event); });
  }
  void on(const io::event::TlsFailed& event) {
    if (Session* session = owner(event.id)) settle(*session, [&] { session->tls_failed(event.id); });
  }
  void on(const io::event::PeerClosed& event) {
    if (Session* session = owner(event.id)) settle(*session, [&] { session->peer_closed(event.id, event.cut); });
  }
  void on(const io::event::Reset& event) {
    if (Session* session = owner(event.id)) settle(*session, [&] { session->reset(event.id); });
  }

  template <typename What>
  static void settle(Session& session, What&& what) {
    what();
    session.proceed();
  }
};

Server::Server(Options options, FileStore& store, Log log)
    : impl_(std::make_unique<Impl>(std::move(options), store, std::move(log))) {}
Server::~Server() = default;
Server::Server(Server&&) noexcept = default;

void Server::start(io::Time now) {
  for (const auto& session : impl_->sessions) session->abandon();
  House& house = impl_->house;
  house.actions.clear();
  impl_->next_action = 0;
  house.script.clear();
  house.now = now;
  house.last_id = 0;
  house.passive_turn = 0;
  impl_->first = {house.fresh_id(), std::nullopt};
  impl_->implicit = {};
  house.store.set_time(house.wall_seconds());
  house.actions.emplace_back(io::action::Listen{impl_->first.id, house.options.listen});
  if (!house.options.implicit_port) return;
  impl_->implicit.id = house.fresh_id();
  house.actions.emplace_back(
      io::action::Listen{impl_->implicit.id, {house.options.listen.address, *house.options.implicit_port}});
}

void Server::network(io::Time now, const io::NetworkEvent& event) {
  impl_->house.now = now;
  std::visit([this](const auto& one) { impl_->on(one); }, event);
}

void Server::tick(io::Time now) {
  impl_->house.now = now;
  for (const auto& session : impl_->sessions) {
    if (!session->is_open()) continue;
    session->tick();
    session->proceed();
  }
}

std::optional<io::NetworkAction> Server::take_action() {
  auto& actions = impl_->house.actions;
  if (impl_->next_action == actions.size()) {
    actions.clear();
    impl_->next_action = 0;
    return std::nullopt;
  }
  return std::move(actions[impl_->next_action++]);
}

std::optional<io::Time> Server::deadline() const {
  std::optional<io::Time> at;
  for (const auto& session : impl_->sessions) {
    const auto one = session->is_open() ? session->deadline() : std::nullopt;
    if (one && (!at || *one < *at)) at = one;
  }
  return at;
}

bool Server::wants(io::ConnectionId id) const {
  const Session* session = impl_->owner(id);
  return session == nullptr || session->wants(id);
}

std::optional<io::Endpoint> Server::listening() const { return impl_->first.at; }
std::optional<io::Endpoint> Server::listening_implicit() const { return impl_->implicit.at; }

void Server::script(const scenario::PeerDirective& directive) {
  if (const auto* rule = std::get_if<scenario::PeerRule>(&directive)) impl_->house.script.add(*rule);
  if (const auto* cut = std::get_if<scenario::PeerCut>(&directive)) impl_->house.script.add(*cut);
  if (const auto* stall = std::get_if<scenario::PeerStall>(&directive)) impl_->house.script.add(*stall);
  if (const auto* elsewhere = std::get_if<scenario::PeerElsewhere>(&directive)) impl_->house.script.add(*elsewhere);
}

bool Server::has_elsewhere() const { return !impl_->house.options.elsewhere.address.empty(); }

void Server::clear_script() { impl_->house.script.clear(); }

}  // namespace atspec::ftpd
