// From a random case that failed to the smallest one that fails in the same way.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>

#include "harness/generate/sequence.hpp"
#include "harness/result/result.hpp"
#include "harness/run/runner.hpp"

namespace atspec::run {

struct ShrinkOptions {
  std::size_t tries = 1000;  ///< at most, smaller scenarios and not counting those that confirm
  unsigned confirmations = 3;
  std::function<bool()> enough = [] { return false; };  ///< asked before each try; true: `failed` stays as it is
  /// What is done to every scenario before it is run; see begin_with.
  std::function<void(scenario::Scenario&)> dress = [](scenario::Scenario&) {};
};

/// Number `i` of `sequences` failed as `failed` tells: smaller ones are run on `reference`, if it fails there in the
/// same way (a finding cites one of the same clauses), else on `device`. What is left is run on `device`, so many times
/// after a restart if it can be restarted, and noted in `failed.smallest` and `failed.smallest_note`. `reference` may
/// be null. An error is a lost device.
std::expected<void, target::Lost> shrink(const generate::Sequences& sequences, std::size_t i, Runner& device,
                                         Runner* reference, const ShrinkOptions& options, result::CaseResult& failed);

}  // namespace atspec::run
