#include "harness/judge/exchange.hpp"

#include "harness/judge/conversation.hpp"
#include "harness/judge/small_manual.hpp"

namespace atspec::judge {
namespace {

struct Read {
  spec::Spec spec = spec_of(small_manual);
  Index index{spec};
  Session session;
  explicit Read(const trace::Trace& trace) : session(read_session(index, trace)) {}
  std::vector<std::string> seen(std::size_t exchange) const {
    std::vector<std::string> out;
    for (const std::size_t i : session.exchanges.at(exchange).seen) out.push_back(session.events[i].text);
    return out;
  }
};
using testing::ElementsAre;

TEST(Exchange, AUrcThatComesWithinALaterExchangeBelongsToTheCommandItNames) {
  const Read read(Conversation()
                      .send("AT+QFTPSIZE=\"a.bin\"")
                      .line("OK")
                      .send("AT+QFTPCFG=\"rsptimeout\"")
                      .line("+QFTPSIZE: 0,1000")
                      .line("+QFTPCFG: \"rsptimeout\",90")
                      .line("OK"));
  EXPECT_THAT(read.seen(0), ElementsAre("OK", "+QFTPSIZE: 0,1000"));
  EXPECT_THAT(read.seen(1), ElementsAre("+QFTPCFG: \"rsptimeout\",90", "OK"));
  EXPECT_THAT(read.session.exchanges[0].completions, testing::SizeIs(1));
}

TEST(Exchange, AUrcBelongsToTheFirstOfTwoCommandsOfItsNameWhenTheSecondWasRefused) {
  const Read read(Conversation()
                      .send("AT+QFTPSIZE=\"a.bin\"")
                      .line("OK")
                      .send("AT+QFTPSIZE=\"b.bin\"")
                      .line("+CME ERROR: 603")
                      .line("+QFTPSIZE: 0,1000"));
  EXPECT_THAT(read.seen(0), ElementsAre("OK", "+QFTPSIZE: 0,1000"));
  EXPECT_THAT(read.seen(1), ElementsAre("+CME ERROR: 603"));
}

TEST(Exchange, AReportThatNobodyWaitsForIsUnsolicitedWhereTheCommandIsNotTheManuals) {
  const auto spec = spec_of(without(std::string(small_manual), "title=\"files\" source=\"other\"",
                                    "title=\"files\" source=\"other\" confidence=\"standard\""));
  const Index index(spec);
  const auto session = read_session(
      index,
      Conversation().send("AT+QFLST").line("+QFLST: \"a\"").line("OK").send("AT").line("+QFLST: \"b\"").line("OK"));
  EXPECT_THAT(session.exchanges[0].seen, testing::SizeIs(2));
  EXPECT_THAT(session.exchanges[1].seen, testing::SizeIs(1));
  const Read manual(Conversation().send("AT+QFLST").line("+QFLST: \"a\"").line("OK").line("+QFLST: \"b\""));
  EXPECT_THAT(manual.session.exchanges[0].seen, testing::SizeIs(3)) << "one of the manual's reports when it is asked";
}

// ambiguity A34, and a device that does it now this way, now that
TEST(Exchange, ALineThatStoodBeforeOkLeavesNoUrcOwed) {
  const auto spec =
      spec_of(without(std::string(small_manual), "<urc effect=\"cwd=resolved(path_name)\">+QFTPCWD: 0,0</urc>",
                      "<urc>+QFTPCWD: 0,0</urc>"
                      "<accept reading=\"A34.either\"><info>+QFTPCWD: 0,0</info><final>OK</final></accept>"));
  const Index index(spec);
  const auto session = read_session(index, Conversation()
                                               .send("AT+QFTPCWD=\"a\"")
                                               .line("+QFTPCWD: 0,0")
                                               .line("OK")
                                               .send("AT+QFTPCWD=\"b\"")
                                               .line("OK")
                                               .line("+QFTPCWD: 0,0"));
  EXPECT_THAT(session.exchanges[0].seen, testing::SizeIs(2));
  EXPECT_THAT(session.exchanges[1].completions, testing::SizeIs(1));
}

TEST(Exchange, AUrcThatPreemptsATestResponseIsTheEarlierCommands) {
  const Read read(Conversation()
                      .send("AT+QFTPSIZE=\"a.bin\"")
                      .line("OK")
                      .send("AT+QFTPSIZE=?")
                      .line("+QFTPSIZE: 0,1000")
                      .line("+QFTPSIZE: <file_name>")
                      .line("OK"));
  EXPECT_THAT(read.seen(0), ElementsAre("OK", "+QFTPSIZE: 0,1000"));
  EXPECT_THAT(read.seen(1), ElementsAre("+QFTPSIZE: <file_name>", "OK"));
}

TEST(Exchange, TheTextOfAShortMessageAnswersNothing) {
  const Read read(Conversation()
                      .send("AT+QFTPSIZE=\"a.bin\"")
                      .line("OK")
                      .device("\r\n+CMT: \"123\",,\"now\"\r\nOK\r\n")
                      .line("+QFTPSIZE: 0,5"));
  EXPECT_THAT(read.seen(0), ElementsAre("OK", "+QFTPSIZE: 0,5"));
}

TEST(Exchange, LinesNobodyAskedForBelongToNoCommand) {
  const Read read(Conversation().send("AT").line("+QIURC: \"pdpdeact\",1").line("OK"));
  EXPECT_THAT(read.seen(0), ElementsAre("OK"));
}

TEST(Exchange, PipelinedLinesAreMarkedAndNotJudgedApart) {
  const Read read(Conversation().send("AT+QFTPSIZE=?").send("AT").line("OK").line("OK").send("AT").line("OK"));
  EXPECT_TRUE(read.session.exchanges[0].doubtful);
  EXPECT_TRUE(read.session.exchanges[1].doubtful);
  EXPECT_FALSE(read.session.exchanges[2].doubtful);
}

TEST(Exchange, ALineGivenUpOnDoesNotOverlapTheNext) {
  const Read read(
      Conversation().send("AT+QFTPSIZE=?").later(std::chrono::seconds(5)).timed_out("final").send("AT").line("OK"));
  EXPECT_FALSE(read.session.exchanges[1].doubtful);
  EXPECT_THAT(read.seen(1), ElementsAre("OK"));
  EXPECT_TRUE(read.session.exchanges[0].ran_out.has_value());
}

TEST(Exchange, BackspaceTakesBackACharacter) {
  const Read read(Conversation().send("ATX\b+QFTPSIZE=?").line("OK"));
  EXPECT_EQ(read.session.exchanges[0].line, "AT+QFTPSIZE=?");
  EXPECT_NE(read.session.exchanges[0].form, nullptr);
}

TEST(Exchange, DataBelongToTheCommandThatConnected) {
  const Read read(Conversation()
                      .send("AT+QFTPGET=\"a.bin\",\"COM:\"")
                      .line("CONNECT")
                      .device("hello")
                      .line("OK")
                      .line("+QFTPGET: 0,5"));
  EXPECT_THAT(read.seen(0), ElementsAre("CONNECT", "hello", "OK", "+QFTPGET: 0,5"));
}

TEST(Exchange, DataOnTheLineWhileTheirUploadFailsMayBeTakenForCommands) {
  const auto next_is_doubtful = [](std::string_view report, io::Duration later) {
    const Read read(Conversation()
                        .send("AT+QFTPPUT=\"a.bin\",\"COM:\",0,5,1")
                        .line("CONNECT")
                        .raw("hello")
                        .later(later)
                        .line("OK")
                        .line(report)
                        .later(std::chrono::seconds(5))
                        .send("AT")
                        .line("OK"));
    return read.session.exchanges.back().doubtful;
  };
  EXPECT_TRUE(next_is_doubtful("+QFTPPUT: 607,0", std::chrono::milliseconds(1)));
  EXPECT_FALSE(next_is_doubtful("+QFTPPUT: 607,0", std::chrono::seconds(2))) << "it had been taken long before";
  EXPECT_FALSE(next_is_doubtful("+QFTPPUT: 0,4", std::chrono::milliseconds(1))) << "a byte less is its own fault";
}

TEST(Exchange, AResetCutsWhatIsOwed) {
  const Read read(Conversation()
                      .send("AT+QFTPSIZE=\"a.bin\"")
                      .line("OK")
                      .fact(trace::Fact::Kind::reset_seen, "RDY", "")
                      .line("+QFTPSIZE: 0,1")
                      .send("AT")
                      .line("OK"));
  EXPECT_TRUE(read.session.exchanges[0].cut.has_value());
  EXPECT_THAT(read.seen(1), ElementsAre("OK"));
}

TEST(Exchange, TokensAreFilledInFromTheRun) {
  EXPECT_EQ(fill_tokens("< ${ftp.host}:${ftp.port} ${nothing} ${", {{"ftp.host", "h"}, {"ftp.port", "21"}}),
            "< h:21 ${nothing} ${");
}

}  // namespace
}  // namespace atspec::judge
