// The modem's end of its serial line, on something of this host: a pseudo-terminal, a TCP port, stdin and stdout.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "harness/io/bytes.hpp"
#include "harness/io/network.hpp"
#include "harness/world/live_loop.hpp"

namespace atspec::world {

class DteLine {
 public:
  /// Who is on the line.
  class Owner {
   public:
    virtual void line_received(io::ByteView bytes) = 0;
    virtual void line_sent(std::size_t bytes) = 0;
    virtual bool wants_line() const = 0;
    /// The other end is gone for good.
    virtual void line_ended() = 0;

   protected:
    ~Owner() = default;
  };

  explicit DteLine(Loop& loop) : loop_(loop) {}
  virtual ~DteLine();
  DteLine(const DteLine&) = delete;
  DteLine& operator=(const DteLine&) = delete;

  /// For people and for `--target`: a path, host:port or "stdio".
  virtual const std::string& where() const = 0;
  virtual void start(Owner& owner);
  /// Bytes for which there is no one at the other end are lost, as on any line.
  void send(io::Bytes bytes);
  /// Looks whether the owner wants to read.
  void resume();

 protected:
  /// From here on the line is this pair of descriptors, which stay the caller's.
  void attach(int in, int out);
  void detach();
  /// The same without a word to the owner, who may be half gone.
  void leave();
  /// No more will be read; `deaf`: nor is anything written taken.
  virtual void hung_up(bool deaf) = 0;
  /// All that was sent is out.
  virtual void emptied() {}
  bool is_empty() const { return unsent_.empty(); }
  void stop_reading();

  Loop& loop_;
  Owner* owner_ = nullptr;

 private:
  void read();
  void flush();
  Watch& output() { return writing_ ? *writing_ : *reading_; }

  int in_ = -1, out_ = -1;
  bool reads_ = false;
  bool socket_ = false;
  std::unique_ptr<Watch> reading_, writing_;
  std::deque<io::Bytes> unsent_;
  std::size_t sent_of_first_ = 0, unsent_bytes_ = 0;
};

/// The line is the master of a new pseudo-terminal; `link`, if not empty, becomes a symbolic link to its slave and is
/// removed at the end. The DTE may close the slave and open it again: nothing is lost by that.
std::expected<std::unique_ptr<DteLine>, std::string> pseudo_terminal_line(Loop& loop, const std::string& link);
/// One DTE at a time; the next one gets its turn when the one before has left.
std::expected<std::unique_ptr<DteLine>, std::string> tcp_line(Loop& loop, const io::Endpoint& on);
/// Ends when stdin does.
std::unique_ptr<DteLine> stdio_line(Loop& loop);

}  // namespace atspec::world
