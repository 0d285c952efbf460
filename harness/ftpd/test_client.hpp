// For tests: a client and a network in one, as near to the server as can be. What the server sends is taken at
// once unless `taking` is off; time stands still unless told.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/ftpd/server.hpp"

namespace atspec::ftpd {

class TestClient {
 public:
  explicit TestClient(FileStore& store, Options options = {}, std::string address = "10.0.0.2")
      : address_(std::move(address)), server_(std::move(options), store, [this](Logged&& one) { log.push_back(one); }) {
    server_.start(now);
    settle();
  }

  // the control connection
  void connect() {
    control = next_accepted_++;
    event(io::event::Accepted{control_listener_, control, {"10.0.0.1", 21}, {address_, 50000}});
  }
  void send(std::string_view bytes) { event(io::event::Received{control, std::string(bytes)}); }
  /// One command; what was answered since.
  std::string say(std::string_view line) {
    send(std::string(line) + "\r\n");
    return heard();
  }
  /// Replies since the last call.
  std::string heard() { return std::exchange(replies_[control], {}); }
  void log_in() {
    connect();
    EXPECT_EQ(heard(), "220 atspec FTP server\r\n");
    EXPECT_EQ(say("USER test").substr(0, 3), "331");
    EXPECT_EQ(say("PASS test").substr(0, 3), "230");
  }
  bool closed(io::ConnectionId id) const { return fate_.contains(id) && fate_.at(id) == Fate::closed; }
  bool aborted(io::ConnectionId id) const { return fate_.contains(id) && fate_.at(id) == Fate::aborted; }

  // the data connection
  io::ConnectionId join(std::string address = {}) {
    const io::ConnectionId id = next_accepted_++;
    if (address.empty()) address = address_;
    event(io::event::Accepted{listener_, id, {"10.0.0.1", 40000}, {address, 50001}});
    return id;
  }
  /// EPSV and a connection to it.
  io::ConnectionId open_data() {
    EXPECT_EQ(say("EPSV"), "229 Extended passive mode (|||40000|)\r\n");
    data = join();
    return data;
  }
  void upload(std::string_view bytes, std::size_t piece = 1 << 16) {
    for (; !bytes.empty() && !closed(data) && !aborted(data); bytes.remove_prefix(std::min(piece, bytes.size())))
      event(io::event::Received{data, std::string(bytes.substr(0, piece))});
  }
  void end_upload() { event(io::event::PeerClosed{data}); }
  std::string downloaded() { return std::exchange(replies_[data], {}); }

  void wait(io::Duration by) {
    const io::Time until = now + by;
    while (server_.deadline() && *server_.deadline() <= until) {
      now = std::max(now, *server_.deadline());
      server_.tick(now);
      settle();
    }
    now = until;
  }
  void event(const io::NetworkEvent& one) {
    server_.network(now, one);
    settle();
  }
  void rule(std::string_view text) {
    const auto directive = scenario::parse_peer_directive(text);
    ASSERT_TRUE(directive) << directive.error();
    server_.script(*directive);
    settle();
  }
  /// Whether a client would find anybody at this port.
  bool listens(std::uint16_t port) const {
    return std::ranges::any_of(listeners_, [&](const auto& one) { return one.second == port; });
  }
  Server& server() { return server_; }

  io::Time now{};
  io::ConnectionId control = 0, data = 0;
  bool taking = true;     ///< Sent follows every Send
  bool tls_works = true;  ///< Secured follows every StartTls
  bool resumes = true;    ///< with the session of the control connection
  std::vector<io::ConnectionId> tls_begun;
  std::vector<io::ConnectionId> unnoticed;  ///< closed without close_notify
  std::set<io::ConnectionId> shut;          ///< nothing more is sent there
  bool refuse_listening = false, refuse_connecting = false;
  std::size_t untaken = 0;  ///< bytes sent without Sent
  std::vector<io::Endpoint> connected_to;
  std::vector<Logged> log;

 private:
  enum class Fate { closed, aborted };

  void settle() {
    while (const auto action = server_.take_action()) {
      if (const auto* listen = std::get_if<io::action::Listen>(&*action)) {
        if (refuse_listening) {
          server_.network(now, io::event::ListenFailed{listen->id});
          continue;
        }
        io::Endpoint on = listen->on;
        if (on.port == 0) on.port = 40000;
        listener_ = listen->id;
        if (on.port == 21) control_listener_ = listen->id;
        listeners_[listen->id] = on.port;
        server_.network(now, io::event::Listening{listen->id, on});
      } else if (const auto* to = std::get_if<io::action::Connect>(&*action)) {
        connected_to.push_back(to->to);
        data = to->id;
        if (refuse_connecting) {
          server_.network(now, io::event::ConnectFailed{to->id, io::ConnectError::refused});
        } else {
          server_.network(now, io::event::Connected{to->id, {"10.0.0.1", 40001}, to->to});
        }
      } else if (const auto* sent = std::get_if<io::action::Send>(&*action)) {
        EXPECT_FALSE(fate_.contains(sent->id) || shut.contains(sent->id)) << "sent after closing: " << sent->bytes;
        replies_[sent->id] += sent->bytes;
        if (taking) {
          server_.network(now, io::event::Sent{sent->id, sent->bytes.size()});
        } else {
          untaken += sent->bytes.size();
        }
      } else if (const auto* tls = std::get_if<io::action::StartTls>(&*action)) {
        tls_begun.push_back(tls->id);
        if (tls_works) server_.network(now, io::event::Secured{tls->id, io::TlsVersion::tls13, 0x1301, resumes});
      } else if (const auto* close = std::get_if<io::action::Close>(&*action)) {
        fate_[close->id] = Fate::closed;
        listeners_.erase(close->id);
        if (!close->notify) unnoticed.push_back(close->id);
      } else if (const auto* fin = std::get_if<io::action::ShutdownSend>(&*action)) {
        shut.insert(fin->id);
      } else if (const auto* abort = std::get_if<io::action::Abort>(&*action)) {
        fate_[abort->id] = Fate::aborted;
      }
    }
  }

  std::string address_;
  Server server_;
  io::ConnectionId listener_ = 0;
  io::ConnectionId control_listener_ = 1;
  std::map<io::ConnectionId, std::uint16_t> listeners_;
  io::ConnectionId next_accepted_ = io::first_accepted_id;
  std::map<io::ConnectionId, std::string> replies_;
  std::map<io::ConnectionId, Fate> fate_;
};

}  // namespace atspec::ftpd
