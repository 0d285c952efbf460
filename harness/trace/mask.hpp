// Secrets out of what is written down: every occurrence of a token's value becomes ${name}, also one that
// came in pieces, as when a command line was written a byte at a time.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/trace/trace.hpp"

namespace atspec::trace {

class Mask {
 public:
  Mask(const std::map<std::string, std::string>& tokens, const std::set<std::string>& secrets);

  bool empty() const { return words_.empty(); }
  std::string apply(std::string_view text) const;
  /// Pieces that belong behind one another. The piece a secret begins in gets the token.
  std::vector<std::string> apply(const std::vector<std::string_view>& pieces) const;

 private:
  struct Word {
    std::string value, token;
  };
  std::vector<Word> words_;  ///< longest value first
};

/// The bytes of every chunk, without secrets; empty for facts.
std::vector<io::Bytes> masked_bytes(const Trace& trace, const Mask& mask);

}  // namespace atspec::trace
