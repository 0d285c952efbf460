#include "harness/judge/peer_script.hpp"

namespace atspec::judge {
namespace {

using scenario::PeerCut;
using scenario::PeerElsewhere;
using scenario::PeerRule;
using Action = PeerRule::Action;

std::optional<io::Bytes> said_by(const PeerRule& rule) {
  if (rule.action != Action::reply && rule.action != Action::raw) return std::nullopt;
  io::Bytes out = rule.text;
  for (const auto& piece : rule.more) out += piece;
  return out;
}

/// Whether these are the lines of one reply (or one line that is none), and all of them: of half a line, or of what
/// comes behind, a device may make what it likes.
bool is_one_reply(std::string_view text) {
  constexpr std::size_t code = 3;
  const std::string last = '\n' + std::string(text.substr(0, code)) + ' ';
  std::size_t end = text.find('\n');
  if (text.size() > code && text[code] == '-') {
    end = text.find(last);
    if (end != std::string_view::npos) end = text.find('\n', end + 1);
  }
  return end != std::string_view::npos && end + 1 == text.size();
}

bool loses_step(const PeerRule& rule) {
  if (rule.action == Action::stray) return true;
  if (rule.action == Action::raw) return !is_one_reply(*said_by(rule));
  // what comes before a reply may be lines of it
  return rule.action == Action::preface && !(rule.text.size() > 3 && rule.text[3] == '-');
}

}  // namespace

PeerScript::PeerScript(const Session& session) {
  constexpr std::string_view peer = "peer ";
  for (const auto& step : session.steps) {
    if (!step.subject.starts_with(peer)) continue;
    const auto directive = scenario::parse_peer_directive(std::string_view(step.subject).substr(peer.size()));
    if (!directive) continue;  // of a trace from elsewhere
    if (const auto* rule = std::get_if<PeerRule>(&*directive)) {
      rules_.push_back({step.at, capitals(rule->verb), rule->action, said_by(*rule)});
      if (!out_of_step_ && loses_step(*rule)) out_of_step_ = step.at;
    }
    const auto* cut = std::get_if<PeerCut>(&*directive);
    const bool misdirects = (cut != nullptr && cut->reply) || std::holds_alternative<PeerElsewhere>(*directive);
    if (!misdirected_ && misdirects) misdirected_ = step.at;
  }
}

bool PeerScript::stalls_on(std::string_view verb, io::Time until) const {
  return has(verb, until, [](const Rule& rule) { return rule.action == Action::stall; });
}

bool PeerScript::hangs_up_on(std::string_view verb, io::Time until) const {
  // a server that says 421 leaves (RFC 959 §4.2.2), and one that was told QUIT, however it says so
  if (verb == "QUIT" && !stalls_on(verb, until)) return true;
  return has(verb, until, [](const Rule& rule) {
    return rule.action == Action::close || rule.action == Action::half_close || rule.action == Action::reset ||
           rule.action == Action::refuse || (rule.said && rule.said->starts_with("421"));
  });
}

}  // namespace atspec::judge
