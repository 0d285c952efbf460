#include "harness/judge/environment.hpp"

#include <fmt/format.h>

#include "harness/judge/asked.hpp"

namespace atspec::judge {
namespace {

using namespace std::chrono_literals;
using Fact = trace::Fact::Kind;

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
  EXPECT_EQ(asked("peer on CONNECT close"), "false");
  EXPECT_EQ(asked("peer on CONNECT refuse for 30s"), "false");
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

TEST(Environment, APasvThatIsFollowedByEpsvIsNoRefusal) {
  Conversation conversation;
  conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("PASV").server("502 no").ftp("EPSV");
  conversation.server("229 (|||5|)").ftp("SIZE a.bin").server("213 7").later(1s).line("+QFTPSIZE: 0,7");
  EXPECT_EQ(Asked(conversation)("server.code"), "0");
}

TEST(Environment, NothingIsWrongButTheLengthOfAText) {
  const auto overlong = [](const char* line) { return Asked(Conversation().send(line))("overlong"); };
  EXPECT_EQ(overlong("AT+QFTPSIZE=\"a.bin\""), "false");
  EXPECT_EQ(overlong("AT+QFTPSIZE=\"123456789\""), "true");
  EXPECT_EQ(overlong("AT+QFTPSIZE=\"123456789\",1"), "false");
  EXPECT_EQ(overlong("AT+QFTPSIZE=123456789"), "false");
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

TEST(Environment, HalfALineAndALateReplyMayMisleadAndAReplyInPiecesDoesNot) {
  const auto misled = [](std::string_view action) {
    Conversation conversation;
    conversation.fact(Fact::step, "peer on SIZE " + std::string(action), "");
    conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp("SIZE a.bin").server("213 7").later(1s);
    return Asked(conversation.line("+QFTPSIZE: 0,7")).misled();
  };
  EXPECT_TRUE(misled(R"(stray "226 late" after 2s)"));
  EXPECT_TRUE(misled(R"(raw "213 7")"));
  EXPECT_TRUE(misled(R"(raw "" times 1)"));
  EXPECT_TRUE(misled(R"(raw "213 7\r\n" "\\n" every 1s)")) << "a backslash and an n";
  EXPECT_TRUE(misled(R"(raw "213 7\r\n" "226 late\r\n" every 1s)"));
  EXPECT_TRUE(misled(R"(raw "213-7\r\n" "more\r\n" every 1s)")) << "the last line is missing";
  EXPECT_FALSE(misled(R"(raw "213-7\r\n" "more\r\n213 7\r\n" every 1s)"));
  EXPECT_FALSE(misled(R"(raw "21" "3 \"7\r" "\n" every 300ms times 1)"));
}

TEST(Environment, ARawAnswerCountsAsWhatItsPiecesSayTogether) {
  const auto asked = [](std::string_view action, std::string_view what) {
    Conversation conversation;
    conversation.fact(Fact::step, "peer on CWD " + std::string(action), "");
    conversation.send("AT+QFTPCWD=\"sub\"").line("OK").ftp("CWD sub").line("+QFTPCWD: 0,0");
    return Asked(conversation)(what);
  };
  EXPECT_EQ(asked(R"(raw "" "25" "0 ok\r\n" every 1s)", "resolved(path_name)"), "unknown");
  EXPECT_EQ(asked(R"(raw "5" "50 no\r\n" every 1s)", "resolved(path_name)"), "/sub");
  EXPECT_EQ(asked(R"(raw "42" "1 bye\r\n" every 1s)", "server.closed"), "true");
  EXPECT_EQ(asked(R"(raw "550 421\r\n")", "server.closed"), "false");
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

TEST(Environment, AHalfClosedServerIsClosedAndOneThatRefusesMayBe) {
  const auto asked = [](std::string_view step, std::string_view verb) {
    Conversation conversation;
    conversation.step(std::string(step));
    conversation.body().send("AT+QFTPSIZE=\"a.bin\"").line("OK");
    if (!verb.empty()) conversation.ftp(std::string(verb));
    const Asked ask(conversation.later(1s).line("+QFTPSIZE: 0,7"));
    return ask("server.closed");
  };
  EXPECT_EQ(asked("peer on SIZE half-close", "SIZE a.bin"), "true");
  EXPECT_EQ(asked("peer on CONNECT refuse for 30s", ""), "unknown");
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

TEST(Environment, TheTimeTheServerSaid) {
  EXPECT_EQ(Asked(size_asked("213 20140708110039.125"))("server.time('SIZE')"), "20140708110039.125");
  EXPECT_EQ(Asked(size_asked("213 yesterday"))("server.time('SIZE')"), "");
  EXPECT_EQ(Asked(size_asked("213 20140708110039"))("server.full_time('SIZE')"), "20140708110039.000");
  EXPECT_EQ(Asked(size_asked("213 20140708110039.125"))("server.full_time('SIZE')"), "20140708110039.125");
  EXPECT_EQ(Asked(size_asked("213 yesterday"))("server.full_time('SIZE')"), "");
  EXPECT_EQ(Asked(size_asked("550 no"))("server.time('SIZE')"), "unknown");
}

/// An upload of `sent`, then a download that brings `received`.
TEST(Environment, WhatAListingWasAskedOf) {
  const auto asked = [](std::string_view line) {
    Conversation conversation;
    conversation.send("AT+QFTPSIZE=\"a.bin\"").line("OK").ftp(line).server("226 done").later(1s);
    return Asked(conversation.line("+QFTPSIZE: 0,7"))("server.asked('LIST')");
  };
  EXPECT_EQ(asked("LIST D"), "D");
  EXPECT_EQ(asked("LIST"), ".");
  EXPECT_EQ(asked("LIST "), ".");
  EXPECT_EQ(asked("LIST -la D"), "unknown");
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
