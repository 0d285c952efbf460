// The modem's own files as a host sees them: shown whole, opened, read, written, sought in, and what a restart leaves.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "harness/world/sim_session.hpp"

namespace atspec::world {
namespace {

using namespace std::chrono_literals;

std::string every_byte() {
  std::string out;
  for (int byte = 0; byte < 256; ++byte) out += static_cast<char>(byte);
  return out;
}

/// A module that is switched on, and what a host does with its files.
struct Module {
  Sim sim;
  Host host{sim};

  explicit Module(const SimOptions& options = ordinary_options()) : sim(options) {}

  /// The answer up to its final result, however many lines it has.
  std::string ask(const std::string& line) {
    sim.write(line + "\r");
    std::string out;
    while (const auto arrival = sim.poll(sim.now() + 1s)) out += arrival->bytes;
    return out;
  }
  std::string put(const std::string& path, const std::string& bytes) {
    std::string connect = ask(fmt::format("AT+QFUPL=\"{}\",{},60", path, bytes.size()));
    if (connect != "\r\nCONNECT\r\n") return connect;
    return host.type(bytes, "OK\r\n", 1s);
  }
  std::string write(const std::string& arguments, const std::string& bytes) {
    std::string connect = ask("AT+QFWRITE=" + arguments);
    if (connect != "\r\nCONNECT\r\n") return connect;
    return host.type(bytes, "\r\n", 1s);
  }
};

/// A line that ends with CR LF, then bytes for a file that begin with LF: whole, and byte by byte.
template <typename Write>
void send_with_line_feeds(Module& module, const std::string& line, const std::string& bytes, const Write& write) {
  write(line + "\r\n");
  std::string answer;
  while (!answer.ends_with("CONNECT\r\n")) {
    const auto arrival = module.sim.poll(module.sim.now() + 1s);
    ASSERT_TRUE(arrival) << answer;
    answer += arrival->bytes;
  }
  write(bytes);
}

std::string shown(const std::string& bytes, const std::string& checksum) {
  return fmt::format("\r\nCONNECT\r\n{}\r\n+QFDWL: {},{}\r\n\r\nOK\r\n", bytes, bytes.size(), checksum);
}
std::string read_of(const std::string& bytes) {
  return fmt::format("\r\nCONNECT {}\r\n{}\r\nOK\r\n", bytes.size(), bytes);
}
const std::string ok = "\r\nOK\r\n";
const std::string no_such_file = "\r\n+CME ERROR: 611\r\n", no_room = "\r\n+CME ERROR: 613\r\n";

TEST(SimLocalFiles, AnLfBehindTheLineIsNoDataAndOneThatDataBeginWithIs) {
  for (const bool byte_by_byte : {false, true}) {
    Module module;
    ASSERT_TRUE(module.host.log_in());
    const auto write = [&](const std::string& bytes) {
      if (!byte_by_byte) return module.sim.write(bytes);
      for (const char byte : bytes) module.sim.write(std::string_view(&byte, 1));
    };
    send_with_line_feeds(module, "AT+QFUPL=\"RAM:a\",3,60", "\nab", write);
    EXPECT_EQ(module.host.read("OK\r\n", 1s), "\r\n+QFUPL: 3,6861\r\n\r\nOK\r\n") << byte_by_byte;
    send_with_line_feeds(module, "AT+QFTPPUT=\"up\",\"COM:\",0,3,1", "\ncd", write);
    EXPECT_EQ(module.host.read("0,3\r\n", 1s), "\r\nOK\r\n\r\n+QFTPPUT: 0,3\r\n") << byte_by_byte;
    EXPECT_EQ(module.sim.store().read("/up", 0, 10), "\ncd");
  }
}

TEST(SimLocalFiles, AUrcWaitsUntilAFileIsTakenIn) {
  Sim sim{ordinary_options()};
  Host host{sim};
  ASSERT_TRUE(host.log_in());
  EXPECT_EQ(host.type("AT+QFTPCLOSE\r"), "\r\nOK\r\n");
  EXPECT_EQ(host.type("AT+QFUPL=\"RAM:a\",3\r", "CONNECT\r\n"), "\r\nCONNECT\r\n");
  EXPECT_EQ(host.read("never", std::chrono::seconds(1)), "");
  EXPECT_EQ(host.type("abc", "+QFTPCLOSE: 0,0\r\n"), "\r\n+QFUPL: 3,262\r\n\r\nOK\r\n\r\n+QFTPCLOSE: 0,0\r\n");
}

TEST(SimLocalFiles, AFileIsShownAsItWasStored) {
  Module module;
  const std::string bytes = every_byte() + "\r\nOK\r\n+++";
  EXPECT_EQ(module.put("RAM:a", bytes), "\r\n+QFUPL: 265,4f60\r\n\r\nOK\r\n");
  EXPECT_EQ(module.ask("AT+QFDWL=\"RAM:a\""), shown(bytes, "4f60"));
  EXPECT_EQ(module.ask("AT+QFDWL=\"RAM:b\""), no_such_file);
}

TEST(SimLocalFiles, AnEmptyFileIsShownToo) {
  Module module;
  ASSERT_EQ(module.ask("AT+QFOPEN=\"RAM:a\""), "\r\n+QFOPEN: 1\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFDWL=\"RAM:a\""), shown("", "0"));
}

TEST(SimLocalFiles, WhatIsReadIsAnnouncedAndTheEndIsNothing) {
  Module module;
  module.put("RAM:a", "0123456789");
  ASSERT_EQ(module.ask("AT+QFOPEN=\"RAM:a\",2"), "\r\n+QFOPEN: 1\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFREAD=1,4"), read_of("0123"));
  EXPECT_EQ(module.ask("AT+QFPOSITION=1"), "\r\n+QFPOSITION: 4\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFREAD=1"), read_of("456789"));
  EXPECT_EQ(module.ask("AT+QFREAD=1,1"), read_of(""));
  EXPECT_EQ(module.ask("AT+QFREAD=2,1"), no_such_file);
}

TEST(SimLocalFiles, APositionIsCountedFromThreePlaces) {
  Module module;
  module.put("RAM:a", "0123456789");
  module.ask("AT+QFOPEN=\"RAM:a\",2");
  EXPECT_EQ(module.ask("AT+QFSEEK=1,3"), ok);
  EXPECT_EQ(module.ask("AT+QFSEEK=1,2,1"), ok);
  EXPECT_EQ(module.ask("AT+QFREAD=1,2"), read_of("56"));
  EXPECT_EQ(module.ask("AT+QFSEEK=1,1,2"), ok);
  EXPECT_EQ(module.ask("AT+QFREAD=1,2"), read_of("9"));
  for (const char* beyond : {"AT+QFSEEK=1,11", "AT+QFSEEK=1,1,1", "AT+QFSEEK=1,11,2"})
    EXPECT_TRUE(module.ask(beyond).starts_with("\r\n+CME ERROR:")) << beyond;
  EXPECT_EQ(module.ask("AT+QFPOSITION=1"), "\r\n+QFPOSITION: 10\r\n" + ok) << "where it was";
}

TEST(SimLocalFiles, WritingGoesOnFromThePositionOverWhatIsThere) {
  Module module;
  module.put("RAM:a", "0123456789");
  module.ask("AT+QFOPEN=\"RAM:a\"");
  EXPECT_EQ(module.write("1,3", "abc"), "\r\n+QFWRITE: 3,10\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFREAD=1,3"), read_of("345"));
  module.ask("AT+QFSEEK=1,8");
  EXPECT_EQ(module.write("1,4", "wxyz"), "\r\n+QFWRITE: 4,12\r\n" + ok);
  module.ask("AT+QFSEEK=1,0");
  EXPECT_EQ(module.ask("AT+QFREAD=1"), read_of("abc34567wxyz"));
}

TEST(SimLocalFiles, AHostThatStopsWritingIsWaitedForSoLong) {
  Module module;
  module.ask("AT+QFOPEN=\"RAM:a\"");
  const io::Time before = module.sim.now();
  ASSERT_EQ(module.ask("AT+QFWRITE=1,10,7"), "\r\nCONNECT\r\n");
  module.sim.write("abc");
  EXPECT_EQ(module.host.read("OK\r\n"), "\r\n+QFWRITE: 3,3\r\n" + ok);
  EXPECT_GE(module.sim.now() - before, 7s);
  EXPECT_EQ(module.ask("AT"), ok);
}

TEST(SimLocalFiles, HowAFileIsOpenedDecidesWhatBecomesOfIt) {
  Module module;
  EXPECT_EQ(module.ask("AT+QFOPEN=\"RAM:a\",2"), no_such_file) << "nothing to read";
  module.put("RAM:a", "123");
  EXPECT_EQ(module.ask("AT+QFOPEN=\"RAM:a\",2"), "\r\n+QFOPEN: 1\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFWRITE=1,1"), no_room) << "read only";
  EXPECT_EQ(module.ask("AT+QFOPEN=\"RAM:b\",0"), "\r\n+QFOPEN: 2\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFOPEN?"), "\r\n+QFOPEN: \"RAM:a\",1,2\r\n\r\n+QFOPEN: \"RAM:b\",2,0\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFCLOSE=1"), ok);
  EXPECT_EQ(module.ask("AT+QFCLOSE=1"), no_such_file);
  EXPECT_EQ(module.ask("AT+QFOPEN=\"RAM:a\",1"), "\r\n+QFOPEN: 1\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFLST=\"RAM:a\""), "\r\n+QFLST: \"RAM:a\",0\r\n" + ok) << "emptied";
}

TEST(SimLocalFiles, ARestartLeavesTheFlashAndTheCardButNoRamAndNoHandle) {
  Module module;
  for (const char* path : {"RAM:a", "UFS:a", "SD:a"}) module.put(path, "123");
  module.ask("AT+QFOPEN=\"UFS:a\"");
  module.sim.reset_modem();
  EXPECT_EQ(module.ask("AT+QFLST=\"*\""), "\r\n+QFLST: \"UFS:a\",3\r\n\r\n+QFLST: \"SD:a\",3\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFOPEN?"), ok);
  EXPECT_EQ(module.ask("AT+QFREAD=1"), no_such_file);
}

TEST(SimLocalFiles, WhatDoesNotFitIsRefusedBeforeItIsSent) {
  SimOptions options = ordinary_options();
  options.modem.ram_bytes = 100;
  Module module(options);
  EXPECT_EQ(module.ask("AT+QFLDS=\"RAM\""), "\r\n+QFLDS: 100,100\r\n" + ok);
  EXPECT_EQ(module.put("RAM:a", std::string(101, 'x')), no_room);
  EXPECT_EQ(module.put("RAM:a", std::string(90, 'x')), "\r\n+QFUPL: 90,7878\r\n" + ok);
  EXPECT_EQ(module.ask("AT+QFLDS=\"RAM\""), "\r\n+QFLDS: 10,100\r\n" + ok);
  EXPECT_EQ(module.put("RAM:b", std::string(11, 'x')), no_room);
  EXPECT_EQ(module.put("RAM:a", std::string(100, 'x')), "\r\n+QFUPL: 100,0\r\n" + ok) << "in place of the old one";
  module.ask("AT+QFOPEN=\"RAM:a\"");
  module.ask("AT+QFSEEK=1,99");
  EXPECT_EQ(module.write("1,2", "yz"), no_room);
  EXPECT_EQ(module.write("1,1", "y"), "\r\n+QFWRITE: 1,100\r\n" + ok);
}

TEST(SimLocalFiles, AModuleThatGetsFullWhileItTakesBytesSaysSoAndHearsCommandsAgain) {
  SimOptions options = ordinary_options();
  options.modem.ram_bytes = 2000;
  Module module(options);
  module.ask("AT+QFOPEN=\"RAM:a\"");
  ASSERT_EQ(module.ask("AT+QFWRITE=1"), "\r\nCONNECT\r\n") << "nobody said how much it would be";
  EXPECT_EQ(module.host.type(std::string(1024, 'x') + std::string(1024, 'x') + "\rAT\r", "OK\r\n", 1s), no_room + ok);
}

TEST(SimLocalFiles, WithoutACardThereIsNothingOnIt) {
  SimOptions options = ordinary_options();
  options.modem.sd_bytes = 0;
  Module module(options);
  EXPECT_EQ(module.put("SD:a", "123"), no_such_file);
  EXPECT_EQ(module.ask("AT+QFOPEN=\"SD:a\""), no_such_file);
  EXPECT_EQ(module.ask("AT+QFLDS=\"SD\""), no_such_file);
  EXPECT_EQ(module.ask("AT+QFLST=\"SD:*\""), ok);
}

TEST(SimLocalFiles, ADownloadOntoTheCardIsShownAsTheServerHasIt) {
  Module module;
  ASSERT_TRUE(module.sim.store().write("/a.bin", 0, every_byte(), true));
  ASSERT_TRUE(module.host.log_in());
  module.host.type("AT+QFTPGET=\"a.bin\",\"SD:a\",6\r", "+QFTPGET: 0,250\r\n");
  EXPECT_NE(module.ask("AT+QFDWL=\"SD:a\"").find("CONNECT\r\n" + every_byte().substr(6) + "\r\n+QFDWL: 250,"),
            std::string::npos);
}

TEST(SimLocalFiles, WrongArgumentsOpenNothing) {
  Module module;
  module.put("RAM:a", "123");
  for (const char* line :
       {"AT+QFOPEN=RAM:a", "AT+QFOPEN=\"RAM:a\",3", "AT+QFOPEN=\"RAM:a\",0,1", "AT+QFREAD=1,0", "AT+QFWRITE=1,0",
        "AT+QFSEEK=1", "AT+QFSEEK=1,-1", "AT+QFSEEK=1,0,3", "AT+QFDWL=", "AT+QFLDS=RAM", "AT+QFPOSITION=\"1\""})
    EXPECT_EQ(module.ask(line), "\r\n+CME ERROR: 601\r\n") << line;
  EXPECT_EQ(module.ask("AT+QFOPEN?"), ok);
}

RC_GTEST_PROP(SimLocalFilesProperty, WritingSeekingAndReadingIsDoneOnARowOfBytes, ()) {
  SimOptions options = ordinary_options();
  Module module(options);
  RC_ASSERT(module.ask("AT+QFOPEN=\"RAM:a\"") == "\r\n+QFOPEN: 1\r\n" + ok);
  std::string row;
  std::size_t position = 0;
  for (int steps = *rc::gen::inRange(1, 12); steps > 0; --steps) {
    switch (*rc::gen::inRange(0, 3)) {
      case 0: {
        const auto size = *rc::gen::inRange<std::size_t>(1, 40);
        const auto bytes = *rc::gen::container<std::string>(size, rc::gen::arbitrary<char>());
        row.replace(position, bytes.size(), bytes);
        position += bytes.size();
        RC_ASSERT(module.write(fmt::format("1,{}", size), bytes) ==
                  fmt::format("\r\n+QFWRITE: {},{}\r\n{}", size, row.size(), ok));
        break;
      }
      case 1: {
        const auto size = *rc::gen::inRange<std::size_t>(1, 60);
        const std::string bytes = row.substr(position, size);
        position += bytes.size();
        RC_ASSERT(module.ask(fmt::format("AT+QFREAD=1,{}", size)) == read_of(bytes));
        break;
      }
      default: {
        const auto offset = *rc::gen::inRange<std::size_t>(0, 80);
        const bool there = offset <= row.size();
        if (there) position = offset;
        RC_ASSERT((module.ask(fmt::format("AT+QFSEEK=1,{}", offset)) == ok) == there);
      }
    }
    RC_ASSERT(module.ask("AT+QFPOSITION=1") == fmt::format("\r\n+QFPOSITION: {}\r\n{}", position, ok));
  }
}

}  // namespace
}  // namespace atspec::world
