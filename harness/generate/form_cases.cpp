// Each form of each command as it is meant to be used, and refused where what it needs is not there.
#include <fmt/format.h>

#include "harness/generate/draft.hpp"

namespace atspec::generate {
namespace {

std::string called(const spec::Command& command, const spec::Form& form) {
  return form.keyword.empty() ? command.name : fmt::format("{}=\"{}\"", command.name, form.keyword);
}

/// A value other than the needed one that the device has by itself, so that it can be had without the command.
std::optional<std::string> other_value(const spec::Spec& spec, const spec::Requirement& need) {
  const spec::State* state = spec.state(need.state);
  if (state == nullptr || state->values.empty() || !state->initial || *state->initial == need.value)
    return std::nullopt;
  return state->initial;
}

}  // namespace

void form_cases(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                std::vector<scenario::Scenario>& out) {
  const std::string name = called(command, form);
  const auto draft = [&] { return Draft(spec, command, form); };
  switch (form.kind) {
    case spec::FormKind::test:
      out.push_back(draft().aims(form.clauses).purpose("test form of " + name).finish());
      return;
    case spec::FormKind::read:
      out.push_back(draft().aims(form.clauses).purpose("read form of " + name).finish());
      return;
    case spec::FormKind::execute:
      out.push_back(draft().aims(form.clauses).purpose(name + " as it is meant").finish());
      break;
    case spec::FormKind::write: {
      // a write form without parameters is one that the command does not have
      if (form.parameters.empty()) {
        out.push_back(
            draft().aims(form.clauses).arguments({"1"}).purpose(name + " with an argument it does not take").finish());
        return;
      }
      for (std::size_t count = mandatory(form); count <= form.parameters.size(); ++count) {
        if (count == 0 && form.keyword.empty()) continue;
        const bool torn = count < form.parameters.size() && form.parameters[count].with_previous && count > 0;
        if (torn) continue;
        Clauses aims = form.clauses;
        if (count < form.parameters.size()) {
          const auto& defaults = form.parameters[count].default_clauses;
          aims.insert(aims.begin(), defaults.begin(), defaults.end());
        }
        out.push_back(draft()
                          .aims(aims)
                          .arguments(samples(form, count))
                          .purpose(count == form.parameters.size()
                                       ? fmt::format("{} with all its arguments", name)
                                       : fmt::format("{} with {} of {} arguments", name, count, form.parameters.size()))
                          .finish());
      }
      break;
    }
  }
  for (const auto& need : form.needs) {
    if (const auto other = other_value(spec, need))
      out.push_back(draft()
                        .aims(form.clauses)
                        .instead(need.state, *other)
                        .purpose(fmt::format("{} while {} is {}, not {}", name, need.state, *other, need.value))
                        .finish());
  }
}

}  // namespace atspec::generate
