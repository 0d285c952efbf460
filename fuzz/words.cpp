// atspec-words SPEC: the words of a spec as a libFuzzer dictionary, on stdout.
// atspec-words SPEC DIR: its worked examples as seed inputs, a file each, into DIR.
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "harness/generate/generate.hpp"
#include "harness/scenario/text.hpp"
#include "harness/spec/load.hpp"

int main(int argc, char** argv) {
  using namespace atspec;
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "usage: atspec-words SPEC [SEED_DIRECTORY]\n");
    return 2;
  }
  const auto loaded = spec::load({argv[1]});
  for (const auto& diagnostic : loaded.diagnostics) fmt::print(stderr, "{}\n", format(diagnostic));
  if (!loaded.diagnostics.empty()) return 2;
  if (argc == 2) {
    for (const auto& line : generate::dictionary(loaded.spec)) fmt::print("{}\n", line);
    return 0;
  }
  for (const auto& example : loaded.spec.examples) {
    std::ofstream file(fmt::format("{}/{}.scenario", argv[2], example.id), std::ios::binary);
    file << example.scenario;
    if (!file.flush()) {
      fmt::print(stderr, "{}: cannot write {}\n", argv[2], example.id);
      return 4;
    }
  }
  return 0;
}
