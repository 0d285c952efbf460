#include "tools/atspec/listening.hpp"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <optional>

namespace atspec::tools {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::expected<io::Endpoint, std::string> parse_listen(const std::string& text) {
  io::Endpoint out{"127.0.0.1", 0};
  const auto colon = text.rfind(':');
  if (colon != std::string::npos) {
    out.address = text.substr(0, colon);
    if (out.address.starts_with('[') && out.address.ends_with(']'))
      out.address = out.address.substr(1, out.address.size() - 2);
    if (out.address == "localhost") out.address = "127.0.0.1";
  }
  const auto port = parse_port(std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 1));
  if (!port || out.address.empty())
    return std::unexpected(fmt::format("{}: want PORT or ADDRESS:PORT, as 127.0.0.1:7000", text));
  out.port = *port;
  return out;
}

std::expected<PortRange, std::string> parse_port_range(const std::string& text) {
  const auto dash = text.find('-');
  if (dash != std::string::npos) {
    const auto low = parse_port(std::string_view(text).substr(0, dash));
    const auto high = parse_port(std::string_view(text).substr(dash + 1));
    if (low && high && *low > 0 && *low <= *high) return PortRange{*low, *high};
  }
  return std::unexpected(fmt::format("{}: want two ports, as 30000-30100", text));
}

void serve(world::Loop& loop, const std::string& where) {
  std::signal(SIGPIPE, SIG_IGN);
  loop.stop_on_signals();
  fmt::print(stderr, "READY {}\n", where);
  std::fflush(stderr);
  loop.run();
}

}  // namespace atspec::tools
