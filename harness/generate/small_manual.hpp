// A manual of a few commands for the tests of this folder and of run/: a session that needs settings and a context, a
// setting with bounds, a query, an upload.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

#include "harness/spec/load.hpp"

namespace atspec::generate {

inline constexpr std::string_view small_manual = R"xml(
<clause id="NO-PREFIX" section="1" kind="syntax">AT</clause>
<clause id="FRAME" section="1" kind="response">framed</clause>
<clause id="TABLE" section="2" kind="error-code">table</clause>
<clause id="PROTO-550" section="2" kind="error-code">550</clause>
<clause id="MAP-550" section="2" kind="error-code">550 is 627</clause>
<ambiguity id="R" question="how is a command refused?" why="both are printed">
  <reading id="error" preferred="yes">an error</reading><reading id="urc">OK and a URC</reading>
</ambiguity>
<rule name="no-command-without-prefix" clause="NO-PREFIX"/>
<rule name="framing" clause="FRAME"/>
<state name="echo" values="0 1" initial="1" base="0">echo</state>
<state name="pdp" values="inactive active" initial="inactive">context</state>
<state name="mode" values="0 1" reference="1" base="0">mode of transfers</state>
<state name="limit" initial="90" base="90">seconds</state>
<state name="user" reference="">account</state>
<state name="password" reference="">account</state>
<state name="session" values="closed idle" initial="closed">session</state>
<state name="cwd" initial="/">directory</state>
<state name="card" values="yes no" reference="yes" given="yes">card</state>
<codes name="result" clause="TABLE"><code v="627" name="file">no</code></codes>
<codes name="protocol" clause="TABLE">
  <code v="550" clause="PROTO-550" pair="627" pair-clause="MAP-550">unavailable</code>
</codes>
<command name="E" section="3" title="echo" source="V.250">
  <write><parameter name="value" base="integer" sample="0"><value v="0">off</value><value v="1">on</value></parameter>
    <outcome name="bad" when="invalid"><final>ERROR</final></outcome>
    <outcome name="set"><final effect="echo=value">OK</final></outcome></write>
</command>
<command name="+ACT" section="3" title="context on" source="small">
  <execute><outcome name="on"><final effect="pdp='active'">OK</final></outcome></execute>
</command>
<command name="+DEACT" section="3" title="context off" source="small">
  <execute>
    <outcome name="in use" when="session != 'closed'"><final effect="pdp=unknown">ERROR</final></outcome>
    <outcome name="off"><final effect="pdp='inactive'">OK</final></outcome>
  </execute>
</command>
<command name="+SET" section="4" title="settings" source="small">
  <clause id="LIMIT" section="4" kind="range">20 to 180</clause>
  <clause id="SET" section="4" kind="response">OK</clause>
  <clause id="NAME" section="4" kind="length">at most 8 bytes</clause>
  <reports name="now" base="integer"/>
  <test clause="SET"><final>OK</final></test>
  <write keyword="limit" clause="SET">
    <parameter name="seconds" base="integer" min="20" max="180" optional="yes" clause="LIMIT"/>
    <outcome name="bad" when="invalid"><final>ERROR</final></outcome>
    <outcome name="query" when="not given(seconds)"><info>+SET: "limit",{now = limit}</info> <final>OK</final></outcome>
    <outcome name="set"><final effect="limit=seconds">OK</final></outcome>
  </write>
  <write keyword="mode" clause="SET">
    <parameter name="kind" base="integer"><value v="0">one</value><value v="1">other</value></parameter>
    <outcome name="bad" when="invalid"><final>ERROR</final></outcome>
    <outcome name="set"><final effect="mode=kind">OK</final></outcome>
  </write>
  <write keyword="account" clause="SET">
    <parameter name="who" base="text" max-length="8" clause="NAME" sample="${ftp.user}"/>
    <parameter name="secret" base="text" max-length="8" sample="${ftp.pass}"/>
    <outcome name="bad" when="invalid"><final>ERROR</final></outcome>
    <outcome name="set"><final effect="user=who; password=secret">OK</final></outcome>
  </write>
</command>
<command name="+OPEN" section="5" title="open" source="small">
  <clause id="OPENED" section="5" kind="urc">URC</clause>
  <reports name="err" base="integer"/>
  <execute clause="OPENED" needs="session=closed pdp=active user=${ftp.user} password=${ftp.pass} mode=1" verb="PASS">
    <outcome name="not so" when="session != 'closed'"><final>+CME ERROR: {err}</final></outcome>
    <outcome name="refused" when="server.code &gt;= 400 ?? false"><final>OK</final> <urc effect="session='closed'">+OPEN: {err}</urc></outcome>
    <outcome name="open"><final>OK</final> <urc within="125s" effect="session='idle'; cwd='/'">+OPEN: 0</urc></outcome>
  </execute>
</command>
<command name="+CLOSE" section="5" title="close" source="small">
  <reports name="err" base="integer"/>
  <execute needs="session=idle" verb="QUIT">
    <outcome name="not open" when="session != 'idle'"><final>+CME ERROR: {err}</final></outcome>
    <outcome name="closed"><final>OK</final> <urc within="limit" effect="session='closed'">+CLOSE: 0</urc></outcome>
  </execute>
</command>
<command name="+PUT" section="6" title="upload" source="small">
  <clause id="STORED" section="6" kind="urc">URC</clause>
  <reports name="sent" base="integer"/>
  <reports name="err" base="integer"/>
  <write clause="STORED" needs="session=idle cwd=/" verb="STOR">
    <parameter name="file" base="text" max-length="8" sample="up.bin"/>
    <parameter name="length" base="integer" min="1" sample="10"/>
    <after>data size={length} seed=1</after>
    <outcome name="bad" when="invalid"><final>+CME ERROR: {err}</final>
      <accept reading="R.urc"><final>OK</final> <urc>+PUT: {err}</urc></accept></outcome>
    <outcome name="refused" when="server.code &gt;= 400 ?? false"><final>OK</final> <urc>+PUT: {err}</urc></outcome>
    <outcome name="stored"><connect within="limit"/> <data from="host"/> <final>OK</final> <urc>+PUT: 0,{sent = length}</urc></outcome>
  </write>
</command>
)xml";

/// Loads `elements` as a spec of its own. What is wrong with it is printed.
inline spec::Spec spec_of(std::string_view elements) {
  const std::string path = "/tmp/atspec-small-manual." + std::to_string(::getpid()) + ".xml";
  std::ofstream(path) << R"(<spec name="small" title="small" revision="1">)" << elements << "</spec>";
  spec::Loaded loaded = spec::load({path});
  for (const auto& diagnostic : loaded.diagnostics) std::fprintf(stderr, "%s\n", spec::format(diagnostic).c_str());
  ::unlink(path.c_str());
  return std::move(loaded.spec);
}

}  // namespace atspec::generate
