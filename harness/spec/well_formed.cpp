#include "harness/spec/well_formed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace atspec::spec {
namespace {

constexpr std::string_view white = " \t\r\n";
constexpr std::size_t most_breaches = 100;

/// Bytes of the UTF-8 sequence at the front, 0 where there is none (RFC 3629 §3).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool too_large = first == 0xF4 && byte(1) > 0x8F;
    return tail(1) && tail(2) && tail(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  std::vector<Breach> run() {
    bytes();
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size() && out_.size() < most_breaches) {
      if (text_[at_] != '<') {
        character_data();
      } else if (!skip("<!--", "-->") && !skip("<![CDATA[", "]]>") && !skip("<?", "?>")) {
        tag();
      }
    }
    std::stable_sort(out_.begin(), out_.end(), [](const Breach& a, const Breach& b) { return a.offset < b.offset; });
    return std::move(out_);
  }

 private:
  void say(std::size_t offset, std::string message) {
    if (out_.size() < most_breaches) out_.push_back({offset, std::move(message)});
  }

  void bytes() {
    for (std::size_t i = 0; i < text_.size() && out_.size() < most_breaches;) {
      const std::size_t length = sequence_length(text_.substr(i));
      const auto byte = static_cast<unsigned char>(text_[i]);
      if (length == 0) {
        say(i, fmt::format("the byte {:02X} is no UTF-8", byte));
      } else if (byte < 0x20 && white.find(text_[i]) == std::string_view::npos) {
        say(i, fmt::format("the control character {:02X} is not allowed in XML", byte));
      }
      i += std::max<std::size_t>(length, 1);
    }
  }

  bool skip(std::string_view opening, std::string_view closing) {
    if (!text_.substr(at_).starts_with(opening)) return false;
    const auto end = text_.find(closing, at_ + opening.size());
    at_ = end == std::string_view::npos ? text_.size() : end + closing.size();
    return true;
  }

  void character_data() {
    const std::size_t end = std::min(text_.find('<', at_), text_.size());
    const std::size_t first = text_.find_first_not_of(white, at_);
    if (depth_ == 0 && first < end) say(first, "text outside of the root element");
    references(at_, end);
    at_ = end;
  }

  void references(std::size_t begin, std::size_t end) {
    const std::string_view part = text_.substr(begin, end - begin);
    for (std::size_t i = part.find('&'); i != std::string_view::npos; i = part.find('&', i + 1)) {
      const std::string_view rest = part.substr(i + 1);
      const auto semicolon = rest.find(';');
      const std::string_view name =
          semicolon == std::string_view::npos ? std::string_view() : rest.substr(0, semicolon);
      const bool hexadecimal = name.starts_with("#x");
      const std::string_view digits = name.substr(std::min<std::size_t>(name.size(), hexadecimal ? 2 : 1));
      const bool numbered =
          name.starts_with('#') && !digits.empty() &&
          digits.find_first_not_of(hexadecimal ? "0123456789abcdefABCDEF" : "0123456789") == std::string_view::npos;
      if (!numbered && name != "lt" && name != "gt" && name != "amp" && name != "quot" && name != "apos")
        say(begin + i, "an & stands for itself only as &amp;");
    }
  }

  void tag() {
    const std::size_t begin = at_++;
    if (text_.substr(at_).starts_with('!')) {
      say(begin, "a document type is not read here");
      at_ = std::min(text_.find('>', at_), text_.size() - 1) + 1;
      return;
    }
    const bool closing = text_.substr(at_).starts_with('/');
    at_ = std::min(text_.find_first_of(" \t\r\n/>", at_ + (closing ? 1 : 0)), text_.size());
    attributes();
    const bool empty = at_ > 0 && at_ < text_.size() && text_[at_ - 1] == '/';
    if (at_ < text_.size()) ++at_;
    if (closing) {
      depth_ = std::max(depth_ - 1, 0);
      return;
    }
    if (depth_ == 0 && rooted_) say(begin, "a second root element");
    rooted_ = true;
    if (!empty) ++depth_;
  }

  /// Up to the closing `>`.
  void attributes() {
    std::set<std::string_view> seen;
    while (at_ < text_.size() && text_[at_] != '>') {
      if (white.find(text_[at_]) != std::string_view::npos || text_[at_] == '/') {
        ++at_;
        continue;
      }
      const std::size_t begin = at_;
      const std::size_t end = std::min(text_.find_first_of(" \t\r\n=>", at_), text_.size());
      const std::string_view name = text_.substr(begin, end - begin);
      if (!seen.insert(name).second) say(begin, fmt::format("the attribute {} is there twice", name));
      const std::size_t quote = text_.find_first_of("\"'>", end);
      if (quote == std::string_view::npos || text_[quote] == '>') {
        at_ = std::min(quote, text_.size());
        continue;
      }
      const std::size_t close = std::min(text_.find(text_[quote], quote + 1), text_.size());
      if (const auto less = text_.find('<', quote); less < close) say(less, "a < in an attribute is written &lt;");
      references(quote + 1, close);
      at_ = std::min(close + 1, text_.size());
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool rooted_ = false;
  std::vector<Breach> out_;
};

}  // namespace

std::vector<Breach> breaches_of_xml(std::string_view text) { return Scan(text).run(); }

}  // namespace atspec::spec
