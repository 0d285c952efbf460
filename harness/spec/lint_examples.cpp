#include "harness/spec/lint_examples.hpp"

#include <fmt/format.h>

#include <sstream>

#include "harness/spec/source.hpp"

namespace atspec::spec {
namespace {

/// Whether the printed line could be an instance of the template: literals as they stand, `*` for any value.
bool could_be(const Template& pattern, const std::string& line) {
  if (pattern.match(line, Template::Blanks::any)) return true;
  // a line of nothing but a wildcard behind the name, as for data-dependent values
  const auto star = line.find('*');
  return star != std::string::npos && !pattern.tokens().empty() &&
         pattern.tokens().front().kind == Token::Kind::literal &&
         pattern.tokens().front().text.starts_with(
             line.substr(0, std::min(star, pattern.tokens().front().text.size())));
}

std::string without_tokens(std::string line) {
  // ${ftp.port} stands for a number, and so does what a device reported (${+QFOPEN}); every other token for a text
  for (auto at = line.find("${"); at != std::string::npos; at = line.find("${", at + 1)) {
    const auto end = line.find('}', at);
    if (end == std::string::npos) break;
    const std::string name = line.substr(at + 2, end - at - 2);
    line.replace(at, end - at + 1, name.ends_with("port") || name.starts_with('+') ? "21" : "x");
  }
  return line;
}

bool answers(const std::vector<const Command*>& commands, const std::string& line) {
  if (line == "OK" || line == "ERROR" || line.starts_with("CONNECT") || line.starts_with("+CME ERROR:") ||
      line == "NO CARRIER" || line == "*")
    return true;
  for (const Command* command : commands) {
    for (const auto& form : command->forms) {
      for (const auto& outcome : form.outcomes) {
        for (const auto& alternative : outcome.alternatives) {
          for (const auto& item : alternative.items) {
            if (could_be(item.text, line)) return true;
          }
        }
      }
    }
  }
  return false;
}

}  // namespace

std::vector<ClauseId> clauses_of(const Example& example) {
  std::vector<ClauseId> out;
  std::istringstream lines(example.scenario);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("clause ")) continue;
    for (auto& id : split_words(line.substr(7))) out.push_back(std::move(id));
  }
  return out;
}

std::vector<Diagnostic> lint_example(const Spec& spec, const Example& example) {
  std::vector<Diagnostic> out;
  std::vector<const Command*> sent;
  std::istringstream lines(example.scenario);
  int number = 0;
  for (std::string line; std::getline(lines, line); ++number) {
    Location at = example.text_at;
    at.line += number;
    const auto say = [&](std::string message) {
      out.push_back({at, fmt::format("example {}: {}", example.id, message)});
    };
    if (line.starts_with("> ")) {
      const auto invocations = parse_command_line(without_tokens(line.substr(2)));
      if (!invocations) {
        say(fmt::format("\"{}\" is no command line: {}", line.substr(2), invocations.error()));
        continue;
      }
      // what is printed next answers this line: the manual prints a URC before it goes on
      sent.clear();
      for (const auto& invocation : *invocations) {
        const Command* command = spec.command(invocation.name);
        if (command == nullptr) {
          say(fmt::format("no command {}", invocation.name));
          continue;
        }
        sent.push_back(command);
        const Form* form = find_form(*command, invocation);
        if (form == nullptr) {
          say(fmt::format("{} has no such {} form", command->name, to_string(invocation.kind)));
          continue;
        }
        for (const auto& fault : bind(*form, invocation).faults)
          say(fmt::format("{}: {} is {}", command->name, fault.parameter.empty() ? "the line" : fault.parameter,
                          fault.message));
      }
    } else if (line.starts_with("< ") && !answers(sent, line.substr(2))) {
      say(fmt::format("\"{}\" is no response of what was sent", line.substr(2)));
    }
  }
  return out;
}

}  // namespace atspec::spec
