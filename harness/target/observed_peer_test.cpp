// Through libcurl at our own server; others' servers are in tools/system.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/target/peer.hpp"
#include "harness/world/live_session.hpp"

namespace atspec::target {
namespace {

using testing::HasSubstr;

struct LiveObserved : testing::Test {
  LiveObserved() {
    auto kept = ftpd::memory_store();
    store = kept.get();
    server = std::make_unique<world::RunningFtpd>(std::move(kept));
    url = fmt::format("ftp://test:test@127.0.0.1:{}/", server->port());
  }
  /// The server is at rest between two calls, so that looking into its store from here is safe enough for a test.
  std::string names() const {
    std::string out;
    for (const auto& file : files_of(*store)) out += file.path + " ";
    return out;
  }

  ftpd::FileStore* store = nullptr;
  std::unique_ptr<world::RunningFtpd> server;
  std::string url;
};

TEST_F(LiveObserved, PutsFilesThereAndSeesWhatIsThere) {
  auto opened = observed_peer(url);
  ASSERT_TRUE(opened) << opened.error().message;
  Peer& peer = **opened;
  EXPECT_EQ(peer.level(), scenario::PeerLevel::observed);
  EXPECT_EQ(peer.tokens().at("ftp.port"), std::to_string(server->port()));
  EXPECT_EQ(peer.tokens().at("ftp.pass"), "test");
  ASSERT_TRUE(peer.begin());
  ASSERT_TRUE(peer.act(scenario::PeerFile{"a b#1.bin", 1000, 7, std::nullopt}));
  ASSERT_TRUE(peer.act(scenario::PeerFile{"empty", 0, 0, std::nullopt}));
  ASSERT_TRUE(peer.act(scenario::PeerDirectory{"DIR"}));
  ASSERT_TRUE(peer.act(scenario::PeerDirectory{"DIR/SUB"}));
  ASSERT_TRUE(peer.act(scenario::PeerFile{"DIR/SUB/large", 200'000, 8, std::nullopt}));
  const auto files = peer.files();
  ASSERT_TRUE(files) << files.error().reason;
  ASSERT_EQ(files->size(), 5U);
  EXPECT_EQ(files->at(0).path, "/DIR");
  EXPECT_TRUE(files->at(0).directory);
  EXPECT_EQ(files->at(1).path, "/DIR/SUB");
  EXPECT_EQ(files->at(2).path, "/DIR/SUB/large");
  EXPECT_EQ(files->at(2).size, 200'000U);
  EXPECT_EQ(files->at(2).hash, io::hash_hex(io::pattern(200'000, 8)));
  EXPECT_EQ(files->at(2).content, "");
  EXPECT_EQ(files->at(3).path, "/a b#1.bin");
  EXPECT_EQ(files->at(3).content, io::pattern(1000, 7));
  EXPECT_EQ(files->at(4).path, "/empty");
  EXPECT_EQ(files->at(4).size, 0U);
}

TEST_F(LiveObserved, RemovesWhatACaseLeftAndAtTheEndEverything) {
  {
    auto opened = observed_peer(url);
    ASSERT_TRUE(opened) << opened.error().message;
    Peer& peer = **opened;
    ASSERT_TRUE(peer.act(scenario::PeerDirectory{"DIR"}));
    ASSERT_TRUE(peer.act(scenario::PeerFile{"DIR/a", 10, 7, std::nullopt}));
    ASSERT_TRUE(peer.begin());
    EXPECT_TRUE(peer.files()->empty());
    ASSERT_TRUE(peer.act(scenario::PeerFile{"b", 10, 7, std::nullopt}));
  }
  EXPECT_EQ(names(), "");
}

TEST_F(LiveObserved, ADirectoryWithSomebodysFilesIsRefused) {
  ASSERT_TRUE(store->write("/precious", 0, "x", true));
  const auto opened = observed_peer(url);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().exit_status, 2);
  EXPECT_THAT(opened.error().message, HasSubstr("precious"));
  EXPECT_EQ(names(), "/precious ");
}

TEST_F(LiveObserved, WhatAKilledRunLeftIsTakenOver) {
  std::string marker;
  {
    const auto opened = observed_peer(url);
    ASSERT_TRUE(opened);
    marker = names();
    marker.pop_back();
  }
  ASSERT_TRUE(store->write(marker, 0, "x", true));
  ASSERT_TRUE(store->write("/left", 0, "x", true));
  {
    const auto opened = observed_peer(url);
    ASSERT_TRUE(opened) << opened.error().message;
    ASSERT_TRUE((*opened)->begin());
    EXPECT_TRUE((*opened)->files()->empty());
  }
  EXPECT_EQ(names(), "");
}

TEST_F(LiveObserved, FaultsAreNotToBeHadFromSomebodysServer) {
  const auto opened = observed_peer(url);
  ASSERT_TRUE(opened);
  EXPECT_FALSE((*opened)->act(*scenario::parse_peer_directive("on SIZE stall")));
  EXPECT_FALSE((*opened)->act(scenario::PeerCut{5}));
}

TEST_F(LiveObserved, AServerThatDropsAConnectionIsCalledAgain) {
  for (const auto* drop : {"on MLSD close times 1", "on RETR reset times 1", "on DELE close times 1"}) {
    server = std::make_unique<world::RunningFtpd>(ftpd::memory_store(), ftpd::Options{},
                                                  std::vector{*scenario::parse_peer_directive(drop)});
    auto opened = observed_peer(fmt::format("ftp://test:test@127.0.0.1:{}/", server->port()));
    ASSERT_TRUE(opened) << opened.error().message;
    ASSERT_TRUE((*opened)->act(scenario::PeerFile{"a", 1000, 7, std::nullopt}));
    const auto files = (*opened)->files();
    ASSERT_TRUE(files) << drop << ": " << files.error().reason;
    EXPECT_EQ(files->at(0).content, io::pattern(1000, 7));
    ASSERT_TRUE((*opened)->begin()) << drop;
  }
}

TEST_F(LiveObserved, AServerThatDropsEveryConnectionIsALostTestBed) {
  server = std::make_unique<world::RunningFtpd>(ftpd::memory_store(), ftpd::Options{},
                                                std::vector{*scenario::parse_peer_directive("on MLSD close")});
  const auto opened = observed_peer(fmt::format("ftp://test:test@127.0.0.1:{}/", server->port()));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().exit_status, 3);
}

TEST_F(LiveObserved, AWrongPasswordAndAPathAreUsageErrorsAndASilentPortIsNot) {
  const auto login = observed_peer(fmt::format("ftp://test:wrong@127.0.0.1:{}/", server->port()));
  ASSERT_FALSE(login);
  EXPECT_EQ(login.error().exit_status, 2);
  EXPECT_EQ(login.error().message.find("wrong"), std::string::npos) << login.error().message;
  const auto path = observed_peer(url + "some/where/");
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().exit_status, 2);
  EXPECT_THAT(path.error().message, HasSubstr("login directory"));
  const auto nobody = observed_peer("ftp://test:test@127.0.0.1:1/");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().exit_status, 3);
}

TEST_F(LiveObserved, AServerThatGoesAwayIsALostTestBed) {
  auto opened = observed_peer(url);
  ASSERT_TRUE(opened);
  server.reset();
  const auto begun = (*opened)->begin();
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().reason, HasSubstr("FTP server"));
}

TEST(BlindPeer, KnowsTheAccountAndNothingElse) {
  const auto opened = blind_peer("ftp://u:p@h:2121/");
  ASSERT_TRUE(opened);
  EXPECT_EQ((*opened)->tokens().at("ftp.host"), "h");
  EXPECT_FALSE((*opened)->files());
  EXPECT_TRUE((*opened)->take_log().empty());
}

}  // namespace
}  // namespace atspec::target
