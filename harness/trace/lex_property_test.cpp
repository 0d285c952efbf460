#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>

#include "harness/trace/lex.hpp"
#include "harness/trace/session_test.hpp"

namespace atspec::trace {
namespace {

using namespace std::chrono_literals;

struct Piece {
  Channel channel = Channel::to_device;
  std::string bytes;
  io::Duration pause{};
};

/// Words that matter to the lexer, cut anywhere, and noise.
std::string any_bytes(bool from_device) {
  static const std::vector<std::string> device = {"\r\nOK\r\n",
                                                  "\r\nCONNECT\r\n",
                                                  "\r\n+QFTPGET: 0,5\r\n",
                                                  "\r\n+QFTPGET: 0,8\r\n",
                                                  "\r\n+QFTPPUT: 0,3\r\n",
                                                  "\r\n+QFDWL: 3,0\r\n\r\nOK\r\n",
                                                  "\r\n+QFDWL: 0,0\r\n",
                                                  "\r\n",
                                                  "\r",
                                                  "\n",
                                                  "abc",
                                                  "AT\r",
                                                  "AT+QFTPGET\r",
                                                  "0\r",
                                                  "1\r",
                                                  "4\r\n",
                                                  "\r\n+CME ERROR: 601\r\n",
                                                  "OK\r\n+QFTPGET: 0,0\r\n",
                                                  "ATO\r",
                                                  "\r\nNO CARRIER\r\n",
                                                  "+++",
                                                  "\x01",
                                                  "\xFF",
                                                  "O",
                                                  "\r\n+URC: 1\r\n",
                                                  "AT+QFTPPUT",
                                                  "\r\nOK\r\n\r\nOK\r\n",
                                                  "x\r\nOK\r\ny"};
  static const std::vector<std::string> host = {"AT\r", "AT+QFTPGET\r", "AT+QFTPPUT\r", "ATO\r", "+++", "+",
                                                "A",    "T\r",          "abc",          "\r",    "\n",  "ATV0\r",
                                                "OK\r", "ABC",          "AT\b\r"};
  const auto& words = from_device ? device : host;
  if (*rc::gen::inRange(0, 12) == 0) return *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  std::string bytes = *rc::gen::elementOf(words);
  if (*rc::gen::inRange(0, 8) == 0) bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
  return bytes;
}

std::vector<Piece> any_session() {
  std::vector<Piece> pieces;
  // most sessions get into data mode, and some into V0
  if (*rc::gen::inRange(0, 4) == 0) {
    pieces.push_back({Channel::to_device, "ATV0\r", {}});
    pieces.push_back({Channel::from_device, "0\r", {}});
  }
  if (*rc::gen::inRange(0, 3) != 0) {
    pieces.push_back(
        {Channel::to_device, *rc::gen::element<std::string>("AT+QFTPGET\r", "AT+QFTPPUT\r", "AT+QFDWL\r"), {}});
    pieces.push_back({Channel::from_device, *rc::gen::element<std::string>("\r\nCONNECT\r\n", "1\r"), {}});
  }
  const int more = *rc::gen::inRange(0, 14);
  for (int i = 0; i < more; ++i) {
    const int who = *rc::gen::inRange(0, 10);
    Piece piece;
    piece.channel = who < 6 ? Channel::from_device : who < 9 ? Channel::to_device : Channel::data_from_peer;
    piece.bytes = any_bytes(piece.channel != Channel::to_device);
    piece.pause = *rc::gen::element<io::Duration>(0ms, 0ms, 100ms, 1s);
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

Trace trace_of(const std::vector<Piece>& pieces, bool whole) {
  Trace trace;
  io::Time now{};
  for (const Piece& piece : pieces) {
    now += piece.pause;
    std::string_view rest = piece.bytes;
    while (!rest.empty()) {
      const std::size_t size = whole ? rest.size() : *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
      trace.records.push_back(make_chunk(now, piece.channel, 1, rest.substr(0, size)));
      rest.remove_prefix(size);
    }
  }
  return trace;
}

std::vector<std::string> online(const Trace& trace) {
  Lexer lexer;
  for (const auto& record : trace.records) {
    const auto& chunk = std::get<Chunk>(record);
    if (chunk.channel == Channel::to_device) lexer.sent(chunk.at, chunk.bytes);
    if (chunk.channel == Channel::from_device) lexer.received(chunk.at, chunk.bytes);
  }
  return show(lexer.events());
}

std::string joined(const std::vector<std::string>& lines) { return fmt::format("{}\n", fmt::join(lines, "\n")); }

RC_GTEST_PROP(LexerProperty, HowTheBytesAreCutMakesNoDifference, ()) {
  const auto pieces = any_session();
  const Trace whole = trace_of(pieces, true), cut = trace_of(pieces, false);
  RC_LOG() << joined(show(lex(whole))) << "--\n" << joined(show(lex(cut)));
  RC_ASSERT(show(lex(whole)) == show(lex(cut)));
  RC_LOG() << "online\n" << joined(online(whole)) << "--\n" << joined(online(cut));
  RC_ASSERT(online(whole) == online(cut));
}

std::string only(std::string_view bytes, bool (*wanted)(char)) {
  std::string out;
  for (const char c : bytes) {
    if (wanted(c)) out += c;
  }
  return out;
}

RC_GTEST_PROP(LexerProperty, NoByteOfTheDeviceIsLostOrMadeUp, ()) {
  const Trace trace = trace_of(any_session(), true);
  std::string received, seen;
  for (const auto& record : trace.records) {
    const auto& chunk = std::get<Chunk>(record);
    if (chunk.channel == Channel::from_device) received += chunk.bytes;
  }
  for (const auto& event : lex(trace)) {
    using Kind = Event::Kind;
    RC_ASSERT(event.size == event.text.size());
    RC_ASSERT(event.began <= event.at);
    RC_ASSERT(event.record < trace.records.size());
    if (event.kind != Kind::sent_line && event.kind != Kind::sent_data && event.kind != Kind::sent_escape)
      seen += event.text;
  }
  const auto no_line_end = [](char c) { return c != '\r' && c != '\n'; };
  RC_ASSERT(only(seen, no_line_end) == only(received, no_line_end));
}

RC_GTEST_PROP(LexerProperty, ADownloadIsFoundWhateverItHolds, ()) {
  std::string data;
  const int pieces = *rc::gen::inRange(0, 8);
  for (int i = 0; i < pieces; ++i) data += any_bytes(true);
  const bool counted = *rc::gen::arbitrary<bool>();
  Session session;
  session.sent("AT+QFTPGET\r");
  if (!data.empty() && counted) session.peer_sent(data);
  session.received("\r\nCONNECT\r\n").received(data).received("\r\nOK\r\n");
  // without the peer's count the device's own word is needed, and the data must not forge that
  if (!counted) {
    RC_PRE(data.find("\r\n+QFTPGET: ") == std::string::npos);
    session.received(fmt::format("\r\n+QFTPGET: 0,{}\r\n", data.size()));
  }
  session.sent("AT\r").received("\r\nOK\r\n");
  const auto events = lex(session.trace());
  std::string found;
  for (const auto& event : events) {
    if (event.kind == Event::Kind::data) found += event.text;
  }
  RC_LOG() << joined(show(events));
  RC_ASSERT(found == data);
}

RC_GTEST_PROP(LexerProperty, AFileThatIsShownIsFoundWhateverItHolds, ()) {
  std::string data;
  for (int pieces = *rc::gen::inRange(0, 8); pieces > 0; --pieces) data += any_bytes(true);
  const bool announced = *rc::gen::arbitrary<bool>();
  Session session;
  if (announced) {
    session.sent("AT+QFREAD=1\r").received(fmt::format("\r\nCONNECT {}\r\n{}\r\nOK\r\n", data.size(), data));
  } else {
    // the device's own word alone tells, and the data must not forge that
    RC_PRE(data.find("+QFDWL: ") == std::string::npos);
    session.sent("AT+QFDWL=a\r")
        .received(fmt::format("\r\nCONNECT\r\n{}\r\n+QFDWL: {},0\r\n\r\nOK\r\n", data, data.size()));
  }
  session.sent("AT\r").received("\r\nOK\r\n");
  const auto events = lex(session.trace());
  std::string found;
  for (const auto& event : events) {
    if (event.kind == Event::Kind::data) found += event.text;
  }
  RC_LOG() << joined(show(events));
  RC_ASSERT(found == data);
}

/// The quickest of three: what the machine does besides is left out.
double seconds_for(const std::string& piece, std::size_t size, std::size_t chunk, bool in_data) {
  std::string bytes;
  while (bytes.size() < size) bytes += piece;
  double out = 1e9;
  for (int i = 0; i < 3; ++i) {
    Lexer lexer;
    lexer.sent(io::Time{}, "AT+QFTPGET\r");
    if (in_data) lexer.received(io::Time{}, "\r\nCONNECT\r\n");
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at < bytes.size(); at += chunk)
      lexer.received(io::Time{}, std::string_view(bytes).substr(at, chunk));
    out = std::min(out, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return out;
}

TEST(LexerCost, HostileBytesTakeLinearTime) {
  for (const bool in_data : {false, true}) {
    for (const std::string piece :
         {"\r\nOK\r\n", "\r\n", "\r", "\n", "x", "\r\nOK\r\nx", "\r\nO", "a\n", "\r\n+QFTPGET: 0,1\r\n",
          "\r\nOK\r\n\r\n+QFTPGET: 0,1\r\n", "0\r", "AT\r", "\r\nCONNECT\r\n", "+CME ERROR: ", "\r\nOK\r\n\r\nOK\r\n!",
          "\r\n+QFTPGET: 1\r\n\r\nOK\r\n"}) {
      for (const std::size_t chunk : {1U, 4096U}) {
        // four times the bytes: four times the time, not sixteen times
        const double some = seconds_for(piece, 20'000, chunk, in_data),
                     more = seconds_for(piece, 80'000, chunk, in_data);
        EXPECT_LT(more, 10 * some + 0.01)
            << io::escape(piece) << " in pieces of " << chunk << (in_data ? " in data mode" : "");
      }
    }
  }
}

}  // namespace
}  // namespace atspec::trace
