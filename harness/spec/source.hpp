// An XML file with positions: every element and attribute knows its file:line:column, and reading one that is missing
// or malformed leaves a diagnostic instead of ending the load.
#pragma once

#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/spec/load.hpp"

namespace atspec::spec {

class Source {
 public:
  /// Nothing where the file cannot be read or is no XML; the diagnostics say why.
  static std::shared_ptr<Source> open(const std::string& file, std::vector<Diagnostic>& diagnostics);

  pugi::xml_node root() const { return document_.document_element(); }
  const std::string& file() const { return file_; }

  Location at(std::ptrdiff_t offset) const;
  Location at(pugi::xml_node node) const;
  /// Of the attribute's value, `offset` bytes into it as it reads with its entities resolved.
  Location at(pugi::xml_node node, std::string_view attribute, std::size_t offset = 0) const;
  /// Of the element's text, `offset` bytes into what Element::text() says.
  Location at_text(pugi::xml_node node, std::size_t offset = 0) const;

 private:
  enum class Blanks { kept, joined };
  std::size_t advanced(std::size_t from, std::size_t offset, Blanks blanks) const;

  std::string file_, text_;
  std::vector<std::size_t> line_begins_;
  pugi::xml_document document_;
};

/// An element being read.
class Element {
 public:
  Element(const Source& source, pugi::xml_node node, std::vector<Diagnostic>& diagnostics)
      : source_(&source), node_(node), diagnostics_(&diagnostics) {}

  std::string_view name() const { return node_.name(); }
  Location at() const { return source_->at(node_); }
  Location at(std::string_view attribute, std::size_t offset = 0) const {
    return source_->at(node_, attribute, offset);
  }
  Location at_text(std::size_t offset = 0) const { return source_->at_text(node_, offset); }
  pugi::xml_node node() const { return node_; }
  const Source& source() const { return *source_; }
  std::vector<Diagnostic>& diagnostics() const { return *diagnostics_; }

  void complain(Location where, std::string message) const;
  bool has(const char* attribute) const { return !node_.attribute(attribute).empty(); }
  /// Missing: a diagnostic and an empty text.
  std::string required(const char* attribute) const;
  std::string optional(const char* attribute) const { return node_.attribute(attribute).as_string(); }
  std::vector<std::string> words(const char* attribute) const;
  std::optional<std::int64_t> integer(const char* attribute) const;
  bool yes(const char* attribute) const;
  /// Text content: trimmed; runs of white space are one blank.
  std::string text() const;
  /// The same as lines, each trimmed, empty ones dropped.
  std::vector<std::string> lines() const;
  /// The same as one text, where line n is the nth in the file from at_text() on: what was dropped is an empty line.
  std::string block() const;

  /// A diagnostic for every attribute and child element that is not in these blank-separated lists, and for text where
  /// children are expected.
  void only(std::string_view attributes, std::string_view children) const;
  /// The same for an element without content.
  void only_attributes(std::string_view attributes) const;

  std::vector<Element> children() const;

 private:
  void no_text() const;

  const Source* source_;
  pugi::xml_node node_;
  std::vector<Diagnostic>* diagnostics_;
};

std::vector<std::string> split_words(std::string_view text);

}  // namespace atspec::spec
