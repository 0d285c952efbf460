// What the device sends in command mode: lines, results, echo (V.250 §5.7.1), and whether they speak for a
// doubtful end of data mode.
#include <cstring>

#include "harness/trace/engine.hpp"
#include "harness/trace/result_code.hpp"

namespace atspec::trace {
namespace {

bool is_text(io::ByteView text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

bool contains_ignoring_case(std::string_view where, std::string_view what) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; };
  return std::search(where.begin(), where.end(), what.begin(), what.end(),
                     [&](char a, char b) { return upper(a) == upper(b); }) != where.end();
}

}  // namespace

Event& Engine::add(Event::Kind kind, Stamp stamp, io::Time began, io::ByteView text, std::uint64_t size) {
  state_.run = Run::none;
  Event& event = events_.emplace_back();
  event.kind = kind;
  event.began = began;
  event.at = stamp.at;
  event.text = text;
  event.size = size;
  event.record = stamp.record;
  return event;
}

/// Returns how many bytes were taken: all, unless data mode begins or a candidate is refuted.
std::size_t Engine::take_lines(Stamp stamp, io::ByteView bytes) {
  const std::uint64_t begin = state_.position;
  const char* const first = bytes.data();
  const char* const last = first + bytes.size();
  const char* carriage_return = nullptr;  // the next one, looked for only once
  const auto done = [&](const char* at) {
    state_.position = begin + static_cast<std::uint64_t>(at - first);
    return static_cast<std::size_t>(at - first);
  };
  const char* at = first;
  while (at < last) {
    if (doubt_ && (*at == '\r' || *at == '\n') &&
        begin + static_cast<std::uint64_t>(at - first) - doubt_->state.position > longest_doubt)
      doubt_.reset();  // so long a row of lines is no data
    if (state_.pending != Pending::nothing) {
      const bool line_feed = *at == '\n';
      if (line_feed) ++at;
      if (std::exchange(state_.pending, Pending::nothing) == Pending::line) {
        settle(stamp, line_feed);
        if (restart_) return done(at);
      } else {
        state_.boundary = line_feed ? Boundary::opened : Boundary::none;
      }
      continue;
    }
    if (*at == '\r' || *at == '\n') {
      const bool by_cr = *at++ == '\r';
      if (state_.text_size == 0) {
        state_.pending = by_cr ? Pending::empty : Pending::nothing;
        state_.boundary = Boundary::none;
        continue;
      }
      const io::Bytes text = std::exchange(state_.text, {});
      end_text(stamp, text, by_cr);
      if (restart_ || state_.data) return done(at);
      continue;
    }
    if (carriage_return == nullptr || carriage_return < at) {
      const void* found = std::memchr(at, '\r', static_cast<std::size_t>(last - at));
      carriage_return = found == nullptr ? last : static_cast<const char*>(found);
    }
    const void* line_feed = std::memchr(at, '\n', static_cast<std::size_t>(carriage_return - at));
    const char* const end = line_feed == nullptr ? carriage_return : static_cast<const char*>(line_feed);
    if (state_.text_size == 0) {
      state_.text_position = begin + static_cast<std::uint64_t>(at - first);
      state_.text_began = stamp.at;
      state_.text_boundary = std::exchange(state_.boundary, Boundary::none);
    }
    const io::ByteView run(at, static_cast<std::size_t>(end - at));
    at = end;
    state_.text_size += run.size();
    state_.text_last = stamp;
    if (state_.text_size == run.size() && end < last && run.size() <= kept_text) {
      const bool by_cr = *at++ == '\r';  // the whole line is here: no copy
      end_text(stamp, run, by_cr);
      if (restart_ || state_.data) return done(at);
    } else if (state_.text.size() == state_.text_size - run.size()) {
      state_.text.append(run.substr(0, kept_text - state_.text.size()));
    }
  }
  return done(last);
}

void Engine::take_lost(Stamp stamp, std::uint64_t lost) {
  if (std::exchange(state_.pending, Pending::nothing) == Pending::line) settle(stamp, false);
  if (restart_) return;
  if (state_.text_size == 0) {
    state_.text_position = state_.position;
    state_.text_began = stamp.at;
    state_.text_boundary = Boundary::none;
  }
  state_.boundary = Boundary::none;
  state_.text_size += lost;
  state_.text_last = stamp;
  state_.position += lost;
}

/// A run of text ended by CR or by LF.
void Engine::end_text(Stamp stamp, io::ByteView text, bool by_cr) {
  using Kind = Event::Kind;
  const std::uint64_t size = std::exchange(state_.text_size, 0);
  const io::Time began = state_.text_began;
  const bool framed = state_.text_boundary == Boundary::opened;
  if (doubt_ && !doubt_->own && !may_be_line(text, size)) {
    restart_ = Restart{.forced = doubt_offset()};
    return;
  }
  Kind kind = Kind::line;
  if (text.size() < size) {
    kind = Kind::stray;  // nobody sends such lines
  } else if (by_cr && !(state_.lines.empty() && state_.typed.empty())) {
    const auto echo = state_.lines.take_echo(text, framed);
    const std::string_view open =
        std::string_view(state_.typed).substr(std::min(state_.typed_echoed, state_.typed.size()));
    if (echo) {
      if (echo->begin > 0) {
        const Event& noise = add(Kind::stray, stamp, began, text.substr(0, echo->begin), echo->begin);
        if (doubt_) review(noise);
        text.remove_prefix(echo->begin);
      }
      kind = Kind::echo;
    } else if (!open.empty() && text == open) {  // a URC comes between the echo of what is typed and its CR
      state_.typed_echoed = state_.typed.size();
      kind = Kind::echo;
    }
  }
  bool numeric = false;
  if (kind == Kind::line) {
    Code code = classify(text);
    if (code == Code::none && by_cr && text.size() == 1 && !framed && state_.lines.oldest() != nullptr) {
      code = classify_number(text.front());
      numeric = code != Code::none;
      // the LF of another line could follow this first number: V0 has to be seen before
      if (code == Code::connect && !state_.numeric) code = Code::none;
    }
    if (code == Code::connect && !state_.asked) code = Code::none;
    if (code == Code::final_result) kind = Kind::final_result;
    if (code == Code::connect) kind = Kind::connect;
  }
  Event& event = add(kind, stamp, began, text, kind == Kind::echo ? text.size() : size);
  event.framed_before = framed && kind != Kind::echo && kind != Kind::stray;
  state_.line_event = events_.size() - 1;
  if (kind == Kind::connect) {
    if (doubt_) doubt_.reset();  // a CONNECT is taken for one only when a command asked for it
    enter_data(stamp, numeric);
  } else if (by_cr) {
    state_.pending = Pending::line;
  } else {
    state_.boundary = Boundary::none;
    if (kind == Kind::final_result) state_.lines.answered();
    if (doubt_) review(event);
  }
}

/// Whether a report is of the command that opened data mode.
bool Engine::names_command(std::string_view name) const { return contains_ignoring_case(state_.command, name); }

/// The byte after a line's CR has come.
void Engine::settle(Stamp stamp, bool line_feed) {
  Event& event = events_[state_.line_event];
  state_.line_event = no_event;
  const bool numeric =
      event.kind == Event::Kind::final_result && event.text.size() == 1;  // no word of V1 is that short
  if (numeric) {
    state_.numeric = !line_feed;
    if (line_feed) event.kind = Event::Kind::line;
  }
  state_.boundary = Boundary::none;
  if (line_feed) {
    // the CR LF behind an echo is the one before the answer
    state_.boundary = event.kind == Event::Kind::echo ? Boundary::opened : Boundary::closed;
    if (event.kind != Event::Kind::echo) {
      event.at = stamp.at;
      event.record = stamp.record;
      event.framed_after = event.kind != Event::Kind::stray;
    }
  }
  if (event.kind == Event::Kind::final_result) state_.lines.answered();
  const bool announces = event.kind == Event::Kind::line && line_feed && announces_text(event.text);
  if (doubt_) review(event);
  state_.text_announced = announces;
}

/// Whether text without a frame of its own may stand behind data mode: where one CR LF is both the end of a line
/// and the beginning of the next (A10), or in V0.
bool Engine::may_follow(io::ByteView text, bool whole) const {
  if (state_.text_boundary == Boundary::none && !state_.numeric) return false;
  if (text.front() == '+' || text.front() == '^' || state_.text_announced) return true;
  if (state_.numeric && text.size() == 1 && classify_number(text.front()) != Code::none) return true;
  if (!whole)
    return may_become_final(text) || io::ByteView("CONNECT ").starts_with(text) || text.starts_with("CONNECT ");
  return classify(text) != Code::none;
}

void Engine::review(const Event& event) {
  using Kind = Event::Kind;
  if (std::exchange(doubt_->own, false)) {
    // a V0 number turns out to be a line when a LF follows its CR: its digit was data
    if (event.kind != Kind::final_result) restart_ = Restart{.forced = doubt_->ends.back() - doubt_->ends.front() + 1};
    return;
  }
  if (event.kind == Kind::echo) return;
  const bool number = event.kind == Kind::final_result && event.text.size() == 1;
  const bool clean = event.kind != Kind::stray && event.size <= longest_line && is_text(event.text) &&
                     (number || (event.framed_after && (event.framed_before || may_follow(event.text, true))));
  if (!clean) {
    restart_ = Restart{.forced = doubt_offset()};
  } else if (event.kind == Kind::final_result) {
    review_candidate();
  } else if (const auto report = parse_report(event.text); report && names_command(report->name)) {
    const auto announced = announced_bytes(*report);
    const auto& ends = doubt_->ends;
    const auto end = announced ? std::find(ends.begin(), ends.end(), *announced) : ends.end();
    const bool counts_report = end != ends.end() && (!doubt_->report.empty() || doubt_->answer) && state_.sent == 0;
    if (end != ends.end() && (*end != ends.back() || counts_report)) {
      restart_ = Restart{.forced = *end - ends.front(), .leave = true};
    } else if (end != ends.end() || (state_.sent > 0 && announced == state_.sent)) {
      doubt_.reset();
    }
  }
}

/// A final result behind the candidate.
void Engine::review_candidate() {
  if (doubt_->answered) return doubt_.reset();
  // an upload: the device sends no data that could go on
  if (doubt_->upload) return;
  restart_ = Restart{.forced = doubt_offset(), .keep = doubt_->ends.size() < most_candidates};
}

/// Where in the received bytes since the first candidate the last text begins, with the CR LF before it.
std::uint64_t Engine::doubt_offset() const {
  const std::uint64_t before = state_.text_boundary == Boundary::none ? 0 : 2;
  return state_.text_position - before - doubt_->state.position;
}

/// What has come of a line may tell already that it is none.
bool Engine::may_be_line(io::ByteView text, std::uint64_t size) const {
  const auto open = std::string_view(state_.typed).substr(std::min(state_.typed_echoed, state_.typed.size()));
  return size <= longest_line && (state_.text_boundary == Boundary::opened || may_follow(text, false) ||
                                  state_.lines.may_become_echo(text) || (!open.empty() && open.starts_with(text)));
}

void Engine::check_partial() {
  if (!doubt_ || doubt_->own || state_.data || state_.text_size == 0 || state_.pending != Pending::nothing) return;
  if (!may_be_line(state_.text, state_.text_size)) restart_ = Restart{.forced = doubt_offset()};
}

}  // namespace atspec::trace
