// How well the judge judges: the reference is made to break one clause at a time, and the cases have to notice.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/judge/judge.hpp"
#include "harness/modem/config.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/spec/load.hpp"

namespace atspec::run {

/// A mutant and the file it stands in.
struct Listed {
  std::string file;
  spec::Mutant mutant;
};

/// What became of one mutant.
struct Fate {
  /// killed: a case failed with a finding that cites a declared clause. elsewhere: cases failed, but every finding
  /// cites other clauses. survived: no case failed. equivalent: it is called so, and answered every case as the
  /// reference did. A variation that breaks nothing is tolerated or accused.
  enum class Kind : std::uint8_t { killed, elsewhere, survived, equivalent, tolerated, accused } kind = Kind::survived;
  Listed of;
  bool by_manual = false;       ///< killed: the manual alone would have done
  std::string by;               ///< the case that decided; empty where none did
  std::string message;          ///< of the finding that decided
  std::set<std::string> cited;  ///< clauses of all findings seen until then, or of all there are
  std::size_t executed = 0;     ///< cases run
  std::size_t undecided = 0;    ///< of these: inconclusive
  bool suspicious() const { return kind == Kind::survived || kind == Kind::elsewhere || kind == Kind::accused; }
};
std::string_view to_string(Fate::Kind kind);

struct MutantOptions {
  judge::Mode mode = judge::Mode::strict;
  std::set<std::string> preferred;  ///< readings; see judge::Options
  std::uint64_t seed = 1;           ///< of the simulation
  unsigned jobs = 1;                ///< threads
  /// So many of the cases, from the first on, are tried with a variation that breaks nothing.
  std::size_t cases_of_variations = std::numeric_limits<std::size_t>::max();
  bool every_case = false;  ///< also those after the one that kills: to know all that is cited
};

struct Measured {
  std::vector<Fate> fates;           ///< in the order of the catalogue
  std::vector<std::string> unsound;  ///< cases that the reference itself does not pass: they kill nobody
  std::size_t cases = 0;
  std::map<std::string, std::size_t> exercising;  ///< by clause: cases in which a check of it fired on the reference
};

/// How many of `fates` count, and how many of these were dealt with as they should: killed, or tolerated.
struct Score {
  std::size_t good = 0, of = 0, equivalent = 0;
  double percent() const { return of == 0 ? 100.0 : 100.0 * static_cast<double>(good) / static_cast<double>(of); }
};
/// By class, in alphabetical order; a mutant without a class is under "".
std::map<std::string, Score> score_by_class(const std::vector<Fate>& fates);
Score score(const std::vector<Fate>& fates);
/// The same by the oracle of the manual alone.
Score score_by_manual(std::vector<Fate> fates);

/// What is wrong with `catalogue`, at FILE:LINE:COLUMN: clauses, states and readings the spec does not have, and
/// changes that do not apply to `reference`.
std::vector<std::string> faults(const spec::Spec& spec, const modem::Config& reference,
                                const std::vector<Listed>& catalogue);

/// Runs `cases` in simulation on `reference` as it is, then on every mutant of it: first the cases in which a check of
/// a declared clause fired, then the others, until one kills it. Both oracles judge: the manual, and what the reference
/// answered. A variation that breaks nothing is judged leniently.
/// `progress` is called from several threads, one at a time. The error is all `faults`, one a line, before anything is
/// run, or that of a simulation that broke down.
std::expected<Measured, std::string> measure(const spec::Spec& spec, const modem::Config& reference,
                                             const std::vector<scenario::Scenario>& cases,
                                             const std::vector<Listed>& catalogue, const MutantOptions& options,
                                             const std::function<void(const Fate&)>& progress);

/// What stands behind each clause the spec exercises: how many cases, and which mutants findings of it were made on, or
/// the spec's reason for none; CSV. Wants every_case.
std::string clause_table(const spec::Spec& spec, const Measured& measured);

/// A line per class and one for all, then those that deserve a look.
std::string to_text(const Measured& measured);
std::string to_json(const Measured& measured);

}  // namespace atspec::run
