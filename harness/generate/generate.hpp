// Spec → Scenarios. Nothing here knows a command of the manual: all comes from the spec's elements, and
// an element that is removed takes its cases along.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/generate/plan.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/spec/spec.hpp"

namespace atspec::generate {

struct Options {
  std::uint64_t seed = 1;
  std::size_t sequences = 0;  ///< random ones, behind all others
  unsigned strength = 2;      ///< see Sequences
};

/// Every case, in the order of the spec: forms, each parameter at, just inside and just outside its
/// bounds, wrong and missing and surplus arguments, unmet requirements, provoked server codes, slow and
/// silent server, worked examples, command-line framing, random sequences. Not yet materialised; ids are unique.
std::vector<scenario::Scenario> cases(const spec::Spec& spec, const Options& options);

/// Words of the spec worth mixing into fuzz inputs, one libFuzzer dictionary line each.
std::vector<std::string> dictionary(const spec::Spec& spec);

}  // namespace atspec::generate
