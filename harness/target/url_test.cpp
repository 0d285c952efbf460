#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "harness/target/open.hpp"
#include "harness/target/peer.hpp"

namespace atspec::target {
namespace {

TEST(Url, SerialHasItsSettingsInTheQuery) {
  const auto url = parse_url("serial:/dev/ttyUSB2?baud=9600&flow=rtscts");
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(url->scheme, "serial");
  EXPECT_EQ(url->rest, "/dev/ttyUSB2");
  EXPECT_EQ(url->query, (std::map<std::string, std::string>{{"baud", "9600"}, {"flow", "rtscts"}}));
}

TEST(Url, SimTakesMutantAndProfile) {
  const auto url = parse_url("sim:?mutant=specs/mutants/ftp.xml#missing-file-601&profile=field%20one");
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(url->query.at("mutant"), "specs/mutants/ftp.xml#missing-file-601");
  EXPECT_EQ(url->query.at("profile"), "field one");
  EXPECT_TRUE(parse_url("sim:"));
  EXPECT_FALSE(parse_url("sim:x"));
}

TEST(Url, ACommandKeepsItsQuestionMarks) {
  const auto url = parse_url("exec:sh -c 'ls ?' ?a=b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->rest, "sh -c 'ls ?' ?a=b");
  EXPECT_TRUE(url->query.empty());
}

TEST(Url, WhatIsWrongIsSaidInOneLineThatNamesWhatThereIs) {
  EXPECT_THAT(parse_url("telepathy:x").error(), testing::ContainsRegex("sim:.*serial:.*tcp:.*exec:"));
  EXPECT_THAT(parse_url("").error(), testing::ContainsRegex("sim:.*serial:.*tcp:.*exec:"));
  EXPECT_THAT(parse_url("serial:").error(), testing::HasSubstr("serial:/dev/ttyUSB2"));
  EXPECT_THAT(parse_url("serial:/dev/ttyS0?bauds=1").error(), testing::HasSubstr("baud flow parity"));
  EXPECT_THAT(parse_url("serial:/dev/ttyS0?baud").error(), testing::HasSubstr("baud flow parity"));
  EXPECT_THAT(parse_url("tcp://h:1?x=y").error(), testing::HasSubstr("takes nothing"));
}

TEST(Url, ReachesLoopbackWhatIsOnThisHost) {
  const auto reaches = [](const char* text) { return reaches_loopback(*parse_url(text)); };
  EXPECT_TRUE(reaches("sim:"));
  EXPECT_TRUE(reaches("exec:x"));
  EXPECT_TRUE(reaches("tcp://127.0.0.1:7"));
  EXPECT_TRUE(reaches("tcp://localhost:7"));
  EXPECT_TRUE(reaches("tcp://[::1]:7"));
  EXPECT_FALSE(reaches("tcp://192.0.2.1:7"));
  EXPECT_FALSE(reaches("tcp://localhost.example:7"));
  EXPECT_FALSE(reaches("serial:/dev/ttyUSB0"));
}

RC_GTEST_PROP(Url, AnyTextIsAUrlOrAnErrorOfOneLine, (const std::string& tail, bool serial)) {
  const auto url = parse_url((serial ? "serial:" : "") + tail);
  if (url) {
    RC_ASSERT(!url->scheme.empty());
    (void)reaches_loopback(*url);
  } else {
    RC_ASSERT(!url.error().empty());
  }
}

TEST(FtpUrl, AccountIsDecodedAndThePortHasItsDefault) {
  const auto account = parse_account("ftp://an%40na:p%3A%2Fw@ftp.example/");
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->host, "ftp.example");
  EXPECT_EQ(account->port, 21);
  EXPECT_EQ(account->user, "an@na");
  EXPECT_EQ(account->password, "p:/w");
  EXPECT_EQ(account->path, "");
  EXPECT_EQ(parse_account("ftp://u:p@[::1]:2121/a/b")->host, "::1");
  EXPECT_EQ(parse_account("ftp://u:p@[::1]:2121/a/b")->path, "a/b");
  EXPECT_EQ(parse_account("ftps://u:p@h/")->security, Account::Security::implicit_tls);
  EXPECT_EQ(parse_account("ftps://u:p@h/")->port, 990);
  EXPECT_EQ(parse_account("ftpes://u:p@h/")->security, Account::Security::explicit_tls);
  EXPECT_EQ(parse_account("ftpes://u:p@h/")->port, 21);
  EXPECT_EQ(parse_account("ftpes://u:p@h:2121/")->port, 2121);
}

TEST(FtpUrl, ErrorsDoNotRepeatThePassword) {
  for (const char* text :
       {"http://u:geheim@h/", "ftp://u:geheim@h:99999/", "ftp://u:geheim%0d%0aDELE x@h/", "ftp://"}) {
    const auto account = parse_account(text);
    ASSERT_FALSE(account) << text;
    EXPECT_EQ(account.error().find("geheim"), std::string::npos) << account.error();
    EXPECT_NE(account.error().find("ftp://user:password@host"), std::string::npos) << account.error();
  }
}

}  // namespace
}  // namespace atspec::target
