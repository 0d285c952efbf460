#include "harness/ftpd/control_lines.hpp"

#include <algorithm>

namespace atspec::ftpd {
namespace {

// RFC 854: Interpret As Command, and the commands that carry more than themselves
constexpr char iac = '\xFF';
constexpr unsigned char subnegotiation_end = 240, subnegotiation_begin = 250, will = 251, dont = 254;

}  // namespace

void ControlLines::feed(io::ByteView bytes) {
  while (!bytes.empty()) {
    if (telnet_ == Telnet::text) {
      const std::size_t command = bytes.find(iac);
      append(bytes.substr(0, command));
      if (command == io::ByteView::npos) return;
      bytes.remove_prefix(command + 1);
      telnet_ = Telnet::command;
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes.front());
    switch (telnet_) {
      case Telnet::command:
        telnet_ = Telnet::text;
        if (byte == 255) {
          append(std::string_view(&iac, 1));
        } else if (byte == subnegotiation_begin) {
          telnet_ = Telnet::subnegotiation;
        } else if (byte >= will && byte <= dont) {
          telnet_ = Telnet::option;
        }
        break;
      case Telnet::option:
        telnet_ = Telnet::text;
        break;
      case Telnet::subnegotiation:
        if (byte == 255) telnet_ = Telnet::subnegotiation_command;
        break;
      case Telnet::subnegotiation_command:
        telnet_ = byte == subnegotiation_end ? Telnet::text : Telnet::subnegotiation;
        break;
      case Telnet::text:
        break;
    }
    bytes.remove_prefix(1);
  }
}

void ControlLines::append(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view part = text.substr(0, end);
    // one byte past the limit is kept: it is what tells an over-long line, or is the CR of one just short of it
    const std::size_t room = longest_line + 1 - std::min(longest_line + 1, current_);
    waiting_.append(part.substr(0, room));
    current_ += part.size();
    if (end == std::string_view::npos) {
      current_ = std::min(current_, longest_line + 2);
      return;
    }
    // a line that was too long by its CR alone is not, one whose end was cut off stays recognisable
    if (current_ > longest_line + 1 && waiting_.back() == '\r') waiting_.back() = ' ';
    waiting_ += '\n';
    current_ = 0;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string_view> ControlLines::peek() const {
  const std::size_t end = waiting_.find('\n', head_);
  if (end == std::string::npos) return std::nullopt;
  std::string_view line(waiting_.data() + head_, end - head_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void ControlLines::pop() {
  const std::size_t end = waiting_.find('\n', head_);
  if (end == std::string::npos) return;
  head_ = end + 1;
  if (head_ == waiting_.size()) {
    waiting_.clear();
    head_ = 0;
  } else if (head_ > 4 * longest_line) {
    waiting_.erase(0, head_);
    head_ = 0;
  }
}

void ControlLines::clear() {
  waiting_.clear();
  head_ = 0;
  current_ = 0;
  telnet_ = Telnet::text;
}

void append_telnet(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t at = text.find(iac);
    out.append(text.substr(0, at));
    if (at == std::string_view::npos) return;
    out.append(2, iac);
    text.remove_prefix(at + 1);
  }
}

}  // namespace atspec::ftpd
