#include "harness/world/memory_network.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace atspec::world {
namespace {

using namespace std::chrono_literals;

/// Two hosts, "a" and "b", that write down what they hear.
class Network {
 public:
  explicit Network(MemoryNetworkOptions options = {})
      : network_([&] {
          options.hosts = {"10.0.0.1", "10.0.0.2"};
          return std::move(options);
        }()) {}

  void act(unsigned host, io::NetworkAction action) { network_.act(now, host, std::move(action)); }
  void send(unsigned host, io::ConnectionId id, std::string bytes) {
    act(host, io::action::Send{id, std::move(bytes)});
  }
  void drop(unsigned host) { network_.drop(now, host); }
  /// All that happens until `until`.
  void run(io::Duration until = 1h) {
    const io::Time end{until};
    for (;;) {
      while (auto one = network_.take(
                 now, [this](unsigned host, io::ConnectionId id) { return !unwilling.contains({host, id}); }))
        hear(one->host, one->event);
      const auto at = network_.next();
      if (!at || *at > end) break;
      now = std::max(now, *at);
    }
    now = std::max(now, end);
  }
  /// A listens on port 21, B connects as 1; what A calls the connection.
  io::ConnectionId join() {
    act(0, io::action::Listen{1, {"10.0.0.1", 21}});
    act(1, io::action::Connect{1, {"10.0.0.1", 21}});
    run(now.time_since_epoch() + 1ms);
    return accepted;
  }
  std::string take(unsigned host) { return std::exchange(heard_[host], {}); }
  std::string bytes(unsigned host) { return std::exchange(bytes_[host], {}); }
  MemoryNetwork& network() { return network_; }

  io::Time now{};
  io::ConnectionId accepted = 0;
  std::set<std::pair<unsigned, io::ConnectionId>> unwilling;
  std::size_t sent[2] = {0, 0};

 private:
  void hear(unsigned host, const io::NetworkEvent& event) {
    std::string& out = heard_[host];
    if (const auto* one = std::get_if<io::event::Received>(&event)) {
      bytes_[host] += one->bytes;
      if (!out.ends_with("bytes ")) out += "bytes ";
    } else if (const auto* gone = std::get_if<io::event::Sent>(&event)) {
      sent[host] += gone->bytes;
    } else if (const auto* in = std::get_if<io::event::Accepted>(&event)) {
      accepted = in->id;
      from = in->peer;
      out += "accepted ";
    } else if (const auto* known = std::get_if<io::event::Resolved>(&event)) {
      out += "resolved:" + (known->addresses.empty() ? std::string("none") : known->addresses.front()) + " ";
    } else if (const auto* failed = std::get_if<io::event::ConnectFailed>(&event)) {
      out += failed->error == io::ConnectError::refused       ? "refused "
             : failed->error == io::ConnectError::unreachable ? "unreachable "
                                                              : "timed-out ";
    } else if (const auto* listening = std::get_if<io::event::Listening>(&event)) {
      port = listening->on.port;
      out += "listening ";
    } else {
      out += std::holds_alternative<io::event::Connected>(event)      ? "connected "
             : std::holds_alternative<io::event::ListenFailed>(event) ? "listen-failed "
             : std::holds_alternative<io::event::PeerClosed>(event)   ? "closed "
                                                                      : "reset ";
    }
  }

 public:
  io::Endpoint from;
  std::uint16_t port = 0;

 private:
  MemoryNetwork network_;
  std::string heard_[2], bytes_[2];
};

TEST(MemoryNetwork, NamesAndAddressesAreResolvedAndSilentNamesAreNot) {
  MemoryNetworkOptions options;
  options.names = {{"ftp.example", "10.0.0.1"}, {"silent.example", ""}};
  Network net(std::move(options));
  net.act(1, io::action::Resolve{1, "ftp.example"});
  net.act(1, io::action::Resolve{2, "10.9.9.9"});
  net.act(1, io::action::Resolve{3, "nowhere.example"});
  net.act(1, io::action::Resolve{4, "silent.example"});
  net.act(1, io::action::Resolve{5, "ftp.example"});
  net.act(1, io::action::Close{5});
  net.run();
  EXPECT_EQ(net.take(1), "resolved:10.0.0.1 resolved:10.9.9.9 resolved:none ");
}

TEST(MemoryNetwork, AConnectionTakesOneLatencyEachWay) {
  Network net;
  net.act(0, io::action::Listen{1, {"10.0.0.1", 21}});
  net.act(1, io::action::Connect{1, {"10.0.0.1", 21}});
  net.run(100us);
  EXPECT_EQ(net.take(0), "listening accepted ");
  EXPECT_EQ(net.from.address, "10.0.0.2");
  net.send(0, net.accepted, "220");
  net.run(199us);
  EXPECT_EQ(net.take(1), "");
  net.run(200us);
  EXPECT_EQ(net.take(1), "connected bytes ");
}

TEST(MemoryNetwork, WhereNobodyListensItIsRefused) {
  Network net;
  net.act(1, io::action::Connect{1, {"10.0.0.1", 21}});
  net.run(1ms);
  EXPECT_EQ(net.take(1), "refused ");
  net.join();
  net.act(0, io::action::Close{1});
  net.act(1, io::action::Connect{2, {"10.0.0.1", 21}});
  net.take(1);
  net.run();
  EXPECT_EQ(net.take(1), "refused ");
}

TEST(MemoryNetwork, UnknownAddressesAreUnreachableAndBlackHolesTimeOut) {
  Network net;
  net.act(1, io::action::Connect{1, {"172.16.0.1", 21}});
  net.act(1, io::action::Connect{2, {"192.0.2.1", 21}});
  net.act(1, io::action::Connect{3, {"192.0.2.2", 21}});
  net.run(2999ms);
  EXPECT_EQ(net.take(1), "");
  net.run(3s);
  EXPECT_EQ(net.take(1), "unreachable ");
  net.act(1, io::action::Close{3});
  net.run();
  EXPECT_EQ(net.take(1), "timed-out ");
}

TEST(MemoryNetwork, AHostMayHaveFurtherAddressesAndAFirewallBeforeItsHighestPorts) {
  MemoryNetworkOptions options;
  options.further = {{"10.0.0.3", 0}};
  Network net{options};
  const std::uint16_t port = MemoryNetwork::firewalled_from;
  net.act(0, io::action::Listen{1, {"10.0.0.3", port}});
  net.act(1, io::action::Connect{1, {"10.0.0.1", port}});
  net.run(1s);
  EXPECT_EQ(net.take(1), "") << "nobody answers there";
  net.act(1, io::action::Connect{2, {"10.0.0.3", port}});
  net.run(2s);
  EXPECT_EQ(net.take(1), "connected ");
  net.act(1, io::action::Connect{3, {"10.0.0.3", 21}});
  net.run(3s);
  EXPECT_EQ(net.take(1), "refused ");
  net.run();
  EXPECT_EQ(net.take(1), "timed-out ");
}

TEST(MemoryNetwork, PortsAreChosenAndTakenOnesRefused) {
  Network net;
  net.act(0, io::action::Listen{1, {"10.0.0.1", 0}});
  net.run(1ms);
  const auto first = net.port;
  EXPECT_GE(first, 49152);
  net.act(0, io::action::Listen{2, {"0.0.0.0", 0}});
  net.run(2ms);
  EXPECT_NE(net.port, first);
  net.take(0);
  net.act(0, io::action::Listen{3, {"10.0.0.1", first}});
  net.act(0, io::action::Listen{4, {"10.0.0.2", 5000}});
  net.run();
  EXPECT_EQ(net.take(0), "listen-failed listen-failed ");
}

TEST(MemoryNetwork, HalfAConnectionGoesOnAfterAFin) {
  Network net;
  const auto a = net.join();
  net.take(0), net.take(1);
  net.send(1, 1, "question");
  net.act(1, io::action::ShutdownSend{1});
  net.send(1, 1, "too late");
  net.run();
  EXPECT_EQ(net.take(0), "bytes closed ");
  EXPECT_EQ(net.bytes(0), "question");
  net.send(0, a, "answer");
  net.act(0, io::action::Close{a});
  net.now += 1s;
  net.run(2h);
  EXPECT_EQ(net.bytes(1), "answer");
  EXPECT_EQ(net.take(1), "bytes closed ");
  EXPECT_EQ(net.network().buffered(), 0U);
}

TEST(MemoryNetwork, WhoSendsToAClosedEndHearsReset) {
  Network net;
  const auto a = net.join();
  net.act(0, io::action::Close{a});
  net.run(10ms);
  net.take(1);
  net.send(1, 1, "still here?");
  net.run();
  EXPECT_EQ(net.take(1), "reset ");
  EXPECT_EQ(net.bytes(0), "");
  EXPECT_EQ(net.network().buffered(), 0U);
}

TEST(MemoryNetwork, AnAbortDropsWhatIsNotOnItsWay) {
  Network net;
  const auto a = net.join();
  net.send(0, a, std::string(200'000, 'x'));
  net.act(0, io::action::Abort{a});
  net.take(1);
  net.run();
  EXPECT_EQ(net.take(1), "bytes reset ");
  EXPECT_EQ(net.bytes(1).size(), MemoryNetwork::window_bytes);
  EXPECT_EQ(net.network().buffered(), 0U);
}

TEST(MemoryNetwork, BytesWaitForAReceiverThatDoesNotWantThem) {
  Network net;
  const auto a = net.join();
  net.unwilling.insert({1, 1});
  net.send(0, a, std::string(200'000, 'x'));
  net.act(0, io::action::Close{a});
  net.take(1);
  net.run(1s);
  EXPECT_EQ(net.take(1), "");
  net.unwilling.clear();
  net.run();
  EXPECT_EQ(net.bytes(1).size(), 200'000U);
  EXPECT_EQ(net.take(1), "bytes closed ");
}

TEST(MemoryNetwork, AFinWaitsBehindBytesThatAreNotTaken) {
  Network net;
  const auto a = net.join();
  net.unwilling.insert({1, 1});
  net.send(0, a, "last words");
  net.act(0, io::action::Close{a});
  net.take(1);
  net.run(1s);
  EXPECT_EQ(net.take(1), "");
  net.unwilling.clear();
  net.run();
  EXPECT_EQ(net.take(1), "bytes closed ");
}

TEST(MemoryNetwork, SentCountsWhatFitsTheWindow) {
  Network net;
  const auto a = net.join();
  net.unwilling.insert({1, 1});
  net.send(0, a, std::string(200'000, 'x'));
  net.run(1s);
  EXPECT_EQ(net.sent[0], MemoryNetwork::window_bytes);
  net.unwilling.clear();
  net.run();
  EXPECT_EQ(net.sent[0], 200'000U);
}

TEST(MemoryNetwork, ASenderHeldUpByAReceiverThatClosesHearsReset) {
  Network net;
  const auto a = net.join();
  net.unwilling.insert({1, 1});
  net.send(0, a, std::string(200'000, 'x'));
  net.run(1s);
  net.take(0);
  net.act(1, io::action::Close{1});
  net.run();
  EXPECT_EQ(net.take(0), "closed reset ");
  EXPECT_EQ(net.network().buffered(), 0U);
}

TEST(MemoryNetwork, NoEventFollowsAClose) {
  Network net;
  const auto a = net.join();
  net.send(0, a, "unheard");
  net.act(1, io::action::Close{1});
  net.act(1, io::action::Close{1});
  net.act(0, io::action::Listen{9, {"10.0.0.1", 0}});
  net.act(0, io::action::Close{9});
  net.take(0), net.take(1);
  net.run();
  EXPECT_EQ(net.take(1), "");
  EXPECT_EQ(net.take(0), "closed reset ");
}

TEST(MemoryNetwork, AHostThatIsDroppedResetsItsPeers) {
  Network net;
  net.join();
  net.act(1, io::action::Connect{2, {"10.0.0.1", 21}});
  net.act(1, io::action::Resolve{3, "10.0.0.1"});
  net.take(0), net.take(1);
  net.drop(1);
  net.run();
  EXPECT_EQ(net.take(0), "reset ");
  EXPECT_EQ(net.take(1), "");
}

TEST(MemoryNetwork, AClearedNetworkIsAsNew) {
  const auto play = [](Network& net) {
    net.join();
    net.send(1, 1, std::string(1000, 'x'));
    net.run(10ms);
    return net.take(0) + net.take(1) + std::to_string(net.from.port) + " " + std::to_string(net.accepted);
  };
  MemoryNetworkOptions options;
  options.segment = true;
  options.seed = 7;
  Network fresh(options), used(options);
  const std::string first = play(used);
  used.network().clear();
  used.now = {};
  EXPECT_EQ(play(used), first);
  EXPECT_EQ(play(fresh), first);
}

RC_GTEST_PROP(MemoryNetwork, BytesArriveWholeAndInOrderHoweverTheyAreCut, ()) {
  MemoryNetworkOptions options;
  options.segment = *rc::gen::arbitrary<bool>();
  options.seed = *rc::gen::arbitrary<std::uint64_t>();
  Network net(std::move(options));
  const auto a = net.join();
  std::string from_a, from_b;
  for (int i = 0; i < 10; ++i) {
    const auto size = *rc::gen::weightedOneOf<std::size_t>(
        {{5, rc::gen::inRange<std::size_t>(0, 100)}, {1, rc::gen::inRange<std::size_t>(60'000, 140'000)}});
    const std::string piece = io::pattern(size, static_cast<std::uint64_t>(i));
    const bool first = *rc::gen::arbitrary<bool>();
    (first ? from_a : from_b) += piece;
    net.send(first ? 0 : 1, first ? a : 1, piece);
    net.run(net.now.time_since_epoch() + std::chrono::microseconds(*rc::gen::inRange(0, 300)));
  }
  net.run(net.now.time_since_epoch() + 10s);
  RC_ASSERT(net.bytes(1) == from_a);
  RC_ASSERT(net.bytes(0) == from_b);
  RC_ASSERT(net.network().buffered() == 0U);
}

}  // namespace
}  // namespace atspec::world
