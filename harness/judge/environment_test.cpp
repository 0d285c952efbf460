#include "harness/judge/environment.hpp"

#include <fmt/format.h>

#include "harness/judge/conversation.hpp"
#include "harness/judge/small_manual.hpp"

namespace atspec::judge {
namespace {

using namespace std::chrono_literals;
using Fact = trace::Fact::Kind;

/// What expressions yield for the exchange `number` of a trace.
struct Asked {
  static const spec::Spec& spec() {
    static const spec::Spec spec = spec_of(small_manual);
    return spec;
  }
  Index index{spec()};
  Session session;
  Control control;
  PeerFiles files;
  Surroundings around{index, session, control, files};
  std::size_t number;
  States states{{{"cwd", "/"}, {"ftp", "idle"}, {"dtr", "1"}, {"cfg.rsptimeout", "90"}}};

  explicit Asked(const trace::Trace& trace, std::size_t exchange = 0)
      : session(read_session(index, trace)),
        control(read_control(trace)),
        files(session, control, index),
        number(exchange) {}

  bool misled() const {
    const Exchange& exchange = session.exchanges.at(number);
    const auto binding = spec::bind(*exchange.form, exchange.invocations[0]);
    return Environment(around, exchange, binding, states).misled();
  }

  std::string operator()(std::string_view expression) const {
    const Exchange& exchange = session.exchanges.at(number);
    const auto binding =
        exchange.form == nullptr ? spec::Binding() : spec::bind(*exchange.form, exchange.invocations[0]);
    const Environment environment(around, exchange, binding, states);
    return spec::to_string(spec::Expression::parse(expression).value().evaluate(environment));
  }
};

Conversation size_asked(std::string_view reply) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("TYPE I").server("200 ok").ftp("SIZE a.bin");
  if (!reply.empty()) conversation.server(reply);
  return conversation.later(1s).line("+QFTPSIZE: 0,7");
}

TEST(Environment, ParametersStatesAndWhatWasGiven) {
  const Asked ask(Conversation().send("AT+QFTPGET=\"a.bin\",\"COM:\"").line("OK"));
  EXPECT_EQ(ask("file_name"), "a.bin");
  EXPECT_EQ(ask("startpos + 1"), "1");
  EXPECT_EQ(ask("given(startpos)"), "false");
  EXPECT_EQ(ask("given(file_name)"), "true");
  EXPECT_EQ(ask("cfg.rsptimeout + 0"), "90");
  EXPECT_EQ(ask("nothing_of_the_kind"), "unknown");
  EXPECT_EQ(ask("no_such_function(1)"), "unknown");
  EXPECT_EQ(ask("length(file_name)"), "5");
  EXPECT_EQ(ask("length(startpos)"), "unknown");
  EXPECT_EQ(ask("invalid"), "false");
  EXPECT_EQ(Asked(Conversation().send("AT+QFTPSIZE=\"123456789\""))("invalid"), "true");
}

TEST(Environment, CodesArePairedAndListed) {
  const Asked ask(Conversation().send("AT"));
  EXPECT_EQ(ask("paired(550)"), "627");
  EXPECT_EQ(ask("paired(0)"), "0");
  EXPECT_EQ(ask("paired(599)"), "unknown");
  EXPECT_EQ(ask("listed(627)"), "true");
  EXPECT_EQ(ask("listed(630)"), "false");
  EXPECT_EQ(ask("listed(file_name)"), "unknown");
}

TEST(Environment, TheServersRepliesSinceTheCommand) {
  const Asked good(size_asked("213 1000"));
  EXPECT_EQ(good("server.ok('SIZE')"), "true");
  EXPECT_EQ(good("server.number('size')"), "1000");
  EXPECT_EQ(good("server.code"), "0");
  EXPECT_EQ(good("server.silent"), "false");
  EXPECT_EQ(good("server.closed"), "false");
  EXPECT_EQ(good("server.saw('TYPE I')"), "true");
  EXPECT_EQ(good("server.saw('TYPE A')"), "false");
  EXPECT_EQ(good("server.ok('RETR')"), "unknown");
  EXPECT_EQ(good("server.asked('SIZE')"), "a.bin");
  EXPECT_EQ(good("server.asked('RETR')"), "unknown");
  EXPECT_EQ(good("resolved(server.asked('RETR'))"), "unknown");
  const Asked bad(size_asked("550 no"));
  EXPECT_EQ(bad("server.ok('SIZE')"), "false");
  EXPECT_EQ(bad("server.number('SIZE')"), "unknown");
  EXPECT_EQ(bad("server.code"), "550");
}

TEST(Environment, AnUnansweredCommandIsASilentServer) {
  const Asked ask(size_asked(""));
  EXPECT_EQ(ask("server.silent"), "true");
  EXPECT_EQ(ask("server.closed"), "false");
  EXPECT_EQ(ask("server.ok('SIZE')"), "false");
  EXPECT_EQ(ask("server.ok('RETR')"), "unknown") << "it was not sent";
}

TEST(Environment, AServerThatNobodyVisitedIsLeftAloneUnlessTheScriptKeepsDevicesAway) {
  const auto asked = [](std::string_view step) {
    Conversation conversation;
    conversation.ftp("NOOP").server("200 ok");
    if (!step.empty()) conversation.fact(Fact::step, std::string(step), "");
    conversation.later(1s).send("AT+QFTPSIZE=\"a.bin\"").line("OK").later(1s).line("+QFTPSIZE: 0,7");
    return Asked(conversation)("server.left_alone");
  };
  EXPECT_EQ(asked(""), "true");
  EXPECT_EQ(asked("peer on CONNECT close"), "unknown");
  EXPECT_EQ(Asked(size_asked("213 7"))("server.left_alone"), "false");
}

TEST(Environment, ADirectoryThatTheScriptSaysWasChangedIsNotWhereFilesAre) {
  const auto resolved = [](std::string_view step) {
    Conversation conversation;
    conversation.fact(Fact::step, std::string(step), "");
    conversation.send("AT+QFTPCWD=\"sub\"").line("OK").ftp("CWD sub").server("250 ok").line("+QFTPCWD: 0,0");
    return Asked(conversation)("resolved(path_name)");
  };
  EXPECT_EQ(resolved("peer on SIZE reply \"226 no\""), "/sub");
  EXPECT_EQ(resolved("peer on CWD reply \"226 no\""), "unknown");
  EXPECT_EQ(resolved("peer on CWD reply \"550 no\""), "/sub") << "a refusal changes nothing";
}

TEST(Environment, AnEpsvThatIsFollowedByPasvIsNoRefusal) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"")
      .line("OK")
      .ftp("EPSV")
      .server("502 no")
      .ftp("PASV")
      .server("227 (1,2,3,4,5,6)");
  conversation.ftp("SIZE a.bin").server("213 7").later(1s).line("+QFTPSIZE: 0,7");
  EXPECT_EQ(Asked(conversation)("server.code"), "0");
}

TEST(Environment, AnEprtThatIsFollowedByPortIsNoRefusal) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("EPRT |1|1.2.3.4|5|").server("500 no");
  conversation.ftp("PORT 1,2,3,4,0,5").server("200 ok").ftp("SIZE a.bin").server("213 7").later(1s);
  EXPECT_EQ(Asked(conversation.line("+QFTPSIZE: 0,7"))("server.code"), "0");
}

TEST(Environment, MoreThanOneReplyMayMisleadAndLinesOfOneDoNot) {
  const auto misled = [](std::string_view text) {
    Conversation conversation;
    conversation.fact(Fact::step, "peer on SIZE preface \"" + std::string(text) + "\"", "");
    conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").later(1s);
    return Asked(conversation.line("+QFTPSIZE: 0,7")).misled();
  };
  EXPECT_TRUE(misled("550 no"));
  EXPECT_TRUE(misled(""));
  EXPECT_FALSE(misled("213-soon"));
}

TEST(Environment, GarbageBetweenTwoCommandsIsNoAnswerAndYetMayMislead) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("TYPE I").server("200 ok\r\nOK").ftp("SIZE a.bin");
  conversation.server("213 7").line("+QFTPSIZE: 0,7");
  const Asked ask(conversation);
  EXPECT_EQ(ask("server.garbled"), "false");
  EXPECT_TRUE(ask.misled());
  EXPECT_FALSE(Asked(size_asked("213 7")).misled());
}

TEST(Environment, TheLateAnswerToAnUploadIsNotThatToAnotherCommand) {
  Conversation conversation;
  conversation.send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT").ftp("STOR a.bin").line("OK").line("+QFTPPUT: 0,0");
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").server("426 cut").ftp("SIZE a.bin").server("213 7");
  conversation.line("+QFTPSIZE: 0,7");
  EXPECT_EQ(Asked(conversation, 1)("server.code"), "0");
  EXPECT_EQ(Asked(conversation, 1)("server.ok('SIZE')"), "true");
}

TEST(Environment, AnAnswerAfterTheUrcCameTooLateToCount) {
  const Asked ask(size_asked("").later(1s).server("550 late"));
  EXPECT_EQ(ask("server.silent"), "true");
  EXPECT_EQ(ask("server.code"), "0");
}

TEST(Environment, AServerWhoseScriptHangsUpIsClosedAndNotSilent) {
  Conversation conversation;
  conversation.step("peer on SIZE close");
  conversation.body().send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").later(1s).line("+QFTPSIZE: 0,7");
  const Asked ask(conversation);
  EXPECT_EQ(ask("server.closed"), "true");
  EXPECT_EQ(ask("server.silent"), "false");
  EXPECT_EQ(Asked(size_asked("421 bye"))("server.closed"), "true");
}

TEST(Environment, WhatTheServerSaidToAnEarlierCommandDoesNotCount) {
  Conversation conversation = size_asked("550 no");
  conversation.later(1s)
      .send("AT+QFTPSIZE=\"b.bin\"")
      .line("OK")
      .ftp("SIZE b.bin")
      .server("213 5")
      .line("+QFTPSIZE: 0,5");
  EXPECT_EQ(Asked(conversation, 1)("server.code"), "0");
  EXPECT_EQ(Asked(conversation, 1)("server.number('SIZE')"), "5");
  EXPECT_EQ(Asked(conversation, 0)("server.code"), "550");
}

TEST(Environment, AtTheSameInstantTheOrderOfRecordsDecides) {
  trace::Trace trace;
  trace.peer_level = "scripted";
  const auto add = [&](trace::Channel channel, std::string_view bytes) {
    trace.records.emplace_back(trace::make_chunk(io::Time(1s), channel, 1, bytes));
  };
  add(trace::Channel::control_from_peer, "220 hello\r\n");
  add(trace::Channel::control_to_peer, "SIZE old\r\n");
  add(trace::Channel::control_from_peer, "550 no\r\n");
  add(trace::Channel::to_device, "AT+QFTPSIZE=\"a.bin\"\r");
  add(trace::Channel::control_to_peer, "SIZE a.bin\r\n");
  add(trace::Channel::control_from_peer, "213 7\r\n");
  add(trace::Channel::from_device, "\r\nOK\r\n\r\n+QFTPSIZE: 0,7\r\n");
  add(trace::Channel::to_device, "AT+QFTPSIZE=\"b.bin\"\r");
  add(trace::Channel::control_to_peer, "SIZE b.bin\r\n");
  add(trace::Channel::control_from_peer, "550 no\r\n");
  add(trace::Channel::from_device, "\r\nOK\r\n\r\n+QFTPSIZE: 627,550\r\n");
  EXPECT_EQ(Asked(trace)("server.code"), "0");
  EXPECT_EQ(Asked(trace)("server.number('SIZE')"), "7");
  EXPECT_EQ(Asked(trace, 1)("server.code"), "550");
}

TEST(Environment, WithoutAPeerLogTheServerIsUnknown) {
  const Asked ask(Conversation().send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: 0,7"));
  for (const char* name :
       {"server.code", "server.silent", "server.closed", "server.ok('SIZE')", "server.saw('SIZE a')"}) {
    EXPECT_EQ(ask(name), "unknown") << name;
  }
}

TEST(Environment, ThePathOfA257) {
  const auto asked = [](std::string_view reply) {
    Conversation conversation;
    conversation.send("AT+QFTPCWD=\"x\"").line("OK").ftp("PWD").server(reply).line("+QFTPCWD: 0,0");
    return Asked(conversation)("server.path('PWD')");
  };
  EXPECT_EQ(asked("257 \"/a\" here"), "/a");
  EXPECT_EQ(asked("257 here"), "");
  EXPECT_EQ(asked("550 no"), "unknown");
}

TEST(Environment, AReplyWithoutANumberIsMinusOneAndGarbageIsSeen) {
  EXPECT_EQ(Asked(size_asked("213 about 7"))("server.number('SIZE')"), "-1");
  EXPECT_EQ(Asked(size_asked("213 about 7"))("server.garbled"), "false");
  EXPECT_EQ(Asked(size_asked("twohundred"))("server.garbled"), "true");
}

TEST(Environment, WhereThePeerIsAndWhereAPathLeads) {
  Conversation conversation;
  conversation.send("AT+QFTPCWD=\"x\"").line("OK").line("+QFTPCWD: 0,0");
  conversation.trace().tokens = {{"ftp.host", "192.0.2.1"}, {"ftp.port", "2121"}};
  Asked ask(conversation);
  EXPECT_EQ(ask("peer.host"), "192.0.2.1");
  EXPECT_EQ(ask("peer.port + 0"), "2121");
  EXPECT_EQ(ask("resolved(path_name)"), "/x");
  EXPECT_EQ(ask("connected"), "false");
  ask.states.forget("cwd");
  EXPECT_EQ(ask("resolved(path_name)"), "unknown");
}

TEST(Environment, ThePeersFilesBeforeTheBody) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "12345").fact(Fact::file_before, "/D/", "").body();
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: 0,5");
  Asked ask(conversation);
  EXPECT_EQ(ask("peer.has(file_name)"), "true");
  EXPECT_EQ(ask("peer.size(file_name)"), "5");
  EXPECT_EQ(ask("peer.has('b.bin')"), "false");
  EXPECT_EQ(ask("peer.is_directory('D')"), "true");
  EXPECT_EQ(ask("peer.is_directory(file_name)"), "false");
  ask.states.forget("cwd");
  EXPECT_EQ(ask("peer.has(file_name)"), "unknown");
  EXPECT_EQ(ask("peer.has('/a.bin')"), "true");
}

TEST(Environment, ThePeersFilesAtTheEnd) {
  Conversation conversation;
  conversation.body().send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT").raw("hello").later(1500ms).raw("+++");
  conversation.later(1500ms).line("OK").line("+QFTPPUT: 0,5").fact(Fact::file_after, "/a.bin", "XXhello");
  const Asked ask(conversation);
  EXPECT_EQ(ask("peer.after.has(file_name)"), "true");
  EXPECT_EQ(ask("peer.after.size(file_name)"), "7");
  EXPECT_EQ(ask("peer.after.is_sent(file_name, 2)"), "true");
  EXPECT_EQ(ask("peer.after.is_sent(file_name, 0)"), "false");
  EXPECT_EQ(ask("peer.after.is_sent(file_name, 9)"), "false");
  EXPECT_EQ(ask("peer.after.has('b.bin')"), "false");
  EXPECT_EQ(ask("data.sent"), "5");
  EXPECT_EQ(ask("escaped"), "true");
}

Conversation renamed(std::string_view after, std::string_view content) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "12345").fact(Fact::file_before, "/D/", "").body();
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("RNFR a.bin").server("350 go on").ftp("RNTO b.bin");
  conversation.server("250 done").line("+QFTPSIZE: 0,5").fact(Fact::file_after, "/D/", "");
  if (!after.empty()) conversation.fact(Fact::file_after, after, content);
  return conversation;
}

TEST(Environment, WhatWasMovedIsTheSameElsewhere) {
  EXPECT_EQ(Asked(renamed("/b.bin", "12345"))("peer.after.is_moved(file_name, 'b.bin')"), "true");
  EXPECT_EQ(Asked(renamed("/b.bin", "12345"))("peer.after.has(file_name)"), "false");
  EXPECT_EQ(Asked(renamed("/b.bin", "12346"))("peer.after.is_moved(file_name, 'b.bin')"), "false");
  EXPECT_EQ(Asked(renamed("/b.bin", "1234"))("peer.after.is_moved(file_name, 'b.bin')"), "false");
  EXPECT_EQ(Asked(renamed("/b.bin/", ""))("peer.after.is_moved(file_name, 'b.bin')"), "false") << "a directory";
  EXPECT_EQ(Asked(renamed("", ""))("peer.after.is_moved(file_name, 'b.bin')"), "false");
  EXPECT_EQ(Asked(renamed("/E/", ""))("peer.after.is_moved('D', 'E')"), "true");
  EXPECT_EQ(Asked(renamed("/E/", ""))("peer.after.is_moved('F', 'E')"), "unknown") << "there was none";
  EXPECT_EQ(Asked(renamed("", ""))("peer.after.is_directory('D')"), "true");
  EXPECT_EQ(Asked(renamed("/b.bin", ""))("peer.after.is_directory('b.bin')"), "false");
}

Conversation removed_by_script(std::string_view script) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "12345").step(script).body();
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("DELE a.bin").server("250 gone").line("+QFTPSIZE: 0,5");
  conversation.fact(Fact::file_after, "/a.bin", "12345");
  return conversation;
}

TEST(Environment, AScriptThatClaimsADeedProvesNothingOfTheFiles) {
  EXPECT_EQ(Asked(removed_by_script("peer on DELE reply \"250 gone\""))("peer.after.has(file_name)"), "unknown");
  EXPECT_EQ(Asked(removed_by_script("peer on * reply \"250 gone\""))("peer.after.has(file_name)"), "unknown");
  EXPECT_EQ(Asked(removed_by_script("peer on DELE reply \"550 no\""))("peer.after.has(file_name)"), "true");
  EXPECT_EQ(Asked(removed_by_script("peer on SIZE reply \"213 5\""))("peer.after.has(file_name)"), "true");
}

TEST(Environment, TheTimeTheServerSaid) {
  EXPECT_EQ(Asked(size_asked("213 20140708110039.125"))("server.time('SIZE')"), "20140708110039.125");
  EXPECT_EQ(Asked(size_asked("213 yesterday"))("server.time('SIZE')"), "");
  EXPECT_EQ(Asked(size_asked("550 no"))("server.time('SIZE')"), "unknown");
}

/// An upload of `sent`, then a download that brings `received`.
Conversation back_and_forth(std::string_view sent, std::string_view received) {
  Conversation conversation;
  conversation.send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT").raw(sent).later(1500ms).raw("+++");
  conversation.later(1500ms).line("OK").line(fmt::format("+QFTPPUT: 0,{}", sent.size()));
  conversation.send("AT+QFTPGET=\"a.bin\",\"COM:\"").line("CONNECT").device(received).line("OK");
  conversation.line(fmt::format("+QFTPGET: 0,{}", received.size()));
  return conversation;
}

TEST(Environment, WhatWasSentIsKnownAgainWhenItComesBack) {
  const std::string hash = Asked(back_and_forth("hello", "hello"), 0)("data.sent_hash");
  EXPECT_TRUE(hash.starts_with("#")) << hash;
  const auto was_sent = [&](std::string_view received, int offset, const std::string& which) {
    return Asked(back_and_forth("hello", received), 1)(fmt::format("data.was_sent('{}', {})", which, offset));
  };
  EXPECT_EQ(was_sent("hello", 0, hash), "true");
  EXPECT_EQ(was_sent("ell", 1, hash), "true");
  EXPECT_EQ(was_sent("hellp", 0, hash), "false");
  EXPECT_EQ(was_sent("hello!", 0, hash), "false");
  EXPECT_EQ(was_sent("hello", 1, hash), "false");
  EXPECT_EQ(was_sent("hello", 9, hash), "false");
  EXPECT_EQ(was_sent("hello", 0, "#another"), "unknown") << "of another trace";
  EXPECT_EQ(Asked(back_and_forth("hello", "hello"), 1)("data.was_sent(nothing, 0)"), "unknown");
  EXPECT_NE(Asked(back_and_forth("hellp", "x"), 0)("data.sent_hash"), hash);
}

TEST(Environment, TheMediumOfAFileStandsBeforeItsColon) {
  const Asked ask(Conversation().send("AT"));
  EXPECT_EQ(ask("medium('RAM:a:b')"), "RAM");
  EXPECT_EQ(ask("medium('a')"), "unknown");
  EXPECT_EQ(ask("medium(nothing)"), "unknown");
}

TEST(Environment, AFileTooLargeToKeepIsComparedByItsHash) {
  const auto content = io::pattern(100'000, 7);
  Conversation conversation;
  conversation.body().send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT");
  for (std::size_t i = 0; i < content.size(); i += 50'000) conversation.raw(content.substr(i, 50'000));
  conversation.later(1500ms).raw("+++").later(1500ms).line("OK").line("+QFTPPUT: 0,100000");
  conversation.fact(Fact::file_after, "/a.bin", content);
  auto& fact = std::get<trace::Fact>(conversation.trace().records.back());
  fact.value.clear();
  const std::string verdict = Asked(conversation)("peer.after.is_sent(file_name, 0)");
  EXPECT_TRUE(verdict == "true" || verdict == "unknown") << verdict;
  fact.hash = "0000000000000000";
  EXPECT_NE(Asked(conversation)("peer.after.is_sent(file_name, 0)"), "true");
}

TEST(Environment, DroppingDtrIsAWayOutOfDataModeOnlyUnderD1AndD2) {
  Conversation conversation;
  conversation.send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT").raw("x").step("dtr off").line("OK");
  conversation.fact(Fact::body, "", "");
  Asked ask(conversation);
  EXPECT_EQ(ask("escaped"), "true");
  ask.states.assign("dtr", std::int64_t{0});
  EXPECT_EQ(ask("escaped"), "false");
  ask.states.forget("dtr");
  EXPECT_EQ(ask("escaped"), "unknown");
  EXPECT_EQ(Asked(Conversation().send("AT"))("escaped"), "false");
}

TEST(Environment, SilenceIsKnownOnlyWhenAWaitRanOut) {
  EXPECT_EQ(Asked(Conversation().send("AT+QFTPSIZE=?"))("silent"), "unknown");
  EXPECT_EQ(Asked(Conversation().send("AT+QFTPSIZE=?").later(5s).timed_out("final"))("silent"), "true");
  EXPECT_EQ(Asked(Conversation().send("AT+QFTPSIZE=?").line("OK"))("silent"), "false");
}

}  // namespace
}  // namespace atspec::judge
