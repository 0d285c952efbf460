// The parts of the loader: all files of one load, then their elements, types and groups first since they are named
// from anywhere.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/spec/source.hpp"

namespace atspec::spec {

class Loader {
 public:
  Loaded load(const std::vector<std::string>& files);

 private:
  void open(const std::string& file, const Element* included_from);
  void collect(const Element& root);

  // load.cpp: what stands at the top level
  void read_root(const Element& root);
  void read_clause(const Element& element);
  void read_rule(const Element& element);
  void read_state(const Element& element);
  void read_codes(const Element& element);
  void read_ambiguity(const Element& element);
  void read_example(const Element& element);

  // load_command.cpp
  void read_command(const Element& element);
  Form read_form(const Element& element, const Command& command);
  Parameter read_parameter(const Element& element);
  void read_outcome(const Element& element, const std::vector<ClauseId>& more_clauses, const std::string& command,
                    Form& form);
  void read_items(const Element& element, const std::string& command, Alternative& into, Outcome& outcome);
  Alternative read_accept(const Element& element, const std::string& command);
  /// A group of <accept>, spliced into an outcome; the effects of the use follow each of them.
  void read_accepted_use(const Element& element, const std::string& command, std::vector<Alternative>& into);
  std::optional<Item> read_item(const Element& element, const std::string& command);
  /// The group a <use> names; null where there is none, and then that was said.
  const Element* find_group(const Element& use);
  void read_group_use(const Element& element, const std::string& command, Form& form);
  ValueType read_type(const Element& element);
  void read_type_attributes(const Element& element, ValueType& type);
  Expression read_expression(const Element& element, const char* attribute);
  Expression read_within(const Element& element);
  void read_effect(const Element& element, std::string_view text, std::size_t begin, std::vector<Effect>& out);
  std::vector<Effect> read_effects(const Element& element);
  std::vector<Requirement> read_needs(const Element& element);

  Loaded out_;
  std::vector<std::shared_ptr<Source>> sources_;
  std::set<std::string> opened_;
  std::map<std::string, Element> types_;
  std::map<std::string, Element> groups_;
  std::set<std::string> groups_used_;
  std::vector<std::string> groups_open_;  ///< being spliced in, outermost first
  std::size_t splices_ = 0;
};

inline constexpr std::string_view type_attributes = "base min max max-length pattern codes unit type";

}  // namespace atspec::spec
