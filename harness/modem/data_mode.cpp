// Data mode (manual 1.5): bytes that are no commands, and the ways out of it. Transfers from and to local files are
// here too: they move the same bytes without the line.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {
namespace {

/// What may wait on either side before the other is asked to stop.
constexpr std::size_t backlog_limit = 64 * 1024;
constexpr std::size_t store_piece = 16 * 1024;
/// An LF behind a CR has come by then, at 9600 baud just; no CONNECT goes out before.
constexpr io::Duration line_feed_time = std::chrono::milliseconds(1);

}  // namespace

void Modem::Impl::connect(io::Time now, std::string_view command) {
  output.hold(line_at + line_feed_time);
  output.connect(now, command);
  lf_may_follow = true;
}

void Modem::Impl::enter_data_mode(io::Time now) {
  data = operation.upload ? Data::upload : Data::download;
  pluses = 0;
  last_byte = now;
}

void Modem::Impl::leave_data_mode(io::Time) {
  data = Data::none;
  pluses = 0;
}

void Modem::Impl::transfer_begins(io::Time now) {
  if (operation.com) {
    connect(now, operation.command);
    enter_data_mode(now);
  } else if (operation.upload) {
    feed_from_store(now);
  } else {
    // not before: a file that the server does not have leaves the one that is here
    operation.store_failed = !store.create(operation.local);
    if (operation.store_failed) ftp.end_download(now);
  }
}

void Modem::Impl::feed_from_store(io::Time now) {
  const io::Bytes* content = store.content(operation.local);
  if (content == nullptr) {
    operation.store_failed = true;
    ftp.finish_upload(now);
    return;
  }
  while (operation.offset < content->size() && ftp.unsent() < backlog_limit) {
    const auto piece = io::ByteView(*content).substr(operation.offset, store_piece);
    ftp.upload(now, spoilt("store-upload", piece, operation.offset));
    operation.offset += piece.size();
  }
  if (operation.offset == content->size()) {
    operation.offset = content->size() + 1;  // once
    ftp.finish_upload(now);
  }
}

void Modem::Impl::downloaded(io::Time now, io::ByteView received) {
  const io::Bytes bytes = spoilt(operation.com ? "download" : "store-download", received, operation.moved);
  operation.moved += received.size();
  if (!operation.com) {
    if (!operation.store_failed && !store.append(operation.local, bytes)) {
      operation.store_failed = true;
      ftp.end_download(now);
    }
  } else if (paused) {
    held_back += bytes;
  } else {
    output.raw(bytes);
  }
}

/// Nobody will ask for the rest of a transfer that was left with +++.
void Modem::Impl::end_pause() {
  if (!std::exchange(paused, false)) return;
  held_back.clear();
  held_outcome.reset();
  operation = {};
}

void Modem::Impl::operation_ended(io::Time now, const FtpOutcome& outcome) {
  if (operation.command.empty()) return;
  if (paused) {
    // the rest, and how it ended, wait for ATO (ambiguity A29)
    held_outcome = outcome;
    return;
  }
  report_end(now, outcome);
}

void Modem::Impl::data_bytes(io::Time now, io::ByteView bytes) {
  // the terminal's habit, never file data: who sends data has waited for CONNECT
  if (std::exchange(lf_may_follow, false) && now < line_at + line_feed_time && bytes.starts_with('\n'))
    bytes.remove_prefix(1);
  if (const std::string* answer = config.fault("lax.data-mode");
      answer != nullptr && bytes.starts_with("AT") && bytes.ends_with('\r'))
    output.info(now, operation.command, *answer);
  if (data == Data::file) take_in(now, bytes);
  while (!bytes.empty() && (data == Data::upload || data == Data::download)) {
    // whole stretches go through as they are: without silence before it no plus begins an escape
    const bool flows = now - last_byte < guard("guard-before");
    const auto plus = flows ? bytes.size() : std::min(bytes.find('+'), bytes.size());
    if (pluses > 0 || plus == 0) {
      data_byte(now, bytes.front());
      bytes.remove_prefix(1);
      continue;
    }
    io::ByteView stretch = bytes.substr(0, plus);
    if (data == Data::upload) {
      if (operation.upload_length)
        stretch = stretch.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(
                                        stretch.size(), *operation.upload_length - operation.moved)));
      ftp.upload(now, spoilt("upload", stretch, operation.moved));
      operation.moved += stretch.size();
    }
    last_byte = now;
    bytes.remove_prefix(stretch.size());
    if (data == Data::upload && operation.upload_length && operation.moved == *operation.upload_length)
      end_segment(now);
  }
  // what is behind the last byte of the data is commands again
  if (!bytes.empty()) received(now, bytes);
}

io::Duration Modem::Impl::guard(const char* side) const {
  return time(side, time("guard-time", std::chrono::seconds(1)));
}

unsigned Modem::Impl::escape_length() const {
  return config.fault("pluses") != nullptr ? static_cast<unsigned>(config.fault_number("pluses")) : 3;
}

/// Bytes that pass through `channel`, `offset` behind the first of the operation, as a fault leaves them:
/// "lose 100", "double 100", "flip 100", "insert 100", "cut 100".
io::Bytes Modem::Impl::spoilt(const std::string& channel, io::ByteView bytes, std::uint64_t offset) const {
  io::Bytes out(bytes);
  const std::string* fault = config.fault("spoil." + channel);
  if (fault == nullptr) return out;
  const auto blank = fault->find(' ');
  std::uint64_t place = 0;
  if (blank != std::string::npos) std::from_chars(fault->data() + blank + 1, fault->data() + fault->size(), place);
  if (place < offset ? !fault->starts_with("cut") : place - offset >= bytes.size()) return out;
  const auto at = static_cast<std::size_t>(place < offset ? 0 : place - offset);
  if (fault->starts_with("lose")) out.erase(at, 1);
  if (fault->starts_with("double")) out.insert(at, 1, out[at]);
  if (fault->starts_with("flip")) out[at] = static_cast<char>(out[at] ^ 1);
  if (fault->starts_with("insert")) out.insert(at, 1, '\0');
  if (fault->starts_with("cut")) out.resize(at);
  return out;
}

/// One byte that may belong to an escape sequence (manual 1.5 DATA-07 to DATA-10).
void Modem::Impl::data_byte(io::Time now, char byte) {
  const auto window = time("escape-window", std::chrono::seconds(1));
  if (byte == '+' && pluses == 0 && now - last_byte >= guard("guard-before")) {
    pluses = 1;
    first_plus = last_plus = now;
  } else if (byte == '+' && pluses > 0 && pluses < escape_length() && now - first_plus <= window) {
    ++pluses;
    last_plus = now;
  } else {
    flush_pluses(now);
    last_byte = now;
    if (data == Data::upload) {
      ftp.upload(now, std::string_view(&byte, 1));
      if (operation.upload_length && ++operation.moved == *operation.upload_length) end_segment(now);
    }
    return;
  }
  // the length decides before the guard time does
  if (data == Data::upload && operation.upload_length && operation.moved + pluses >= *operation.upload_length)
    flush_pluses(now);
}

/// They were data after all.
void Modem::Impl::flush_pluses(io::Time now) {
  const unsigned count = std::exchange(pluses, 0);
  if (count == 0) return;
  last_byte = last_plus;
  if (data != Data::upload) return;
  ftp.upload(now, std::string(count, '+'));
  operation.moved += count;
  if (operation.upload_length && operation.moved >= *operation.upload_length) end_segment(now);
}

/// So many bytes as were announced have come (manual 2.5 QFTPPUT-24, -27, -29).
void Modem::Impl::end_segment(io::Time now) {
  leave_data_mode(now);
  output.ok(now, operation.command);
  operation.answered = true;
  if (operation.last_segment || lax("segments")) {
    ftp.finish_upload(now);
    return;
  }
  const std::string path = operation.path;
  ftp.pause_upload(now);
  count_transfer(operation.moved);
  urc(now, fmt::format("0,{}", operation.moved));
  operation = {};
  operation.path = path;
}

void Modem::Impl::escaped(io::Time now) {
  pluses = 0;
  const bool upload = data == Data::upload;
  leave_data_mode(now);
  output.ok(now, operation.command);
  operation.answered = true;
  if (upload) {
    ftp.finish_upload(now);
  } else if (config.plays("A29.ended")) {
    ftp.end_download(now);
  } else {
    paused = true;
    ftp.hold(now, true);
  }
}

void Modem::Impl::received(io::Time now, io::ByteView bytes) {
  seen = now;
  if (dead) return;
  while (!bytes.empty()) {
    if (data != Data::none) return data_bytes(now, bytes);
    // the line is not answered yet: what is typed ahead is neither a command nor data (V.250 §5.6.1)
    if (operation.com && !operation.answered) return;
    const char byte = bytes.front();
    bytes.remove_prefix(1);
    command_byte(now, byte);
  }
}

void Modem::Impl::dtr_changed(io::Time now, bool on) {
  // V.250 §6.2.8; the manual's way out wants AT&D1 (DATA-05, DATA-06)
  seen = now;
  if (dead || on || (state("dtr") != 1 && !lax("dtr"))) return;
  if (data == Data::upload || data == Data::download) {
    flush_pluses(now);
    if (data != Data::none) escaped(now);
  }
}

void Modem::Impl::run_commands_behind(io::Time now) {
  if (!queue.empty()) run_commands(now);
}

void Modem::Impl::tick(io::Time now) {
  seen = now;
  if (dead) return;
  output.tick(now);
  if (pluses > 0 && (data == Data::upload || data == Data::download)) {
    if (pluses == escape_length() && now >= last_plus + guard("guard-after")) {
      escaped(now);
    } else if (pluses < escape_length() && now > first_plus + time("escape-window", std::chrono::seconds(1))) {
      flush_pluses(now);
    }
  }
  if (intake.deadline && *intake.deadline <= now) end_intake(now);
  ftp.tick(now);
}

std::optional<io::Time> Modem::Impl::deadline() const {
  std::optional<io::Time> out;
  if (dead) return out;
  const auto take = [&](std::optional<io::Time> at) {
    if (at && (!out || *at < *out)) out = at;
  };
  take(output.deadline());
  take(ftp.deadline());
  take(intake.deadline);
  if (pluses == escape_length()) take(last_plus + guard("guard-after"));
  if (pluses > 0 && pluses < escape_length())
    take(first_plus + time("escape-window", std::chrono::seconds(1)) + io::Duration(1));
  return out;
}

}  // namespace atspec::modem
