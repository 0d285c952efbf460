#include "harness/world/live_line.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace atspec::world {
namespace {

constexpr std::size_t read_bytes = 16 * 1024;
/// A DTE that asks and asks and never reads is heard no more until it does.
constexpr std::size_t most_unsent = 256 * 1024;

}  // namespace

DteLine::~DteLine() = default;

void DteLine::start(Owner& owner) { owner_ = &owner; }

void DteLine::attach(int in, int out) {
  in_ = in;
  out_ = out;
  reads_ = true;
  struct stat about{};
  socket_ = fstat(out, &about) == 0 && S_ISSOCK(about.st_mode);
  reading_ = std::make_unique<Watch>(loop_, in);
  // one descriptor is registered once
  if (out != in) writing_ = std::make_unique<Watch>(loop_, out);
  resume();
}

void DteLine::detach() {
  reading_.reset();
  writing_.reset();
  in_ = out_ = -1;
  const std::size_t lost = std::exchange(unsent_bytes_, 0);
  unsent_.clear();
  sent_of_first_ = 0;
  if (lost > 0 && owner_ != nullptr) owner_->line_sent(lost);
}

void DteLine::leave() {
  owner_ = nullptr;
  detach();
}

void DteLine::send(io::Bytes bytes) {
  if (bytes.empty()) return;
  if (out_ < 0) {
    owner_->line_sent(bytes.size());
    return;
  }
  unsent_bytes_ += bytes.size();
  unsent_.push_back(std::move(bytes));
  if (!output().waits_to_write()) flush();
}

void DteLine::flush() {
  std::size_t left = 0;
  bool gone = false;
  while (!unsent_.empty()) {
    const io::Bytes& first = unsent_.front();
    const char* from = first.data() + sent_of_first_;
    const std::size_t size = first.size() - sent_of_first_;
    const ssize_t sent = socket_ ? ::send(out_, from, size, MSG_NOSIGNAL) : ::write(out_, from, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) {
      output().when_writable([this] { flush(); });
      break;
    }
    if (sent < 0) {
      gone = true;
      break;
    }
    left += static_cast<std::size_t>(sent);
    sent_of_first_ += static_cast<std::size_t>(sent);
    if (sent_of_first_ == first.size()) {
      unsent_.pop_front();
      sent_of_first_ = 0;
    }
  }
  unsent_bytes_ -= left;
  if (left > 0) owner_->line_sent(left);
  if (gone) return hung_up(true);
  if (unsent_.empty() && out_ >= 0) emptied();
}

void DteLine::stop_reading() { reads_ = false; }

void DteLine::resume() {
  if (!reads_ || in_ < 0 || owner_ == nullptr || reading_->waits_to_read()) return;
  if (unsent_bytes_ < most_unsent && owner_->wants_line()) reading_->when_readable([this] { read(); });
}

void DteLine::read() {
  if (!reads_ || !owner_->wants_line()) return;
  char buffer[read_bytes];
  const ssize_t size = ::read(in_, buffer, sizeof buffer);
  if (size > 0) {
    owner_->line_received({buffer, static_cast<std::size_t>(size)});
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    return hung_up(false);
  }
  resume();
}

}  // namespace atspec::world
