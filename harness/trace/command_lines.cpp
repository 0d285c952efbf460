#include "harness/trace/command_lines.hpp"

#include <algorithm>

#include "harness/trace/result_code.hpp"

namespace atspec::trace {
namespace {

constexpr std::size_t most_lines = 64;
constexpr std::size_t longest_compared = 4096;

}  // namespace

std::string without_wiping(std::string_view echo) {
  std::string out;
  for (std::size_t i = 0; i < echo.size(); ++i) {
    out += echo[i];
    if (echo.substr(i, 3) == "\b \b") i += 2;
  }
  return out;
}

void CommandLines::sent(std::string_view text, io::Time at, std::size_t echoed) {
  // A/ is carried out without a CR (V.250 §5.2.4): what stands behind it begins another line
  constexpr std::size_t repeat = 2;
  if (text.size() > repeat && (text.starts_with("A/") || text.starts_with("a/")) && echoed <= repeat) {
    sent(text.substr(0, repeat), at, echoed);
    return sent(text.substr(repeat), at, 0);
  }
  if (lines_.size() == most_lines) lines_.erase(lines_.begin());
  std::string comparable(text.substr(0, longest_compared));
  std::erase(comparable, '\n');  // is not echoed
  echoed = std::min(echoed, comparable.size());
  lines_.push_back({std::move(comparable), at, has_command_prefix(text), echoed});
}

void CommandLines::answered() {
  const auto first = std::find_if(lines_.begin(), lines_.end(), [](const Line& line) { return line.asks; });
  lines_.erase(lines_.begin(), first == lines_.end() ? first : first + 1);
}

const CommandLines::Line* CommandLines::oldest() const {
  const auto first = std::find_if(lines_.begin(), lines_.end(), [](const Line& line) { return line.asks; });
  return first == lines_.end() ? nullptr : &*first;
}

std::optional<CommandLines::Echo> CommandLines::take_echo(std::string_view text, bool framed) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    Line& line = lines_[i];
    const std::string_view rest = std::string_view(line.text).substr(line.echoed);
    // a device answers with a word in a frame, but never with a command
    if (rest.empty() || (framed && (!line.asks || line.echoed > 0))) continue;
    if (text == rest || (rest.find('\b') != std::string_view::npos && without_wiping(text) == rest)) {
      for (std::size_t k = 0; k <= i; ++k) lines_[k].echoed = lines_[k].text.size();
      return Echo{0};
    }
    if (!line.asks || framed) continue;
    if (rest.starts_with(text)) {  // a URC cut the echo in two
      line.echoed += text.size();
      return Echo{0};
    }
    if (line.echoed == 0 && text.ends_with(rest)) {
      line.echoed = line.text.size();
      const std::size_t begin = text.size() - rest.size();
      // +++ in command mode is echoed too, and no CR ends it
      return Echo{text.substr(0, begin) == "+++" ? 0 : begin};
    }
  }
  return std::nullopt;
}

bool CommandLines::may_become_echo(std::string_view text) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
    return std::string_view(line.text).substr(line.echoed).starts_with(text);
  });
}

}  // namespace atspec::trace
