// serial:/dev/ttyUSB2?baud=115200&flow=none|rtscts|xonxoff&parity=none|even|odd
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <boost/asio/serial_port_base.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "harness/target/line.hpp"

namespace atspec::target {
namespace {

using boost::asio::serial_port_base;

/// Linux gives the slaves of pseudo-terminals these device numbers (Documentation/admin-guide/devices.txt).
bool is_pseudo_terminal(int fd) {
  struct stat about{};
  return ::fstat(fd, &about) == 0 && S_ISCHR(about.st_mode) && major(about.st_rdev) >= 136 &&
         major(about.st_rdev) <= 143;
}

class SerialLine final : public DescriptorLine {
 public:
  SerialLine(int fd, std::string path, const termios& before)
      : DescriptorLine(fd, Kind::file), path_(std::move(path)), before_(before), pseudo_(is_pseudo_terminal(fd)) {
    // on a pseudo-terminal it would outlive us while the other end keeps it open; the flock does there
    if (!pseudo_) ::ioctl(fd, TIOCEXCL);
  }
  ~SerialLine() override {
    ::tcsetattr(fd_, TCSANOW, &before_);
    if (!pseudo_) ::ioctl(fd_, TIOCNXCL);
  }

  std::size_t on_the_way() const override {
    int bytes = 0;
    return !pseudo_ && ::ioctl(fd_, TIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
  }

  std::expected<void, Unsupported> set_dtr(bool on) override {
    const int line = TIOCM_DTR;
    if (::ioctl(fd_, on ? TIOCMBIS : TIOCMBIC, &line) == 0) return {};
    return std::unexpected(Unsupported{fmt::format("no DTR on this line ({})", std::strerror(errno))});
  }

  std::expected<void, Unsupported> set_break(bool on) override {
    // a pseudo-terminal accepts it and does nothing
    if (!pseudo_ && ::ioctl(fd_, on ? TIOCSBRK : TIOCCBRK) == 0) return {};
    return std::unexpected(Unsupported{"no break on this line"});
  }

 private:
  std::string why_lost(int error) override {
    return fmt::format("{}: the line is gone ({}): unplugged, restarted or powered off?", path_,
                       error == 0 ? "hang-up" : std::strerror(error));
  }

  std::string path_;
  termios before_;
  bool pseudo_;
};

OpenError wrong(const Url& url, const std::string& what) { return {2, fmt::format("{}: {}", url.text, what)}; }

std::expected<termios, std::string> settings(const Url& url, termios to) {
  const auto value = [&url](const char* key, const char* usual) {
    const auto at = url.query.find(key);
    return at == url.query.end() ? std::string(usual) : at->second;
  };
  ::cfmakeraw(&to);
  to.c_cflag |= CREAD | CLOCAL;
  to.c_cc[VMIN] = 1;
  to.c_cc[VTIME] = 0;

  boost::system::error_code error;
  const std::string baud = value("baud", "115200");
  unsigned number = 0;
  const auto [end, bad] = std::from_chars(baud.data(), baud.data() + baud.size(), number);
  if (bad == std::errc{} && end == baud.data() + baud.size() && number > 0)
    (void)serial_port_base::baud_rate(number).store(to, error);  // the error says it all
  if (number == 0 || error) return std::unexpected("baud=" + baud + " is no speed of a serial line; try 115200");

  using Flow = serial_port_base::flow_control;
  const std::string flow = value("flow", "none");
  if (flow != "none" && flow != "rtscts" && flow != "xonxoff")
    return std::unexpected("flow=" + flow + ": none, rtscts or xonxoff");
  (void)Flow(flow == "rtscts" ? Flow::hardware : flow == "xonxoff" ? Flow::software : Flow::none).store(to, error);

  using Parity = serial_port_base::parity;
  const std::string parity = value("parity", "none");
  if (parity != "none" && parity != "even" && parity != "odd")
    return std::unexpected("parity=" + parity + ": none, even or odd");
  (void)Parity(parity == "even" ? Parity::even : parity == "odd" ? Parity::odd : Parity::none).store(to, error);
  return to;
}

std::string advice(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return " (join the group that owns it, mostly dialout)";
    case ENOENT:
    case ENXIO:
    case ENODEV:
      return " (is the module plugged in? ls /dev/ttyUSB* /dev/ttyACM*)";
    default:
      return "";
  }
}

}  // namespace

OpenedLine open_serial(const Url& url) {
  const std::string busy = "the port is busy: another program has it open (ModemManager? fuser " + url.rest + ")";
  const int fd = ::open(url.rest.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    const int error = errno;
    return std::unexpected(wrong(url, error == EBUSY ? busy : std::strerror(error) + advice(error)));
  }
  const auto refuse = [&](const std::string& what) {
    ::close(fd);
    return std::unexpected(wrong(url, what));
  };
  termios before{};
  if (::tcgetattr(fd, &before) != 0) return refuse("this is not a serial port");
  // the superuser is let in though somebody has it to himself
  int exclusive = 0;
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0 || (::ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive != 0))
    return refuse(busy);
  const auto after = settings(url, before);
  if (!after) return refuse(after.error());
  if (::tcsetattr(fd, TCSANOW, &*after) != 0)
    return refuse(fmt::format("the port does not take these settings ({})", std::strerror(errno)));
  return std::make_unique<SerialLine>(fd, url.rest, before);
}

}  // namespace atspec::target
