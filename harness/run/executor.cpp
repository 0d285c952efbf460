#include "harness/run/executor.hpp"

#include <algorithm>
#include <utility>

#include "harness/io/bytes.hpp"
#include "harness/scenario/text.hpp"
#include "harness/spec/invocation.hpp"
#include "harness/trace/lex.hpp"
#include "harness/trace/result_code.hpp"

namespace atspec::run {
namespace {

using scenario::Step;
using scenario::Wait;
using trace::Event;

/// A large upload goes out in pieces, of which the trace keeps each as it keeps any other write.
constexpr std::size_t largest_piece = 16 * 1024;
constexpr auto line_end_patience = std::chrono::milliseconds(50);

bool is_error(std::string_view final_result) { return final_result != "OK" && final_result != "0"; }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace

struct Executor::Impl {
  const scenario::Scenario& scenario;
  Waits waits;
  trace::Trace trace;
  trace::Lexer lexer;

  std::size_t next_step = 0;
  bool body = false, finished = false, timed_out = false, settling = false;
  std::optional<io::Time> until;  // of a wait, a pause, a guard time
  std::optional<io::Time> line_end_until;
  char last_heard = 0;
  std::string outgoing;
  std::size_t handed_out = 0;  // of `outgoing`
  unsigned chunk = 0;
  bool line_feed = false;       // behind the CR of a command line
  std::string last_command;     // "+QFTPSIZE" of the last line sent
  std::size_t sent_events = 0;  // events there were when it was sent
  bool rests = false;           // once between set-up and body
  std::size_t expect_from = 0;  // device lines before this index were taken by an Expect
  std::optional<io::Time> last_sent;
  enum class Escaping { none, before, sent } escaping = Escaping::none;
  bool entered = false;  // the step under way has begun

  Impl(const scenario::Scenario& s, std::map<std::string, std::string> tokens, Waits w) : scenario(s), waits(w) {
    trace.tokens = std::move(tokens);
  }

  const std::vector<Step>& steps() const { return body ? scenario.body : scenario.set_up; }

  std::string filled(const std::string& line) const {
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
      const auto begin = line.find("${", at);
      const auto end = begin == std::string::npos ? begin : line.find('}', begin);
      if (end == std::string::npos) return out + line.substr(at);
      out += line.substr(at, begin - at);
      const std::string name = line.substr(begin + 2, end - begin - 2);
      const auto found = trace.tokens.find(name);
      if (name.starts_with('+')) {
        out += reported(name).value_or(line.substr(begin, end - begin + 1));
      } else {
        out += found == trace.tokens.end() ? line.substr(begin, end - begin + 1) : found->second;
      }
      at = end + 1;
    }
    return out;
  }

  /// The number the latest report of that name begins with: a handle is the device's own choice.
  std::optional<std::string> reported(const std::string& name) const {
    const auto& events = lexer.events();
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      const std::string_view text = event->text;
      if (event->kind != Event::Kind::line || !text.starts_with(name + ":")) continue;
      const auto begin = text.find_first_not_of(' ', name.size() + 1);
      if (begin == std::string_view::npos) continue;
      const std::string_view value = text.substr(begin, text.find(',', begin) - begin);
      if (value.find_first_not_of("0123456789") == std::string_view::npos) return std::string(value);
    }
    return std::nullopt;
  }

  void note(io::Time at, trace::Fact::Kind kind, std::string subject, std::string value = {}) {
    trace::Fact fact;
    fact.kind = kind;
    fact.at = at;
    fact.subject = std::move(subject);
    fact.value = std::move(value);
    trace.records.emplace_back(std::move(fact));
  }

  // --- what has been heard since the last line went out

  template <typename Matches>
  bool heard(Matches matches) const {
    const auto& events = lexer.events();
    for (std::size_t i = std::min(sent_events, events.size()); i < events.size(); ++i) {
      if (matches(events[i])) return true;
    }
    return false;
  }

  bool final_heard() const {
    return heard([](const Event& event) { return event.kind == Event::Kind::final_result; });
  }
  bool error_heard() const {
    return heard([](const Event& event) { return event.kind == Event::Kind::final_result && is_error(event.text); });
  }
  bool connect_heard() const {
    return heard([](const Event& event) { return event.kind == Event::Kind::connect; });
  }
  bool urc_heard(const std::string& name) const {
    return heard([&](const Event& event) {
      return event.kind == Event::Kind::line && event.text.size() > name.size() && event.text.starts_with(name) &&
             event.text[name.size()] == ':';
    });
  }

  /// Whether what the wait is for has come, or can no longer come.
  bool satisfied(const Wait& wait) const {
    switch (wait.what) {
      case Wait::For::final_result:
        return final_heard();
      case Wait::For::connect:
        return connect_heard() || final_heard();
      case Wait::For::urc:
        // the refusal of one command is no answer to another
        if (!wait.name.empty() && wait.name != last_command) return urc_heard(wait.name);
        return urc_heard(last_command) || error_heard();
    }
    return true;
  }

  /// Whether a line is a report in another name than the command's, or nobody's answer: it may come at any time.
  bool foreign(std::string_view text) const {
    if (trace::is_unsolicited(text)) return true;
    if (!text.starts_with('+') || last_command.empty()) return false;
    const auto colon = text.find(':');
    return colon != std::string_view::npos && text.substr(0, colon) != last_command && !text.starts_with("+CME ERROR");
  }

  /// The report an example waits for has come before, in another place of the order: there will not be two.
  bool over(const scenario::Expect& expect) const {
    return !last_command.empty() && expect.pattern.starts_with(last_command + ":") && final_heard() &&
           urc_heard(last_command);
  }

  /// The next line of the device that no Expect has taken yet.
  bool take_expected() {
    const auto& events = lexer.events();
    for (std::size_t i = std::max(expect_from, sent_events); i < events.size(); ++i) {
      const Event& event = events[i];
      if (event.kind == Event::Kind::line && foreign(event.text)) continue;
      if (event.kind == Event::Kind::line || event.kind == Event::Kind::final_result ||
          event.kind == Event::Kind::connect) {
        // what the device says in data mode is not settled before its end
        expect_from = i + 1;
        return true;
      }
    }
    return false;
  }

  io::Duration limit(const Wait& wait) const {
    if (wait.within) return *wait.within;
    switch (wait.what) {
      case Wait::For::final_result:
        return lexer.data_mode() ? waits.urc : waits.final_result;
      case Wait::For::connect:
        return waits.connect;
      case Wait::For::urc:
        return waits.urc;
    }
    return waits.line;
  }

  // --- steps

  void send(io::Time, std::string bytes) { outgoing = std::move(bytes); }

  /// False: the step needs more time or bytes.
  bool carry_out(io::Time now, const Step& step, std::optional<Action>& action) {
    const bool first = !std::exchange(entered, true);
    if (first) {
      const auto* expect = std::get_if<scenario::Expect>(&step);
      note(now, trace::Fact::Kind::step, scenario::to_text(step), expect != nullptr ? joined(expect->clauses) : "");
    }
    if (const auto* line = std::get_if<scenario::Send>(&step)) {
      sent_events = lexer.events().size();
      expect_from = sent_events;
      const std::string text = filled(line->line);
      const auto invocations = spec::parse_command_line(text);
      last_command = invocations && !invocations->empty() ? invocations->back().name : std::string();
      outgoing = text + (line_feed ? "\r\n" : "\r");
      return true;
    }
    if (const auto* raw = std::get_if<scenario::Raw>(&step)) {
      if (raw->bytes.find('\r') != std::string::npos) {
        sent_events = lexer.events().size();
        expect_from = sent_events;
      }
      outgoing = raw->bytes;
      return true;
    }
    if (const auto* wait = std::get_if<Wait>(&step))
      return wait_for(now, first, satisfied(*wait), limit(*wait), scenario::to_text(step));
    if (const auto* expect = std::get_if<scenario::Expect>(&step)) {
      const bool skip = (error_heard() || over(*expect)) && !lexer.data_mode();
      const bool taken = take_expected();
      return wait_for(now, first, taken || skip, lexer.data_mode() ? waits.urc : std::max(waits.line, waits.urc),
                      scenario::to_text(step));
    }
    if (const auto* data = std::get_if<scenario::Data>(&step)) {
      // never in data mode: what is no command line must not become one
      if (lexer.data_mode()) outgoing = content(*data);
      return true;
    }
    if (std::holds_alternative<scenario::Escape>(step)) return escape(now, first);
    if (const auto* pause = std::get_if<scenario::Pause>(&step)) {
      if (first) until = now + pause->duration;
      return now >= *until;
    }
    if (const auto* size = std::get_if<scenario::Chunk>(&step)) {
      chunk = size->bytes;
      return true;
    }
    if (const auto* end = std::get_if<scenario::LineEnd>(&step)) {
      line_feed = end->line_feed;
      return true;
    }
    if (const auto* dtr = std::get_if<scenario::Dtr>(&step)) action = *dtr;
    if (const auto* line_break = std::get_if<scenario::Break>(&step)) action = *line_break;
    if (const auto* reset = std::get_if<scenario::Reset>(&step)) {
      note(now, trace::Fact::Kind::reset_seen, "asked for");
      action = *reset;
    }
    if (const auto* peer = std::get_if<scenario::Peer>(&step)) action = *peer;
    return true;
  }

  bool wait_for(io::Time now, bool first, bool satisfied_now, io::Duration how_long, const std::string& what) {
    if (first) {
      until = now + how_long;
      line_end_until.reset();
    }
    if (satisfied_now) {
      // a result is known by its CR; on a slow line the LF is still to come, and belongs to it
      if (last_heard != '\r') return true;
      if (!line_end_until) until = line_end_until = now + line_end_patience;
      return now >= *line_end_until;
    }
    if (now < *until) return false;
    note(now, trace::Fact::Kind::timed_out, what);
    timed_out = true;
    return true;
  }

  bool escape(io::Time now, bool first) {
    if (first) {
      escaping = Escaping::before;
      until = last_sent ? std::max(now, *last_sent + waits.guard) : now;
    }
    if (escaping == Escaping::before) {
      // a device that has left data mode by itself would take +++ for the beginning of a command line
      if (!lexer.data_mode()) {
        escaping = Escaping::none;
        return true;
      }
      if (now < *until) return false;
      outgoing = "+++";
      escaping = Escaping::sent;
      until.reset();
      return false;
    }
    if (!until) until = now + waits.guard_behind;
    if (now < *until) return false;
    escaping = Escaping::none;
    return true;
  }
};

Executor::Executor(const scenario::Scenario& scenario, std::map<std::string, std::string> tokens, Waits waits)
    : impl_(std::make_unique<Impl>(scenario, std::move(tokens), waits)) {}
Executor::~Executor() = default;

void Executor::received(io::Time at, io::ByteView bytes) {
  if (!bytes.empty()) impl_->last_heard = bytes.back();
  // of a larger piece a trace would keep the beginning alone
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), largest_piece))) {
    const io::ByteView piece = bytes.substr(0, largest_piece);
    impl_->trace.records.emplace_back(trace::make_chunk(at, trace::Channel::from_device, 0, piece));
    impl_->lexer.received(at, piece);
  }
}

std::optional<Executor::Action> Executor::next(io::Time now) {
  Impl& me = *impl_;
  while (!me.finished) {
    if (!me.outgoing.empty()) {
      Write write{me.outgoing.substr(me.handed_out, me.chunk > 0 ? me.chunk : largest_piece)};
      me.handed_out += write.bytes.size();
      // one that came late would be the first byte of what follows CONNECT
      if (write.bytes.ends_with('\r') && me.outgoing.compare(me.handed_out, std::string::npos, "\n") == 0)
        write.bytes += me.outgoing[me.handed_out++];
      if (me.handed_out == me.outgoing.size()) {
        me.outgoing.clear();
        me.handed_out = 0;
      }
      me.trace.records.emplace_back(trace::make_chunk(now, trace::Channel::to_device, 0, write.bytes));
      me.lexer.sent(now, write.bytes);
      me.last_sent = now;
      return write;
    }
    if (me.settling) {
      if (now < *me.until) return std::nullopt;
      me.finished = true;
      break;
    }
    // after a wait that ran out nothing is certain: the rest would only confuse
    if (me.timed_out || me.next_step >= me.steps().size()) {
      if (!me.body && !me.timed_out) {
        me.body = true;
        me.next_step = 0;
        me.note(now, trace::Fact::Kind::body, "");
        if (!me.rests) continue;
        me.until.reset();
        return std::nullopt;
      }
      me.settling = true;
      me.until = now + me.waits.settle;
      continue;
    }
    std::optional<Action> action;
    if (!me.carry_out(now, me.steps()[me.next_step], action)) {
      if (!me.outgoing.empty()) continue;
      return std::nullopt;
    }
    ++me.next_step;
    me.entered = false;
    if (action) return action;
  }
  return std::nullopt;
}

io::Time Executor::deadline() const { return impl_->until.value_or(io::Time{}); }
bool Executor::done() const { return impl_->finished; }
bool Executor::in_body() const { return impl_->body; }
void Executor::rest_before_body() { impl_->rests = true; }
bool Executor::prepares_peer() const {
  const auto& steps = impl_->steps();
  return impl_->next_step < steps.size() && std::holds_alternative<scenario::Peer>(steps[impl_->next_step]);
}
bool Executor::timed_out() const { return impl_->timed_out; }
trace::Trace& Executor::trace() { return impl_->trace; }

}  // namespace atspec::run
