// The way from what is known of a device to what a case needs: commands whose success changes states, each with its
// own needs met before it. Knows a spec; remembers the ways it has found.
#pragma once

#include <expected>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/generate/generate.hpp"

namespace atspec::generate {

struct Plan {
  std::vector<scenario::Step> steps;
  States reached;
  unsigned cost = 0;             ///< commands; one with a data phase counts for several
  bool talks_to_server = false;  ///< some command makes the device speak FTP
};

class Planner {
 public:
  /// The spec must outlive it.
  explicit Planner(const spec::Spec& spec);

  /// The error names the state that no command reaches.
  std::expected<Plan, std::string> plan(const States& from, const States& to);
  std::expected<scenario::Scenario, std::string> materialise(scenario::Scenario scenario, const States& from);

  /// What every case starts from unless it needs otherwise.
  const States& base() const { return base_; }
  /// `base()` with `needs` in place of what it says otherwise.
  States target(const States& needs) const;
  /// The value nearest to its lower limit that some command can give the state (a time-out of 20 s).
  std::optional<std::string> smallest_value(const std::string& state) const;

 private:
  /// One outcome of one form, as a means to change a state.
  struct Means {
    const spec::Command* command;
    const spec::Form* form;
    const spec::Outcome* outcome;
    const spec::Expression* value;  ///< what the state becomes
  };
  struct Goal {
    std::string state, value;
    bool operator<(const Goal& other) const { return std::tie(state, value) < std::tie(other.state, other.value); }
  };
  struct Search;

  std::vector<Goal> in_order(const States& to) const;
  int depth(const std::string& state, std::set<std::string>& seen) const;
  std::expected<Plan, std::string> find(const States& from, const States& to) const;

  const spec::Spec& spec_;
  States base_;
  std::map<std::string, std::vector<Means>> means_;
  std::map<std::string, int> rank_;  ///< goals are reached in this order
  std::unordered_map<std::string, std::expected<Plan, std::string>> found_;
};

}  // namespace atspec::generate
