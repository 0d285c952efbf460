// tcp://host:port
#include <fcntl.h>
#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <optional>

#include "harness/target/line.hpp"
#include "harness/world/live_asio.hpp"

namespace atspec::target {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr io::Duration connect_limit = std::chrono::seconds(10);

class TcpLine final : public DescriptorLine {
 public:
  TcpLine(int fd, std::string where) : DescriptorLine(fd, Kind::socket), where_(std::move(where)) {}

 private:
  std::string why_lost(int error) override {
    return fmt::format("{}: {}", where_, error == 0 ? "the other end closed the connection" : std::strerror(error));
  }
  std::string where_;
};

struct HostAndPort {
  std::string host, port;
};

std::optional<HostAndPort> split(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  HostAndPort out{text.substr(0, colon), text.substr(colon + 1)};
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  const bool digits =
      !out.port.empty() && out.port.size() <= 5 && out.port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoul(out.port) == 0 || std::stoul(out.port) > 65535 || out.host.empty()) return std::nullopt;
  return out;
}

}  // namespace

OpenedLine open_tcp(const Url& url, world::Loop& loop) {
  const auto to = split(url.rest);
  if (!to) return std::unexpected(OpenError{2, url.text + ": want tcp://host:port, as tcp://192.0.2.7:7000"});
  auto& context = loop.impl().context;
  tcp::resolver resolver(context);
  tcp::socket socket(context);
  std::optional<boost::system::error_code> outcome;
  resolver.async_resolve(to->host, to->port, tcp::resolver::numeric_service,
                         [&](const boost::system::error_code& failed, const tcp::resolver::results_type& results) {
                           if (failed) {
                             outcome = failed;
                             return;
                           }
                           asio::async_connect(
                               socket, results,
                               [&](const boost::system::error_code& error, const tcp::endpoint&) { outcome = error; });
                         });
  const io::Time give_up = loop.now() + connect_limit;
  while (!outcome && loop.now() < give_up) loop.run_one(give_up);
  if (!outcome) {
    resolver.cancel();
    boost::system::error_code ignored;
    (void)socket.close(ignored);
    while (!outcome) loop.run_one(loop.now() + connect_limit);
    outcome = asio::error::make_error_code(asio::error::timed_out);
  }
  if (*outcome)
    return std::unexpected(OpenError{3, fmt::format("{}: {} (is the device, or `atspec modem --tcp`, listening there?)",
                                                    url.text, outcome->message())});
  boost::system::error_code ignored;
  (void)socket.set_option(tcp::no_delay(true), ignored);
  const int fd = socket.release(ignored);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return std::make_unique<TcpLine>(fd, url.text);
}

}  // namespace atspec::target
