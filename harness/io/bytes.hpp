// Bytes off a wire. They are not text: they may hold NUL, half a UTF-8 sequence or a terminal
// escape, and reach a person only through `escape`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atspec::io {

using Bytes = std::string;
using ByteView = std::string_view;

/// Printable ASCII stays; CR, LF, TAB, backslash and quote become \r \n \t \\ \"; all else \xHH.
std::string escape(ByteView bytes);

/// The inverse of `escape`; nothing where an escape is malformed.
std::optional<Bytes> unescape(std::string_view text);

/// `size` pseudo-random bytes of which any prefix is the same for a longer `size`.
Bytes pattern(std::size_t size, std::uint64_t seed);

/// 64-bit FNV-1a, the hash of case ids and of large payloads.
std::uint64_t hash(ByteView bytes);

/// `hash` as 16 hexadecimal digits.
std::string hash_hex(ByteView bytes);

/// Whether all of `text` is of the form `pattern`: `*` any bytes, `?` any one byte.
bool glob(std::string_view pattern, std::string_view text);

}  // namespace atspec::io
