#include "harness/trace/lex.hpp"

#include "harness/trace/counts.hpp"
#include "harness/trace/engine.hpp"

namespace atspec::trace {

std::string_view to_string(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::sent_line:
      return "sent_line";
    case Event::Kind::sent_data:
      return "sent_data";
    case Event::Kind::sent_escape:
      return "sent_escape";
    case Event::Kind::echo:
      return "echo";
    case Event::Kind::line:
      return "line";
    case Event::Kind::final_result:
      return "final_result";
    case Event::Kind::connect:
      return "connect";
    case Event::Kind::data:
      return "data";
    case Event::Kind::stray:
      return "stray";
  }
  return "stray";
}

std::vector<Event> lex(const Trace& trace) {
  PeerCounts counts(trace);
  Engine engine(&counts);
  for (std::size_t i = 0; i < trace.records.size(); ++i) {
    if (const auto* chunk = std::get_if<Chunk>(&trace.records[i])) {
      const auto [head, lost] = layout(*chunk);
      const io::ByteView bytes = chunk->bytes;
      const auto feed = chunk->channel == Channel::to_device     ? &Engine::sent
                        : chunk->channel == Channel::from_device ? &Engine::received
                                                                 : nullptr;
      if (feed == nullptr) continue;
      (engine.*feed)({chunk->at, i}, bytes.substr(0, head), lost);
      if (head < bytes.size()) (engine.*feed)({chunk->at, i}, bytes.substr(head), 0);
    } else if (const auto& fact = std::get<Fact>(trace.records[i]); fact.kind == Fact::Kind::reset_seen) {
      engine.restarted();
    }
  }
  engine.finish();
  return engine.take_events();
}

struct Lexer::Impl {
  Engine engine{nullptr};
  std::size_t chunks = 0;
};

Lexer::Lexer() : impl_(std::make_unique<Impl>()) {}
Lexer::~Lexer() = default;
Lexer::Lexer(Lexer&&) noexcept = default;
Lexer& Lexer::operator=(Lexer&&) noexcept = default;

void Lexer::sent(io::Time at, io::ByteView bytes) { impl_->engine.sent({at, impl_->chunks++}, bytes); }
void Lexer::received(io::Time at, io::ByteView bytes) { impl_->engine.received({at, impl_->chunks++}, bytes); }
const std::vector<Event>& Lexer::events() const { return impl_->engine.events(); }
bool Lexer::data_mode() const { return impl_->engine.data_mode(); }

}  // namespace atspec::trace
