// Each parameter at, just inside and just outside its bounds, of the wrong kind, missing, and one too many.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "harness/generate/draft.hpp"

namespace atspec::generate {
namespace {

struct Try {
  std::string on_line;
  std::string words;
  std::optional<std::string> name = {};  ///< within the limits, it may be that of a file
  bool own_server = false;               ///< what a server makes of it, only ours is known to tell
};

std::vector<Try> integer_tries(const spec::Parameter& parameter) {
  std::set<std::int64_t> values;
  const spec::ValueType& type = parameter.type;
  for (const auto& bound : {type.min, type.max}) {
    if (!bound) continue;
    for (const std::int64_t step : {-1, 0, 1}) values.insert(*bound + step);
  }
  if (!type.choices.empty()) {
    std::set<std::int64_t> choices;
    for (const auto& choice : type.choices) {
      const auto value = spec::value_of_text(choice.value);
      if (const auto* number = std::get_if<std::int64_t>(&value)) choices.insert(*number);
    }
    values.insert(choices.begin(), choices.end());
    if (!choices.empty()) {
      values.insert(*choices.begin() - 1);
      values.insert(*choices.rbegin() + 1);
    }
  }
  std::vector<Try> out;
  for (const auto value : values) {
    const std::string text = std::to_string(value);
    const std::string fault = spec::fault_of(type, text);
    out.push_back({text, fault.empty() ? fmt::format("{}={}", parameter.name, text)
                                       : fmt::format("{}={}, which is {}", parameter.name, text, fault)});
  }
  if (!values.empty()) {
    out.push_back({"x", parameter.name + " is no number"});
    out.push_back({"\"" + sample_of(parameter) + "\"", parameter.name + " is a number in quotes"});
  }
  return out;
}

/// Silence about +++ costs seconds: what its command has in another form as well is tried there.
bool takes_its_time(const spec::Form& form) {
  return std::find(form.after.begin(), form.after.end(), "escape") != form.after.end();
}

/// What a host may put between quotes, by carelessness or to see what becomes of it.
const std::vector<std::pair<std::string, std::string>>& texts_of_hosts() {
  static const std::vector<std::pair<std::string, std::string>> all = {
      {"", " with nothing in it"},
      {" a  b ", " with blanks"},
      {"a,b;c", " with a comma and a semicolon"},
      {"$(reboot)`id`|&<>*?~#!", " with the signs of a shell"},
      {"%s%n%x", " with the signs of printf"},
      {"..\\..\\a", " with backslashes"},
      {"../../a/./b//c", " with steps up and down"},
      {"\xC3\xA9\x80\xFF", " with bytes above 127"},
      {"a\x01\x07\x1B[2J", " with control bytes"},
  };
  return all;
}

std::vector<Try> text_tries(const spec::Form& form, const spec::Parameter& parameter) {
  std::vector<Try> out;
  if (const auto& longest = parameter.type.max_length) {
    const bool prefixed = parameter.sample && parameter.sample->find(':') != std::string::npos;
    // a local name keeps its medium: what the limit counts is the whole of it
    const std::string prefix = prefixed ? parameter.sample->substr(0, parameter.sample->find(':') + 1) : "";
    if (prefix == "COM:") return out;
    for (const std::size_t length : {*longest - 1, *longest, *longest + 1}) {
      if (length <= prefix.size()) continue;
      out.push_back(
          {'"' + prefix + std::string(length - prefix.size(), 'a') + '"',
           fmt::format("{} of {} bytes", parameter.name, length),
           length <= *longest ? std::optional(prefix + std::string(length - prefix.size(), 'a')) : std::nullopt});
    }
  }
  if (!sample_of(parameter).empty()) out.push_back({sample_of(parameter), parameter.name + " without quotes"});
  // (which server is called is not the server's to judge)
  if (!form.verbs.empty() && !takes_its_time(form) && !sample_of(parameter).starts_with("${")) {
    for (const auto& [text, words] : texts_of_hosts())
      out.push_back({'"' + text + '"', parameter.name + words, std::nullopt, true});
  }
  return out;
}

/// What the form's set-up puts on the peer under the parameter's sample, under `name` as well.
std::vector<scenario::Step> there_as(const spec::Form& form, const spec::Parameter& parameter,
                                     const std::string& name) {
  std::vector<scenario::Step> out;
  for (const auto& step : steps_of(form.set_up)) {
    const auto* peer = std::get_if<scenario::Peer>(&step);
    if (peer == nullptr) continue;
    scenario::Peer other = *peer;
    if (auto* file = std::get_if<scenario::PeerFile>(&other.directive)) {
      if (std::exchange(file->path, name) == sample_of(parameter)) out.emplace_back(other);
    } else if (auto* directory = std::get_if<scenario::PeerDirectory>(&other.directive)) {
      if (std::exchange(directory->path, name) == sample_of(parameter)) out.emplace_back(other);
    }
  }
  return out;
}

}  // namespace

void parameter_cases(const spec::Spec& spec, const spec::Command& command, const spec::Form& form,
                     std::vector<scenario::Scenario>& out) {
  if (form.kind != spec::FormKind::write || form.parameters.empty()) return;
  const std::string name = form.keyword.empty() ? command.name : fmt::format("{}=\"{}\"", command.name, form.keyword);
  const auto add = [&](const Clauses& aims, std::vector<std::string> arguments, const std::string& words,
                       const std::vector<scenario::Step>& before = {}, bool own_server = false) {
    // with other arguments it may be another form, which has cases of its own
    const auto invocation = invocation_of(command_line(command, form, arguments));
    // a basic command has no syntax for a wrong argument: what follows its number is the next command
    const bool basic = !command.name.starts_with('+');
    if (basic && (!invocation || invocation->raw != command_line(command, form, arguments).substr(2))) return;
    if (invocation && spec::find_form(command, *invocation) != &form) return;
    Draft draft(spec, command, form);
    for (const auto& step : before) draft.before(step);
    if (own_server) draft.scripted();
    out.push_back(
        draft.aims(aims).aims(form.clauses).arguments(std::move(arguments)).purpose(name + ": " + words).finish());
  };
  for (std::size_t i = 0; i < form.parameters.size(); ++i) {
    const spec::Parameter& parameter = form.parameters[i];
    Clauses aims = parameter.clauses;
    // as many arguments as an ordinary call has, so that only this one is in question
    std::size_t count = std::max(required(form), i + 1);
    if (count < form.parameters.size() && form.parameters[count].with_previous) ++count;
    const auto tries =
        parameter.type.base == spec::ValueType::Base::integer ? integer_tries(parameter) : text_tries(form, parameter);
    for (const Try& one : tries) {
      if (one.name && takes_its_time(form)) continue;
      auto arguments = samples(form, count);
      arguments[i] = one.on_line;
      Clauses with_value = aims;
      for (const auto& choice : parameter.type.choices) {
        if (choice.value == one.on_line)
          with_value.insert(with_value.begin(), choice.clauses.begin(), choice.clauses.end());
      }
      add(with_value, std::move(arguments), one.words,
          one.name ? there_as(form, parameter, *one.name) : std::vector<scenario::Step>{}, one.own_server);
    }
    const bool needed = !parameter.optional && !parameter.with_previous;
    if (needed && (i > 0 || !form.keyword.empty())) add(aims, samples(form, i), parameter.name + " is missing");
    if (needed && i == 0 && form.keyword.empty()) add(aims, {""}, parameter.name + " is missing");
    if (needed && i + 1 < form.parameters.size() && i + 1 < count) {
      auto arguments = samples(form, count);
      arguments[i].clear();
      add(aims, std::move(arguments), parameter.name + " is left out before another");
    }
    if (parameter.with_previous && i > 0)
      add(aims, samples(form, i), parameter.name + " does not follow the one before it");
  }
  auto surplus = samples(form, form.parameters.size());
  surplus.emplace_back("1");
  add({}, std::move(surplus), "one argument too many");
}

}  // namespace atspec::generate
