// Random sessions over a server that fails at random: whatever happens, each command gets one final result and at most
// one URC, in time, nothing is out of step, and the next log-in works. The manual is the oracle, time is virtual.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "harness/generate/generate.hpp"
#include "harness/generate/line.hpp"
#include "harness/judge/judge.hpp"
#include "harness/run/config.hpp"
#include "harness/run/runner.hpp"
#include "harness/scenario/text.hpp"
#include "harness/spec/load.hpp"
#include "harness/target/open.hpp"

namespace atspec::run {
namespace {

using Engine = std::mt19937_64;

/// Numbers alike on every machine: the standard's distributions are not.
std::uint64_t below(Engine& engine, std::uint64_t bound) { return engine() % bound; }

template <typename T>
const T& one_of(Engine& engine, const std::vector<T>& all) {
  return all[below(engine, all.size())];
}

/// A case of the spec that talks to the server, as a piece of a session: what it does behind its set-up.
struct Piece {
  std::vector<scenario::Step> steps;
};

struct Material {
  spec::Spec spec = spec::load({ATSPEC_SOURCE_DIR "/specs/quectel-ftp/manual.xml"}).spec;
  spec::Profile profile = spec::load_profile(ATSPEC_SOURCE_DIR "/specs/profiles/manual.xml").value();
  modem::Config config = modem_config(spec, profile);
  std::vector<Piece> pieces;
  std::vector<std::string> verbs;

  Material() {
    for (const auto& command : spec.commands) {
      for (const auto& form : command.forms) {
        for (const auto& verb : form.verbs) {
          if (verb != "PASS") verbs.push_back(verb);
        }
      }
    }
    for (auto& one : generate::cases(spec, {})) {
      const auto idle = one.needs.find("ftp");
      if (idle == one.needs.end() || idle->second != "idle") continue;
      // the server's faults are dealt out by chance, and a restart would end the session
      std::erase_if(one.body, [](const scenario::Step& step) {
        const auto* peer = std::get_if<scenario::Peer>(&step);
        return (peer != nullptr && scenario::needs_scripted(peer->directive)) ||
               std::holds_alternative<scenario::Reset>(step);
      });
      scenario::drop_claims(one.body);
      pieces.push_back({std::move(one.body)});
    }
  }
};

constexpr io::Duration longest_refusal = std::chrono::seconds(30);

/// `text` and CR LF, cut anywhere, with time between the pieces; sometimes the end is missing.
scenario::PeerRule in_pieces(Engine& engine, const std::string& verb, std::string text) {
  text += "\r\n";
  if (below(engine, 4) == 0) text.resize(below(engine, text.size()));
  const std::size_t first = below(engine, text.size() + 1), second = below(engine, text.size() + 1);
  const auto [low, high] = std::minmax(first, second);
  return {verb,
          scenario::PeerRule::Action::raw,
          text.substr(0, low),
          std::chrono::milliseconds(below(engine, 20'000)),
          1,
          {text.substr(low, high - low), text.substr(high)}};
}

scenario::PeerDirective fault(Engine& engine, const Material& material) {
  const std::string& verb = one_of(engine, material.verbs);
  const std::vector<std::string> codes = {"150", "200", "226", "250", "332", "421", "425", "426", "430", "450",
                                          "451", "452", "500", "501", "502", "503", "504", "522", "530", "532",
                                          "550", "551", "552", "553", "554", "699", "099", "abc", "2"};
  const std::vector<std::string> texts = {
      " no", "-first\r\n second\r\n", "", " \x01\x02\"x\"", " ok\r\n250 and one more", " +QFTPSIZE: 0,5\r\nOK"};
  using Action = scenario::PeerRule::Action;
  switch (below(engine, 15)) {
    case 0:
    case 1:
    case 2:
      return scenario::PeerRule{verb, Action::reply, one_of(engine, codes) + one_of(engine, texts), {}, 1};
    case 3:
      return scenario::PeerRule{verb, Action::delay, {}, std::chrono::seconds(below(engine, 120)), 1};
    case 4:
      return scenario::PeerRule{verb, Action::stall, {}, {}, 1};
    case 5:
      return scenario::PeerRule{verb, below(engine, 2) == 0 ? Action::close : Action::reset, {}, {}, 1};
    case 6:
      return scenario::PeerCut{
          below(engine, 1200), below(engine, 2) == 0,
          below(engine, 3) == 0 ? std::optional(one_of(engine, codes) + one_of(engine, texts)) : std::nullopt};
    case 7:
      return scenario::PeerElsewhere{below(engine, 2) == 0};
    case 8:
      return scenario::PeerRule{verb, Action::preface, one_of(engine, codes) + one_of(engine, texts), {}, 1};
    case 9:
      return scenario::PeerRule{verb, Action::half_close, {}, {}, 1};
    case 10:
      return in_pieces(engine, verb, one_of(engine, codes) + one_of(engine, texts));
    case 11:
      return scenario::PeerRule{verb, Action::stray, one_of(engine, codes) + one_of(engine, texts),
                                std::chrono::milliseconds(below(engine, 60'000)), 1};
    case 12:
      return scenario::PeerRule{"DATA", Action::refuse, {}, {}, 1};
    case 13:
      return scenario::PeerRule{"CONNECT", Action::refuse, {}, longest_refusal, std::nullopt};
    default:
      return scenario::PeerStall{below(engine, 1200), std::chrono::seconds(below(engine, 200))};
  }
}

scenario::Scenario session(std::uint64_t seed, const Material& material) {
  Engine engine(seed);
  scenario::Scenario out;
  out.peer = scenario::PeerLevel::scripted;
  out.needs = {{"ftp", "idle"}, {"cwd", "/"}, {"put", "none"}};
  for (std::uint64_t commands = 2 + below(engine, 5); commands > 0; --commands) {
    if (below(engine, 2) == 0) out.body.emplace_back(scenario::Peer{fault(engine, material)});
    const auto& steps = one_of(engine, material.pieces).steps;
    for (const auto& step : steps) {
      // what is on the server already cannot be put there again
      const bool there = std::holds_alternative<scenario::Peer>(step) &&
                         std::find(out.body.begin(), out.body.end(), step) != out.body.end();
      if (!there) out.body.push_back(step);
    }
  }
  // whoever logs in next finds the port open
  const bool refuses = std::any_of(out.body.begin(), out.body.end(), [](const scenario::Step& step) {
    const auto* peer = std::get_if<scenario::Peer>(&step);
    const auto* rule = peer == nullptr ? nullptr : std::get_if<scenario::PeerRule>(&peer->directive);
    return rule != nullptr && rule->verb == "CONNECT";
  });
  if (refuses) out.body.emplace_back(scenario::Pause{longest_refusal});
  return out;
}

TEST(Sessions, TenThousandWithFaultsKeepTheManualAndTheNextLogInWorks) {
  const Material material;
  ASSERT_GT(material.pieces.size(), 100U);
  auto bench = target::open(*target::parse_url("sim:"), {}, material.config, 1).value();
  judge::Judge judge(material.spec);
  judge::Options oracle;
  oracle.preferred = judge::preferred_readings(material.spec, material.profile);
  oracle.nothing_owed = true;
  oracle.known = generate::initial_states(material.spec);
  for (const auto& [state, value] : material.config.initial) oracle.known.try_emplace(state, value);
  generate::Planner planner(material.spec);
  // whatever came before: the connection is given up, and a new one is made
  const auto recovery = scenario::parse(
      "> AT+QFTPCLOSE\nwait final\nwait urc within 200s\nchunk 0\n> AT+QIDEACT=1\nwait final\n> AT+QIACT=1\nwait "
      "final\n"
      "> AT+QFTPOPEN=\"${ftp.host}\",${ftp.port}\nclause FLOW-25\n< OK\n< +QFTPOPEN: 0,0\n");
  ASSERT_TRUE(recovery) << recovery.error().message;

  std::size_t failed = 0;
  for (std::uint64_t seed = 0; seed < 10'000 && failed < 3; ++seed) {
    auto one = planner.materialise(session(seed, material), oracle.known);
    ASSERT_TRUE(one) << one.error();
    one->body.insert(one->body.end(), recovery->body.begin(), recovery->body.end());
    const auto trace = execute(*one, *bench, {});
    ASSERT_TRUE(trace) << trace.error().reason;
    const auto judgement = judge.judge(*trace, oracle);
    if (judgement.verdict != result::Verdict::fail) continue;
    ++failed;
    std::string why;
    for (const auto& finding : judgement.findings)
      why += fmt::format("{}\n  expected {}\n  actual   {}\n", headline(finding), finding.expected, finding.actual);
    ADD_FAILURE() << "seed " << seed << "\n" << why << scenario::to_text(*one);
  }
}

}  // namespace
}  // namespace atspec::run
