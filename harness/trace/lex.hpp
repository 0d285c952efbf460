// Events: a trace read as AT traffic (V.250 §5.7). A view, not a record: where a downloaded
// "\r\nOK\r\n" ends is only known from the peer's byte count or from a later URC, so the same bytes
// may lex differently once more is known.
//
// End of data mode, in this order: the byte count of the peer's data channel where the trace has it;
// a result line whose following URC announces just the bytes seen (received, or sent); else the last
// result line after which everything lexes as lines.
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
  std::uint64_t size = 0;      ///< of data: the true size, text may be cut
  bool framed_before = false;  ///< CR LF directly before it
  bool framed_after = false;   ///< CR LF directly after it
  std::size_t record = 0;      ///< index into Trace::records of the chunk it ends in
};
std::string_view to_string(Event::Kind kind);

std::vector<Event> lex(const Trace& trace);

/// The same, growing: what the executor asks while a session runs. Feeding chunk by chunk or byte by
/// byte yields the same events.
class Lexer {
 public:
  void sent(io::Time at, io::ByteView bytes);
  void received(io::Time at, io::ByteView bytes);

  /// All events so far; the last ones may still change while data mode is open.
  const std::vector<Event>& events() const;
  /// Whether the device is in data mode as far as can be seen.
  bool data_mode() const;

  Lexer();
  ~Lexer();
  Lexer(Lexer&&) noexcept;
  Lexer& operator=(Lexer&&) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::trace
