// Events: a trace read as AT traffic (V.250 §5.7). A view, not a record: where a downloaded
// "\r\nOK\r\n" ends is only known from the peer's byte count or from a later URC, so the same bytes
// may lex differently once more is known.
//
// End of data mode, in this order: the byte count of the peer's data channel where the trace has it and
// a result stands there; a result line whose following URC announces just the bytes seen (received, or
// sent); else the last result line, before the next command line, after which everything lexes as lines
// (of an upload the first: a device that is given data sends none).
//
// A CR LF is used once: behind a line it ends that line and is no frame for the next, so in
// "\r\nA\r\nB\r\n" A is framed on both sides and B only behind. A CR LF behind an echo is the one before the
// answer. Empty lines are no events; nor is a command line that never got its CR.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/trace/trace.hpp"

namespace atspec::trace {

struct Event {
  enum class Kind {
    sent_line,     ///< a command line, without CR; text is what the device has of it (backspaces kept)
    sent_data,     ///< bytes to the device in data mode, guarded +++ not among them
    sent_escape,   ///< +++ with silence around it
    echo,          ///< the device repeats what was sent
    line,          ///< information response or URC: which of both is the judge's to say
    final_result,  ///< OK, ERROR, +CME ERROR: n, NO CARRIER, …, or their V0 numbers
    connect,       ///< CONNECT, CONNECT <text>
    data,          ///< bytes from the device in data mode
    stray          ///< bytes that are no line: missing CR LF around text, noise
  } kind = Kind::line;
  io::Time began{};            ///< first byte
  io::Time at{};               ///< last byte
  std::string text;            ///< the line without CR LF, or the bytes
  std::uint64_t size = 0;      ///< the true size: of data and noise, text may be only the beginning
  bool framed_before = false;  ///< CR LF directly before it
  bool framed_after = false;   ///< CR LF directly after it
  std::size_t record = 0;      ///< index into Trace::records of the chunk it ends in; for Lexer, which call
};
std::string_view to_string(Event::Kind kind);

std::vector<Event> lex(const Trace& trace);

/// The same, growing and without the peer's byte counts: what the executor asks while a session runs.
/// Feeding chunk by chunk or byte by byte yields the same events.
class Lexer {
 public:
  void sent(io::Time at, io::ByteView bytes);
  void received(io::Time at, io::ByteView bytes);

  /// All events so far; the last ones may still change while data mode is open. A line is there once its CR
  /// has come. Text that has no end yet is not among them, nor are bytes that may become the end of data.
  const std::vector<Event>& events() const;
  /// Whether the device is in data mode as far as can be seen.
  bool data_mode() const;

  Lexer();
  ~Lexer();
  Lexer(Lexer&&) noexcept;
  Lexer& operator=(Lexer&&) noexcept;

 private:
  friend std::vector<Event> lex(const Trace& trace);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::trace
