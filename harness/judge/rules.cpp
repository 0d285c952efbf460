#include "harness/judge/rules.hpp"

#include <map>
#include <set>

#include "harness/trace/result_code.hpp"

namespace atspec::judge {
namespace {

using Kind = trace::Event::Kind;

/// Long enough for any device to show that it has taken a line.
constexpr io::Duration time_to_react = std::chrono::seconds(1);

/// One blank after the colon, none after commas outside quotes (manual 2 GEN-02).
bool blanks_are_exact(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon + 1 >= line.size() || line[colon + 1] != ' ') return false;
  if (colon + 2 < line.size() && line[colon + 2] == ' ') return false;
  bool quoted = false;
  for (std::size_t i = colon + 1; i + 1 < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ',' && !quoted && line[i + 1] == ' ') return false;
  }
  return true;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Something among data that would be carried out if it were a command line.
bool holds_command_line(std::string_view data) {
  constexpr std::size_t longest = 256;
  for (std::size_t at = data.find("AT"); at != std::string_view::npos; at = data.find("AT", at + 2)) {
    for (std::size_t i = at + 2; i < data.size() && i < at + longest; ++i) {
      if (data[i] == '\r') return true;
      if (data[i] < ' ' || data[i] > '~') break;
    }
  }
  return false;
}

class Rules {
 public:
  Rules(const Surroundings& around, const Options& options, const std::vector<Reading>& readings, Ledger& ledger)
      : around_(around), session_(around.session), options_(options), readings_(readings), ledger_(ledger) {}

  void run() {
    silence_before_cr();
    framing();
    report_line();
    unasked_report();
    no_echo();
    for (std::size_t i = 0; i < session_.exchanges.size(); ++i) {
      const Exchange& exchange = session_.exchanges[i];
      if (!exchange.body) continue;
      const Reading& reading = readings_[i];
      if (exchange.doubtful) continue;
      no_command_without_prefix(i);
      if (!exchange.prefixed) continue;
      data_is_not_command(exchange);
      silence_in_upload(exchange);
      one_final_result(exchange, reading);
      one_completion(exchange, reading);
      ok_before_urc(reading);
      codes(exchange, reading);
      unknown_form(exchange);
    }
  }

 private:
  void fail(const spec::Rule& rule, std::string message, std::string expected, std::string actual,
            const Exchange* exchange, std::vector<std::size_t> evidence) {
    ledger_.failed({rule.clauses,
                    std::move(message),
                    std::move(expected),
                    std::move(actual),
                    exchange == nullptr ? std::string() : exchange->line,
                    std::move(evidence),
                    {}});
  }
  const Exchange* owner(std::size_t event) const {
    const auto number = session_.owner[event];
    return number ? &session_.exchanges[*number] : nullptr;
  }
  static bool from_device(Kind kind) {
    return kind == Kind::line || kind == Kind::final_result || kind == Kind::connect;
  }

  void framing() {
    const auto* rule = around_.index.rule("framing");
    if (rule == nullptr) return;
    bool anything_sent = false;
    for (std::size_t i = 0; i < session_.events.size(); ++i) {
      const auto& event = session_.events[i];
      anything_sent |= event.kind == Kind::sent_line;
      // noise of a start-up proves nothing, nor does a trace that stops in the middle of a line
      if (!anything_sent || !session_.in_body(event.record)) continue;
      if (const auto* said_to = owner(i); said_to != nullptr && said_to->spilt) continue;
      if (event.kind == Kind::stray) {
        if (session_.listened_until - event.at < time_to_react) continue;
        fail(*rule, "text that is not framed by CR LF", "<CR><LF>text<CR><LF>", io::escape(event.text.substr(0, 200)),
             owner(i), {event.record});
        continue;
      }
      if (!from_device(event.kind) || is_message_text(session_.events, i)) continue;
      // under ATV0 a result is a number and a CR (V.250 §5.7.1)
      if (event.kind != Kind::line && is_number(event.text)) continue;
      const bool before =
          event.framed_before || numeric_results(owner(i)) || (options_.mode == Mode::lenient && shares_frame(i));
      if (before && event.framed_after) {
        ledger_.passed(rule->clauses);
      } else {
        fail(*rule, "text that is not framed by CR LF", "<CR><LF>text<CR><LF>",
             fmt::format("{}{}{}", event.framed_before ? "<CR><LF>" : "", io::escape(event.text.substr(0, 200)),
                         event.framed_after ? "<CR><LF>" : ""),
             owner(i), {event.record});
      }
    }
  }

  /// Under ATV0 information stands without a CR LF before it (V.250 §5.7.1).
  bool numeric_results(const Exchange* said_to) const {
    return said_to != nullptr && !said_to->finals.empty() && is_number(session_.events[said_to->finals.front()].text);
  }

  /// Whether the CR LF that ends the line before is the only one between the two (A10).
  bool shares_frame(std::size_t event) const {
    while (event-- > 0) {
      const auto& before = session_.events[event];
      if (before.kind == Kind::sent_line || before.kind == Kind::sent_data || before.kind == Kind::sent_escape)
        continue;
      return from_device(before.kind) && before.framed_after;
    }
    return false;
  }

  void report_line() {
    const auto* rule = around_.index.rule("report-line");
    if (rule == nullptr) return;
    const bool free = tolerance(around_.index, options_).blanks == spec::Template::Blanks::any;
    for (std::size_t i = 0; i < session_.events.size(); ++i) {
      const auto& event = session_.events[i];
      if (event.kind != Kind::line || !session_.in_body(event.record)) continue;
      const std::string name = report_name(event.text);
      if (name.empty() || around_.index.command(name) == nullptr) continue;
      if (free || blanks_are_exact(event.text)) {
        ledger_.passed(rule->clauses);
      } else {
        fail(*rule, fmt::format("a blank is missing or too many in a report of {}", name),
             fmt::format("{}: and the values, no blank after a comma", name), io::escape(event.text.substr(0, 200)),
             owner(i), {event.record});
      }
    }
  }

  /// A completion URC of a command that nobody gave.
  void unasked_report() {
    const auto* rule = around_.index.rule("one-completion");
    if (rule == nullptr || !options_.nothing_owed) return;
    for (std::size_t i = 0; i < session_.events.size(); ++i) {
      const auto& event = session_.events[i];
      if (event.kind != Kind::line || owner(i) != nullptr || !session_.in_body(event.record)) continue;
      const auto* command = around_.index.command(report_name(event.text));
      if (command == nullptr || !completes(*command) || perhaps_given(*command)) continue;
      fail(*rule, fmt::format("a report of {}, which nobody asked for", command->name), "no such line",
           io::escape(event.text.substr(0, 200)), nullptr, {event.record});
    }
  }
  /// What the host types comes back only while that is switched on (V.250 §6.2.4).
  void no_echo() {
    const auto* rule = around_.index.rule("no-echo");
    if (rule == nullptr) return;
    std::map<std::size_t, spec::Value> changes;  // of the switch, by event
    for (std::size_t i = 0; i < session_.exchanges.size(); ++i) {
      if (readings_[i].owed_changes.contains("echo")) changes[session_.exchanges[i].event] = spec::Unknown{};
      for (const auto& change : readings_[i].changes) {
        if (change.state == "echo") changes[change.event] = change.value;
      }
    }
    for (const auto& disturbance : session_.disturbances) changes[disturbance.event] = spec::Unknown{};
    const auto known = options_.known.find("echo");
    spec::Value echo =
        known == options_.known.end() ? spec::Value(spec::Unknown{}) : spec::value_of_text(known->second);
    auto next = changes.begin();
    for (std::size_t i = 0; i < session_.events.size(); ++i) {
      const auto& event = session_.events[i];
      const bool off = echo == spec::Value(std::int64_t{0}) && session_.in_body(event.record);
      if (off && event.kind == Kind::echo) {
        fail(*rule, "an echo, though it is off", "no echo", io::escape(event.text.substr(0, 200)), owner(i),
             {event.record});
        return;
      }
      if (off && event.kind == Kind::sent_line) ledger_.passed(rule->clauses);
      for (; next != changes.end() && next->first <= i; ++next) echo = next->second;
    }
  }
  bool completes(const spec::Command& command) const {
    return std::any_of(command.forms.begin(), command.forms.end(),
                       [&](const spec::Form& form) { return !around_.index.traits(form).completions.empty(); });
  }
  bool perhaps_given(const spec::Command& command) const {
    return std::any_of(session_.exchanges.begin(), session_.exchanges.end(), [&](const Exchange& exchange) {
      return exchange.doubtful || exchange.spilt || capitals(exchange.line).find(command.name) != std::string::npos;
    });
  }

  void one_final_result(const Exchange& exchange, const Reading& reading) {
    const auto* rule = around_.index.rule("one-final-result");
    if (rule == nullptr) return;
    std::vector<std::size_t> finals;
    for (const std::size_t event : exchange.finals) {
      if (!premature_.contains(event)) finals.push_back(event);
    }
    const std::size_t most = std::max<std::size_t>(reading.demanded_finals, 1);
    if (finals.size() > most) {
      std::string actual;
      std::vector<std::size_t> evidence{exchange.record};
      for (const std::size_t event : finals) {
        actual += (actual.empty() ? "" : ", ") + io::escape(session_.events[event].text);
        evidence.push_back(session_.events[event].record);
      }
      fail(*rule, "more than one final result", "one final result", actual, &exchange, std::move(evidence));
    } else if (!finals.empty()) {
      ledger_.passed(rule->clauses);
    } else if (exchange.command != nullptr && !reading.judged && !exchange.connected && !exchange.cut &&
               exchange.ran_out && *exchange.ran_out - exchange.sent >= options_.answer_patience) {
      // where the grammar knows the form it also knows how long an answer may take
      fail(*rule, "no final result", "one final result", "none", &exchange, {exchange.record});
    }
  }

  void one_completion(const Exchange& exchange, const Reading& reading) {
    const auto* rule = around_.index.rule("one-completion");
    if (rule == nullptr || exchange.completions.empty() || exchange.form == nullptr) return;
    if (exchange.completions.size() <= std::max<std::size_t>(reading.demanded_completions, 1)) {
      ledger_.passed(rule->clauses);
      return;
    }
    // bytes that data mode may have left over may have been this command once more
    const bool spilt = std::any_of(session_.exchanges.begin(), session_.exchanges.end(), [&](const Exchange& other) {
      return other.spilt && other.event > exchange.event && other.event < exchange.completions.back();
    });
    if (spilt) return;
    std::string actual;
    std::vector<std::size_t> evidence{exchange.record};
    for (const std::size_t event : exchange.completions) {
      if (evidence.size() > 8) break;
      actual += (actual.empty() ? "" : ", ") + io::escape(session_.events[event].text.substr(0, 200));
      evidence.push_back(session_.events[event].record);
    }
    fail(*rule, "more than one URC", "one URC", actual, &exchange, std::move(evidence));
  }

  void ok_before_urc(const Reading& reading) {
    const auto* rule = around_.index.rule("ok-before-urc");
    if (rule == nullptr || !reading.fits || !reading.complete) return;
    std::optional<std::size_t> result, urc;
    const auto& items = reading.alternative->items;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].kind == spec::Item::Kind::final_result && !result) result = i;
      if (items[i].kind == spec::Item::Kind::urc && !urc) urc = i;
    }
    // the breach itself is a finding of the grammar, which knows the readings that allow it (A34)
    if (result && urc && *result < *urc) ledger_.passed(rule->clauses);
  }

  void codes(const Exchange& exchange, const Reading& reading) {
    const auto* listed = around_.index.rule("result-listed");
    const auto* sent = around_.index.rule("protocol-listed");
    for (const auto& code : reading.codes) {
      const auto& event = session_.events[code.event];
      if (code.table == "result" && listed != nullptr) {
        // a refusal may have a number of another table (A12)
        if (options_.mode == Mode::lenient && event.kind == Kind::final_result) continue;
        // the pair of the protocol code beside it counts as listed: 630 for 553 (A39)
        const auto pairs = [&](const Reading::Reported& other) {
          const auto* row = other.table == "protocol" ? around_.index.protocol_code(other.value) : nullptr;
          return other.event == code.event && row != nullptr && row->pair == code.value;
        };
        if (around_.index.result_code(code.value) != nullptr ||
            std::any_of(reading.codes.begin(), reading.codes.end(), pairs) ||
            (event.kind == Kind::final_result && server_sent_pair_of(code.value, event.at))) {
          ledger_.passed(listed->clauses);
        } else {
          fail(*listed, fmt::format("result code {} is not in the table", code.value), "a code of the table",
               io::escape(event.text.substr(0, 200)), &exchange, {exchange.record, event.record});
        }
      }
      if (code.table == "protocol" && sent != nullptr && code.value != 0 && around_.control.observed &&
          !around_.control.torn) {
        if (server_sent(code.value, event.at)) {
          ledger_.passed(sent->clauses);
        } else {
          fail(*sent, fmt::format("the server never sent {}", code.value), "a code the server sent",
               io::escape(event.text.substr(0, 200)), &exchange, {exchange.record, event.record});
        }
      }
    }
  }

  /// A refusal has no protocol code beside it: what it may stand for, the server said.
  bool server_sent_pair_of(std::int64_t result, io::Time by) const {
    for (const auto& command : around_.control.commands) {
      for (const auto& reply : command.replies) {
        const auto* row = around_.index.protocol_code(reply.code);
        if (row != nullptr && row->pair == result && reply.when.at <= by) return true;
      }
    }
    return false;
  }

  bool server_sent(std::int64_t code, io::Time by) const {
    for (const auto& command : around_.control.commands) {
      for (const auto& reply : command.replies) {
        if (reply.code == code && reply.when.at <= by) return true;
      }
    }
    return false;
  }

  void no_command_without_prefix(std::size_t number) {
    const Exchange& exchange = session_.exchanges[number];
    const auto* rule = around_.index.rule("no-command-without-prefix");
    if (rule == nullptr || exchange.prefixed) return;
    const bool taken = exchange.connected || (!exchange.finals.empty() && !exchange.refused);
    const io::Time until =
        number + 1 < session_.exchanges.size() ? session_.exchanges[number + 1].sent : session_.listened_until;
    if (taken) {
      fail(*rule, "carried out without AT", "nothing or a refusal",
           in_words(observations(session_, exchange, States()), session_), &exchange, {exchange.record});
    } else if (!exchange.finals.empty() || until - exchange.sent >= time_to_react) {
      ledger_.passed(rule->clauses);
    }
  }

  void silence_before_cr() {
    const auto* rule = around_.index.rule("silence-before-cr");
    if (rule == nullptr) return;
    for (const auto& exchange : session_.exchanges) {
      if (!exchange.body || exchange.doubtful) continue;
      const auto& line = session_.events[exchange.event];
      if (line.at - line.began < options_.margin) continue;  // no time to answer too early
      bool answered = false;
      for (std::size_t i = exchange.event; i-- > 0 && session_.events[i].at > line.began;) {
        const auto& event = session_.events[i];
        if (event.kind != Kind::final_result && event.kind != Kind::connect) continue;
        // the first answer to an earlier line may still come in
        const auto* before = owner(i);
        if (before != nullptr && !before->finals.empty() && before->finals.front() == i) continue;
        if (before != nullptr && event.kind == Kind::connect) continue;
        premature_.insert(i);
        answered = true;
        fail(*rule, "answered before its CR", "nothing before the CR", io::escape(event.text), &exchange,
             {event.record, exchange.record});
      }
      if (!answered) ledger_.passed(rule->clauses);
    }
  }

  void data_is_not_command(const Exchange& exchange) {
    const auto* rule = around_.index.rule("data-is-not-command");
    if (rule == nullptr || !exchange.connected) return;
    std::optional<std::size_t> tempting;
    for (const std::size_t i : exchange.seen) {
      const auto& event = session_.events[i];
      if (event.kind != Kind::sent_data || tempting) continue;
      if (holds_command_line(event.text)) tempting = i;
    }
    if (!tempting) return;
    const std::size_t end = exchange.finals.empty() ? exchange.until_event : exchange.finals.front();
    io::Time escaped = io::Time::max();
    for (const std::size_t i : exchange.seen) {
      if (session_.events[i].kind == Kind::sent_escape) escaped = std::min(escaped, session_.events[i].at);
    }
    for (std::size_t i = *tempting; i < end && i < session_.events.size(); ++i) {
      const auto& event = session_.events[i];
      if (event.began > escaped) continue;
      const bool answer = event.kind == Kind::line && owner(i) != nullptr &&
                          report_name(event.text) != own_name(exchange) &&
                          session_.owner[i] == session_.owner[*tempting];
      // (a file taken in for the module itself may be acknowledged as it comes)
      const bool answer_in_upload = event.kind == Kind::data && event.size > 0 && exchange.form != nullptr &&
                                    !exchange.form->verbs.empty() && around_.index.traits(*exchange.form).only_uploads;
      const bool foreign =
          event.kind == Kind::line && owner(i) == nullptr && around_.index.command(report_name(event.text)) != nullptr;
      if (!answer && !answer_in_upload && !foreign) continue;
      fail(*rule, "what was sent as data was answered", "silence in data mode", io::escape(event.text.substr(0, 200)),
           &exchange, {exchange.record, event.record});
      return;
    }
    if (!exchange.finals.empty() && exchange.refused) return;
    ledger_.passed(rule->clauses);
  }

  /// From CONNECT on the host sends, and the device says nothing until it leaves data mode.
  void silence_in_upload(const Exchange& exchange) {
    const auto* rule = around_.index.rule("silence-in-upload");
    if (rule == nullptr || !exchange.connected || exchange.finals.empty() || exchange.form == nullptr ||
        exchange.form->verbs.empty() || !around_.index.traits(*exchange.form).only_uploads)
      return;
    bool begun = false;
    std::string said;  // a line may come in pieces, what was sent between them
    std::size_t record = exchange.record;
    for (const std::size_t i : exchange.seen) {
      if (i >= exchange.finals.front()) break;
      const auto& event = session_.events[i];
      const bool line = event.kind == Kind::connect || event.kind == Kind::line;
      if (begun && (line || event.kind == Kind::data)) {
        said += line ? "\r\n" + event.text + "\r\n" : event.text;
        record = event.record;
      }
      begun |= event.kind == Kind::connect;
    }
    if (has_bare_line(said)) {
      fail(*rule, "the device said something in an upload", "nothing between CONNECT and OK",
           io::escape(said.substr(0, 200)), &exchange, {exchange.record, record});
      return;
    }
    if (begun) ledger_.passed(rule->clauses);
  }

  /// Whether a line is neither a report, of whatever, nor unsolicited.
  static bool is_bare(std::string_view line) {
    return report_name(line).empty() && !trace::is_unsolicited(line) && !is_number(line);
  }
  /// Whether text that was taken for data is lines in their frames, one of them bare.
  static bool has_bare_line(std::string_view text) {
    bool bare = false;
    while (!text.empty()) {
      const auto end = text.find("\r\n", 2);
      if (!text.starts_with("\r\n") || end == std::string_view::npos || end == 2) return false;
      bare = bare || is_bare(text.substr(2, end - 2));
      text.remove_prefix(end + 2);
    }
    return bare;
  }

  static std::string own_name(const Exchange& exchange) {
    return exchange.invocations.empty() ? std::string() : capitals(exchange.invocations.front().name);
  }

  /// A form the manual does not have. Read forms are only recorded (A09).
  void unknown_form(const Exchange& exchange) {
    const auto* rule = around_.index.rule("unknown-form");
    if (rule == nullptr || exchange.command == nullptr || exchange.form != nullptr || exchange.finals.empty()) return;
    if (exchange.invocations.front().kind == spec::FormKind::read) return;
    if (exchange.refused) {
      ledger_.passed(rule->clauses);
    } else {
      fail(*rule, fmt::format("taken, though {} has no such form", exchange.command->name), "ERROR or +CME ERROR",
           in_words(observations(session_, exchange, States()), session_), &exchange,
           {exchange.record, session_.events[exchange.finals.front()].record});
    }
  }

  const Surroundings& around_;
  const Session& session_;
  const Options& options_;
  const std::vector<Reading>& readings_;
  Ledger& ledger_;
  std::set<std::size_t> premature_;  ///< final results that silence-before-cr has dealt with
};

}  // namespace

void check_rules(const Surroundings& around, const Options& options, const std::vector<Reading>& readings,
                 Ledger& ledger) {
  Rules(around, options, readings, ledger).run();
  check_escape_rules(around, options, readings, ledger);
}

}  // namespace atspec::judge
