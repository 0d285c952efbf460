#include "harness/spec/load.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace atspec::spec {
namespace {

namespace fs = std::filesystem;

/// A folder of spec files that goes with the test.
class Folder {
 public:
  Folder() {
    static int number = 0;
    path_ = fs::temp_directory_path() / ("atspec-load-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& content) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
    return (path_ / name).string();
  }

 private:
  fs::path path_;
};

std::string spec_of(const std::string& children) { return "<spec name='s' title='S'>" + children + "</spec>"; }

Loaded load_text(const std::string& text) {
  const Folder folder;
  return load({folder.write("one.xml", text)});
}

/// All messages, a line each.
std::string complaints(const Loaded& loaded) {
  std::string out;
  for (const auto& one : loaded.diagnostics) out += format(one) + "\n";
  return out;
}

class Nothing : public Environment {
  Value name(std::string_view name) const override { return name == "limit" ? Value{std::int64_t{90}} : Unknown{}; }
  Value call(std::string_view, const std::vector<Value>&, const std::vector<std::string>&) const override {
    return Unknown{};
  }
};

TEST(Load, EverythingOfACommandArrives) {
  const Loaded loaded = load_text(R"xml(<spec name="n" title="t" revision="1.1">
  <clause id="C" section="2" kind="range" ambiguity="A01 A02" level="should">a
     range</clause>
  <clause id="R" section="2" kind="x" testing="untestable" reason="no wire shows it">r</clause>
  <rule name="guard-time" clause="C" value="1s"/>
  <type name="small" base="integer" min="1" max="9" unit="s"/>
  <state name="ftp" values="closed idle" initial="closed" base="closed" saved="yes">FTP</state>
  <state name="sd" values="card none" reference="card" given="yes">card</state>
  <state name="limit" reference="90"/>
  <codes name="result" clause="C"><code v="627" name="file" clause="C">text</code></codes>
  <codes name="protocol"><code v="550" pair="627" pair-clause="C">t</code></codes>
  <ambiguity id="A01" question="q" why="w"><reading id="a" preferred="yes">one</reading><reading id="b">two</reading></ambiguity>
  <ambiguity id="A02" question="q"><reading id="a" preferred="yes">one</reading></ambiguity>
  <command name="+X" section="2" title="x" source="manual">
    <reports name="n" type="small" max="8" clause="C"/>
    <write keyword="k" clause="C" needs="ftp=closed" verb="SIZE" when="given(q)">
      <parameter name="p" type="small" clause="C" default="3" default-clause="C" optional="yes" sample="4">
        <sample when="ftp = 'closed'">5</sample>
      </parameter>
      <parameter name="q" base="text" max-length="5" pattern="[a-z]+" with-previous="yes"><value v="a" clause="C">A</value></parameter>
      <set-up>peer file a size=1
              peer file b size=2</set-up>
      <after>escape</after>
      <clean-up>> AT</clean-up>
      <outcome name="o" when="p = 3" clause="C" reading="A01.a">
        <info repeated="yes">+X: {n}</info> <connect/> <data from="host"/>
        <final within="300ms" clause="C">OK</final>
        <urc within="limit" effect="ftp='idle'; limit=p">+X: 0,{n = p + 1}</urc>
        <accept reading="A01.b"><final>ERROR</final></accept>
        <accept when="p = 4"><final>NO CARRIER</final></accept>
        <check clause="C" holds="connected">it
           connected</check>
      </outcome>
    </write>
  </command>
  <example id="E" section="3" title="e">
    clause C
    &gt; AT+X="k",3,"a"

    &lt; +X: 5
  </example>
</spec>)xml");
  ASSERT_EQ(complaints(loaded), "");
  const Spec& spec = loaded.spec;
  EXPECT_EQ(spec.name + spec.title + spec.revision, "nt1.1");
  EXPECT_EQ(spec.clause("C")->text, "a range");
  EXPECT_EQ(spec.clause("C")->ambiguities, (std::vector<std::string>{"A01", "A02"}));
  EXPECT_EQ(spec.clause("C")->level, Clause::Level::should);
  EXPECT_EQ(spec.clause("R")->testing, Clause::Testing::untestable);
  EXPECT_EQ(spec.rule("guard-time")->value, "1s");
  EXPECT_TRUE(spec.state("ftp")->saved);
  EXPECT_FALSE(spec.state("ftp")->given);
  EXPECT_TRUE(spec.state("sd")->given);
  EXPECT_EQ(spec.state("ftp")->values, (std::vector<std::string>{"closed", "idle"}));
  EXPECT_EQ(spec.state("limit")->initial, std::nullopt);
  EXPECT_EQ(spec.state("limit")->reference, "90");
  EXPECT_EQ(spec.code_table("protocol")->codes[0].pair, 627);
  EXPECT_EQ(spec.ambiguities[0].readings[1].id, "A01.b");
  EXPECT_EQ(spec.examples[0].scenario, "clause C\n> AT+X=\"k\",3,\"a\"\n\n< +X: 5\n");

  const Command& command = *spec.command("+x");
  EXPECT_EQ(command.reported[0].type.min, 1);
  EXPECT_EQ(command.reported[0].type.max, 8) << "an attribute beside type narrows it";
  const Form& form = command.forms[0];
  EXPECT_EQ(form.keyword, "k");
  EXPECT_EQ(form.verbs, std::vector<std::string>{"SIZE"});
  EXPECT_EQ(form.set_up, (std::vector<std::string>{"peer file a size=1", "peer file b size=2"}));
  EXPECT_EQ(form.after, std::vector<std::string>{"escape"});
  EXPECT_EQ(form.clean_up, std::vector<std::string>{"> AT"});
  ASSERT_EQ(form.needs.size(), 1U);
  EXPECT_EQ(form.needs[0].state + form.needs[0].value, "ftpclosed");
  EXPECT_EQ(form.parameters[0].default_value, "3");
  EXPECT_EQ(form.parameters[0].type.unit, "s");
  ASSERT_EQ(form.parameters[0].conditional_samples.size(), 1U);
  EXPECT_EQ(form.parameters[0].conditional_samples[0].value, "5");
  EXPECT_EQ(form.parameters[0].conditional_samples[0].when.text(), "ftp = 'closed'");
  EXPECT_TRUE(form.parameters[1].with_previous);
  EXPECT_EQ(form.parameters[1].type.choices[0].meaning, "A");

  const Outcome& outcome = form.outcomes[0];
  ASSERT_EQ(outcome.alternatives.size(), 3U);
  EXPECT_EQ(outcome.alternatives[0].readings, std::vector<std::string>{"A01.a"});
  EXPECT_EQ(outcome.alternatives[1].readings, std::vector<std::string>{"A01.b"});
  EXPECT_EQ(outcome.alternatives[2].when.text(), "p = 4");
  const auto& items = outcome.alternatives[0].items;
  ASSERT_EQ(items.size(), 5U);
  EXPECT_TRUE(items[0].repeated);
  EXPECT_EQ(items[1].text.text(), "CONNECT");
  EXPECT_TRUE(items[2].to_device);
  EXPECT_EQ(items[3].within_clauses, std::vector<ClauseId>{"C"});
  ASSERT_EQ(items[4].effects.size(), 2U);
  EXPECT_EQ(items[4].effects[1].state + "=" + items[4].effects[1].value.text(), "limit=p");
  EXPECT_EQ(outcome.checks[0].message, "it connected");
}

const Item& only_item(const Loaded& loaded) {
  return loaded.spec.commands.at(0).forms.at(0).outcomes.at(0).alternatives.at(0).items.at(0);
}

TEST(Load, WithinIsMillisecondsWhateverItIsWrittenIn) {
  const std::pair<const char*, std::int64_t> cases[] = {{"300ms", 300},    {"125s", 125'000},     {"2min", 120'000},
                                                        {"limit", 90'000}, {"limit + 5", 95'000}, {"5", 5'000}};
  for (const auto& [text, milliseconds] : cases) {
    const Loaded loaded =
        load_text(spec_of("<state name='limit' reference='90'/><command name='+X' section='1' title='t'>"
                          "<execute><final within='" +
                          std::string(text) + "'>OK</final></execute></command>"));
    ASSERT_EQ(complaints(loaded), "");
    EXPECT_EQ(only_item(loaded).within.evaluate(Nothing()), Value{milliseconds}) << text;
  }
}

TEST(Load, ASemicolonInATextDoesNotEndAnAssignment) {
  const Loaded loaded =
      load_text(spec_of("<state name='cwd' reference='/'/><command name='+X' section='1' title='t'>"
                        "<execute><final effect=\"cwd='a;b=c'; \">OK</final></execute></command>"));
  ASSERT_EQ(complaints(loaded), "");
  ASSERT_EQ(only_item(loaded).effects.size(), 1U);
  EXPECT_EQ(only_item(loaded).effects[0].value.evaluate(Nothing()), Value{"a;b=c"});
}

TEST(Load, AGroupIsSplicedInAcrossFilesUnderTheNameOfItsUser) {
  const Folder folder;
  folder.write("parts/group.xml", spec_of(R"(<group name="g">
      <outcome name="first" clause="C"><final>OK</final> <urc>+*: 1,{err}</urc></outcome>
      <use group="h" clause="D"/></group>)"));
  folder.write("parts/clauses.xml", spec_of(R"(<clause id="C" section="1" kind="x">c</clause>
      <clause id="D" section="1" kind="x">d</clause><clause id="E" section="1" kind="x">e</clause>
      <group name="h"><outcome name="second" clause="C"><final>ERROR</final></outcome></group>)"));
  const Loaded loaded = load({folder.write("main.xml", spec_of(R"(
      <command name="+X" section="1" title="t"><reports name="err" base="integer"/>
        <execute><use group="g" clause="E C"/><outcome name="last"><final>OK</final></outcome></execute></command>
      <include file="parts/group.xml"/><include file="parts/clauses.xml"/>)"))});
  ASSERT_EQ(complaints(loaded), "");
  const auto& outcomes = loaded.spec.commands[0].forms[0].outcomes;
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(outcomes[0].name + outcomes[1].name + outcomes[2].name, "firstsecondlast");
  EXPECT_EQ(outcomes[0].clauses, (std::vector<ClauseId>{"C", "E"}));
  EXPECT_EQ(outcomes[1].clauses, (std::vector<ClauseId>{"C", "D", "E"}));
  EXPECT_EQ(outcomes[0].alternatives[0].items[1].text.text(), "+X: 1,{err}");
}

TEST(Load, AGroupOfSequencesIsAcceptedByAnOutcomeWithTheEffectsOfItsUse) {
  const Loaded loaded = load_text(spec_of(R"(
      <ambiguity id="A1" question="q"><reading id="x" preferred="yes">x</reading><reading id="y">y</reading></ambiguity>
      <state name="s" values="1 2" initial="1"/>
      <group name="g"><accept reading="A1.y"><final effect="s=1">ERROR</final></accept>
        <accept when="unknown"><final>OK</final> <urc>+*: 1</urc></accept></group>
      <command name="+X" section="1" title="t"><execute><outcome name="o">
        <final effect="s=1">OK</final> <use group="g" effect="s=2"/> <accept when="unknown"><final>NO</final></accept>
      </outcome></execute></command>)"));
  ASSERT_EQ(complaints(loaded), "");
  const auto& alternatives = loaded.spec.commands[0].forms[0].outcomes[0].alternatives;
  ASSERT_EQ(alternatives.size(), 4U);
  EXPECT_EQ(alternatives[1].readings, (std::vector<std::string>{"A1.y"}));
  ASSERT_EQ(alternatives[1].items[0].effects.size(), 2U);
  EXPECT_EQ(alternatives[1].items[0].effects[1].value.evaluate(Nothing()), Value{std::int64_t{2}});
  EXPECT_TRUE(alternatives[2].items[0].effects.empty());
  EXPECT_EQ(alternatives[2].items[1].text.text(), "+X: 1");
  EXPECT_EQ(alternatives[2].items[1].effects.size(), 1U);
  EXPECT_EQ(alternatives[3].items[0].text.text(), "NO");
}

TEST(Load, FilesThatIncludeEachOtherAreReadOnce) {
  const Folder folder;
  const std::string a = folder.write("a.xml", spec_of("<include file='sub/b.xml'/><include file='./a.xml'/>"));
  const std::string b = folder.write("sub/b.xml", spec_of("<include file='../a.xml'/><include file='../sub/b.xml'/>"
                                                          "<state name='s' values='x' initial='x'/>"));
  const Loaded loaded = load({a, b, a});
  EXPECT_EQ(complaints(loaded), "");
  EXPECT_EQ(loaded.spec.files, (std::vector<std::string>{a, b}));
  EXPECT_EQ(loaded.spec.states.size(), 1U);
}

TEST(Load, AnErrorInAnIncludedFileIsSaidThere) {
  const Folder folder;
  folder.write("b.xml", "<spec name='b' title='b'>\n <oops/>\n</spec>");
  const Loaded loaded = load({folder.write("a.xml", spec_of("<include file='b.xml'/>"))});
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_TRUE(loaded.diagnostics[0].at.file.ends_with("b.xml"));
  EXPECT_EQ(loaded.diagnostics[0].at.line, 2);
  EXPECT_EQ(loaded.diagnostics[0].at.column, 2);
}

TEST(Load, AllThatIsWrongIsSaidInOneGo) {
  const Loaded loaded = load_text(
      "<spec name='s' title='s'>\n<state values='a'/>\n<rule name='r' value='x'/>\n"
      "<type name='t' base='real' min='x'/>\n<clause id='C'/>\n</spec>");
  EXPECT_EQ(loaded.diagnostics.size(), 7U) << complaints(loaded);
}

TEST(Load, ASlipInAGroupIsSaidOnceHoweverOftenTheGroupIsUsed) {
  const Loaded loaded =
      load_text(spec_of("<group name='g'><outcome name='o' when='('><final>OK</final></outcome></group>"
                        "<command name='+X' section='1' title='t'><execute><use group='g'/></execute>"
                        "<read><use group='g'/></read></command>"));
  EXPECT_EQ(loaded.diagnostics.size(), 1U) << complaints(loaded);
}

TEST(Load, AFileThatIsNoneIsADiagnostic) {
  EXPECT_EQ(load({"/nowhere/at/all.xml"}).diagnostics.size(), 1U);
  EXPECT_EQ(load({"/"}).diagnostics.size(), 1U);
  EXPECT_EQ(load_text("").diagnostics.size(), 1U);
  EXPECT_EQ(load_text("no xml").diagnostics.size(), 1U);
}

TEST(Load, ABillionElementsWithinElementsDoNotExhaustTheStack) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_FALSE(load_text(spec_of(deep)).diagnostics.empty());
  for (int i = 0; i < 200'000; ++i) deep += "</a>";
  EXPECT_EQ(load_text(spec_of(deep)).diagnostics.size(), 1U);
}

RC_GTEST_PROP(Load, NoDamageToAFileMakesTheLoaderFail, ()) {
  static const std::string whole = [] {
    std::ifstream in(ATSPEC_SOURCE_DIR "/specs/quectel-ftp/2.07-qftpsize.xml", std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }();
  std::string text = whole;
  const auto edits = *rc::gen::inRange(1, 8);
  for (int i = 0; i < edits && !text.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        text[at] = *rc::gen::element('<', '>', '"', '&', '/', '=', '{', '}', '(', '\'', ' ');
        break;
      case 2:
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 60));
        break;
      default:
        text.insert(at, text.substr(*rc::gen::inRange<std::size_t>(0, text.size()), 80));
        break;
    }
  }
  for (const auto& one : load_text(text).diagnostics) RC_ASSERT(one.at.line >= 1 && one.at.column >= 1);
}

}  // namespace
}  // namespace atspec::spec
