// What the host sends: command lines, data, and +++ between two silences.
#include "harness/trace/engine.hpp"
#include "harness/trace/result_code.hpp"

namespace atspec::trace {

void Engine::take_sent(const Input& input) {
  io::ByteView bytes = input.bytes;
  if (!bytes.empty() && !take_pluses(input.stamp, bytes)) take_plain(input.stamp, bytes);
  if (input.lost == 0) return;
  if (state_.data) {
    take_sent_data(input.stamp, {}, input.lost);
  } else {
    state_.typed_size += input.lost;
  }
}

/// All bytes of one write have the same time: only its first ones can be an escape, and only if they are all.
bool Engine::take_pluses(Stamp stamp, io::ByteView& bytes) {
  const bool plus = bytes.front() == '+';
  if (state_.pluses == 3) {
    resolve_pluses(stamp.at - state_.last_plus.at >= guard_silence);
  } else if (state_.pluses > 0 && (!plus || stamp.at - state_.first_plus.at > escape_window)) {
    resolve_pluses(false);
  }
  const bool silent = !state_.last_sent || stamp.at - *state_.last_sent >= guard_silence;
  state_.last_sent = stamp.at;
  if (state_.pluses == 0 && !(plus && silent && (state_.data || state_.typed_size == 0))) return false;
  while (!bytes.empty() && bytes.front() == '+' && state_.pluses < 3) {
    if (state_.pluses++ == 0) state_.first_plus = stamp;
    state_.last_plus = stamp;
    bytes.remove_prefix(1);
  }
  if (!bytes.empty()) {
    resolve_pluses(false);
    return false;
  }
  if (state_.pluses == 3 && state_.data) {  // at its place now; another kind if the silence after it fails
    state_.run_before_escape = state_.run;
    add(Event::Kind::sent_escape, stamp, state_.first_plus.at, "+++", 3);
    state_.escape_event = events_.size() - 1;
  }
  return true;
}

void Engine::resolve_pluses(bool escaped) {
  const unsigned count = std::exchange(state_.pluses, 0);
  const std::size_t event = std::exchange(state_.escape_event, no_event);
  if (escaped) {
    if (event == no_event) add(Event::Kind::sent_escape, state_.last_plus, state_.first_plus.at, "+++", 3);
  } else if (event != no_event && event + 1 == events_.size()) {  // nothing came between: part of the data around it
    events_.pop_back();
    state_.run = state_.run_before_escape;
    take_plain(state_.last_plus, "+++");
  } else if (event != no_event) {
    events_[event].kind = Event::Kind::sent_data;
    state_.sent += count;
  } else {
    take_plain(state_.last_plus, io::ByteView("+++").substr(0, count));
  }
}

void Engine::take_plain(Stamp stamp, io::ByteView bytes) {
  while (!bytes.empty() && !state_.data) {
    if (std::exchange(state_.after_typed_cr, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(bytes.find('\r'), bytes.size());
    if (state_.typed_size == 0) state_.typed_began = stamp.at;
    state_.typed.append(bytes.substr(0, std::min(end, kept_text - std::min(kept_text, state_.typed.size()))));
    state_.typed_size += end;
    if (end == bytes.size()) return;
    bytes.remove_prefix(end + 1);
    state_.after_typed_cr = true;

    const io::Bytes line = std::exchange(state_.typed, {});
    const std::uint64_t size = std::exchange(state_.typed_size, 0);
    add(Event::Kind::sent_line, stamp, size == 0 ? stamp.at : state_.typed_began, line, size);
    const std::size_t echoed = std::exchange(state_.typed_echoed, 0);
    if (line.empty()) continue;
    state_.lines.sent(line, stamp.at, echoed);
    if (!has_command_prefix(line)) continue;
    state_.asked = true;
    state_.last_line = line.substr(0, longest_line);
    state_.last_line_at = stamp.at;
    if (doubt_) doubt_->answered = true;
  }
  if (state_.data) take_sent_data(stamp, bytes, 0);
}

void Engine::take_sent_data(Stamp stamp, io::ByteView bytes, std::uint64_t lost) {
  if (bytes.empty() && lost == 0) return;
  state_.sent += bytes.size() + lost;
  if (state_.run != Run::sent) {
    add(Event::Kind::sent_data, stamp, stamp.at, {}, 0);
    state_.run = Run::sent;
  }
  Event& event = events_.back();
  event.at = stamp.at;
  event.record = stamp.record;
  // a text with a hole in it would lie: what follows one is only counted
  if (event.text.size() == event.size)
    event.text.append(bytes.substr(0, kept_data - std::min<std::size_t>(kept_data, event.text.size())));
  event.size += bytes.size() + lost;
}

}  // namespace atspec::trace
