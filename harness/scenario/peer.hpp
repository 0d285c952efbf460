// What the FTP peer holds and how it misbehaves: the `peer …` lines of a scenario, which are also
// the script of `atspec ftpd`.
//
//   peer file a.bin size=1000 seed=7        peer on SIZE delay 15s
//   peer file b.txt text="hello\r\n"        peer on RETR reply "550 No such file"
//   peer dir TEST                           peer on STOR stall | close | reset
//   peer cut data after 500                 peer on SIZE reply "213 5" times 1
//   peer on PASS preface "230-Welcome"      peer on STOR half-close
//   peer on SIZE raw "213 5"                peer on SIZE raw "21" "3 5\r" "\n" every 300ms
//   peer on NOOP stray "226 Late" after 2s  peer on CONNECT refuse for 30s
//   peer on DATA refuse times 1
//   peer stall data after 500 for 30s       peer data elsewhere | misnamed
//   peer on TLS alert | truncate            peer on DATA-TLS resume
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/io/time.hpp"

namespace atspec::scenario {

/// A file on the peer before the body starts. Content is `text`, or `io::pattern(size, seed)`.
struct PeerFile {
  std::string path;
  std::uint64_t size = 0;
  std::uint64_t seed = 0;
  std::optional<io::Bytes> text;
  bool operator==(const PeerFile&) const = default;
};
io::Bytes content(const PeerFile& file);

struct PeerDirectory {
  std::string path;
  bool operator==(const PeerDirectory&) const = default;
};

/// A departure from what the server would do by itself, when `verb` arrives ("CONNECT": when a
/// client connects; "*": any command; "TLS": when TLS is to begin on the control connection; "DATA-TLS": the same on a
/// data connection; "DATA": when PASV or EPSV is to name a port).
struct PeerRule {
  enum class Action {
    reply,    ///< answer `text` (CR LF is added) instead, and do nothing else; of TLS: say it in the clear before
    delay,    ///< do and answer as usual, `duration` later
    stall,    ///< do and answer nothing, ever
    close,    ///< close the control connection in place of an answer; of TLS: the one that was to be secured
    reset,    ///< the same with RST
    preface,  ///< do and answer as usual, behind `text` and CR LF: more lines of the reply, or replies nobody asked for
    alert,    ///< TLS: refuse the handshake with an alert
    truncate,   ///< TLS: close in the middle of a record of the handshake
    resume,     ///< DATA-TLS: only with the session of the control connection, else 522
    no_notify,  ///< DATA-TLS: end what is sent without close_notify
    raw,  ///< answer just the bytes of `text`, then each of `more` `duration` after the one before, and do nothing else
    stray,       ///< do and answer as usual, and send `text` and CR LF `duration` later, whatever goes on by then
    half_close,  ///< send FIN in place of an answer: the server reads on, and says nothing any more
    /// CONNECT: who comes from now on finds a closed port, for `duration` (zero: for good); connections that stand
    /// stay. DATA: nobody listens at the port that is named. As a closed port does, the host answers RST.
    refuse,
  };
  std::string verb;
  Action action = Action::reply;
  std::string text;
  io::Duration duration{};
  std::optional<unsigned> times;       ///< applies to so many; absent: to all
  std::vector<std::string> more = {};  ///< pieces of a raw answer behind the first
  bool operator==(const PeerRule&) const = default;
};

/// The data connection is closed after so many bytes of the next transfer, and 426 said, or `reply`.
struct PeerCut {
  std::uint64_t after_bytes = 0;
  bool reset = false;                ///< with a TCP reset, not in good order
  std::optional<std::string> reply;  ///< whole lines but for the last CR LF; empty: nothing is said
  bool operator==(const PeerCut&) const = default;
};

/// After so many bytes of the next transfer nothing passes on the data connection, neither read nor sent, for a time.
struct PeerStall {
  std::uint64_t after_bytes = 0;
  std::optional<io::Duration> duration;  ///< absent: for good
  bool operator==(const PeerStall&) const = default;
};

/// Data connections are made to the server's other address, which only PASV names (EPSV is refused); or `misnamed`:
/// PASV names that address, and nobody listens there.
struct PeerElsewhere {
  bool misnamed = false;
  bool operator==(const PeerElsewhere&) const = default;
};

using PeerDirective = std::variant<PeerFile, PeerDirectory, PeerRule, PeerCut, PeerStall, PeerElsewhere>;

/// `line` without the leading "peer "; the error says what is wrong with it.
std::expected<PeerDirective, std::string> parse_peer_directive(std::string_view line);
/// With the leading "peer ".
std::string to_text(const PeerDirective& directive);

/// Whether only a scripted peer can do it (rules, cuts and stalls; files and directories need an observed one).
bool needs_scripted(const PeerDirective& directive);

}  // namespace atspec::scenario
