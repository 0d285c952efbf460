#include "harness/world/sim.hpp"

#include <algorithm>
#include <utility>

#include "harness/world/memory_network.hpp"

namespace atspec::world {
namespace {

constexpr MemoryNetwork::Host server_host = 0, modem_host = 1;
constexpr std::size_t line_chunk = 4096;  ///< the modem is asked so often whether it wants more of the line
/// A machine that never comes to rest at one instant would stop the clock: past this many steps time goes on.
constexpr unsigned most_steps_at_once = 100'000;

bool is_data(const ftpd::Logged& logged) {
  return logged.what == ftpd::Logged::What::data_in || logged.what == ftpd::Logged::What::data_out;
}

}  // namespace

struct Sim::Impl {
  explicit Impl(SimOptions options)
      : store(ftpd::memory_store(options.store_bytes)),
        server(listening_on(std::move(options.ftpd), options), *store,
               [this](ftpd::Logged&& logged) { keep(std::move(logged)); }),
        modem(std::move(options.modem)),
        network({{options.server_address, options.modem_address},
                 {{options.other_server_address, server_host}},
                 std::move(options.names),
                 options.latency,
                 options.seed,
                 options.segment}) {
    restart();
  }

  static ftpd::Options listening_on(ftpd::Options options, const SimOptions& sim) {
    options.listen.address = sim.server_address;
    options.elsewhere = {sim.other_server_address, MemoryNetwork::firewalled_from};
    return options;
  }

  void keep(ftpd::Logged&& logged) {
    if (is_data(logged)) {
      data_kept += logged.bytes.size();
      if (data_kept > kept_data) {
        data_kept -= logged.bytes.size();
        logged.hash = io::hash_hex(logged.bytes);
        io::Bytes().swap(logged.bytes);  // assigning an empty string would keep its memory
      }
    }
    log.push_back(std::move(logged));
  }

  void restart() {
    now = {};
    network.clear();
    store->clear();
    log.clear();
    data_kept = 0;
    typed.clear();
    typed_taken = 0;
    shown.clear();
    server.start(now);
    modem.factory_reset(now);
  }

  void drain() {
    while (auto action = modem.take_action()) {
      std::visit(
          [this](auto& one) {
            if constexpr (requires { one.id; }) {
              network.act(now, modem_host, std::move(one));
            } else {
              shown += one.bytes;
            }
          },
          *action);
    }
    while (auto action = server.take_action()) network.act(now, server_host, std::move(*action));
  }

  /// Does one thing that is due at this instant; false: there is no more.
  bool step() {
    drain();
    if (typed_taken < typed.size() && modem.wants_line()) {
      const io::ByteView bytes = io::ByteView(typed).substr(typed_taken, line_chunk);
      typed_taken += bytes.size();
      modem.line_received(now, bytes);
      if (typed_taken == typed.size()) {
        typed.clear();
        typed_taken = 0;
      }
      return true;
    }
    const auto wants = [this](MemoryNetwork::Host host, io::ConnectionId id) {
      return host == server_host ? server.wants(id) : modem.wants(id);
    };
    if (const auto delivery = network.take(now, wants)) {
      if (delivery->host == server_host) {
        server.network(now, delivery->event);
      } else {
        modem.network(now, delivery->event);
      }
      return true;
    }
    if (const auto at = modem.deadline(); at && *at <= now) {
      modem.tick(now);
      return true;
    }
    if (const auto at = server.deadline(); at && *at <= now) {
      server.tick(now);
      return true;
    }
    return false;
  }

  /// Whether the instant came to rest.
  bool settle() {
    for (unsigned steps = 0; steps < most_steps_at_once; ++steps) {
      if (!step()) return true;
    }
    return false;
  }

  std::optional<io::Time> next() const {
    std::optional<io::Time> at = network.next();
    for (const auto& other : {modem.deadline(), server.deadline()}) {
      if (other && (!at || *other < *at)) at = other;
    }
    return at;
  }

  std::optional<Arrival> poll(io::Time deadline) {
    for (;;) {
      const bool at_rest = settle();
      if (!shown.empty()) {
        Arrival arrival{now, std::exchange(shown, {})};
        modem.line_sent(now, arrival.bytes.size());
        return arrival;
      }
      std::optional<io::Time> at = next();
      if (at) at = std::max(*at, at_rest ? now : now + io::Duration{1});
      if (!at || *at > deadline) {
        now = std::max(now, deadline);
        return std::nullopt;
      }
      now = *at;
    }
  }

  std::unique_ptr<ftpd::FileStore> store;
  std::vector<ftpd::Logged> log;
  std::uint64_t data_kept = 0;
  ftpd::Server server;
  modem::Modem modem;
  MemoryNetwork network;
  io::Time now;
  io::Bytes typed;  ///< by the host, and not taken by the modem from `typed_taken` on
  std::size_t typed_taken = 0;
  io::Bytes shown;  ///< by the modem at this instant
};

Sim::Sim(SimOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Sim::~Sim() = default;

io::Time Sim::now() const { return impl_->now; }
ftpd::FileStore& Sim::store() { return *impl_->store; }
ftpd::Server& Sim::server() { return impl_->server; }

std::vector<ftpd::Logged> Sim::take_log() {
  impl_->data_kept = 0;
  return std::exchange(impl_->log, {});
}

void Sim::restart() { impl_->restart(); }

void Sim::write(io::ByteView bytes) { impl_->typed += bytes; }

std::optional<Sim::Arrival> Sim::poll(io::Time deadline) { return impl_->poll(deadline); }

void Sim::set_dtr(bool on) {
  impl_->settle();  // what was written before comes before
  impl_->modem.dtr(impl_->now, on);
}

void Sim::reset_modem() {
  impl_->settle();
  impl_->typed.clear();
  impl_->typed_taken = 0;
  impl_->network.drop(impl_->now, modem_host);
  impl_->modem.power_on(impl_->now);
}

}  // namespace atspec::world
