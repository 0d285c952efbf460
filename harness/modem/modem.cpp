#include "harness/modem/modem.hpp"

#include <algorithm>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {
namespace {

constexpr std::size_t backlog_limit = 64 * 1024;

}  // namespace

void Modem::Impl::power_on(io::Time now) {
  restart(now);
  actions.clear();
  seen = now;
  dead = false;
  (void)output.take(now);
}

void Modem::Impl::restart(io::Time now) {
  ftp.abandon();
  io::Bytes said = output.take(now);
  output = Output(config.output, time("byte", {}));
  output.raw(said);
  editor.clear();
  line_start.clear();
  last_line.clear();
  queue.clear();
  if (config.fault("kept.ram") == nullptr) store.clear_ram();
  open_files.clear();
  std::erase_if(states, [&](const auto& one) { return config.fault("kept." + one.first) == nullptr; });
  for (const auto& [name, value] : config.initial) states.try_emplace(name, value);
  output.verbose(!states.contains("verbose") || state("verbose") == 1);
  contexts.clear();
  qualities.clear();
  attached = config.attached;
  function = 1;
  registration_reports = 0;
  operation = {};
  data = Data::none;
  paused = false;
  held_back.clear();
  held_outcome.reset();
  pluses = 0;
  line_backlog = 0;
  transferred = 0;
  intake = {};
  waiting_urcs.clear();
  last_byte = now;
}

std::optional<Action> Modem::Impl::take_action() {
  const auto trouble = output.take_trouble();
  if (trouble == Output::Trouble::restart) power_on(seen);
  if (trouble == Output::Trouble::hang) dead = true;
  if (dead) {
    actions.clear();
    return std::nullopt;
  }
  if (data != Data::file && !waiting_urcs.empty()) {
    for (const auto& [command, line] : std::exchange(waiting_urcs, {})) output.urc(seen, command, line);
  }
  if (action::LineSend send{output.take(seen)}; !send.bytes.empty()) {
    line_backlog += send.bytes.size();
    return send;
  }
  if (actions.empty()) return std::nullopt;
  Action out = std::move(actions.front());
  actions.pop_front();
  return out;
}

Modem::Modem(Config config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Modem::~Modem() = default;
Modem::Modem(Modem&&) noexcept = default;
Modem& Modem::operator=(Modem&&) noexcept = default;

void Modem::power_on(io::Time now) { impl_->power_on(now); }
void Modem::factory_reset(io::Time now) {
  impl_->store.clear();
  impl_->states.clear();
  impl_->power_on(now);
}
void Modem::line_received(io::Time now, io::ByteView bytes) { impl_->received(now, bytes); }
void Modem::line_sent(io::Time, std::size_t bytes) { impl_->line_backlog -= std::min(impl_->line_backlog, bytes); }
void Modem::dtr(io::Time now, bool on) { impl_->dtr_changed(now, on); }

void Modem::network(io::Time now, const io::NetworkEvent& event) {
  impl_->seen = now;
  if (impl_->dead) return;
  impl_->ftp.network(now, event);
  // room was made for more of a local file
  const auto& operation = impl_->operation;
  if (std::holds_alternative<io::event::Sent>(event) && operation.upload && !operation.com &&
      !operation.local.empty() && operation.offset > 0)
    impl_->feed_from_store(now);
}

void Modem::tick(io::Time now) { impl_->tick(now); }
std::optional<Action> Modem::take_action() { return impl_->take_action(); }
std::optional<io::Time> Modem::deadline() const { return impl_->deadline(); }

bool Modem::wants(io::ConnectionId id) const {
  if (!impl_->ftp.is_data(id)) return true;
  if (impl_->paused) return false;
  return impl_->line_backlog < backlog_limit && impl_->ftp.early() < backlog_limit;
}

bool Modem::wants_line() const { return impl_->data != Impl::Data::upload || impl_->ftp.unsent() < backlog_limit; }

}  // namespace atspec::modem
