#include "harness/target/ftp_listing.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace atspec::target {
namespace {

using Entries = std::vector<FtpEntry>;

TEST(FtpListing, UnixListingGivesNamesKindsAndSizes) {
  EXPECT_EQ(parse_list("total 8\r\n"
                       "drwxr-xr-x    2 65534    65534        4096 Nov 23 06:45 DIR\r\n"
                       "-rw-r--r--    1 65534    65534     5000000000 Nov 23  2024 big.bin\r\n"
                       "-rw-------   1 ftp ftp 5 Nov 23 06:45 two  blanks\r\n"
                       "lrwxrwxrwx    1 0        0               7 Nov 23 06:45 link -> /etc\r\n"),
            (Entries{{"DIR", true, 0}, {"big.bin", false, 5'000'000'000}, {"two  blanks", false, 5}}));
}

TEST(FtpListing, MlsdGivesTheSameAndLeavesTheFolderItselfOut) {
  EXPECT_EQ(parse_mlsd("type=cdir;modify=20241123064500; .\r\n"
                       "type=pdir; ..\r\n"
                       "Type=dir;Modify=20241123064500; DIR\r\n"
                       "size=1000;TYPE=File; a b.bin\r\n"
                       "type=OS.unix=slink; link\r\n"),
            (Entries{{"DIR", true, 0}, {"a b.bin", false, 1000}}));
}

TEST(FtpListing, AnEmptyFolderIsNoError) {
  EXPECT_EQ(parse_list(""), Entries{});
  EXPECT_EQ(parse_list("total 0\r\n"), Entries{});
  EXPECT_EQ(parse_mlsd(""), Entries{});
}

TEST(FtpListing, AFormThatIsNotKnownIsAnErrorNotAnEmptyFolder) {
  EXPECT_FALSE(parse_list("01-29-97 11:32PM <DIR> prog\r\n"));
  EXPECT_FALSE(parse_list("ls: no such thing\r\n"));
  EXPECT_FALSE(parse_mlsd("nofacts\r\n"));
  EXPECT_FALSE(parse_mlsd("type=file;size=-1; a\r\n"));
}

TEST(FtpListing, ANameThatLeadsElsewhereIsLeftOut) {
  EXPECT_EQ(parse_list("-rw-r--r-- 1 a b 5 Nov 23 06:45 ../../etc/passwd\r\n"), Entries{});
  EXPECT_EQ(parse_mlsd("type=file;size=1; /etc/passwd\r\n"), Entries{});
}

RC_GTEST_PROP(FtpListing, AnyBytesAreEntriesOrAnError, (const std::string& text)) {
  for (const auto& parsed : {parse_list(text), parse_mlsd(text)}) {
    if (!parsed) continue;
    for (const auto& entry : *parsed) RC_ASSERT(!entry.name.empty() && entry.name.find('/') == std::string::npos);
  }
}

RC_GTEST_PROP(FtpListing, WhatAListingSaysIsRead, (std::uint64_t size, bool directory)) {
  const auto name = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("aB1 .-_~;="))));
  RC_PRE(name.front() != '.');
  const FtpEntry entry{name, directory, directory ? 0 : size};
  const auto list =
      parse_list(fmt::format("{}rw-r--r-- 1 o g {} Nov 23 06:45 {}\r\n", directory ? 'd' : '-', size, name));
  RC_ASSERT(list.value_or(Entries{}) == Entries{entry});
  const auto mlsd = parse_mlsd(fmt::format("type={};size={}; {}\r\n", directory ? "dir" : "file", size, name));
  RC_ASSERT(mlsd.value_or(Entries{}) == Entries{entry});
}

}  // namespace
}  // namespace atspec::target
