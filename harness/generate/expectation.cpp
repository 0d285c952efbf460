#include "harness/generate/expectation.hpp"

#include "harness/scenario/text.hpp"

namespace atspec::generate {
namespace {

using spec::Unknown;
using spec::Value;

/// Values of expressions before anything has happened: arguments and states are known, the server does as it is
/// played, and it has every file it is asked for.
class Foresight : public spec::Environment {
 public:
  Foresight(const spec::Binding& binding, const States& states, const Server& server, bool escaped)
      : binding_(binding), states_(states), server_(server), escaped_(escaped) {}

  Value name(std::string_view name) const override {
    if (name == "invalid") return !binding_.faults.empty();
    if (name == "escaped") return escaped_;
    if (name == "server.code") return server_.code;
    if (name == "server.silent") return server_.silent;
    if (name == "server.garbled") return server_.garbled;
    if (name == "server.closed") return server_.closed;
    const std::string key(name);
    if (const auto found = binding_.values.find(key); found != binding_.values.end()) return found->second;
    if (const auto found = states_.find(key); found != states_.end()) return spec::value_of_text(found->second);
    return Unknown{};
  }

  Value call(std::string_view function, const std::vector<Value>& arguments,
             const std::vector<std::string>& names) const override {
    if (function == "given" && !names.empty()) {
      const auto found = binding_.given.find(names[0]);
      return found != binding_.given.end() && found->second;
    }
    if (function == "server.ok") return content();
    if (function == "peer.has" || function == "peer.is_directory" || function == "peer.after.has")
      return content() ? Value(true) : Value(Unknown{});
    if (arguments.empty()) return Unknown{};
    const auto* text = std::get_if<std::string>(&arguments.front());
    if (text == nullptr) return Unknown{};
    if (function == "length") return static_cast<std::int64_t>(text->size());
    if (function == "resolved" && text->starts_with('/')) return *text;
    return Unknown{};
  }

 private:
  bool content() const { return server_.code == 0 && !server_.silent && !server_.garbled && !server_.closed; }

  const spec::Binding& binding_;
  const States& states_;
  const Server& server_;
  bool escaped_;
};

/// The run fills tokens in. A text may stay as it is; where one stands for a number (a port), a number does.
void stand_in_for_tokens(spec::Invocation& invocation) {
  for (auto& argument : invocation.arguments) {
    if (!argument.quoted && argument.raw.starts_with("${")) argument.raw = argument.text = "21";
  }
}

bool has(const spec::Outcome& outcome, spec::Item::Kind kind) {
  return std::any_of(outcome.alternatives.begin(), outcome.alternatives.end(), [&](const auto& alternative) {
    return std::any_of(alternative.items.begin(), alternative.items.end(),
                       [&](const spec::Item& item) { return item.kind == kind; });
  });
}

/// Whether the outcome surely ends well: then it is known what follows. A refusal may come in many shapes.
bool ends_well(const spec::Outcome& outcome) {
  if (outcome.alternatives.empty()) return false;
  for (const auto& item : outcome.alternatives.front().items) {
    if (item.kind == spec::Item::Kind::final_result) return item.text.text() == "OK";
  }
  return false;
}

}  // namespace

Prospect foresee(const spec::Spec& spec, std::string_view line, const States& states, const Server& server,
                 bool escaped) {
  Prospect out;
  auto invocations = spec::parse_command_line(line);
  if (!invocations || invocations->size() != 1) return out;
  spec::Invocation& invocation = invocations->front();
  stand_in_for_tokens(invocation);
  out.command = spec.command(invocation.name);
  if (out.command == nullptr) return out;
  out.form = spec::find_form(*out.command, invocation);
  if (out.form == nullptr) return out;
  const spec::Binding binding = spec::bind(*out.form, invocation);
  out.invalid = !binding.faults.empty();
  const Foresight foresight(binding, states, server, escaped);
  for (const auto& outcome : out.form->outcomes) {
    const bool demanded =
        outcome.when.empty() || spec::truth(outcome.when.evaluate(foresight)).value_or(false);
    if (!demanded) continue;
    out.outcome = &outcome;
    break;
  }
  if (out.outcome == nullptr || out.outcome->alternatives.empty()) return out;
  for (const auto& item : out.outcome->alternatives.front().items) {
    for (const auto& effect : item.effects) {
      const Value value = effect.value.evaluate(foresight);
      auto& state = out.after[effect.state];
      if (spec::is_unknown(value)) {
        state.reset();
      } else {
        state = spec::to_string(value);
      }
    }
  }
  return out;
}

std::vector<scenario::Step> steps_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  auto parsed = scenario::parse(text);
  return parsed ? std::move(parsed->body) : std::vector<scenario::Step>();
}

bool has_item(const spec::Form& form, spec::Item::Kind kind) {
  return std::any_of(form.outcomes.begin(), form.outcomes.end(),
                     [&](const spec::Outcome& outcome) { return has(outcome, kind); });
}

std::vector<scenario::Step> steps_after(const Prospect& prospect) {
  using Kind = spec::Item::Kind;
  using scenario::Wait;
  std::vector<scenario::Step> out;
  const auto comes = [&](Kind kind) {
    if (prospect.form == nullptr) return false;
    if (prospect.outcome != nullptr && ends_well(*prospect.outcome)) return has(*prospect.outcome, kind);
    return has_item(*prospect.form, kind);
  };
  if (comes(Kind::connect)) {
    out.emplace_back(Wait{Wait::For::connect, {}, {}});
    for (auto& step : steps_of(prospect.form->after)) out.push_back(std::move(step));
  }
  out.emplace_back(Wait{Wait::For::final_result, {}, {}});
  if (comes(Kind::urc)) out.emplace_back(Wait{Wait::For::urc, {}, {}});
  return out;
}

}  // namespace atspec::generate
