#include "harness/spec/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "harness/spec/well_formed.hpp"

namespace atspec::spec {
namespace {

constexpr std::string_view white = " \t\r\n";

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(white);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

bool listed(std::string_view list, std::string_view word) {
  for (const auto& one : split_words(list)) {
    if (one == word) return true;
  }
  return false;
}

/// More than any manual needs; keeps a wrong path (a disk image, a device) from being swallowed.
constexpr std::size_t largest_file = 64 << 20;

std::string read(const std::string& file, std::string& why) {
  std::string text;
  std::FILE* in = std::fopen(file.c_str(), "rb");
  if (in == nullptr) {
    why = std::strerror(errno);
    return {};
  }
  char buffer[16384];
  while (std::feof(in) == 0 && std::ferror(in) == 0 && text.size() < largest_file)
    text.append(buffer, std::fread(buffer, 1, sizeof buffer, in));
  if (std::ferror(in) != 0) why = std::strerror(errno);
  if (text.size() >= largest_file) why = "too large for a spec";
  std::fclose(in);
  return text;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> out;
  while (!(text = trim(text)).empty()) {
    const auto end = std::min(text.find_first_of(white), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

std::shared_ptr<Source> Source::open(const std::string& file, std::vector<Diagnostic>& diagnostics) {
  auto out = std::make_shared<Source>();
  out->file_ = file;
  std::string why;
  out->text_ = read(file, why);
  if (!why.empty()) {
    diagnostics.push_back({{file, 0, 0}, why});
    return nullptr;
  }
  out->line_begins_.push_back(0);
  for (std::size_t i = 0; i < out->text_.size(); ++i) {
    if (out->text_[i] == '\n') out->line_begins_.push_back(i + 1);
  }
  const auto parsed = out->document_.load_buffer(
      out->text_.data(), out->text_.size(), pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  if (!parsed) {
    diagnostics.push_back({out->at(parsed.offset), fmt::format("not well-formed: {}", parsed.description())});
    return nullptr;
  }
  for (const auto& breach : breaches_of_xml(out->text_)) {
    diagnostics.push_back(
        {out->at(static_cast<std::ptrdiff_t>(breach.offset)), fmt::format("not well-formed: {}", breach.message)});
  }
  return out;
}

Location Source::at(std::ptrdiff_t offset) const {
  const auto where = std::min(static_cast<std::size_t>(std::max<std::ptrdiff_t>(offset, 0)), text_.size());
  const auto line = std::upper_bound(line_begins_.begin(), line_begins_.end(), where) - line_begins_.begin();
  return {file_, static_cast<int>(line),
          static_cast<int>(where - line_begins_[static_cast<std::size_t>(line - 1)] + 1)};
}

Location Source::at(pugi::xml_node node) const { return at(node.offset_debug() - 1); }

std::size_t Source::advanced(std::size_t from, std::size_t offset, Blanks blanks) const {
  std::size_t i = from;
  for (; offset > 0 && i < text_.size(); --offset) {
    const std::size_t semicolon = text_[i] == '&' ? text_.find(';', i) : std::string::npos;
    const std::size_t behind_blanks = std::min(text_.find_first_not_of(white, i), text_.size());
    if (semicolon != std::string::npos) {
      i = semicolon + 1;
    } else if (behind_blanks > i && (blanks == Blanks::joined || text_.substr(i, 2) == "\r\n")) {
      i = blanks == Blanks::joined ? behind_blanks : i + 2;
    } else {
      ++i;
    }
  }
  return i;
}

Location Source::at(pugi::xml_node node, std::string_view attribute, std::size_t offset) const {
  // pugixml keeps no positions of attributes: look through the start tag, quotes respected
  std::size_t i = static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0)) + std::strlen(node.name());
  while (i < text_.size() && text_[i] != '>') {
    const std::size_t begin = text_.find_first_not_of(" \t\r\n/", i);
    if (begin == std::string::npos || text_[begin] == '>') break;
    const std::size_t sign = text_.find('=', begin);
    const std::size_t quote = sign == std::string::npos ? sign : text_.find_first_of("\"'", sign);
    if (quote == std::string::npos) break;
    if (trim(std::string_view(text_).substr(begin, sign - begin)) == attribute)
      return at(static_cast<std::ptrdiff_t>(advanced(quote + 1, offset, Blanks::kept)));
    const std::size_t end = text_.find(text_[quote], quote + 1);
    if (end == std::string::npos) break;
    i = end + 1;
  }
  return at(node);
}

Location Source::at_text(pugi::xml_node node, std::size_t offset) const {
  for (const auto child : node.children()) {
    if (child.type() != pugi::node_pcdata && child.type() != pugi::node_cdata) continue;
    const auto begin = static_cast<std::size_t>(std::max<std::ptrdiff_t>(child.offset_debug(), 0));
    const auto first = text_.find_first_not_of(white, begin);
    if (first == std::string::npos) break;
    return at(static_cast<std::ptrdiff_t>(advanced(first, offset, Blanks::joined)));
  }
  return at(node);
}

void Element::complain(Location where, std::string message) const {
  diagnostics_->push_back({std::move(where), std::move(message)});
}

std::string Element::required(const char* attribute) const {
  if (!has(attribute)) complain(at(), fmt::format("<{}> needs the attribute {}", name(), attribute));
  return optional(attribute);
}

std::vector<std::string> Element::words(const char* attribute) const { return split_words(optional(attribute)); }

std::optional<std::int64_t> Element::integer(const char* attribute) const {
  if (!has(attribute)) return std::nullopt;
  const std::string text = optional(attribute);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    complain(at(attribute), fmt::format("{}=\"{}\" is not an integer", attribute, text));
    return std::nullopt;
  }
  return value;
}

bool Element::yes(const char* attribute) const {
  const std::string text = optional(attribute);
  if (!text.empty() && text != "yes" && text != "no")
    complain(at(attribute), fmt::format("{}=\"{}\": yes or no", attribute, text));
  return text == "yes";
}

std::string Element::text() const {
  std::string raw;
  for (const auto child : node_.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) raw += child.value();
  }
  return fmt::format("{}", fmt::join(split_words(raw), " "));
}

std::vector<std::string> Element::lines() const {
  std::vector<std::string> out;
  for (const auto child : node_.children()) {
    if (child.type() != pugi::node_pcdata && child.type() != pugi::node_cdata) continue;
    std::string_view rest = child.value();
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      if (const auto line = trim(rest.substr(0, end)); !line.empty()) out.emplace_back(line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

std::string Element::block() const {
  std::string out;
  int next = at_text().line;
  for (const auto child : node_.children()) {
    if (child.type() != pugi::node_pcdata && child.type() != pugi::node_cdata) continue;
    std::string_view rest = child.value();
    for (int here = source_->at(child.offset_debug()).line; !rest.empty(); ++here) {
      const auto end = std::min(rest.find('\n'), rest.size());
      if (const auto line = trim(rest.substr(0, end)); !line.empty()) {
        for (; next < here; ++next) out += '\n';
        out.append(line) += '\n';
        ++next;
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

void Element::no_text() const {
  if (!text().empty()) complain(at_text(), fmt::format("<{}> has no text", name()));
}

void Element::only_attributes(std::string_view attributes) const {
  only(attributes, "");
  no_text();
}

void Element::only(std::string_view attributes, std::string_view children) const {
  if (!children.empty()) no_text();
  for (const auto attribute : node_.attributes()) {
    if (!listed(attributes, attribute.name()) && !std::string_view(attribute.name()).starts_with("xmlns") &&
        !std::string_view(attribute.name()).starts_with("xsi:"))
      complain(source_->at(node_, attribute.name()), fmt::format("<{}> has no attribute {}", name(), attribute.name()));
  }
  for (const auto child : node_.children()) {
    if (child.type() == pugi::node_element && !listed(children, child.name()))
      complain(source_->at(child), fmt::format("<{}> is not allowed in <{}>", child.name(), name()));
  }
}

std::vector<Element> Element::children() const {
  std::vector<Element> out;
  for (const auto child : node_.children()) {
    if (child.type() == pugi::node_element) out.emplace_back(*source_, child, *diagnostics_);
  }
  return out;
}

}  // namespace atspec::spec
