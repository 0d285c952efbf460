// What lies behind Loop, for the .cpp files that need Asio itself. Never included from a header.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>

#include "harness/world/live_loop.hpp"

namespace atspec::world {

struct Loop::Impl {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  boost::asio::signal_set signals{context};
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::int64_t epoch =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();

  std::chrono::steady_clock::time_point real(io::Time at) const;
};

}  // namespace atspec::world
