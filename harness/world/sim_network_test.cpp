// What stands before a session: SIM, attachment, PDP contexts (manual 4.2), and what a restart leaves of it.
#include <gtest/gtest.h>

#include "harness/world/sim_session.hpp"

namespace atspec::world {
namespace {

constexpr const char* ok = "\r\nOK\r\n";
constexpr const char* error = "\r\nERROR\r\n";

std::string ask(Host& host, const std::string& line) { return host.type(line + "\r", "\r\n", std::chrono::seconds(1)); }

SimOptions with_plain_errors() {
  SimOptions options = ordinary_options();
  options.modem.initial["cmee"] = "0";
  return options;
}

TEST(SimNetwork, AFourthContextIsRefusedUntilOneIsGivenUp) {
  Sim sim{with_plain_errors()};
  Host host{sim};
  for (const char* id : {"1", "2", "15"}) EXPECT_EQ(ask(host, std::string("AT+QIACT=") + id), ok);
  EXPECT_EQ(ask(host, "AT+QIACT=4"), error);
  EXPECT_EQ(ask(host, "AT+QIDEACT=2"), ok);
  EXPECT_EQ(ask(host, "AT+QIACT=4"), ok);
}

TEST(SimNetwork, NothingIsActivatedWithoutASimOrAnAttachment) {
  SimOptions options = with_plain_errors();
  options.modem.sim_present = false;
  Sim without_sim{options};
  Host first{without_sim};
  EXPECT_EQ(ask(first, "AT+CPIN?"), error);
  EXPECT_EQ(ask(first, "AT+QIACT=1"), error);
  EXPECT_EQ(ask(first, "AT+CGATT=1"), error);

  options = with_plain_errors();
  options.modem.attached = false;
  Sim detached{options};
  Host second{detached};
  EXPECT_EQ(ask(second, "AT+QIACT=1"), error);
  EXPECT_EQ(ask(second, "AT+CGATT=1"), ok);
  EXPECT_EQ(ask(second, "AT+QIACT=1"), ok);
}

TEST(SimNetwork, DetachingTakesTheContextsAndTheSessionAway) {
  Sim sim{with_plain_errors()};
  Host host{sim};
  ASSERT_TRUE(host.log_in());
  EXPECT_EQ(ask(host, "AT+CGATT=0"), ok);
  EXPECT_EQ(host.type("AT+CGREG?\r"), "\r\n+CGREG: 0,0\r\n\r\nOK\r\n");
  EXPECT_EQ(host.type("AT+QIACT?\r"), ok);
  EXPECT_EQ(host.type("AT+QFTPSTAT\r", "+QFTPSTAT: 0,4\r\n"), "\r\nOK\r\n\r\n+QFTPSTAT: 0,4\r\n");
}

TEST(SimNetwork, WhatCgactHoldsIsNotForFtp) {
  Sim sim{with_plain_errors()};
  Host host{sim};
  EXPECT_EQ(ask(host, "AT+CGACT=1,3"), ok);
  EXPECT_EQ(ask(host, "AT+QIACT=3"), error);
  EXPECT_EQ(host.type("AT+CGACT?\r"), "\r\n+CGACT: 3,1\r\n\r\nOK\r\n");
  EXPECT_EQ(ask(host, "AT+CGACT=0,3"), ok);
  EXPECT_EQ(ask(host, "AT+QIACT=3"), ok);
}

TEST(SimNetwork, AQualityIsKeptUntilItIsTakenBack) {
  Sim sim{with_plain_errors()};
  Host host{sim};
  EXPECT_EQ(ask(host, "AT+CGQREQ=1,2,4,3,2,31"), ok);
  EXPECT_EQ(host.type("AT+CGQREQ?\r"), "\r\n+CGQREQ: 1,2,4,3,2,31\r\n\r\nOK\r\n");
  EXPECT_EQ(host.type("AT+CGQMIN?\r"), ok);
  EXPECT_EQ(ask(host, "AT+CGQREQ=1"), ok);
  EXPECT_EQ(host.type("AT+CGQREQ?\r"), ok);
}

TEST(SimNetwork, ARestartAnswersAndForgetsWhatIsNotSaved) {
  Sim sim{with_plain_errors()};
  Host host{sim};
  ASSERT_TRUE(host.log_in());
  EXPECT_EQ(ask(host, "AT+QFTPCFG=\"rsptimeout\",100"), ok);
  EXPECT_EQ(ask(host, "AT+CFUN=1,1;+CMEE=2"), ok);
  EXPECT_EQ(host.type("AT+CMEE?\r"), "\r\n+CMEE: 0\r\n\r\nOK\r\n");
  EXPECT_EQ(host.type("AT+QFTPCFG=\"rsptimeout\"\r"), "\r\n+QFTPCFG: \"rsptimeout\",90\r\n\r\nOK\r\n");
  EXPECT_EQ(host.type("AT+QIACT?\r"), ok);
  EXPECT_TRUE(host.log_in()) << "the old connection is in nobody's way";
}

TEST(SimNetwork, FewerFunctionsTakeTheNetworkAway) {
  Sim sim{with_plain_errors()};
  Host host{sim};
  EXPECT_EQ(ask(host, "AT+CFUN=4"), ok);
  EXPECT_EQ(host.type("AT+CFUN?\r"), "\r\n+CFUN: 4\r\n\r\nOK\r\n");
  EXPECT_EQ(ask(host, "AT+QIACT=1"), error);
  EXPECT_EQ(ask(host, "AT+CFUN=1;+QIACT=1"), ok);
}

}  // namespace
}  // namespace atspec::world
