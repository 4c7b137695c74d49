// Which headings are the steps of one procedure, and which are ways back beside each other.
#include <algorithm>
#include <array>
#include <map>

#include "importers/document/document.hpp"
#include "importers/document/words.hpp"

namespace backout::importers {

namespace {

/// Whether a title names a way back and no step of one: "2. Database rollback", and not "2.
/// Initiate the rollback".
bool names_a_way(std::string_view low) {
  if (const std::size_t bracket = low.find(" ("); bracket != std::string_view::npos)
    low = low.substr(0, bracket);
  for (const std::string_view end :
       {"rollback", "roll back", "roll-back", "recovery", "restore", "restoration", "failover",
        "revert", "failure", "outage", "corruption", "corrupted", "loss"}) {
    if (!low.ends_with(end) || low == end) continue;
    static constexpr std::array kOrders = {
        "initiate", "execute",  "perform", "verify",      "start",    "begin", "trigger",
        "confirm",  "complete", "monitor", "announce",    "run",      "do ",   "the ",
        "prepare",  "decide",   "assess",  "communicate", "document", "test",  "post-",
        "after",    "pre-",     "before",  "validate",    "check"};
    return std::ranges::none_of(kOrders,
                                [&](std::string_view order) { return low.starts_with(order); });
  }
  return low.find(" via ") != std::string_view::npos || low.starts_with("via ") ||
         low.starts_with("using ") || low.starts_with("if ");
}

/// Headings that are steps although nothing numbers them: "Stop services", "Restart the workers".
bool begins_as_step(std::string_view lower_title) {
  static constexpr std::string_view kWords[] = {"stop ",  "start ",  "restart",  "scale ",
                                                "pause ", "resume ", "disable ", "enable ",
                                                "drain ", "put ",    "shut "};
  return std::ranges::any_of(kWords,
                             [&](std::string_view word) { return lower_title.starts_with(word); });
}

bool is_numbered(const Section& section) {
  return section.number && section.kind == Section::Kind::plain;
}

/// What stands straight below a section.
struct Below {
  bool methods = false;
  bool begins_as_step = false;
  struct Numbered {
    std::size_t all = 0;
    std::size_t ways = 0;  ///< of them those that name a way back of their own
  };
  std::map<int, Numbered> numbered;  ///< by level
};

/// By section; what has no section above it is last.
std::vector<Below> below_each(const Document& document) {
  std::vector<Below> all(document.sections.size() + 1);
  for (std::size_t i = 0; i < document.sections.size(); ++i) {
    const Section& each = document.sections[i];
    Below& below = all[std::min<std::size_t>(each.parent, document.sections.size())];
    below.methods = below.methods || each.kind == Section::Kind::method;
    below.begins_as_step = below.begins_as_step || begins_as_step(document.low().titles[i]);
    if (!is_numbered(each)) continue;
    Below::Numbered& numbered = below.numbered[each.level];
    ++numbered.all;
    if (names_a_way(document.low().titles[i])) ++numbered.ways;
  }
  return all;
}

/// "## 2. Stop the workers" among numbered headings that are not ways of their own.
bool is_numbered_step(const Document& document, const Section& own, const std::vector<Below>& below,
                      bool titled) {
  if (!is_numbered(own) || own.level < 2 || own.parent == kNowhere) return false;
  const Below::Numbered& beside = below[own.parent].numbered.at(own.level);
  // A whole document of numbered chapters is no procedure: "1. Overview", "2. Strategy".
  const Section& above = document.sections[own.parent];
  const bool chapters =
      above.level < 2 && own.role != Role::rollback && above.role != Role::rollback && !titled;
  return beside.all > 1 && beside.ways * 2 < beside.all && !below[own.parent].methods && !chapters;
}

/// Whether a section is followed by itself, whatever stands around it.
bool is_whole(const Document& document, const Section& own, bool is_step,
              const std::vector<Below>& below) {
  if (own.parent == kNowhere || own.kind == Section::Kind::method ||
      own.kind == Section::Kind::variant)
    return true;
  const bool beside =
      own.level > 2 && document.sections[own.parent].level > 1 && below[own.parent].begins_as_step;
  return own.level < 7 && !is_step && !beside;
}

}  // namespace

const Procedures& Document::procedures() const {
  if (procedures_ != nullptr) return *procedures_;
  auto made = std::make_shared<Procedures>();
  const std::vector<Below> below = below_each(*this);
  const bool titled =
      contains_any(lower(title), {"rollback", "roll back", "restore", "recover", "revert"});
  for (std::uint32_t i = 0; i < sections.size(); ++i) {
    const Section& own = sections[i];
    const bool step =
        own.kind == Section::Kind::step || is_numbered_step(*this, own, below, titled);
    made->steps.push_back(step);
    // What is above a section stands before it.
    made->around.push_back(is_whole(*this, own, step, below) ? i : made->around.at(own.parent));
  }
  procedures_ = std::move(made);
  return *procedures_;
}

bool Document::is_step(std::uint32_t section) const {
  return section != kNowhere && procedures().steps[section];
}

std::uint32_t Document::procedure_of(std::uint32_t section) const {
  return section == kNowhere ? kNowhere : procedures().around[section];
}

}  // namespace backout::importers
