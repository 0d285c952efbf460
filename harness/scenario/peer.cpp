#include "harness/scenario/peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "harness/scenario/peer_text.hpp"

namespace atspec::scenario {
namespace {

struct ActionName {
  PeerRule::Action action;
  std::string_view name;
};
constexpr std::array<ActionName, 14> action_names{{{PeerRule::Action::reply, "reply"},
                                                   {PeerRule::Action::delay, "delay"},
                                                   {PeerRule::Action::stall, "stall"},
                                                   {PeerRule::Action::close, "close"},
                                                   {PeerRule::Action::reset, "reset"},
                                                   {PeerRule::Action::alert, "alert"},
                                                   {PeerRule::Action::truncate, "truncate"},
                                                   {PeerRule::Action::resume, "resume"},
                                                   {PeerRule::Action::no_notify, "no-notify"},
                                                   {PeerRule::Action::preface, "preface"},
                                                   {PeerRule::Action::raw, "raw"},
                                                   {PeerRule::Action::stray, "stray"},
                                                   {PeerRule::Action::half_close, "half-close"},
                                                   {PeerRule::Action::refuse, "refuse"}}};

bool has_text(const PeerRule& rule) {
  using enum PeerRule::Action;
  return rule.action == reply || rule.action == preface || rule.action == raw || rule.action == stray;
}

/// The word before the time of a rule that has one; empty: none stands there.
std::string_view before_duration(const PeerRule& rule) {
  switch (rule.action) {
    case PeerRule::Action::raw:
      return rule.more.empty() ? "" : "every";
    case PeerRule::Action::stray:
      return "after";
    case PeerRule::Action::refuse:
      return rule.verb == "CONNECT" ? "for" : "";
    default:
      return "";
  }
}

/// Handshakes can be spoilt in ways that commands cannot, and only a port can be closed.
bool fits(PeerRule::Action action, std::string_view verb) {
  using enum PeerRule::Action;
  const bool tls = verb == "TLS" || verb == "DATA-TLS";
  if (action == refuse || verb == "DATA") return action == refuse && (verb == "DATA" || verb == "CONNECT");
  if (action == alert || action == truncate) return tls;
  if (action == preface || action == raw || action == stray || action == half_close) return !tls;
  return (action != resume && action != no_notify) || verb == "DATA-TLS";
}

std::expected<PeerDirective, Complaint> read_file(Arguments& arguments) {
  auto path = arguments.word("the path of the file");
  if (!path) return std::unexpected(path.error());
  auto content = read_content(arguments);
  if (!content) return std::unexpected(content.error());
  return PeerFile{std::move(*path), content->size, content->seed, std::move(content->text)};
}

/// The time of a rule that has one.
std::optional<Complaint> read_duration(Arguments& arguments, PeerRule& rule) {
  const bool delay = rule.action == PeerRule::Action::delay;
  const std::string_view keyword = before_duration(rule);
  if (!delay && keyword.empty()) return std::nullopt;
  if (!delay && !arguments.take(keyword)) {
    if (rule.action == PeerRule::Action::refuse) return std::nullopt;
    return Complaint{arguments.at(), fmt::format("`{}` and a time come here", keyword)};
  }
  const std::size_t where = arguments.at();
  const auto text = arguments.word(delay ? "the delay" : "the time");
  if (!text) return text.error();
  const auto duration = io::parse_duration(*text);
  if (!duration) return Complaint{where, fmt::format("a {} looks like 300ms, 15s or 2min", delay ? "delay" : "time")};
  if (rule.action == PeerRule::Action::refuse && *duration <= io::Duration{})
    return Complaint{where, "a port is closed for more than no time"};
  rule.duration = *duration;
  return std::nullopt;
}

std::expected<PeerDirective, Complaint> read_rule(Arguments& arguments) {
  PeerRule rule;
  auto verb = arguments.word("the FTP command (or CONNECT, or *)");
  if (!verb) return std::unexpected(verb.error());
  rule.verb = std::move(*verb);
  for (char& c : rule.verb) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');  // RFC 959 §5.3: letter case means nothing
  }
  const std::size_t where_action = arguments.at();
  const auto known = std::find_if(action_names.begin(), action_names.end(),
                                  [&](const ActionName& one) { return arguments.take(one.name); });
  if (known == action_names.end())
    return std::unexpected(
        Complaint{arguments.at(),
                  "one of reply, raw, delay, stall, close, half-close, reset, preface, stray, refuse "
                  "comes here"});
  rule.action = known->action;
  if (!fits(rule.action, rule.verb))
    return std::unexpected(Complaint{where_action,
                                     "alert and truncate are for TLS and DATA-TLS, resume and no-notify for DATA-TLS, "
                                     "raw, half-close, preface and stray for neither, refuse for CONNECT and DATA, and "
                                     "nothing else for DATA"});
  if (has_text(rule)) {
    auto text = arguments.quoted("the reply");
    if (!text) return std::unexpected(text.error());
    rule.text = std::move(*text);
  }
  if (rule.action == PeerRule::Action::raw) {
    for (const Word* word = arguments.peek(); word != nullptr && word->quoted && !word->key; word = arguments.peek()) {
      rule.more.push_back(word->text);
      arguments.skip();
    }
  }
  if (auto complaint = read_duration(arguments, rule)) return std::unexpected(std::move(*complaint));
  if (rule.verb == "CONNECT" && rule.action == PeerRule::Action::refuse && arguments.take("times"))
    return std::unexpected(Complaint{arguments.at(), "a closed port counts nobody: `for` and a time, not `times`"});
  if (arguments.take("times")) {
    const auto times = arguments.number("the number of times", std::numeric_limits<unsigned>::max());
    if (!times) return std::unexpected(times.error());
    rule.times = static_cast<unsigned>(*times);
  }
  return rule;
}

}  // namespace

std::expected<Content, Complaint> read_content(Arguments& arguments) {
  Content content;
  bool size_given = false, seed_given = false;
  for (const Word* word = arguments.peek(); word != nullptr; word = arguments.peek()) {
    if (word->key == "text" && !content.text) {
      if (!word->quoted) return std::unexpected(Complaint{word->at, "the text stands in quotes"});
      content.text = word->text;
    } else if ((word->key == "size" && !size_given) || (word->key == "seed" && !seed_given)) {
      const bool is_size = word->key == "size";
      const std::uint64_t largest = is_size ? largest_content : std::numeric_limits<std::uint64_t>::max();
      const auto value = parse_number(word->text, largest);
      if (!value)
        return std::unexpected(Complaint{word->at, fmt::format("{} is a number up to {}", *word->key, largest)});
      (is_size ? content.size : content.seed) = *value;
      (is_size ? size_given : seed_given) = true;
    } else {
      return std::unexpected(Complaint{word->at, "size=N, seed=N or text=\"...\" comes here, each once"});
    }
    if (content.text && (size_given || seed_given))
      return std::unexpected(Complaint{word->at, "either a text or a size"});
    arguments.skip();
  }
  return content;
}

std::string spell_content(std::uint64_t size, std::uint64_t seed) {
  return seed == 0 ? fmt::format("size={}", size) : fmt::format("size={} seed={}", size, seed);
}

std::expected<PeerDirective, Complaint> read_peer_directive(Arguments arguments) {
  std::expected<PeerDirective, Complaint> directive = [&]() -> std::expected<PeerDirective, Complaint> {
    if (arguments.take("file")) return read_file(arguments);
    if (arguments.take("on")) return read_rule(arguments);
    if (arguments.take("dir")) {
      auto path = arguments.word("the path of the directory");
      if (!path) return std::unexpected(path.error());
      return PeerDirectory{std::move(*path)};
    }
    if (arguments.take("cut")) {
      if (!arguments.take("data")) return std::unexpected(Complaint{arguments.at(), "`data` comes after `cut`"});
      if (!arguments.take("after")) return std::unexpected(Complaint{arguments.at(), "`after` comes after `data`"});
      const auto bytes = arguments.number("the number of bytes", std::numeric_limits<std::uint64_t>::max());
      if (!bytes) return std::unexpected(bytes.error());
      PeerCut cut{*bytes, arguments.take("reset"), std::nullopt};
      if (arguments.take("reply")) {
        auto text = arguments.quoted("the reply");
        if (!text) return std::unexpected(text.error());
        cut.reply = std::move(*text);
      }
      return cut;
    }
    if (arguments.take("stall")) {
      if (!arguments.take("data")) return std::unexpected(Complaint{arguments.at(), "`data` comes after `stall`"});
      if (!arguments.take("after")) return std::unexpected(Complaint{arguments.at(), "`after` comes after `data`"});
      const auto bytes = arguments.number("the number of bytes", std::numeric_limits<std::uint64_t>::max());
      if (!bytes) return std::unexpected(bytes.error());
      PeerStall stall{*bytes, std::nullopt};
      if (!arguments.take("for")) return stall;
      const auto where = arguments.at();
      const auto text = arguments.word("how long");
      if (!text) return std::unexpected(text.error());
      stall.duration = io::parse_duration(*text);
      if (!stall.duration) return std::unexpected(Complaint{where, "a time looks like 300ms, 15s or 2min"});
      return stall;
    }
    if (arguments.take("data")) {
      if (arguments.take("elsewhere")) return PeerElsewhere{};
      if (arguments.take("misnamed")) return PeerElsewhere{true};
      return std::unexpected(Complaint{arguments.at(), "`elsewhere` or `misnamed` comes after `data`"});
    }
    return std::unexpected(Complaint{arguments.at(), "one of file, dir, on, cut, stall, data comes after `peer`"});
  }();
  if (directive) {
    if (auto complaint = arguments.done()) return std::unexpected(std::move(*complaint));
  }
  return directive;
}

std::expected<PeerDirective, std::string> parse_peer_directive(std::string_view line) {
  auto words = split_words(line, 0);
  if (!words) return std::unexpected(words.error().message);
  auto directive = read_peer_directive({std::move(*words), line.size()});
  if (!directive) return std::unexpected(directive.error().message);
  return std::move(*directive);
}

std::string to_text(const PeerDirective& directive) {
  struct Printer {
    std::string operator()(const PeerFile& file) const {
      return fmt::format("peer file {} {}", spell_word(file.path),
                         file.text ? "text=" + spell_quoted(*file.text) : spell_content(file.size, file.seed));
    }
    std::string operator()(const PeerDirectory& directory) const {
      return fmt::format("peer dir {}", spell_word(directory.path));
    }
    std::string operator()(const PeerRule& rule) const {
      const auto known = std::find_if(action_names.begin(), action_names.end(),
                                      [&](const ActionName& one) { return one.action == rule.action; });
      std::string out = fmt::format("peer on {} {}", spell_word(rule.verb), known->name);
      if (has_text(rule)) out += ' ' + spell_quoted(rule.text);
      for (const auto& piece : rule.more) out += ' ' + spell_quoted(piece);
      const std::string_view keyword = before_duration(rule);
      const bool for_good = rule.action == PeerRule::Action::refuse && rule.duration == io::Duration{};
      if (!keyword.empty() && !for_good) out += fmt::format(" {} {}", keyword, io::format_duration(rule.duration));
      if (rule.action == PeerRule::Action::delay) out += ' ' + io::format_duration(rule.duration);
      if (rule.times) out += fmt::format(" times {}", *rule.times);
      return out;
    }
    std::string operator()(const PeerCut& cut) const {
      return fmt::format("peer cut data after {}{}{}", cut.after_bytes, cut.reset ? " reset" : "",
                         cut.reply ? " reply " + spell_quoted(*cut.reply) : "");
    }
    std::string operator()(const PeerStall& stall) const {
      return fmt::format("peer stall data after {}{}", stall.after_bytes,
                         stall.duration ? " for " + io::format_duration(*stall.duration) : "");
    }
    std::string operator()(const PeerElsewhere& elsewhere) const {
      return elsewhere.misnamed ? "peer data misnamed" : "peer data elsewhere";
    }
  };
  return std::visit(Printer{}, directive);
}

io::Bytes content(const PeerFile& file) {
  return file.text ? *file.text : io::pattern(static_cast<std::size_t>(file.size), file.seed);
}

bool needs_scripted(const PeerDirective& directive) {
  return !std::holds_alternative<PeerFile>(directive) && !std::holds_alternative<PeerDirectory>(directive);
}

}  // namespace atspec::scenario
