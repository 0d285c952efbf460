#include "harness/run/runner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/run/select.hpp"
#include "harness/scenario/text.hpp"
#include "harness/trace/lex.hpp"
#include "harness/trace/mask.hpp"

namespace atspec::run {
namespace {

using target::Bench;
using target::Lost;

constexpr std::size_t shown_bytes = 300;

void add_files(trace::Trace& trace, Bench& bench, trace::Fact::Kind kind) {
  auto files = bench.files();
  if (!files) return;
  trace.files_known = true;
  for (auto& file : *files) {
    trace::Fact fact;
    fact.kind = kind;
    fact.at = bench.now();
    fact.subject = file.directory ? file.path + "/" : file.path;
    fact.size = file.size;
    fact.hash = std::move(file.hash);
    fact.value = std::move(file.content);
    trace.records.emplace_back(std::move(fact));
  }
}

io::Time time_of(const trace::Record& record) {
  return std::visit([](const auto& one) { return one.at; }, record);
}

/// Peer chunks among the others, by time; what came at the same time keeps its order.
void merge(trace::Trace& trace, std::vector<trace::Chunk> chunks) {
  if (chunks.empty()) return;
  std::vector<trace::Record> all;
  all.reserve(trace.records.size() + chunks.size());
  auto next = chunks.begin();
  for (auto& record : trace.records) {
    // a reply of the server comes before what the device makes of it
    const auto* chunk = std::get_if<trace::Chunk>(&record);
    const bool from_device = chunk != nullptr && chunk->channel == trace::Channel::from_device;
    while (next != chunks.end() && (next->at < time_of(record) || (from_device && next->at == time_of(record))))
      all.emplace_back(std::move(*next++));
    all.push_back(std::move(record));
  }
  for (; next != chunks.end(); ++next) all.emplace_back(std::move(*next));
  trace.records = std::move(all);
}

/// What an action asks of the bench; a thing it cannot do is a reason not to run.
std::expected<void, std::string> carry_out(const Executor::Action& action, Bench& bench, std::optional<Lost>& lost) {
  const auto done = [](std::expected<void, target::Unsupported> result) -> std::expected<void, std::string> {
    if (!result) return std::unexpected(result.error().reason);
    return {};
  };
  if (const auto* write = std::get_if<Executor::Write>(&action)) {
    if (auto written = bench.write(write->bytes); !written) lost = written.error();
    return {};
  }
  if (const auto* dtr = std::get_if<scenario::Dtr>(&action)) return done(bench.set_dtr(dtr->on));
  if (std::holds_alternative<scenario::Break>(action)) return done(bench.send_break());
  if (std::holds_alternative<scenario::Reset>(action)) return done(bench.reset());
  return done(bench.peer(std::get<scenario::Peer>(action).directive));
}

struct Execution {
  trace::Trace trace;
  bool timed_out = false;
  std::string unsupported;
};

/// Bench::poll that can be given up: in slices where time is real.
std::expected<std::optional<Bench::Arrival>, Lost> poll(Bench& bench, io::Time deadline, io::Duration notice,
                                                        const std::atomic<bool>* give_up) {
  for (;;) {
    if (give_up != nullptr && *give_up) return std::unexpected(Lost{"given up"});
    const bool whole = give_up == nullptr || bench.virtual_clock();
    const io::Time until = whole ? deadline : std::min(deadline, bench.now() + notice);
    auto arrival = bench.poll(until);
    if (!arrival || *arrival || until == deadline) return arrival;
  }
}

std::expected<Execution, Lost> execute_on(const scenario::Scenario& scenario, Bench& bench, const Waits& waits,
                                          const std::atomic<bool>* give_up = nullptr) {
  Executor executor(scenario, bench.tokens(), waits);
  executor.rest_before_body();
  executor.trace().peer_level = to_string(bench.peer_level());
  executor.trace().virtual_clock = bench.virtual_clock();
  Execution out;
  bool prepared = false;
  while (!executor.done()) {
    // the files before the body's first word to the device, its peer lines included; before the executor is asked, so
    // that no time passes between what it says and when it says so
    if (executor.in_body() && !prepared && !executor.prepares_peer()) {
      prepared = true;
      add_files(executor.trace(), bench, trace::Fact::Kind::file_before);
    }
    const auto action = executor.next(bench.now());
    if (action) {
      std::optional<Lost> lost;
      if (const auto done = carry_out(*action, bench, lost); !done) {
        out.unsupported = done.error();
        break;
      }
      if (lost) return std::unexpected(*lost);
      continue;
    }
    if (executor.done()) break;
    auto arrival = poll(bench, executor.deadline(), waits.notice, give_up);
    if (!arrival) return std::unexpected(arrival.error());
    if (*arrival) executor.received((*arrival)->at, (*arrival)->bytes);
  }
  add_files(executor.trace(), bench, trace::Fact::Kind::file_after);
  merge(executor.trace(), bench.take_peer_log());
  out.timed_out = executor.timed_out();
  out.trace = std::move(executor.trace());
  return out;
}

std::vector<result::TraceLine> shown(const trace::Trace& trace, const trace::Mask& mask) {
  std::vector<result::TraceLine> out;
  const auto bytes = trace::masked_bytes(trace, mask);
  for (std::size_t i = 0; i < trace.records.size(); ++i) {
    if (const auto* chunk = std::get_if<trace::Chunk>(&trace.records[i])) {
      std::string text = io::escape(bytes[i].substr(0, shown_bytes));
      if (chunk->size > shown_bytes) text += fmt::format("… {} bytes in all", chunk->size);
      out.push_back({chunk->at.time_since_epoch().count(), std::string(to_string(chunk->channel)), std::move(text)});
      continue;
    }
    const auto& fact = std::get<trace::Fact>(trace.records[i]);
    std::string text = mask.apply(fact.subject);
    if (fact.kind == trace::Fact::Kind::file_before || fact.kind == trace::Fact::Kind::file_after)
      text += fmt::format(" {} bytes {}", fact.size, fact.hash);
    out.push_back({fact.at.time_since_epoch().count(), std::string(to_string(fact.kind)), std::move(text)});
  }
  return out;
}

}  // namespace

std::expected<trace::Trace, Lost> execute(const scenario::Scenario& scenario, Bench& bench, const Waits& waits) {
  if (auto begun = bench.begin(); !begun) return std::unexpected(begun.error());
  auto done = execute_on(scenario, bench, waits);
  if (!done) return std::unexpected(done.error());
  return std::move(done->trace);
}

struct Runner::Impl {
  const spec::Spec& spec;
  Bench& bench;
  Options options;
  judge::Judge judge;
  generate::Planner planner;
  generate::States known;
  Runner* oracle;
  std::vector<judge::Answer> said;
  bool in_doubt = true;
  /// Until then the device may still report what it was told before.
  io::Time owed_until;

  Impl(const spec::Spec& s, Bench& b, Options o)
      : spec(s), bench(b), options(std::move(o)), judge(s), planner(s), oracle(options.oracle) {
    owed_until = bench.now() + judge::Options{}.completion_patience;
  }

  /// States are spelled with tokens where cases are planned, and with their values where they are judged.
  std::string with_tokens(const std::string& value) const {
    for (const auto& [name, text] : bench.tokens()) {
      if (text == value && (name == "ftp.user" || name == "ftp.pass")) return "${" + name + "}";
    }
    return value;
  }
  generate::States filled(const generate::States& states) const {
    generate::States out;
    for (const auto& [state, value] : states) {
      const bool token = value.starts_with("${") && value.ends_with('}');
      const auto found = token ? bench.tokens().find(value.substr(2, value.size() - 3)) : bench.tokens().end();
      out[state] = found == bench.tokens().end() ? value : found->second;
    }
    return out;
  }

  std::expected<void, Lost> listen(io::Duration how_long, std::string& into) {
    const io::Time until = bench.now() + how_long;
    while (bench.now() < until) {
      auto arrival = poll(bench, until, options.waits.notice, options.give_up);
      if (!arrival) return std::unexpected(arrival.error());
      if (!*arrival) break;
      into += (*arrival)->bytes;
      if (into.ends_with("\r\nOK\r\n") || into.ends_with("ERROR\r\n")) break;
    }
    return {};
  }

  /// Whether the device says OK to AT, in words or numbers (ATV0 may have been the last thing it was told).
  std::expected<bool, Lost> answers() {
    std::string heard;
    trace::Lexer lexer;
    lexer.sent(bench.now(), "AT\r");
    if (auto sent = bench.write("AT\r"); !sent) return std::unexpected(sent.error());
    if (auto listened = listen(std::chrono::milliseconds(500), heard); !listened)
      return std::unexpected(listened.error());
    lexer.received(bench.now(), heard);
    const auto& events = lexer.events();
    return std::any_of(events.begin(), events.end(), [](const trace::Event& event) {
      return event.kind == trace::Event::Kind::final_result && (event.text == "OK" || event.text == "0");
    });
  }

  /// AT, and between the attempts the way out of data mode: silence, three +, silence (manual 1.5).
  std::expected<bool, Lost> come_to_terms() {
    for (int attempt = 0; attempt < 3; ++attempt) {
      const auto answered = answers();
      if (!answered || *answered) return answered;
      std::string heard;
      if (auto quiet = listen(options.waits.guard, heard); !quiet) return std::unexpected(quiet.error());
      if (auto sent = bench.write("+++"); !sent) return std::unexpected(sent.error());
      if (auto listened = listen(options.waits.guard + std::chrono::milliseconds(500), heard); !listened)
        return std::unexpected(listened.error());
    }
    return false;
  }

  /// Brings a device of which nothing is certain to where it answers AT; a restart is the last resort.
  std::expected<void, Lost> recover() {
    known.clear();
    in_doubt = false;
    auto answered = come_to_terms();
    if (!answered) return std::unexpected(answered.error());
    if (!*answered && bench.reset()) {
      constexpr auto longest_start = std::chrono::seconds(20);
      for (const io::Time until = bench.now() + longest_start; bench.now() < until && !*answered;) {
        answered = come_to_terms();
        if (!answered) return std::unexpected(answered.error());
      }
    }
    if (!*answered) return std::unexpected(Lost{"the device does not answer AT any more"});
    return {};
  }

  result::CaseResult unrun(const scenario::Scenario& scenario, result::Verdict verdict, std::string reason) const {
    result::CaseResult out;
    out.id = scenario.id;
    out.purpose = scenario.purpose;
    out.command = command_of(scenario);
    out.clauses = scenario.clauses;
    out.verdict = verdict;
    out.reason = std::move(reason);
    if (options.keep_trace) out.scenario = scenario::to_text(scenario);
    return out;
  }

  /// An FTP command that an AT command of the case needs and the server does not have.
  std::optional<std::string> lacking_verb(const scenario::Scenario& scenario) const {
    const auto lacking = bench.lacking();
    if (scenario.peer == scenario::PeerLevel::none || lacking.empty()) return std::nullopt;
    for (const auto& name : commands_of(scenario)) {
      const auto* command = spec.command(name);
      if (command == nullptr) continue;
      for (const auto& form : command->forms) {
        const auto verb = std::find_if(form.verbs.begin(), form.verbs.end(),
                                       [&](const std::string& one) { return lacking.contains(one); });
        if (verb != form.verbs.end()) return *verb;
      }
    }
    return std::nullopt;
  }

  /// A token of a line to be sent that this bench has no value for, as "${ftp.name}".
  std::optional<std::string> missing_token(const scenario::Scenario& scenario) const {
    const auto missing_in = [&](const std::vector<scenario::Step>& steps) -> std::optional<std::string> {
      for (const auto& step : steps) {
        const auto* command = std::get_if<scenario::Send>(&step);
        if (command == nullptr) continue;
        const std::string& line = command->line;
        for (auto begin = line.find("${"); begin != std::string::npos; begin = line.find("${", begin + 2)) {
          const auto end = line.find('}', begin);
          if (end == std::string::npos) break;
          const std::string name = line.substr(begin + 2, end - begin - 2);
          // ${+QFOPEN} is filled from what the device reports
          if (name.starts_with("ftp.") && !bench.tokens().contains(name)) return "${" + name + "}";
        }
      }
      return std::nullopt;
    };
    const auto in_set_up = missing_in(scenario.set_up);
    return in_set_up ? in_set_up : missing_in(scenario.body);
  }

  std::expected<result::CaseResult, Lost> run(const scenario::Scenario& scenario) {
    said.clear();
    if (scenario.peer > bench.peer_level())
      return unrun(scenario, result::Verdict::none, fmt::format("needs {} peer", to_string(scenario.peer)));
    if (const auto verb = lacking_verb(scenario))
      return unrun(scenario, result::Verdict::none, fmt::format("needs a server that knows {}", *verb));
    if (const auto need = generate::lacking(spec, scenario, options.reference))
      return unrun(scenario, result::Verdict::none, "needs " + *need);
    // what the line cannot do must not leave a device in the middle of a transfer
    const auto moves_dtr = [](const auto& step) { return std::holds_alternative<scenario::Dtr>(step); };
    if (std::any_of(scenario.body.begin(), scenario.body.end(), moves_dtr)) {
      if (const auto can = bench.set_dtr(true); !can) return unrun(scenario, result::Verdict::none, can.error().reason);
    }
    auto fresh = bench.begin();
    if (!fresh) return std::unexpected(fresh.error());
    if (*fresh) {
      known = generate::initial_states(spec);
      for (const auto& [state, value] : options.reference) known.try_emplace(state, value);
    } else if (in_doubt) {
      if (auto recovered = recover(); !recovered) return std::unexpected(recovered.error());
    }
    auto full = planner.materialise(scenario, known);
    if (!full) return unrun(scenario, result::Verdict::error, "no way to the state it needs: " + full.error());
    if (const auto token = missing_token(*full)) return unrun(*full, result::Verdict::none, "needs " + *token);

    const io::Time began = bench.now();
    auto execution = execute_on(*full, bench, options.waits, options.give_up);
    if (!execution) return std::unexpected(execution.error());
    result::CaseResult out = unrun(*full, result::Verdict::none, execution->unsupported);
    out.duration = bench.now() - began;
    judge::Options judging;
    const trace::Mask mask(execution->trace.tokens, options.secrets);
    if (options.keep_trace) out.trace = shown(execution->trace, mask);
    if (!execution->unsupported.empty()) {
      in_doubt = true;
      owed_until = bench.now() + judging.completion_patience;
      return out;
    }
    judging.mode = options.mode;
    judging.preferred = options.preferred;
    judging.known = filled(known);
    judging.needs = filled(full->needs);
    judging.other_mode = !full->modes.empty();
    judging.answers = options.answers || oracle != nullptr;
    judging.nothing_owed = *fresh || began >= owed_until;
    auto judgement = judge.judge(execution->trace, judging);
    out.verdict = judgement.verdict;
    out.reason = mask.apply(judgement.reason);
    out.findings = std::move(judgement.findings);
    for (auto& finding : out.findings) {
      for (auto* text : {&finding.message, &finding.expected, &finding.actual, &finding.command})
        *text = mask.apply(*text);
    }
    out.checks = std::move(judgement.checks);
    out.expectation = mask.apply(judgement.expectation);
    said = std::move(judgement.answers);
    if (oracle != nullptr) ask_oracle(scenario, judgement.began, out);
    known.clear();
    for (const auto& [state, value] : judgement.state) known[state] = with_tokens(value);
    const auto mode = known.find("mode");
    in_doubt = execution->timed_out || (mode != known.end() && mode->second == "data") ||
               out.verdict == result::Verdict::inconc;
    if (in_doubt) owed_until = bench.now() + judging.completion_patience;
    return out;
  }

  /// The same case on the reference, in the state the target was in when it began.
  void ask_oracle(scenario::Scenario scenario, const generate::States& began, result::CaseResult& out) {
    for (const auto& [name, value] : began) {
      // what begins somewhere is a setting; the others remember what was done, which no command brings about
      const auto* state = spec.state(name);
      if (state != nullptr && (state->initial || state->reference || state->base))
        scenario.needs.try_emplace(name, with_tokens(value));
    }
    auto theirs = oracle->run(scenario);
    if (!theirs) {
      oracle = nullptr;
      return;
    }
    if (theirs->verdict == result::Verdict::none || theirs->verdict == result::Verdict::error) return;
    out.reference = theirs->verdict;
    const bool same_server =
        bench.peer_level() == scenario::PeerLevel::scripted && oracle->impl_->bench.peer_level() == bench.peer_level();
    auto comparison = judge::compare(spec, said, oracle->answers(), {same_server, options.mode == judge::Mode::strict});
    out.differences = std::move(comparison.differences);
    if (!comparison.findings.empty() && out.verdict == result::Verdict::pass) out.verdict = result::Verdict::fail;
    for (auto& finding : comparison.findings) {
      for (const auto& clause : finding.clauses) {
        ++out.checks[clause].fired;
        ++out.checks[clause].failed;
      }
      out.findings.push_back(std::move(finding));
    }
    settle_with(*theirs, out);
  }

  /// What the reference breaks in the same way is not held against the target: one of spec and reference is wrong.
  static void settle_with(const result::CaseResult& theirs, result::CaseResult& out) {
    const auto theirs_too = [&](const result::Finding& finding) {
      return std::any_of(theirs.findings.begin(), theirs.findings.end(), [&](const result::Finding& other) {
        return other.clauses == finding.clauses && other.command == finding.command && other.message == finding.message;
      });
    };
    if (out.verdict != result::Verdict::fail || !std::all_of(out.findings.begin(), out.findings.end(), theirs_too))
      return;
    out.verdict = result::Verdict::inconc;
    out.reason = "the reference breaks it in the same way: the spec or the reference is in doubt";
  }
};

Runner::Runner(const spec::Spec& spec, Bench& bench, Options options)
    : impl_(std::make_unique<Impl>(spec, bench, std::move(options))) {}
Runner::~Runner() = default;

std::expected<result::CaseResult, Lost> Runner::run(const scenario::Scenario& scenario) { return impl_->run(scenario); }

const std::vector<judge::Answer>& Runner::answers() const { return impl_->said; }

void Runner::start_over() {
  // where it cannot be restarted, the way back to where it answers will do
  (void)impl_->bench.reset();
  impl_->in_doubt = true;
}

std::string Runner::identify() {
  if (auto begun = impl_->bench.begin(); !begun) return {};
  if (!impl_->bench.virtual_clock()) {
    if (auto recovered = impl_->recover(); !recovered) return {};
  }
  std::string heard;
  if (!impl_->bench.write("ATI\r") || !impl_->listen(std::chrono::seconds(1), heard)) return {};
  std::string out;
  for (std::size_t at = 0; at < heard.size();) {
    const auto end = std::min(heard.find_first_of("\r\n", at), heard.size());
    const std::string line = heard.substr(at, end - at);
    if (!line.empty() && line != "OK" && line != "ERROR" && line != "ATI") out += (out.empty() ? "" : " ") + line;
    at = end + 1;
  }
  return out.substr(0, 100);
}

}  // namespace atspec::run
