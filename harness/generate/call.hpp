// One command line in the making: which form it is made from, and its arguments as they will stand on the line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/spec/spec.hpp"

namespace atspec::generate {

struct Call {
  const spec::Command* command = nullptr;
  const spec::Form* form = nullptr;
  std::vector<std::string> arguments;  ///< spelled, quotes included; without the keyword

  /// "AT+QFTPCFG="filetype",1", "AT+QFTPSIZE=?", "ATE0".
  std::string line() const;
};

/// E, V, &D: the value stands behind the name without a sign, and only digits can (V.250 §5.3.1).
bool is_basic(const spec::Command& command);

/// As on the line: text in quotes, all else bare.
std::string spell(const spec::ValueType& type, std::string_view value);

/// A value that ordinary use of the parameter would have; nothing where the spec gives no hint of one.
std::optional<std::string> ordinary_value(const spec::Parameter& parameter);

/// How many parameters, from the first on, must be given.
std::size_t mandatory_count(const spec::Form& form);
/// Every number of parameters an ordinary call may give, ascending.
std::vector<std::size_t> ordinary_counts(const spec::Form& form);
/// The fewest parameters of a call in which the one at `index` is given.
std::size_t count_with(const spec::Form& form, std::size_t index);

/// A call with ordinary values for the first `count` parameters.
Call ordinary_call(const spec::Command& command, const spec::Form& form, std::size_t count);

}  // namespace atspec::generate
