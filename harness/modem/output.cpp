#include "harness/modem/output.hpp"

#include <algorithm>
#include <utility>

namespace atspec::modem {
namespace {

/// V.250 §5.7.1, table 1.
std::string_view numeric(std::string_view text) {
  if (text == "OK") return "0";
  if (text == "CONNECT") return "1";
  if (text == "NO CARRIER") return "3";
  if (text == "ERROR") return "4";
  return {};
}

}  // namespace

Output::Output(std::vector<OutputRule> rules) {
  for (auto& rule : rules) rules_.push_back({std::move(rule)});
}

void Output::info(io::Time now, std::string_view command, std::string_view text) {
  emit(now, OutputRule::Kind::info, command, text);
}
void Output::urc(io::Time now, std::string_view command, std::string_view text) {
  emit(now, OutputRule::Kind::urc, command, text);
}
void Output::connect(io::Time now, std::string_view command) {
  emit(now, OutputRule::Kind::connect, command, "CONNECT");
}
void Output::final_result(io::Time now, std::string_view command, std::string_view text) {
  emit(now, OutputRule::Kind::final_result, command, text);
}

void Output::emit(io::Time now, OutputRule::Kind kind, std::string_view command, std::string_view text) {
  std::string words(text);
  bool framed = true;
  unsigned copies = 1;
  io::Duration delay{};
  for (Rule& one : rules_) {
    const OutputRule& rule = one.rule;
    if (rule.kind != OutputRule::Kind::any && rule.kind != kind) continue;
    if (!rule.command.empty() && rule.command != command) continue;
    if (!rule.match.empty() && !io::glob(rule.match, text)) continue;
    if (rule.times && one.used >= *rule.times) continue;
    ++one.used;
    switch (rule.action) {
      case OutputRule::Action::drop:
        copies = 0;
        break;
      case OutputRule::Action::delay:
        delay += rule.by;
        break;
      case OutputRule::Action::duplicate:
        ++copies;
        break;
      case OutputRule::Action::replace:
        words = rule.text;
        break;
      case OutputRule::Action::unframed:
        framed = false;
        break;
    }
  }
  const bool result = kind == OutputRule::Kind::final_result || kind == OutputRule::Kind::connect;
  io::Bytes bytes;
  for (; copies > 0; --copies) {
    if (const auto number = numeric(words); !verbose_ && result && !number.empty()) {
      bytes.append(number).append("\r");
    } else if (framed) {
      bytes.append("\r\n").append(words).append("\r\n");
    } else {
      bytes.append(words).append("\n");
    }
  }
  if (delay == io::Duration{}) {
    ready_ += bytes;
  } else if (!bytes.empty()) {
    const io::Time due = now + delay;
    const auto at =
        std::upper_bound(held_.begin(), held_.end(), due, [](io::Time t, const Held& held) { return t < held.due; });
    held_.insert(at, {due, std::move(bytes)});
  }
}

void Output::tick(io::Time now) {
  while (!held_.empty() && held_.front().due <= now) {
    ready_ += held_.front().bytes;
    held_.pop_front();
  }
}

std::optional<io::Time> Output::deadline() const {
  if (held_.empty()) return std::nullopt;
  return held_.front().due;
}

io::Bytes Output::take() { return std::exchange(ready_, {}); }

}  // namespace atspec::modem
