#include "harness/judge/judge.hpp"

#include "harness/judge/expect.hpp"
#include "harness/judge/rules.hpp"
#include "harness/trace/mask.hpp"

namespace atspec::judge {

std::set<std::string> preferred_readings(const spec::Spec& spec, const spec::Profile& profile) {
  std::set<std::string> preferred;
  for (const auto& ambiguity : spec.ambiguities) {
    bool chosen = false;
    for (const auto& reading : ambiguity.readings) {
      if (std::find(profile.prefers.begin(), profile.prefers.end(), reading.id) == profile.prefers.end()) continue;
      preferred.insert(reading.id);
      chosen = true;
    }
    if (chosen) continue;
    for (const auto& reading : ambiguity.readings) {
      if (reading.preferred) preferred.insert(reading.id);
    }
  }
  return preferred;
}

namespace {

/// Carries the states along a trace while its exchanges are judged one by one.
class Course {
 public:
  Course(const Surroundings& around, const Options& options, Ledger& ledger)
      : around_(around),
        session_(around.session),
        ledger_(ledger),
        grammar_(around, options, ledger),
        states_(options.known) {}

  std::vector<Reading> run(const std::map<std::string, std::string>& needs) {
    std::vector<Reading> readings;
    readings.reserve(session_.exchanges.size());
    bool in_body = false;
    for (std::size_t i = 0; i < session_.exchanges.size(); ++i) {
      const Exchange& exchange = session_.exchanges[i];
      if (exchange.body && !in_body) {
        in_body = true;
        apply_changes_before(exchange.event, exchange.event);
        began_ = states_;
        hold_against(needs, readings);
      }
      apply_changes_before(exchange.event, first_answer(exchange));
      ledger_.mute(!exchange.body);
      readings.push_back(grammar_.judge(i, without_racing(exchange)));
      Reading& reading = readings.back();
      told_.clear();
      for (const auto& change : reading.changes) {
        told_.insert(change.state);
        queue(change);
      }
      if (exchange.spilt) {
        for (const auto& state : around_.index.spec().states) reading.owed_changes.insert(state.name);
      }
      if (!reading.fits || !reading.complete) {
        // what it may have changed unseen is unknown from its last sign on
        const std::size_t from = exchange.seen.empty() ? exchange.event : exchange.seen.back();
        const bool may_be_under_way = reading.fits && !exchange.ran_out;
        for (const auto& state : reading.owed_changes) {
          // meanwhile it has the value its first answer gave it, if that gave one
          if (may_be_under_way) at_the_end_.insert(state);
          if (!may_be_under_way || !told_.contains(state)) queue({from, state, spec::Unknown{}});
          if (exchange.doubtful) queue({exchange.event, state, spec::Unknown{}});
        }
      } else {
        for (const auto& state : reading.owed_changes) queue({exchange.event, state, spec::Unknown{}});
      }
    }
    ledger_.mute(false);
    apply_changes_before(session_.events.size() + 1, session_.events.size() + 1);
    states_.forget(at_the_end_);
    return readings;
  }

  const States& states() const { return states_; }
  const States& began() const { return began_; }

 private:
  void queue(StateChange change) {
    const auto at = std::upper_bound(changes_.begin(), changes_.end(), change.event,
                                     [](std::size_t event, const StateChange& other) { return event < other.event; });
    changes_.insert(at, std::move(change));
  }

  /// Brings the states up to `event`. What changes between there and `answered` races with the command: unknown to it.
  void apply_changes_before(std::size_t event, std::size_t answered) {
    std::size_t done = 0;
    for (; done < changes_.size() && changes_[done].event < event; ++done) {
      disturb_before(changes_[done].event);
      states_.assign(changes_[done].state, changes_[done].value);
    }
    disturb_before(event);
    changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(done));
    racing_.clear();
    for (const auto& change : changes_) {
      if (change.event >= answered) break;
      racing_.insert(change.state);
    }
  }

  void disturb_before(std::size_t event) {
    for (; disturbed_ < session_.disturbances.size() && session_.disturbances[disturbed_].event <= event;
         ++disturbed_) {
      if (session_.disturbances[disturbed_].kind == Disturbance::Kind::reset) {
        states_.restart(around_.index.spec(), session_.trace->tokens);
      } else if (states_.value("dtr") != spec::Value(std::int64_t{0})) {
        states_.forget(around_.index.data_mode_states());
      }
    }
  }

  static std::size_t first_answer(const Exchange& exchange) {
    return exchange.seen.empty()     ? exchange.event
           : exchange.finals.empty() ? exchange.seen.front()
                                     : exchange.finals.front();
  }

  const States& without_racing(const Exchange&) {
    if (racing_.empty()) return states_;
    uncertain_ = states_;
    uncertain_.forget(racing_);
    return uncertain_;
  }

  void hold_against(const std::map<std::string, std::string>& needs, const std::vector<Reading>& set_up) {
    for (const auto& [name, wanted] : needs) {
      const auto held = states_.text(name);
      const std::string value = fill_tokens(wanted, session_.trace->tokens);
      if (held == value) continue;
      const std::string why = held ? "it is " + *held : last_failure(name, value, set_up);
      if (why.empty()) continue;  // unknown, but nothing went wrong that one could see
      ledger_.mute(false);
      ledger_.undecided(fmt::format("the set-up did not reach {}={}: {}", name, wanted, why));
    }
  }

  /// What the last command of the set-up that has to do with a state answered, where that was an error.
  std::string last_failure(const std::string& name, const std::string& wanted,
                           const std::vector<Reading>& set_up) const {
    const auto* state = around_.index.spec().state(name);
    const bool initial = state != nullptr && state->initial == wanted;
    for (std::size_t i = set_up.size(); i-- > 0;) {
      const Exchange& exchange = session_.exchanges[i];
      if (exchange.form == nullptr || !around_.index.traits(*exchange.form).touched.contains(name)) continue;
      // where there is nothing to close, closing is refused: that is as it was to be
      if (initial && set_up[i].fits) return {};
      if (exchange.refused) return exchange.line + " was refused";
      for (const auto& code : set_up[i].codes) {
        if (code.table == "result" && code.value != 0)
          return fmt::format("{} ended with {}", exchange.line, code.value);
      }
      return {};
    }
    return {};
  }

  const Surroundings& around_;
  const Session& session_;
  Ledger& ledger_;
  Grammar grammar_;
  States states_, uncertain_, began_;
  std::set<std::string, std::less<>> told_;  ///< states the exchange under judgement has given a value
  std::vector<StateChange> changes_;         ///< by event
  std::set<std::string, std::less<>> racing_, at_the_end_;
  std::size_t disturbed_ = 0;
};

/// Credentials and addresses differ from bench to bench; their tokens do not.
void with_tokens(std::vector<Answer>& answers, const trace::Trace& trace) {
  const trace::Mask mask(trace.tokens, {"ftp.user", "ftp.pass", "ftp.host", "ftp.address", "ftp.name"});
  for (auto& answer : answers) {
    answer.line = mask.apply(answer.line);
    answer.words = mask.apply(answer.words);
    for (auto& value : answer.values) value.raw = mask.apply(value.raw);
  }
}

}  // namespace

Judge::Judge(const spec::Spec& spec) : index_(std::make_unique<const Index>(spec)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

Judgement Judge::judge(const trace::Trace& trace, const Options& options) const {
  if (options.preferred.empty() && options.mode == Mode::strict && !index_->preferred().empty()) {
    Options own = options;
    own.preferred = index_->preferred();
    return judge(trace, own);
  }
  Judgement judgement;
  const Session session = read_session(*index_, trace);
  const Control control = read_control(trace);
  const PeerFiles files(session, control, *index_);
  const PeerScript script(session);
  const Surroundings around{*index_, session, control, files, script};
  Ledger ledger(*index_, options.mode, judgement);

  if (!session.set_up_failure.empty()) {
    ledger.undecided("the set-up waited in vain at: " + session.set_up_failure);
  } else if (session.carried_out && !session.body_record) {
    ledger.undecided("the set-up did not reach its end: " +
                     (session.steps.empty() ? std::string("no step was taken") : session.steps.back().subject));
  }
  if (session.lost) ledger.undecided("the line was lost: " + *session.lost);

  Course course(around, options, ledger);
  const auto readings = course.run(options.needs);
  check_rules(around, options, readings, ledger);
  check_expected_lines(around, options, readings, ledger);
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (session.exchanges[i].body && !readings[i].expectation.empty()) judgement.expectation = readings[i].expectation;
  }
  if (options.answers) {
    const auto& began = course.began().values();
    judgement.began.insert(began.begin(), began.end());
    for (std::size_t i = 0; i < readings.size(); ++i) {
      if (session.exchanges[i].body) judgement.answers.push_back(readings[i].answer);
    }
    with_tokens(judgement.answers, trace);
  }
  const auto& states = course.states().values();
  judgement.state.insert(states.begin(), states.end());
  ledger.settle();
  if (options.mode == Mode::strict) weigh_by_other_readings(judgement, trace, options);
  return judgement;
}

/// What another reading of the manual allows is held against a device in strict judging only, and with that weight.
void Judge::weigh_by_other_readings(Judgement& judgement, const trace::Trace& trace, Options options) const {
  if (judgement.findings.empty()) return;
  options.mode = Mode::lenient;
  options.answers = false;
  const auto also = this->judge(trace, options).findings;
  for (auto& finding : judgement.findings) {
    const bool either_way = std::any_of(also.begin(), also.end(), [&](const result::Finding& other) {
      return other.command == finding.command && other.message == finding.message;
    });
    if (!either_way) finding.severity = result::Finding::Severity::ambiguous;
  }
}

Judgement judge(const spec::Spec& spec, const trace::Trace& trace, const Options& options) {
  return Judge(spec).judge(trace, options);
}

}  // namespace atspec::judge
