#include "harness/judge/missing.hpp"

namespace atspec::judge {
namespace {

using ItemKind = spec::Item::Kind;

/// How long the device was left to itself after a command: until a reset, or a later command that may have changed
/// what the missing item belongs to.
io::Time observed_until(const Session& session, const Index& index, const Exchange& exchange) {
  const auto& touched = index.traits(*exchange.form).touched;
  io::Time until = exchange.cut ? std::min(*exchange.cut, session.listened_until) : session.listened_until;
  for (const auto& later : session.exchanges) {
    if (later.event <= exchange.event) continue;
    if (later.sent >= until) break;
    if (later.refused) continue;
    if (later.connected) return later.sent;  // data mode is no place for URCs
    if (later.form != nullptr && later.invocations.size() == 1) {
      const auto& others = index.traits(*later.form).touched;
      const bool meddles =
          std::any_of(others.begin(), others.end(), [&](const auto& s) { return touched.contains(s); });
      if (!meddles) continue;
    }
    return later.sent;
  }
  for (const auto& disturbance : session.disturbances) {
    if (disturbance.event <= exchange.event) continue;
    if (disturbance.kind == Disturbance::Kind::dtr && !exchange.connected) continue;
    const io::Time at = std::get<trace::Fact>(session.trace->records[disturbance.record]).at;
    until = std::min(until, at);
  }
  return until;
}

}  // namespace

Missing missing(const Attempt& attempt, const Surroundings& around, const Exchange& exchange,
                const Environment& environment, const Options& options) {
  const spec::Item& item = attempt.alternative->items[attempt.matched];
  const io::Time until = observed_until(around.session, around.index, exchange);

  bool host_sends = false, connected = false;
  for (std::size_t i = 0; i < attempt.matched; ++i) {
    const auto& before = attempt.alternative->items[i];
    host_sends |= before.kind == ItemKind::data && before.to_device;
    connected |= before.kind == ItemKind::connect;
  }
  // an upload goes on until the host ends it, unless the condition counts what was sent
  if (host_sends && exchange.finals.empty() && !environment.escaped() &&
      !(attempt.demanded && around.index.traits(*attempt.outcome).counts_data)) {
    return Missing::maybe_still_to_come;
  }
  const bool waited = exchange.ran_out && *exchange.ran_out <= until;
  if (!item.within.empty()) {
    const auto limit = limit_of(item, environment);
    const io::Time from = limit_runs_from(item, exchange, around.session);
    if (limit) return until - from > *limit + options.margin ? Missing::proven : Missing::maybe_still_to_come;
    return waited && *exchange.ran_out - exchange.sent >= options.completion_patience ? Missing::undecidable
                                                                                      : Missing::maybe_still_to_come;
  }
  const bool needs_server = connected || item.kind == ItemKind::urc || item.kind == ItemKind::connect;
  const io::Duration patience = needs_server ? options.completion_patience : options.answer_patience;
  io::Time since = exchange.sent;
  for (const std::size_t i : exchange.seen) since = std::max(since, around.session.events[i].at);
  if (!waited || *exchange.ran_out - since < patience) return Missing::maybe_still_to_come;
  return Missing::proven;
}

}  // namespace atspec::judge
