#include "harness/generate/generate.hpp"

#include <algorithm>
#include <set>

#include "harness/generate/draft.hpp"
#include "harness/generate/sequence.hpp"
#include "harness/io/bytes.hpp"

namespace atspec::generate {

std::vector<scenario::Scenario> cases(const spec::Spec& spec, const Options& options) {
  std::vector<scenario::Scenario> all;
  line_cases(spec, all);
  for (const auto& command : spec.commands) {
    for (const auto& form : command.forms) {
      form_cases(spec, command, form, all);
      parameter_cases(spec, command, form, all);
      server_cases(spec, command, form, all);
      overlap_cases(spec, command, form, all);
    }
  }
  state_cases(spec, all);
  data_mode_cases(spec, all);
  example_cases(spec, all);
  const Sequences sequences(spec, options.seed, options.strength);
  for (std::size_t i = 0; i < options.sequences; ++i) all.push_back(sequences.at(i));
  // two ways to the same stimulus are one case
  std::set<std::string> seen;
  std::erase_if(all, [&](const scenario::Scenario& one) { return !seen.insert(one.id).second; });
  return all;
}

std::vector<std::string> dictionary(const spec::Spec& spec) {
  std::set<std::string> words = {"> AT",
                                 "wait final",
                                 "wait connect",
                                 "wait urc",
                                 "data size=",
                                 "escape",
                                 "pause 1500ms",
                                 "chunk 1",
                                 "peer file ",
                                 "peer dir ",
                                 "peer on ",
                                 " reply \"",
                                 " delay ",
                                 " stall",
                                 " close",
                                 " half-close",
                                 " reset",
                                 " preface \"",
                                 " raw \"",
                                 " every 300ms",
                                 " stray \"",
                                 " after 2s",
                                 " times 1",
                                 "peer on CONNECT refuse for 30s",
                                 "peer on DATA refuse",
                                 "peer cut data after ",
                                 "peer stall data after ",
                                 "peer data elsewhere",
                                 "peer data misnamed",
                                 "needs ",
                                 "peer=scripted",
                                 "+++",
                                 "raw \""};
  for (const auto& command : spec.commands) {
    words.insert(command.name);
    for (const auto& form : command.forms) {
      if (form.kind == spec::FormKind::test) continue;
      words.insert(command_line(command, form, samples(form, form.parameters.size())));
      if (!form.keyword.empty()) words.insert('"' + form.keyword + '"');
      words.insert(form.verbs.begin(), form.verbs.end());
      for (const auto& need : form.needs) words.insert(need.state + '=' + need.value);
      for (const auto& parameter : form.parameters) {
        for (const auto& bound : {parameter.type.min, parameter.type.max}) {
          if (bound) words.insert(std::to_string(*bound));
        }
      }
    }
  }
  if (const auto* codes = spec.code_table("protocol")) {
    for (const auto& code : codes->codes) words.insert(std::to_string(code.value) + " x");
  }
  std::vector<std::string> out;
  // libFuzzer's dictionaries know \\, \" and \xHH alone; what else would need an escape is left to the engine
  for (const auto& word : words) {
    const bool plain = std::all_of(word.begin(), word.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    if (plain) out.push_back('"' + io::escape(word) + '"');
  }
  return out;
}

}  // namespace atspec::generate
