// The way from what a device is known to be in to what a case needs: commands of the spec, chosen by their effects.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/scenario.hpp"
#include "harness/spec/spec.hpp"

namespace atspec::generate {

/// States by name; a state that is absent is unknown.
using States = std::map<std::string, std::string>;

/// What a device is in after power-on, as far as the manual says.
States initial_states(const spec::Spec& spec);

/// What a scenario needs of the states no command brings about (State::given) that a bench is not known to have:
/// "sd=card".
std::optional<std::string> lacking(const spec::Spec& spec, const scenario::Scenario& scenario, const States& bench);

/// Plans over one spec, which must outlive it. What was planned before is remembered.
class Planner {
 public:
  explicit Planner(const spec::Spec& spec);
  ~Planner();
  Planner(Planner&&) noexcept;

  /// The shortest sequence of commands (each with its waits) that brings a device from `from` to `to`. A state that is
  /// unknown is forced by the command that sets it, whatever it answers. What is given (State::given) is taken to hold.
  /// The error names the state that no command reaches.
  std::expected<std::vector<scenario::Step>, std::string> plan(const States& from, const States& to);

  /// Fills in the set-up: what `needs` demands, on top of the base every case starts from (states with a `base` value
  /// in the spec).
  std::expected<scenario::Scenario, std::string> materialise(scenario::Scenario scenario, const States& from);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::generate
