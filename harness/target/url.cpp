#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <optional>

#include "harness/target/open.hpp"

namespace atspec::target {
namespace {

constexpr std::string_view schemes =
    "a target is sim: or serial:/dev/ttyUSB2?baud=115200&flow=rtscts or tcp://host:port or exec:COMMAND";

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

/// RFC 3986 §2.1; a percent sign that begins no escape stays.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high && low) {
        out += static_cast<char>(*high * 16 + *low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

struct Scheme {
  std::string_view name;
  std::string_view prefix;
  std::string_view keys;  ///< of its query, each followed by a blank
};
constexpr std::array<Scheme, 4> known = {{{"sim", "sim:", "mutant profile "},
                                          {"serial", "serial:", "baud flow parity "},
                                          {"tcp", "tcp://", ""},
                                          {"exec", "exec:", ""}}};

}  // namespace

std::expected<Url, std::string> parse_url(std::string_view text) {
  for (const Scheme& scheme : known) {
    if (!text.starts_with(scheme.prefix)) continue;
    Url url{std::string(scheme.name), std::string(text.substr(scheme.prefix.size())), {}, std::string(text)};
    // a command may hold question marks of its own
    const auto mark = scheme.name == "exec" ? std::string::npos : url.rest.find('?');
    if (mark != std::string::npos) {
      std::string_view query = std::string_view(url.rest).substr(mark + 1);
      while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        const std::string key(pair.substr(0, equals));
        if (key.empty() || equals == std::string_view::npos || scheme.keys.find(key + " ") == std::string_view::npos) {
          return std::unexpected(scheme.keys.empty()
                                     ? fmt::format("{}: {} takes nothing after a question mark", text, scheme.prefix)
                                     : fmt::format("{}: \"{}\" is not a setting of {} (there are: {})", text, pair,
                                                   scheme.prefix, scheme.keys.substr(0, scheme.keys.size() - 1)));
        }
        url.query.insert_or_assign(key, percent_decoded(pair.substr(equals + 1)));
      }
      url.rest.resize(mark);
    }
    if (scheme.name == "sim" ? !url.rest.empty() : url.rest.empty())
      return std::unexpected(fmt::format("{}: {}", text, schemes));
    return url;
  }
  return std::unexpected(fmt::format("{}: {}", text.empty() ? "(empty)" : text, schemes));
}

bool reaches_loopback(const Url& url) {
  if (url.scheme == "tcp")
    return url.rest.starts_with("127.") || url.rest.starts_with("localhost:") || url.rest.starts_with("[::1]");
  if (url.scheme != "serial") return true;
  std::error_code error;
  const auto path = std::filesystem::canonical(url.rest, error);
  return !error && path.string().starts_with("/dev/pts/");
}

}  // namespace atspec::target
