#include "harness/judge/exchange.hpp"

#include <deque>
#include <sstream>

#include "harness/judge/spilt_data.hpp"
#include "harness/trace/result_code.hpp"

namespace atspec::judge {
namespace {

using Kind = trace::Event::Kind;

/// Backspace takes back the character before it (V.250 §5.2.2).
std::string edited(std::string_view typed) {
  std::string out;
  out.reserve(typed.size());
  for (const char c : typed) {
    if (c != '\b') {
      out.push_back(c);
    } else if (!out.empty()) {
      out.pop_back();
    }
  }
  return out;
}

bool has_prefix(std::string_view line) {
  const std::size_t at = line.find_first_not_of(' ');
  if (at == std::string_view::npos || line.size() < at + 2) return false;
  const std::string_view two = line.substr(at, 2);
  return (two[0] == 'A' || two[0] == 'a') && (two[1] == 'T' || two[1] == 't' || two[1] == '/');
}

bool fits_any(const std::vector<const spec::Template*>& templates, std::string_view line) {
  return std::any_of(templates.begin(), templates.end(), [&](const spec::Template* text) {
    return text->match(line, spec::Template::Blanks::any).has_value();
  });
}

class Reader {
 public:
  Reader(const Index& index, const trace::Trace& trace) : index_(index) {
    session_.trace = &trace;
    session_.events = trace::lex(trace);
    take_back_slow_escapes();
    session_.owner.resize(session_.events.size());
  }

  Session read() {
    const auto& records = session_.trace->records;
    find_body();
    std::size_t fact = 0;
    for (std::size_t i = 0; i < session_.events.size(); ++i) {
      for (; fact < records.size() && fact < session_.events[i].record; ++fact) take_fact(fact, i);
      take_event(i);
    }
    for (; fact < records.size(); ++fact) take_fact(fact, session_.events.size());
    finish();
    return std::move(session_);
  }

 private:
  void find_body() {
    const auto& records = session_.trace->records;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto* fact = std::get_if<trace::Fact>(&records[i]);
      const io::Time at = fact != nullptr ? fact->at : std::get<trace::Chunk>(records[i]).at;
      session_.end = std::max(session_.end, at);
      // files are looked at, and the peer's log is fetched, after the device has been left alone
      const auto kind = fact != nullptr ? fact->kind : trace::Fact::Kind::note;
      const bool afterwards = fact != nullptr
                                  ? kind == trace::Fact::Kind::file_before || kind == trace::Fact::Kind::file_after
                                  : std::get<trace::Chunk>(records[i]).channel != trace::Channel::to_device &&
                                        std::get<trace::Chunk>(records[i]).channel != trace::Channel::from_device;
      if (!afterwards) session_.listened_until = std::max(session_.listened_until, at);
      if (fact == nullptr) continue;
      if (fact->kind == trace::Fact::Kind::body && !session_.body_record) session_.body_record = i;
      session_.carried_out |= fact->kind == trace::Fact::Kind::step;
    }
  }

  /// Three + that took longer than they may are data (manual 1.5 DATA-08, DATA-10); how long that is the spec says.
  void take_back_slow_escapes() {
    const auto* rule = index_.rule("escape-window");
    const auto window = rule == nullptr ? std::nullopt : io::parse_duration(rule->value);
    if (!window) return;
    for (auto& event : session_.events) {
      if (event.kind == Kind::sent_escape && event.at - event.began > *window) event.kind = Kind::sent_data;
    }
  }

  void give(std::size_t exchange, std::size_t event) {
    session_.exchanges[exchange].seen.push_back(event);
    session_.owner[event] = exchange;
  }

  void take_event(std::size_t i) {
    const trace::Event& event = session_.events[i];  // not valid any more once events were added
    switch (event.kind) {
      case Kind::sent_line:
        return begin_exchange(i);
      case Kind::data:
        if (is_lines_of_an_upload(i)) {
          split_into_lines(i);
          return take_event(i);
        }
        [[fallthrough]];
      case Kind::sent_data:
      case Kind::sent_escape:
        if (const auto owner = in_data_mode_ ? in_data_mode_ : front()) give(*owner, i);
        return;
      case Kind::connect:
        if (is_message_text(session_.events, i)) return;
        if (const auto owner = front() ? front() : latest()) {
          session_.exchanges[*owner].connected = true;
          in_data_mode_ = owner;
          give(*owner, i);
        }
        return;
      case Kind::final_result:
        if (is_message_text(session_.events, i)) return;
        return take_final(i);
      case Kind::line:
        if (is_message_text(session_.events, i)) return;
        if (const auto owner = owner_of_line(event.text)) {
          Exchange& exchange = session_.exchanges[*owner];
          if (completes(exchange, event.text)) {
            exchange.completions.push_back(i);
          } else if (exchange.form != nullptr && exchange.finals.empty()) {
            exchange.told_first |= fits_any(index_.traits(*exchange.form).completions, event.text);
          }
          give(*owner, i);
        }
        return;
      case Kind::echo:
      case Kind::stray:
        return;
    }
  }

  /// A device that was to receive data and got none answers with lines that look like data to the lexer.
  bool is_lines_of_an_upload(std::size_t i) const {
    if (!in_data_mode_) return false;
    const Exchange& exchange = session_.exchanges[*in_data_mode_];
    if (exchange.form == nullptr || !index_.traits(*exchange.form).only_uploads) return false;
    const std::string& text = session_.events[i].text;
    if (text.size() > 512 || text.size() < session_.events[i].size) return false;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find("\r\n", at + 2);
      if (text.compare(at, 2, "\r\n") != 0 || end == std::string::npos || end == at + 2) return false;
      at = end + 2;
    }
    return !text.empty();
  }

  void split_into_lines(std::size_t i) {
    const trace::Event whole = session_.events[i];
    std::vector<trace::Event> lines;
    for (std::size_t at = 0; at < whole.text.size();) {
      const std::size_t end = whole.text.find("\r\n", at + 2);
      trace::Event line = whole;
      line.kind = Kind::line;
      line.text = whole.text.substr(at + 2, end - at - 2);
      line.size = line.text.size();
      line.framed_before = line.framed_after = true;
      lines.push_back(std::move(line));
      at = end + 2;
    }
    const auto here = static_cast<std::ptrdiff_t>(i);
    session_.events.erase(session_.events.begin() + here);
    session_.events.insert(session_.events.begin() + here, lines.begin(), lines.end());
    session_.owner.resize(session_.events.size());
  }

  void begin_exchange(std::size_t i) {
    const trace::Event& event = session_.events[i];
    Exchange exchange;
    exchange.line = edited(event.text);
    if (exchange.line.find_first_not_of(' ') == std::string::npos) return;  // a bare CR asks for nothing
    exchange.event = i;
    exchange.record = event.record;
    exchange.sent = event.at;
    exchange.body = session_.in_body(event.record);
    exchange.prefixed = has_prefix(exchange.line);
    if (auto parsed = spec::parse_command_line(exchange.line)) exchange.invocations = std::move(*parsed);
    if (exchange.invocations.size() == 1) {
      exchange.command = index_.command(exchange.invocations.front().name);
      if (exchange.command != nullptr) exchange.form = spec::find_form(*exchange.command, exchange.invocations.front());
    }
    // a line given up on is over; one still expected to answer makes the two hard to tell apart
    std::erase_if(open_, [&](std::size_t k) { return session_.exchanges[k].ran_out.has_value(); });
    if (!open_.empty()) {
      exchange.doubtful = true;
      session_.exchanges[open_.back()].doubtful = true;  // those before it are already
    }
    const std::size_t number = session_.exchanges.size();
    for (const auto& invocation : exchange.invocations) {
      auto& same = by_name_[capitals(invocation.name)];
      if (same.numbers.empty() || same.numbers.back() != number) same.numbers.push_back(number);
    }
    session_.owner[i] = number;
    // A/ is carried out without a CR (V.250 §5.2.4): what stands behind it begins another line
    const bool repeated_early = exchange.line.size() > 2 && capitals(exchange.line).starts_with("A/");
    if (repeated_early || (!exchange.prefixed && capitals(exchange.line).find("AT") != std::string::npos)) {
      // some devices look for AT behind other bytes, some do not
      exchange.doubtful = exchange.spilt = true;
      // and what it repeats is done twice, or is not
      if (repeated_early && !session_.exchanges.empty()) session_.exchanges.back().doubtful = true;
    }
    if (exchange.prefixed) open_.push_back(number);
    if (open_.size() > most_pending) open_.pop_front();
    session_.exchanges.push_back(std::move(exchange));
  }

  void take_final(std::size_t i) {
    std::optional<std::size_t> owner = front();
    if (owner) {
      open_.pop_front();
    } else if (const auto last = latest()) {
      // nobody waits for it: a second answer, or one in place of a URC (A12)
      owner = last;
      // (a line in doubt may have been answered twice for its neighbour)
      if (session_.exchanges[*last].prefixed && !session_.exchanges[*last].doubtful) {
        for (const std::size_t k : pending_) {
          if (awaits_completion(session_.exchanges[k])) owner = k;
        }
      }
    }
    if (!owner) return;
    Exchange& exchange = session_.exchanges[*owner];
    if (exchange.finals.empty() && !exchange.connected) exchange.refused = is_refusal(session_.events[i].text);
    exchange.finals.push_back(i);
    if (in_data_mode_ == owner) in_data_mode_.reset();
    give(*owner, i);
    std::erase_if(pending_, [&](std::size_t k) { return !awaits_completion(session_.exchanges[k]); });
    if (awaits_completion(exchange) && (pending_.empty() || pending_.back() != *owner)) pending_.push_back(*owner);
    if (pending_.size() > most_pending) pending_.erase(pending_.begin());
  }

  bool awaits_completion(const Exchange& exchange) const {
    // an error behind OK stands in place of the URC (A12)
    if (exchange.finals.size() > 1 && is_refusal(session_.events[exchange.finals.back()].text)) return false;
    return exchange.form != nullptr && !exchange.finals.empty() && !exchange.refused && exchange.completions.empty() &&
           !exchange.told_first && !exchange.cut && !index_.traits(*exchange.form).completions.empty();
  }

  /// Whether a line is the URC that ends `exchange`, rather than an information response.
  bool completes(const Exchange& exchange, const std::string& line) const {
    if (exchange.form == nullptr || report_name(line).empty()) return false;
    const FormTraits& traits = index_.traits(*exchange.form);
    if (traits.completions.empty()) return false;
    if (traits.information.empty()) return true;
    // some say the same line before OK or after it (A34): behind its final result it is the URC
    return fits_any(traits.completions, line) && (!exchange.finals.empty() || !fits_any(traits.information, line));
  }

  std::optional<std::size_t> owner_of_line(const std::string& line) {
    const auto open = front();
    const std::string name = report_name(line);
    if (name.empty()) return trace::is_unsolicited(line) ? std::nullopt : open;
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
      // some commands report under another name than their own
      if (open && session_.exchanges[*open].form != nullptr) {
        const FormTraits& traits = index_.traits(*session_.exchanges[*open].form);
        if (fits_any(traits.information, line) || fits_any(traits.completions, line)) return open;
      }
      return std::nullopt;
    }
    const auto waiting = first_waiting(found->second, open);
    if (open && is_named(*open, name)) {
      const Exchange& current = session_.exchanges[*open];
      const bool is_information = current.form == nullptr || fits_any(index_.traits(*current.form).information, line);
      if (waiting && *waiting != *open && !is_information &&
          fits_any(index_.traits(*session_.exchanges[*waiting].form).completions, line)) {
        return waiting;
      }
      return open;
    }
    if (waiting) return waiting;
    const std::size_t last = found->second.numbers.back();
    if (reports_by_itself(session_.exchanges[last])) return std::nullopt;
    return last;
  }

  /// Commands of 27.007 report under their names unasked, too (+CGREG: 1): what nobody waits for is such a report.
  bool reports_by_itself(const Exchange& exchange) const {
    return exchange.command != nullptr && !exchange.command->confidence.empty() && !exchange.finals.empty() &&
           (exchange.form == nullptr || index_.traits(*exchange.form).completions.empty());
  }

  bool is_named(std::size_t number, const std::string& name) const {
    const auto& invocations = session_.exchanges[number].invocations;
    return std::any_of(invocations.begin(), invocations.end(),
                       [&](const spec::Invocation& invocation) { return capitals(invocation.name) == name; });
  }

  struct Same {
    std::vector<std::size_t> numbers;
    std::size_t first_alive = 0;  ///< those before it are owed nothing any more
  };

  std::optional<std::size_t> first_waiting(Same& same, std::optional<std::size_t> open) {
    auto alive = [&](std::size_t k) {
      return awaits_completion(session_.exchanges[k]) || std::find(open_.begin(), open_.end(), k) != open_.end();
    };
    while (same.first_alive < same.numbers.size() && !alive(same.numbers[same.first_alive])) ++same.first_alive;
    for (std::size_t n = same.first_alive; n < same.numbers.size() && n < same.first_alive + most_pending; ++n) {
      const std::size_t k = same.numbers[n];
      if (k != open && awaits_completion(session_.exchanges[k])) return k;
    }
    return std::nullopt;
  }

  void take_fact(std::size_t record, std::size_t next_event) {
    const auto* fact = std::get_if<trace::Fact>(&session_.trace->records[record]);
    if (fact == nullptr) return;
    using Fact = trace::Fact::Kind;
    switch (fact->kind) {
      case Fact::step:
        take_step(*fact, record, next_event);
        return;
      case Fact::timed_out: {
        if (!session_.in_body(record) && session_.set_up_failure.empty()) {
          session_.set_up_failure = session_.steps.empty() ? fact->subject : session_.steps.back().subject;
        }
        if (!session_.steps.empty()) session_.steps.back().ran_out = true;
        if (const auto owner = waited_for(fact->subject)) session_.exchanges[*owner].ran_out = fact->at;
        return;
      }
      case Fact::reset_seen:
        return disturb(Disturbance::Kind::reset, record, next_event, fact->at);
      case Fact::line_lost:
        session_.lost = fact->subject;
        // when it went is not known: no later than its last sign of life
        cut_all(next_event == 0 ? io::Time{} : session_.events[next_event - 1].at);
        return;
      case Fact::body:
      case Fact::file_before:
      case Fact::file_after:
      case Fact::note:
        return;
    }
  }

  void take_step(const trace::Fact& fact, std::size_t record, std::size_t next_event) {
    StepTaken step{record, fact.at, fill_tokens(fact.subject, session_.trace->tokens), {}, latest(), false};
    if (!fact.value.empty()) {
      std::istringstream ids(fact.value);
      for (std::string id; ids >> id;) step.clauses.push_back(id);
    }
    if (step.subject == "dtr off") {
      if (in_data_mode_) session_.exchanges[*in_data_mode_].dtr_dropped = true;
      disturb(Disturbance::Kind::dtr, record, next_event, fact.at);
    } else if (step.subject == "reset") {
      disturb(Disturbance::Kind::reset, record, next_event, fact.at);
    }
    session_.steps.push_back(std::move(step));
  }

  void disturb(Disturbance::Kind kind, std::size_t record, std::size_t next_event, io::Time at) {
    session_.disturbances.push_back({kind, next_event, record});
    if (kind == Disturbance::Kind::reset) cut_all(at);
  }

  void cut_all(io::Time at) {
    for (std::size_t k = first_uncut_; k < session_.exchanges.size(); ++k) session_.exchanges[k].cut = at;
    first_uncut_ = session_.exchanges.size();
    open_.clear();
    pending_.clear();
    in_data_mode_.reset();
  }

  std::optional<std::size_t> waited_for(const std::string& subject) const {
    const std::size_t plus = subject.find('+');
    if (plus != std::string::npos) {
      std::size_t end = plus + 1;
      while (end < subject.size() && (std::isalnum(static_cast<unsigned char>(subject[end])) != 0)) ++end;
      const auto found = by_name_.find(capitals(std::string_view(subject).substr(plus, end - plus)));
      if (found != by_name_.end()) return found->second.numbers.back();
    }
    return latest();
  }

  /// How far each exchange reaches: to its last event, or, while something is owed, to the next line that makes the
  /// device talk to its server.
  void finish() {
    doubt_what_follows_spilt_data(session_, index_);
    io::Time next_talk = session_.end;
    std::size_t next_record = session_.trace->records.size(), next_event = session_.events.size();
    for (std::size_t k = session_.exchanges.size(); k-- > 0;) {
      Exchange& exchange = session_.exchanges[k];
      const bool owed = exchange.finals.empty() || awaits_completion(exchange);
      exchange.finished = !owed;
      if (owed || exchange.seen.empty()) {
        exchange.until = exchange.cut ? std::min(*exchange.cut, next_talk) : next_talk;
        exchange.until_record = next_record;
        exchange.until_event = next_event;
      } else {
        exchange.until = session_.events[exchange.seen.back()].at;
        exchange.until_record = session_.events[exchange.seen.back()].record;
        exchange.until_event = exchange.seen.back() + 1;
      }
      if (exchange.form != nullptr && !exchange.form->verbs.empty() && !exchange.refused) {
        next_talk = exchange.sent;
        next_record = exchange.record;
        next_event = exchange.event;
      }
    }
  }

  std::optional<std::size_t> front() const { return open_.empty() ? std::nullopt : std::optional(open_.front()); }
  std::optional<std::size_t> latest() const {
    return session_.exchanges.empty() ? std::nullopt : std::optional(session_.exchanges.size() - 1);
  }

  const Index& index_;
  Session session_;
  static constexpr std::size_t most_pending = 64;  ///< looked through for every line; older ones are given up

  std::deque<std::size_t> open_;      ///< sent, no final result yet
  std::vector<std::size_t> pending_;  ///< answered, URC owed
  std::optional<std::size_t> in_data_mode_;
  std::map<std::string, Same, std::less<>> by_name_;
  std::size_t first_uncut_ = 0;
};

}  // namespace

Session read_session(const Index& index, const trace::Trace& trace) { return Reader(index, trace).read(); }

bool is_message_text(const std::vector<trace::Event>& events, std::size_t event) {
  if (event == 0 || events[event].framed_before || events[event - 1].kind != trace::Event::Kind::line) return false;
  return trace::announces_text(events[event - 1].text);
}

std::string fill_tokens(std::string_view text, const std::map<std::string, std::string>& tokens) {
  std::string out;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t open = text.find("${", from);
    if (open == std::string_view::npos) break;
    const std::size_t length = text.substr(open + 2, 64).find('}');
    const auto found =
        length == std::string_view::npos ? tokens.end() : tokens.find(std::string(text.substr(open + 2, length)));
    if (found == tokens.end()) {
      out.append(text.substr(from, open + 2 - from));
      from = open + 2;
    } else {
      out.append(text.substr(from, open - from)).append(found->second);
      from = open + 2 + length + 1;
    }
  }
  return out.append(text.substr(std::min(from, text.size())));
}

bool is_refusal(std::string_view final_result) {
  return final_result == "ERROR" || final_result == "4" || final_result.starts_with("+CME ERROR") ||
         final_result.starts_with("+CMS ERROR");
}

}  // namespace atspec::judge
