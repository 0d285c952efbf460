// What a run found: verdicts, findings and which clauses were really checked. The JSON of it
// (json.hpp, schema in reports/) is the product; HTML and JUnit are renderings.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/time.hpp"

namespace atspec::result {

/// TTCN-3 verdicts (ES 201 873-1 §24). none: not run, with a reason. error: the test bed failed. And flaky: it failed,
/// and did not do so every time.
enum class Verdict : std::uint8_t { none, pass, inconc, fail, error, flaky };
std::string_view to_string(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view text);

/// One breach, or one undecidable point, of one or more clauses.
struct Finding {
  enum class Severity : std::uint8_t { must, should, inferred, ambiguous };
  Severity severity = Severity::must;
  std::vector<std::string> clauses;
  std::string message;  ///< what is wrong
  std::string expected;
  std::string actual;
  std::string command;                ///< the command line it is about; empty: none
  std::vector<std::size_t> evidence;  ///< indices into the trace's records
  bool operator==(const Finding&) const = default;
};
std::string_view to_string(Finding::Severity severity);
std::optional<Finding::Severity> parse_severity(std::string_view text);
/// What it is about and what is wrong, on a line of the command's own bytes: `AT+QFTPCWD="/": the URC stands before the
/// final result`. Of a long command line the beginning and the length.
std::string headline(const Finding& finding);

/// Where a device and the reference did not answer alike.
struct Difference {
  /// Whose answer breaks the manual. nobody: the manual does not decide between them.
  enum class Breaks : std::uint8_t { nobody, device, reference, both };
  std::string command;  ///< the command line
  std::string what;     ///< "<file_size>", or "the answer" as a whole
  std::string device, reference;
  Breaks breaks = Breaks::nobody;
  std::vector<std::string> clauses;  ///< that speak of it
  bool operator==(const Difference&) const = default;
};
std::string_view to_string(Difference::Breaks breaks);
std::optional<Difference::Breaks> parse_breaks(std::string_view text);

/// A clause as the spec has it: what the ledger lists.
struct Clause {
  std::string section;
  std::string text;
  std::string testing = "exercised";  ///< exercised; recorded or untestable, then with a reason
  std::string reason;
  bool operator==(const Clause&) const = default;
};

/// Where a command is defined and, if not in the manual, how well that is known (standard, shown, family).
struct Source {
  std::string document;
  std::string confidence;
  bool operator==(const Source&) const = default;
};

/// How often checks of a clause fired (compared something real) and failed.
struct Fired {
  std::uint32_t fired = 0;
  std::uint32_t failed = 0;
  bool operator==(const Fired&) const = default;
};

/// A line of a trace as a report shows it; the full trace lies beside in the journal.
struct TraceLine {
  std::int64_t at_us = 0;
  std::string channel;  ///< trace::to_string, or the fact's kind
  std::string text;     ///< escaped, secrets as tokens, large payloads cut
  bool operator==(const TraceLine&) const = default;
};

struct CaseResult {
  std::string id;
  std::string purpose;
  std::string command;               ///< the command the case is about, for the per-command table
  std::vector<std::string> clauses;  ///< aimed at
  Verdict verdict = Verdict::none;
  std::string reason;  ///< for none, inconc and error
  std::string waived;  ///< who answers for this failure being known, where, and until when; empty: nobody
  std::vector<Finding> findings;
  std::map<std::string, Fired> checks;  ///< by clause
  std::optional<Verdict> reference;     ///< of the same case on the reference, by the manual; nothing: not run there
  std::vector<Difference> differences;  ///< between what both answered
  std::string expectation;              ///< in words, from the spec
  std::string scenario;                 ///< materialised text
  std::vector<TraceLine> trace;
  io::Duration duration{};           ///< of the target's clock
  std::vector<CaseResult> attempts;  ///< where a failure was tried again: all of them, the first too
  /// Of a random case that failed: the smallest scenario found that fails in the same way, materialised, and how it was
  /// found and how often it failed. Empty where none was looked for.
  std::string smallest, smallest_note;
  bool operator==(const CaseResult&) const = default;
};

struct Totals {
  std::uint32_t pass = 0, fail = 0, inconc = 0, error = 0, none = 0, flaky = 0;
  std::uint32_t waived = 0;  ///< failed or inconclusive, and known to be: not counted there
  void add(const CaseResult& one);
  bool operator==(const Totals&) const = default;
};

struct Result {
  std::string tool_version;
  std::string spec_name, spec_title, spec_revision;
  std::string profile;
  std::string mode;       ///< strict or lenient
  std::string target;     ///< URL
  std::string reference;  ///< URL of what every case was run on as well; empty: none
  std::string device;     ///< what ATI said, else empty
  std::string peer;       ///< level and address
  std::string command_line;
  std::string tier;
  std::uint64_t seed = 0;
  std::string started;  ///< ISO 8601, UTC
  std::int64_t wall_ms = 0;
  std::uint32_t planned = 0;              ///< cases that should have run
  std::string stopped;                    ///< why it ended early; empty: it did not
  std::string out_of_time;                ///< which time was used up before all were run; empty: it was enough
  std::uint32_t left_out_cases = 0;       ///< left out for time by the tier or the budget, and not planned
  std::vector<std::string> left_out;      ///< clauses that only those aim at
  std::vector<std::string> complaints;    ///< what the waivers say and this run did not show
  std::map<std::string, Clause> clauses;  ///< all of the spec, by id
  std::map<std::string, Source> sources;  ///< of commands, by name
  std::vector<CaseResult> cases;

  Totals totals() const;
  std::map<std::string, Fired> checks() const;  ///< summed over the cases

  /// The ledger in numbers; a clause that a check reached counts as that, whatever the spec says of it.
  struct Coverage {
    std::size_t checked = 0, recorded = 0, untestable = 0;
    std::vector<std::string> unaccounted;  ///< exercised by the spec's word, but no check fired
  };
  Coverage coverage() const;
  bool operator==(const Result&) const = default;
};

}  // namespace atspec::result
