#include "harness/trace/counts.hpp"

#include <algorithm>
#include <map>

#include "harness/trace/result_code.hpp"

namespace atspec::trace {
namespace {

constexpr std::size_t longest_result = 160;
constexpr std::size_t most_transfers_tried = 4;

bool contains(std::string_view where, std::string_view what) { return where.find(what) != std::string_view::npos; }

}  // namespace

Layout layout(const Chunk& chunk) {
  if (chunk.hash.empty() || chunk.size <= chunk.bytes.size()) return {chunk.bytes.size(), 0};
  return {std::min(Chunk::kept_head, chunk.bytes.size()), chunk.size - chunk.bytes.size()};
}

PeerCounts::PeerCounts(const Trace& trace) {
  std::map<std::uint32_t, std::size_t> by_connection;
  for (const auto& record : trace.records) {
    const auto* chunk = std::get_if<Chunk>(&record);
    if (chunk == nullptr) continue;
    if (chunk->channel == Channel::from_device) {
      received_.push_back({total_, chunk});
      total_ += chunk->bytes.size() + layout(*chunk).lost;
    } else if (chunk->channel == Channel::to_device) {
      if (contains(chunk->bytes, "\r")) typed_.push_back(total_);
    } else if (chunk->channel == Channel::data_from_peer || chunk->channel == Channel::data_to_peer) {
      const auto [known, is_new] = by_connection.emplace(chunk->connection, transfers_.size());
      if (is_new) transfers_.push_back({chunk->connection, chunk->at, 0, chunk->channel == Channel::data_to_peer});
      transfers_[known->second].bytes += chunk->bytes.size() + layout(*chunk).lost;
    }
  }
}

std::optional<std::uint64_t> PeerCounts::remaining(const Asked& asked) {
  const auto fits = [&](std::uint64_t count) {
    // nobody types a command line in the midst of a download: what follows it is no part of that
    const auto typed = std::upper_bound(typed_.begin(), typed_.end(), asked.position);
    const std::uint64_t most = (typed == typed_.end() ? total_ : *typed) - asked.position;
    return count <= most && ends_at(asked.position + count, asked.command, asked.numeric);
  };
  if (asked.announced && fits(*asked.announced)) return asked.announced;
  std::size_t tried = 0;
  const auto first = std::upper_bound(received_.begin(), received_.end(), asked.position,
                                      [](std::uint64_t at, const Received& one) { return at < one.begin; });
  for (const Transfer& transfer : transfers_) {
    if (transfer.began < asked.command_at) continue;
    // what a command puts on the server comes before anything a later one gets
    if (transfer.upload) return std::nullopt;
    // nor comes anything before the peer has sent it
    if (first != received_.begin() && asked.received == 0 && transfer.bytes > 0 &&
        std::prev(first)->chunk->at < transfer.began)
      return std::nullopt;
    if (transfer.bytes < asked.received) continue;
    const std::uint64_t count = transfer.bytes - asked.received;
    if (fits(count)) return count;
    if (++tried == most_transfers_tried) break;
  }
  return std::nullopt;
}

/// The bytes there, as far as the trace has them.
io::Bytes PeerCounts::peek(std::uint64_t position) const {
  io::Bytes out;
  auto chunk = std::upper_bound(received_.begin(), received_.end(), position,
                                [](std::uint64_t at, const Received& one) { return at < one.begin; });
  if (chunk != received_.begin()) --chunk;
  for (; chunk != received_.end() && out.size() < longest_result; ++chunk) {
    const auto [head, lost] = layout(*chunk->chunk);
    const std::string_view bytes = chunk->chunk->bytes;
    std::uint64_t offset = position + out.size() - chunk->begin;
    if (offset < head) {
      out += bytes.substr(static_cast<std::size_t>(offset), std::min(longest_result - out.size(), head));
      offset = position + out.size() - chunk->begin;
      if (offset < head) break;
    }
    if (lost == 0) continue;
    if (offset < head + lost) break;
    out += bytes.substr(std::min(bytes.size(), static_cast<std::size_t>(offset - lost)), longest_result - out.size());
  }
  out.resize(std::min(out.size(), longest_result));
  return out;
}

bool PeerCounts::ends_at(std::uint64_t position, std::string_view command, bool numeric) const {
  const io::Bytes bytes = peek(position);
  std::string_view rest = bytes;
  const bool last = position + bytes.size() >= total_;
  if (rest.starts_with("\r\n")) {
    rest.remove_prefix(2);
  } else if (last && (rest.empty() || rest == "\r")) {
    return true;
  } else if (position >= 2 && peek(position - 2).starts_with("\r\n")) {
    return false;  // within the frame of a result: the peer sent more than the device passed on
  }
  while (true) {
    const std::size_t end = rest.find_first_of("\r\n");
    const std::string_view line = rest.substr(0, std::min(end, rest.size()));
    if (end == std::string_view::npos) return last && may_become_final(line);
    if (classify(line) == Code::final_result) return true;
    if (numeric && line.size() == 1 && rest[end] == '\r') return classify_number(line.front()) == Code::final_result;
    const auto report = parse_report(line);
    if (!report) return false;
    if (contains(command, report->name)) return true;
    // a report of something else may stand before the result
    rest.remove_prefix(end);
    if (!rest.starts_with("\r\n\r\n")) return false;
    rest.remove_prefix(4);
  }
}

}  // namespace atspec::trace
