// Runs cases one after the other on a bench: set-up planned from what is known of the device, execution,
// judgement, recovery where the device is in an unknown state, journal.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/generate/generate.hpp"
#include "harness/judge/judge.hpp"
#include "harness/result/result.hpp"
#include "harness/run/executor.hpp"
#include "harness/spec/spec.hpp"
#include "harness/target/bench.hpp"

namespace atspec::run {

/// Runs one scenario as it is (materialised) and returns its trace, file facts included.
std::expected<trace::Trace, target::Lost> execute(const scenario::Scenario& scenario, target::Bench& bench,
                                                  const Waits& waits);

struct Options {
  judge::Mode mode = judge::Mode::lenient;
  std::set<std::string> preferred;
  Waits waits;
  std::set<std::string> secrets = {"ftp.pass"};
  /// What the manual leaves open and the target is known to start with: the reference's own choices, for sim:; else
  /// what of the states that no command brings about the profile says.
  generate::States reference;
  /// Runs every case as well, and what it answers is compared with what the target does; null: nobody.
  class Runner* oracle = nullptr;
  /// answers() are wanted.
  bool answers = false;
  /// Set by somebody outside, maybe in a signal handler: what is under way ends within `Waits::notice` as if the target
  /// were lost; null: nobody. Must outlive the runner.
  const std::atomic<bool>* give_up = nullptr;
  /// Results hold scenario and trace as text, for whoever shows them to somebody.
  bool keep_trace = true;
};

class Runner {
 public:
  Runner(const spec::Spec& spec, target::Bench& bench, Options options);
  ~Runner();

  /// A lost target ends the run; what was finished stays with the caller. A lost oracle is no longer asked.
  std::expected<result::CaseResult, target::Lost> run(const scenario::Scenario& scenario);

  /// What was answered to the command lines of the last case's body; see Options::answers.
  const std::vector<judge::Answer>& answers() const;

  /// Restarts the device where the bench can; in any case the next case takes nothing of it for known.
  void start_over();

  /// What ATI answers, or empty.
  std::string identify();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::run
