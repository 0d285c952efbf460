#include "harness/ftpd/ascii.hpp"

#include <algorithm>

namespace atspec::ftpd {
namespace {

constexpr std::size_t chunk = 64 * 1024;

}  // namespace

io::Bytes to_wire(io::ByteView stored) {
  io::Bytes out;
  out.reserve(stored.size() + static_cast<std::size_t>(std::count(stored.begin(), stored.end(), '\n')));
  for (const char c : stored) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

io::Bytes FromWire::convert(io::ByteView wire) {
  io::Bytes out;
  out.reserve(wire.size() + 1);
  for (const char c : wire) {
    if (holds_cr_ && c != '\n') out += '\r';
    holds_cr_ = c == '\r';
    if (!holds_cr_) out += c;
  }
  return out;
}

io::Bytes FromWire::finish() {
  const bool held = holds_cr_;
  holds_cr_ = false;
  return held ? "\r" : "";
}

std::expected<StoredPosition, StoreError> stored_position(const FileStore& store, std::string_view path,
                                                          std::uint64_t wire_bytes) {
  StoredPosition position;
  std::uint64_t left = wire_bytes;
  while (left > 0) {
    const auto bytes = store.read(path, position.offset, chunk);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return std::unexpected(StoreError::not_found);
    for (const char c : *bytes) {
      if (left == 0) break;
      if (c == '\n' && left == 1) {
        position.after_cr = true;
        return position;
      }
      left -= c == '\n' ? 2 : 1;
      ++position.offset;
    }
  }
  return position;
}

std::expected<std::uint64_t, StoreError> wire_size(const FileStore& store, std::string_view path) {
  std::uint64_t size = 0;
  for (std::uint64_t offset = 0;;) {
    const auto bytes = store.read(path, offset, chunk);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return size;
    offset += bytes->size();
    size += bytes->size() + static_cast<std::uint64_t>(std::count(bytes->begin(), bytes->end(), '\n'));
  }
}

}  // namespace atspec::ftpd
