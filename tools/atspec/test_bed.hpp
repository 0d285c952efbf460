// What run and replay are told of the device and of the FTP server behind it.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "harness/target/open.hpp"

namespace atspec::tools {

struct TestBed {
  std::string target = "sim:";
  target::PeerOptions peer;
  std::string passive_range;  ///< of our own server: "30000-30100"
};

/// --target, --ftp, --ftpd-bind, --ftpd-advertise, --ftpd-pasv
void add_options(CLI::App& command, TestBed& bed);

/// Where the device is; fills in `bed.peer`. Nothing where an option is wrong or the device could not reach the server:
/// that was said then.
std::optional<target::Url> located(TestBed& bed);

}  // namespace atspec::tools
