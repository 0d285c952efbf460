// Addresses as FTP commands and replies write them (RFC 959 §4.1.2, RFC 2428).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/io/network.hpp"

namespace atspec::ftpd {

enum class Family : unsigned char { none, ipv4, ipv6 };

/// ::ffff:1.2.3.4 as 1.2.3.4: the same host, seen through a socket that speaks both.
std::string_view plain_address(std::string_view address);
/// Of a plain address.
Family family_of(std::string_view address);
/// Whether two addresses, in whatever spelling, are one.
bool same_address(std::string_view one, std::string_view other);

/// The argument of PORT, "1,2,3,4,5,6".
std::optional<io::Endpoint> parse_port(std::string_view text);

/// The argument of EPRT, "|1|1.2.3.4|5|". Family::none: a protocol that nobody here speaks (522).
struct ExtendedPort {
  Family family = Family::none;
  io::Endpoint to;
};
std::optional<ExtendedPort> parse_extended_port(std::string_view text);

/// "1,2,3,4,5,6" for 227; nothing where the address is not IPv4.
std::optional<std::string> port_text(const io::Endpoint& endpoint);

}  // namespace atspec::ftpd
