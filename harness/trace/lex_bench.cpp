// Bytes and sessions a second; the comparable figures of other parsers are lines and lines with tokens.
#include <benchmark/benchmark.h>

#include <string>

#include "harness/trace/lex.hpp"

namespace {

using namespace atspec;

void lines(benchmark::State& state) {
  std::string bytes;
  while (bytes.size() < 16 * 1024)
    bytes += "\r\n+QFTPSIZE: 0,1000\r\n\r\n+CREG: 0,1\r\n\r\n+QFLST: \"RAM:test.txt\",1000\r\n\r\nOK\r\n";
  for (auto _ : state) {
    trace::Lexer lexer;
    lexer.received(io::Time{}, bytes);
    benchmark::DoNotOptimize(lexer.events().size());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(lines);

/// Binary data holds a CR in 256 bytes, text one in a line.
void download(benchmark::State& state) {
  const std::string data = state.range(0) == 0 ? io::pattern(1 << 20, 1) : [] {
    std::string text;
    while (text.size() < 1 << 20) text += "an ordinary line of some text file\r\n";
    return text;
  }();
  for (auto _ : state) {
    trace::Lexer lexer;
    lexer.sent(io::Time{}, "AT+QFTPGET=\"a\",\"COM:\"\r");
    lexer.received(io::Time{}, "\r\nCONNECT\r\n");
    for (std::size_t at = 0; at < data.size(); at += 4096)
      lexer.received(io::Time{}, std::string_view(data).substr(at, 4096));
    lexer.received(io::Time{}, "\r\nOK\r\n\r\n+QFTPGET: 0,1048576\r\n");
    benchmark::DoNotOptimize(lexer.events().size());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * data.size()));
}
BENCHMARK(download)->Arg(0)->Arg(1);

void short_sessions(benchmark::State& state) {
  trace::Trace trace;
  io::Time now{};
  const auto add = [&](trace::Channel channel, std::string_view bytes) {
    now += std::chrono::milliseconds(1);
    trace.records.push_back(trace::make_chunk(now, channel, 0, bytes));
  };
  for (const std::string_view command :
       {"ATE0\r", "AT+CMEE=1\r", "AT+QFTPCFG=\"contextid\",1\r", "AT+QIACT=1\r", "AT+QFTPSTAT\r"}) {
    add(trace::Channel::to_device, command);
    add(trace::Channel::from_device, "\r\nOK\r\n");
  }
  add(trace::Channel::from_device, "\r\n+QFTPSTAT: 0,4\r\n");
  for (auto _ : state) benchmark::DoNotOptimize(trace::lex(trace).size());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(short_sessions);

}  // namespace

BENCHMARK_MAIN();
