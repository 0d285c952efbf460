// Known deviations of a device: failures that somebody answers for, in a file that is kept beside the firmware. A run
// with waivers fails on what is not in the file, and on what is there and no longer true. One line each:
//
//   # the vendor knows
//   waive QFTPSIZE-05/a1f3b2c4 message="+QFTPSIZE: " firmware="*R02*" owner=anna link=https://t/17 until=2027-03-01
//   waive MAP-550 at-most=40 owner=anna link=https://t/9 until=2027-03-01
//
// A pattern (* and ?) with a slash names cases, one without names clauses that findings cite. `message`: how the
// finding begins. `firmware`: a pattern for what the device says of itself; elsewhere the line holds nothing.
// `at-most`: how many cases it may cover, 1 where it is not said.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "harness/result/result.hpp"

namespace atspec::run {

struct Waiver {
  std::string pattern, message, firmware, owner, link;
  std::string until;     ///< last day, YYYY-MM-DD
  unsigned at_most = 1;  ///< cases
  std::size_t line = 0;  ///< of the file, from 1
};

struct Waivers {
  std::string file;                ///< its name, for messages
  std::vector<std::string> lines;  ///< all of it, with comments
  std::vector<Waiver> list;
};

/// The error is "FILE:LINE:COLUMN: what is wrong".
std::expected<Waivers, std::string> parse_waivers(std::string_view text, const std::string& file);

/// Marks the cases whose findings are all waived, and complains in `result.complaints` of waivers that are expired,
/// cover more than they say, meet another message, a pass, or nothing at all. `known` are the ids of all cases of the
/// spec, also of those that were not selected: what was left out on purpose is no complaint, and so are random
/// sequences (SEQ/…) that this seed and number does not make. `today`: YYYY-MM-DD.
void apply(const Waivers& waivers, std::string_view today, const std::vector<std::string>& known,
           result::Result& result);

/// The file anew, to fit `result`: comments and order stay, what is no longer needed goes (of sequences that were not
/// made nobody knows), messages and numbers are brought up to date, and unlisted failures are added with `owner`,
/// without a link, until `until`.
std::string updated(const Waivers& waivers, const result::Result& result, const std::string& owner,
                    const std::string& until);

}  // namespace atspec::run
