// Scenario to text; the inverse of text.cpp.
#include <fmt/format.h>

#include "harness/scenario/peer_text.hpp"
#include "harness/scenario/text.hpp"
#include "harness/scenario/words.hpp"

namespace atspec::scenario {
namespace {

std::string_view name_of(Wait::For what) {
  switch (what) {
    case Wait::For::final_result:
      return "final";
    case Wait::For::connect:
      return "connect";
    case Wait::For::urc:
      return "urc";
  }
  return "final";
}

struct StepPrinter {
  std::string operator()(const Send& send) const { return line('>', send.line); }
  std::string operator()(const Expect& expect) const { return line('<', expect.pattern); }
  std::string operator()(const Raw& raw) const { return "raw " + spell_quoted(raw.bytes); }
  std::string operator()(const Wait& wait) const {
    std::string out = fmt::format("wait {}", name_of(wait.what));
    if (!wait.name.empty()) out += ' ' + (wait.name == "within" ? spell_quoted(wait.name) : spell_word(wait.name));
    if (wait.within) out += " within " + io::format_duration(*wait.within);
    return out;
  }
  std::string operator()(const Data& data) const {
    return "data " + (data.text ? spell_quoted(*data.text) : spell_content(data.size, data.seed));
  }
  std::string operator()(const Escape&) const { return "escape"; }
  std::string operator()(const Pause& pause) const { return "pause " + io::format_duration(pause.duration); }
  std::string operator()(const Chunk& chunk) const { return fmt::format("chunk {}", chunk.bytes); }
  std::string operator()(const LineEnd& end) const { return end.line_feed ? "line-end crlf" : "line-end cr"; }
  std::string operator()(const Dtr& dtr) const { return dtr.on ? "dtr on" : "dtr off"; }
  std::string operator()(const Break&) const { return "break"; }
  std::string operator()(const Reset&) const { return "reset"; }
  std::string operator()(const Peer& peer) const { return scenario::to_text(peer.directive); }

  static std::string line(char mark, std::string_view text) {
    std::string out(1, mark);
    if (!text.empty()) out += ' ' + spell_literal(text);
    return out;
  }
};

std::string clause_line(const std::vector<std::string>& clauses) {
  std::string out = "clause";
  for (const auto& clause : clauses) out += ' ' + spell_word(clause);
  return out + '\n';
}

/// A `clause` line holds until the next one, so only changes are written.
void add_steps(std::string& out, const std::vector<Step>& steps, std::vector<std::string>& claimed) {
  for (const Step& step : steps) {
    if (const auto* expect = std::get_if<Expect>(&step); expect != nullptr && expect->clauses != claimed) {
      out += clause_line(expect->clauses);
      claimed = expect->clauses;
    }
    out += to_text(step) + '\n';
  }
}

}  // namespace

std::string to_text(const Step& step) { return std::visit(StepPrinter{}, step); }

std::string to_text(const Scenario& scenario) {
  std::string out;
  if (!scenario.id.empty()) out += "case " + spell_word(scenario.id) + '\n';
  if (!scenario.purpose.empty()) out += "purpose " + spell_literal(scenario.purpose) + '\n';
  if (!scenario.clauses.empty()) out += clause_line(scenario.clauses);
  if (!scenario.needs.empty() || scenario.peer != PeerLevel::none) {
    out += "needs";
    for (const auto& [state, value] : scenario.needs)
      out += fmt::format(" {}={}", spell_word(state), spell_word(value));
    if (scenario.peer != PeerLevel::none) out += fmt::format(" peer={}", to_string(scenario.peer));
    out += '\n';
  }
  if (!scenario.modes.empty()) {
    out += "modes";
    for (const auto& state : scenario.modes) out += ' ' + spell_word(state);
    out += '\n';
  }
  std::vector<std::string> claimed = scenario.clauses;
  if (scenario.materialised) {
    add_steps(out, scenario.set_up, claimed);
    out += "body\n";
  }
  add_steps(out, scenario.body, claimed);
  return out;
}

}  // namespace atspec::scenario
