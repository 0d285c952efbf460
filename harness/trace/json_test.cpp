#include "harness/trace/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "harness/trace/lex.hpp"
#include "harness/trace/session_test.hpp"

namespace atspec::trace {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Equal when written in full.
std::string plain(const Trace& trace) { return to_json_lines(trace, {}); }

TEST(TraceJson, ALineIsReadableByPeople) {
  Session session = Session().sent("AT\r").received("\r\nOK\r\n");
  Trace trace = session.trace();
  trace.peer_level = "blind";
  trace.tokens["ftp.host"] = "h";
  trace.records.push_back(Fact{.kind = Fact::Kind::step, .at = io::Time(io::Duration(9)), .subject = "> AT"});
  EXPECT_EQ(
      to_json_lines(trace),
      R"({"atspec":"trace-1","peer_level":"blind","virtual_clock":false,"files_known":false,"tokens":{"ftp.host":"h"}}
{"at_us":0,"channel":"to_device","bytes":"AT\\r"}
{"at_us":1000,"channel":"from_device","bytes":"\\r\\nOK\\r\\n"}
{"at_us":9,"fact":"step","subject":"> AT"}
)");
}

TEST(TraceJson, ALargePayloadIsCutAndItsSizeAndHashAreKept) {
  const io::Bytes bytes = io::pattern(100'000, 1);
  const Chunk chunk = make_chunk(io::Time{}, Channel::data_to_peer, 7, bytes);
  EXPECT_EQ(chunk.size, 100'000U);
  EXPECT_EQ(chunk.hash, io::hash_hex(bytes));
  EXPECT_EQ(chunk.bytes.size(), Chunk::kept_whole);
  EXPECT_TRUE(bytes.starts_with(chunk.bytes.substr(0, Chunk::kept_head)));
  EXPECT_TRUE(bytes.ends_with(chunk.bytes.substr(Chunk::kept_head)));
  Trace trace;
  trace.records.push_back(chunk);
  const auto again = from_json_lines(plain(trace));
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(plain(*again), plain(trace));
  EXPECT_EQ(std::get<Chunk>(again->records.at(0)).size, 100'000U);
  EXPECT_TRUE(make_chunk(io::Time{}, Channel::to_device, 0, bytes.substr(0, Chunk::kept_whole)).hash.empty());
}

TEST(TraceJson, ASecretIsATokenWhereverItOccurs) {
  Session session;
  session.sent("AT+QFTPCFG=\"account\",\"u\",\"s3cret\"\r").received("\r\n+X: \"s3cret\"s3cret\r\n");
  Trace trace = session.trace();
  trace.tokens = {{"ftp.pass", "s3cret"}, {"ftp.url", "ftp://u:s3cret@h"}};
  trace.records.push_back(make_chunk(io::Time{}, Channel::control_to_peer, 3, "PASS s3cret\r\n"));
  trace.records.push_back(Fact{.kind = Fact::Kind::note, .subject = "as s3cret", .value = "s3cret"});
  const std::string text = to_json_lines(trace);
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
  EXPECT_THAT(text, HasSubstr("PASS ${ftp.pass}\\\\r\\\\n"));
  EXPECT_THAT(text, HasSubstr("ftp://u:${ftp.pass}@h"));
  const auto again = from_json_lines(text);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(to_json_lines(*again), text);
}

TEST(TraceJson, ASecretSentInPiecesIsMaskedToo) {
  Session session;
  for (const char c : std::string("AT=s3cret\r")) session.sent(std::string(1, c)).received(std::string(1, c));
  Trace trace = session.trace();
  trace.tokens["ftp.pass"] = "s3cret";
  const auto again = from_json_lines(to_json_lines(trace));
  ASSERT_TRUE(again) << again.error();
  std::string sent;
  for (const auto& record : again->records) {
    if (std::get<Chunk>(record).channel == Channel::to_device) sent += std::get<Chunk>(record).bytes;
  }
  EXPECT_EQ(sent, "AT=${ftp.pass}\r");
  const auto events = show(lex(*again));
  EXPECT_THAT(events, testing::ElementsAre("sent_line AT=${ftp.pass}", "echo AT=${ftp.pass}"));
}

TEST(TraceJson, ASecretWithSpecialCharactersIsMaskedInEscapedTextToo) {
  Trace trace;
  trace.tokens["ftp.pass"] = "a\"\\b";
  trace.records.push_back(Fact{.kind = Fact::Kind::step, .subject = "raw \"x a\\\"\\\\b\""});
  trace.records.push_back(make_chunk(io::Time{}, Channel::to_device, 0, "xa\"\\by"));
  const std::string text = to_json_lines(trace);
  EXPECT_THAT(text, HasSubstr("x ${ftp.pass}"));
  EXPECT_THAT(text, HasSubstr("x${ftp.pass}y"));
}

TEST(TraceJson, AnErrorNamesTheLine) {
  const std::string header = "{\"atspec\":\"trace-1\"}\n";
  const auto error = [](const std::string& text) {
    const auto trace = from_json_lines(text);
    return trace ? "accepted" : trace.error();
  };
  EXPECT_EQ(error(""), "line 1: the header is missing");
  EXPECT_EQ(error("{}"), "line 1: `atspec` is not trace-1");
  EXPECT_EQ(error(header), "accepted");
  EXPECT_EQ(error(header + "\n[1]"), "line 3: no JSON object");
  EXPECT_EQ(error(header + "{"), "line 2: no JSON object");
  EXPECT_EQ(error(header + R"({"at_us":1,"channel":"x","bytes":""})"), "line 2: `channel` is not known");
  EXPECT_EQ(error(header + R"({"channel":"to_device","bytes":""})"), "line 2: `at_us` is no time");
  EXPECT_EQ(error(header + R"({"at_us":1,"channel":"to_device","bytes":"\\q"})"), "line 2: `bytes` is no escaped text");
  EXPECT_EQ(error(header + R"({"at_us":1,"channel":"to_device","bytes":1})"), "line 2: `bytes` is no escaped text");
  EXPECT_EQ(error(header + R"({"at_us":1,"channel":"to_device","bytes":"","size":9})"),
            "line 2: `size` and `hash` do not fit together");
  EXPECT_EQ(error(header + R"({"at_us":1,"fact":"step","size":-1})"), "line 2: `size` is no number in range");
}

io::Bytes any_bytes() { return *rc::gen::container<std::string>(rc::gen::arbitrary<char>()); }

Trace any_trace() {
  Trace trace;
  trace.tokens = *rc::gen::container<std::map<std::string, std::string>>(
      rc::gen::container<std::string>(rc::gen::arbitrary<char>()),
      rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
  trace.peer_level = any_bytes();
  trace.virtual_clock = *rc::gen::arbitrary<bool>();
  trace.files_known = *rc::gen::arbitrary<bool>();
  for (int i = *rc::gen::inRange(0, 10); i > 0; --i) {
    const io::Time at(io::Duration(*rc::gen::arbitrary<std::int64_t>()));
    if (*rc::gen::arbitrary<bool>()) {
      trace.records.push_back(make_chunk(at, static_cast<Channel>(*rc::gen::inRange(0, 6)),
                                         *rc::gen::arbitrary<std::uint32_t>(), any_bytes()));
    } else {
      trace.records.push_back(Fact{static_cast<Fact::Kind>(*rc::gen::inRange(0, 8)), at, any_bytes(), any_bytes(),
                                   *rc::gen::arbitrary<std::uint64_t>(),
                                   *rc::gen::element<std::string>("", "0123456789abcdef")});
    }
  }
  return trace;
}

bool same(const Trace& a, const Trace& b) {
  if (a.tokens != b.tokens || a.peer_level != b.peer_level || a.virtual_clock != b.virtual_clock ||
      a.files_known != b.files_known || a.records.size() != b.records.size())
    return false;
  for (std::size_t i = 0; i < a.records.size(); ++i) {
    if (a.records[i].index() != b.records[i].index()) return false;
    if (const auto* x = std::get_if<Chunk>(&a.records[i])) {
      const auto& y = std::get<Chunk>(b.records[i]);
      if (x->at != y.at || x->channel != y.channel || x->connection != y.connection || x->bytes != y.bytes ||
          x->size != y.size || x->hash != y.hash)
        return false;
    } else {
      const auto &f = std::get<Fact>(a.records[i]), &g = std::get<Fact>(b.records[i]);
      if (f.kind != g.kind || f.at != g.at || f.subject != g.subject || f.value != g.value || f.size != g.size ||
          f.hash != g.hash)
        return false;
    }
  }
  return true;
}

RC_GTEST_PROP(TraceJsonProperty, ReadingWhatWasWrittenGivesTheSame, ()) {
  const Trace trace = any_trace();
  const auto again = from_json_lines(plain(trace));
  RC_ASSERT(again.has_value());
  RC_ASSERT(same(*again, trace));
}

RC_GTEST_PROP(TraceJsonProperty, AMaskedTraceLoadsAndHoldsNoSecret, ()) {
  Trace trace = any_trace();
  const std::string secret =
      "\x01"
      "pw\xFF" +
      std::to_string(*rc::gen::inRange(10, 99));
  trace.tokens["ftp.pass"] = secret;
  const std::string stream = any_bytes() + secret + any_bytes() + secret;
  std::string_view rest = stream;
  while (!rest.empty()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
    trace.records.push_back(make_chunk(io::Time{}, Channel::from_device, 0, rest.substr(0, size)));
    rest.remove_prefix(size);
  }
  const std::string text = to_json_lines(trace);
  const auto again = from_json_lines(text);
  RC_ASSERT(again.has_value());
  std::map<std::pair<Channel, std::uint32_t>, std::string> streams;
  for (const auto& record : again->records) {
    if (const auto* chunk = std::get_if<Chunk>(&record)) streams[{chunk->channel, chunk->connection}] += chunk->bytes;
  }
  for (const auto& [key, bytes] : streams) RC_ASSERT(bytes.find(secret) == std::string::npos);
  RC_ASSERT(to_json_lines(*again) == text);
}

}  // namespace
}  // namespace atspec::trace
