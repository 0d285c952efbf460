// Sessions for the lexer's tests, and events as text to compare them with.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "harness/trace/lex.hpp"

namespace atspec::trace {

/// What passed, in order. Time goes on by a millisecond a chunk.
class Session {
 public:
  Session& sent(std::string_view bytes) { return add(Channel::to_device, bytes); }
  Session& received(std::string_view bytes) { return add(Channel::from_device, bytes); }
  Session& peer_sent(std::string_view bytes, std::uint32_t connection = 1) {
    return add(Channel::data_from_peer, bytes, connection);
  }
  Session& peer_got(std::string_view bytes, std::uint32_t connection = 1) {
    return add(Channel::data_to_peer, bytes, connection);
  }
  Session& pause(io::Duration duration) {
    now_ += duration;
    return *this;
  }
  Session& escape() {
    using namespace std::chrono_literals;
    return pause(1100ms).sent("+++").pause(1100ms);
  }
  Session& reset() {
    trace_.records.push_back(Fact{.kind = Fact::Kind::reset_seen, .at = now_});
    return *this;
  }
  const Trace& trace() const { return trace_; }

 private:
  Session& add(Channel channel, std::string_view bytes, std::uint32_t connection = 0) {
    trace_.records.push_back(make_chunk(now_, channel, connection, bytes));
    now_ += std::chrono::milliseconds(1);
    return *this;
  }

  Trace trace_;
  io::Time now_{};
};

/// `line [A]`: brackets stand for the CR LF around it. Times and records are left out.
inline std::string show(const Event& event) {
  std::string out = fmt::format("{} {}{}{}", to_string(event.kind), event.framed_before ? "[" : "",
                                io::escape(event.text.substr(0, 200)), event.framed_after ? "]" : "");
  if (event.size != event.text.size() || event.text.size() > 200) out += fmt::format(" ({})", event.size);
  return out;
}

inline std::vector<std::string> show(const std::vector<Event>& events) {
  std::vector<std::string> out;
  for (const auto& event : events) out.push_back(show(event));
  return out;
}

inline std::vector<std::string> lexed(const Session& session) { return show(lex(session.trace())); }

}  // namespace atspec::trace
