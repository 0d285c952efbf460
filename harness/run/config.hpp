// Spec and profile to what the reference needs; mutants onto it.
#pragma once

#include <expected>
#include <string>

#include "harness/generate/plan.hpp"
#include "harness/modem/config.hpp"
#include "harness/spec/load.hpp"

namespace atspec::run {

modem::Config modem_config(const spec::Spec& spec, const spec::Profile& profile);

/// What a profile says of the states that no command brings about: an SD card is there or not.
generate::States given(const spec::Spec& spec, const spec::Profile& profile);

/// "specs/mutants/ftp.xml#missing-file-601" → the changes, made. The error is file:line:column where
/// there is one.
std::expected<spec::Mutant, std::string> find_mutant(const std::string& file_and_name);
std::expected<void, std::string> apply(const spec::Mutant& mutant, modem::Config& config);

}  // namespace atspec::run
