// +++ in data mode: silence around it, the three + close together, and when any of that is missing they
// are data like all else (manual 1.5 DATA-07 to DATA-10).
#include "harness/judge/rules.hpp"

namespace atspec::judge {
namespace {

using Kind = trace::Event::Kind;

/// Three + in a row among the bytes of one data mode, and the silences about them.
struct Pluses {
  io::Time first{}, last{};
  io::Duration before{}, after{};
  bool more_followed = false;  ///< bytes after them, in the same data mode
  std::size_t record = 0;
};

/// No second is as short as this (manual A32).
constexpr io::Duration no_guard_time = std::chrono::milliseconds(300);
/// After its guard time an escape is obeyed within this.
constexpr io::Duration time_to_obey = std::chrono::seconds(2);

/// What went to the device from `begin` on, before `end` (records). Cut payloads have no tail worth looking at: a +++
/// that breaks the rules is short.
std::vector<Pluses> find_pluses(const trace::Trace& trace, std::size_t begin, std::size_t end, io::Time until) {
  constexpr std::size_t most = 256;
  std::vector<Pluses> found;
  io::Time previous =
      begin < trace.records.size() ? std::visit([](const auto& r) { return r.at; }, trace.records[begin]) : io::Time{};
  std::size_t run = 0;
  Pluses now;
  auto end_run = [&](io::Time next, bool more) {
    if (run == 3 && found.size() < most) {
      now.after = next - now.last;
      now.more_followed = more;
      found.push_back(now);
    }
    run = 0;
  };
  for (std::size_t i = begin; i < end && i < trace.records.size(); ++i) {
    const auto* chunk = std::get_if<trace::Chunk>(&trace.records[i]);
    if (chunk == nullptr || chunk->channel != trace::Channel::to_device) continue;
    if (chunk->size > chunk->bytes.size()) {
      end_run(chunk->at, true);
      previous = chunk->at;
      continue;
    }
    for (const char c : chunk->bytes) {
      if (c == '+') {
        if (run == 0) now = {chunk->at, chunk->at, chunk->at - previous, {}, false, i};
        ++run;
        now.last = chunk->at;
        now.record = i;
      } else {
        end_run(chunk->at, true);
      }
      previous = chunk->at;
    }
  }
  end_run(until, false);
  return found;
}

/// Whether nothing else ends the data mode of a command that goes well.
bool ends_with_escape(const Exchange& exchange) {
  const auto& after = exchange.form == nullptr ? std::vector<std::string>() : exchange.form->after;
  return std::find(after.begin(), after.end(), "escape") != after.end();
}

bool succeeded(const Session& session, const Exchange& exchange) {
  return exchange.completions.size() == 1 &&
         session.events[exchange.completions.front()].text.find(": 0,") != std::string::npos;
}

io::Duration value_of_rule(const spec::Rule* rule, io::Duration otherwise) {
  return rule == nullptr ? otherwise : io::parse_duration(rule->value).value_or(otherwise);
}

}  // namespace

void check_escape_rules(const Surroundings& around, const Options& options, const std::vector<Reading>& readings,
                        Ledger& ledger) {
  const auto* guard_rule = around.index.rule("guard-time");
  const auto* window_rule = around.index.rule("escape-window");
  if (guard_rule == nullptr && window_rule == nullptr) return;
  const io::Duration guard = value_of_rule(guard_rule, io::Duration::zero());
  const io::Duration window = value_of_rule(window_rule, io::Duration::max());
  const Session& session = around.session;

  for (std::size_t n = 0; n < session.exchanges.size(); ++n) {
    const Exchange& exchange = session.exchanges[n];
    if (!exchange.body || !exchange.connected || exchange.doubtful) continue;
    std::size_t begin = 0, end = session.trace->records.size();
    io::Time until = exchange.until;
    std::optional<std::size_t> escape;
    for (const std::size_t i : exchange.seen) {
      if (session.events[i].kind == Kind::connect) begin = session.events[i].record;
      if (session.events[i].kind == Kind::sent_escape && !escape) escape = i;
    }
    if (!exchange.finals.empty()) {
      end = session.events[exchange.finals.front()].record;
      until = session.events[exchange.finals.front()].at;
    }
    const auto enter = [&](const spec::Rule* rule, bool kept, const char* message, const char* expected,
                           std::size_t record) {
      if (rule == nullptr) return;
      if (kept) {
        ledger.passed(rule->clauses);
        return;
      }
      ledger.failed({rule->clauses,
                     message,
                     expected,
                     in_words(observations(session, exchange, States()), session),
                     exchange.line,
                     {exchange.record, record},
                     {}});
    };

    if (escape) {
      const auto& sent = session.events[*escape];
      if (!exchange.finals.empty() && exchange.finals.front() > *escape) {
        const bool hasty = ends_with_escape(exchange) && succeeded(session, exchange) &&
                           session.events[exchange.finals.front()].at - sent.at < no_guard_time;
        enter(guard_rule, !hasty, "+++ was obeyed before the silence behind it", "OK after the guard time",
              sent.record);
        enter(window_rule, true, "", "", sent.record);
      } else if (exchange.finals.empty() && !exchange.cut && exchange.ran_out &&
                 *exchange.ran_out - sent.at >= options.answer_patience) {
        enter(guard_rule, false, "+++ with silence around it was not obeyed", "OK", sent.record);
      }
    }
    for (const auto& pluses : find_pluses(*session.trace, begin, end, until)) {
      const bool short_guard = pluses.before < guard || (pluses.more_followed && pluses.after < guard);
      const bool long_window = pluses.last - pluses.first > window;
      if (!short_guard && !long_window) continue;
      const auto* rule = long_window ? window_rule : guard_rule;
      if (pluses.more_followed) {
        enter(rule, true, "", "", pluses.record);
      } else if (!escape && exchange.form != nullptr && !exchange.finals.empty() && !readings[n].fits &&
                 until - pluses.last <= guard + time_to_obey) {
        // the device left data mode, and nothing else that was sent explains why
        enter(rule, false, "+++ that breaks the rules ended data mode", "+++ taken as data", pluses.record);
      }
    }
  }
}

}  // namespace atspec::judge
