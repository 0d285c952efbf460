// The command line itself (V.250 §5.2 to §5.4, manual 1.2.2), shown on the first test form the spec has.
#include <fmt/format.h>

#include <algorithm>

#include "harness/generate/draft.hpp"

namespace atspec::generate {
namespace {

using scenario::Pause;
using scenario::Raw;
using scenario::Send;
using scenario::Step;
using scenario::Wait;

/// Longer than any modem's line.
constexpr std::size_t over_long = 20'000;
/// A device that says nothing for so long does not answer.
constexpr io::Duration time_to_react = std::chrono::milliseconds(1100);

bool answers_with_result_alone(const spec::Form& form) {
  return !form.outcomes.empty() && form.outcomes.front().alternatives.front().items.size() == 1;
}

}  // namespace

void line_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out) {
  // The first of them, or the first that answers with a result alone and so leaves the least to say about anything but
  // the line. Never the last: the cases must stay the same when a command is added.
  std::string line, other;
  bool bare = false;
  for (const auto& command : spec.commands) {
    for (const auto& form : command.forms) {
      if (form.kind != spec::FormKind::test || !form.needs.empty()) continue;
      const std::string test = command_line(command, form, {});
      if (other.empty()) other = test;
      if (line.empty() || (!bare && answers_with_result_alone(form))) {
        line = test;
        bare = answers_with_result_alone(form);
      }
    }
  }
  if (line.empty()) return;
  const auto clauses = [&](const char* rule) {
    return spec.rule(rule) == nullptr ? Clauses{} : spec.rule(rule)->clauses;
  };
  const auto add = [&](const Clauses& aims, std::string purpose, std::vector<Step> body) {
    scenario::Scenario one;
    one.purpose = std::move(purpose);
    one.clauses = aims;
    one.body = std::move(body);
    name(one, "LINE");
    out.push_back(std::move(one));
  };
  const std::size_t half = line.size() / 2;
  const auto silence = std::chrono::milliseconds(300);
  add(clauses("no-command-without-prefix"), "the prefix in small letters", {Send{"at" + line.substr(2)}, Wait{}});
  if (spec.rule("no-command-without-prefix") != nullptr)
    add(clauses("no-command-without-prefix"), "a line without the prefix is no command",
        {Send{line.substr(2)}, Pause{time_to_react}, Send{line}, Wait{}});
  add(clauses("silence-before-cr"), "a line in two writes, its CR later",
      {Raw{line.substr(0, half)}, Pause{silence}, Raw{line.substr(half)}, Pause{silence}, Raw{"\r"}, Wait{}});
  add(clauses("silence-before-cr"), "a line byte by byte", {scenario::Chunk{1}, Send{line}, Wait{}});
  add(clauses("one-final-result"), "a character taken back",
      {Raw{line.substr(0, half) + "X\b" + line.substr(half) + "\r"}, Wait{}});
  add(clauses("one-final-result"), "two commands on one line", {Send{line + ";" + other.substr(2)}, Wait{}});
  add(clauses("one-final-result"), "a line longer than any module takes",
      {Send{"AT" + std::string(over_long, 'A')}, Wait{}, Send{line}, Wait{}});
  add(clauses("one-final-result"), "LF behind the CR", {Raw{line + "\r\n"}, Wait{}, Send{line}, Wait{}});
  add(clauses("one-final-result"), "an empty line between two", {Raw{"\r"}, Pause{silence}, Send{line}, Wait{}});
  add(clauses("one-final-result"), "a command nobody has", {Send{"AT+NOSUCHCOMMAND=1"}, Wait{}});
  add(clauses("framing"), "nothing but the prefix", {Send{"AT"}, Wait{}});
}

void data_mode_cases(const spec::Spec& spec, std::vector<scenario::Scenario>& out) {
  const auto* guard = spec.rule("guard-time");
  const auto* commands = spec.rule("data-is-not-command");
  const auto* window = spec.rule("escape-window");
  for (const auto& command : spec.commands) {
    for (const auto& form : command.forms) {
      // a form that ends with the escape sequence takes any bytes before it
      const auto after = steps_of(form.after);
      const bool escapes = std::any_of(after.begin(), after.end(),
                                       [](const Step& step) { return std::holds_alternative<scenario::Escape>(step); });
      if (!escapes) continue;
      const auto text = [](std::string_view bytes) {
        scenario::Data data;
        data.text = std::string(bytes);
        return data;
      };
      const auto add = [&](const spec::Rule* rule, const std::string& words, std::vector<Step> steps) {
        if (rule == nullptr) return;
        steps.emplace_back(scenario::Escape{});
        out.push_back(Draft(spec, command, form)
                          .aims(rule->clauses)
                          .aims(form.clauses)
                          .after(std::move(steps))
                          .purpose(command.name + ": " + words)
                          .finish());
      };
      const auto shortly = std::chrono::milliseconds(300), long_enough = std::chrono::milliseconds(1500);
      add(commands, "a command line in data mode is data",
          {text(command_line(command, form, samples(form, required(form))) + "\r\nAT\r")});
      add(commands, "every byte there is", {text([] {
            std::string all;
            for (int byte = 255; byte >= 0; --byte) all += static_cast<char>(byte);
            return all;
          }())});
      add(commands, "what looks like a result", {text("\r\nOK\r\n\r\n" + command.name + ": 0,5\r\n")});
      add(guard, "+++ in the middle of data is data", {text("before+++behind")});
      add(guard, "+++ too soon behind data is data", {text("data"), Pause{shortly}, text("+++"), Pause{long_enough}});
      add(guard, "data too soon behind +++ makes it data",
          {text("data"), Pause{long_enough}, text("+++"), Pause{shortly}, text("more")});
      const auto slowly = std::chrono::milliseconds(200);
      add(window, "three + typed by hand leave data mode",
          {text("data"), Pause{long_enough}, text("+"), Pause{slowly}, text("+"), Pause{slowly}, text("+"),
           Pause{long_enough}});
      add(window, "three + too far apart are data",
          {text("data"), Pause{long_enough}, text("+"), Pause{std::chrono::milliseconds(700)}, text("+"),
           Pause{std::chrono::milliseconds(700)}, text("+"), Pause{long_enough}});
    }
  }
}

}  // namespace atspec::generate
