// Directory listings and times as the wire has them: the form of `ls -l` that clients have come to parse (RFC 959
// leaves LIST open), names for NLST, facts for MLSD and MLST (RFC 3659 §7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/ftpd/store.hpp"

namespace atspec::ftpd {

/// A line with CR LF. `now`: seconds since 1970, as old files show their year and new ones the time.
std::string list_line(const Entry& entry, std::int64_t now);

/// Which facts a client asked for (RFC 3659 §7.9); by default all there are.
struct Facts {
  bool type = true, size = true, modify = true, perm = true;
};
/// "type;size;" as OPTS MLST has it; unknown facts are left out.
Facts parse_facts(std::string_view text);
/// "type;size;": what is on.
std::string facts_names(const Facts& facts);
/// "type=file;size=5;… name" without a line end.
std::string facts_line(const Entry& entry, const Facts& facts, std::string_view name);

/// YYYYMMDDHHMMSS in UTC (RFC 3659 §2.3).
std::string time_value(std::int64_t seconds_since_1970);

/// Whether a name can stand on a line of its own.
bool listable(std::string_view name);

}  // namespace atspec::ftpd
