// A case in the making: what all generators of this folder share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/generate/line.hpp"
#include "harness/generate/plan.hpp"
#include "harness/scenario/scenario.hpp"

namespace atspec::generate {

using Clauses = std::vector<spec::ClauseId>;

class Draft {
 public:
  Draft(const spec::Spec& spec, const spec::Command& command, const spec::Form& form);

  Draft& purpose(std::string words);
  Draft& aims(const Clauses& clauses);
  Draft& needs(const std::string& state, const std::string& value);
  /// Only this of the form's needs stays: what else it wants of a session cannot be had without one.
  Draft& instead(const std::string& state, const std::string& value);
  /// When the line is sent the state has this value, whatever the case needs to begin with.
  Draft& meanwhile(const std::string& state, const std::string& value);
  Draft& scripted();
  Draft& before(scenario::Step step);
  Draft& arguments(std::vector<std::string> on_line);
  /// Behind CONNECT, in place of what the form says.
  Draft& after(std::vector<scenario::Step> steps);
  /// Behind all of the form's own waits.
  Draft& at_last(std::vector<scenario::Step> steps);
  /// Nobody will answer the device: waits for its connection or URC that have no limit of their own last so long.
  Draft& unanswered(io::Duration at_most);

  scenario::Scenario finish() const;

 private:
  void aims_fallback(scenario::Scenario& scenario) const;

  const spec::Spec& spec_;
  const spec::Command& command_;
  const spec::Form& form_;
  scenario::Scenario out_;
  std::vector<std::string> arguments_;
  std::vector<scenario::Step> before_, after_, at_last_;
  States meanwhile_;
  std::optional<io::Duration> unanswered_;
};

/// The line and the waits behind it, as far as `states` let one know what may come. `after`: behind CONNECT, in place
/// of what the form says.
std::vector<scenario::Step> call(const spec::Command& command, const spec::Form& form,
                                 const std::vector<std::string>& arguments, const States& states,
                                 const std::vector<scenario::Step>& after = {});

/// Steps of scenario lines that stand in a spec; lint has made sure that they parse.
std::vector<scenario::Step> steps_of(const std::vector<std::string>& lines);

/// Gives the scenario its id: the first clause it aims at, a slash, the hash of what it does.
void name(scenario::Scenario& scenario, const std::string& otherwise);

/// The samples of the first `count` parameters, as on the line.
std::vector<std::string> samples(const spec::Form& form, std::size_t count);
/// How many parameters an ordinary call must have; the address of a server counts, though its port has a default.
std::size_t required(const spec::Form& form);
/// How many it must have by the manual.
std::size_t mandatory(const spec::Form& form);

// each appends its cases
void form_cases(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                std::vector<scenario::Scenario>& out);
void parameter_cases(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                     std::vector<scenario::Scenario>& out);
void server_cases(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                  std::vector<scenario::Scenario>& out);
void state_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out);
void overlap_cases(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                   std::vector<scenario::Scenario>& out);
void line_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out);
void data_mode_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out);
void example_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out);

}  // namespace atspec::generate
