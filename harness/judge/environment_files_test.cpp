#include <fmt/format.h>

#include "harness/judge/asked.hpp"

namespace atspec::judge {
namespace {

using namespace std::chrono_literals;
using Fact = trace::Fact::Kind;

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

TEST(Environment, AnEarlierSegmentIsInTheFileAtTheEnd) {
  const auto verdict = [](std::string_view content, int offset) {
    Conversation conversation;
    conversation.body().send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("CONNECT").raw("hello").later(1500ms).raw("+++");
    conversation.later(1500ms).line("OK").line("+QFTPPUT: 0,5");
    conversation.send("AT+QFTPPUT=\"a.bin\",\"COM:\",5").line("CONNECT").raw("you").later(1500ms).raw("+++");
    conversation.later(1500ms).line("OK").line("+QFTPPUT: 0,3").fact(Fact::file_after, "/a.bin", content);
    const std::string hash = Asked(conversation, 0)("data.sent_hash");
    return Asked(conversation, 1)(fmt::format("peer.after.was_sent(file_name, '{}', {})", hash, offset));
  };
  EXPECT_EQ(verdict("helloyou", 0), "true");
  EXPECT_EQ(verdict("hallloyou", 0), "false");
  EXPECT_EQ(verdict("you", 0), "false");
  EXPECT_EQ(verdict("xhelloyou", 1), "true");
  Conversation other;
  other.body().send("AT+QFTPSIZE=\"a.bin\"").line("OK").line("+QFTPSIZE: 0,5").fact(Fact::file_after, "/a.bin", "x");
  EXPECT_EQ(Asked(other)("peer.after.was_sent(file_name, '#another', 0)"), "unknown");
}

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

}  // namespace
}  // namespace atspec::judge
