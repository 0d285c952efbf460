// The manual as data. Everything the manual says that is a number, a name or a response stands in
// a Spec and nowhere else; the generator, the judge, the reference and the report read it there.
// specs/LANGUAGE.md describes the XML these values are loaded from, element by element.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/time.hpp"
#include "harness/spec/expression.hpp"
#include "harness/spec/invocation.hpp"
#include "harness/spec/template.hpp"

namespace atspec::spec {

struct Location {
  std::string file;
  int line = 0;
  int column = 0;
};

using ClauseId = std::string;

/// One statement of the manual that can be kept or broken.
struct Clause {
  enum class Level { must, should, inferred, ambiguous };
  /// How it is covered: by checks that fire, only recorded, or not testable at all (then `reason`).
  enum class Testing { exercised, recorded, untestable };
  ClauseId id;
  std::string section;
  std::string kind;  ///< syntax, parameter, range, urc, timing, … (the ledger's columns)
  std::string text;
  std::vector<std::string> ambiguities;
  Level level = Level::must;
  Testing testing = Testing::exercised;
  std::string reason;
  Location at;
};

/// The values a parameter or a placeholder may take.
struct ValueType {
  /// text: quoted on the line. bare: the same without quotes.
  enum class Base { integer, text, bare };
  struct Choice {
    std::string value;
    std::string meaning;
    std::vector<ClauseId> clauses;
  };
  Base base = Base::integer;
  std::optional<std::int64_t> min, max;
  std::optional<std::size_t> max_length;  ///< bytes between the quotes
  std::optional<std::string> pattern;     ///< ECMAScript regular expression on the text
  std::vector<Choice> choices;            ///< not empty: only these
  std::string code_table;                 ///< "result" or "protocol": a code listed there
  std::string unit;                       ///< "s", "byte", …
};

/// A parameter of a command form, in the order of the command line.
struct Parameter {
  /// What works in place of `sample` while states are so.
  struct ConditionalSample {
    Expression when;  ///< over states alone
    std::string value;
    Location at;
  };
  std::string name;
  ValueType type;
  std::vector<ClauseId> clauses;  ///< its range, length or meaning
  std::vector<ClauseId> default_clauses;
  std::optional<std::string> default_value;
  bool optional = false;
  bool with_previous = false;                          ///< given exactly when the parameter before it is given
  std::optional<std::string> sample;                   ///< a value that works in an ordinary case
  std::vector<ConditionalSample> conditional_samples;  ///< the first that holds comes before it
  Location at;
};

struct Effect {
  std::string state;
  Expression value;
};

/// A value a state variable must have before something is sent.
struct Requirement {
  std::string state;
  std::string value;  ///< literal, or a token like ${ftp.user}
};

/// One thing the device sends (or, for `data`, carries) in an outcome, in order.
struct Item {
  enum class Kind { info, connect, data, final_result, urc } kind = Kind::final_result;
  Template text;
  bool repeated = false;   ///< info: any number of such lines
  bool to_device = false;  ///< data: sent by the harness, not by the device
  /// Longest time since the command's CR. Evaluates to milliseconds: the loader turns `300ms` into 300 and an
  /// expression, which is in seconds in the XML, into (expression) * 1000.
  Expression within;
  std::vector<ClauseId> within_clauses;
  std::vector<Effect> effects;  ///< once this item was seen
};

/// A whole sequence of items. The first of an outcome is what the manual prints; others are
/// accepted readings of its ambiguities.
struct Alternative {
  std::vector<std::string> readings;  ///< "A02.unquoted"; empty: no ambiguity involved
  Expression when;                    ///< not empty: allowed in either mode where this is not false
  std::vector<Item> items;
};

/// Something that must hold once an outcome was seen: a side effect, a length, a log entry.
struct Check {
  std::vector<ClauseId> clauses;
  Expression holds;
  std::string message;
};

/// Outcomes are ordered: the first whose condition is true is the one demanded; those before it
/// whose condition is unknown are possible too. No condition: always true.
struct Outcome {
  std::string name;
  Expression when;
  std::vector<ClauseId> clauses;
  std::vector<Alternative> alternatives;
  std::vector<Check> checks;
  Location at;
};

struct Form {
  FormKind kind = FormKind::execute;
  std::string keyword;  ///< first argument, a fixed quoted word ("filetype"); empty: none
  Expression when;      ///< over the parameters: which of several write forms this is
  std::vector<ClauseId> clauses;
  std::vector<Requirement> needs;
  std::vector<Parameter> parameters;  ///< without the keyword
  std::vector<Outcome> outcomes;
  std::vector<std::string> verbs;   ///< FTP verbs the device sends for it, in order, where it does
  std::vector<std::string> set_up;  ///< scenario lines that make an ordinary call succeed (peer file …)
  std::vector<std::string> after;   ///< scenario lines that follow the command in an ordinary call (data …, escape)
  /// Scenario lines that end every case of the form: what would stand in the way of the next.
  std::vector<std::string> clean_up;
  Location at;
};

/// A value the device reports in a placeholder of this command's responses.
struct Reported {
  /// How it is held against what the reference reports to the same.
  enum class Compare {
    told,         ///< a difference is shown, where a clause speaks of the value, and accuses nobody
    exact,        ///< it must be the same
    same_server,  ///< it must be the same where both had the same server
    ignore        ///< everybody's own
  };
  std::string name;
  ValueType type;
  std::vector<ClauseId> clauses;
  Compare compare = Compare::told;
  Location at;
};

struct Command {
  std::string name;
  std::string section;
  std::string title;
  std::string source;      ///< the document that defines it; empty: the manual itself
  std::string confidence;  ///< in what this spec says of it: standard, shown, family; empty: it is the manual's
  std::vector<Form> forms;
  std::vector<Reported> reported;
  Location at;
};

/// What of the device's condition decides what may be sent and what must come.
struct State {
  std::string name;
  std::string title;
  std::vector<std::string> values;       ///< empty: free
  std::optional<std::string> initial;    ///< after power-on; absent: the manual does not say
  std::optional<std::string> reference;  ///< what the reference starts with where `initial` is absent
  std::optional<std::string> base;       ///< what every generated case starts from unless it needs otherwise
  std::vector<std::string> modes;        ///< random cases are run in each of these, the base first
  bool modes_of_own_server = false;      ///< all but the base want a server of which one knows that it can
  bool saved = false;                    ///< survives a restart
  bool given = false;                    ///< no command brings it about: the bench has it, or the case is not run
  std::vector<ClauseId> initial_clauses;
  Location at;
};

struct Code {
  std::int64_t value = 0;
  std::string name;  ///< what the reference calls it: "timeout", "dns-failed"
  std::string text;
  std::vector<ClauseId> clauses;
  std::optional<std::int64_t> pair;  ///< protocol table: the result code it is reported as
  std::vector<ClauseId> pair_clauses;
  Location at;
};

struct CodeTable {
  std::string name;
  std::vector<ClauseId> clauses;
  std::vector<Code> codes;
  Location at;
};

struct Reading {
  std::string id;  ///< "A02.unquoted"
  std::string text;
  bool preferred = false;
  std::string accepted;  ///< how lenient judging takes it, where no <accept> names it
  Location at;
};

struct Ambiguity {
  std::string id;
  std::string question;
  std::string why;
  std::vector<Reading> readings;
  Location at;
};

/// A worked example of the manual: Scenario text whose `<` lines are what the manual prints.
struct Example {
  std::string id;
  std::string section;
  std::string title;
  std::string scenario;  ///< its lines, trimmed; empty ones stay, so that line n is n lines below text_at
  Location at;
  Location text_at;  ///< of the first line
};

/// A rule of the whole manual that the judge knows by name (framing, one-final-result, …):
/// the list is in specs/LANGUAGE.md. Removing the element removes the check.
struct Rule {
  std::string name;
  std::vector<ClauseId> clauses;
  std::string value;  ///< a duration where the rule has one
  Location at;
};

/// Which reading of each ambiguity is preferred, and what the reference starts with.
struct Profile {
  std::string name;
  std::string title;
  std::vector<std::string> prefers;              ///< reading ids; unnamed ambiguities keep the spec's preferred one
  std::map<std::string, std::string> reference;  ///< state name → value
};

struct Spec {
  std::string name;
  std::string title;
  std::string revision;
  std::vector<std::string> files;  ///< all files it was loaded from
  std::vector<Clause> clauses;
  std::vector<Command> commands;
  std::vector<State> states;
  std::vector<CodeTable> code_tables;
  std::vector<Ambiguity> ambiguities;
  std::vector<Example> examples;
  std::vector<Rule> rules;

  const Clause* clause(std::string_view id) const;
  const Command* command(std::string_view name) const;  ///< any letter case
  const State* state(std::string_view name) const;
  const CodeTable* code_table(std::string_view name) const;
  const Rule* rule(std::string_view name) const;
};

/// A set of arguments held against a form: the value of each parameter, and what is wrong.
struct Binding {
  std::map<std::string, Value> values;  ///< given ones and defaults
  std::map<std::string, bool> given;
  struct Fault {
    std::string parameter;  ///< empty: the number of arguments
    std::string message;
  };
  std::vector<Fault> faults;
  /// Ends with a comma, or holds control bytes: whether that is an error, the manual does not say.
  bool unclear = false;
  std::vector<std::string> in_bounds;  ///< parameters whose range or length was checked and kept
  bool overlong = false;               ///< nothing is wrong but that a text is too long
};
Binding bind(const Form& form, const Invocation& invocation);

/// The form of `command` this invocation means: kind, then keyword, then `when`; null if none.
const Form* find_form(const Command& command, const Invocation& invocation);

/// Whether `raw` is a value of `type` in shape and range; an empty string means yes, else why not.
std::string fault_of(const ValueType& type, std::string_view raw, const Spec* tables = nullptr);

}  // namespace atspec::spec
