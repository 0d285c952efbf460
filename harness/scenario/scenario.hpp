// What is sent, when, and what the FTP peer holds and does: the one case format for examples,
// generated cases, property tests, fuzz inputs, reproducers and replays. Text in text.hpp.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/io/time.hpp"
#include "harness/scenario/peer.hpp"

namespace atspec::scenario {

/// `> AT+QFTPSIZE="a.bin"`: a command line; CR is added. Tokens like ${ftp.host} are filled in when sent.
struct Send {
  std::string line;
  bool operator==(const Send&) const = default;
};
/// `raw "AT\x08T\r"`: bytes as they are.
struct Raw {
  io::Bytes bytes;
  bool operator==(const Raw&) const = default;
};
/// How long a wait for a final result lasts where nothing is said.
inline constexpr io::Duration ordinary_wait = std::chrono::seconds(5);

/// `wait final|connect|urc [NAME] [within 90s]`. A URC without NAME: that of the last command sent.
struct Wait {
  enum class For { final_result, connect, urc } what = For::final_result;
  std::string name;
  std::optional<io::Duration> within;
  bool operator==(const Wait&) const = default;
};
/// `< +QFTPSIZE: 0,1000`: waits for the next line of the device and claims that it is this; `*` in it
/// stands for any text. What clause claims it: the `clause` line before.
struct Expect {
  std::string pattern;
  std::vector<std::string> clauses;
  bool operator==(const Expect&) const = default;
};
/// `data size=1000 seed=3` or `data "text"`: bytes in data mode.
struct Data {
  std::uint64_t size = 0;
  std::uint64_t seed = 0;
  std::optional<io::Bytes> text;
  bool operator==(const Data&) const = default;
};
io::Bytes content(const Data& data);
/// `escape`: silence of the guard time, +++, silence of the guard time (manual 1.5).
struct Escape {
  bool operator==(const Escape&) const = default;
};
/// `pause 1200ms`
struct Pause {
  io::Duration duration{};
  bool operator==(const Pause&) const = default;
};
/// `chunk 1`: from here on every write goes out in pieces of so many bytes; 0: whole again.
struct Chunk {
  unsigned bytes = 0;
  bool operator==(const Chunk&) const = default;
};
/// `line-end crlf`: from here on an LF follows the CR of every command line, as many hosts have it; `line-end cr`: no
/// more.
struct LineEnd {
  bool line_feed = false;
  bool operator==(const LineEnd&) const = default;
};
/// `dtr on|off`
struct Dtr {
  bool on = true;
  bool operator==(const Dtr&) const = default;
};
/// `break`
struct Break {
  bool operator==(const Break&) const = default;
};
/// `reset`: the device is restarted by what the target offers for it.
struct Reset {
  bool operator==(const Reset&) const = default;
};
/// `peer …`
struct Peer {
  PeerDirective directive;
  bool operator==(const Peer&) const = default;
};

using Step = std::variant<Send, Raw, Wait, Expect, Data, Escape, Pause, Chunk, LineEnd, Dtr, Break, Reset, Peer>;

enum class PeerLevel { none, blind, observed, scripted };
std::string_view to_string(PeerLevel level);

struct Scenario {
  std::string id;  ///< clause/hash of what stands below `purpose`: stable when others come or go
  std::string purpose;
  std::vector<std::string> clauses;          ///< what it aims at
  std::map<std::string, std::string> needs;  ///< state → value the body starts from
  std::set<std::string> modes;               ///< states in `needs` that the whole run is in, not this case (run --with)
  PeerLevel peer = PeerLevel::none;          ///< what it needs of the FTP peer
  std::vector<Step> set_up;                  ///< filled when materialised: everything before `body`
  std::vector<Step> body;
  bool materialised = false;
  bool operator==(const Scenario&) const = default;
};

/// Hash of needs, peer level and body: the second half of a case id.
std::string stimulus_hash(const Scenario& scenario);

/// How long it takes on a device in real time at least: pauses, guard times, delays of the peer.
io::Duration estimate(const Scenario& scenario);

/// Lines of the device that are expected become waits for such a line, whatever it says.
void drop_claims(std::vector<Step>& steps);

}  // namespace atspec::scenario
