// Arguments held against forms: bind, find_form, fault_of, and the look-ups.
#include "harness/spec/spec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atspec::spec {
namespace {

ValueType integer(std::optional<std::int64_t> min = {}, std::optional<std::int64_t> max = {}) {
  ValueType out;
  out.min = min;
  out.max = max;
  return out;
}

ValueType text(std::optional<std::size_t> max_length = {}) {
  ValueType out;
  out.base = ValueType::Base::text;
  out.max_length = max_length;
  return out;
}

Parameter parameter(std::string name, ValueType type) {
  Parameter out;
  out.name = std::move(name);
  out.type = std::move(type);
  return out;
}

/// AT+PUT=<file>[,<start>[,<length>,<last>]] as in manual 2.5.
Form put_form() {
  Form form;
  form.kind = FormKind::write;
  form.parameters = {parameter("file", text(5)), parameter("start", integer(0)), parameter("length", integer(1)),
                     parameter("last", integer(0, 1))};
  form.parameters[1].optional = true;
  form.parameters[1].default_value = "0";
  form.parameters[2].optional = true;
  form.parameters[3].with_previous = true;
  return form;
}

Invocation invocation(std::string_view line) {
  const auto parsed = parse_command_line(line);
  return parsed && !parsed->empty() ? parsed->front() : Invocation();
}

/// "start: below 0; : too many arguments"
std::string faults(const Form& form, std::string_view line) {
  std::string out;
  for (const auto& fault : bind(form, invocation(line)).faults)
    out += (out.empty() ? "" : "; ") + fault.parameter + ": " + fault.message;
  return out;
}

TEST(Bind, GivenValuesAndDefaultsAreBound) {
  const Binding bound = bind(put_form(), invocation("AT+PUT=\"a\""));
  EXPECT_FALSE(bound.unclear);
  EXPECT_TRUE(bind(put_form(), invocation("AT+PUT=\"a\",")).unclear);
  EXPECT_TRUE(bound.faults.empty());
  EXPECT_EQ(bound.values.at("file"), Value{"a"});
  EXPECT_EQ(bound.values.at("start"), Value{std::int64_t{0}});
  EXPECT_FALSE(bound.values.contains("length")) << "left out without a default: unknown";
  EXPECT_TRUE(bound.given.at("file"));
  EXPECT_FALSE(bound.given.at("start"));
  EXPECT_EQ(bound.in_bounds, std::vector<std::string>{"file"});
}

TEST(Bind, QuotedDigitsStayAText) {
  EXPECT_EQ(bind(put_form(), invocation("AT+PUT=\"12\"")).values.at("file"), Value{"12"});
}

TEST(Bind, TypeRangeAndLengthAreChecked) {
  EXPECT_EQ(faults(put_form(), "AT+PUT=a"), "file: not in quotes");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a"), "file: not in quotes");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\"b\""), "file: with a quote inside");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"abcdef\""), "file: longer than 5 bytes");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"abcde\""), "");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",\"1\""), "start: not an integer");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",-1"), "start: below 0");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",0,1,2"), "last: above 1");
}

TEST(Bind, WhatIsOutOfBoundsIsNotListedAsKept) {
  EXPECT_EQ(bind(put_form(), invocation("AT+PUT=\"a\",-1,1,1")).in_bounds,
            (std::vector<std::string>{"file", "length", "last"}));
}

TEST(Bind, AParameterThatGoesWithThePreviousOneIsGivenExactlyWithIt) {
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",0,5,1"), "");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",0"), "");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",0,5"), "last: missing");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",0,,1"), "length: missing; last: given without the one before it");
}

// manual 1.2.2 AT-13: only trailing parameters are optional
TEST(Bind, MissingAndSurplusArgumentsAreFaults) {
  EXPECT_EQ(faults(put_form(), "AT+PUT="), "file: missing");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",,5,1"), "start: missing");
  EXPECT_EQ(faults(put_form(), "AT+PUT=\"a\",0,5,1,9"), ": too many arguments");
}

TEST(Bind, AKeywordIsNoParameter) {
  Form form = put_form();
  form.keyword = "file";
  EXPECT_EQ(faults(form, "AT+PUT=\"file\",\"a\""), "");
  EXPECT_EQ(faults(form, "AT+PUT=\"file\""), "file: missing");
  form.parameters.clear();
  EXPECT_EQ(faults(form, "AT+PUT=\"file\""), "");
  EXPECT_EQ(faults(form, "AT+PUT=\"file\",1"), ": too many arguments");
}

TEST(FindForm, IsChosenByKindThenKeywordThenCondition) {
  Command command;
  const auto add = [&](FormKind kind, std::string keyword, const char* when) {
    Form form = kind == FormKind::write && keyword.empty() ? put_form() : Form();
    form.kind = kind;
    form.keyword = std::move(keyword);
    if (*when != '\0') form.when = Expression::parse(when).value();
    command.forms.push_back(std::move(form));
  };
  add(FormKind::test, "", "");
  add(FormKind::write, "one", "");
  add(FormKind::write, "", "file = 'COM:' and given(length)");
  add(FormKind::write, "", "file = 'COM:'");
  const auto index = [&](std::string_view line) -> std::ptrdiff_t {
    const Form* found = find_form(command, invocation(line));
    return found == nullptr ? -1 : found - command.forms.data();
  };
  EXPECT_EQ(index("AT+X=?"), 0);
  EXPECT_EQ(index("AT+X=\"ONE\",5"), 1) << "letter case is no matter (ambiguity A07)";
  EXPECT_EQ(index("AT+X=one"), -1) << "a keyword stands in quotes";
  EXPECT_EQ(index("AT+X=\"COM:\",0,5,1"), 2);
  EXPECT_EQ(index("AT+X=\"COM:\""), 3);
  EXPECT_EQ(index("AT+X=\"other\""), -1);
  EXPECT_EQ(index("AT+X="), 3) << "a missing argument decides nothing";
  EXPECT_EQ(index("AT+X"), -1);
  EXPECT_EQ(index("AT+X?"), -1);
}

TEST(FindForm, AnUnknownKeywordHasNoForm) {
  Command command;
  command.forms.emplace_back().kind = FormKind::write;
  command.forms.back().keyword = "one";
  EXPECT_EQ(find_form(command, invocation("AT+X=\"two\",1")), nullptr);
  EXPECT_EQ(find_form(command, invocation("AT+X=")), nullptr);
}

TEST(FaultOf, AnIntegerIsDigitsWithinItsRange) {
  EXPECT_EQ(fault_of(integer(), "0"), "");
  EXPECT_EQ(fault_of(integer(), "-5"), "");
  for (const char* raw : {"", "-", "+1", "1.0", " 1", "0x1", "one"})
    EXPECT_EQ(fault_of(integer(), raw), "not an integer") << raw;
  EXPECT_EQ(fault_of(integer(), "99999999999999999999"), "larger than any integer here");
  EXPECT_EQ(fault_of(integer(20, 180), "19"), "below 20");
  EXPECT_EQ(fault_of(integer(20, 180), "181"), "above 180");
}

TEST(FaultOf, OnlyListedValuesAreTaken) {
  ValueType type = integer();
  type.choices = {{"0", "", {}}, {"2", "", {}}};
  EXPECT_EQ(fault_of(type, "2"), "");
  EXPECT_EQ(fault_of(type, "02"), "");
  EXPECT_EQ(fault_of(type, "1"), "not one of the values");
  type.base = ValueType::Base::text;
  type.choices = {{"I", "", {}}};
  EXPECT_EQ(fault_of(type, "\"I\""), "");
  EXPECT_EQ(fault_of(type, "\"i\""), "not one of the values");
}

TEST(FaultOf, ACodeIsLookedUpWhereThereIsATable) {
  Spec spec;
  spec.code_tables.emplace_back().name = "result";
  spec.code_tables.back().codes.emplace_back().value = 601;
  ValueType type = integer();
  type.code_table = "result";
  EXPECT_EQ(fault_of(type, "601", &spec), "");
  EXPECT_EQ(fault_of(type, "0", &spec), "") << "0 is success in every table";
  EXPECT_EQ(fault_of(type, "602", &spec), "not in the result table");
  EXPECT_EQ(fault_of(type, "602"), "");
}

TEST(FaultOf, TextIsQuotedAndBareTextIsNot) {
  ValueType bare = text(3);
  bare.base = ValueType::Base::bare;
  EXPECT_EQ(fault_of(text(), "x"), "not in quotes");
  EXPECT_EQ(fault_of(text(), "\""), "not in quotes");
  EXPECT_EQ(fault_of(text(), "\"a\"b\""), "with a quote inside");
  EXPECT_EQ(fault_of(bare, "\"x\""), "in quotes");
  EXPECT_EQ(fault_of(bare, "x"), "");
  EXPECT_EQ(fault_of(bare, "xxxx"), "longer than 3 bytes");
}

TEST(FaultOf, APatternIsHeldAgainstTheWholeText) {
  ValueType type = text();
  type.pattern = "[0-9]{1,4}";
  EXPECT_EQ(fault_of(type, "\"12\""), "");
  EXPECT_EQ(fault_of(type, "\"12x\""), "not of the form [0-9]{1,4}");
  EXPECT_EQ(fault_of(type, '"' + std::string(100'000, '1') + '"'), "not of the form [0-9]{1,4}");
}

TEST(FaultOf, ABrokenPatternFitsNothingAndDoesNotThrow) {
  ValueType type = text();
  type.pattern = "[";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(fault_of(type, "\"x\""), "not of the form [");
}

RC_GTEST_PROP(FaultOf, AnIntegerFitsExactlyWithinItsRange, (std::int64_t a, std::int64_t b, std::int64_t value)) {
  const bool fits = value >= std::min(a, b) && value <= std::max(a, b);
  RC_ASSERT(fault_of(integer(std::min(a, b), std::max(a, b)), std::to_string(value)).empty() == fits);
}

RC_GTEST_PROP(Bind, AnyLineIsBoundWithoutACrash, ()) {
  const auto argument = rc::gen::element<std::string>("", "1", "-", "\"a\"", "\"", "a", " ", "\"abcdefgh\"");
  const auto arguments = *rc::gen::container<std::vector<std::string>>(argument);
  std::string line = "AT+PUT=";
  for (std::size_t i = 0; i < arguments.size(); ++i) line += (i > 0 ? "," : "") + arguments[i];
  const Binding bound = bind(put_form(), invocation(line));
  RC_ASSERT(bound.given.size() == 4U);
  for (const auto& name : bound.in_bounds) {
    for (const auto& fault : bound.faults) RC_ASSERT(fault.parameter != name || fault.message.starts_with("given"));
  }
}

TEST(Spec, NamesAreFoundAndCommandsInAnyLetterCase) {
  Spec spec;
  spec.commands.emplace_back().name = "+QFTPSIZE";
  spec.clauses.emplace_back().id = "A";
  spec.states.emplace_back().name = "ftp";
  spec.rules.emplace_back().name = "framing";
  EXPECT_EQ(spec.command("+qftpSize"), &spec.commands[0]);
  EXPECT_EQ(spec.command("+QFTPSIZ"), nullptr);
  EXPECT_EQ(spec.clause("A"), &spec.clauses[0]);
  EXPECT_EQ(spec.clause("a"), nullptr);
  EXPECT_EQ(spec.state("ftp"), &spec.states[0]);
  EXPECT_EQ(spec.rule("framing"), &spec.rules[0]);
  EXPECT_EQ(spec.code_table("result"), nullptr);
}

}  // namespace
}  // namespace atspec::spec
