// A whole AT + FTP session per input: the input is Scenario text, the world is simulated, the judge is the oracle.
// What it finds is a crash, a hang, or a reference that does not keep the manual (or a judge that cries wolf).
#include <fmt/format.h>

#include <cstdlib>

#include "harness/generate/generate.hpp"
#include "harness/judge/judge.hpp"
#include "harness/run/config.hpp"
#include "harness/run/runner.hpp"
#include "harness/scenario/text.hpp"
#include "harness/spec/load.hpp"
#include "harness/target/open.hpp"

namespace {

using namespace atspec;

/// More than this is bulk, not protocol.
constexpr std::uint64_t largest_payload = 1 << 20;

struct Session {
  spec::Spec spec = spec::load({ATSPEC_SOURCE_DIR "/specs/quectel-ftp/manual.xml"}).spec;
  spec::Profile profile = spec::load_profile(ATSPEC_SOURCE_DIR "/specs/profiles/manual.xml").value();
  modem::Config config = run::modem_config(spec, profile);
  std::unique_ptr<target::Bench> bench = target::open(*target::parse_url("sim:"), {}, config, 1).value();
  judge::Judge judge{spec};
  generate::Planner planner{spec};
  judge::Options oracle;

  Session() {
    // what the reference starts with where the manual does not say is known: it was told
    oracle.preferred = judge::preferred_readings(spec, profile);
    oracle.known = generate::initial_states(spec);
    for (const auto& [state, value] : config.initial) oracle.known.try_emplace(state, value);
  }
};

bool too_large(const scenario::Scenario& scenario) {
  std::uint64_t bytes = 0;
  for (const auto& step : scenario.body) {
    if (const auto* data = std::get_if<scenario::Data>(&step)) bytes += data->size;
    if (const auto* peer = std::get_if<scenario::Peer>(&step)) {
      if (const auto* file = std::get_if<scenario::PeerFile>(&peer->directive)) bytes += file->size;
    }
  }
  return bytes > largest_payload;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static Session session;
  auto scenario = scenario::parse({reinterpret_cast<const char*>(bytes), size});
  if (!scenario || too_large(*scenario)) return -1;
  // what an input claims the device will say is not the manual's word
  scenario::drop_claims(scenario->body);
  if (!scenario->materialised) {
    auto full = session.planner.materialise(std::move(*scenario), session.oracle.known);
    if (!full) return -1;
    scenario = std::move(*full);
  }
  const auto trace = run::execute(*scenario, *session.bench, {});
  if (!trace) return -1;
  const auto judgement = session.judge.judge(*trace, session.oracle);
  if (judgement.verdict != result::Verdict::fail) return 0;
  fmt::print(stderr, "the reference breaks the manual, or the judge is wrong:\n{}\n", scenario::to_text(*scenario));
  for (const auto& finding : judgement.findings)
    fmt::print(stderr, "{}: {}\n  expected {}\n  actual   {}\n", fmt::join(finding.clauses, " "), finding.message,
               finding.expected, finding.actual);
  // a gate must not depend on what a minute of chance brings up: there, an alarm is shown and the search goes on
  static const bool only_show = std::getenv("ATSPEC_FUZZ_ALARMS") != nullptr;
  if (!only_show) std::abort();
  return 0;
}
