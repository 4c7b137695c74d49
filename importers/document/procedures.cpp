// Which headings are the steps of one procedure, and which are ways back beside each other.
#include <algorithm>
#include <array>

#include "importers/document/document.hpp"
#include "importers/document/words.hpp"

namespace backout::importers {

namespace {

/// Whether a title names a way back and no step of one: "2. Database rollback", and not "2. Initiate the rollback".
bool names_a_way(std::string_view title) {
  std::string low = lower(title);
  if (const std::size_t bracket = low.find(" ("); bracket != std::string::npos) low.resize(bracket);
  for (const std::string_view end : {"rollback", "roll back", "roll-back", "recovery", "restore", "restoration", "failover", "revert", "failure", "outage", "corruption", "corrupted", "loss"}) {
    if (!low.ends_with(end) || low == end) continue;
    static constexpr std::array kOrders = {"initiate", "execute", "perform", "verify", "start", "begin", "trigger", "confirm", "complete", "monitor", "announce", "run", "do ", "the ",
                                           "prepare", "decide", "assess", "communicate", "document", "test", "post-", "after", "pre-", "before", "validate", "check"};
    return std::ranges::none_of(kOrders, [&](std::string_view order) { return low.starts_with(order); });
  }
  return low.find(" via ") != std::string::npos || low.starts_with("via ") || low.starts_with("using ") || low.starts_with("if ");
}

/// "## 2. Stop the workers" among numbered headings that are not ways of their own.
bool is_numbered_step(const Document& document, std::uint32_t section) {
  const Section& own = document.sections[section];
  if (!own.number || own.kind != Section::Kind::plain || own.level < 2 || own.parent == kNowhere) return false;
  std::size_t all = 0;
  std::size_t ways = 0;
  bool methods = false;
  for (const Section& each : document.sections) {
    methods = methods || (each.parent == own.parent && each.kind == Section::Kind::method);
    if (each.parent != own.parent || each.level != own.level || !each.number || each.kind != Section::Kind::plain) continue;
    ++all;
    if (names_a_way(each.title)) ++ways;
  }
  // A whole document of numbered chapters is no procedure: "1. Overview", "2. Strategy".
  const bool chapters = document.sections[own.parent].level < 2 && own.role != Role::rollback && document.sections[own.parent].role != Role::rollback &&
                        !contains_any(lower(document.title), {"rollback", "roll back", "restore", "recover", "revert"});
  return all > 1 && ways * 2 < all && !methods && !chapters;
}

}  // namespace

bool Document::is_step(std::uint32_t section) const {
  return section != kNowhere && (sections[section].kind == Section::Kind::step || is_numbered_step(*this, section));
}

}  // namespace backout::importers
