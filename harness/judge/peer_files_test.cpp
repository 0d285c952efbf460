#include "harness/judge/peer_files.hpp"

#include "harness/judge/conversation.hpp"
#include "harness/judge/small_manual.hpp"

namespace atspec::judge {
namespace {

using Fact = trace::Fact::Kind;

struct Looked {
  spec::Spec spec = spec_of(small_manual);
  Index index{spec};
  Session session;
  Control control;
  PeerFiles files;
  explicit Looked(const trace::Trace& trace)
      : session(read_session(index, trace)), control(read_control(trace)), files(session, control, index) {}
  Moment end() const { return {session.end + std::chrono::seconds(1), session.trace->records.size()}; }
};

TEST(PeerFiles, ARelativePathIsTakenFromTheCurrentDirectory) {
  EXPECT_EQ(absolute_path("a.bin", "/TEST"), "/TEST/a.bin");
  EXPECT_EQ(absolute_path("../a.bin", "/TEST"), "/a.bin");
  EXPECT_EQ(absolute_path("../../..", "/TEST"), "/");
  EXPECT_EQ(absolute_path("/x//y/./z/", std::nullopt), "/x/y/z");
  EXPECT_EQ(absolute_path("a.bin", std::nullopt), std::nullopt);
}

TEST(PeerFiles, AFileIsKnownUntilItsNameIsWritten) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "12345").body();
  conversation.ftp("SIZE a.bin").ftp("STOR b.bin");
  const Looked before(conversation);
  EXPECT_TRUE(before.files.before("/a.bin", before.end()).known);
  EXPECT_EQ(before.files.before("/a.bin", before.end()).file->size, 5U);
  conversation.ftp("STOR a.bin");
  const Looked after(conversation);
  EXPECT_FALSE(after.files.before("/a.bin", after.end()).known);
}

TEST(PeerFiles, WhatHappensLaterDoesNotChangeWhatWasBefore) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "1").body().send("AT+QFTPSIZE=\"a.bin\"").ftp("DELE a.bin");
  const Looked looked(conversation);
  const Exchange& asked = looked.session.exchanges.at(0);
  EXPECT_TRUE(looked.files.before("/a.bin", {asked.sent, asked.record}).known);
}

TEST(PeerFiles, ALineOfSeveralCommandsMayChangeAnything) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "1").body().send("ATE0;+QFTPSTAT").line("OK");
  const Looked looked(conversation);
  EXPECT_FALSE(looked.files.before("/a.bin", looked.end()).known);
}

TEST(PeerFiles, ARenamedDirectoryTakesItsFilesAlong) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/D/a.bin", "1").body().ftp("RNFR D");
  const Looked looked(conversation);
  EXPECT_FALSE(looked.files.before("/D/a.bin", looked.end()).known);
}

TEST(PeerFiles, ANameThatEndsInDotsMayBeAny) {
  for (const char* line : {"RMD D/..", "RNFR .", "DELE D/E/../.."}) {
    Conversation conversation;
    conversation.fact(Fact::file_before, "/x/a.bin", "1").body().ftp(line);
    const Looked looked(conversation);
    EXPECT_FALSE(looked.files.before("/x/a.bin", looked.end()).known) << line;
  }
}

TEST(PeerFiles, APathWithoutAFactDidNotExistWhereFactsAreComplete) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/D/a.bin", "1").body().send("AT");
  const Looked complete(conversation);
  EXPECT_TRUE(complete.files.before("/b.bin", complete.end()).known);
  EXPECT_FALSE(complete.files.before("/b.bin", complete.end()).file);
  EXPECT_TRUE(complete.files.before("/D", complete.end()).file->directory);
  conversation.trace().files_known = false;
  const Looked partial(conversation);
  EXPECT_FALSE(partial.files.before("/b.bin", partial.end()).known);
}

TEST(PeerFiles, WithoutAPeerLogACommandThatUploadsMayHaveChangedWhatItNames) {
  Conversation conversation;
  conversation.fact(Fact::file_before, "/a.bin", "1").fact(Fact::file_before, "/b.bin", "2").body();
  conversation.send("AT+QFTPPUT=\"a.bin\",\"COM:\"").line("OK");
  const Looked looked(conversation);
  EXPECT_FALSE(looked.files.before("/a.bin", looked.end()).known);
  EXPECT_TRUE(looked.files.before("/b.bin", looked.end()).known);
}

}  // namespace
}  // namespace atspec::judge
