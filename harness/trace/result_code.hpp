// The words a modem ends an answer with (V.250 §5.7, 3GPP TS 27.007 §9, TS 27.005 §3.2.5).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace atspec::trace {

enum class Code : std::uint8_t { none, final_result, connect };

/// Of a whole line, without CR LF.
Code classify(std::string_view line);

/// Of a V0 number (V.250 §6.3.4): 0 OK, 1 CONNECT, 3 NO CARRIER, 4 ERROR, 6 NO DIALTONE, 7 BUSY, 8 NO ANSWER.
/// 2 is RING, which ends nothing.
Code classify_number(char digit);

/// Whether no command is answered so: an incoming call (V.250 §6.3.3), and what makers of chip sets report of the radio
/// behind a caret. A report with a plus and a name is told by its name.
bool is_unsolicited(std::string_view line);
/// Whether the next line is the text of a short message, with no CR LF before it but the one that ends this one
/// (3GPP TS 27.005 §3.4.1).
bool announces_text(std::string_view line);

/// Whether a line that begins so may become a final result.
bool may_become_final(std::string_view begin);

/// Whether it is `+NAME: …`, and what is between.
struct Report {
  std::string_view name;    ///< with its +
  std::string_view values;  ///< after the colon
};
std::optional<Report> parse_report(std::string_view line);

/// The byte count a completion URC reports: the last value after a first 0 (`+QFTPGET: 0,1000`), else the
/// first (`+QFUPL: 1000,3a5b`).
std::optional<std::uint64_t> announced_bytes(const Report& report);

/// 500 of `CONNECT 500`: bytes (AT+QFREAD), or the speed of a line (V.250 §6.2.7).
std::optional<std::uint64_t> number_behind_connect(std::string_view line);

/// AT, at or A/ at the beginning (V.250 §5.2.1), blanks before it aside.
bool has_command_prefix(std::string_view line);
/// ATO, which goes back to the data mode that +++ left (V.250 §6.3.7).
bool returns_to_data_mode(std::string_view line);

}  // namespace atspec::trace
