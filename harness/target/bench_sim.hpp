// A bench that is all in one process and on a virtual clock.
#pragma once

#include <cstdint>
#include <memory>

#include "harness/modem/config.hpp"
#include "harness/target/bench.hpp"

namespace atspec::target {

std::unique_ptr<Bench> sim_bench(const modem::Config& reference, std::uint64_t seed, bool blind);

}  // namespace atspec::target
