// The peer rules that are in force (scenario/peer.hpp). Rules are tried in the order they were given: the delays
// that match add up, and the first other one that matches decides. A rule whose `times` is used up is as gone,
// so that `reply … times 1` followed by another rule for the same verb plays one answer after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/scenario/peer.hpp"

namespace atspec::ftpd {

/// No time of a script is longer, so that sums of them are times still.
constexpr io::Duration longest_time = std::chrono::hours(24 * 365);

class Script {
 public:
  void add(const scenario::PeerRule& rule);
  void add(const scenario::PeerCut& cut) { cuts_.push_back(cut); }
  void add(const scenario::PeerStall& stall) { stalls_.push_back(stall); }
  void add(const scenario::PeerElsewhere& elsewhere) { elsewhere_ = elsewhere; }
  void clear();

  /// What to do at a verb in capitals ("CONNECT": at the greeting, "TLS" and "DATA-TLS": at a handshake, "DATA": when a
  /// port is to be named).
  struct Play {
    io::Duration delay{};
    const scenario::PeerRule* rule = nullptr;  ///< never a `delay`; valid until the script changes
    bool is(scenario::PeerRule::Action action) const { return rule != nullptr && rule->action == action; }
  };
  Play play(std::string_view verb);

  /// Where to cut the transfer that begins now; used up by it.
  std::optional<scenario::PeerCut> take_cut();
  /// Where to hold it up; used up by it.
  std::optional<scenario::PeerStall> take_stall();
  /// Whether data connections go where they otherwise do not.
  const std::optional<scenario::PeerElsewhere>& elsewhere() const { return elsewhere_; }

 private:
  std::vector<scenario::PeerRule> rules_;
  std::vector<scenario::PeerCut> cuts_;
  std::vector<scenario::PeerStall> stalls_;
  std::optional<scenario::PeerElsewhere> elsewhere_;
};

}  // namespace atspec::ftpd
