// TYPE A on the wire (RFC 959 §3.1.1.1): the stores keep lines as this host does, with LF; the wire has CR LF.
// Every LF gains a CR, and loses just that one again, so that any file, text or not, comes back as it was.
#pragma once

#include <cstdint>
#include <string>

#include "harness/ftpd/store.hpp"
#include "harness/io/bytes.hpp"

namespace atspec::ftpd {

io::Bytes to_wire(io::ByteView stored);

/// Stateful, as a CR and its LF may come in different segments.
class FromWire {
 public:
  FromWire() = default;
  explicit FromWire(bool holds_cr) : holds_cr_(holds_cr) {}
  io::Bytes convert(io::ByteView wire);
  /// What was held back, once no more comes.
  io::Bytes finish();

 private:
  bool holds_cr_ = false;
};

/// Where `wire_bytes` of the wire form end in a stored file: RFC 3659 §5.3 counts a REST in transferred bytes.
struct StoredPosition {
  std::uint64_t offset = 0;
  bool after_cr = false;  ///< between the CR and the LF of a line end that starts at `offset`
};
/// The error is `not_found` where the file is shorter than that, else the store's.
std::expected<StoredPosition, StoreError> stored_position(const FileStore& store, std::string_view path,
                                                          std::uint64_t wire_bytes);
/// The size of the wire form, which is what SIZE answers in TYPE A (RFC 3659 §4).
std::expected<std::uint64_t, StoreError> wire_size(const FileStore& store, std::string_view path);

}  // namespace atspec::ftpd
