// Target URLs to benches: sim:, serial:/dev/ttyUSB2?baud=115200&flow=rtscts, tcp://host:port,
// exec:COMMAND.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/modem/config.hpp"
#include "harness/target/bench.hpp"

namespace atspec::target {

struct Url {
  std::string scheme;                        ///< sim, serial, tcp, exec
  std::string rest;                          ///< path, host:port or command, without the query
  std::map<std::string, std::string> query;  ///< exec: has none
  std::string text;
};
/// The error is one line that names the schemes there are.
std::expected<Url, std::string> parse_url(std::string_view text);

/// Whether the module behind it can reach this host's loopback: sim, exec, tcp on loopback, and
/// serial on a pseudo-terminal.
bool reaches_loopback(const Url& url);

struct PeerOptions {
  std::string observed;  ///< ftp://user:password@host:port/ : somebody's server; empty: our own ftpd
  std::string bind = "127.0.0.1";
  std::string advertise;
  std::uint16_t passive_from = 0, passive_to = 0;
  bool blind = false;  ///< no peer that the harness can reach
};

struct OpenError {
  int exit_status = 2;  ///< 2: usage or configuration, 3: target or test bed cannot be reached
  std::string message;  ///< one line that says what to do next
};

/// `reference` is what a sim: target is made of.
std::expected<std::unique_ptr<Bench>, OpenError> open(const Url& url, const PeerOptions& peer,
                                                      const modem::Config& reference, std::uint64_t seed);

}  // namespace atspec::target
