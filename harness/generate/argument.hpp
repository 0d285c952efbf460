// Arguments of every kind a parameter may meet, right and wrong, as RapidCheck generators.
#pragma once

#include <rapidcheck/Gen.h>

#include <string>
#include <vector>

#include "harness/spec/spec.hpp"

namespace atspec::generate {

/// As it stands on the line: mostly the sample or another value in range, sometimes one at or beyond a bound, of the
/// wrong kind, oddly quoted, with bytes that mean something to shells, parsers or lines. Never a CR or LF, nor a
/// backspace: those edit the line. `names`: texts that other commands use, for a name to meet again.
rc::Gen<std::string> argument(const spec::Parameter& parameter, const std::vector<std::string>& names);

}  // namespace atspec::generate
