// For tests and benchmarks of this folder: a Sim whose modem is configured by hand, as no spec is known here, and a
// host that types command lines and reads what comes.
#pragma once

#include <string>
#include <string_view>

#include "harness/world/sim.hpp"

namespace atspec::world {

inline SimOptions ordinary_options() {
  SimOptions options;
  options.modem.initial = {{"echo", "0"},
                           {"verbose", "1"},
                           {"cmee", "1"},
                           {"dtr", "1"},
                           {"cfg.username", "test"},
                           {"cfg.password", "test"},
                           {"cfg.filetype", "0"},
                           {"cfg.transmode", "1"},
                           {"cfg.contextid", "1"},
                           {"cfg.rsptimeout", "90"},
                           {"cfg.ssltype", "0"},
                           {"cfg.sslctxid", "0"},
                           {"cfg.cache", "0"},
                           {"cfg.data_address_type", "1"},
                           {"cfg.data_timeout", "10"}};
  options.modem.codes = {
      {"unknown", 601}, {"timeout", 609},       {"dns-failed", 604},  {"network", 605},   {"control-closed", 606},
      {"blocked", 602}, {"file-position", 612}, {"data-closed", 607}, {"data-open", 615}, {"peer-closed", 608},
      {"file", 613},    {"open-file", 611},     {"busy", 603}};
  options.modem.pair = {{550, 627}, {421, 614}, {426, 616}, {530, 625}};
  return options;
}

class Host {
 public:
  explicit Host(Sim& sim) : sim_(sim) {}
  /// Types `text`, then reads until what came ends with `end` (or nothing more comes for `limit`).
  std::string type(std::string_view text, std::string_view end = "OK\r\n",
                   io::Duration limit = std::chrono::minutes(3)) {
    sim_.write(text);
    return read(end, limit);
  }
  std::string read(std::string_view end, io::Duration limit = std::chrono::minutes(3)) {
    std::string out;
    const io::Time until = sim_.now() + limit;
    while (!out.ends_with(end)) {
      const auto arrival = sim_.poll(until);
      if (!arrival) break;
      out += arrival->bytes;
    }
    return out;
  }
  bool log_in(std::string_view server = "ftp.example") {
    type("AT+QIACT=1\r");
    return type("AT+QFTPOPEN=\"" + std::string(server) + "\",21\r", "+QFTPOPEN: 0,0\r\n")
        .ends_with("+QFTPOPEN: 0,0\r\n");
  }

 private:
  Sim& sim_;
};

}  // namespace atspec::world
