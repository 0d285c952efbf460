// What the scenario had the FTP server do, as far as judging has to know: who obeys a server that breaks its own
// protocol may do so in many ways.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/exchange.hpp"
#include "harness/scenario/peer.hpp"

namespace atspec::judge {

/// Of one trace. A rule counts from its step on, for good: how often it was played the trace does not say.
class PeerScript {
 public:
  using Action = scenario::PeerRule::Action;
  struct Rule {
    io::Time at{};
    std::string verb;  ///< in capitals; "*": any
    Action action = Action::reply;
    std::optional<io::Bytes> said;  ///< in place of an answer, the pieces of a raw one as one
  };

  explicit PeerScript(const Session& session);

  /// Whether by `until` there is a rule `is_such` for this verb.
  template <typename Predicate>
  bool has(std::string_view verb, io::Time until, Predicate is_such) const {
    return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
      return rule.at <= until && (rule.verb == "*" || rule.verb == verb) && is_such(rule);
    });
  }
  /// Any rule at all.
  bool has(std::string_view verb, io::Time until) const {
    return has(verb, until, [](const Rule&) { return true; });
  }
  bool stalls_on(std::string_view verb, io::Time until) const;
  /// Whether the control connection ends in place of an answer.
  bool hangs_up_on(std::string_view verb, io::Time until) const;
  /// Whether a reply was sent that nobody asked for, or half of one: from then on nobody knows which answers what.
  bool out_of_step(io::Time until) const { return out_of_step_ && *out_of_step_ <= until; }
  /// Whether data went another way than the replies say: a transfer was cut with any reply, or whether a device gets
  /// there depends on which address it takes, and when.
  bool misdirected(io::Time until) const { return misdirected_ && *misdirected_ <= until; }

 private:
  std::vector<Rule> rules_;
  std::optional<io::Time> out_of_step_, misdirected_;
};

}  // namespace atspec::judge
