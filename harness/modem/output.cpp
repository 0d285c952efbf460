#include "harness/modem/output.hpp"

#include <algorithm>
#include <charconv>
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

void replace_all(std::string& text, const std::string& find, const std::string& with) {
  if (find.empty()) return;
  for (auto at = text.find(find); at != std::string::npos; at = text.find(find, at + with.size()))
    text.replace(at, find.size(), with);
}

/// "+QFTPSIZE: 0,1000" and 1 → "+QFTPSIZE: 0,1001"; as it is where there is no number.
void add_to_last_number(std::string& text, const std::string& summand) {
  const auto last = text.find_last_of("0123456789");
  if (last == std::string::npos) return;
  const auto other = text.find_last_not_of("0123456789", last);
  const auto first = other == std::string::npos ? 0 : other + 1;
  std::int64_t value = 0, more = 0;
  std::from_chars(text.data() + first, text.data() + last + 1, value);
  std::from_chars(summand.data(), summand.data() + summand.size(), more);
  text.replace(first, last + 1 - first, std::to_string(value + more));
}

}  // namespace

Output::Output(std::vector<OutputRule> rules, io::Duration byte_time) : byte_time_(byte_time) {
  for (auto& rule : rules) rules_.push_back({std::move(rule)});
}

void Output::info(io::Time now, std::string_view command, std::string_view text) {
  emit(now, OutputRule::Kind::info, command, text);
}
void Output::urc(io::Time now, std::string_view command, std::string_view text) {
  emit(now, OutputRule::Kind::urc, command, text);
}
void Output::connect(io::Time now, std::string_view command, std::string_view text) {
  emit(now, OutputRule::Kind::connect, command, text);
}
void Output::final_result(io::Time now, std::string_view command, std::string_view text) {
  emit(now, OutputRule::Kind::final_result, command, text);
}

void Output::emit(io::Time now, OutputRule::Kind kind, std::string_view command, std::string_view text) {
  std::string words(text);
  bool framed = true, late = false;
  std::string before, after;
  unsigned copies = 1;
  io::Duration delay{};
  for (Rule& one : rules_) {
    const OutputRule& rule = one.rule;
    if (one.passed < rule.behind.size()) {
      const bool next = kind == OutputRule::Kind::final_result && text == "OK" && command == rule.behind[one.passed];
      if (next) ++one.passed;
      continue;
    }
    if (rule.kind != OutputRule::Kind::any && rule.kind != kind) continue;
    if (!rule.command.empty() && rule.command != command) continue;
    if (!rule.match.empty() && !io::glob(rule.match, text)) continue;
    if (one.seen++ < rule.skip || (rule.times && one.used >= *rule.times)) continue;
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
      case OutputRule::Action::substitute:
        replace_all(words, rule.find, rule.text);
        break;
      case OutputRule::Action::add:
        add_to_last_number(words, rule.text);
        break;
      case OutputRule::Action::corrupt:
        if (!words.empty()) words.back() = static_cast<char>(words.back() ^ 1);
        break;
      case OutputRule::Action::late:
        late = true;
        break;
      case OutputRule::Action::before:
        before += "\r\n" + rule.text + "\r\n";
        break;
      case OutputRule::Action::after:
        after += "\r\n" + rule.text + "\r\n";
        break;
      case OutputRule::Action::hang:
        trouble_ = Trouble::hang;
        break;
      case OutputRule::Action::restart:
        trouble_ = Trouble::restart;
        break;
    }
  }
  const bool result = kind == OutputRule::Kind::final_result || kind == OutputRule::Kind::connect;
  io::Bytes bytes = std::move(before);
  for (; copies > 0; --copies) {
    if (const auto number = numeric(words); !verbose_ && result && !number.empty()) {
      bytes.append(number).append("\r");
    } else if (framed) {
      bytes.append("\r\n").append(words).append("\r\n");
    } else {
      bytes.append(words).append("\n");
    }
  }
  bytes += after;
  if (late) {
    late_ += bytes;
    return;
  }
  bytes += std::exchange(late_, {});
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
  std::optional<io::Time> out;
  if (!held_.empty()) out = held_.front().due;
  if (!ready_.empty() && (!out || line_free_ < *out)) out = line_free_;
  return out;
}

io::Bytes Output::take(io::Time now) {
  if (now < line_free_) return {};
  if (byte_time_ == io::Duration{} || ready_.empty()) return std::exchange(ready_, {});
  line_free_ = now + byte_time_;
  // not moved up for every byte
  constexpr std::size_t most_gone = 4096;
  io::Bytes out = ready_.substr(gone_++, 1);
  if (gone_ == ready_.size() || gone_ == most_gone) ready_.erase(0, std::exchange(gone_, 0));
  return out;
}

}  // namespace atspec::modem
