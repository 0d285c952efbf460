// A manual of a few commands that has one of everything the judge looks at.
#pragma once

#include <string_view>

namespace atspec::judge {

inline constexpr std::string_view small_manual = R"xml(
<clause id="ECHO" section="1" kind="response">no echo</clause>
<clause id="FRAME" section="1" kind="response">framed</clause>
<clause id="BLANKS" section="1" kind="response">blanks</clause>
<clause id="ONE-FINAL" section="1" kind="response">one final</clause>
<clause id="ONE-URC" section="1" kind="response">one urc</clause>
<clause id="ORDER" section="1" kind="response">ok first</clause>
<clause id="LISTED" section="5" kind="response">in the table</clause>
<clause id="SENT" section="6" kind="response">sent by the server</clause>
<clause id="PREFIX" section="1" kind="response">AT</clause>
<clause id="SILENCE" section="1" kind="response">nothing before CR</clause>
<clause id="DATA" section="1" kind="response">data is data</clause>
<clause id="QUIET" section="1" kind="response">nothing is said in an upload</clause>
<clause id="GUARD" section="1" kind="response">guard</clause>
<clause id="WINDOW" section="1" kind="response">window</clause>
<clause id="TABLE" section="5" kind="response">table</clause>
<clause id="ERR-601" section="5" kind="response">unknown</clause>
<clause id="ERR-603" section="5" kind="response">busy</clause>
<clause id="ERR-609" section="5" kind="response">timeout</clause>
<clause id="ERR-610" section="5" kind="response">parameter</clause>
<clause id="ERR-627" section="5" kind="response">not taken</clause>
<clause id="PROTO-550" section="6" kind="response">unavailable</clause>
<clause id="MAP-550" section="5" kind="response" level="inferred">550 is 627</clause>
<clause id="MAP-553" section="5" kind="response" level="inferred">553 is 630</clause>

<rule name="framing" clause="FRAME"/>
<rule name="no-echo" clause="ECHO"/>
<rule name="report-line" clause="BLANKS"/>
<rule name="one-final-result" clause="ONE-FINAL"/>
<rule name="one-completion" clause="ONE-URC"/>
<rule name="ok-before-urc" clause="ORDER"/>
<rule name="result-listed" clause="LISTED"/>
<rule name="protocol-listed" clause="SENT"/>
<rule name="no-command-without-prefix" clause="PREFIX"/>
<rule name="silence-before-cr" clause="SILENCE"/>
<rule name="data-is-not-command" clause="DATA"/>
<rule name="silence-in-upload" clause="QUIET"/>
<rule name="guard-time" clause="GUARD" value="1s"/>
<rule name="escape-window" clause="WINDOW" value="1s"/>

<type name="name" base="text" max-length="8"/>
<type name="err" base="integer" codes="result"/>
<type name="protocol_error" base="integer" codes="protocol"/>

<state name="ftp" initial="closed">connection</state>
<state name="cwd" initial="/">directory</state>
<state name="echo" initial="1">echo</state>
<state name="verbose" initial="1">words</state>
<state name="dtr" initial="1">DTR</state>
<state name="cfg.rsptimeout" initial="90" saved="yes">time</state>
<state name="cfg.account">account</state>
<state name="card" values="yes no" reference="yes" given="yes">card</state>

<codes name="result" clause="TABLE">
  <code v="601" name="unknown" clause="ERR-601">unknown</code>
  <code v="603" name="busy" clause="ERR-603">busy</code>
  <code v="609" name="timeout" clause="ERR-609">timeout</code>
  <code v="610" name="invalid-parameter" clause="ERR-610">parameter</code>
  <code v="627" name="service" clause="ERR-627">not taken</code>
</codes>
<codes name="protocol" clause="TABLE">
  <code v="550" clause="PROTO-550" pair="627" pair-clause="MAP-550">unavailable</code>
  <code v="553" clause="PROTO-550" pair="630" pair-clause="MAP-553">name</code>
</codes>

<ambiguity id="A01" question="blanks?" why="both printed">
  <reading id="one" preferred="yes">one</reading><reading id="any" accepted="blanks are free">any</reading>
</ambiguity>
<ambiguity id="A11" question="refusal?" why="both printed">
  <reading id="cme" preferred="yes">+CME ERROR</reading><reading id="error">ERROR</reading>
</ambiguity>
<ambiguity id="A34" question="order?" why="both printed">
  <reading id="ok-first" preferred="yes">OK first</reading><reading id="either">either</reading>
</ambiguity>

<group name="refusals">
  <outcome name="invalid" when="invalid">
    <final>+CME ERROR: {err = 610}</final>
    <accept reading="A11.error"><final>ERROR</final></accept>
  </outcome>
  <outcome name="not-open" when="ftp = 'closed'"><final>+CME ERROR: {err}</final></outcome>
  <outcome name="busy" when="ftp = 'busy' or ftp = 'transfer'"><final>+CME ERROR: {err = 603}</final></outcome>
</group>

<command name="+QFTPSIZE" section="2.7" title="size" source="manual">
  <clause id="SIZE-LIMIT" section="2.7" kind="response">time</clause>
  <clause id="SIZE-TEST" section="2.7" kind="response">test form</clause>
  <clause id="SIZE-SET" section="2.7" kind="response">set form</clause>
  <clause id="SIZE-OK" section="2.7" kind="response">size</clause>
  <clause id="SIZE-FAIL" section="2.7" kind="response">failure</clause>
  <clause id="SIZE-REFUSED" section="2.7" kind="response">refusal</clause>
  <clause id="SIZE-NAME" section="2.7" kind="response">length</clause>
  <clause id="SIZE-VALUE" section="2.7" kind="response">value</clause>
  <clause id="SIZE-ERR" section="2.7" kind="response">err</clause>
  <reports name="file_size" base="integer" min="0" clause="SIZE-VALUE"/>
  <reports name="err" type="err" clause="SIZE-ERR"/>
  <reports name="protocol_error" type="protocol_error" clause="SIZE-ERR"/>
  <test clause="SIZE-TEST"><info>+QFTPSIZE: &lt;file_name&gt;</info><final>OK</final></test>
  <write clause="SIZE-SET" verb="SIZE">
    <parameter name="file_name" type="name" clause="SIZE-NAME" sample="a.bin"/>
    <use group="refusals" clause="SIZE-REFUSED"/>
    <outcome name="size" when="server.ok('SIZE') ?? peer.has(file_name)" clause="SIZE-OK">
      <final effect="ftp='busy'" within="300ms">OK</final>
      <urc within="cfg.rsptimeout" clause="SIZE-LIMIT" effect="ftp='idle'">+QFTPSIZE: 0,{file_size = server.number('SIZE') ?? peer.size(file_name)}</urc>
      <accept reading="A34.either">
        <urc within="cfg.rsptimeout" clause="SIZE-LIMIT" effect="ftp='idle'">+QFTPSIZE: 0,{file_size = server.number('SIZE') ?? peer.size(file_name)}</urc>
        <final>OK</final>
      </accept>
    </outcome>
    <outcome name="failure" when="server.code != 0 or server.silent" clause="SIZE-FAIL">
      <final effect="ftp='busy'" within="300ms">OK</final>
      <urc within="cfg.rsptimeout" clause="SIZE-LIMIT" effect="ftp='idle'">+QFTPSIZE: {err = paired(protocol_error)},{protocol_error = server.code}</urc>
    </outcome>
    <outcome name="unclear" clause="SIZE-FAIL">
      <final effect="ftp='busy'" within="300ms">OK</final>
      <urc within="cfg.rsptimeout" clause="SIZE-LIMIT" effect="ftp='idle'">+QFTPSIZE: {err},{protocol_error}</urc>
    </outcome>
  </write>
</command>

<command name="E" section="6.2.4" title="echo">
  <write>
    <parameter name="value" base="integer" sample="0"><value v="0">off</value><value v="1">on</value></parameter>
    <outcome name="set"><final effect="echo=value">OK</final></outcome>
  </write>
</command>

<command name="+QFTPCFG" section="2.1" title="settings" source="manual">
  <clause id="CFG-TIME" section="2.1" kind="response">20 to 180</clause>
  <clause id="CFG-SET" section="2.1" kind="response">set</clause>
  <clause id="CFG-OK" section="2.1" kind="response">ok</clause>
  <clause id="CFG-QUERY" section="2.1" kind="response">query</clause>
  <clause id="CFG-BAD" section="2.1" kind="response">bad</clause>
  <reports name="value" base="integer" min="20" max="180" clause="CFG-QUERY"/>
  <write keyword="rsptimeout" clause="CFG-SET">
    <parameter name="timeout" base="integer" min="20" max="180" clause="CFG-TIME" optional="yes" sample="90"/>
    <outcome name="bad" when="invalid" clause="CFG-BAD"><final>ERROR</final></outcome>
    <outcome name="query" when="not given(timeout)" clause="CFG-QUERY">
      <info>+QFTPCFG: "rsptimeout",{value = cfg.rsptimeout}</info><final>OK</final>
    </outcome>
    <outcome name="set" clause="CFG-OK"><final effect="cfg.rsptimeout=timeout">OK</final></outcome>
  </write>
</command>

<command name="+QFLST" section="[4]" title="files" source="other">
  <clause id="LIST" section="[4]" kind="response">a line per file</clause>
  <reports name="path" base="text"/>
  <execute clause="LIST"><info repeated="yes">+QFLST: {path}</info><final>OK</final></execute>
</command>

<command name="+QFTPPUT" section="2.5" title="upload" source="manual">
  <clause id="PUT-OK" section="2.5" kind="response">upload</clause>
  <clause id="PUT-LEN" section="2.5" kind="response">length</clause>
  <clause id="PUT-FILE" section="2.5" kind="response">the file arrives</clause>
  <reports name="transferlen" base="integer" min="0" clause="PUT-LEN"/>
  <write verb="STOR">
    <parameter name="file_name" type="name" sample="a.bin"/>
    <parameter name="local_name" type="name" sample="COM:"/>
    <after>
      data size=5
      escape
    </after>
    <outcome name="put" when="ftp = 'idle' and escaped" clause="PUT-OK">
      <connect effect="ftp='transfer'" within="90s">CONNECT</connect>
      <data from="host"/>
      <final>OK</final>
      <urc effect="ftp='idle'">+QFTPPUT: 0,{transferlen = data.sent}</urc>
      <check clause="PUT-FILE" holds="peer.after.is_sent(file_name, 0)">the file has what was sent</check>
    </outcome>
  </write>
</command>

<command name="+QFTPGET" section="2.6" title="download" source="manual">
  <clause id="GET-OK" section="2.6" kind="response">download</clause>
  <clause id="GET-LEN" section="2.6" kind="response">length</clause>
  <clause id="GET-FILE" section="2.6" kind="response">the bytes</clause>
  <clause id="GET-DEFAULT" section="2.6" kind="response">from the start</clause>
  <reports name="transferlen" base="integer" min="0" clause="GET-LEN"/>
  <write verb="RETR">
    <parameter name="file_name" type="name" sample="a.bin"/>
    <parameter name="local_name" type="name" sample="COM:"/>
    <parameter name="startpos" base="integer" min="0" optional="yes" default="0" default-clause="GET-DEFAULT"/>
    <outcome name="get" when="ftp = 'idle'" clause="GET-OK">
      <connect effect="ftp='transfer'" within="90s">CONNECT</connect>
      <data from="device"/>
      <final>OK</final>
      <urc effect="ftp='idle'">+QFTPGET: 0,{transferlen = data.received}</urc>
      <check clause="GET-FILE" holds="data.is_file(file_name, startpos)">these are the file's bytes</check>
    </outcome>
  </write>
</command>

<command name="+QMUTE" section="9" title="answers nothing" source="manual">
  <clause id="MUTE" section="9" kind="response">silent</clause>
  <execute>
    <outcome name="mute" when="silent" clause="MUTE"/>
    <outcome name="loud"><final>OK</final></outcome>
  </execute>
</command>

<command name="+QFTPCWD" section="2.3" title="directory" source="manual">
  <clause id="CWD-OK" section="2.3" kind="response">changed</clause>
  <write verb="CWD">
    <parameter name="path_name" type="name" sample="TEST"/>
    <outcome name="changed" clause="CWD-OK">
      <final>OK</final>
      <urc effect="cwd=resolved(path_name)">+QFTPCWD: 0,0</urc>
    </outcome>
  </write>
</command>
)xml";

}  // namespace atspec::judge
