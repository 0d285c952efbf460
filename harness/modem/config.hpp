// Everything the reference modem must be told: limits, defaults, texts, codes, times. Filled by run/
// from a Spec and a profile; the modem itself knows no spec and holds no number of the manual.
// A mutant is a change of this value (`set`) or a rule on what leaves the modem (`OutputRule`).
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/io/time.hpp"

namespace atspec::modem {

/// What a parameter, or a value that is reported, may be; keyed "+QFTPCFG.timeout" (command, dot, name of the manual).
struct Limit {
  std::optional<std::int64_t> min, max;
  std::optional<std::size_t> max_length;
  std::vector<std::int64_t> choices;  ///< not empty: only these
  std::optional<std::string> default_value;
};

/// A change of what the modem is about to send, for mutants.
struct OutputRule {
  enum class Kind { any, info, final_result, connect, urc } kind = Kind::any;
  std::string command;  ///< "+QFTPSIZE"; empty: any
  std::string match;    ///< glob on the text without CR LF; empty: any
  enum class Action {
    drop,
    delay,
    duplicate,
    replace,
    unframed,
    substitute,  ///< every `find` in the text becomes `text`
    add,         ///< the last number in the text is so much larger (`text`)
    corrupt,     ///< the lowest bit of the last byte of the text is turned over
    late,        ///< leaves behind the next line that does
    before,      ///< a line `text` leaves first
    after,       ///< a line `text` follows
    hang,        ///< nothing leaves from here on, nothing is heard, until a restart
    restart,     ///< the modem restarts instead
  } action = Action::drop;
  std::string text;   ///< replace, substitute, add, before, after
  std::string find;   ///< substitute
  io::Duration by{};  ///< delay
  unsigned skip = 0;  ///< so many lines that fit are left as they are
  /// Not before these commands have ended with OK, in this order, whatever came between.
  std::vector<std::string> behind;
  std::optional<unsigned> times;
};

struct Config {
  std::string manufacturer = "atspec", model = "EC200-REF", revision = "REF01";
  std::string imei = "000000000000000";

  std::map<std::string, Limit> limits;
  std::map<std::string, std::vector<std::string>> test_lines;  ///< by command: lines of the test response
  std::map<std::string, std::int64_t> codes;                   ///< result codes by name: "timeout" → 609
  std::map<std::int64_t, std::int64_t> pair;                   ///< FTP reply code → result code
  std::map<std::string, std::string> initial;                  ///< state variables at power-on: "cfg.rsptimeout" → "90"
  std::map<std::string, io::Duration> times;                   ///< "guard-time", "open-limit", …
  std::set<std::string> readings;  ///< the preferred reading of every ambiguity: "A02.quoted"
  std::vector<OutputRule> output;
  std::map<std::string, std::string> faults;  ///< what goes wrong inside, by name: see `set`

  std::size_t command_line_bytes = 1024;  ///< longer: one ERROR
  // what each medium holds; 0: it is not there
  std::uint64_t ram_bytes = 16ULL << 20;
  std::uint64_t ufs_bytes = 64ULL << 20;
  std::uint64_t sd_bytes = 128ULL << 20;
  bool sim_present = true;
  bool attached = true;

  bool plays(std::string_view reading) const { return readings.contains(std::string(reading)); }
  /// The value of a fault; null where all is well.
  const std::string* fault(const std::string& name) const {
    const auto found = faults.find(name);
    return found == faults.end() ? nullptr : &found->second;
  }
  /// The same as a number; 0 where all is well or the value is none.
  std::int64_t fault_number(const std::string& name) const;
};

/// Changes one value by its path: "pair.550", "code.timeout", "limit.+QFTPCFG.timeout.max",
/// "initial.cfg.rsptimeout", "time.guard-time", "test.+QFTPSIZE.0", "reading.A02.unquoted" (true/false),
/// "store.sd" (also ram, ufs: bytes),
/// "limit.+QFTPCWD.path_name.max_length" (fields: min, max, max_length, choice, no-choice, default),
/// "fault.NAME" (the names are in LANGUAGE.md). The error says what is wrong with path or value.
std::expected<void, std::string> set(Config& config, std::string_view path, std::string_view value);

}  // namespace atspec::modem
