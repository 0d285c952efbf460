#include "harness/scenario/scenario.hpp"

#include <fmt/format.h>

#include <limits>

#include "harness/scenario/text.hpp"
#include "harness/scenario/words.hpp"

namespace atspec::scenario {
namespace {

/// The silence kept on either side of +++ (manual 1.5 DATA-07, DATA-09, with the margin of A32).
constexpr io::Duration guard = std::chrono::milliseconds(1100);
/// At least so long a device waits for a server.
constexpr io::Duration device_patience = std::chrono::seconds(10);

io::Duration add(io::Duration sum, io::Duration more) {
  return more > io::Duration::max() - sum ? io::Duration::max() : sum + more;
}

/// Whether the text is a reply of several lines that lacks its last (RFC 959 §4.2): whoever reads it waits on.
bool unfinished(const std::string& text) {
  constexpr std::size_t code = 3;
  return text.size() > code && text[code] == '-' && text.find('\n' + text.substr(0, code) + ' ') == std::string::npos;
}

}  // namespace

io::Bytes content(const Data& data) {
  return data.text ? *data.text : io::pattern(static_cast<std::size_t>(data.size), data.seed);
}

std::string_view to_string(PeerLevel level) {
  switch (level) {
    case PeerLevel::none:
      return "none";
    case PeerLevel::blind:
      return "blind";
    case PeerLevel::observed:
      return "observed";
    case PeerLevel::scripted:
      return "scripted";
  }
  return "none";
}

std::string stimulus_hash(const Scenario& scenario) {
  std::string stimulus;
  for (const auto& [state, value] : scenario.needs)
    stimulus += fmt::format("{}={}\n", spell_word(state), spell_word(value));
  stimulus += fmt::format("peer={}\n", to_string(scenario.peer));
  for (const Step& step : scenario.body) stimulus += to_text(step) + '\n';
  const std::uint64_t value = io::hash(stimulus);
  return fmt::format("{:08x}", static_cast<std::uint32_t>(value ^ (value >> 32)));
}

io::Duration estimate(const Scenario& scenario) {
  io::Duration sum{};
  bool unanswered = false;
  const auto count = [&](const Step& step) {
    if (const auto* pause = std::get_if<Pause>(&step)) {
      sum = add(sum, pause->duration);
    } else if (std::holds_alternative<Escape>(step)) {
      sum = add(sum, 2 * guard);
    } else if (const auto* wait = std::get_if<Wait>(&step)) {
      // nobody will answer the device: the next wait runs to its limit, or until the device gives up
      if (unanswered && (wait->within || wait->what == Wait::For::urc)) {
        sum = add(sum, wait->within.value_or(device_patience));
        unanswered = false;
      }
    } else if (const auto* peer = std::get_if<Peer>(&step)) {
      if (const auto* rule = std::get_if<PeerRule>(&peer->directive)) {
        if (rule->action == PeerRule::Action::delay) sum = add(sum, rule->duration);
        if (rule->action == PeerRule::Action::raw) {
          std::string text = rule->text;
          for (const auto& piece : rule->more) {
            text += piece;
            sum = add(sum, rule->duration);
          }
          unanswered |= !text.ends_with('\n') || unfinished(text);
        }
        unanswered |= rule->action == PeerRule::Action::stall ||
                      (rule->action == PeerRule::Action::reply && unfinished(rule->text));
      }
      if (const auto* stall = std::get_if<PeerStall>(&peer->directive)) {
        if (stall->duration) sum = add(sum, *stall->duration);
        unanswered |= !stall->duration;
      }
    }
  };
  for (const Step& step : scenario.set_up) count(step);
  for (const Step& step : scenario.body) count(step);
  return sum;
}

void drop_claims(std::vector<Step>& steps) {
  for (auto& step : steps) {
    const auto* claim = std::get_if<Expect>(&step);
    if (claim == nullptr) continue;
    const std::string_view line = claim->pattern;
    Wait wait;
    wait.what = line.starts_with("CONNECT")                          ? Wait::For::connect
                : line.starts_with('+') && !line.starts_with("+CME") ? Wait::For::urc
                                                                     : Wait::For::final_result;
    step = std::move(wait);
  }
}

}  // namespace atspec::scenario
