// How data is represented, where it goes, and what is transferred.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "harness/ftpd/address.hpp"
#include "harness/ftpd/session.hpp"

namespace atspec::ftpd {
namespace {

constexpr std::uint16_t first_harmless_port = 1024;  ///< RFC 2577 §3

std::string capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Clients give LIST the options of `ls` (curl's and lftp's -a): they change nothing here.
std::string_view without_options(std::string_view argument) {
  while (argument.starts_with('-')) {
    argument.remove_prefix(std::min(argument.find(' '), argument.size()));
    while (argument.starts_with(' ')) argument.remove_prefix(1);
  }
  return argument;
}

}  // namespace

void Session::type() {
  const std::string value = capitals(argument_);
  if (value == "A" || value == "A N") {
    ascii_ = true;
  } else if (value == "I" || value == "L 8") {
    ascii_ = false;
  } else {
    return reply(504, "Only A, A N, I and L 8");
  }
  reply(200, ascii_ ? "Type is ASCII" : "Type is image");
}

void Session::mode() { capitals(argument_) == "S" ? reply(200, "Mode is stream") : reply(504, "Only stream mode"); }

void Session::structure() {
  capitals(argument_) == "F" ? reply(200, "Structure is file") : reply(504, "Only file structure");
}

void Session::allocate() {
  // "ALLO size" or "ALLO size R record_size" (RFC 959 §4.1.3)
  const std::string_view text = argument_;
  const std::size_t blank = text.find(' ');
  const bool sized = number(text.substr(0, blank)).has_value();
  const bool record = blank == std::string_view::npos || (capitals(text.substr(blank, 3)) == " R " &&
                                                          number(text.substr(std::min(text.size(), blank + 3))));
  sized&& record ? superfluous() : reply(501, "ALLO wants a number of bytes");
}

void Session::passive() {
  if (extended_only_) return reply(503, "After EPSV ALL only EPSV");
  if (family_of(plain_address(local_.address)) != Family::ipv4) return reply(502, "Not over IPv6, use EPSV");
  open_listener(false);
}

void Session::extended_passive() {
  const std::string value = capitals(argument_);
  if (value == "ALL") {
    extended_only_ = true;
    return reply(200, "Only EPSV from now on");
  }
  const Family family = family_of(plain_address(local_.address));
  if (!value.empty() && value != (family == Family::ipv6 ? "2" : "1")) {
    if (!number(value)) return reply(501, "EPSV wants a protocol number or ALL");
    return reply(522, family == Family::ipv6 ? "Protocol not supported, use (2)" : "Protocol not supported, use (1)");
  }
  if (house_.script.elsewhere()) return reply(502, "Use PASV, which can name an address");
  open_listener(true);
}

bool Session::may_go_to(const io::Endpoint& to) {
  // RFC 2577 §3: no bounce to other hosts, nor to services
  if (!same_address(to.address, peer_.address)) {
    reply(500, "Only to your own address");
    return false;
  }
  if (to.port < first_harmless_port) {
    reply(504, "Only to ports from 1024 on");
    return false;
  }
  return true;
}

void Session::port() {
  if (extended_only_) return reply(503, "After EPSV ALL only EPSV");
  auto to = parse_port(argument_);
  if (!to) return reply(501, "PORT wants six numbers up to 255");
  if (!may_go_to(*to)) return;
  drop_channel();
  target_ = std::move(*to);
  channel_ = Channel::target;
  reply(200, "Address noted");
}

void Session::extended_port() {
  if (extended_only_) return reply(503, "After EPSV ALL only EPSV");
  auto to = parse_extended_port(argument_);
  if (!to) return reply(501, "EPRT wants |protocol|address|port|");
  if (to->family == Family::none) return reply(522, "Protocol not supported, use (1,2)");
  if (!may_go_to(to->to)) return;
  drop_channel();
  target_ = std::move(to->to);
  channel_ = Channel::target;
  reply(200, "Address noted");
}

void Session::restart() {
  const auto offset = number(argument_);
  if (!offset) return reply(501, "REST wants a number of bytes");
  // kept until the next transfer: RFC 3659 §5.3 wants that at once, clients are known to send PASV in between
  restart_at_ = *offset;
  reply(350, fmt::format("Restarting at {}", *offset));
}

void Session::retrieve() {
  const std::uint64_t restart_at = std::exchange(restart_at_, 0);
  std::string path = argument_path();
  const auto entry = house_.store.status(path);
  if (!entry) return reply(entry.error());
  if (entry->directory) return reply(StoreError::is_directory);
  StoredPosition from{restart_at, false};
  if (ascii_ && restart_at > 0) {
    const auto position = stored_position(house_.store, path, restart_at);
    if (!position && position.error() != StoreError::not_found) return reply(position.error());
    from = position.value_or(StoredPosition{entry->size + 1, false});
  }
  // RFC 3659 §5.3: an offset past the end is refused here, not at REST
  if (from.offset > entry->size) return reply(554, "The file ends before the restart point");
  if (const auto readable = house_.store.read(path, 0, 1); !readable) return reply(readable.error());
  if (!has_channel()) return;
  Transfer& transfer = prepare(Transfer::Kind::download);
  transfer.path = std::move(path);
  transfer.offset = from.offset;
  transfer.skip_cr = from.after_cr;
  transfer.ascii = ascii_;
  begin();
}

void Session::store() { receive_file(false); }

void Session::append() { receive_file(true); }

void Session::receive_file(bool at_end) {
  const std::uint64_t restart_at = std::exchange(restart_at_, 0);
  if (restart_at > 0) at_end = false;  // RFC 3659 §5.3: APPE after REST acts as STOR
  std::string path = argument_path();
  const auto entry = house_.store.status(path);
  if (!entry && entry.error() != StoreError::not_found) return reply(entry.error(), 553);
  if (entry && entry->directory) return reply(StoreError::is_directory, 553);
  const std::uint64_t size = entry ? entry->size : 0;
  StoredPosition from{at_end ? size : restart_at, false};
  if (ascii_ && restart_at > 0 && entry) {
    const auto position = stored_position(house_.store, path, restart_at);
    if (!position && position.error() != StoreError::not_found) return reply(position.error());
    from = position.value_or(StoredPosition{size + 1, false});
  }
  if (from.offset > size) return reply(554, "The file ends before the restart point");
  if (!has_channel()) return;
  house_.store.set_time(house_.wall_seconds());
  // makes the file, or finds out that it must not be written; it is emptied only once data can come
  if (const auto able = house_.store.write(path, 0, {}, false); !able)
    return reply(able.error(), able.error() == StoreError::no_space ? 452 : 553);
  Transfer& transfer = prepare(Transfer::Kind::upload);
  transfer.path = std::move(path);
  transfer.offset = from.offset;
  transfer.from_wire = FromWire(from.after_cr);
  transfer.ascii = ascii_;
  transfer.truncate = !at_end && restart_at == 0;
  transfer.created = !entry;
  begin();
}

void Session::list() {
  argument_ = without_options(argument_);
  const std::string path = argument_path();
  restart_at_ = 0;
  const auto entry = house_.store.status(path);
  if (!entry) return reply(entry.error());
  const std::int64_t now = house_.wall_seconds();
  std::string text;
  if (!entry->directory) {
    text = list_line(*entry, now);
  } else {
    const auto entries = house_.store.list(path);
    if (!entries) return reply(entries.error());
    for (const Entry& one : *entries) {
      if (listable(one.name)) text += list_line(one, now);
    }
  }
  send_listing(std::move(text));
}

void Session::name_list() {
  argument_ = without_options(argument_);
  const std::string path = argument_path();
  restart_at_ = 0;
  const auto entry = house_.store.status(path);
  if (!entry) return reply(entry.error());
  std::string text;
  if (!entry->directory) {
    text = argument_ + "\r\n";
  } else {
    const auto entries = house_.store.list(path);
    if (!entries) return reply(entries.error());
    // RFC 1123 §4.1.2.7: names that can be used as arguments as they stand
    std::string prefix = path == cwd_ ? std::string() : argument_;
    if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
    for (const Entry& one : *entries) {
      if (listable(one.name)) text += prefix + one.name + "\r\n";
    }
  }
  send_listing(std::move(text));
}

void Session::machine_list_directory() {
  const std::string path = argument_path();
  restart_at_ = 0;
  const auto entry = house_.store.status(path);
  if (!entry) return reply(entry.error());
  if (!entry->directory) return reply(501, "Not a directory");  // RFC 3659 §7.2.1
  const auto entries = house_.store.list(path);
  if (!entries) return reply(entries.error());
  std::string text;
  for (const Entry& one : *entries) {
    if (listable(one.name)) text += facts_line(one, facts_, one.name) + "\r\n";
  }
  send_listing(std::move(text));
}

void Session::send_listing(std::string text) {
  if (!has_channel()) return;
  prepare(Transfer::Kind::listing).text = std::move(text);
  begin();
}

void Session::abort() {
  if (transfer_.kind != Transfer::Kind::none) {
    break_transfer(426, "Transfer aborted");
  } else {
    drop_channel();
  }
  reply(226, "Nothing is being transferred any more");
}

}  // namespace atspec::ftpd
