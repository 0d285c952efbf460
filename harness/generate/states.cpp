#include "harness/generate/generate.hpp"
#include "harness/generate/planner.hpp"

namespace atspec::generate {

States initial_states(const spec::Spec& spec) {
  States out;
  for (const auto& state : spec.states) {
    if (state.initial) out[state.name] = *state.initial;
  }
  return out;
}

std::expected<std::vector<scenario::Step>, std::string> plan(const spec::Spec& spec, const States& from,
                                                             const States& to) {
  auto found = Planner(spec).plan(from, to);
  if (!found) return std::unexpected(std::move(found.error()));
  return std::move(found->steps);
}

std::expected<scenario::Scenario, std::string> materialise(const spec::Spec& spec, scenario::Scenario scenario,
                                                           const States& from) {
  return Planner(spec).materialise(std::move(scenario), from);
}

}  // namespace atspec::generate
