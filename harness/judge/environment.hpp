// The names and functions of LANGUAGE.md, as one exchange of a trace sees them. What the trace
// cannot show is unknown.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/judge/control.hpp"
#include "harness/judge/exchange.hpp"
#include "harness/judge/peer_files.hpp"
#include "harness/judge/peer_script.hpp"
#include "harness/judge/states.hpp"
#include "harness/spec/expression.hpp"

namespace atspec::judge {

/// What all exchanges of a trace share.
struct Surroundings {
  const Index& index;
  const Session& session;
  const Control& control;
  const PeerFiles& files;
  const PeerScript& script;
};

class Environment final : public spec::Environment {
 public:
  Environment(const Surroundings& around, const Exchange& exchange, const spec::Binding& binding, const States& states)
      : around_(around), exchange_(exchange), binding_(binding), states_(states) {}

  spec::Value name(std::string_view name) const override;
  spec::Value call(std::string_view function, const std::vector<spec::Value>& arguments,
                   const std::vector<std::string>& names) const override;

  /// A value the device reported, for what comes after.
  void capture(const std::string& name, spec::Value value) { captured_.insert_or_assign(name, std::move(value)); }
  void forget_captured() { captured_.clear(); }
  /// As if an argument were wrong, or none (to tell which outcome is the one for wrong arguments).
  void pretend_invalid(std::optional<bool> invalid) { pretended_ = invalid; }

  /// Whether the name is a state that has been as a restart left it (States::fresh).
  bool fresh(std::string_view name) const { return states_.fresh(name); }

  bool escaped() const;
  /// Whether the server said what is no reply, or its script that data goes over a connection over which none went, or
  /// the host took away what the command stands on. What a device makes of that, nobody can foresee.
  bool misled() const;
  bool out_of_step() const;
  std::uint64_t data_sent() const;
  std::uint64_t data_received() const;

 private:
  spec::Value server(std::string_view name, const std::vector<spec::Value>& arguments) const;
  spec::Value peer(std::string_view name, const std::vector<spec::Value>& arguments) const;
  spec::Value after(std::string_view name, const std::string& path, const std::vector<spec::Value>& arguments) const;
  spec::Value holds_what_was_sent(const PeerFiles::File& file, std::uint64_t offset) const;
  spec::Value received_is_part_of(const PeerFiles::File& file, std::uint64_t offset) const;
  spec::Value silent() const;
  /// What the server sent over data connections while this command was under way; nothing where the trace lacks it.
  std::optional<std::uint64_t> served(io::Bytes* bytes) const;
  spec::Value served_size() const;
  spec::Value received_is_served() const;
  spec::Value connected() const;
  spec::Value token(const std::string& name) const;
  spec::Value escape_seen() const;
  bool within(const Moment& when) const;
  /// What the device asked its server since the command, and the transfer from before that was answered since.
  std::vector<const ControlCommand*> asked() const;
  template <typename Predicate>
  bool said_done_by_script(Predicate is_such) const;
  bool undermined() const;
  std::uint64_t bytes_of(trace::Event::Kind kind, const Exchange& exchange) const;
  /// The bytes themselves; nothing where the trace keeps only a part.
  std::optional<io::Bytes> content_of(trace::Event::Kind kind, const Exchange& exchange) const;
  std::optional<io::Bytes> content_of(trace::Event::Kind kind) const;
  spec::Value sent_hash() const;
  spec::Value was_sent(const std::vector<spec::Value>& arguments) const;
  std::optional<io::Bytes> sent_before(const std::string& hash) const;

  const Surroundings& around_;
  const Exchange& exchange_;
  const spec::Binding& binding_;
  const States& states_;
  std::map<std::string, spec::Value, std::less<>> captured_;
  std::optional<bool> pretended_;
};

}  // namespace atspec::judge
