#pragma once
// Undos of actions that change things by name: an action of the same kind that gives each its older
// value and takes away what was not there.

#include <string>

#include "services/arg.hpp"
#include "services/row_kind.hpp"

namespace backout::services {

/// A text as a plan would have it.
model::Node text_node(std::string text);

class GiveBack {
 public:
  explicit GiveBack(const Action& action) : action_(action) {}
  /// Of what was there.
  void give(const std::string& name, std::string value);
  /// Of what was not.
  void take(std::string name);
  /// `verb` with the lists in these arguments; nothing to undo when both are empty.
  Undo undo(std::string verb, const NodeArg& given, const ListArg& taken) const;

 private:
  const Action& action_;
  model::Node given_;
  model::Node taken_;
};

}  // namespace backout::services
