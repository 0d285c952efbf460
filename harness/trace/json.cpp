#include "harness/trace/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/trace/mask.hpp"

namespace atspec::trace {
namespace {

using nlohmann::json;

constexpr std::string_view format_name = "trace-1";

constexpr std::array channels = {Channel::to_device,         Channel::from_device,  Channel::control_to_peer,
                                 Channel::control_from_peer, Channel::data_to_peer, Channel::data_from_peer};
constexpr std::array kinds = {Fact::Kind::step,       Fact::Kind::body,      Fact::Kind::file_before,
                              Fact::Kind::file_after, Fact::Kind::timed_out, Fact::Kind::line_lost,
                              Fact::Kind::reset_seen, Fact::Kind::note};

/// A JSON string of escaped bytes: io::escape leaves printable ASCII, of which JSON minds two.
void add_quoted(std::string& out, std::string_view bytes) {
  out += '"';
  for (const char c : io::escape(bytes)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void add_string(std::string& out, std::string_view name, std::string_view bytes) {
  out += fmt::format(",\"{}\":", name);
  add_quoted(out, bytes);
}

/// What is wrong with a line, or nothing: fields are read on demand and the first fault is kept.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  const std::string& fault() const { return fault_; }
  bool has(const char* name) const { return object_.contains(name); }

  std::string text(const char* name) {
    const auto found = object_.find(name);
    if (found == object_.end()) return {};
    if (found->is_string()) {
      if (auto bytes = io::unescape(found->get_ref<const std::string&>())) return std::move(*bytes);
    }
    return fail(name, "is no escaped text"), std::string{};
  }
  std::uint64_t number(const char* name, std::uint64_t absent, std::uint64_t largest) {
    const auto found = object_.find(name);
    if (found == object_.end()) return absent;
    if (found->is_number_unsigned() && found->get<std::uint64_t>() <= largest) return found->get<std::uint64_t>();
    return fail(name, "is no number in range"), absent;
  }
  io::Time time() {
    const auto found = object_.find("at_us");
    if (found != object_.end() && found->is_number_integer() &&
        !(found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX))
      return io::Time(io::Duration(found->get<std::int64_t>()));
    return fail("at_us", "is no time"), io::Time{};
  }
  bool flag(const char* name) {
    const auto found = object_.find(name);
    if (found == object_.end()) return false;
    if (found->is_boolean()) return found->get<bool>();
    return fail(name, "is neither true nor false"), false;
  }
  /// 16 hexadecimal digits, or nothing.
  std::string hash() {
    std::string value = text("hash");
    if (!value.empty() && (value.size() != 16 || value.find_first_not_of("0123456789abcdef") != std::string::npos))
      fail("hash", "is no hash");
    return value;
  }
  template <typename All>
  auto one_of(const char* name, const All& all) {
    const std::string value = text(name);
    for (const auto one : all) {
      if (to_string(one) == value) return one;
    }
    fail(name, "is not known");
    return all[0];
  }
  void fail(std::string_view name, std::string_view what) {
    if (fault_.empty()) fault_ = fmt::format("`{}` {}", name, what);
  }

 private:
  const json& object_;
  std::string fault_;
};

Record read_record(Fields& fields) {
  constexpr std::uint64_t most = UINT64_MAX;
  if (fields.has("fact")) {
    Fact fact{.kind = fields.one_of("fact", kinds), .at = fields.time(), .subject = fields.text("subject")};
    fact.value = fields.text("value");
    fact.size = fields.number("size", 0, most);
    fact.hash = fields.hash();
    return fact;
  }
  Chunk chunk{.at = fields.time(), .channel = fields.one_of("channel", channels)};
  chunk.connection = static_cast<std::uint32_t>(fields.number("connection", 0, UINT32_MAX));
  chunk.bytes = fields.text("bytes");
  chunk.hash = fields.hash();
  chunk.size = fields.number("size", chunk.bytes.size(), most);
  // a cut chunk keeps less than it was; masking may have made that longer, but not by so much
  const bool cut = !chunk.hash.empty();
  if (cut != fields.has("size") || (cut && chunk.size <= Chunk::kept_whole))
    fields.fail("size", "and `hash` do not fit together");
  return chunk;
}

void read_header(Fields& fields, const json& object, Trace& trace) {
  if (fields.text("atspec") != format_name) return fields.fail("atspec", "is not trace-1");
  trace.peer_level = fields.text("peer_level");
  trace.virtual_clock = fields.flag("virtual_clock");
  trace.files_known = fields.flag("files_known");
  const auto tokens = object.find("tokens");
  if (tokens == object.end()) return;
  if (!tokens->is_object()) return fields.fail("tokens", "is no object");
  for (const auto& [name, value] : tokens->items()) {
    if (!value.is_string()) return fields.fail("tokens", "holds something that is no text");
    const auto key = io::unescape(name);
    const auto bytes = io::unescape(value.get_ref<const std::string&>());
    if (!key || !bytes) return fields.fail("tokens", "holds something that is no escaped text");
    trace.tokens.insert_or_assign(*key, *bytes);
  }
}

}  // namespace

std::string to_json_lines(const Trace& trace, const std::set<std::string>& secrets) {
  const Mask mask(trace.tokens, secrets);
  std::string out = fmt::format("{{\"atspec\":\"{}\"", format_name);
  add_string(out, "peer_level", trace.peer_level);
  out += fmt::format(",\"virtual_clock\":{},\"files_known\":{},\"tokens\":", trace.virtual_clock, trace.files_known);
  char before = '{';
  for (const auto& [name, value] : trace.tokens) {
    out += before;
    before = ',';
    add_quoted(out, name);
    out += ':';
    add_quoted(out, mask.apply(value));
  }
  out += trace.tokens.empty() ? "{}}\n" : "}}\n";

  const auto bytes = masked_bytes(trace, mask);
  for (std::size_t i = 0; i < trace.records.size(); ++i) {
    if (const auto* chunk = std::get_if<Chunk>(&trace.records[i])) {
      out += fmt::format("{{\"at_us\":{},\"channel\":\"{}\"", chunk->at.time_since_epoch().count(),
                         to_string(chunk->channel));
      if (chunk->connection != 0) out += fmt::format(",\"connection\":{}", chunk->connection);
      add_string(out, "bytes", bytes[i]);
      if (!chunk->hash.empty()) out += fmt::format(",\"size\":{},\"hash\":\"{}\"", chunk->size, chunk->hash);
    } else {
      const auto& fact = std::get<Fact>(trace.records[i]);
      out += fmt::format("{{\"at_us\":{},\"fact\":\"{}\"", fact.at.time_since_epoch().count(), to_string(fact.kind));
      if (!fact.subject.empty()) add_string(out, "subject", mask.apply(fact.subject));
      if (!fact.value.empty()) add_string(out, "value", mask.apply(fact.value));
      if (fact.size != 0) out += fmt::format(",\"size\":{}", fact.size);
      if (!fact.hash.empty()) out += fmt::format(",\"hash\":\"{}\"", fact.hash);
    }
    out += "}\n";
  }
  return out;
}

std::expected<Trace, std::string> from_json_lines(std::string_view text) {
  Trace trace;
  std::size_t number = 0;
  bool header = true;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object()) return std::unexpected(fmt::format("line {}: no JSON object", number));
    Fields fields(object);
    if (std::exchange(header, false)) {
      read_header(fields, object, trace);
    } else {
      trace.records.push_back(read_record(fields));
    }
    if (!fields.fault().empty()) return std::unexpected(fmt::format("line {}: {}", number, fields.fault()));
  }
  if (header) return std::unexpected("line 1: the header is missing");
  return trace;
}

}  // namespace atspec::trace
