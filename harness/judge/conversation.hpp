// A trace written down as it would happen, for the tests of this folder: what is sent, what the
// device says, what passes on the FTP control channel, each a little later than the one before.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "harness/io/bytes.hpp"
#include "harness/judge/judge.hpp"
#include "harness/spec/load.hpp"
#include "harness/trace/trace.hpp"

namespace atspec::judge {

class Conversation {
 public:
  Conversation() { trace_.peer_level = "none"; }

  Conversation& later(io::Duration by) {
    now_ += by;
    return *this;
  }
  /// A command line; CR is added.
  Conversation& send(std::string_view line) { return raw(std::string(line) + "\r"); }
  Conversation& raw(std::string_view bytes) { return chunk(trace::Channel::to_device, bytes); }
  /// A line of the device; CR LF on both sides are added.
  Conversation& line(std::string_view text) { return device("\r\n" + std::string(text) + "\r\n"); }
  Conversation& device(std::string_view bytes) { return chunk(trace::Channel::from_device, bytes); }
  /// What the device asks its server, and what it gets; CR LF is added.
  Conversation& ftp(std::string_view command) {
    trace_.peer_level = "scripted";
    return chunk(trace::Channel::control_to_peer, std::string(command) + "\r\n");
  }
  Conversation& server(std::string_view reply) {
    trace_.peer_level = "scripted";
    return chunk(trace::Channel::control_from_peer, std::string(reply) + "\r\n");
  }
  Conversation& step(std::string_view line, std::string_view clauses = {}) {
    return fact(trace::Fact::Kind::step, line, clauses);
  }
  Conversation& body() { return fact(trace::Fact::Kind::body, "", ""); }
  Conversation& timed_out(std::string_view what) { return fact(trace::Fact::Kind::timed_out, what, ""); }
  Conversation& fact(trace::Fact::Kind kind, std::string_view subject, std::string_view value) {
    trace::Fact fact;
    fact.kind = kind;
    fact.at = now_;
    fact.subject = subject;
    fact.value = value;
    fact.size = value.size();
    fact.hash = io::hash_hex(value);
    trace_.records.emplace_back(std::move(fact));
    if (kind == trace::Fact::Kind::file_before || kind == trace::Fact::Kind::file_after) trace_.files_known = true;
    return *this;
  }

  operator const trace::Trace&() const { return trace_; }  // NOLINT: a conversation is a trace
  trace::Trace& trace() { return trace_; }

 private:
  Conversation& chunk(trace::Channel channel, std::string_view bytes) {
    now_ += std::chrono::milliseconds(10);
    trace_.records.emplace_back(trace::make_chunk(now_, channel, 1, bytes));
    return *this;
  }

  io::Time now_{std::chrono::seconds(1)};
  trace::Trace trace_;
};

/// Children of <spec>, as a Spec.
inline spec::Spec spec_of(std::string_view children) {
  static int number = 0;
  const auto file = std::filesystem::temp_directory_path() /
                    ("atspec-judge-" + std::to_string(::getpid()) + "-" + std::to_string(number++) + ".xml");
  std::ofstream(file) << "<spec name=\"small\" title=\"A small manual\" revision=\"1\">" << children << "</spec>\n";
  auto loaded = spec::load({file.string()});
  std::filesystem::remove(file);
  if (!loaded.diagnostics.empty()) throw std::runtime_error(spec::format(loaded.diagnostics.front()));
  return std::move(loaded.spec);
}

/// `text` with the first `what` replaced: a manual that lacks or changes something.
inline std::string without(std::string text, std::string_view what, std::string_view instead = {}) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("not in the text: " + std::string(what));
  return text.replace(at, what.size(), instead);
}

}  // namespace atspec::judge
