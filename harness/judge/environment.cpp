#include "harness/judge/environment.hpp"

namespace atspec::judge {
namespace {

using Kind = trace::Event::Kind;
using spec::Unknown;
using spec::Value;

constexpr std::uint64_t most_compared_bytes = 16U << 20;  ///< of data mode, joined from its pieces

std::string text_argument(const std::vector<Value>& arguments, std::size_t number) {
  if (number >= arguments.size()) return {};
  return spec::is_unknown(arguments[number]) ? std::string() : spec::to_string(arguments[number]);
}

std::optional<std::int64_t> integer_argument(const std::vector<Value>& arguments, std::size_t number) {
  if (number >= arguments.size()) return std::nullopt;
  const auto* integer = std::get_if<std::int64_t>(&arguments[number]);
  return integer == nullptr ? std::nullopt : std::optional(*integer);
}

Value from_size(std::uint64_t size) { return static_cast<std::int64_t>(size); }

}  // namespace

Value Environment::name(std::string_view name) const {
  if (name == "invalid") {
    if (!pretended_ && binding_.faults.empty() && binding_.unclear) return Unknown{};
    return pretended_.value_or(!binding_.faults.empty());
  }
  if (name == "overlong") return binding_.overlong;
  if (name == "escaped") return escape_seen();
  if (name == "silent") return silent();
  if (name == "connected") return connected();
  if (name == "peer.host" || name == "peer.port") return token("ftp." + std::string(name.substr(5)));
  if (name == "peer.ftps_port") return token("ftps.port");
  if (name == "data.sent") return from_size(data_sent());
  if (name == "data.received") return from_size(data_received());
  if (name == "data.sent_hash") return sent_hash();
  if (name == "peer.served") return served_size();
  if (name == "data.is_served") return received_is_served();
  if (name.starts_with("server.")) return server(name.substr(7), {});
  if (const auto it = binding_.values.find(std::string(name)); it != binding_.values.end()) return it->second;
  if (const auto it = captured_.find(name); it != captured_.end()) return it->second;
  return states_.value(name);
}

Value Environment::call(std::string_view function, const std::vector<Value>& arguments,
                        const std::vector<std::string>& names) const {
  if (function == "given") {
    if (names.empty()) return Unknown{};
    const auto it = binding_.given.find(names.front());
    return it != binding_.given.end() && it->second;
  }
  if (function.starts_with("server.")) return server(function.substr(7), arguments);
  if (function.starts_with("peer.") || function == "data.is_file") return peer(function, arguments);
  if (function == "data.was_sent") return was_sent(arguments);
  if (function == "medium") {
    if (arguments.empty() || spec::is_unknown(arguments.front())) return Unknown{};
    const std::string path = text_argument(arguments, 0);
    const auto colon = path.find(':');
    return colon == std::string::npos ? Value(Unknown{}) : Value(path.substr(0, colon));
  }
  if (function == "paired") {
    const auto code = integer_argument(arguments, 0);
    if (!code) return Unknown{};
    if (*code == 0) return std::int64_t{0};
    const auto* row = around_.index.protocol_code(*code);
    return row != nullptr && row->pair ? Value(*row->pair) : Value(Unknown{});
  }
  if (function == "listed") {
    const auto code = integer_argument(arguments, 0);
    return code ? Value(around_.index.result_code(*code) != nullptr) : Value(Unknown{});
  }
  if (function == "resolved") {
    if (arguments.empty() || spec::is_unknown(arguments.front())) return Unknown{};
    auto path = absolute_path(text_argument(arguments, 0), states_.text("cwd"));
    // where the script said in the server's place that the directory was changed, it was not
    if (said_done_by_script([](std::string_view verb) { return verb == "CWD"; })) return Unknown{};
    return path ? Value(*std::move(path)) : Value(Unknown{});
  }
  if (function == "length") {
    if (arguments.empty()) return Unknown{};
    const auto* text = std::get_if<std::string>(&arguments.front());
    return text == nullptr ? Value(Unknown{}) : from_size(text->size());
  }
  return Unknown{};
}

bool Environment::within(const Moment& when) const {
  return earlier({exchange_.sent, exchange_.record}, when) && earlier(when, {exchange_.until, exchange_.until_record});
}

std::vector<const ControlCommand*> Environment::asked() const {
  const auto& commands = around_.control.commands;
  auto it = std::lower_bound(commands.begin(), commands.end(), exchange_.sent,
                             [](const ControlCommand& command, io::Time at) { return command.when.at < at; });
  std::vector<const ControlCommand*> out;
  // a file may go to the server in several segments, of which the last hears the answer (manual 2.5 QFTPPUT-28)
  const bool puts = exchange_.form != nullptr && std::find(exchange_.form->verbs.begin(), exchange_.form->verbs.end(),
                                                           "STOR") != exchange_.form->verbs.end();
  if (puts && it != commands.begin()) {
    const ControlCommand& before = *std::prev(it);
    const auto* reply = before.final_reply({exchange_.until, exchange_.until_record});
    if (before.verb == "STOR" && reply != nullptr && within(reply->when)) out.push_back(&before);
  }
  for (; it != commands.end() && it->when.at <= exchange_.until; ++it) {
    if (!within(it->when)) continue;
    // with a new connection the old one is over, whatever is still on its way there
    if (it->verb == "CONNECT") std::erase_if(out, [&](const auto* one) { return one->connection != it->connection; });
    out.push_back(&*it);
  }
  return out;
}

/// Whether a command that does not talk to the server itself, before this one was through, changed what this one is to
/// change: a PDP context given up under a transfer.
bool Environment::undermined() const {
  if (exchange_.form == nullptr || exchange_.form->verbs.empty()) return false;
  const std::size_t end = exchange_.completions.empty() ? exchange_.until_event : exchange_.completions.back();
  const auto& touched = around_.index.traits(*exchange_.form).touched;
  return std::any_of(around_.session.exchanges.begin(), around_.session.exchanges.end(), [&](const Exchange& other) {
    if (other.event <= exchange_.event || other.event >= end || other.form == nullptr || !other.form->verbs.empty())
      return false;
    const auto& too = around_.index.traits(*other.form).touched;
    return std::any_of(too.begin(), too.end(), [&](const auto& state) { return touched.contains(state); });
  });
}

bool Environment::out_of_step() const { return around_.script.out_of_step(exchange_.until); }

bool Environment::misled() const {
  const auto done = [](const PeerScript::Rule& rule) {
    return rule.said && (rule.said->starts_with('1') || rule.said->starts_with('2'));
  };
  const auto commands = asked();
  const auto& stray = around_.control.stray;
  return undermined() || around_.script.misdirected(exchange_.until) || out_of_step() ||
         spec::truth(server("garbled", {})) == true ||
         std::any_of(stray.begin(), stray.end(), [&](const Moment& when) { return within(when); }) ||
         std::any_of(commands.begin(), commands.end(), [&](const ControlCommand* command) {
           return moves_data(command->verb) && around_.script.has(command->verb, exchange_.until, done);
         });
}

/// Whether the peer's script may have said in the server's place that a command was carried out, with a verb `is_such`.
template <typename Predicate>
bool Environment::said_done_by_script(Predicate is_such) const {
  const auto done = [](const PeerScript::Rule& rule) { return rule.said && rule.said->substr(0, 1) < "4"; };
  const auto commands = asked();
  return std::any_of(commands.begin(), commands.end(), [&](const ControlCommand* command) {
    return is_such(command->verb) && around_.script.has(command->verb, exchange_.until, done);
  });
}

Value Environment::server(std::string_view name, const std::vector<Value>& arguments) const {
  const Control& control = around_.control;
  if (!control.observed || out_of_step()) return Unknown{};
  const Moment until{exchange_.until, exchange_.until_record};
  const auto commands = asked();

  if (name == "code") {
    std::int64_t code = 0;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      // EPSV and EPRT are not to be had everywhere, nor PASV; what counts is the answer to what comes instead
      const std::string_view verb = commands[i]->verb;
      const std::string_view next = i + 1 < commands.size() ? std::string_view(commands[i + 1]->verb) : "";
      if ((verb == "EPSV" && next == "PASV") || (verb == "PASV" && next == "EPSV") ||
          (verb == "EPRT" && next == "PORT"))
        continue;
      const auto* reply = commands[i]->final_reply(until);
      if (reply != nullptr && commands[i]->refused_by(*reply)) code = reply->code;
    }
    return code == 0 && control.torn ? Value(Unknown{}) : Value(code);
  }
  if (name == "left_alone") {
    if (!commands.empty()) return false;
    if (control.torn || !exchange_.finished) return Unknown{};
    return !around_.script.has("CONNECT", exchange_.until);
  }
  if (name == "garbled") {
    for (const Moment& when : control.garbage) {
      if (within(when)) return true;
    }
    return control.torn ? Value(Unknown{}) : Value(false);
  }
  if (name == "begun") {
    return std::any_of(commands.begin(), commands.end(), [&](const ControlCommand* command) {
      return std::any_of(command->replies.begin(), command->replies.end(),
                         [&](const ControlReply& reply) { return reply.code < 200 && !earlier(until, reply.when); });
    });
  }
  if (name == "silent" || name == "closed") {
    bool unanswered = false, closed = false, either = false;
    for (const auto* command : commands) {
      if (const auto* reply = command->final_reply(until)) {
        closed |= reply->code == 421;  // then the server hangs up (RFC 959 §4.2.2)
      } else {
        const bool hangs_up = around_.script.hangs_up_on(command->verb, exchange_.until);
        (hangs_up ? closed : unanswered) = true;
        either |= hangs_up && around_.script.stalls_on(command->verb, exchange_.until);
      }
    }
    if (control.torn || either) return Unknown{};
    if (name == "silent") return unanswered;
    // one that drops its client before the greeting leaves nothing on the channel
    if (!closed && around_.script.hangs_up_on("CONNECT", exchange_.until)) return Unknown{};
    return closed;
  }
  if (name == "saw") {
    const std::string line = text_argument(arguments, 0);
    if (line.empty()) return Unknown{};
    const std::size_t verb_end = std::min(line.find(' '), line.size());
    const std::string verb = capitals(std::string_view(line).substr(0, verb_end));
    for (const auto* command : commands) {
      if (command->verb == verb &&
          command->line.substr(std::min(verb_end, command->line.size())) == std::string_view(line).substr(verb_end)) {
        return true;
      }
    }
    return control.torn || !exchange_.finished ? Value(Unknown{}) : Value(false);
  }

  if (name == "asked") {
    const std::string verb = capitals(text_argument(arguments, 0));
    const ControlCommand* last = nullptr;
    for (const auto* command : commands) {
      if (command->verb == verb) last = command;
    }
    // a byte 255 stands there twice (RFC 3659 §2.2)
    if (last == nullptr || last->line.find('\xFF') != std::string::npos) return Unknown{};
    const auto blank = last->line.find(' ');
    const std::string argument = blank == std::string::npos ? "" : last->line.substr(blank + 1);
    if (verb != "LIST" && verb != "NLST" && verb != "MLSD")
      return argument.empty() ? Value(Unknown{}) : Value(argument);
    // without a name where one is; what begins with - may be options of `ls`
    if (argument.empty()) return ".";
    return argument.starts_with('-') ? Value(Unknown{}) : Value(argument);
  }

  // ok, number, path, time: of the last final reply to a verb
  const std::string verb = capitals(text_argument(arguments, 0));
  const ControlReply* last = nullptr;
  bool sent = false, refused = false;
  for (const auto* command : commands) {
    if (command->verb != verb) continue;
    sent = true;
    if (const auto* reply = command->final_reply(until)) {
      last = reply;
      refused = command->refused_by(*reply);
    }
  }
  if (control.torn || !sent) return Unknown{};
  if (name == "ok") {
    if (last == nullptr) return exchange_.finished ? Value(false) : Value(Unknown{});
    return !refused;
  }
  if (last == nullptr || last->code >= 300) return Unknown{};
  if (name == "number") return number_in(last->text).value_or(-1);
  if (name == "time" || name == "full_time") {
    auto time = time_in(last->text).value_or(std::string());
    if (name == "full_time" && !time.empty() && time.find('.') == std::string::npos) time += ".000";
    return time;
  }
  if (name == "path") return last->code == 257 ? path_in(last->text).value_or(std::string()) : std::string();
  return Unknown{};
}

Value Environment::connected() const {
  const auto& events = around_.session.events;
  for (const std::size_t i : exchange_.seen) {
    if (events[i].kind == Kind::connect) return true;
  }
  return exchange_.finished ? Value(false) : Value(Unknown{});
}

std::optional<std::uint64_t> Environment::served(io::Bytes* bytes) const {
  const auto& trace = *around_.session.trace;
  if (!around_.control.observed || around_.control.torn || !exchange_.finished) return std::nullopt;
  std::uint64_t size = 0;
  for (std::size_t i = exchange_.record; i < exchange_.until_record && i < trace.records.size(); ++i) {
    const auto* chunk = std::get_if<trace::Chunk>(&trace.records[i]);
    if (chunk == nullptr || chunk->channel != trace::Channel::data_from_peer) continue;
    size += chunk->size;
    if (bytes == nullptr) continue;
    if (chunk->size > chunk->bytes.size() || size > most_compared_bytes) return std::nullopt;
    *bytes += chunk->bytes;
  }
  return size;
}

Value Environment::served_size() const {
  const auto size = served(nullptr);
  return size ? from_size(*size) : Value(Unknown{});
}

Value Environment::received_is_served() const {
  io::Bytes bytes;
  if (!served(&bytes)) return Unknown{};
  const auto received = content_of(Kind::data);
  return received ? Value(*received == bytes) : Value(Unknown{});
}

Value Environment::token(const std::string& name) const {
  const auto& tokens = around_.session.trace->tokens;
  const auto found = tokens.find(name);
  return found == tokens.end() ? Value(Unknown{}) : spec::value_of_text(found->second);
}

Value Environment::peer(std::string_view name, const std::vector<Value>& arguments) const {
  if (arguments.empty() || spec::is_unknown(arguments.front())) return Unknown{};
  const auto path = absolute_path(text_argument(arguments, 0), states_.text("cwd"));
  if (!path) return Unknown{};

  if (name.starts_with("peer.after.")) return after(name.substr(11), *path, arguments);

  const auto answer = around_.files.before(*path, {exchange_.sent, exchange_.record});
  if (!answer.known) return Unknown{};
  if (name == "peer.has") return answer.file.has_value();
  if (name == "peer.is_directory") return answer.file && answer.file->directory;
  if (!answer.file || answer.file->directory) return Unknown{};
  if (name == "peer.size") return from_size(answer.file->size);
  if (name == "data.is_file") {
    const auto offset = integer_argument(arguments, 1);
    if (!offset || *offset < 0) return Unknown{};
    return received_is_part_of(*answer.file, static_cast<std::uint64_t>(*offset));
  }
  return Unknown{};
}

Value Environment::after(std::string_view name, const std::string& path, const std::vector<Value>& arguments) const {
  if (!exchange_.finished || said_done_by_script(alters_files)) return Unknown{};
  const Moment end{exchange_.until, exchange_.until_record};
  if (name == "is_moved") {
    if (arguments.size() < 2 || spec::is_unknown(arguments[1])) return Unknown{};
    const auto to = absolute_path(text_argument(arguments, 1), states_.text("cwd"));
    if (!to) return Unknown{};
    const auto was = around_.files.before(path, {exchange_.sent, exchange_.record});
    const auto is = around_.files.after(*to, end);
    if (!was.known || !was.file || !is.known) return Unknown{};
    if (!is.file || is.file->directory != was.file->directory) return false;
    if (is.file->directory) return true;
    if (is.file->size != was.file->size) return false;
    if (is.file->hash.empty() || was.file->hash.empty()) return Unknown{};
    return is.file->hash == was.file->hash;
  }
  const auto answer = around_.files.after(path, end);
  if (!answer.known) return Unknown{};
  if (name == "has") return answer.file.has_value();
  if (name == "is_directory") return answer.file && answer.file->directory;
  if (name == "size") return answer.file && !answer.file->directory ? from_size(answer.file->size) : Value(Unknown{});
  if (name == "is_sent") {
    const auto offset = integer_argument(arguments, 1);
    if (!answer.file || answer.file->directory) return false;
    if (!offset || *offset < 0) return Unknown{};
    return holds_what_was_sent(*answer.file, static_cast<std::uint64_t>(*offset));
  }
  if (name == "was_sent") {
    const auto sent = arguments.size() < 2 ? std::nullopt : sent_before(text_argument(arguments, 1));
    const auto offset = integer_argument(arguments, 2);
    if (!sent || !offset || *offset < 0) return Unknown{};
    const auto from = static_cast<std::uint64_t>(*offset);
    if (!answer.file || answer.file->directory || answer.file->size < from + sent->size()) return false;
    if (answer.file->content == nullptr) return Unknown{};
    return std::string_view(*answer.file->content).substr(from, sent->size()) == *sent;
  }
  return Unknown{};
}

Value Environment::holds_what_was_sent(const PeerFiles::File& file, std::uint64_t offset) const {
  if (exchange_.spilt) return Unknown{};
  if (file.size < offset || file.size - offset < data_sent()) return false;
  const bool more = file.size - offset > data_sent();
  // some servers leave what a longer file held behind the part that was replaced, some cut it off
  if (more && offset == 0) return false;
  const auto sent = content_of(Kind::sent_data);
  if (!sent) return Unknown{};
  if (file.content != nullptr) {
    const bool equal = std::string_view(*file.content).substr(offset, sent->size()) == *sent;
    return more && equal ? Value(Unknown{}) : Value(equal);
  }
  if (offset != 0 || file.hash.empty()) return Unknown{};
  return io::hash_hex(*sent) == file.hash;
}

Value Environment::received_is_part_of(const PeerFiles::File& file, std::uint64_t offset) const {
  const std::uint64_t received = data_received();
  if (offset > file.size || received > file.size - offset) return false;
  const auto bytes = content_of(Kind::data);
  if (!bytes) return Unknown{};
  if (file.content != nullptr) return std::string_view(*file.content).substr(offset, received) == *bytes;
  if (offset != 0 || received != file.size || file.hash.empty()) return Unknown{};
  return io::hash_hex(*bytes) == file.hash;
}

/// A text that no number can be taken for.
Value Environment::sent_hash() const {
  const auto sent = content_of(Kind::sent_data);
  return exchange_.spilt || !sent ? Value(Unknown{}) : Value("#" + io::hash_hex(*sent));
}

Value Environment::was_sent(const std::vector<Value>& arguments) const {
  const auto sent = sent_before(text_argument(arguments, 0));
  const auto offset = integer_argument(arguments, 1);
  const auto received = content_of(Kind::data);
  if (!sent || !offset || *offset < 0 || !received) return Unknown{};
  const auto from = static_cast<std::uint64_t>(*offset);
  return from <= sent->size() && std::string_view(*sent).substr(from, received->size()) == *received;
}

/// The bytes of an earlier command whose sent_hash was `hash`.
std::optional<io::Bytes> Environment::sent_before(const std::string& hash) const {
  if (hash.empty()) return std::nullopt;
  for (const Exchange& before : around_.session.exchanges) {
    if (before.event >= exchange_.event) break;
    if (!before.connected) continue;
    auto sent = content_of(Kind::sent_data, before);
    if (sent && "#" + io::hash_hex(*sent) == hash) return sent;
  }
  return std::nullopt;
}

Value Environment::silent() const {
  if (!exchange_.finals.empty() || !exchange_.completions.empty()) return false;
  if (!exchange_.ran_out || exchange_.cut || exchange_.doubtful) return Unknown{};
  return true;
}

Value Environment::escape_seen() const {
  if (escaped()) return true;
  if (!exchange_.dtr_dropped) return false;
  // DTR is a way out only under AT&D1 (manual 1.5 DATA-05, DATA-06)
  const Value dtr = states_.value("dtr");
  if (spec::is_unknown(dtr)) return Unknown{};
  return dtr != Value(std::int64_t{0});
}

bool Environment::escaped() const {
  const auto& events = around_.session.events;
  for (const std::size_t i : exchange_.seen) {
    if (events[i].kind == Kind::sent_escape) return true;
  }
  return false;
}

std::uint64_t Environment::bytes_of(Kind kind, const Exchange& exchange) const {
  const auto& events = around_.session.events;
  std::uint64_t sum = 0;
  for (std::size_t i = exchange.event; i < exchange.until_event && i < events.size(); ++i) {
    if (events[i].kind == kind) sum += std::max<std::uint64_t>(events[i].size, events[i].text.size());
  }
  return sum;
}

std::uint64_t Environment::data_sent() const { return bytes_of(Kind::sent_data, exchange_); }
std::uint64_t Environment::data_received() const { return bytes_of(Kind::data, exchange_); }

std::optional<io::Bytes> Environment::content_of(Kind kind) const { return content_of(kind, exchange_); }

std::optional<io::Bytes> Environment::content_of(Kind kind, const Exchange& exchange) const {
  const auto& events = around_.session.events;
  if (bytes_of(kind, exchange) > most_compared_bytes) return std::nullopt;
  io::Bytes all;
  for (std::size_t i = exchange.event; i < exchange.until_event && i < events.size(); ++i) {
    if (events[i].kind != kind) continue;
    if (events[i].size > events[i].text.size()) return std::nullopt;
    all += events[i].text;
  }
  return all;
}

}  // namespace atspec::judge
