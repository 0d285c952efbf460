#include <nlohmann/json.hpp>

#include "harness/run/mutants.hpp"

namespace atspec::run {

std::string to_json(const Measured& measured) {
  // keys keep the order they are written in
  using json = nlohmann::ordered_json;
  const auto numbers = [](const Score& score) {
    return json{{"good", score.good}, {"of", score.of}, {"equivalent", score.equivalent}, {"percent", score.percent()}};
  };
  json classes = json::object(), fates = json::array();
  for (const auto& [name, one] : score_by_class(measured.fates)) classes[name] = numbers(one);
  for (const auto& fate : measured.fates) {
    fates.push_back({{"file", fate.of.file},
                     {"name", fate.of.mutant.name},
                     {"class", fate.of.mutant.group},
                     {"title", fate.of.mutant.title},
                     {"breaks", fate.of.mutant.breaks},
                     {"fate", to_string(fate.kind)},
                     {"equivalent", fate.of.mutant.equivalent},
                     {"by", fate.by},
                     {"by_manual", fate.by_manual},
                     {"message", fate.message},
                     {"cited", fate.cited},
                     {"executed", fate.executed},
                     {"inconclusive", fate.undecided}});
  }
  const json all = {{"schema", "atspec-mutants-1"},
                    {"cases", measured.cases},
                    {"score", numbers(score(measured.fates))},
                    {"by_manual", numbers(score_by_manual(measured.fates))},
                    {"classes", std::move(classes)},
                    {"unsound", measured.unsound},
                    {"mutants", std::move(fates)}};
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace atspec::run
