// specs/ against manual_table.tsv, in both directions: what the table says stands in the XML, and no number of a
// +QFTP command stands in the XML that the table does not have.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "harness/spec/load.hpp"

namespace atspec::spec {
namespace {

struct Row {
  std::string kind, subject, name, values;
};

std::vector<Row> read_table() {
  std::ifstream file(ATSPEC_SOURCE_DIR "/harness/spec/manual_table.tsv");
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    Row row;
    std::istringstream cells(line);
    std::getline(cells, row.kind, '\t');
    std::getline(cells, row.subject, '\t');
    std::getline(cells, row.name, '\t');
    std::getline(cells, row.values);
    rows.push_back(row);
  }
  return rows;
}

const Spec& manual() {
  static const Loaded loaded = load({ATSPEC_SOURCE_DIR "/specs/quectel-ftp/manual.xml"});
  return loaded.spec;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

/// Of "+QFTPPUT" all forms, of "+QFTPPUT/COM:" those whose condition speaks of COM:.
std::vector<const Form*> forms_of(const std::string& subject) {
  std::vector<const Form*> out;
  const auto slash = subject.find('/');
  const std::string condition = slash == std::string::npos ? "" : subject.substr(slash + 1);
  if (const Command* found = manual().command(subject.substr(0, slash))) {
    for (const auto& form : found->forms) {
      if (form.when.text().find(condition) != std::string::npos) out.push_back(&form);
    }
  }
  return out;
}

std::vector<const Parameter*> parameters(const std::string& subject, const std::string& name) {
  std::vector<const Parameter*> out;
  for (const Form* form : forms_of(subject)) {
    for (const auto& parameter : form->parameters) {
      if (parameter.name == name) out.push_back(&parameter);
    }
  }
  return out;
}

const ValueType* reported(const std::string& command, const std::string& name) {
  if (const Command* found = manual().command(command)) {
    for (const auto& value : found->reported) {
      if (value.name == name) return &value.type;
    }
  }
  return nullptr;
}

std::string range_of(const ValueType& type) {
  return (type.min ? std::to_string(*type.min) : "-") + " " + (type.max ? std::to_string(*type.max) : "-");
}

/// Enumerations may be written as choices or as a range.
std::string choices_of(const ValueType& type) {
  std::string out;
  for (const auto& choice : type.choices) out += (out.empty() ? "" : " ") + choice.value;
  if (out.empty() && type.min && type.max) {
    for (auto value = *type.min; value <= *type.max; ++value) out += (out.empty() ? "" : " ") + std::to_string(value);
  }
  return out;
}

class Nothing : public Environment {
  Value name(std::string_view) const override { return Unknown{}; }
  Value call(std::string_view, const std::vector<Value>&, const std::vector<std::string>&) const override {
    return Unknown{};
  }
};

/// Whether some item of the form carries this limit.
bool has_deadline(const Form& form, const std::string& wanted) {
  for (const auto& outcome : form.outcomes) {
    for (const auto& alternative : outcome.alternatives) {
      for (const auto& item : alternative.items) {
        if (item.within.empty()) continue;
        if (const auto literal = io::parse_duration(wanted)) {
          const Value value = item.within.evaluate(Nothing{});
          if (value == Value{std::chrono::duration_cast<std::chrono::milliseconds>(*literal).count()}) return true;
        } else if (item.within.text().find(wanted) != std::string::npos) {
          return true;
        }
      }
    }
  }
  return false;
}

TEST(ManualTable, WhatTheTableSaysStandsInTheSpecs) {
  std::size_t compared = 0;
  for (const Row& row : read_table()) {
    SCOPED_TRACE(row.kind + " " + row.subject + " " + row.name);
    ++compared;
    if (row.kind == "length" || row.kind == "range" || row.kind == "choice" || row.kind == "default") {
      const auto found = parameters(row.subject, row.name);
      ASSERT_FALSE(found.empty());
      for (const Parameter* parameter : found) {
        if (row.kind == "length") {
          EXPECT_EQ(parameter->type.max_length.value_or(0), std::stoul(row.values));
        }
        if (row.kind == "range") {
          EXPECT_EQ(range_of(parameter->type), row.values);
        }
        if (row.kind == "choice") {
          EXPECT_EQ(choices_of(parameter->type), row.values);
        }
        if (row.kind == "default") {
          EXPECT_EQ(parameter->default_value.value_or(""), row.values);
        }
      }
    } else if (row.kind == "reported-length" || row.kind == "reported-choice") {
      const ValueType* type = reported(row.subject, row.name);
      ASSERT_NE(type, nullptr);
      if (row.kind == "reported-length") {
        EXPECT_EQ(type->max_length.value_or(0), std::stoul(row.values));
      }
      if (row.kind == "reported-choice") {
        EXPECT_EQ(choices_of(*type), row.values);
      }
    } else if (row.kind == "state") {
      const State* state = manual().state(row.name);
      ASSERT_NE(state, nullptr);
      EXPECT_EQ(state->initial.value_or(""), row.values);
    } else if (row.kind == "deadline") {
      std::size_t forms = 0;
      for (const Form* form : forms_of(row.subject)) {
        if (to_string(form->kind) != row.name) continue;
        ++forms;
        EXPECT_TRUE(has_deadline(*form, row.values)) << form->keyword;
      }
      EXPECT_GT(forms, 0U);
    } else if (row.kind == "rule") {
      const Rule* rule = manual().rule(row.name);
      ASSERT_NE(rule, nullptr);
      EXPECT_EQ(rule->value, row.values);
    } else if (row.kind == "codes") {
      const CodeTable* table = manual().code_table(row.subject);
      ASSERT_NE(table, nullptr);
      std::string values;
      for (const auto& code : table->codes) values += (values.empty() ? "" : " ") + std::to_string(code.value);
      EXPECT_EQ(values, row.values);
    } else if (row.kind == "pair") {
      const CodeTable* table = manual().code_table(row.subject);
      ASSERT_NE(table, nullptr);
      std::string pairs;
      for (const auto& code : table->codes) {
        // 553 has no listed partner (ambiguity A39)
        if (code.pair && code.value != 553)
          pairs += (pairs.empty() ? "" : " ") + std::to_string(code.value) + ":" + std::to_string(*code.pair);
      }
      EXPECT_EQ(pairs, row.values);
    } else if (row.kind == "code-text") {
      const CodeTable* table = manual().code_table(row.subject);
      ASSERT_NE(table, nullptr);
      for (const auto& word : words(row.values)) {
        const auto value = std::stoll(word.substr(0, word.find(':')));
        const auto text = word.substr(word.find(':') + 1);
        for (const auto& code : table->codes) {
          if (code.value == value) {
            EXPECT_NE(code.text.find(text), std::string::npos) << code.value << " " << code.text;
          }
        }
      }
    } else {
      ADD_FAILURE() << "unknown kind";
    }
  }
  EXPECT_GT(compared, 40U);
}

TEST(ManualTable, NoNumberOfAnFtpParameterStandsInTheSpecsThatTheTableLacks) {
  std::set<std::pair<std::string, std::string>> known;
  for (const Row& row : read_table()) known.insert({row.subject.substr(0, row.subject.find('/')), row.name});
  for (const auto& command : manual().commands) {
    if (!command.name.starts_with("+QFTP")) continue;
    for (const auto& form : command.forms) {
      for (const auto& parameter : form.parameters) {
        const ValueType& type = parameter.type;
        // a byte count has a lower end of 0 by its nature
        const bool bounded = type.max || type.max_length || !type.choices.empty() || type.min.value_or(0) != 0;
        if (bounded || parameter.default_value) {
          EXPECT_TRUE(known.contains({command.name, parameter.name})) << command.name << " " << parameter.name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace atspec::spec
