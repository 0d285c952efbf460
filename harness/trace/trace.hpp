// What happened while a scenario ran: raw timed chunks per channel, and facts that no channel shows.
// A trace holds no judgement and no interpretation; events are a view of it (lex.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/io/time.hpp"

namespace atspec::trace {

enum class Channel : std::uint8_t {
  to_device,
  from_device,
  control_to_peer,    ///< FTP commands, as the peer received them
  control_from_peer,  ///< FTP replies, as the peer sent them
  data_to_peer,       ///< data connection, upload
  data_from_peer      ///< data connection, download or listing
};
std::string_view to_string(Channel channel);

/// Bytes that passed together. Payloads past `kept_whole` are kept as head and tail with their
/// hash (io::hash_hex); `size` is always the true one.
struct Chunk {
  static constexpr std::size_t kept_whole = 64 * 1024;
  static constexpr std::size_t kept_head = kept_whole / 2;  ///< of a cut one; the rest of `bytes` is its tail
  io::Time at{};
  Channel channel = Channel::to_device;
  std::uint32_t connection = 0;  ///< of the peer channels
  io::Bytes bytes;
  std::uint64_t size = 0;
  std::string hash;  ///< empty while `bytes` is whole
};

/// Something known from elsewhere than the wire.
struct Fact {
  enum class Kind {
    step,         ///< subject: the scenario's line about to be carried out
    body,         ///< the set-up is over
    file_before,  ///< subject: absolute path on the peer; value: content or empty; size, hash
    file_after,
    timed_out,  ///< subject: what was waited for
    line_lost,  ///< subject: why
    reset_seen,
    note
  } kind = Kind::note;
  io::Time at{};
  std::string subject;
  io::Bytes value;         ///< file content where it is at most Chunk::kept_whole
  std::uint64_t size = 0;  ///< of a file
  std::string hash;        ///< of a file
};

std::string_view to_string(Fact::Kind kind);

using Record = std::variant<Chunk, Fact>;

struct Trace {
  /// What stood for ${name} in this run: addresses, credentials. Secret values are written as their
  /// token wherever they occur in the text form.
  std::map<std::string, std::string> tokens;
  std::string peer_level;  ///< scenario::to_string(PeerLevel)
  bool virtual_clock = false;
  bool files_known = false;     ///< file facts are complete: a path without one did not exist
  std::vector<Record> records;  ///< in order of time
};

/// Builds a chunk, cutting a large payload.
Chunk make_chunk(io::Time at, Channel channel, std::uint32_t connection, io::ByteView bytes);

}  // namespace atspec::trace
