// What is known of the device's condition, as it goes along. A state that is absent is unknown.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/spec/spec.hpp"

namespace atspec::judge {

class States {
 public:
  States() = default;
  explicit States(std::map<std::string, std::string> known) : values_(known.begin(), known.end()) {}

  spec::Value value(std::string_view name) const;
  std::optional<std::string> text(std::string_view name) const;
  /// An unknown value makes the state unknown.
  void assign(const std::string& name, const spec::Value& value);
  void forget(std::string_view name);
  void forget(const std::set<std::string, std::less<>>& names);
  /// Whether the value is what a restart left, and nothing changed it since.
  bool fresh(std::string_view name) const { return fresh_.contains(name); }
  /// A restart: what is saved stays, the rest is as after power-on where the manual says how that is.
  void restart(const spec::Spec& spec, const std::map<std::string, std::string>& tokens);

  const std::map<std::string, std::string, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::set<std::string, std::less<>> fresh_;
};

/// A change of state that became true with event `event`. Changes of one exchange may come after the next began.
struct StateChange {
  std::size_t event = 0;
  std::string state;
  spec::Value value;
};

}  // namespace atspec::judge
