#include "harness/scenario/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "harness/scenario/peer_text.hpp"
#include "harness/scenario/words.hpp"

namespace atspec::scenario {
namespace {

using Problem = std::optional<Complaint>;

/// Every claim keeps its clauses: one long `clause` line and many short claims must not fill the memory.
constexpr std::size_t largest_claims_cost = 8U << 20;

/// Scenarios line by line.
class Parser {
 public:
  explicit Parser(bool several) : several_(several) {}

  std::expected<std::vector<Scenario>, TextError> parse(std::string_view text) {
    if (!several_) begin();
    for (int number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (auto problem = take(line))
        return std::unexpected(TextError{number, static_cast<int>(problem->at) + 1, std::move(problem->message)});
    }
    return std::move(done_);
  }

 private:
  void begin() {
    done_.emplace_back();
    claimed_.clear();
    claimed_cost_ = 0;
    aimed_at_.clear();
    has_case_ = has_purpose_ = in_steps_ = false;
  }
  Scenario& now() { return done_.back(); }

  Problem take(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') return std::nullopt;
    const std::size_t end = std::min(line.find_first_of(" \t", first), line.size());
    const std::string_view keyword = line.substr(first, end - first);
    if (done_.empty() && keyword != "case") return Complaint{first, "a `case` line comes first"};
    if (keyword.front() == '>' || keyword.front() == '<' || keyword == "purpose")
      return take_literal(line, first, keyword);
    auto words = split_words(line, end);
    if (!words) return words.error();
    Arguments arguments(std::move(*words), line.size());
    Problem problem = keyword == "case"     ? take_case(arguments, first)
                      : keyword == "clause" ? take_clauses(arguments)
                      : keyword == "needs"  ? take_needs(arguments, first)
                      : keyword == "modes"  ? take_modes(arguments, first)
                      : keyword == "body"   ? take_body(first)
                                            : take_step(keyword, arguments, first);
    if (!problem) problem = arguments.done();
    return problem;
  }

  void add(Step step) {
    in_steps_ = true;
    now().body.push_back(std::move(step));
  }

  Problem not_before_steps(std::size_t at) const {
    if (!in_steps_) return std::nullopt;
    return Complaint{at, "this line stands before the first step"};
  }

  /// `> line`, `< pattern`, `purpose words`: all after one blank.
  Problem take_literal(std::string_view line, std::size_t first, std::string_view keyword) {
    const bool marked = keyword != "purpose";
    if (marked && keyword.size() > 1)
      return Complaint{first + 1, fmt::format("a blank stands after `{}`", keyword.front())};
    auto text = read_literal(line, std::min(first + keyword.size() + 1, line.size()));
    if (!text) return text.error();
    if (keyword == ">") {
      add(Send{std::move(*text)});
    } else if (keyword == "<") {
      if (text->empty()) return Complaint{line.size(), "the line that is claimed is missing"};
      claims_cost_ += claimed_cost_;
      if (claims_cost_ > largest_claims_cost) return Complaint{first, "too many clauses are claimed again and again"};
      add(Expect{std::move(*text), claimed_});
    } else {
      if (auto late = not_before_steps(first)) return late;
      if (std::exchange(has_purpose_, true)) return Complaint{first, "a second purpose"};
      now().purpose = std::move(*text);
    }
    return std::nullopt;
  }

  Problem take_case(Arguments& arguments, std::size_t first) {
    auto id = arguments.word("the id of the case");
    if (!id) return id.error();
    if (id->empty()) return Complaint{first, "the id of the case is missing"};
    if (several_) {
      begin();
    } else if (has_case_ || in_steps_) {
      return Complaint{first, "only one case is expected, begun by this line"};
    }
    has_case_ = true;
    now().id = std::move(*id);
    return std::nullopt;
  }

  Problem take_clauses(Arguments& arguments) {
    claimed_.clear();
    claimed_cost_ = 0;
    std::set<std::string, std::less<>> in_line;
    while (!arguments.empty()) {
      auto clause = arguments.word("a clause");
      if (!clause) return clause.error();
      if (!in_line.insert(*clause).second) continue;
      claimed_.push_back(*clause);
      claimed_cost_ += clause->size() + sizeof(std::string);
      if (aimed_at_.insert(*clause).second) now().clauses.push_back(std::move(*clause));
    }
    return std::nullopt;
  }

  Problem take_needs(Arguments& arguments, std::size_t first) {
    if (auto late = not_before_steps(first)) return late;
    for (const Word* word = arguments.peek(); word != nullptr; word = arguments.peek()) {
      if (!word->key || word->key->empty()) return Complaint{word->at, "state=value comes here"};
      if (*word->key == "peer") {
        if (now().peer != PeerLevel::none) return Complaint{word->at, "the peer is said twice"};
        const auto level = parse_level(word->text);
        if (!level) return Complaint{word->at, "the peer is one of none, blind, observed, scripted"};
        now().peer = *level;
      } else if (!now().needs.emplace(*word->key, word->text).second) {
        return Complaint{word->at, fmt::format("`{}` is said twice", shown(*word->key))};
      }
      arguments.skip();
    }
    return std::nullopt;
  }

  Problem take_modes(Arguments& arguments, std::size_t first) {
    if (auto late = not_before_steps(first)) return late;
    while (!arguments.empty()) {
      auto state = arguments.word("a state");
      if (!state) return state.error();
      now().modes.insert(std::move(*state));
    }
    return std::nullopt;
  }

  static std::optional<PeerLevel> parse_level(std::string_view text) {
    for (const PeerLevel level : {PeerLevel::none, PeerLevel::blind, PeerLevel::observed, PeerLevel::scripted}) {
      if (to_string(level) == text) return level;
    }
    return std::nullopt;
  }

  Problem take_body(std::size_t first) {
    if (std::exchange(now().materialised, true)) return Complaint{first, "a second `body`"};
    now().set_up.swap(now().body);
    in_steps_ = true;
    return std::nullopt;
  }

  Problem take_step(std::string_view keyword, Arguments& arguments, std::size_t first) {
    if (keyword == "wait") return take_wait(arguments);
    if (keyword == "data") return take_data(arguments);
    if (keyword == "raw") {
      auto bytes = arguments.quoted("what is sent");
      if (!bytes) return bytes.error();
      add(Raw{std::move(*bytes)});
    } else if (keyword == "pause") {
      const auto duration = take_duration(arguments, "the pause");
      if (!duration) return duration.error();
      add(Pause{*duration});
    } else if (keyword == "chunk") {
      const auto bytes = arguments.number("the size of a piece", std::numeric_limits<unsigned>::max());
      if (!bytes) return bytes.error();
      add(Chunk{static_cast<unsigned>(*bytes)});
    } else if (keyword == "line-end") {
      const bool line_feed = arguments.take("crlf");
      if (!line_feed && !arguments.take("cr")) return Complaint{arguments.at(), "cr or crlf comes here"};
      add(LineEnd{line_feed});
    } else if (keyword == "dtr") {
      const bool on = arguments.take("on");
      if (!on && !arguments.take("off")) return Complaint{arguments.at(), "on or off comes here"};
      add(Dtr{on});
    } else if (keyword == "peer") {
      auto directive = read_peer_directive(std::exchange(arguments, Arguments({}, arguments.at())));
      if (!directive) return directive.error();
      add(Peer{std::move(*directive)});
    } else if (keyword == "escape") {
      add(Escape{});
    } else if (keyword == "break") {
      add(Break{});
    } else if (keyword == "reset") {
      add(Reset{});
    } else {
      return Complaint{first, fmt::format("there is no step `{}`", shown(keyword))};
    }
    return std::nullopt;
  }

  Problem take_wait(Arguments& arguments) {
    Wait wait;
    if (arguments.take("final")) {
      wait.what = Wait::For::final_result;
    } else if (arguments.take("connect")) {
      wait.what = Wait::For::connect;
    } else if (arguments.take("urc")) {
      wait.what = Wait::For::urc;
    } else {
      return Complaint{arguments.at(), "final, connect or urc comes here"};
    }
    const Word* word = arguments.peek();
    if (wait.what == Wait::For::urc && word != nullptr && (word->quoted || word->text != "within")) {
      const std::size_t where = arguments.at();
      auto name = arguments.word("the name of the URC");
      if (!name) return name.error();
      if (name->empty()) return Complaint{where, "the name of the URC is empty"};
      wait.name = std::move(*name);
    }
    if (arguments.take("within")) {
      const auto within = take_duration(arguments, "the longest wait");
      if (!within) return within.error();
      wait.within = *within;
    }
    add(std::move(wait));
    return std::nullopt;
  }

  Problem take_data(Arguments& arguments) {
    if (const Word* word = arguments.peek(); word != nullptr && word->quoted && !word->key) {
      add(Data{.text = word->text});
      arguments.skip();
      return std::nullopt;
    }
    const std::size_t where = arguments.at();
    if (arguments.empty()) return Complaint{where, "size=N or a text in quotes comes here"};
    auto content = read_content(arguments);
    if (!content) return content.error();
    if (content->text) return Complaint{where, "the text stands here without `text=`"};
    add(Data{content->size, content->seed, std::nullopt});
    return std::nullopt;
  }

  static std::expected<io::Duration, Complaint> take_duration(Arguments& arguments, std::string_view what) {
    const std::size_t where = arguments.at();
    const auto text = arguments.word(what);
    if (!text) return std::unexpected(text.error());
    if (const auto duration = io::parse_duration(*text)) return *duration;
    return std::unexpected(Complaint{where, fmt::format("{} looks like 300ms, 15s or 2min", what)});
  }

  bool several_;
  std::vector<Scenario> done_;
  std::vector<std::string> claimed_;  ///< what the last `clause` line said
  std::size_t claimed_cost_ = 0;      ///< bytes that one more claim takes
  std::size_t claims_cost_ = 0;
  std::set<std::string, std::less<>> aimed_at_;
  bool has_case_ = false, has_purpose_ = false, in_steps_ = false;
};

}  // namespace

std::expected<Scenario, TextError> parse(std::string_view text) {
  auto scenarios = Parser(false).parse(text);
  if (!scenarios) return std::unexpected(std::move(scenarios.error()));
  return std::move(scenarios->front());
}

std::expected<std::vector<Scenario>, TextError> parse_all(std::string_view text) { return Parser(true).parse(text); }

}  // namespace atspec::scenario
