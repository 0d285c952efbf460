#include "harness/trace/mask.hpp"

#include <algorithm>

namespace atspec::trace {

Mask::Mask(const std::map<std::string, std::string>& tokens, const std::set<std::string>& secrets) {
  for (const auto& name : secrets) {
    const auto token = tokens.find(name);
    if (token == tokens.end() || token->second.empty()) continue;
    words_.push_back({token->second, "${" + name + "}"});
    // scenario lines hold bytes as escapes
    if (const std::string escaped = io::escape(token->second); escaped != token->second)
      words_.push_back({escaped, words_.back().token});
  }
  std::sort(words_.begin(), words_.end(), [](const Word& a, const Word& b) { return a.value.size() > b.value.size(); });
}

std::string Mask::apply(std::string_view text) const {
  if (empty()) return std::string(text);
  return std::move(apply(std::vector<std::string_view>{text}).front());
}

std::vector<std::string> Mask::apply(const std::vector<std::string_view>& pieces) const {
  std::string joined;
  for (const auto piece : pieces) joined += piece;
  std::vector<std::size_t> next(words_.size(), 0);  // where each word comes next
  for (std::size_t w = 0; w < words_.size(); ++w) next[w] = joined.find(words_[w].value);

  std::vector<std::string> out(pieces.size());
  std::size_t piece = 0, piece_end = pieces.empty() ? 0 : pieces.front().size();
  const auto piece_at = [&](std::size_t at) {  // the piece that holds byte `at`
    while (at >= piece_end && piece + 1 < pieces.size()) piece_end += pieces[++piece].size();
  };
  for (std::size_t at = 0; at < joined.size();) {
    std::size_t nearest = words_.size();
    for (std::size_t w = 0; w < words_.size(); ++w) {
      if (next[w] != std::string::npos && next[w] < at) next[w] = joined.find(words_[w].value, at);
      if (next[w] != std::string::npos && (nearest == words_.size() || next[w] < next[nearest])) nearest = w;
    }
    const std::size_t plain_end = nearest == words_.size() ? joined.size() : next[nearest];
    while (at < plain_end) {
      piece_at(at);
      const std::size_t end = std::min(plain_end, std::max(piece_end, at + 1));
      out[piece].append(joined, at, end - at);
      at = end;
    }
    if (nearest == words_.size()) break;
    piece_at(at);
    out[piece] += words_[nearest].token;
    at += words_[nearest].value.size();
  }
  return out;
}

std::vector<io::Bytes> masked_bytes(const Trace& trace, const Mask& mask) {
  std::vector<io::Bytes> out(trace.records.size());
  struct Stream {
    std::vector<std::string_view> pieces;
    std::vector<std::size_t> records;
  };
  std::map<std::pair<Channel, std::uint32_t>, Stream> streams;
  const auto flush = [&](Stream& stream) {
    auto masked = mask.apply(stream.pieces);
    for (std::size_t i = 0; i < masked.size(); ++i) out[stream.records[i]] += masked[i];
    stream = {};
  };
  for (std::size_t i = 0; i < trace.records.size(); ++i) {
    const auto* chunk = std::get_if<Chunk>(&trace.records[i]);
    if (chunk == nullptr) continue;
    if (mask.empty()) {
      out[i] = chunk->bytes;
      continue;
    }
    Stream& stream = streams[{chunk->channel, chunk->connection}];
    const std::string_view bytes = chunk->bytes;
    const std::size_t head = chunk->hash.empty() ? bytes.size() : std::min(Chunk::kept_head, bytes.size());
    stream.pieces.push_back(bytes.substr(0, head));
    stream.records.push_back(i);
    if (head == bytes.size()) continue;
    flush(stream);  // what was between is not known: nothing joins head and tail
    stream.pieces.push_back(bytes.substr(head));
    stream.records.push_back(i);
  }
  for (auto& [key, stream] : streams) flush(stream);
  return out;
}

}  // namespace atspec::trace
