// The generated suite as a GoogleTest program: every case a test of its own, so that CTest, IDEs, --gtest_filter,
// --gtest_output, --gtest_repeat and GTEST_TOTAL_SHARDS work on it as on any other. For a report there is `atspec run`.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/generate/generate.hpp"
#include "harness/run/config.hpp"
#include "harness/run/runner.hpp"
#include "harness/run/select.hpp"
#include "harness/target/open.hpp"
#include "tools/atspec/manual.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {
namespace {

struct Arguments {
  std::string target = "sim:", profile = "manual", tier = "quick";
  std::vector<std::string> specs;
  target::PeerOptions peer;
  bool strict = false;
  std::uint64_t seed = 1;
  std::size_t sequences = 50;
};

/// The device all tests share. It is opened by the first that runs, so that listing tests needs none.
class Device {
 public:
  Device(const Arguments& arguments, const Manual& manual, target::Url url)
      : arguments_(arguments), manual_(manual), url_(std::move(url)) {}

  /// The error is what stands in the way, of this test and all that follow.
  std::expected<result::CaseResult, std::string> run(const scenario::Scenario& one) {
    if (!gone_.empty()) return std::unexpected(gone_);
    if (!runner_) open();
    if (!gone_.empty()) return std::unexpected(gone_);
    auto done = runner_->run(one);
    if (!done) gone_ = done.error().reason;
    return done ? std::expected<result::CaseResult, std::string>(*std::move(done)) : std::unexpected(gone_);
  }

 private:
  void open() {
    const auto config = reference_config(manual_, url_);
    if (!config) {
      gone_ = config.error();
      return;
    }
    auto opened = target::open(url_, arguments_.peer, *config, arguments_.seed);
    if (!opened) {
      gone_ = opened.error().message;
      return;
    }
    bench_ = *std::move(opened);
    run::Options options;
    options.mode = arguments_.strict ? judge::Mode::strict : judge::Mode::lenient;
    options.preferred = judge::preferred_readings(manual_.spec, manual_.profile);
    options.reference = url_.scheme == "sim" ? config->initial : run::given(manual_.spec, manual_.profile);
    runner_.emplace(manual_.spec, *bench_, options);
  }

  const Arguments& arguments_;
  const Manual& manual_;
  target::Url url_;
  std::unique_ptr<target::Bench> bench_;
  std::optional<run::Runner> runner_;
  std::string gone_;
};

class Case : public testing::Test {
 public:
  Case(Device& device, const scenario::Scenario& scenario) : device_(device), scenario_(scenario) {}

 private:
  void TestBody() override {
    RecordProperty("case", scenario_.id);
    RecordProperty("clauses", fmt::format("{}", fmt::join(scenario_.clauses, " ")));
    const auto done = device_.run(scenario_);
    if (!done) FAIL() << "the target or the test bed is lost: " << done.error();
    const std::string context = fmt::format("{}: {}\n{}", done->id, done->purpose, done->scenario);
    switch (done->verdict) {
      case result::Verdict::pass:
        return;
      case result::Verdict::none:
        GTEST_SKIP() << done->reason;
      case result::Verdict::inconc:
      case result::Verdict::error:
      case result::Verdict::flaky:
        FAIL() << to_string(done->verdict) << ": " << done->reason << "\n" << context;
      case result::Verdict::fail:
        break;
    }
    for (const auto& finding : done->findings)
      ADD_FAILURE() << fmt::format("{}: {}\n  expected: {}\n  actual:   {}", fmt::join(finding.clauses, " "),
                                   headline(finding), finding.expected, finding.actual);
    ADD_FAILURE() << context;
  }

  Device& device_;
  const scenario::Scenario& scenario_;
};

/// "QFTPSIZE-05/a1f3" is QFTPSIZE_05.a1f3: in a filter a hyphen begins what is to be left out.
std::pair<std::string, std::string> name_of(std::string id) {
  std::replace_if(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '/'; }, '_');
  const auto slash = std::min(id.find('/'), id.size());
  std::string test = id.substr(std::min(slash + 1, id.size()));
  std::replace(test.begin(), test.end(), '/', '_');
  return {id.substr(0, slash), std::move(test)};
}

void register_cases(const std::vector<scenario::Scenario>& cases, const spec::Spec& spec, Device& device) {
  for (const auto& one : cases) {
    const auto [suite, test] = name_of(one.id);
    const auto* clause = one.clauses.empty() ? nullptr : spec.clause(one.clauses.front());
    const std::string file = clause == nullptr ? spec.files.front() : clause->at.file;
    testing::RegisterTest(suite.c_str(), test.c_str(), nullptr, nullptr, file.c_str(),
                          clause == nullptr ? 1 : clause->at.line,
                          [&device, &one]() -> testing::Test* { return new Case(device, one); });
  }
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  Arguments arguments;
  CLI::App app("The generated cases as a GoogleTest program; its own options begin with --gtest_");
  app.add_option("--target", arguments.target, "As atspec run takes it")->capture_default_str();
  app.add_option("--spec", arguments.specs, "Spec files (default: the FTP(S) manual that came with the program)");
  app.add_option("--profile", arguments.profile, "Name or file: which readings are preferred")->capture_default_str();
  app.add_option("--ftp", arguments.peer.observed, "ftp://user:password@host:port/ : this server instead of our own");
  app.add_option("--tier", arguments.tier, "quick: without cases that take seconds; full: all")
      ->check(CLI::IsMember({"quick", "full"}))
      ->capture_default_str();
  app.add_option("--seed", arguments.seed, "Seed of whatever is random")->capture_default_str();
  app.add_option("--sequences", arguments.sequences, "So many random sequences of commands")->capture_default_str();
  app.add_flag("--strict", arguments.strict, "Accept the preferred readings only");
  app.footer(
      "Examples:\n"
      "  atspec-gtest --gtest_filter='QFTPSIZE*'\n"
      "  GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=0 atspec-gtest --gtest_output=xml:half.xml\n"
      "  atspec-gtest --target serial:/dev/ttyUSB2 --ftp ftp://user:password@192.0.2.7/");
  CLI11_PARSE(app, argc, argv);

  const auto manual = load_manual(arguments.specs, arguments.profile);
  if (!manual) return bad_usage;
  const auto url = target::parse_url(arguments.target);
  if (!url) {
    complain(url.error());
    return bad_usage;
  }
  generate::Options generator;
  generator.seed = arguments.seed;
  generator.sequences = arguments.sequences;
  const auto selection = run::select(generate::cases(manual->spec, generator), {}, {},
                                     arguments.tier == "full" ? run::Tier::full : run::Tier::quick);
  Device device(arguments, *manual, *url);
  register_cases(selection.cases, manual->spec, device);
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace atspec::tools

int main(int argc, char** argv) { return atspec::tools::main(argc, argv); }
