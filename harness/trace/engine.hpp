// The lexer's machine. It reads both directions byte by byte in order of time and never looks ahead, so that
// how the bytes were cut into chunks makes no difference.
//
// In data mode the bytes of a download are not escaped (manual 2.6 QFTPGET-10): a framed final result is only a
// *candidate* for the end. From there on the bytes are read as lines, while a copy of what comes is kept. What is
// no line refutes the candidate: the state before it is restored and the copy is read again, as data up to the
// fault. A URC that announces the bytes so far, or an answer to a later command line, confirms it. A second final
// result without a command between is the better candidate. With a known byte count (Counts) there is no doubt.
// Some commands report between their data and the result (`+QFDWL: 1000,3a5b`): such a line that counts just the bytes
// before it goes with the candidate, and is data again with it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/trace/engine_state.hpp"
#include "harness/trace/lex.hpp"

namespace atspec::trace {

/// Knows how many bytes a download has, where the trace tells.
class Counts {
 public:
  virtual ~Counts() = default;
  struct Asked {
    std::uint64_t position = 0;  ///< of all bytes received, where this stretch of data mode begins
    io::Time command_at{};       ///< when the command was sent
    std::uint64_t received = 0;  ///< bytes that came in earlier stretches of the same transfer
    std::string_view command;
    bool numeric = false;                    ///< results are V0's
    std::optional<std::uint64_t> announced;  ///< a number behind CONNECT
  };
  /// Bytes still to come.
  virtual std::optional<std::uint64_t> remaining(const Asked& asked) = 0;
};

class Engine {
 public:
  explicit Engine(Counts* counts) : counts_(counts) {}

  void sent(Stamp stamp, io::ByteView bytes, std::uint64_t lost = 0) { feed({Input::Way::sent, stamp, bytes, lost}); }
  /// `lost`: bytes after these that are not in the trace.
  void received(Stamp stamp, io::ByteView bytes, std::uint64_t lost = 0) {
    feed({Input::Way::received, stamp, bytes, lost});
  }
  /// The device was restarted: it is in command mode and owes nothing.
  void restarted();
  /// Nothing more comes.
  void finish();

  const std::vector<Event>& events() const { return events_; }
  std::vector<Event> take_events() { return std::move(events_); }
  bool data_mode() const { return state_.data; }

 private:
  void feed(Input input);
  void process(Input input);
  void restart(Restart how, const Input* rest);
  void begin_doubt();
  bool read_answer();
  void cut_report();
  static void log(std::optional<Doubt>& doubt, const Input& input, std::size_t bytes, std::uint64_t lost);

  // engine_sent.cpp
  void take_sent(const Input& input);
  void take_plain(Stamp stamp, io::ByteView bytes);
  void take_sent_data(Stamp stamp, io::ByteView bytes, std::uint64_t lost);
  bool take_pluses(Stamp stamp, io::ByteView& bytes);
  void resolve_pluses(bool escaped);

  // engine_lines.cpp
  std::size_t take_lines(Stamp stamp, io::ByteView bytes);
  void take_lost(Stamp stamp, std::uint64_t lost);
  void end_text(Stamp stamp, io::ByteView text, bool by_cr);
  void settle(Stamp stamp, bool line_feed);
  void review(const Event& event);
  void review_candidate();
  bool may_follow(io::ByteView text, bool whole) const;
  bool may_be_line(io::ByteView text, std::uint64_t size) const;
  void check_partial();
  bool names_command(std::string_view name) const;
  Event& add(Event::Kind kind, Stamp stamp, io::Time began, io::ByteView text, std::uint64_t size);
  std::uint64_t doubt_offset() const;

  // engine_data.cpp
  void enter_data(Stamp stamp, bool numeric);
  void leave_data();
  std::size_t take_data(Stamp stamp, io::ByteView bytes, std::uint64_t& lost);
  std::size_t scan(Stamp stamp, io::ByteView bytes);
  bool hold(char c);
  void release_held();
  void add_data(Stamp stamp, io::Time began, io::ByteView bytes, std::uint64_t lost);

  Counts* counts_;
  State state_;
  std::vector<Event> events_;
  std::optional<Doubt> doubt_;  ///< read as lines, may be data
  std::optional<Doubt> base_;   ///< being read again as data, up to a better candidate
  std::optional<Restart> restart_;
  bool candidate_ = false;  ///< `held` is one
  std::deque<OwnedInput> again_;
};

}  // namespace atspec::trace
