#include "harness/target/line.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace atspec::target {

std::expected<void, Unsupported> Line::set_dtr(bool) { return std::unexpected(Unsupported{"no DTR on this line"}); }
std::expected<void, Unsupported> Line::set_break(bool) { return std::unexpected(Unsupported{"no break on this line"}); }
std::expected<void, Unsupported> Line::restart() {
  return std::unexpected(Unsupported{"the harness has no means to restart this device"});
}

DescriptorLine::~DescriptorLine() {
  if (fd_ >= 0) ::close(fd_);
}

void DescriptorLine::replace(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

std::expected<std::size_t, Lost> DescriptorLine::read(char* to, std::size_t size) {
  const ssize_t got = ::read(fd_, to, size);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0U;
  return std::unexpected(Lost{why_lost(got == 0 ? 0 : errno)});
}

std::expected<std::size_t, Lost> DescriptorLine::write(io::ByteView bytes) {
  // a device that has gone must not end us by SIGPIPE
  const ssize_t taken = kind_ == Kind::socket ? ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                              : ::write(fd_, bytes.data(), bytes.size());
  if (taken >= 0) return static_cast<std::size_t>(taken);
  if (errno == EAGAIN || errno == EINTR) return 0U;
  return std::unexpected(Lost{why_lost(errno)});
}

}  // namespace atspec::target
