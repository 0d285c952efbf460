#include <fmt/format.h>

#include "harness/generate/draft.hpp"
#include "harness/scenario/text.hpp"

namespace atspec::generate {

void example_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out) {
  for (const auto& example : spec.examples) {
    auto parsed = scenario::parse(example.scenario);
    if (!parsed) continue;  // lint has said so
    scenario::Scenario one = *std::move(parsed);
    one.purpose = fmt::format("worked example of {}: {}", example.section, example.title);
    name(one, example.id);
    out.push_back(std::move(one));
  }
}

}  // namespace atspec::generate
