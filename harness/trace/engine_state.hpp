// What the lexer's machine (engine.hpp) remembers: small enough to be copied where the end of data mode is in doubt.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
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
/// The three + come within this (1.5 DATA-08), with the same allowance.
inline constexpr io::Duration escape_window = std::chrono::milliseconds(1100);

struct Stamp {
  io::Time at{};
  std::size_t record = 0;
};

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
inline constexpr std::size_t no_event = SIZE_MAX;

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
  bool text_announced = false;        ///< the next line is the text of a short message

  // data mode
  bool data = false;
  bool connect_line_feed = false;  ///< the LF of CONNECT may come
  bool ask_count = false;
  std::optional<std::uint64_t> announced;  ///< CONNECT 500: so many bytes, or the speed of the line
  std::uint64_t forced = 0;                ///< bytes that are data whatever they look like
  bool leave = false;                      ///< data mode ends with them
  std::string held;                        ///< possible beginning of a candidate
  std::size_t held_shared = 0;             ///< bytes of it that belong to CONNECT
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
  io::Bytes report;                 ///< cut off the last run of data (see cut_report)
  std::size_t report_event = 0;     ///< that run
  bool upload = false;              ///< the data went to the device
  bool own = true;                  ///< the candidate itself is being read
  bool answered = false;            ///< a command line was sent since: the next answer confirms
};
struct Restart {
  std::uint64_t forced = 0;  ///< data bytes since the first candidate's first byte
  bool leave = false;
  bool keep = false;  ///< the earlier candidates stay possible
};

}  // namespace atspec::trace
