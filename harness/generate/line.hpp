// Command lines out of a form and chosen argument values, and what is known of them before anything is sent.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/generate/plan.hpp"
#include "harness/spec/spec.hpp"

namespace atspec::generate {

/// `value` as it stands on the line: texts in quotes.
std::string on_line(const spec::Parameter& parameter, const std::string& value);

/// A value of the parameter that works in an ordinary case: its sample for these states, its first choice, its
/// minimum, …
std::string sample_of(const spec::Parameter& parameter, const States& states = {});

/// `arguments`, on the line, with samples exchanged for those of these states.
std::vector<std::string> fitting(const spec::Form& form, std::vector<std::string> arguments, const States& states);

/// "AT+QFTPCFG="filetype",1"
std::string command_line(const spec::Command& command, const spec::Form& form,
                         const std::vector<std::string>& arguments);

/// What an expression can know of states alone. They must outlive it.
class OverStates : public spec::Environment {
 public:
  explicit OverStates(const States& states) : states_(states) {}
  spec::Value name(std::string_view name) const override;
  spec::Value call(std::string_view function, const std::vector<spec::Value>& arguments,
                   const std::vector<std::string>& names) const override;

 private:
  const States& states_;
};

/// What an expression can know before a command is sent: its arguments, the states, and that the tokens of the peer's
/// address stand for it. Server and files are unknown.
class Beforehand : public OverStates {
 public:
  Beforehand(const spec::Form& form, const spec::Invocation& invocation, const States& states);
  spec::Value name(std::string_view name) const override;
  spec::Value call(std::string_view function, const std::vector<spec::Value>& arguments,
                   const std::vector<std::string>& names) const override;

 private:
  spec::Binding binding_;
  bool invalid_;
};

/// The outcomes that may come: those whose condition is not false, up to the first whose condition is true.
std::vector<const spec::Outcome*> possible(const spec::Form& form, const spec::Environment& environment);

/// The last effect of an outcome on a state is the one that stays.
std::map<std::string, const spec::Effect*> lasting(const spec::Outcome& outcome);

/// Whether an error is what the outcome ends with, as a final result or in its URC.
bool is_refusal(const spec::Outcome& outcome);

/// The invocation of a line this folder made: tokens in place of numbers are taken for one.
std::optional<spec::Invocation> invocation_of(const std::string& line);

/// The waits that follow the line: connect with `after` behind it, final result, URC, as far as a possible outcome has
/// them, with the limits that are known.
std::vector<scenario::Step> waits(const std::vector<const spec::Outcome*>& outcomes,
                                  const spec::Environment& environment, const std::vector<scenario::Step>& after);

}  // namespace atspec::generate
