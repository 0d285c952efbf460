#include "harness/trace/engine.hpp"

#include <iterator>

#include "harness/trace/result_code.hpp"

namespace atspec::trace {

void Engine::feed(Input input) {
  process(input);
  while (!again_.empty()) {
    const OwnedInput next = std::move(again_.front());
    again_.pop_front();
    process({next.way, next.stamp, next.bytes, next.lost});
  }
}

void Engine::log(std::optional<Doubt>& doubt, const Input& input, std::size_t bytes, std::uint64_t lost) {
  if (!doubt || (bytes == 0 && lost == 0)) return;
  doubt->log.push_back({input.way, input.stamp, io::Bytes(input.bytes.substr(0, bytes)), lost});
}

void Engine::process(Input input) {
  if (input.way == Input::Way::sent) {
    log(doubt_ ? doubt_ : base_, input, input.bytes.size(), input.lost);
    take_sent(input);
    return;
  }
  while (!input.bytes.empty() || input.lost > 0) {
    if (state_.data) {
      std::uint64_t lost = input.lost;
      const std::size_t taken = take_data(input.stamp, input.bytes, lost);
      log(base_, input, taken, input.lost - lost);
      input.bytes.remove_prefix(taken);
      input.lost = lost;
      if (candidate_) begin_doubt();
      continue;
    }
    const std::size_t taken = take_lines(input.stamp, input.bytes);
    const bool gap = taken == input.bytes.size() && !state_.data && !restart_ && input.lost > 0;
    if (gap) take_lost(input.stamp, input.lost);
    log(doubt_, input, taken, gap ? input.lost : 0);
    input.bytes.remove_prefix(taken);
    if (gap) input.lost = 0;
    if (input.bytes.empty() && !restart_) check_partial();
    if (restart_) return restart(*std::exchange(restart_, std::nullopt), &input);
  }
}

void Engine::restart(Restart how, const Input* rest) {
  Doubt doubt = std::move(*doubt_);
  doubt_.reset();
  if (rest != nullptr && (!rest->bytes.empty() || rest->lost > 0))
    again_.push_front({rest->way, rest->stamp, io::Bytes(rest->bytes), rest->lost});
  again_.insert(again_.begin(), std::make_move_iterator(doubt.log.begin()), std::make_move_iterator(doubt.log.end()));
  doubt.log.clear();

  state_ = doubt.state;
  if (doubt.answer) {
    events_.resize(doubt.answer_event);
    events_.push_back(*std::exchange(doubt.answer, std::nullopt));
  } else if (!doubt.report.empty()) {
    Event& data = events_[doubt.report_event];
    data.size += doubt.report.size();
    data.text += std::exchange(doubt.report, {});
  }
  events_.resize(doubt.events);
  if (doubt.last) {
    Event& last = events_.back();
    last.at = doubt.last->at;
    last.size = doubt.last->size;
    last.record = doubt.last->record;
    last.text.resize(doubt.last_text);
  }
  if (state_.escape_event != no_event) events_[state_.escape_event].kind = Event::Kind::sent_escape;
  state_.forced = how.forced;
  state_.leave = how.leave;
  if (how.keep) base_ = std::move(doubt);
  if (state_.forced == 0 && state_.leave) leave_data();
}

void Engine::begin_doubt() {
  candidate_ = false;
  const std::string bytes = std::exchange(state_.held, {}).substr(state_.held_shared);
  const io::Time began = state_.held_began;
  const Stamp stamp = state_.held_last;
  const bool shared = std::exchange(state_.held_shared, 0) > 0;
  state_.position -= bytes.size();
  if (base_) {
    doubt_ = std::move(base_);
    base_.reset();
    doubt_->own = true;
    doubt_->answered = false;
  } else {
    doubt_.emplace();
    doubt_->state = state_;
    doubt_->events = events_.size();
    if (state_.run != Run::none) {
      const Event& last = events_.back();
      doubt_->last = Event{.kind = last.kind, .began = last.began, .at = last.at, .text = {}, .size = last.size};
      doubt_->last->record = last.record;
      doubt_->last_text = last.text.size();
    }
    doubt_->log.push_back({Input::Way::received, stamp, bytes, 0});
  }
  doubt_->ends.push_back(state_.received);
  doubt_->upload = state_.sent > 0 && (state_.received == 0 || read_answer());
  if (!doubt_->upload) cut_report();
  leave_data();
  if (shared) state_.boundary = Boundary::closed;
  take_lines(stamp, bytes);
  events_.back().began = began;
}

/// Behind the data of an upload stands an information response in some commands (`+QFUPL: 1000,3a5b`): what the
/// device sent just before the final result, if it is framed lines and nothing else, is no data.
bool Engine::read_answer() {
  constexpr io::ByteView line_end = "\r\n";
  if (state_.run != Run::received || events_.back().text.size() < events_.back().size) return false;
  std::vector<io::ByteView> lines;
  for (io::ByteView rest = events_.back().text; !rest.empty();) {
    const std::size_t end = rest.starts_with(line_end) ? rest.find(line_end, 2) : io::ByteView::npos;
    if (end == io::ByteView::npos || end == 2 || end > longest_line) return false;
    lines.push_back(rest.substr(2, end - 2));
    rest.remove_prefix(end + 2);
  }
  doubt_->answer = std::move(events_.back());
  const Event& answer = *doubt_->answer;
  events_.pop_back();
  doubt_->answer_event = events_.size();
  std::size_t begin = 0;  // the text has moved
  for (const io::ByteView line : lines) {
    Event& event = add(Event::Kind::line, {answer.at, answer.record}, answer.began,
                       io::ByteView(answer.text).substr(begin + 2, line.size()), line.size());
    event.framed_before = event.framed_after = true;
    begin += line.size() + 4;
  }
  return true;
}

/// Behind the data of a file that is shown stands such a response too. There it is the last line before the final
/// result, names the command, and counts the bytes before it. And behind an upload that was acknowledged as it came, an
/// A for each kilobyte: there it counts the bytes that went to the device.
void Engine::cut_report() {
  constexpr io::ByteView line_end = "\r\n";
  if (state_.run != Run::received || events_.back().text.size() < events_.back().size) return;
  const io::ByteView text = events_.back().text;
  if (!text.ends_with(line_end) || text.size() < 2 * line_end.size()) return;
  const std::size_t stop = text.size() - line_end.size();
  // no farther back than a line may reach
  const std::size_t from = stop - std::min(stop, longest_line);
  const std::size_t found = text.substr(from, stop - from).rfind(line_end);
  if (found == io::ByteView::npos) return;
  const std::size_t begin = from + found;
  const io::ByteView line = text.substr(begin + line_end.size(), stop - begin - line_end.size());
  const auto report = parse_report(line);
  if (!report || !names_command(report->name)) return;
  const auto counted = announced_bytes(*report);
  const bool acknowledged = state_.sent > 0 && counted == state_.sent && begin > 0 &&
                            text.substr(0, begin).find_first_not_of('A') == io::ByteView::npos;
  if (!acknowledged && counted != state_.received - (text.size() - begin)) return;
  doubt_->upload = acknowledged;
  const io::Bytes kept(line);
  const Stamp stamp{events_.back().at, events_.back().record};
  if (begin == 0) {
    doubt_->answer = std::move(events_.back());
    events_.pop_back();
    doubt_->answer_event = events_.size();
  } else {
    doubt_->report = text.substr(begin);
    doubt_->report_event = events_.size() - 1;
    events_.back().text.resize(begin);
    events_.back().size = begin;
  }
  Event& event = add(Event::Kind::line, stamp, stamp.at, kept, kept.size());
  event.framed_before = event.framed_after = true;
}

void Engine::restarted() {
  finish();
  doubt_.reset();
  base_.reset();
  const std::uint64_t position = state_.position;
  state_ = State{};
  state_.position = position;
}

void Engine::finish() {
  // settling the last line may refute a candidate, and reading again may hold a line back anew
  for (;;) {
    if (!state_.data && state_.pending == Pending::line) {
      state_.pending = Pending::nothing;
      settle({}, false);
      if (restart_) {
        restart(*std::exchange(restart_, std::nullopt), nullptr);
        feed({Input::Way::received, {}, {}, 0});
        continue;
      }
    }
    break;
  }
  if (state_.data) release_held();
  if (state_.text_size > 0) {
    const io::Bytes text = std::exchange(state_.text, {});
    add(Event::Kind::stray, state_.text_last, state_.text_began, text, std::exchange(state_.text_size, 0));
  }
  if (state_.pluses == 3) {
    resolve_pluses(true);  // silence to the end
  } else if (state_.pluses > 0 && state_.data) {
    resolve_pluses(false);
  }
}

}  // namespace atspec::trace
