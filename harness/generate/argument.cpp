#include "harness/generate/argument.hpp"

#include <rapidcheck/gen/Container.h>
#include <rapidcheck/gen/Create.h>
#include <rapidcheck/gen/Numeric.h>
#include <rapidcheck/gen/Predicate.h>
#include <rapidcheck/gen/Select.h>
#include <rapidcheck/gen/Transform.h>

#include <algorithm>

#include "harness/generate/line.hpp"

namespace atspec::generate {
namespace {

std::string quoted(const std::string& text) { return '"' + text + '"'; }

/// Wrong for nearly every parameter, each in its own way.
const std::vector<std::string>& odd_ones() {
  static const std::vector<std::string> all = {
      "",
      " ",
      "x",
      "-1",
      "+1",
      "007",
      "1.5",
      "0x10",
      "2147483648",
      "18446744073709551616",
      "99999999999999999999999999",
      R"("")",
      R"(")",
      R"("no end)",
      R"(no beginning")",
      R"("two"words)",
      R"("a""b")",
      R"("a\"b")",
      R"("a\22b")",
      "'single'",
      R"("$(reboot)`id`;|&<>*?~#!")",
      R"("..\..\a")",
      R"("../../a")",
      R"("a/b//./c")",
      R"("%s%n%x")",
      R"("a, b")",
      "\"\xC3\xA9\x80\"",
      "\"\x01\x07\x1A\x1B[2J\x7F\"",
      "\x1A",
      "\t1",
      "1 ",
      "(1)",
      "?",
      "=",
  };
  return all;
}

rc::Gen<std::string> text_within(std::size_t longest) {
  const auto printable =
      rc::gen::suchThat(rc::gen::map(rc::gen::inRange(0x20, 0x7F), [](int c) { return static_cast<char>(c); }),
                        [](char c) { return c != '"' && c != '\\' && c != '$'; });
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, std::clamp<std::size_t>(longest, 1, 60) + 1),
                         [=](std::size_t length) { return rc::gen::container<std::string>(length, printable); });
}

rc::Gen<std::string> right_value(const spec::Parameter& parameter, const std::vector<std::string>& names) {
  const spec::ValueType& type = parameter.type;
  if (!type.choices.empty()) {
    std::vector<std::string> values;
    for (const auto& choice : type.choices) values.push_back(on_line(parameter, choice.value));
    return rc::gen::elementOf(std::move(values));
  }
  if (type.base == spec::ValueType::Base::integer) {
    const std::int64_t low = type.min.value_or(0);
    const std::int64_t high = std::min(type.max.value_or(low + 2000), low + 1'000'000);
    return rc::gen::map(rc::gen::inRange(low, high + 1), [](std::int64_t value) { return std::to_string(value); });
  }
  if (names.empty() || type.base == spec::ValueType::Base::bare)
    return rc::gen::just(on_line(parameter, sample_of(parameter)));
  return rc::gen::weightedOneOf<std::string>({{4, rc::gen::map(rc::gen::elementOf(names), quoted)},
                                              {1, rc::gen::map(text_within(type.max_length.value_or(20)), quoted)}});
}

rc::Gen<std::string> at_a_bound(const spec::Parameter& parameter) {
  std::vector<std::string> values;
  const spec::ValueType& type = parameter.type;
  for (const auto& bound : {type.min, type.max}) {
    if (!bound) continue;
    for (const std::int64_t step : {-1, 0, 1}) values.push_back(std::to_string(*bound + step));
  }
  if (type.max_length) {
    for (const std::size_t length : {*type.max_length - 1, *type.max_length, *type.max_length + 1})
      values.push_back(quoted(std::string(length, 'a')));
  }
  if (values.empty()) return rc::gen::elementOf(odd_ones());
  return rc::gen::elementOf(std::move(values));
}

}  // namespace

rc::Gen<std::string> argument(const spec::Parameter& parameter, const std::vector<std::string>& names) {
  const std::string usual = sample_of(parameter);
  const auto sample = rc::gen::just(on_line(parameter, usual));
  // who is called, and as whom, only fails in ways of its own
  const bool token = usual.starts_with("${");
  return rc::gen::weightedOneOf<std::string>({{token ? 60U : 8U, sample},
                                              {token ? 0U : 6U, token ? sample : right_value(parameter, names)},
                                              {1, at_a_bound(parameter)},
                                              {1, rc::gen::elementOf(odd_ones())}});
}

}  // namespace atspec::generate
