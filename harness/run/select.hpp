// Which cases a run takes: by name and by the time they cost.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/scenario.hpp"
#include "harness/spec/spec.hpp"

namespace atspec::run {

enum class Tier { quick, full };

struct Selection {
  std::vector<scenario::Scenario> cases;
  /// Clauses that only cases left out for time aim at.
  std::vector<std::string> left_out;
  std::size_t left_out_cases = 0;
};

/// A pattern is held against the case id, each clause it aims at and the command name. No `filters`: all. The
/// quick tier takes what needs at most `quick_case` of real time.
inline constexpr io::Duration quick_case = std::chrono::milliseconds(3500);
Selection select(std::vector<scenario::Scenario> cases, const std::vector<std::string>& filters,
                 const std::vector<std::string>& excludes, Tier tier);

/// How long a case takes on a device, set-up and all: what it waits for, and an estimate for each line.
io::Duration cost(const scenario::Scenario& one);

/// What fits into `budget`, in the order of the cases: first those that bring the most new clauses for their time, then
/// the cheapest. What no longer fits is left out, and counted with what was before.
Selection within(Selection selection, io::Duration budget);

/// Part `number` (from 1) of `of`: each case is in one of them.
Selection shard(Selection selection, std::size_t number, std::size_t of);

/// A case that needs any state at all begins in these as well, where it does not say otherwise: the same suite in
/// another mode. Its id stays.
void begin_with(scenario::Scenario& one, const std::map<std::string, std::string>& states, const spec::Spec& spec);

/// "+QFTPSIZE" of the last command line of the body: what stands before it prepares it. Empty where there is none.
std::string command_of(const scenario::Scenario& scenario);
/// The names of all of them, in order.
std::vector<std::string> commands_of(const scenario::Scenario& scenario);

}  // namespace atspec::run
