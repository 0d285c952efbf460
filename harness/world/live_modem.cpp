#include "harness/world/live_modem.hpp"

#include <utility>

#include "harness/world/live_network.hpp"

namespace atspec::world {

struct LiveModem::Impl final : Machine, DteLine::Owner {
  Impl(Loop& on, modem::Config config, std::unique_ptr<DteLine> on_line, std::function<void()> call)
      : loop(on), modem(std::move(config)), line(std::move(on_line)), ended(std::move(call)), sockets(on, *this) {
    modem.power_on(loop.now());
    line->start(*this);
    sockets.settle();
  }

  void network(io::Time now, const io::NetworkEvent& event) override { modem.network(now, event); }
  void tick(io::Time now) override { modem.tick(now); }
  std::optional<io::Time> deadline() const override { return modem.deadline(); }
  bool wants(io::ConnectionId id) const override { return modem.wants(id); }
  void settled() override { line->resume(); }

  std::optional<io::NetworkAction> take_action() override {
    while (auto action = modem.take_action()) {
      auto* send = std::get_if<modem::action::LineSend>(&*action);
      if (send == nullptr) return network_action(*std::move(action));
      line->send(std::move(send->bytes));
    }
    return std::nullopt;
  }

  static io::NetworkAction network_action(modem::Action action) {
    return std::visit(
        []<typename One>(One&& one) -> io::NetworkAction {
          if constexpr (std::is_same_v<One, modem::action::LineSend>) {
            std::unreachable();
          } else {
            return std::forward<One>(one);
          }
        },
        std::move(action));
  }

  void line_received(io::ByteView bytes) override {
    modem.line_received(loop.now(), bytes);
    sockets.settle();
  }
  void line_sent(std::size_t bytes) override {
    modem.line_sent(loop.now(), bytes);
    sockets.settle();
  }
  bool wants_line() const override { return modem.wants_line(); }
  void line_ended() override {
    if (ended) ended();
  }

  Loop& loop;
  modem::Modem modem;
  std::unique_ptr<DteLine> line;
  std::function<void()> ended;
  LiveNetwork sockets;
};

LiveModem::LiveModem(Loop& loop, modem::Config config, std::unique_ptr<DteLine> line, std::function<void()> ended)
    : impl_(std::make_unique<Impl>(loop, std::move(config), std::move(line), std::move(ended))) {}
LiveModem::~LiveModem() = default;

}  // namespace atspec::world
