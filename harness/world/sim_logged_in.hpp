// For tests of this folder: a session on a server that has the file "a.bin" and can be told to misbehave.
#pragma once

#include <gtest/gtest.h>

#include "harness/world/sim_session.hpp"

namespace atspec::world {

struct LoggedIn {
  Sim sim;
  Host host{sim};

  explicit LoggedIn(const SimOptions& options = ordinary_options()) : sim(options) {
    EXPECT_TRUE(sim.store().write("/a.bin", 0, "12345", true));
    EXPECT_TRUE(host.log_in());
    sim.take_log();
  }
  void rule(std::string_view line) {
    const auto directive = scenario::parse_peer_directive(line);
    ASSERT_TRUE(directive) << directive.error();
    sim.server().script(*directive);
  }
  void expect(std::string_view line, std::string_view urc) {
    EXPECT_EQ(host.type(std::string(line) + "\r", std::string(urc) + "\r\n"),
              "\r\nOK\r\n\r\n" + std::string(urc) + "\r\n");
  }
  std::string asked() {
    std::string out;
    for (const auto& one : sim.take_log()) {
      if (one.what == ftpd::Logged::What::control_in) out += one.bytes;
    }
    return out;
  }
};

}  // namespace atspec::world
