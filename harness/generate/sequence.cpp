#include "harness/generate/sequence.hpp"

#include <fmt/format.h>
#include <rapidcheck/Random.h>
#include <rapidcheck/Seq.h>
#include <rapidcheck/Shrinkable.h>
#include <rapidcheck/gen/Create.h>
#include <rapidcheck/gen/Numeric.h>
#include <rapidcheck/gen/Select.h>
#include <rapidcheck/seq/Create.h>
#include <rapidcheck/seq/Operations.h>
#include <rapidcheck/seq/Transform.h>
#include <rapidcheck/shrink/Shrink.h>
#include <rapidcheck/shrinkable/Create.h>
#include <rapidcheck/shrinkable/Transform.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "harness/generate/argument.hpp"
#include "harness/generate/covering.hpp"
#include "harness/generate/draft.hpp"
#include "harness/generate/line.hpp"
#include "harness/generate/plan.hpp"

namespace atspec::generate {
namespace {

using scenario::PeerRule;

constexpr std::size_t longest = 40;  // commands

/// A command of a sequence.
struct Turn {
  const spec::Command* command = nullptr;
  const spec::Form* form = nullptr;
  std::vector<std::string> arguments;
  bool needs_met = false;  ///< as far as the manual lets one know
  std::optional<scenario::PeerDirective> fault;
  bool operator==(const Turn&) const = default;
};

/// What a random case is made of, before it is one.
struct Plot {
  bool begins_open = false;  ///< with a session, not before it
  Row modes;
  std::vector<Turn> turns;
};

/// Draws from RapidCheck's generators, one after the other.
class Dice {
 public:
  explicit Dice(rc::Random random) : random_(random) {}

  template <typename T>
  T draw(const rc::Gen<T>& gen) {
    return gen(random_.split(), size).value();
  }
  std::size_t below(std::size_t bound) { return draw(rc::gen::inRange<std::size_t>(0, bound)); }
  bool one_in(std::size_t many) { return below(many) == 0; }
  template <typename T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  static constexpr int size = 100;  // RapidCheck's largest: values from the whole of their range
  rc::Random random_;
};

}  // namespace

struct Sequences::Impl {
  const spec::Spec& spec;
  std::uint64_t seed;
  std::vector<const spec::State*> mode_states;
  std::vector<Row> mode_rows;
  std::vector<std::pair<const spec::Command*, const spec::Form*>> forms;  // as often as they should come
  std::vector<std::string> names;
  States open_session;

  /// Factors behind those of the states: in what pieces the host writes, and whether an LF follows its CR.
  static constexpr std::array<unsigned, 3> pieces = {0, 1, 7};
  static constexpr std::size_t line_ends = 2;

  Impl(const spec::Spec& s, std::uint64_t first, unsigned strength) : spec(s), seed(first) {
    std::vector<std::size_t> levels;
    for (const auto& state : spec.states) {
      if (state.modes.empty()) continue;
      mode_states.push_back(&state);
      levels.push_back(state.modes.size());
    }
    levels.push_back(pieces.size());
    levels.push_back(line_ends);
    mode_rows = covering_array(levels, strength);
    std::set<std::string> texts;
    for (const auto& command : spec.commands) {
      for (const auto& form : command.forms) {
        forms.insert(forms.end(), weight(command, form), {&command, &form});
        for (const auto& parameter : form.parameters) {
          const bool text = parameter.type.base == spec::ValueType::Base::text && parameter.sample &&
                            parameter.type.choices.empty() && !parameter.sample->starts_with("${");
          if (text && !form.verbs.empty()) texts.insert(*parameter.sample);
        }
        const auto open = std::find_if(form.needs.begin(), form.needs.end(), [&](const spec::Requirement& need) {
          const auto* state = spec.state(need.state);
          return !form.verbs.empty() && state != nullptr && state->initial && *state->initial != need.value;
        });
        if (open != form.needs.end()) ++session_needs[{open->state, open->value}];
      }
    }
    names.assign(texts.begin(), texts.end());
    // the state that most of what talks to the server needs is that of a session
    const auto most = std::max_element(session_needs.begin(), session_needs.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == session_needs.end()) return;
    open_session = {most->first};
    for (const auto& command : spec.commands) {
      for (const auto& form : command.forms) {
        if (!opens(form)) continue;
        for (const auto& need : form.needs) behind_session.try_emplace(need.state, need.value);
      }
    }
  }
  States behind_session;  // what must have been, for there to be one

  bool opens(const spec::Form& form) const {
    return std::any_of(form.outcomes.begin(), form.outcomes.end(), [&](const spec::Outcome& outcome) {
      const auto effects = lasting(outcome);
      const auto found = effects.find(open_session.begin()->first);
      return !is_refusal(outcome) && found != effects.end() &&
             found->second->value.text() == '\'' + open_session.begin()->second + '\'' &&
             !met(form, open_session, open_session);
    });
  }
  std::map<std::pair<std::string, std::string>, std::size_t> session_needs;

  /// What talks to the server has most to say; a command in several forms no more than one in one.
  static std::size_t weight(const spec::Command& command, const spec::Form& form) {
    constexpr std::size_t talking = 60, other = 6;
    if (form.kind == spec::FormKind::test) return 1;
    const auto talks = [](const spec::Form& one) { return !one.verbs.empty(); };
    const auto alike = std::count_if(command.forms.begin(), command.forms.end(), [&](const spec::Form& one) {
      return one.kind != spec::FormKind::test && talks(one) == talks(form);
    });
    return std::max<std::size_t>(
        1, (talks(form) ? talking : other) / static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, alike)));
  }

  States begin(const Plot& plot) const {
    States out;
    if (plot.begins_open) out = open_session;
    for (std::size_t i = 0; i < mode_states.size(); ++i) {
      if (plot.modes.at(i) > 0) out[mode_states[i]->name] = mode_states[i]->modes[plot.modes[i]];
    }
    return out;
  }

  /// What is known when the first command is sent.
  States known(const Plot& plot) const {
    States out = begin(plot);
    for (const auto& state : spec.states) {
      if (state.base) out.try_emplace(state.name, *state.base);
    }
    if (plot.begins_open) out.insert(behind_session.begin(), behind_session.end());
    for (const auto& [state, value] : initial_states(spec)) out.try_emplace(state, value);
    return out;
  }

  /// `only`: of these states alone; empty: of all.
  static bool met(const spec::Form& form, const States& states, const States& only = {}) {
    return std::all_of(form.needs.begin(), form.needs.end(), [&](const spec::Requirement& need) {
      const auto found = states.find(need.state);
      const bool holds = found != states.end() && found->second == need.value;
      return holds || (!only.empty() && !only.contains(need.state));
    });
  }

  /// What the states are after a turn, if it goes as one would wish.
  static void advance(const Turn& turn, States& states) {
    const auto invocation =
        invocation_of(command_line(*turn.command, *turn.form, fitting(*turn.form, turn.arguments, states)));
    if (!invocation || spec::find_form(*turn.command, *invocation) != turn.form) return;
    const Beforehand environment(*turn.form, *invocation, states);
    const auto outcomes = possible(*turn.form, environment);
    const auto wished =
        std::find_if(outcomes.begin(), outcomes.end(), [](const spec::Outcome* one) { return !is_refusal(*one); });
    if (wished == outcomes.end()) return;
    for (const auto& [state, effect] : lasting(**wished)) {
      const spec::Value value = effect->value.evaluate(environment);
      if (spec::is_unknown(value)) {
        states.erase(state);
      } else {
        states[state] = to_string(value);
      }
    }
  }

  std::vector<std::string> arguments(const spec::Form& form, Dice& dice) const {
    std::vector<std::string> out;
    if (form.kind != spec::FormKind::write) return out;
    // mostly as many as it must have, or all; sometimes too few or too many
    std::size_t count = dice.one_in(3) ? form.parameters.size() : required(form);
    if (dice.one_in(20)) count = dice.below(form.parameters.size() + 2);
    // what is sent behind the line has the length the line says
    for (std::size_t i = 0; i < form.parameters.size(); ++i) {
      const std::string placeholder = "{" + form.parameters[i].name + "}";
      const bool told = std::any_of(form.after.begin(), form.after.end(), [&](const std::string& line) {
        return line.find(placeholder) != std::string::npos;
      });
      if (told) count = std::max(count, i + 1);
    }
    const bool as_usual = !dice.one_in(3);
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= form.parameters.size()) {
        out.emplace_back("1");
      } else if (as_usual) {
        out.push_back(on_line(form.parameters[i], sample_of(form.parameters[i])));
      } else {
        out.push_back(dice.draw(argument(form.parameters[i], names)));
      }
    }
    return out;
  }

  static bool in_data_mode(const spec::Form& form) {
    return std::any_of(form.outcomes.begin(), form.outcomes.end(), [](const spec::Outcome& outcome) {
      const auto& items = outcome.alternatives.front().items;
      return std::any_of(items.begin(), items.end(),
                         [](const spec::Item& item) { return item.kind == spec::Item::Kind::data; });
    });
  }

  /// The answer `text`, cut anywhere, with time between the pieces; sometimes the end is missing.
  static PeerRule in_pieces(const std::string& verb, std::string text, Dice& dice) {
    text += "\r\n";
    if (dice.one_in(4)) text.resize(dice.below(text.size()));
    const std::size_t first = dice.below(text.size() + 1), second = dice.below(text.size() + 1);
    const auto [low, high] = std::minmax(first, second);
    const auto gap = std::chrono::milliseconds(dice.below(15'000));
    return {
        verb, PeerRule::Action::raw, text.substr(0, low), gap, 1, {text.substr(low, high - low), text.substr(high)}};
  }

  /// Something for the server to do wrong when this form is used.
  scenario::PeerDirective fault(const spec::Form& form, Dice& dice) const {
    using Action = PeerRule::Action;
    const auto seconds = [&](std::size_t most) { return std::chrono::seconds(dice.below(most)); };
    // a server that is not there for a while: who comes then hears so at once
    if (opens(form) && dice.one_in(3))
      return PeerRule{"CONNECT", Action::refuse, {}, std::chrono::seconds(1) + seconds(20), std::nullopt};
    static const std::vector<std::string> codes = {"200", "226", "332", "421", "425", "426", "430", "450",
                                                   "451", "452", "500", "501", "502", "503", "504", "530",
                                                   "532", "550", "551", "552", "553", "699", "abc", "2"};
    static const std::vector<std::string> texts = {" no", "-first\r\n second\r\n", "", " \x01\x02\"x\"",
                                                   " +QFTPSIZE: 0,5\r\nOK"};
    const std::string& verb = dice.one_of(form.verbs);
    switch (dice.below(12)) {
      case 0:
      case 1:
      case 2:
        return PeerRule{verb, Action::reply, dice.one_of(codes) + dice.one_of(texts), {}, 1};
      case 3:
        return PeerRule{verb, Action::delay, {}, seconds(80), 1};
      case 4:
        return PeerRule{verb, Action::stall, {}, {}, 1};
      case 5:
        return PeerRule{verb, dice.one_in(2) ? Action::close : Action::reset, {}, {}, 1};
      case 6:
        return scenario::PeerCut{dice.below(1200), dice.one_in(2), std::nullopt};
      case 7:
        return PeerRule{verb, Action::half_close, {}, {}, 1};
      case 8:
        return in_pieces(verb, dice.one_of(codes) + dice.one_of(texts), dice);
      case 9:
        return PeerRule{verb, Action::stray, dice.one_of(codes) + dice.one_of(texts), seconds(60), 1};
      case 10:
        return PeerRule{"DATA", Action::refuse, {}, {}, 1};
      default:
        // it waits for the next transfer; one whose end the host is to bring about must not wait for the server
        if (!in_data_mode(form) || std::find(form.after.begin(), form.after.end(), "escape") != form.after.end())
          return PeerRule{verb, Action::stall, {}, {}, 1};
        return scenario::PeerStall{dice.below(1200), seconds(200)};
    }
  }

  Plot plot(std::size_t i) const {
    Dice dice(rc::Random(rc::Random::Key{seed, i, 0, 0}));
    Plot out;
    out.modes = mode_rows[i % mode_rows.size()];
    out.begins_open = !dice.one_in(5);
    const bool faults = dice.one_in(3);
    States states = known(out);
    for (std::size_t left = 2 + dice.below(longest - 1); left > 0; --left) {
      Turn turn;
      // a session is what most needs most; another directory than a command expects makes a sequence, too
      const bool anything = dice.one_in(10), loosely = dice.one_in(3);
      for (int tries = 0; tries < 20; ++tries) {
        std::tie(turn.command, turn.form) = dice.one_of(forms);
        turn.needs_met = met(*turn.form, states);
        if (turn.needs_met || anything || (loosely && met(*turn.form, states, open_session))) break;
      }
      turn.arguments = arguments(*turn.form, dice);
      // by its arguments it may have become another form
      const auto invocation = invocation_of(command_line(*turn.command, *turn.form, turn.arguments));
      const spec::Form* other = invocation ? spec::find_form(*turn.command, *invocation) : nullptr;
      if (other != nullptr && other->keyword == turn.form->keyword) turn.form = other;
      turn.needs_met = met(*turn.form, states);
      if (faults && !turn.form->verbs.empty() && dice.one_in(4)) turn.fault = fault(*turn.form, dice);
      advance(turn, states);
      out.turns.push_back(std::move(turn));
    }
    return out;
  }

  /// Whether each command that was ready to be carried out still is.
  bool sound(const Plot& plot) const {
    States states = known(plot);
    for (const Turn& turn : plot.turns) {
      if (turn.needs_met && !met(*turn.form, states)) return false;
      advance(turn, states);
    }
    return true;
  }

  rc::Seq<Plot> smaller(const Plot& plot) const {
    const auto with_turns = [plot](std::vector<Turn> turns) {
      Plot out = plot;
      out.turns = std::move(turns);
      return out;
    };
    const auto simpler = [](const Turn& turn) {
      std::vector<Turn> out;
      if (turn.fault) {
        out.push_back(turn);
        out.back().fault.reset();
      }
      auto usual = samples(*turn.form, required(*turn.form));
      if (turn.form->kind == spec::FormKind::write && usual != turn.arguments) {
        out.push_back(turn);
        out.back().arguments = std::move(usual);
      }
      return rc::seq::fromContainer(std::move(out));
    };
    std::vector<Plot> plainer;
    for (std::size_t i = 0; i < plot.modes.size(); ++i) {
      if (plot.modes[i] == 0) continue;
      plainer.push_back(plot);
      plainer.back().modes[i] = 0;
    }
    const std::size_t count = plot.turns.size();
    // one command can be there for the sake of another's argument alone
    const auto without_one = [plot](std::size_t i) {
      Plot out = plot;
      out.turns.erase(out.turns.begin() + static_cast<std::ptrdiff_t>(i));
      for (Turn& turn : out.turns) {
        if (turn.form->kind == spec::FormKind::write) turn.arguments = samples(*turn.form, required(*turn.form));
      }
      return out;
    };
    // and what closes a session for the sake of what opens it, with others between them
    const auto without_two = [plot, count](std::size_t pair) {
      Plot out = plot;
      const std::size_t first = pair / count, second = pair % count;
      if (first >= second) return Plot{};
      out.turns.erase(out.turns.begin() + static_cast<std::ptrdiff_t>(second));
      out.turns.erase(out.turns.begin() + static_cast<std::ptrdiff_t>(first));
      return out;
    };
    return rc::seq::filter(rc::seq::concat(rc::seq::map(rc::shrink::removeChunks(plot.turns), with_turns),
                                           rc::seq::fromContainer(std::move(plainer)),
                                           rc::seq::map(rc::shrink::eachElement(plot.turns, simpler), with_turns),
                                           rc::seq::map(rc::seq::range<std::size_t>(0, count), without_one),
                                           rc::seq::map(rc::seq::range<std::size_t>(0, count * count), without_two)),
                           [this](const Plot& one) { return !one.turns.empty() && sound(one); });
  }

  void add(const Turn& turn, States& states, scenario::Scenario& out) const {
    for (auto& step : steps_of(turn.form->set_up)) {
      if (!std::holds_alternative<scenario::Peer>(step)) out.body.push_back(std::move(step));
    }
    if (turn.fault) out.body.emplace_back(scenario::Peer{*turn.fault});
    for (auto& step : call(*turn.command, *turn.form, turn.arguments, states)) out.body.push_back(std::move(step));
    for (auto& step : steps_of(turn.form->clean_up)) out.body.push_back(std::move(step));
    advance(turn, states);
  }

  bool needs_own_server(const Plot& plot) const {
    for (std::size_t i = 0; i < mode_states.size(); ++i) {
      if (plot.modes.at(i) > 0 && mode_states[i]->modes_of_own_server) return true;
    }
    return false;
  }

  /// What the ordinary calls among the commands find on the server, each path once.
  static void fill_server(const Plot& plot, scenario::Scenario& out) {
    std::set<std::string> there;
    for (const Turn& turn : plot.turns) {
      for (auto& step : steps_of(turn.form->set_up)) {
        const auto* peer = std::get_if<scenario::Peer>(&step);
        if (peer == nullptr) continue;
        const auto* file = std::get_if<scenario::PeerFile>(&peer->directive);
        const auto* directory = std::get_if<scenario::PeerDirectory>(&peer->directive);
        if (file == nullptr && directory == nullptr) continue;
        if (there.insert(file != nullptr ? file->path : directory->path).second) out.body.push_back(std::move(step));
      }
    }
  }

  scenario::Scenario scenario_of(const Plot& plot, std::size_t i) const {
    scenario::Scenario out;
    const bool faults =
        std::any_of(plot.turns.begin(), plot.turns.end(), [](const Turn& turn) { return turn.fault.has_value(); });
    const bool own = faults || needs_own_server(plot);
    out.peer = own ? scenario::PeerLevel::scripted : scenario::PeerLevel::observed;
    out.needs = begin(plot);
    out.purpose = fmt::format("random sequence {} of seed {}: {} command{}", i, seed, plot.turns.size(),
                              plot.turns.size() == 1 ? "" : "s");
    fill_server(plot, out);
    if (const unsigned size = pieces.at(plot.modes.at(mode_states.size())); size > 0)
      out.body.emplace_back(scenario::Chunk{size});
    if (plot.modes.back() > 0) out.body.emplace_back(scenario::LineEnd{true});
    States states = known(plot);
    for (const Turn& turn : plot.turns) add(turn, states, out);
    name(out, "SEQ");
    return out;
  }

  rc::Shrinkable<scenario::Scenario> generate(std::size_t i) const {
    return rc::shrinkable::map(rc::shrinkable::shrinkRecur(plot(i), [this](const Plot& one) { return smaller(one); }),
                               [this, i](const Plot& one) { return scenario_of(one, i); });
  }
};

Sequences::Sequences(const spec::Spec& spec, std::uint64_t seed, unsigned strength)
    : impl_(std::make_unique<Impl>(spec, seed, strength)) {}
Sequences::~Sequences() = default;

scenario::Scenario Sequences::at(std::size_t i) const { return impl_->scenario_of(impl_->plot(i), i); }

Sequences::Shrunk Sequences::shrink(std::size_t i, const std::function<bool(const scenario::Scenario&)>& fails,
                                    std::size_t at_most) const {
  auto best = impl_->generate(i);
  Shrunk out;
  for (bool found = true; found;) {
    found = false;
    auto below = best.shrinks();
    while (auto one = below.next()) {
      if (out.tried == at_most) {
        out.scenario = best.value();
        return out;
      }
      ++out.tried;
      if (!fails(one->value())) continue;
      best = *std::move(one);
      found = true;
      break;
    }
  }
  out.scenario = best.value();
  out.smallest = true;
  return out;
}

}  // namespace atspec::generate
