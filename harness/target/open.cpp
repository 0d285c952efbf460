#include "harness/target/open.hpp"

#include <utility>

#include "harness/target/bench_live.hpp"
#include "harness/target/bench_sim.hpp"
#include "harness/target/line.hpp"
#include "harness/target/peer.hpp"

namespace atspec::target {
namespace {

OpenedLine open_line(const Url& url, world::Loop& loop) {
  if (url.scheme == "serial") return open_serial(url);
  if (url.scheme == "tcp") return open_tcp(url, loop);
  return open_exec(url, loop);
}

OpenedPeer open_peer(const PeerOptions& options, world::Loop& loop) {
  if (options.blind) return blind_peer(options.observed);
  if (!options.observed.empty()) return observed_peer(options.observed);
  return scripted_peer(options, loop);
}

}  // namespace

std::expected<std::unique_ptr<Bench>, OpenError> open(const Url& url, const PeerOptions& peer,
                                                      const modem::Config& reference, std::uint64_t seed) {
  if (url.scheme == "sim") {
    if (!peer.observed.empty())
      return std::unexpected(OpenError{2,
                                       "a simulated modem cannot reach a real FTP server: leave --ftp out, or use "
                                       "--target 'exec:atspec modem --stdio'"});
    return sim_bench(reference, seed, peer.blind);
  }
  auto loop = std::make_unique<world::Loop>();
  // the peer first: nothing is said to a device that has no server to go to
  auto opened_peer = open_peer(peer, *loop);
  if (!opened_peer) return std::unexpected(opened_peer.error());
  auto line = open_line(url, *loop);
  if (!line) return std::unexpected(line.error());
  return std::make_unique<LiveBench>(std::move(loop), *std::move(line), *std::move(opened_peer));
}

}  // namespace atspec::target
