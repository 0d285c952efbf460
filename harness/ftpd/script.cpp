#include "harness/ftpd/script.hpp"

#include <algorithm>

namespace atspec::ftpd {

using Rule = scenario::PeerRule;

void Script::add(const Rule& rule) {
  rules_.push_back(rule);
  rules_.back().duration = std::clamp(rule.duration, {}, longest_time);
}

void Script::clear() {
  rules_.clear();
  cuts_.clear();
  stalls_.clear();
  elsewhere_.reset();
}

Script::Play Script::play(std::string_view verb) {
  Play play;
  for (Rule& rule : rules_) {
    if (rule.times == 0U) continue;
    const bool command = verb != "CONNECT" && verb != "TLS" && verb != "DATA-TLS" && verb != "DATA";
    if (rule.verb != verb && (rule.verb != "*" || !command)) continue;
    const bool delays = rule.action == Rule::Action::delay;
    if (delays) {
      play.delay = std::min(longest_time, play.delay + rule.duration);
    } else {
      play.rule = &rule;
    }
    if (rule.times) --*rule.times;
    if (!delays) break;
  }
  return play;
}

std::optional<scenario::PeerCut> Script::take_cut() {
  if (cuts_.empty()) return std::nullopt;
  scenario::PeerCut cut = std::move(cuts_.front());
  cuts_.erase(cuts_.begin());
  return cut;
}

std::optional<scenario::PeerStall> Script::take_stall() {
  if (stalls_.empty()) return std::nullopt;
  const scenario::PeerStall stall = stalls_.front();
  stalls_.erase(stalls_.begin());
  return stall;
}

}  // namespace atspec::ftpd
