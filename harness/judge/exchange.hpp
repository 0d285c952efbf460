// A trace read as a conversation: one Exchange per command line, with what the device said to it. A
// report is given to the command it names, not to the line that happens to be the latest: a URC may
// arrive while a later command is under way (manual 2 GEN-03).
//
// What cannot be told apart is marked, not guessed: command lines sent before the one before them was
// answered, or after bytes of which nobody knows whether data mode took them, are `doubtful`, and nobody
// accuses them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/judge/index.hpp"
#include "harness/trace/lex.hpp"
#include "harness/trace/trace.hpp"

namespace atspec::judge {

struct Exchange {
  std::string line;  ///< without CR, backspaces carried out (V.250 §5.2.2)
  std::size_t event = 0;
  std::size_t record = 0;
  io::Time sent{};  ///< the CR
  bool body = false;
  bool prefixed = true;   ///< begins with AT
  bool doubtful = false;  ///< what was said to it cannot be told from what was said to its neighbours
  /// Bytes for its data mode, or before its AT, may have been taken for commands: all may have changed.
  bool spilt = false;
  std::vector<spec::Invocation> invocations;
  /// Of a line with a single command the spec knows; `form` null: no form of it fits.
  const spec::Command* command = nullptr;
  const spec::Form* form = nullptr;

  std::vector<std::size_t> seen;  ///< its events in order: lines, CONNECT, data, finals, what was sent in data mode
  std::vector<std::size_t> finals, completions;
  bool connected = false;
  bool told_first = false;          ///< what may come as its URC stood before its final result, where it may (A34)
  bool refused = false;             ///< the first answer was ERROR or +CME ERROR
  std::optional<io::Time> ran_out;  ///< a wait for more of it ended here in vain
  std::optional<io::Time> cut;      ///< reset or lost line: nothing after is its fault
  bool dtr_dropped = false;         ///< in its data mode

  /// What belongs to it lies after its CR and before these; an exchange still owed something reaches further.
  io::Time until{};
  std::size_t until_record = 0;
  std::size_t until_event = 0;
  bool finished = false;  ///< nothing more is owed
};

/// A step fact, its tokens filled in.
struct StepTaken {
  std::size_t record = 0;
  io::Time at{};
  std::string subject;
  std::vector<std::string> clauses;
  std::optional<std::size_t> exchange;  ///< the latest command line before it
  bool ran_out = false;                 ///< it waited in vain
};

/// Something that throws state away, before `event`.
struct Disturbance {
  enum class Kind { reset, dtr } kind = Kind::reset;
  std::size_t event = 0;
  std::size_t record = 0;
};

struct Session {
  const trace::Trace* trace = nullptr;
  std::vector<trace::Event> events;
  std::vector<Exchange> exchanges;
  std::vector<std::optional<std::size_t>> owner;  ///< per event: its exchange
  std::vector<StepTaken> steps;
  std::vector<Disturbance> disturbances;
  std::optional<std::size_t> body_record;
  bool carried_out = false;         ///< has step facts: the trace of a scenario, not a capture
  std::string set_up_failure;       ///< the set-up line whose wait ran out
  std::optional<std::string> lost;  ///< line_lost, why
  io::Time end{};                   ///< of the last record
  io::Time listened_until{};        ///< of the last one that shows the device was still listened to

  /// Whether a record is of the part that is judged.
  bool in_body(std::size_t record) const { return body_record ? record > *body_record : !carried_out; }
};

Session read_session(const Index& index, const trace::Trace& trace);

/// ${name} replaced by what stood for it in the run; an unknown token stays.
std::string fill_tokens(std::string_view text, const std::map<std::string, std::string>& tokens);

bool is_refusal(std::string_view final_result);

/// Whether an event is the text of a short message that is shown unasked (trace::announces_text).
bool is_message_text(const std::vector<trace::Event>& events, std::size_t event);

}  // namespace atspec::judge
