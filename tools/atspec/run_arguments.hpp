// The options of `atspec run`, and what they say.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/time.hpp"
#include "harness/run/waivers.hpp"
#include "harness/spec/spec.hpp"
#include "tools/atspec/oracles.hpp"
#include "tools/atspec/test_bed.hpp"

namespace atspec::tools {

struct RunArguments {
  TestBed bed;
  Judging judging;
  std::vector<std::string> specs;
  std::string profile = "manual";
  std::vector<std::string> filters, excludes, with;
  std::string tier = "quick";
  bool list = false, dry_run = false, lenient = false, resume = false, quiet = false, verbose = false,
       update_waivers = false;
  unsigned retries = 0, strength = 2;
  std::optional<std::size_t> sequences, shrink;
  std::string budget, shard;
  std::string out, json, junit, html, ledger, waivers;
};

void add_options(CLI::App& command, RunArguments& arguments);

/// --shard "2/3": part and number of parts.
std::optional<std::pair<std::size_t, std::size_t>> parse_shard(const std::string& text);

/// --with: state → value. The error is one line.
std::expected<std::map<std::string, std::string>, std::string> parse_states(const std::vector<std::string>& texts,
                                                                            const spec::Spec& spec);

/// --budget; nothing where there is none.
std::expected<std::optional<io::Duration>, std::string> parse_budget(const std::string& text);

/// The file of --waivers; one that does not exist is empty where it is to be written. Gives all_passed, or the exit
/// status where it cannot be had: that was said then.
int read_waivers(const RunArguments& arguments, std::optional<run::Waivers>& out);

}  // namespace atspec::tools
