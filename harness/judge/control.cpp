#include "harness/judge/control.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>

#include "harness/judge/index.hpp"

namespace atspec::judge {
namespace {

constexpr std::size_t longest_line = 8192;  ///< the rest of a longer one is dropped

bool digit(char c) { return c >= '0' && c <= '9'; }

std::optional<int> code_of(std::string_view line) {
  if (line.size() < 3 || !digit(line[0]) || !digit(line[1]) || !digit(line[2])) return std::nullopt;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/// Cuts a stream into lines, whatever the chunks (RFC 1123 §4.1.2.10).
class Lines {
 public:
  template <typename Take>
  void add(std::string_view bytes, Take&& take) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      line_.append(part.substr(0, longest_line - std::min(longest_line, line_.size())));
      if (end == std::string_view::npos) return;
      if (!line_.empty() && line_.back() == '\r') line_.pop_back();
      take(line_);
      line_.clear();
      bytes.remove_prefix(end + 1);
    }
  }

 private:
  std::string line_;
};

struct Connection {
  Lines to_peer, from_peer;
  std::deque<std::size_t> unanswered;  ///< indices into Control::commands
  bool greeted = false;
  int multi_line = 0;  ///< code of the reply under way
  std::string text;
};

/// The commands about directories have an older name that means the same (RFC 1123 §4.1.3.1).
std::string known_name(std::string verb) {
  for (const char* old : {"XMKD", "XRMD", "XPWD", "XCWD", "XCUP"}) {
    if (verb == old) verb.erase(0, 1);
  }
  return verb;
}

}  // namespace

bool earlier(const Moment& a, const Moment& b) { return a.at != b.at ? a.at < b.at : a.record < b.record; }

const ControlReply* ControlCommand::final_reply(const Moment& by) const {
  for (const auto& reply : replies) {
    if (reply.final && !earlier(by, reply.when)) return &reply;
  }
  return nullptr;
}

bool ControlCommand::refused_by(const ControlReply& reply) const {
  if (reply.code < 300) return false;
  if (verb == "USER") return reply.code != 331;
  return reply.code != 350 || (verb != "RNFR" && verb != "REST");
}

Control read_control(const trace::Trace& trace) {
  Control control;
  control.observed = trace.peer_level == "scripted";
  std::map<std::uint32_t, Connection> connections;
  for (std::size_t i = 0; i < trace.records.size(); ++i) {
    const auto* chunk = std::get_if<trace::Chunk>(&trace.records[i]);
    if (chunk == nullptr) continue;
    const bool to_peer = chunk->channel == trace::Channel::control_to_peer;
    if (!to_peer && chunk->channel != trace::Channel::control_from_peer) continue;
    control.observed = true;
    control.torn |= chunk->size > chunk->bytes.size();
    Connection& connection = connections[chunk->connection];
    const Moment when{chunk->at, i};

    if (to_peer) {
      connection.to_peer.add(chunk->bytes, [&](const std::string& line) {
        std::string verb = known_name(capitals(std::string_view(line).substr(0, line.find(' '))));
        connection.unanswered.push_back(control.commands.size());
        control.commands.push_back({when, std::move(verb), line, {}, chunk->connection});
      });
      continue;
    }
    connection.from_peer.add(chunk->bytes, [&](const std::string& line) {
      const auto code = code_of(line);
      if (connection.multi_line != 0) {
        const bool last = code == connection.multi_line && (line.size() == 3 || line[3] == ' ');
        if (connection.text.size() < longest_line) connection.text.append("\n").append(line, last ? 3 : 0);
        if (!last) return;
      } else {
        // RFC 959 §4.2: three digits, the first of them 1 to 5, and a blank or a hyphen
        if (!code || *code < 100 || *code > 599 || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) {
          // what comes between two commands, nobody waits for, though a device may stumble over it
          const bool awaited = !connection.unanswered.empty() || !connection.greeted;
          (awaited ? control.garbage : control.stray).push_back(when);
          return;
        }
        connection.text = line.size() > 4 ? line.substr(4) : std::string();
        if (line.size() > 3 && line[3] == '-') {
          connection.multi_line = *code;
          return;
        }
      }
      connection.multi_line = 0;
      const bool final = *code >= 200;
      if (!connection.greeted) {
        // nothing was asked yet: the greeting, or the 120 before it (RFC 959 §5.4)
        connection.greeted = final;
        if (connection.unanswered.empty()) {
          control.commands.push_back({when, "CONNECT", "", {{when, *code, connection.text, final}}, chunk->connection});
          return;
        }
      }
      if (connection.unanswered.empty()) {
        // replies nobody asked for do not exist, save the 421 of a server that leaves (RFC 959 §4.2.2)
        control.commands.push_back({when, "", "", {{when, *code, connection.text, final}}, chunk->connection});
        return;
      }
      // it answers QUIT alone, whatever else is owed
      const auto quit = std::find_if(connection.unanswered.begin(), connection.unanswered.end(),
                                     [&](std::size_t one) { return control.commands[one].verb == "QUIT"; });
      if (*code == 221 && quit != connection.unanswered.end())
        connection.unanswered.erase(connection.unanswered.begin(), quit);
      control.commands[connection.unanswered.front()].replies.push_back({when, *code, connection.text, final});
      if (final) connection.unanswered.pop_front();
    });
  }
  return control;
}

std::optional<std::int64_t> number_in(std::string_view reply_text) {
  std::int64_t value = 0;
  const char* end = reply_text.data() + reply_text.size();
  const auto [stop, error] = std::from_chars(reply_text.data(), end, value);
  if (error != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

std::optional<std::string> path_in(std::string_view reply_text) {
  if (!reply_text.starts_with('"')) return std::nullopt;
  const std::size_t open = 0;
  std::string path;
  for (std::size_t i = open + 1; i < reply_text.size(); ++i) {
    if (reply_text[i] != '"') {
      path.push_back(reply_text[i]);
      if (reply_text.substr(i, 2) == "\xFF\xFF") ++i;
    } else if (i + 1 < reply_text.size() && reply_text[i + 1] == '"') {
      path.push_back('"');
      ++i;
    } else {
      const bool shown = path.find('"') == std::string::npos && std::none_of(path.begin(), path.end(), [](char c) {
                           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
                         });
      return shown ? std::optional(path) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::string> time_in(std::string_view reply_text) {
  constexpr std::string_view longest = "YYYYMMDDHHMMSS.NNN";
  constexpr std::size_t dot = longest.find('.');
  if (reply_text.size() != dot && reply_text.size() != longest.size()) return std::nullopt;
  for (std::size_t i = 0; i < reply_text.size(); ++i) {
    if (i == dot ? reply_text[i] != '.' : !digit(reply_text[i])) return std::nullopt;
  }
  return std::string(reply_text);
}

}  // namespace atspec::judge
