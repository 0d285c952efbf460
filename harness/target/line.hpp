// A line to a device, as bytes that are there or not there yet. Nothing here waits; bench_live.hpp does.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "harness/io/bytes.hpp"
#include "harness/target/bench.hpp"
#include "harness/target/open.hpp"
#include "harness/world/live_loop.hpp"

namespace atspec::target {

class Line {
 public:
  Line() = default;
  virtual ~Line() = default;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  /// What to wait for; another one after `restart`.
  virtual int descriptor() const = 0;
  /// How many bytes were read; 0: none are there.
  virtual std::expected<std::size_t, Lost> read(char* to, std::size_t size) = 0;
  /// How many bytes were taken; 0: there is no room.
  virtual std::expected<std::size_t, Lost> write(io::ByteView bytes) = 0;
  /// Bytes that were taken and are not on the wire yet, so that a pause begins when the line is quiet.
  virtual std::size_t on_the_way() const { return 0; }

  virtual std::expected<void, Unsupported> set_dtr(bool on);
  virtual std::expected<void, Unsupported> set_break(bool on);
  /// The device as after power-on.
  virtual std::expected<void, Unsupported> restart();
};

/// A line that is one non-blocking descriptor.
class DescriptorLine : public Line {
 public:
  ~DescriptorLine() override;
  int descriptor() const override { return fd_; }
  std::expected<std::size_t, Lost> read(char* to, std::size_t size) override;
  std::expected<std::size_t, Lost> write(io::ByteView bytes) override;

 protected:
  enum class Kind { file, socket };
  DescriptorLine(int fd, Kind kind) : fd_(fd), kind_(kind) {}
  /// `error`: errno, or 0 where the other end just ended.
  virtual std::string why_lost(int error) = 0;
  void replace(int fd);

  int fd_;

 private:
  Kind kind_;
};

using OpenedLine = std::expected<std::unique_ptr<Line>, OpenError>;

OpenedLine open_serial(const Url& url);
OpenedLine open_tcp(const Url& url, world::Loop& loop);
/// The command's stdin and stdout are the line. It is ended with TERM, then KILL, when the line goes.
OpenedLine open_exec(const Url& url, world::Loop& loop);

}  // namespace atspec::target
