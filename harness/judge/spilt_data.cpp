#include "harness/judge/spilt_data.hpp"

namespace atspec::judge {
namespace {

using Kind = trace::Event::Kind;

bool holds_number(std::string_view line, std::string_view number) {
  for (std::size_t at = line.find(number); at != std::string_view::npos; at = line.find(number, at + 1)) {
    const std::size_t end = at + number.size();
    const bool begins = at == 0 || std::isdigit(static_cast<unsigned char>(line[at - 1])) == 0;
    const bool ends = end == line.size() || std::isdigit(static_cast<unsigned char>(line[end])) == 0;
    if (begins && ends) return true;
  }
  return false;
}

/// Whether data mode took all the host sent for it, as far as anybody can see: the host ended it itself, or the
/// number of bytes is one the command asked for or the device announced.
bool took_all(const Exchange& exchange, const Session& session, const Index& index) {
  std::uint64_t sent = 0;
  io::Time last{};
  bool pluses = false;  // the last bytes are +++: an escape to a device that does not mind the guard times
  for (const std::size_t i : exchange.seen) {
    const auto& event = session.events[i];
    if (event.kind == Kind::sent_escape) return true;
    if (event.kind != Kind::sent_data) continue;
    pluses = event.text.ends_with("+++");
    sent += std::max<std::uint64_t>(event.size, event.text.size());
    last = event.at;
  }
  if (sent == 0 || exchange.finals.empty() || exchange.dtr_dropped) return true;
  const std::string number = std::to_string(sent);
  for (const std::size_t i : exchange.seen) {
    const auto& event = session.events[i];
    if (event.kind != Kind::line) continue;
    if (holds_number(event.text, number)) return true;
    if (pluses && sent > 3 && holds_number(event.text, std::to_string(sent - 3))) return true;
  }
  const bool in_time = session.events[exchange.finals.front()].at - last > std::chrono::milliseconds(200);
  const bool failed = std::any_of(exchange.completions.begin(), exchange.completions.end(), [&](std::size_t i) {
    return session.events[i].text.find(": 0") == std::string::npos;
  });
  for (const auto& invocation : exchange.invocations) {
    for (const auto& argument : invocation.arguments) {
      // where it failed, it may have been over while these bytes and its result were still on the line
      if (argument.text == number) return in_time || !failed;
    }
  }
  // what a download was sent while it went on, the device threw away
  const bool download =
      exchange.form != nullptr && index.traits(*exchange.form).data_mode && !index.traits(*exchange.form).only_uploads;
  return download && in_time;
}

}  // namespace

void doubt_what_follows_spilt_data(Session& session, const Index& index) {
  bool doubt = false;
  for (auto& exchange : session.exchanges) {
    if (exchange.connected && !took_all(exchange, session, index)) exchange.spilt = true;
    if (doubt || exchange.spilt) exchange.doubtful = true;
    doubt = exchange.spilt || (doubt && exchange.finals.size() != 1);
  }
}

}  // namespace atspec::judge
