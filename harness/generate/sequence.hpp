// Random sequences of commands over the states of a spec. RapidCheck draws values and shrinks; what is run, and whether
// it fails, the caller decides. All are Scenarios, like any other case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "harness/scenario/scenario.hpp"
#include "harness/spec/spec.hpp"

namespace atspec::generate {

class Sequences {
 public:
  /// Over `spec`, which must outlive it. `strength`: of the array that the modes (State::modes, and pieces in which the
  /// host writes) are taken from: 2 has every pair of them in some case.
  Sequences(const spec::Spec& spec, std::uint64_t seed, unsigned strength = 2);
  ~Sequences();

  /// Number `i`, from 0: it depends on spec, strength, seed and i alone. Some ask for a server with faults, the
  /// others for one that can be looked at. Not materialised.
  scenario::Scenario at(std::size_t i) const;

  struct Shrunk {
    scenario::Scenario scenario;
    std::size_t tried = 0;
    bool smallest = false;  ///< nothing below it fails; false: the tries ran out
  };
  /// Goes from `at(i)`, which fails, to ever smaller scenarios that `fails` too: fewer commands, no faults, ordinary
  /// arguments, base modes. A command whose needs were met stays one: what makes them so is not taken away.
  Shrunk shrink(std::size_t i, const std::function<bool(const scenario::Scenario&)>& fails, std::size_t at_most) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::generate
