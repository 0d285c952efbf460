// The reference modem on a real line, with this host's network behind it.
#pragma once

#include <functional>
#include <memory>

#include "harness/modem/modem.hpp"
#include "harness/world/live_line.hpp"
#include "harness/world/live_loop.hpp"

namespace atspec::world {

class LiveModem {
 public:
  /// Powered on from the start. `ended` is called when the line is gone for good.
  LiveModem(Loop& loop, modem::Config config, std::unique_ptr<DteLine> line, std::function<void()> ended);
  ~LiveModem();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::world
