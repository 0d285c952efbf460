// Spec → Scenarios. Nothing here knows a command of the manual: all comes from the spec's elements, and
// an element that is removed takes its cases along.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "harness/scenario/scenario.hpp"
#include "harness/spec/spec.hpp"

namespace atspec::generate {

struct Options {
  std::uint64_t seed = 1;
};

/// Every case, in the order of the spec: forms, each parameter at, just inside and just outside its
/// bounds, wrong and missing and surplus arguments, unmet requirements, provoked server codes, slow and
/// silent server, worked examples, command-line framing. Not yet materialised; ids are unique.
std::vector<scenario::Scenario> cases(const spec::Spec& spec, const Options& options);

/// States by name; a state that is absent is unknown.
using States = std::map<std::string, std::string>;

/// What a device is in after power-on, as far as the manual says.
States initial_states(const spec::Spec& spec);

/// The shortest sequence of commands (each with its waits) that brings a device known to be in `from`
/// to `to`. The error names the state that no command reaches.
std::expected<std::vector<scenario::Step>, std::string> plan(const spec::Spec& spec, const States& from,
                                                             const States& to);

/// Fills in the set-up: what `needs` demands, on top of the base every case starts from (states with a
/// `base` value in the spec).
std::expected<scenario::Scenario, std::string> materialise(const spec::Spec& spec, scenario::Scenario scenario,
                                                           const States& from);

/// Words of the spec worth mixing into fuzz inputs, one libFuzzer dictionary line each.
std::vector<std::string> dictionary(const spec::Spec& spec);

}  // namespace atspec::generate
