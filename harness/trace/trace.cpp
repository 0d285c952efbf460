#include "harness/trace/trace.hpp"

namespace atspec::trace {

std::string_view to_string(Channel channel) {
  switch (channel) {
    case Channel::to_device:
      return "to_device";
    case Channel::from_device:
      return "from_device";
    case Channel::control_to_peer:
      return "control_to_peer";
    case Channel::control_from_peer:
      return "control_from_peer";
    case Channel::data_to_peer:
      return "data_to_peer";
    case Channel::data_from_peer:
      return "data_from_peer";
  }
  return "to_device";
}

std::string_view to_string(Fact::Kind kind) {
  switch (kind) {
    case Fact::Kind::step:
      return "step";
    case Fact::Kind::body:
      return "body";
    case Fact::Kind::file_before:
      return "file_before";
    case Fact::Kind::file_after:
      return "file_after";
    case Fact::Kind::timed_out:
      return "timed_out";
    case Fact::Kind::line_lost:
      return "line_lost";
    case Fact::Kind::reset_seen:
      return "reset_seen";
    case Fact::Kind::note:
      return "note";
  }
  return "note";
}

Chunk make_chunk(io::Time at, Channel channel, std::uint32_t connection, io::ByteView bytes) {
  Chunk chunk{.at = at, .channel = channel, .connection = connection, .bytes = {}, .size = bytes.size(), .hash = {}};
  if (bytes.size() <= Chunk::kept_whole) {
    chunk.bytes = bytes;
    return chunk;
  }
  constexpr std::size_t tail = Chunk::kept_whole - Chunk::kept_head;
  chunk.bytes.reserve(Chunk::kept_whole);
  chunk.bytes.append(bytes.substr(0, Chunk::kept_head)).append(bytes.substr(bytes.size() - tail));
  chunk.hash = io::hash_hex(bytes);
  return chunk;
}

}  // namespace atspec::trace
