#include "harness/world/tls_layer.hpp"

#include <gtest/gtest.h>

namespace atspec::world {
namespace {

using Version = io::TlsVersion;
using Make = std::unique_ptr<TlsLayer> (*)(const io::action::StartTls&, const TlsLayer*);

const Identity& identity() {
  static const Identity one = make_identity("127.0.0.1");
  return one;
}

io::TlsSettings server_settings() {
  io::TlsSettings out;
  out.role = io::TlsSettings::Role::server;
  out.certificate = identity().certificate;
  out.key = identity().key;
  return out;
}

/// A client and a server with a wire between them.
struct Pair {
  Pair(Make with, const io::TlsSettings& of_client, const io::TlsSettings& of_server, const Pair* origin = nullptr)
      : server(with({2, std::make_shared<const io::TlsSettings>(of_server), origin == nullptr ? 0U : 1U},
                    origin == nullptr ? nullptr : origin->server.get())),
        client(with({1, std::make_shared<const io::TlsSettings>(of_client), origin == nullptr ? 0U : 1U},
                    origin == nullptr ? nullptr : origin->client.get())) {
    settle();
  }
  void settle() {
    for (int round = 0; round < 10; ++round) {
      if (const io::Bytes bytes = client->take_wire(); !bytes.empty()) server->take(bytes);
      if (const io::Bytes bytes = server->take_wire(); !bytes.empty()) client->take(bytes);
    }
  }
  bool secured() const { return client->secured() && server->secured() && failure().empty(); }
  std::string failure() const { return client->failure().empty() ? server->failure() : client->failure(); }

  std::unique_ptr<TlsLayer> server, client;
};

class Layers : public testing::TestWithParam<Make> {};
INSTANTIATE_TEST_SUITE_P(Tls, Layers, testing::Values(&plain_layer, &openssl_layer));

TEST_P(Layers, BytesPassBothWaysWhateverTheirNumber) {
  Pair pair(GetParam(), {}, server_settings());
  ASSERT_TRUE(pair.secured()) << pair.failure();
  for (const std::size_t size : {1UL, 16'384UL, 16'385UL, 100'000UL}) {
    const io::Bytes bytes = io::pattern(size, size);
    pair.client->say(bytes);
    pair.server->say(bytes);
    pair.settle();
    EXPECT_EQ(pair.server->take_plain(), bytes);
    EXPECT_EQ(pair.client->take_plain(), bytes);
  }
}

TEST_P(Layers, BytesPassInPiecesOfOne) {
  Pair pair(GetParam(), {}, server_settings());
  pair.client->say("hello");
  for (const char byte : pair.client->take_wire()) pair.server->take({&byte, 1});
  EXPECT_EQ(pair.server->take_plain(), "hello");
}

TEST_P(Layers, CloseNotifyIsToldFromTheOthersEnd) {
  Pair pair(GetParam(), {}, server_settings());
  pair.client->say("bye");
  pair.client->say_close();
  pair.settle();
  EXPECT_TRUE(pair.server->peer_closed());
  EXPECT_EQ(pair.server->take_plain(), "bye");
  EXPECT_FALSE(pair.client->peer_closed());
  pair.server->say("still here");  // the other direction stays open
  pair.settle();
  EXPECT_EQ(pair.client->take_plain(), "still here");
}

TEST_P(Layers, ASessionIsTakenUpByAnotherConnectionAndByMoreThanOne) {
  for (const auto most : {Version::tls12, Version::tls13}) {
    io::TlsSettings client;
    client.most = most;
    Pair control(GetParam(), client, server_settings());
    ASSERT_TRUE(control.secured()) << control.failure();
    EXPECT_FALSE(control.server->take_secured()->resumed);
    for (int i = 0; i < 3; ++i) {
      Pair data(GetParam(), client, server_settings(), &control);
      ASSERT_TRUE(data.secured()) << data.failure();
      EXPECT_TRUE(data.client->take_secured()->resumed);
      EXPECT_TRUE(data.server->take_secured()->resumed);
    }
  }
}

TEST_P(Layers, AnAuthorityIsNeededWhereTheServerIsVerified) {
  io::TlsSettings client;
  client.verify = true;
  EXPECT_FALSE(Pair(GetParam(), client, server_settings()).failure().empty());
  client.authorities = make_identity("elsewhere").certificate;
  EXPECT_FALSE(Pair(GetParam(), client, server_settings()).failure().empty());
  client.authorities = identity().certificate;
  EXPECT_TRUE(Pair(GetParam(), client, server_settings()).secured());
}

TEST_P(Layers, AClientCertificateIsNeededWhereTheServerDemandsOne) {
  const Identity own = make_identity("module");
  io::TlsSettings server = server_settings(), client;
  server.verify = true;
  server.authorities = own.certificate;
  EXPECT_FALSE(Pair(GetParam(), client, server).failure().empty());
  client.certificate = own.certificate;
  client.key = own.key;
  EXPECT_TRUE(Pair(GetParam(), client, server).secured());
}

TEST_P(Layers, VersionsAreThoseThatWereAskedFor) {
  for (const auto version : {Version::tls10, Version::tls11, Version::tls12, Version::tls13}) {
    io::TlsSettings client;
    client.least = client.most = version;
    Pair pair(GetParam(), client, server_settings());
    ASSERT_TRUE(pair.secured()) << pair.failure() << " " << static_cast<int>(version);
    EXPECT_EQ(pair.client->take_secured()->version, version);
  }
  io::TlsSettings old;
  old.least = old.most = Version::tls10;
  io::TlsSettings modern = server_settings();
  modern.least = Version::tls12;
  EXPECT_FALSE(Pair(GetParam(), old, modern).failure().empty());
}

TEST_P(Layers, SuitesAreThoseThatWereAskedFor) {
  // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384
  for (const std::uint16_t suite : std::initializer_list<std::uint16_t>{0xC02B, 0x1302}) {
    io::TlsSettings client;
    client.suites = {suite};
    Pair pair(GetParam(), client, server_settings());
    ASSERT_TRUE(pair.secured()) << pair.failure();
    EXPECT_EQ(pair.client->take_secured()->suite, suite);
  }
}

TEST_P(Layers, ClearTextInPlaceOfTheHandshakeIsAFailure) {
  Pair pair(GetParam(), {}, server_settings());
  const auto client = GetParam()({1, std::make_shared<const io::TlsSettings>(), 0}, nullptr);
  client->take("230 Logged in\r\n");
  EXPECT_FALSE(client->failure().empty());
  const auto server = GetParam()({1, std::make_shared<const io::TlsSettings>(server_settings()), 0}, nullptr);
  server->take("USER test\r\nPASS test\r\n");
  EXPECT_FALSE(server->failure().empty());
}

TEST_P(Layers, AnAlertIsAFailure) {
  const auto client = GetParam()({1, std::make_shared<const io::TlsSettings>(), 0}, nullptr);
  client->take(std::string_view("\x15\x03\x03\x00\x02\x02\x28", 7));
  EXPECT_FALSE(client->failure().empty());
}

TEST(OpenSsl, WhatCannotBeUsedFailsWithAReason) {
  io::TlsSettings bad = server_settings();
  bad.key = "no key";
  EXPECT_EQ(openssl_layer({1, std::make_shared<const io::TlsSettings>(bad), 0}, nullptr)->failure(),
            "the key does not belong to the certificate");
  bad.certificate = "none";
  EXPECT_EQ(openssl_layer({1, std::make_shared<const io::TlsSettings>(bad), 0}, nullptr)->failure(),
            "the certificate is none");
  io::TlsSettings old;
  old.least = old.most = Version::ssl30;
  EXPECT_FALSE(openssl_layer({1, std::make_shared<const io::TlsSettings>(old), 0}, nullptr)->failure().empty());
}

}  // namespace
}  // namespace atspec::world
