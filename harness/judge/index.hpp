// A Spec looked at from the judge's side: everything it asks more than once, found once. It holds
// pointers into the Spec and nothing of any trace.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/spec/spec.hpp"

namespace atspec::judge {

/// What all outcomes of a form have in common.
struct FormTraits {
  std::vector<const spec::Template*> information;
  std::vector<const spec::Template*> listing;      ///< information that any number of lines give
  std::vector<const spec::Template*> completions;  ///< URCs
  std::set<std::string, std::less<>> touched;      ///< states an effect of it may change
  bool data_mode = false;                          ///< a CONNECT is among its items
  bool only_uploads = false;                       ///< data goes to the device, never from it
  bool changes_files = false;                      ///< one of its FTP verbs alters the peer's tree
};

struct OutcomeTraits {
  bool mentions_invalid = false;
  bool counts_data = false;                     ///< the condition looks at data.sent or escaped
  std::set<std::string, std::less<>> examined;  ///< names its condition, rules and checks look at
};

/// Commands by name ignoring letter case, clauses, rules and codes.
class Index {
 public:
  explicit Index(const spec::Spec& spec);

  const spec::Spec& spec() const { return spec_; }
  const spec::Command* command(std::string_view name) const;
  const spec::Clause* clause(std::string_view id) const;
  /// Null where the spec does not have the rule: then it is not checked.
  const spec::Rule* rule(std::string_view name) const;
  /// Ids of the readings the spec prefers.
  const std::set<std::string>& preferred() const { return preferred_; }
  const FormTraits& traits(const spec::Form& form) const;
  const OutcomeTraits& traits(const spec::Outcome& outcome) const;

  const spec::Code* result_code(std::int64_t value) const;
  const spec::Code* protocol_code(std::int64_t value) const;
  /// All states an effect of a form with data mode may change: what a dropped DTR leaves unknown.
  const std::set<std::string, std::less<>>& data_mode_states() const { return data_mode_states_; }
  /// All states a basic command (V.250 §5.3.1) may change: what a line that nobody understands leaves unknown, because
  /// basic commands need no separator and those before a wrong one are carried out.
  const std::set<std::string, std::less<>>& basic_states() const { return basic_states_; }

 private:
  const spec::Spec& spec_;
  std::map<std::string, const spec::Command*, std::less<>> commands_;  ///< key in capitals
  std::map<std::string, const spec::Clause*, std::less<>> clauses_;
  std::unordered_map<const spec::Form*, FormTraits> forms_;
  std::unordered_map<const spec::Outcome*, OutcomeTraits> outcomes_;
  std::map<std::int64_t, const spec::Code*> result_, protocol_;
  std::set<std::string> preferred_;
  std::set<std::string, std::less<>> data_mode_states_, basic_states_;
};

/// The declared type of a placeholder: the command's reported value, else the form's parameter; null if neither.
struct Declared {
  const spec::ValueType* type = nullptr;
  const std::vector<spec::ClauseId>* clauses = nullptr;
  bool reported = false;
};
Declared declared(const spec::Command& command, const spec::Form& form, std::string_view name);

std::string capitals(std::string_view text);
/// "+QFTPSIZE" of "+QFTPSIZE: 0,1000" in capitals; empty where the line is no report.
std::string report_name(std::string_view line);
/// Whether an FTP verb may change the peer's files.
bool alters_files(std::string_view verb);
/// Whether it opens a data connection (RFC 959 §3.2).
bool moves_data(std::string_view verb);

}  // namespace atspec::judge
