// What the device sends in data mode, and where that may end.
#include "harness/trace/engine.hpp"
#include "harness/trace/result_code.hpp"

namespace atspec::trace {
namespace {

constexpr std::size_t longest_candidate = 128;
constexpr std::size_t longest_command_kept = 256;

}  // namespace

void Engine::enter_data(Stamp stamp, bool numeric) {
  state_.data = true;
  state_.asked = false;
  state_.connect_line_feed = !numeric;
  state_.ask_count = counts_ != nullptr;
  state_.announced = number_behind_connect(events_[state_.line_event].text);
  state_.forced = 0;
  state_.leave = false;
  // CONNECT and a result may share their CR LF where there is no data between (A10)
  state_.held = numeric ? "" : "\r\n";
  state_.held_shared = state_.held.size();
  state_.after_typed_cr = false;
  if (!returns_to_data_mode(state_.last_line)) {
    state_.command = state_.last_line.substr(0, longest_command_kept);
    state_.command_at = state_.last_line_at;
    state_.received = state_.sent = 0;
  }
  // what was typed without waiting for CONNECT is data now
  const io::Bytes typed = std::exchange(state_.typed, {});
  const std::uint64_t size = std::exchange(state_.typed_size, 0);
  state_.typed_echoed = 0;
  take_sent_data(stamp, typed, size - typed.size());
}

void Engine::leave_data() {
  state_.data = false;
  state_.forced = 0;
  state_.leave = false;
  state_.held.clear();
  state_.held_shared = 0;
  state_.run = Run::none;
  state_.boundary = Boundary::none;
  state_.pending = Pending::nothing;
}

/// Returns how many bytes were taken, and takes from `lost` once they all are.
std::size_t Engine::take_data(Stamp stamp, io::ByteView bytes, std::uint64_t& lost) {
  if (std::exchange(state_.connect_line_feed, false) && !bytes.empty() && bytes.front() == '\n') {
    Event& connect = events_[std::exchange(state_.line_event, no_event)];
    connect.at = stamp.at;
    connect.record = stamp.record;
    connect.framed_after = true;
    ++state_.position;
    return 1;
  }
  if (std::exchange(state_.ask_count, false)) {
    if (const auto count = counts_->remaining(
            {state_.position, state_.command_at, state_.received, state_.command, state_.numeric, state_.announced})) {
      state_.held.clear();
      state_.held_shared = 0;
      state_.forced = *count;
      state_.leave = true;
      if (*count == 0) {
        leave_data();
        return 0;
      }
    }
  }
  if (state_.forced > 0) {
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(state_.forced, bytes.size()));
    const std::uint64_t gap = bytes.empty() ? std::min(state_.forced, lost) : 0;
    add_data(stamp, stamp.at, bytes.substr(0, taken), gap);
    state_.position += taken + gap;
    state_.forced -= taken + gap;
    lost -= gap;
    if (state_.forced == 0 && state_.leave) leave_data();
    return taken;
  }
  if (!bytes.empty()) return scan(stamp, bytes);
  release_held();
  add_data(stamp, stamp.at, {}, lost);
  state_.position += std::exchange(lost, 0);
  return 0;
}

/// Takes bytes up to the end of the next candidate.
std::size_t Engine::scan(Stamp stamp, io::ByteView bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && !candidate_) {
    if (state_.held.empty()) {
      const std::size_t found = state_.numeric ? bytes.find_first_of("\r034678", at) : bytes.find('\r', at);
      const std::size_t begin = std::min(found, bytes.size());
      add_data(stamp, stamp.at, bytes.substr(at, begin - at), 0);
      state_.position += begin - at;
      at = begin;
      if (at == bytes.size()) break;
    } else if (!hold(bytes[at])) {
      release_held();
      continue;
    }
    if (state_.held.size() == state_.held_shared) state_.held_began = stamp.at;
    state_.held += bytes[at++];
    state_.held_last = stamp;
    ++state_.position;
  }
  return at;
}

/// Whether `held` and this byte may still become a final result, framed, or a V0 number and its CR.
bool Engine::hold(char c) {
  const std::string_view held = state_.held;
  if (held.front() != '\r') return candidate_ = c == '\r';
  if (held.size() == 1) return c == '\n';
  const std::string_view word = held.substr(2);
  if (word.ends_with('\r')) return candidate_ = c == '\n';
  if (c == '\r') return classify(word) == Code::final_result;
  if (held.size() >= longest_candidate || static_cast<unsigned char>(c) < 0x20) return false;
  return may_become_final(std::string(word) + c);
}

void Engine::release_held() {
  const std::string bytes = std::exchange(state_.held, {}).substr(std::exchange(state_.held_shared, 0));
  add_data(state_.held_last, state_.held_began, bytes, 0);
}

void Engine::add_data(Stamp stamp, io::Time began, io::ByteView bytes, std::uint64_t lost) {
  if (bytes.empty() && lost == 0) return;
  state_.received += bytes.size() + lost;
  if (state_.run != Run::received) {
    add(Event::Kind::data, stamp, began, {}, 0);
    state_.run = Run::received;
  }
  Event& event = events_.back();
  event.at = stamp.at;
  event.record = stamp.record;
  if (event.text.size() == event.size)
    event.text.append(bytes.substr(0, kept_data - std::min<std::size_t>(kept_data, event.text.size())));
  event.size += bytes.size() + lost;
}

}  // namespace atspec::trace
