// The local files: +QFUPL, +QFLST, +QFDEL (reference [4] of the manual; only what its examples show).
#include <fmt/format.h>

#include <algorithm>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {

Ended Modem::Impl::qfupl(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  Arguments arguments(config, command);
  file_path = arguments.text("file_name");
  const auto size = arguments.integer("file_size");
  const auto seconds = arguments.optional_integer("timeout").value_or(5);
  const auto acknowledge = arguments.optional_integer("ackmode").value_or(0);
  if (!arguments.good() || size < 1 || seconds < 1) return Ended::cme("invalid-parameter");
  if (!store.create(file_path)) return Ended::cme("open-file");
  file_left = static_cast<std::uint64_t>(size);
  file_taken = 0;
  file_checksum = 0;
  file_acknowledge = acknowledge == 1;
  file_timeout = std::chrono::seconds(seconds);
  file_deadline = now + file_timeout;
  output.connect(now, command.name);
  data = Data::file;
  lf_may_follow = true;
  return Ended::later();
}

void Modem::Impl::end_qfupl(io::Time now) {
  data = Data::none;
  file_deadline.reset();
  output.info(now, "+QFUPL", fmt::format("+QFUPL: {},{:x}", file_taken, file_checksum));
  output.ok(now, "+QFUPL");
  run_commands_behind(now);
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
  // a file that is being moved is held
  const bool held = std::any_of(files.begin(), files.end(), [&](const auto& file) {
    return !operation.local.empty() && store.content(file.first) == store.content(operation.local);
  });
  if (held) return Ended::cme("file");
  for (const auto& [name, size] : files) store.remove(name);
  return Ended::ok();
}

}  // namespace atspec::modem
