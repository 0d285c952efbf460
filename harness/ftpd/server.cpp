#include "harness/ftpd/server.hpp"

#include <algorithm>
#include <utility>

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
    std::optional<io::Endpoint> wanted;  ///< where to listen again: nowhere where it could not in the beginning
  };
  Listener first, implicit;
  std::optional<io::Duration> closes_for;  ///< from the next tick on, for nobody says how late it is now
  std::optional<io::Time> closed_until;    ///< its ports

  /// Who comes finds nobody, as the script wants it.
  void refuse(io::Duration duration) {
    closes_for = duration > io::Duration{} ? std::min(duration, longest_time) : longest_time;
    for (Listener* one : {&first, &implicit}) {
      if (one->id != 0) house.actions.emplace_back(io::action::Close{std::exchange(one->id, 0)});
    }
  }
  void listen_again() {
    closes_for.reset();
    closed_until.reset();
    for (Listener* one : {&first, &implicit}) {
      if (one->id != 0 || !one->wanted) continue;
      one->id = house.fresh_id();
      house.actions.emplace_back(io::action::Listen{one->id, *one->wanted});
    }
  }
  /// Where it listened before, somebody else may have been quicker for a while.
  void listen_failed(Listener& listener) {
    listener.id = 0;
    if (listener.at) {
      closed_until = house.now + std::chrono::seconds(1);
    } else {
      listener.wanted.reset();
    }
  }

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
      first.at = first.wanted = event.on;
    } else if (event.id == implicit.id) {
      implicit.at = implicit.wanted = event.on;
    } else if (Session* session = owner(event.id)) {
      settle(*session, [&] { session->listening(event); });
    }
  }
  void on(const io::event::ListenFailed& event) {
    if (event.id == first.id) {
      listen_failed(first);
    } else if (event.id == implicit.id) {
      listen_failed(implicit);
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
  impl_->first = {house.fresh_id(), std::nullopt, house.options.listen};
  impl_->implicit = {};
  impl_->closes_for.reset();
  impl_->closed_until.reset();
  house.store.set_time(house.wall_seconds());
  house.actions.emplace_back(io::action::Listen{impl_->first.id, house.options.listen});
  if (!house.options.implicit_port) return;
  const io::Endpoint beside{house.options.listen.address, *house.options.implicit_port};
  impl_->implicit = {house.fresh_id(), std::nullopt, beside};
  house.actions.emplace_back(io::action::Listen{impl_->implicit.id, beside});
}

void Server::network(io::Time now, const io::NetworkEvent& event) {
  impl_->house.now = now;
  std::visit([this](const auto& one) { impl_->on(one); }, event);
}

void Server::tick(io::Time now) {
  impl_->house.now = now;
  if (impl_->closes_for) impl_->closed_until = now + *std::exchange(impl_->closes_for, std::nullopt);
  if (impl_->closed_until && now >= *impl_->closed_until) impl_->listen_again();
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
  std::optional<io::Time> at = impl_->closes_for ? impl_->house.now : impl_->closed_until;
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
  if (const auto* rule = std::get_if<scenario::PeerRule>(&directive)) {
    if (rule->verb == "CONNECT" && rule->action == scenario::PeerRule::Action::refuse) {
      impl_->refuse(rule->duration);
    } else {
      impl_->house.script.add(*rule);
    }
  }
  if (const auto* cut = std::get_if<scenario::PeerCut>(&directive)) impl_->house.script.add(*cut);
  if (const auto* stall = std::get_if<scenario::PeerStall>(&directive)) impl_->house.script.add(*stall);
  if (const auto* elsewhere = std::get_if<scenario::PeerElsewhere>(&directive)) impl_->house.script.add(*elsewhere);
}

bool Server::has_elsewhere() const { return !impl_->house.options.elsewhere.address.empty(); }

void Server::clear_script() {
  impl_->house.script.clear();
  if (impl_->closes_for || impl_->closed_until) impl_->listen_again();
}

}  // namespace atspec::ftpd
