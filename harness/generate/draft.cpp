#include "harness/generate/draft.hpp"

#include <algorithm>

#include "harness/scenario/text.hpp"

namespace atspec::generate {

namespace {

/// `{parameter}` in a form's `after` lines is the value on the line.
std::vector<std::string> with_arguments(const spec::Form& form, const spec::Environment& environment) {
  // more would be bulk, not a case
  constexpr std::int64_t most = 1'000'000;
  std::vector<std::string> lines = form.after;
  for (auto& line : lines) {
    for (const auto& parameter : form.parameters) {
      const std::string placeholder = "{" + parameter.name + "}";
      const auto at = line.find(placeholder);
      if (at == std::string::npos) continue;
      const spec::Value value = environment.name(parameter.name);
      const auto* number = std::get_if<std::int64_t>(&value);
      line.replace(at, placeholder.size(),
                   std::to_string(number == nullptr || *number < 0 || *number > most ? 0 : *number));
    }
  }
  return lines;
}

}  // namespace

std::vector<scenario::Step> call(const spec::Command& command, const spec::Form& form,
                                 const std::vector<std::string>& arguments, const States& states,
                                 const std::vector<scenario::Step>& after) {
  const std::string line = command_line(command, form, fitting(form, arguments, states));
  std::vector<scenario::Step> out = {scenario::Send{line}};
  const auto invocation = invocation_of(line);
  if (!invocation) {
    out.emplace_back(scenario::Wait{});
    return out;
  }
  const Beforehand environment(form, *invocation, states);
  const auto behind = after.empty() ? steps_of(with_arguments(form, environment)) : after;
  for (auto& step : waits(possible(form, environment), environment, behind)) out.push_back(std::move(step));
  return out;
}

Draft::Draft(const spec::Spec& spec, const spec::Command& command, const spec::Form& form)
    : spec_(spec), command_(command), form_(form) {
  for (const auto& need : form.needs) out_.needs[need.state] = need.value;
  const auto set_up = steps_of(form.set_up);
  const bool fills_the_server = std::any_of(set_up.begin(), set_up.end(), [](const scenario::Step& step) {
    return std::holds_alternative<scenario::Peer>(step);
  });
  if (!form.verbs.empty() || fills_the_server) out_.peer = scenario::PeerLevel::observed;
  arguments_ = samples(form, required(form));
}

Draft& Draft::purpose(std::string words) {
  out_.purpose = std::move(words);
  return *this;
}

Draft& Draft::aims(const Clauses& clauses) {
  for (const auto& id : clauses) {
    if (std::find(out_.clauses.begin(), out_.clauses.end(), id) == out_.clauses.end()) out_.clauses.push_back(id);
  }
  return *this;
}

Draft& Draft::needs(const std::string& state, const std::string& value) {
  out_.needs[state] = value;
  return *this;
}

Draft& Draft::instead(const std::string& state, const std::string& value) {
  out_.needs = {{state, value}};
  return *this;
}

Draft& Draft::meanwhile(const std::string& state, const std::string& value) {
  meanwhile_[state] = value;
  return *this;
}

Draft& Draft::at_last(std::vector<scenario::Step> steps) {
  at_last_ = std::move(steps);
  return *this;
}

Draft& Draft::scripted() {
  out_.peer = scenario::PeerLevel::scripted;
  return *this;
}

Draft& Draft::before(scenario::Step step) {
  before_.push_back(std::move(step));
  return *this;
}

Draft& Draft::arguments(std::vector<std::string> on_line) {
  arguments_ = std::move(on_line);
  return *this;
}

Draft& Draft::after(std::vector<scenario::Step> steps) {
  after_ = std::move(steps);
  return *this;
}

Draft& Draft::unanswered(io::Duration at_most) {
  unanswered_ = at_most;
  return *this;
}

scenario::Scenario Draft::finish() const {
  scenario::Scenario out = out_;
  out.body = steps_of(form_.set_up);
  out.body.insert(out.body.end(), before_.begin(), before_.end());
  States states = out.needs;
  for (const auto& state : spec_.states) {
    if (state.base) states.try_emplace(state.name, *state.base);
  }
  for (const auto& [state, value] : meanwhile_) states[state] = value;
  for (auto& step : call(command_, form_, arguments_, states, after_)) {
    auto* wait = std::get_if<scenario::Wait>(&step);
    if (wait != nullptr && wait->what != scenario::Wait::For::final_result && !wait->within) wait->within = unanswered_;
    out.body.push_back(std::move(step));
  }
  out.body.insert(out.body.end(), at_last_.begin(), at_last_.end());
  for (auto& step : steps_of(form_.clean_up)) out.body.push_back(std::move(step));
  aims_fallback(out);
  name(out, command_.name);
  return out;
}

void Draft::aims_fallback(scenario::Scenario& scenario) const {
  if (!scenario.clauses.empty()) return;
  scenario.clauses = form_.clauses;
}

std::vector<scenario::Step> steps_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  auto parsed = scenario::parse(text);
  return parsed ? std::move(parsed->body) : std::vector<scenario::Step>{};
}

void name(scenario::Scenario& scenario, const std::string& otherwise) {
  const std::string first = scenario.clauses.empty() ? otherwise : scenario.clauses.front();
  scenario.id = first + '/' + scenario::stimulus_hash(scenario);
}

std::vector<std::string> samples(const spec::Form& form, std::size_t count) {
  std::vector<std::string> out;
  for (const auto& parameter : form.parameters) {
    if (out.size() == count) break;
    out.push_back(on_line(parameter, sample_of(parameter)));
  }
  return out;
}

std::size_t mandatory(const spec::Form& form) {
  std::size_t count = 0, index = 0;
  for (const auto& parameter : form.parameters) {
    ++index;
    if (!parameter.optional && !parameter.with_previous) count = index;
    if (parameter.with_previous && count == index - 1 && count > 0) count = index;
  }
  return count;
}

std::size_t required(const spec::Form& form) {
  std::size_t count = 0, index = 0;
  for (const auto& parameter : form.parameters) {
    ++index;
    // an address is given whole: a server of ours is rarely at the default port
    const bool token = parameter.sample && parameter.sample->starts_with("${");
    if ((!parameter.optional && !parameter.with_previous) || token) count = index;
    if (parameter.with_previous && count == index - 1 && count > 0) count = index;
  }
  return count;
}

}  // namespace atspec::generate
