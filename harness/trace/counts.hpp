// Byte counts of downloads, from what the peer sent on its data connections, or from the device's CONNECT.
#pragma once

#include <vector>

#include "harness/trace/engine.hpp"

namespace atspec::trace {

/// A count is believed only if what comes after so many bytes is the end of data mode; else the device did not
/// pass on just what it got (a part was asked for, bytes were lost), and its own words are to decide.
class PeerCounts final : public Counts {
 public:
  explicit PeerCounts(const Trace& trace);

  std::optional<std::uint64_t> remaining(const Asked& asked) override;

 private:
  struct Transfer {
    std::uint32_t connection = 0;
    io::Time began{};
    std::uint64_t bytes = 0;
    bool upload = false;
  };
  struct Received {
    std::uint64_t begin = 0;
    const Chunk* chunk = nullptr;
  };

  bool ends_at(std::uint64_t position, std::string_view command, bool numeric) const;
  io::Bytes peek(std::uint64_t position) const;

  std::vector<Transfer> transfers_;  ///< in order of time
  std::vector<Received> received_;
  std::vector<std::uint64_t> typed_;  ///< bytes received before each command line
  std::uint64_t total_ = 0;
};

/// How the kept bytes of a chunk lie in it: `head`, then `lost` bytes, then the rest.
struct Layout {
  std::size_t head = 0;
  std::uint64_t lost = 0;
};
Layout layout(const Chunk& chunk);

}  // namespace atspec::trace
