#pragma once
// The text of an open plan, read without the loader's checks: what features look at while it is
// being written.

#include <optional>
#include <string>
#include <vector>

#include "cli/lsp/plan_items.hpp"
#include "model/yaml.hpp"

namespace backout::lsp {

/// A plan's text with what may be pointed at in it. It cannot be copied: its items point into it.
class PlanText {
 public:
  explicit PlanText(std::string text);
  PlanText(const PlanText&) = delete;
  PlanText& operator=(const PlanText&) = delete;

  bool readable() const {
    return document_.root.has_value();
  }  ///< false: it is no YAML at all, and there are no items
  const model::Node* root() const { return document_.root ? &*document_.root : nullptr; }
  const std::vector<PlanItem>& items() const { return items_; }
  /// The smallest item that holds the byte, or ends there; nullptr for none.
  const PlanItem* at(std::size_t offset) const;
  /// The place that gives the name; nullptr when none does.
  const PlanItem* find_name(Names names, const std::string& name, const std::string& service) const;

 private:
  model::Sources sources_;
  model::Document document_;
  std::vector<PlanItem> items_;
};

/// Whether two items speak of the same thing: the same kind of name, and of versions the same
/// service.
bool same_thing(const PlanItem& a, const PlanItem& b);

}  // namespace backout::lsp
