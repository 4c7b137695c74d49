// Part of check-cannot-fail: a list of what has to hold again, and nothing in it says by what one
// sees that.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

std::string last_word(std::string_view text) {
  while (!text.empty() && std::isalnum(static_cast<unsigned char>(text.back())) == 0)
    text.remove_suffix(1);
  const std::size_t begin = text.find_last_of(" /(-");
  return std::string(begin == std::string_view::npos ? text : text.substr(begin + 1));
}

/// "API health restored", "Auth tested", "Checkout flow is functional".
bool ends_vaguely(const DocumentFacts& facts, const importers::Line& line) {
  const std::string low = lower(line.text);
  if (low.size() > 90 ||
      std::ranges::any_of(low, [](unsigned char c) { return std::isdigit(c) != 0; }))
    return false;
  if (has_any(raw_of(facts, line), {"✅", "[x]", "`", "http", "](", "\"", "→", "->"})) return false;
  static const std::set<std::string> kEnds = {
      "works",      "work",      "working",    "functional", "functioning",  "operational",
      "restored",   "tested",    "normal",     "normally",   "stable",       "healthy",
      "passing",    "ok",        "okay",       "correct",    "correctly",    "verified",
      "checked",    "validated", "intact",     "successful", "successfully", "good",
      "acceptable", "properly",  "responsive", "responding", "accessible",   "expected",
      "consistent", "confirmed", "fine",       "completed"};
  return kEnds.contains(last_word(low));
}

/// Whether what is verified is a way back, by the titles around it or by that of the document.
bool verifies_way_back(const DocumentFacts& facts, std::uint32_t section) {
  const std::string name = file_name_of(facts) + " " + lower(facts.document.title);
  return has_any(name, {"rollback", "roll back", "restor", "recover", "incident", "disaster",
                        "failover", "cutover", "backout"}) ||
         section_says(facts.document, section,
                      {"rollback", "roll back", "restor", "recover", "resolution", "revert"});
}

bool is_verification(const DocumentFacts& facts, std::uint32_t section) {
  if (section == importers::kNowhere || facts.document.role(section) != Role::verification)
    return false;
  return !section_says(facts.document, section,
                       {"before", "pre-", "drill", "test schedule", "prerequisite",
                        "backup verification", "backup valid", "success metric"}) &&
         verifies_way_back(facts, section);
}

/// Whether commands below the chapter of the section look at what the list is about.
bool is_shown(const Document& document, std::uint32_t section) {
  const std::uint32_t chapter = document.sections[section].level > 2 &&
                                        document.sections[section].parent != importers::kNowhere
                                    ? document.sections[section].parent
                                    : section;
  return std::ranges::any_of(document.blocks, [&](const Block& block) {
    return !block.left_out &&
           (document.below(block.section, chapter) ||
            document.role(block.section) == Role::verification) &&
           (block.language == importers::Language::shell ||
            block.language == importers::Language::sql);
  });
}

}  // namespace

void look_at_vague_lists(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || !document.is_runbook || document.is_aside) return;
  std::map<std::uint32_t, std::vector<const importers::Line*>> lists;
  for (const importers::Line& line : document.lines) {
    if (line.kind != importers::Line::Kind::paragraph && is_verification(facts, line.section) &&
        ends_vaguely(facts, line))
      lists[line.section].push_back(&line);
  }
  for (const auto& [section, lines] : lists) {
    if (lines.size() < 3 || is_shown(document, section)) continue;
    add_once(
        found,
        finding(
            model::Severity::warning, lines.front()->span,
            "what has to hold again is named here, and not by what one sees it: each reader ticks "
            "it by his own measure",
            "for each line the command, page or value that is looked at, and what it has to show"));
  }
}

}  // namespace backout::analyzer::documents
