#include "harness/target/bench_live.hpp"

#include <fmt/format.h>

#include <utility>

namespace atspec::target {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t most_early = 64 * 1024 * 1024;
/// A device may refuse to take bytes while its own peer is stuck, at the longest for the longest response time that can
/// be set (manual 2.1 QFTPCFG: 180 s).
constexpr io::Duration write_limit = std::chrono::seconds(200);
constexpr io::Duration break_length = std::chrono::milliseconds(250);
/// A device that talks all the time is not waited for.
constexpr io::Duration drop_limit = std::chrono::milliseconds(200);

}  // namespace

LiveBench::LiveBench(std::unique_ptr<world::Loop> loop, std::unique_ptr<Line> line, std::unique_ptr<Peer> peer)
    : loop_(std::move(loop)),
      peer_(std::move(peer)),
      line_(std::move(line)),
      watch_(std::make_unique<world::Watch>(*loop_, line_->descriptor())),
      buffer_(read_bytes, '\0') {}

LiveBench::~LiveBench() = default;

std::expected<bool, Lost> LiveBench::begin() {
  early_.clear();
  early_bytes_ = 0;
  const io::Time give_up = now() + drop_limit;
  loop_->poll();
  for (;;) {
    const auto size = read();
    if (!size) return std::unexpected(size.error());
    if (*size == 0 || now() >= give_up) break;
  }
  if (auto begun = peer_->begin(); !begun) return std::unexpected(begun.error());
  return false;
}

std::expected<void, Unsupported> LiveBench::peer(const scenario::PeerDirective& directive) {
  return peer_->act(directive);
}
std::expected<std::vector<PeerFileState>, Unsupported> LiveBench::files() {
  // what has arrived counts
  loop_->poll();
  return peer_->files();
}
std::vector<trace::Chunk> LiveBench::take_peer_log() {
  loop_->poll();
  return peer_->take_log();
}

std::expected<std::size_t, Lost> LiveBench::read() { return line_->read(buffer_.data(), buffer_.size()); }

std::expected<void, Lost> LiveBench::read_early() {
  while (early_bytes_ < most_early) {
    const auto size = read();
    if (!size) return std::unexpected(size.error());
    if (*size == 0) break;
    early_.push_back({now(), io::Bytes(buffer_, 0, *size)});
    early_bytes_ += *size;
  }
  return {};
}

void LiveBench::watch_line() {
  if (!watch_->waits_to_read()) watch_->when_readable([this] { readable_ = true; });
}

void LiveBench::wait(io::Time deadline) {
  watch_line();
  loop_->run_one(deadline);
}

std::expected<void, Lost> LiveBench::write(io::ByteView bytes) {
  io::Time give_up = now() + write_limit;
  const auto stuck = [] {
    return std::unexpected(
        Lost{fmt::format("the device has taken no bytes for {} s (flow control? flow=none, rtscts or xonxoff)",
                         std::chrono::duration_cast<std::chrono::seconds>(write_limit).count())});
  };
  while (!bytes.empty()) {
    const auto taken = line_->write(bytes);
    if (!taken) return std::unexpected(taken.error());
    if (*taken > 0) {
      bytes.remove_prefix(*taken);
      give_up = now() + write_limit;
      continue;
    }
    if (now() >= give_up) return stuck();
    // it may take no more because we do not read
    if (auto read = read_early(); !read) return read;
    if (!watch_->waits_to_write()) watch_->when_writable([] {});
    wait(give_up);
  }
  std::size_t left = line_->on_the_way();
  while (left > 0) {
    if (now() >= give_up) return stuck();
    if (auto read = read_early(); !read) return read;
    wait(now() + std::chrono::milliseconds(1));
    const std::size_t still = line_->on_the_way();
    if (still < left) give_up = now() + write_limit;
    left = still;
  }
  return {};
}

std::expected<std::optional<Bench::Arrival>, Lost> LiveBench::poll(io::Time deadline) {
  if (!early_.empty()) {
    Arrival first = std::move(early_.front());
    early_.pop_front();
    early_bytes_ -= first.bytes.size();
    return first;
  }
  // waiting first costs less than a read in vain: on a terminal that waits for the kernel's own workers
  for (;;) {
    if (readable_) {
      readable_ = false;
      const auto size = read();
      if (!size) return std::unexpected(size.error());
      if (*size > 0) return Arrival{now(), io::Bytes(buffer_, 0, *size)};
    }
    if (now() < deadline) {
      wait(deadline);
      continue;
    }
    // even a deadline that has come gives our server its turn, and the device a last chance
    watch_line();
    loop_->poll();
    if (!readable_) return std::nullopt;
  }
}

std::expected<void, Unsupported> LiveBench::set_dtr(bool on) { return line_->set_dtr(on); }

std::expected<void, Unsupported> LiveBench::send_break() {
  if (auto begun = line_->set_break(true); !begun) return begun;
  const io::Time end = now() + break_length;
  while (now() < end) loop_->run_one(end);
  return line_->set_break(false);
}

std::expected<void, Unsupported> LiveBench::reset() {
  watch_.reset();
  auto done = line_->restart();
  watch_ = std::make_unique<world::Watch>(*loop_, line_->descriptor());
  return done;
}

}  // namespace atspec::target
