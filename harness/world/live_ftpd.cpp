#include "harness/world/live_ftpd.hpp"

#include <utility>

#include "harness/world/live_network.hpp"

namespace atspec::world {
namespace {

ftpd::Options on_host_time(ftpd::Options options, const Loop& loop) {
  options.epoch = loop.epoch();
  return options;
}

}  // namespace

struct LiveFtpd::Impl final : Machine {
  Impl(Loop& on, ftpd::Options options, ftpd::FileStore& store, ftpd::Log log)
      : loop(on), server(on_host_time(std::move(options), on), store, std::move(log)), sockets(on, *this) {}

  void network(io::Time now, const io::NetworkEvent& event) override { server.network(now, event); }
  void tick(io::Time now) override { server.tick(now); }
  std::optional<io::NetworkAction> take_action() override { return server.take_action(); }
  std::optional<io::Time> deadline() const override { return server.deadline(); }
  bool wants(io::ConnectionId id) const override { return server.wants(id); }

  Loop& loop;
  ftpd::Server server;
  LiveNetwork sockets;
};

LiveFtpd::LiveFtpd(Loop& loop, ftpd::Options options, ftpd::FileStore& store, ftpd::Log log)
    : impl_(std::make_unique<Impl>(loop, std::move(options), store, std::move(log))) {}
LiveFtpd::~LiveFtpd() = default;

std::expected<io::Endpoint, std::string> LiveFtpd::start() {
  impl_->server.start(impl_->loop.now());
  impl_->sockets.settle();
  // listening is answered at once
  if (const auto at = impl_->server.listening()) return *at;
  return std::unexpected(impl_->sockets.last_error());
}

std::uint16_t LiveFtpd::implicit_port() const {
  const auto at = impl_->server.listening_implicit();
  return at ? at->port : 0;
}

ftpd::Server& LiveFtpd::server() { return impl_->server; }
void LiveFtpd::settle() { impl_->sockets.settle(); }

}  // namespace atspec::world
