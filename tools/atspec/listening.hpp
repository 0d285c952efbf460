// What the two servers, `modem` and `ftpd`, share on the command line.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "harness/io/network.hpp"
#include "harness/world/live_loop.hpp"

namespace atspec::tools {

/// "7000", "127.0.0.1:7000", "[::1]:7000"; without an address it is loopback. Port 0: any free one.
std::expected<io::Endpoint, std::string> parse_listen(const std::string& text);

struct PortRange {
  std::uint16_t low = 0, high = 0;
};
/// "30000-30100"
std::expected<PortRange, std::string> parse_port_range(const std::string& text);

/// Says READY on stderr in one line and runs until a signal or `loop.stop()`.
void serve(world::Loop& loop, const std::string& where);

}  // namespace atspec::tools
