#include "harness/trace/upload_answer.hpp"

namespace atspec::trace {
namespace {

constexpr std::string_view crlf = "\r\n";

/// CR LF framed lines and nothing else.
bool only_framed_lines(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.starts_with(crlf) ? text.find(crlf, 2) : std::string_view::npos;
    if (end == std::string_view::npos || end == 2) return false;
    text.remove_prefix(end + 2);
  }
  return true;
}

bool is_answer(const std::vector<Event>& events, std::size_t i, bool uploading) {
  const Event& event = events[i];
  return uploading && event.kind == Event::Kind::data && i + 1 < events.size() &&
         events[i + 1].kind == Event::Kind::final_result && event.text.size() == event.size &&
         only_framed_lines(event.text);
}

/// Whether the host has sent data since the last CONNECT.
bool still_uploading(bool before, const Event& event) {
  if (event.kind == Event::Kind::sent_data) return true;
  return before && event.kind != Event::Kind::connect && event.kind != Event::Kind::final_result &&
         event.kind != Event::Kind::sent_line;
}

}  // namespace

bool has_upload_answer(const std::vector<Event>& events) {
  bool uploading = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (is_answer(events, i, uploading)) return true;
    uploading = still_uploading(uploading, events[i]);
  }
  return false;
}

std::vector<Event> with_upload_answers(const std::vector<Event>& events) {
  std::vector<Event> out;
  bool uploading = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool answer = is_answer(events, i, uploading);
    uploading = still_uploading(uploading, events[i]);
    if (!answer) {
      out.push_back(events[i]);
      continue;
    }
    for (std::string_view text = events[i].text; !text.empty();) {
      const auto end = text.find(crlf, 2);
      Event line = events[i];
      line.kind = Event::Kind::line;
      line.text = text.substr(2, end - 2);
      line.size = line.text.size();
      line.framed_before = line.framed_after = true;
      out.push_back(std::move(line));
      text.remove_prefix(end + 2);
    }
  }
  return out;
}

}  // namespace atspec::trace
