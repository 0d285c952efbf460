#include "harness/modem/config.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace atspec::modem {
namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::unexpected<std::string> wrong(std::string_view path, std::string_view why) {
  return std::unexpected(std::string(path) + ": " + std::string(why));
}

std::expected<void, std::string> set_limit(Config& config, std::string_view path, std::string_view rest,
                                           std::string_view value) {
  // "+QFTPCFG.timeout.max": the last part is the field, the others name the parameter
  const auto dot = rest.rfind('.');
  if (dot == std::string_view::npos) return wrong(path, "want limit.COMMAND.PARAMETER.FIELD");
  const auto found = config.limits.find(std::string(rest.substr(0, dot)));
  if (found == config.limits.end()) return wrong(path, "no such parameter");
  const auto field = rest.substr(dot + 1);
  Limit& limit = found->second;
  if (field == "default") {
    limit.default_value = std::string(value);
    return {};
  }
  const auto parsed = number(value);
  if (!parsed && !value.empty()) return wrong(path, "the value is no number");
  if (field == "min") {
    limit.min = parsed;
  } else if (field == "max") {
    limit.max = parsed;
  } else if (field == "max_length") {
    limit.max_length =
        parsed ? std::optional(static_cast<std::size_t>(std::max<std::int64_t>(*parsed, 0))) : std::nullopt;
  } else if (field == "choice") {
    if (!parsed) return wrong(path, "the value is no number");
    limit.choices.push_back(*parsed);
  } else if (field == "no-choice") {
    if (!parsed || std::erase(limit.choices, *parsed) == 0) return wrong(path, "no such choice");
  } else {
    return wrong(path, "the field is none of min, max, max_length, choice, no-choice, default");
  }
  return {};
}

/// What can go wrong inside; behind a name that ends in a dot stands what it happens to.
constexpr std::string_view known_faults[] = {
    "stuck.", "used.",  "kept.",   "forgotten.", "refused.", "idle.",  "drops-session.", "cut-text.",
    "spoil.", "start.", "length.", "verb.",      "lax.",     "prefix", "early-answer",   "pluses"};

std::expected<void, std::string> set_fault(Config& config, std::string_view path, std::string_view rest,
                                           std::string_view value) {
  const auto fits = [&](std::string_view known) {
    return known.ends_with('.') ? rest.starts_with(known) && rest.size() > known.size() : rest == known;
  };
  if (std::none_of(std::begin(known_faults), std::end(known_faults), fits)) return wrong(path, "no such fault");
  config.faults[std::string(rest)] = std::string(value);
  return {};
}

}  // namespace

std::int64_t Config::fault_number(const std::string& name) const {
  const std::string* text = fault(name);
  return text == nullptr ? 0 : number(*text).value_or(0);
}

std::expected<void, std::string> set(Config& config, std::string_view path, std::string_view value) {
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) return wrong(path, "no such value");
  const auto kind = path.substr(0, dot);
  const auto rest = path.substr(dot + 1);
  if (kind == "fault") return set_fault(config, path, rest, value);
  if (kind == "limit") return set_limit(config, path, rest, value);
  if (kind == "pair" || kind == "code") {
    const auto code = number(value);
    if (!code) return wrong(path, "the value is no number");
    if (kind == "code") {
      if (!config.codes.contains(std::string(rest))) return wrong(path, "no code has that name");
      config.codes[std::string(rest)] = *code;
      return {};
    }
    const auto reply = number(rest);
    if (!reply) return wrong(path, "want pair.REPLY-CODE");
    config.pair[*reply] = *code;
    return {};
  }
  if (kind == "initial") {
    config.initial[std::string(rest)] = std::string(value);
    return {};
  }
  if (kind == "time") {
    const auto duration = io::parse_duration(value);
    if (!duration) return wrong(path, "the value is no duration");
    config.times[std::string(rest)] = *duration;
    return {};
  }
  if (kind == "test") {
    const auto end = rest.rfind('.');
    const auto index = end == std::string_view::npos ? std::nullopt : number(rest.substr(end + 1));
    const auto found = config.test_lines.find(std::string(rest.substr(0, end)));
    if (!index || found == config.test_lines.end() || *index < 0 ||
        *index >= static_cast<std::int64_t>(found->second.size()))
      return wrong(path, "want test.COMMAND.LINE of a line there is");
    found->second[static_cast<std::size_t>(*index)] = std::string(value);
    return {};
  }
  if (kind == "store") {
    std::uint64_t* const medium = rest == "ram"   ? &config.ram_bytes
                                  : rest == "ufs" ? &config.ufs_bytes
                                  : rest == "sd"  ? &config.sd_bytes
                                                  : nullptr;
    const auto bytes = number(value);
    if (medium == nullptr) return wrong(path, "the medium is none of ram, ufs, sd");
    if (!bytes || *bytes < 0) return wrong(path, "the value is no number of bytes");
    *medium = static_cast<std::uint64_t>(*bytes);
    return {};
  }
  if (kind == "reading") {
    if (value != "true" && value != "false") return wrong(path, "want true or false");
    if (value == "true") {
      config.readings.insert(std::string(rest));
    } else {
      config.readings.erase(std::string(rest));
    }
    return {};
  }
  return wrong(path, "no such value");
}

}  // namespace atspec::modem
