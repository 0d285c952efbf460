#include "harness/ftpd/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>

namespace atspec::ftpd {
namespace {

struct Binary {
  Family family = Family::none;
  std::array<unsigned char, 16> bytes{};
  bool operator==(const Binary&) const = default;
};

Binary binary(std::string_view address) {
  Binary out;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.empty() || address.size() >= text.size()) return out;
  std::memcpy(text.data(), address.data(), address.size());
  if (inet_pton(AF_INET, text.data(), out.bytes.data()) == 1) {
    out.family = Family::ipv4;
  } else if (inet_pton(AF_INET6, text.data(), out.bytes.data()) == 1) {
    out.family = Family::ipv6;
  }
  return out;
}

/// Digits only, at most `most`; takes them off the front.
std::optional<unsigned> take_number(std::string_view& text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value > most) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

std::string_view plain_address(std::string_view address) {
  constexpr std::string_view mapped = "::ffff:";
  if (address.starts_with(mapped) && address.find('.') != std::string_view::npos) address.remove_prefix(mapped.size());
  return address;
}

Family family_of(std::string_view address) { return binary(address).family; }

bool same_address(std::string_view one, std::string_view other) {
  one = plain_address(one);
  other = plain_address(other);
  if (one == other) return true;
  const Binary a = binary(one), b = binary(other);
  return a.family != Family::none && a == b;
}

std::optional<io::Endpoint> parse_port(std::string_view text) {
  std::array<unsigned, 6> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with(',')) return std::nullopt;
      text.remove_prefix(1);
    }
    const auto number = take_number(text, 255);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  if (!text.empty()) return std::nullopt;
  return io::Endpoint{fmt::format("{}.{}.{}.{}", numbers[0], numbers[1], numbers[2], numbers[3]),
                      static_cast<std::uint16_t>(numbers[4] * 256 + numbers[5])};
}

std::optional<ExtendedPort> parse_extended_port(std::string_view text) {
  if (text.size() < 7) return std::nullopt;
  const char delimiter = text.front();
  if (delimiter < 33 || delimiter > 126 || text.back() != delimiter) return std::nullopt;  // RFC 2428 §2
  std::array<std::string_view, 3> fields;
  text.remove_prefix(1);
  for (auto& field : fields) {
    const std::size_t end = text.find(delimiter);
    if (end == std::string_view::npos) return std::nullopt;
    field = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (!text.empty()) return std::nullopt;
  const auto protocol = take_number(fields[0], 65535);
  const auto port = take_number(fields[2], 65535);
  if (!protocol || !port || !fields[0].empty() || !fields[2].empty()) return std::nullopt;
  ExtendedPort out{Family::none, {std::string(fields[1]), static_cast<std::uint16_t>(*port)}};
  if (*protocol != 1 && *protocol != 2) return out;
  out.family = *protocol == 1 ? Family::ipv4 : Family::ipv6;
  if (family_of(out.to.address) != out.family) return std::nullopt;
  return out;
}

std::optional<std::string> port_text(const io::Endpoint& endpoint) {
  const Binary address = binary(plain_address(endpoint.address));
  if (address.family != Family::ipv4) return std::nullopt;
  return fmt::format("{},{},{},{},{},{}", address.bytes[0], address.bytes[1], address.bytes[2], address.bytes[3],
                     endpoint.port / 256, endpoint.port % 256);
}

}  // namespace atspec::ftpd
