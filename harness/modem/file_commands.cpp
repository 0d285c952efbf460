// The module's own files over the COM port: whole ones (+QFUPL, +QFDWL, +QFLST, +QFDEL, +QFLDS), and open ones with a
// position (+QFOPEN, +QFREAD, +QFWRITE, +QFSEEK, +QFPOSITION, +QFCLOSE). Reference [4] of the manual; of what its
// examples do not show, the plainest.
#include <fmt/format.h>

#include <algorithm>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {
namespace {

/// A host that does not say how much it will write is given so long a stretch, and so much time between two bytes.
constexpr std::int64_t longest_write = 10240;
constexpr std::int64_t write_patience_s = 5;
constexpr std::uint64_t acknowledged_piece = 1024;

/// 16-bit exclusive or of byte pairs, the first byte high; `offset` bytes went into `sum` before these.
std::uint16_t checksum(io::ByteView bytes, std::uint64_t offset = 0, std::uint16_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    sum = static_cast<std::uint16_t>(sum ^ ((offset + i) % 2 == 0 ? byte << 8 : byte));
  }
  return sum;
}

}  // namespace

// --- bytes of the host for a file: +QFUPL and +QFWRITE

void Modem::Impl::begin_intake(io::Time now, Intake what) {
  intake = std::move(what);
  intake.deadline = now + intake.timeout;
  connect(now, intake.command);
  data = Data::file;
}

/// Takes from `bytes` what belongs to the file; the rest is commands again.
void Modem::Impl::take_in(io::Time now, io::ByteView& bytes) {
  while (!bytes.empty() && data == Data::file) {
    const auto piece =
        bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(
                            {intake.left, bytes.size(), acknowledged_piece - intake.taken % acknowledged_piece})));
    intake.checksum = checksum(piece, intake.taken, intake.checksum);
    const io::Bytes kept = spoilt("file", piece, intake.taken);
    if (!store.write(intake.path, intake.offset, kept) && !lax("room")) {
      const std::string command = std::exchange(intake, {}).command;
      data = Data::none;
      finish_line(now, Ended::cme("file"), command);
      queue.clear();
      break;
    }
    intake.offset += kept.size();
    intake.taken += piece.size();
    intake.left -= piece.size();
    intake.deadline = now + intake.timeout;
    bytes.remove_prefix(piece.size());
    if (intake.acknowledge && intake.taken % acknowledged_piece == 0 && intake.left > 0) output.raw("A");
    if (intake.left == 0) end_intake(now);
  }
}

/// All that was announced has come, or no more for too long.
void Modem::Impl::end_intake(io::Time now) {
  const Intake done = std::exchange(intake, {});
  data = Data::none;
  if (done.handle) {
    if (const auto file = open_files.find(*done.handle); file != open_files.end()) file->second.position = done.offset;
    const io::Bytes* content = store.content(done.path);
    output.info(now, done.command,
                fmt::format("+QFWRITE: {},{}", done.taken, content == nullptr ? 0 : content->size()));
  } else {
    output.info(now, done.command, fmt::format("+QFUPL: {},{:x}", done.taken, done.checksum));
  }
  output.ok(now, done.command);
  run_commands_behind(now);
}

/// Whether `more` bytes fit where `path` lies.
bool Modem::Impl::has_room(const std::string& path, std::uint64_t more) const {
  const auto space = store.space(Store::medium_of(path));
  return lax("room") || (space && more <= space->free);
}

/// A file that is being moved is held.
bool Modem::Impl::in_transfer(std::string_view path) const {
  return !operation.local.empty() && Store::medium_of(path) == Store::medium_of(operation.local) &&
         Store::name_of(path) == Store::name_of(operation.local);
}

// --- whole files

Ended Modem::Impl::qfupl(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  const std::string path = arguments.text("file_name");
  const auto size = arguments.integer("file_size");
  const auto seconds = arguments.optional_integer("timeout").value_or(5);
  const auto acknowledge = arguments.optional_integer("ackmode").value_or(0);
  if (!arguments.good() || size < 1 || seconds < 1) return Ended::cme("invalid-parameter");
  const auto bytes = static_cast<std::uint64_t>(size);
  const io::Bytes* before = store.content(path);
  const std::uint64_t there = before == nullptr ? 0 : before->size();
  if (store.space(Store::medium_of(path)) && bytes > there && !has_room(path, bytes - there)) return Ended::cme("file");
  if (in_transfer(path)) return Ended::cme("file");
  if (!store.create(path)) return Ended::cme("open-file");
  begin_intake(now, {.command = command.name,
                     .path = path,
                     .left = bytes,
                     .acknowledge = acknowledge == 1,
                     .timeout = std::chrono::seconds(seconds)});
  return Ended::later();
}

Ended Modem::Impl::qfdwl(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  const std::string path = arguments.text("file_name");
  if (!arguments.good()) return Ended::cme("invalid-parameter");
  const io::Bytes* content = store.content(path);
  if (content == nullptr) return Ended::cme("open-file");
  output.connect(now, command.name);
  output.raw(spoilt("shown", *content, 0));
  output.info(now, command.name, fmt::format("+QFDWL: {},{:x}", content->size(), checksum(*content)));
  return Ended::ok();
}

Ended Modem::Impl::qflst(io::Time now, const Command& command) {
  std::string pattern = "*";
  if (command.form == Command::Form::write) {
    Arguments arguments(config, command);
    pattern = arguments.text("name_pattern");
    if (!arguments.good()) return Ended::cme("invalid-parameter");
  } else if (command.form != Command::Form::execute) {
    return Ended::error();
  }
  const char* quote = config.plays("A03.unquoted") ? "" : "\"";
  for (const auto& [path, size] : store.list(pattern))
    output.info(now, command.name, fmt::format("+QFLST: {}{}{},{}", quote, path, quote, size));
  return Ended::ok();
}

Ended Modem::Impl::qfdel(io::Time, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  const std::string path = arguments.text("file_name");
  if (!arguments.good()) return Ended::cme("invalid-parameter");
  const auto files = store.list(path);
  if (files.empty()) return Ended::cme("open-file");
  if (std::any_of(files.begin(), files.end(), [&](const auto& file) { return in_transfer(file.first); }))
    return Ended::cme("file");
  for (const auto& [name, size] : files) store.remove(name);
  return Ended::ok();
}

Ended Modem::Impl::qflds(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  const std::string medium = arguments.text("name");
  if (!arguments.good()) return Ended::cme("invalid-parameter");
  const auto space = store.space(medium);
  if (!space) return Ended::cme("open-file");
  output.info(now, command.name, fmt::format("+QFLDS: {},{}", space->free, space->total));
  return Ended::ok();
}

// --- open files

Ended Modem::Impl::qfopen(io::Time now, const Command& command) {
  if (command.form == Command::Form::read) {
    for (const auto& [handle, file] : open_files)
      output.info(now, command.name, fmt::format("+QFOPEN: \"{}\",{},{}", file.path, handle, file.mode));
    return Ended::ok();
  }
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  OpenFile file;
  file.path = arguments.text("file_name");
  file.mode = arguments.optional_integer("mode").value_or(0);
  if (!arguments.good() || file.mode < 0 || file.mode > 2) return Ended::cme("invalid-parameter");
  if (file.mode == 1 && in_transfer(file.path)) return Ended::cme("file");
  const bool creates = file.mode == 1 || (file.mode == 0 && !store.has(file.path));
  if (creates ? !store.create(file.path) : !store.has(file.path)) return Ended::cme("open-file");
  int handle = 1;
  while (open_files.contains(handle)) ++handle;
  open_files.emplace(handle, std::move(file));
  output.info(now, command.name, fmt::format("+QFOPEN: {}", handle));
  return Ended::ok();
}

Modem::Impl::OpenFile* Modem::Impl::open_file(std::int64_t handle) {
  const auto found = open_files.find(handle);
  return found == open_files.end() || !store.has(found->second.path) ? nullptr : &found->second;
}

Ended Modem::Impl::qfread(io::Time now, const Command& command) {
  Arguments arguments(config, command);
  const auto handle = arguments.integer("handle");
  const auto length = arguments.optional_integer("length");
  if (command.form != Command::Form::write || !arguments.good() || length.value_or(1) < 1)
    return Ended::cme("invalid-parameter");
  OpenFile* file = open_file(handle);
  if (file == nullptr) return Ended::cme("open-file");
  const io::ByteView content = *store.content(file->path);
  const io::ByteView rest = content.substr(std::min<std::uint64_t>(file->position, content.size()));
  const auto wanted = length ? std::max<std::int64_t>(*length + config.fault_number("length.read"), 0) : longest_write;
  const io::ByteView bytes = rest.substr(0, static_cast<std::size_t>(wanted));
  output.connect(now, command.name, fmt::format("CONNECT {}", bytes.size()));
  output.raw(spoilt("shown", bytes, 0));
  file->position += bytes.size();
  return Ended::ok();
}

Ended Modem::Impl::qfwrite(io::Time now, const Command& command) {
  Arguments arguments(config, command);
  const auto handle = arguments.integer("handle");
  const bool announced = arguments.more();
  const auto length = arguments.optional_integer("length").value_or(longest_write);
  const auto seconds = arguments.optional_integer("timeout").value_or(write_patience_s);
  if (command.form != Command::Form::write || !arguments.good() || length < 1 || seconds < 1)
    return Ended::cme("invalid-parameter");
  const OpenFile* file = open_file(handle);
  if (file == nullptr) return Ended::cme("open-file");
  if (file->mode == 2 || in_transfer(file->path)) return Ended::cme("file");
  const std::uint64_t there =
      store.content(file->path)->size() - std::min<std::uint64_t>(file->position, store.content(file->path)->size());
  const auto bytes = static_cast<std::uint64_t>(length);
  if (announced && bytes > there && !has_room(file->path, bytes - there)) return Ended::cme("file");
  begin_intake(now, {.command = command.name,
                     .path = file->path,
                     .handle = handle,
                     .offset = file->position,
                     .left = bytes,
                     .timeout = std::chrono::seconds(seconds)});
  return Ended::later();
}

Ended Modem::Impl::qfseek(io::Time, const Command& command) {
  Arguments arguments(config, command);
  const auto handle = arguments.integer("handle");
  const auto offset = arguments.integer("offset");
  const auto from = arguments.optional_integer("position").value_or(0);
  if (command.form != Command::Form::write || !arguments.good() || offset < 0 || from < 0 || from > 2)
    return Ended::cme("invalid-parameter");
  OpenFile* file = open_file(handle);
  if (file == nullptr) return Ended::cme("open-file");
  const std::uint64_t size = store.content(file->path)->size();
  const auto far = static_cast<std::uint64_t>(offset);
  // from the end it goes backwards
  const std::uint64_t start = from == 0 ? 0 : from == 1 ? std::min(file->position, size) : size;
  if (far > (from == 2 ? start : size - start)) return Ended::cme("file-position");
  const std::uint64_t wanted = from == 2 ? start - far : start + far;
  file->position = std::min(wanted + static_cast<std::uint64_t>(config.fault_number("start.seek")), size);
  return Ended::ok();
}

Ended Modem::Impl::qfposition(io::Time now, const Command& command) {
  Arguments arguments(config, command);
  const auto handle = arguments.integer("handle");
  if (command.form != Command::Form::write || !arguments.good()) return Ended::cme("invalid-parameter");
  const OpenFile* file = open_file(handle);
  if (file == nullptr) return Ended::cme("open-file");
  output.info(now, command.name, fmt::format("+QFPOSITION: {}", file->position));
  return Ended::ok();
}

Ended Modem::Impl::qfclose(io::Time, const Command& command) {
  Arguments arguments(config, command);
  const auto handle = arguments.integer("handle");
  if (command.form != Command::Form::write || !arguments.good()) return Ended::cme("invalid-parameter");
  return open_files.erase(handle) == 0 ? Ended::cme("open-file") : Ended::ok();
}

}  // namespace atspec::modem
