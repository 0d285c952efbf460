// `peer …` lines for the scenario parser, which knows columns.
#pragma once

#include "harness/scenario/peer.hpp"
#include "harness/scenario/words.hpp"

namespace atspec::scenario {

/// Larger contents are refused: they are made in memory.
inline constexpr std::uint64_t largest_content = 1ULL << 30;

std::expected<PeerDirective, Complaint> read_peer_directive(Arguments arguments);

/// `size=1000 seed=3`, or the same for a text: what `data` and `peer file` share.
struct Content {
  std::uint64_t size = 0;
  std::uint64_t seed = 0;
  std::optional<io::Bytes> text;
};
/// Takes all that is left.
std::expected<Content, Complaint> read_content(Arguments& arguments);
std::string spell_content(std::uint64_t size, std::uint64_t seed);

}  // namespace atspec::scenario
