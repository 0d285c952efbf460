// What the FTP server may answer to the command behind a form: every code of the protocol table, slowly, never, and
// not at all as a server should.
#include <fmt/format.h>

#include "harness/generate/draft.hpp"

namespace atspec::generate {
namespace {

using scenario::Peer;
using scenario::PeerRule;

/// Where the manual gives no limit: longer than the longest it gives anywhere (180 s, 2.1 QFTPCFG-48).
constexpr io::Duration longest_silence = std::chrono::seconds(185);

PeerRule rule(const std::string& verb, PeerRule::Action action, std::string text = {}, io::Duration duration = {}) {
  return {verb, action, std::move(text), duration, std::nullopt, {}};
}

/// The lowest value of the state that bounds the command's time, so that a silent server costs little.
struct TimeLimit {
  std::string state;
  std::int64_t seconds = 0;
};

std::optional<TimeLimit> own_time_limit(const spec::Spec& spec, const spec::Form& form) {
  for (const auto& outcome : form.outcomes) {
    for (const auto& item : outcome.alternatives.front().items) {
      for (const auto& name : item.within.names()) {
        if (spec.state(name) == nullptr) continue;
        // the parameter that sets the state knows its range
        for (const auto& command : spec.commands) {
          for (const auto& setter : command.forms) {
            for (const auto& set : setter.outcomes) {
              for (const auto& done : set.alternatives.front().items) {
                for (const auto& effect : done.effects) {
                  if (effect.state != name) continue;
                  for (const auto& parameter : setter.parameters) {
                    if (effect.value.names() == std::vector<std::string>{parameter.name} && parameter.type.min)
                      return TimeLimit{name, *parameter.type.min};
                  }
                }
              }
            }
          }
        }
      }
    }
  }
  return std::nullopt;
}

Clauses timing_clauses(const spec::Form& form) {
  Clauses out;
  for (const auto& outcome : form.outcomes) {
    for (const auto& item : outcome.alternatives.front().items)
      out.insert(out.end(), item.within_clauses.begin(), item.within_clauses.end());
  }
  return out;
}

/// A form may leave the limit to another form of its command (manual 2.5: with a file of the module <timeout> bounds
/// the gaps, and no item says so). One whose times are constants has none to lower.
std::optional<TimeLimit> time_limit(const spec::Spec& spec, const spec::Command& command, const spec::Form& form) {
  if (auto own = own_time_limit(spec, form)) return own;
  if (!timing_clauses(form).empty()) return std::nullopt;
  for (const auto& other : command.forms) {
    if (auto its = own_time_limit(spec, other)) return its;
  }
  return std::nullopt;
}

/// The cases of one of the commands behind the form; the server takes those before it as they come.
void cases_of_verb(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                   const std::string& verb, std::vector<scenario::Scenario>& out) {
  const auto add = [&](const Clauses& aims, const PeerRule& one, const std::string& words,
                       const std::optional<TimeLimit>& limit) {
    Draft draft(spec, command, form);
    draft.aims(aims)
        .aims(form.clauses)
        .scripted()
        .before(Peer{one})
        .purpose(fmt::format("{} when the server {}", command.name, words));
    if (limit) draft.needs(limit->state, std::to_string(limit->seconds));
    if (one.action == PeerRule::Action::stall) draft.unanswered(longest_silence);
    out.push_back(draft.finish());
  };
  if (const spec::CodeTable* codes = spec.code_table("protocol")) {
    const spec::CodeTable* results = spec.code_table("result");
    for (const auto& code : codes->codes) {
      Clauses aims = code.clauses;
      aims.insert(aims.end(), code.pair_clauses.begin(), code.pair_clauses.end());
      if (results != nullptr && code.pair) {
        for (const auto& paired : results->codes) {
          if (paired.value == *code.pair) aims.insert(aims.end(), paired.clauses.begin(), paired.clauses.end());
        }
      }
      add(aims, rule(verb, PeerRule::Action::reply, fmt::format("{} {}", code.value, code.text)),
          fmt::format("answers {} to {}", code.value, verb), std::nullopt);
    }
  }
  add({}, rule(verb, PeerRule::Action::reply, "550-First line\r\n 550 not the last\r\n550 Last line"),
      fmt::format("answers {} in several lines", verb), std::nullopt);
  add({}, rule(verb, PeerRule::Action::reply, "this is no reply"),
      fmt::format("answers {} with what is no reply", verb), std::nullopt);
  add({}, rule(verb, PeerRule::Action::close), fmt::format("closes the connection at {}", verb), std::nullopt);
  add({}, rule(verb, PeerRule::Action::reset), fmt::format("resets the connection at {}", verb), std::nullopt);
  add({}, rule(verb, PeerRule::Action::half_close), fmt::format("half-closes the connection at {}", verb),
      std::nullopt);
  PeerRule pieces = rule(verb, PeerRule::Action::raw, "55", std::chrono::milliseconds(50));
  pieces.more = {"0-In p", "ieces\r\n5", "50 that come slowly\r\n"};
  add({}, pieces, fmt::format("answers {} in pieces", verb), std::nullopt);
  if (const auto limit = time_limit(spec, command, form)) {
    const auto timing = timing_clauses(form);
    add(timing, rule(verb, PeerRule::Action::delay, {}, std::chrono::seconds(limit->seconds * 3 / 4)),
        fmt::format("answers {} slowly, but in time", verb), limit);
    add(timing, rule(verb, PeerRule::Action::stall), fmt::format("never answers {}", verb), limit);
  } else {
    add(timing_clauses(form), rule(verb, PeerRule::Action::stall), fmt::format("never answers {}", verb), std::nullopt);
  }
}

}  // namespace

void server_cases(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                  std::vector<scenario::Scenario>& out) {
  for (const auto& verb : form.verbs) cases_of_verb(spec, command, form, verb, out);
}

}  // namespace atspec::generate
