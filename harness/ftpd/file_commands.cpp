// Names, and what is behind them. Missing files, and files where a directory is wanted, are 550 (RFC 959 §5.4).
#include <fmt/format.h>

#include <algorithm>

#include "harness/ftpd/session.hpp"

namespace atspec::ftpd {
namespace {

/// A path in a 257 reply: in quotes, those inside doubled (RFC 959 App. II).
std::string quoted(std::string_view path) {
  std::string out = "\"";
  for (const char c : path) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string Session::argument_path() const { return resolve_path(cwd_, argument_); }

void Session::print_directory() { reply(257, quoted(cwd_) + " is the current directory"); }

void Session::change_directory() { change_to(argument_path(), 250); }

void Session::change_up() { change_to(resolve_path(cwd_, ".."), 200); }

void Session::change_to(const std::string& path, int code) {
  if (path.size() > longest_path) return reply(StoreError::denied);
  const auto entry = house_.store.status(path);
  if (!entry) return reply(entry.error());
  if (!entry->directory) return reply(StoreError::not_a_directory);
  cwd_ = path;
  reply(code, "Directory changed");
}

void Session::make_directory() {
  const std::string path = argument_path();
  house_.store.set_time(house_.wall_seconds());
  if (const auto made = house_.store.make_directory(path); !made) return reply(made.error());
  reply(257, quoted(path) + " made");
}

void Session::remove_directory() {
  house_.store.set_time(house_.wall_seconds());
  if (const auto removed = house_.store.remove_directory(argument_path()); !removed) return reply(removed.error());
  reply(250, "Directory removed");
}

void Session::remove_file() {
  house_.store.set_time(house_.wall_seconds());
  if (const auto removed = house_.store.remove(argument_path()); !removed) return reply(removed.error());
  reply(250, "File removed");
}

void Session::rename_from() {
  std::string path = argument_path();
  if (const auto entry = house_.store.status(path); !entry) return reply(entry.error());
  rename_from_ = std::move(path);
  reply(350, "Now RNTO");
}

void Session::rename_to() {
  if (!rename_from_) return reply(503, "RNFR comes first");
  const std::string from = std::move(*rename_from_);
  rename_from_.reset();
  house_.store.set_time(house_.wall_seconds());
  const auto renamed = house_.store.rename(from, argument_path());
  if (!renamed) return reply(renamed.error(), renamed.error() == StoreError::not_found ? 550 : 553);
  reply(250, "Renamed");
}

void Session::size() {
  const std::string path = argument_path();
  const auto entry = house_.store.status(path);
  if (!entry) return reply(entry.error());
  if (entry->directory) return reply(StoreError::is_directory);
  if (!ascii_) return reply(213, fmt::format("{}", entry->size));
  const auto size = wire_size(house_.store, path);
  if (!size) return reply(size.error());
  reply(213, fmt::format("{}", *size));
}

void Session::modification_time() {
  const auto entry = house_.store.status(argument_path());
  if (!entry) return reply(entry.error());
  if (entry->directory) return reply(StoreError::is_directory);
  reply(213, time_value(entry->modified));
}

void Session::machine_list() {
  const std::string path = argument_path();
  const auto entry = house_.store.status(path);
  if (!entry) return reply(entry.error());
  std::string out = "250-Facts\r\n ";
  append_telnet(out, facts_line(*entry, facts_, path));
  send_control(out + "\r\n250 End\r\n");
}

void Session::status() {
  if (argument_.empty()) {
    std::string out = fmt::format("211-atspec FTP server\r\n Connected from {}\r\n ", peer_.address);
    append_telnet(out, fmt::format("Logged in as {}", *user_));
    out += fmt::format("\r\n TYPE {}, MODE S, STRU F\r\n", ascii_ ? "A N" : "I");
    if (transfer_.kind != Transfer::Kind::none) {
      out += fmt::format(" {} bytes of a transfer have passed\r\n", transfer_.passed);
    }
    return send_control(out + "211 End\r\n");
  }
  const std::string path = argument_path();
  const auto entry = house_.store.status(path);
  if (!entry) return reply(entry.error(), 450);
  std::string out = fmt::format("{}-Status\r\n", entry->directory ? 212 : 213);
  if (entry->directory) {
    const auto entries = house_.store.list(path);
    if (!entries) return reply(entries.error(), 450);
    for (const Entry& one : *entries) {
      if (listable(one.name)) append_telnet(out, list_line(one, house_.wall_seconds()));
    }
  } else {
    append_telnet(out, list_line(*entry, house_.wall_seconds()));
  }
  send_control(out + fmt::format("{} End\r\n", entry->directory ? 212 : 213));
}

}  // namespace atspec::ftpd
