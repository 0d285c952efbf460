// A line, a peer and the real clock, in one thread: while the harness waits for the device, our own FTP server works.
#pragma once

#include <deque>
#include <memory>

#include "harness/target/bench.hpp"
#include "harness/target/line.hpp"
#include "harness/target/peer.hpp"
#include "harness/world/live_loop.hpp"

namespace atspec::target {

class LiveBench final : public Bench {
 public:
  LiveBench(std::unique_ptr<world::Loop> loop, std::unique_ptr<Line> line, std::unique_ptr<Peer> peer);
  ~LiveBench() override;

  io::Time now() const override { return loop_->now(); }
  bool virtual_clock() const override { return false; }
  scenario::PeerLevel peer_level() const override { return peer_->level(); }
  const std::map<std::string, std::string>& tokens() const override { return peer_->tokens(); }
  std::set<std::string> lacking() const override { return peer_->lacking(); }

  std::expected<bool, Lost> begin() override;
  std::expected<void, Unsupported> peer(const scenario::PeerDirective& directive) override;
  std::expected<std::vector<PeerFileState>, Unsupported> files() override;
  std::vector<trace::Chunk> take_peer_log() override;

  /// Returns when all is on the wire. What the device sends meanwhile is kept, with its time, for `poll`.
  std::expected<void, Lost> write(io::ByteView bytes) override;
  std::expected<std::optional<Arrival>, Lost> poll(io::Time deadline) override;

  std::expected<void, Unsupported> set_dtr(bool on) override;
  std::expected<void, Unsupported> send_break() override;
  std::expected<void, Unsupported> reset() override;

 private:
  std::expected<std::size_t, Lost> read();
  std::expected<void, Lost> read_early();
  void watch_line();
  void wait(io::Time deadline);

  // the loop goes last: all others hang on it
  std::unique_ptr<world::Loop> loop_;
  std::unique_ptr<Peer> peer_;
  std::unique_ptr<Line> line_;
  std::unique_ptr<world::Watch> watch_;
  std::deque<Arrival> early_;  ///< read while we wrote
  std::size_t early_bytes_ = 0;
  bool readable_ = false;
  io::Bytes buffer_;
};

}  // namespace atspec::target
