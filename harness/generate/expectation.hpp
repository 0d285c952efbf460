// What must come of a command line, as far as that can be said before it is sent: the form it means, the outcome the
// manual demands of a well-known device and a well-known server, and what to wait for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/generate/generate.hpp"

namespace atspec::generate {

/// The FTP server a case plays.
struct Server {
  std::int64_t code = 0;  ///< the 4yz or 5yz it answers with; 0: it does what it is asked
  bool silent = false;    ///< it never answers
  bool garbled = false;   ///< its answer is no reply
  bool closed = false;    ///< it hangs up
};

struct Prospect {
  const spec::Command* command = nullptr;
  const spec::Form* form = nullptr;        ///< null: the manual has no such form
  const spec::Outcome* outcome = nullptr;  ///< demanded; null: that depends on what nobody knows
  bool invalid = false;                    ///< an argument breaks its type, or their number is wrong
  /// States set by the outcome's first sequence; nothing: unknown then.
  std::map<std::string, std::optional<std::string>> after;
};

/// `escaped`: the case will leave data mode with +++.
Prospect foresee(const spec::Spec& spec, std::string_view line, const States& states, const Server& server,
                 bool escaped);

/// What follows the line until all of it has come: waits, and between them what `form.after` says. A wait for what
/// does not come is ended by the refusal that comes instead, so that the longest possible sequence serves for all.
std::vector<scenario::Step> steps_after(const Prospect& prospect);

/// Scenario lines of a form as steps. Lines that cannot be read are left out: the loader has reported them.
std::vector<scenario::Step> steps_of(const std::vector<std::string>& lines);

bool has_item(const spec::Form& form, spec::Item::Kind kind);

}  // namespace atspec::generate
