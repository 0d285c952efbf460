// One sequence of items held against what was seen of an exchange: first by shape, then value by value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/judge/environment.hpp"
#include "harness/judge/judge.hpp"

namespace atspec::judge {

/// An item that was seen.
struct Sight {
  const spec::Item* item = nullptr;
  std::size_t event = 0;
  std::vector<spec::Captured> captured;  ///< one for each placeholder, in order
};

/// Something about an item that was seen, but is not as it must be.
struct Fault {
  std::vector<spec::ClauseId> clauses;
  std::vector<spec::ClauseId> weighed_by;
  std::string message;
  std::string expected;
  std::string actual;
  std::size_t event = 0;
};

struct Attempt {
  const spec::Outcome* outcome = nullptr;
  const spec::Alternative* alternative = nullptr;
  bool demanded = false;
  std::vector<Sight> sights;
  std::size_t matched = 0;                   ///< items, from the first on
  std::optional<std::size_t> contradiction;  ///< event that none of its items explains
  std::vector<Fault> faults;
  std::vector<const std::vector<spec::ClauseId>*> credits;  ///< clauses that were checked and kept

  bool complete() const { return !contradiction && matched == alternative->items.size(); }
  bool open() const { return !contradiction && matched < alternative->items.size(); }
};

/// What the device said in an exchange, as the grammar compares it.
struct Observation {
  std::size_t event = 0;
  trace::Event::Kind kind = trace::Event::Kind::line;
  std::string_view text;
};
/// Lines, CONNECT, data and final results. A numeric final result (ATV0, V.250 §5.7) stands for its word unless
/// `verbose` is known to be on.
std::vector<Observation> observations(const Session& session, const Exchange& exchange, const States& states);

/// Final results moved before the URCs they should precede.
std::vector<Observation> put_in_order(const std::vector<Observation>& seen, const FormTraits& traits);

/// What shapes are taken for the same.
struct Tolerance {
  spec::Template::Blanks blanks = spec::Template::Blanks::any;  ///< A01
  bool speed = true;                                            ///< text behind CONNECT (V.250 §6.2.7)
};
/// Lenient judging tolerates all; so does, for blanks, a profile that prefers another reading of A01 than the spec.
Tolerance tolerance(const Index& index, const Options& options);

/// By shape alone. A second final result or URC is no contradiction here: rules of their own look at those.
Attempt fit(const spec::Alternative& alternative, const std::vector<Observation>& seen, Tolerance tolerance);

/// Fills in faults and credits: times, types, rules, codes.
void examine(Attempt& attempt, const Surroundings& around, const Exchange& exchange, Environment& environment,
             io::Duration margin);

/// The value of a placeholder as it stood on the line.
spec::Value value_of(const spec::Captured& captured, const spec::ValueType* type);
/// `within` of an item; nothing where it is unknown.
std::optional<io::Duration> limit_of(const spec::Item& item, const spec::Environment& environment);

/// Since when it runs: a URC's since the final result, if there was one before it (A16), all else since the command.
io::Time limit_runs_from(const spec::Item& item, const Exchange& exchange, const Session& session);

/// "+QFTPSIZE: 0,1000": what is known of its values filled in.
std::string in_words(const spec::Item& item, const Exchange& exchange, Environment& environment);
/// "OK, then +QFTPSIZE: 0,1000 within 90s".
std::string in_words(const spec::Alternative& alternative, const Exchange& exchange, Environment& environment);
/// What was seen, or "nothing".
std::string in_words(const std::vector<Observation>& seen, const Session& session);

}  // namespace atspec::judge
