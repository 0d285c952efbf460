// The lexer's machine. It reads both directions byte by byte in order of time and never looks ahead, so that
// how the bytes were cut into chunks makes no difference.
//
// In data mode the bytes of a download are not escaped (manual 2.6 QFTPGET-10): a framed final result is only a
// *candidate* for the end. From there on the bytes are read as lines, while a copy of what comes is kept. What is
// no line refutes the candidate: the state before it is restored and the copy is read again, as data up to the
// fault. A URC that announces the bytes so far, or an answer to a later command line, confirms it. A second final
// result without a command between is the better candidate. With a known byte count (Counts) there is no doubt.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/trace/command_lines.hpp"
#include "harness/trace/lex.hpp"

namespace atspec::trace {

inline constexpr std::size_t kept_text = 64 * 1024;         ///< of a line or noise
inline constexpr std::size_t kept_data = 16 * 1024 * 1024;  ///< of one run of data
inline constexpr std::size_t longest_line = 4096;           ///< longer ones are noise behind data
inline constexpr std::size_t longest_doubt = 64 * 1024;     ///< lines this long after a candidate confirm it
inline constexpr std::size_t most_candidates = 8;
/// Silence that makes +++ an escape: the manual's second (1.5 DATA-07), less what a clock may be off.
inline constexpr io::Duration guard_silence = std::chrono::milliseconds(900);

struct Stamp {
  io::Time at{};
  std::size_t record = 0;
};

/// Knows how many bytes a download has, where the trace tells.
class Counts {
 public:
  virtual ~Counts() = default;
  /// Bytes still to come in the data mode that begins at byte `position` of all received; the command was
  /// sent at `command_at`, `received` bytes came in earlier stretches of the same transfer.
  virtual std::optional<std::uint64_t> remaining(std::uint64_t position, io::Time command_at, std::uint64_t received,
                                                 std::string_view command) = 0;
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
  struct Input {
    enum class Way { sent, received } way;
    Stamp stamp;
    io::ByteView bytes;
    std::uint64_t lost = 0;
  };
  struct OwnedInput {
    Input::Way way;
    Stamp stamp;
    io::Bytes bytes;
    std::uint64_t lost = 0;
  };

  enum class Pending { nothing, empty, line };   ///< a CR was read: after nothing, after a line
  enum class Boundary { none, opened, closed };  ///< directly before: CR LF of a frame, of a line's end
  enum class Run { none, sent, received };       ///< the last event is data of that way
  static constexpr std::size_t no_event = SIZE_MAX;

  /// All that reading on depends on, but for the events themselves.
  struct State {
    // to the device
    std::string typed;  ///< of a command line, before its CR
    std::uint64_t typed_size = 0;
    std::size_t typed_echoed = 0;
    io::Time typed_began{};
    bool after_typed_cr = false;
    std::optional<io::Time> last_sent;
    unsigned pluses = 0;  ///< of a possible escape
    Stamp first_plus, last_plus;
    std::size_t escape_event = no_event;
    Run run_before_escape = Run::none;
    CommandLines lines;
    bool asked = true;  ///< a CONNECT may come
    std::string last_line;
    io::Time last_line_at{};

    // from the device, command mode
    std::uint64_t position = 0;  ///< bytes received
    std::string text;
    std::uint64_t text_size = 0;
    std::uint64_t text_position = 0;
    io::Time text_began{};
    Stamp text_last;
    Boundary text_boundary = Boundary::none;
    Boundary boundary = Boundary::none;
    Pending pending = Pending::nothing;
    std::size_t line_event = no_event;  ///< whose CR was read
    bool numeric = false;               ///< V0 results were seen

    // data mode
    bool data = false;
    bool connect_line_feed = false;  ///< the LF of CONNECT may come
    bool ask_count = false;
    std::uint64_t forced = 0;     ///< bytes that are data whatever they look like
    bool leave = false;           ///< data mode ends with them
    std::string held;             ///< possible beginning of a candidate
    std::size_t held_shared = 0;  ///< bytes of it that belong to CONNECT
    io::Time held_began{};
    Stamp held_last;
    Run run = Run::none;
    std::uint64_t received = 0;  ///< of this transfer
    std::uint64_t sent = 0;
    std::string command;
    io::Time command_at{};
  };

  /// A doubtful end of data mode.
  struct Doubt {
    State state;  ///< before the first candidate
    std::size_t events = 0;
    std::optional<Event> last;  ///< the run of data before it, without its text
    std::size_t last_text = 0;
    std::vector<std::uint64_t> ends;  ///< data bytes before each candidate
    std::vector<OwnedInput> log;      ///< all since the first candidate's first byte
    std::optional<Event> answer;      ///< the last run of data, read as lines (see read_answer)
    std::size_t answer_event = 0;     ///< where it stood
    bool upload = false;              ///< the data went to the device
    bool own = true;                  ///< the candidate itself is being read
    bool answered = false;            ///< a command line was sent since: the next answer confirms
  };
  struct Restart {
    std::uint64_t forced = 0;  ///< data bytes since the first candidate's first byte
    bool leave = false;
    bool keep = false;  ///< the earlier candidates stay possible
  };

  void feed(Input input);
  void process(Input input);
  void restart(Restart how, const Input* rest);
  void begin_doubt();
  bool read_answer();
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
