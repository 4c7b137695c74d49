// Part of relies-on-unbuilt: a way back by means that another section says are not there.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// Something that a way back is made of, by the words that name it.
struct Means {
  std::string_view name;
  std::vector<std::string_view> words;
};
const std::vector<Means>& means() {
  static const std::vector<Means> kAll = {
      {"feature flags",
       {"feature flag", "feature-flag", "feature toggle", "kill switch", "kill-switch"}},
      {"point-in-time recovery", {"point-in-time", "point in time", "pitr"}},
      {"a replica", {"read replica", "hot standby", "standby"}},
      {"blue and green", {"blue-green", "blue/green", "blue green"}},
      {"down migrations", {"down migration", "down-migration", "downgrade script"}}};
  return kAll;
}

/// Whether a sentence says that there is no such thing: "There are no feature flags", "PITR is not
/// enabled".
bool denies(std::string_view low, const Means& each) {
  if (has_any(low,
              {"if ", "unless", "when ", "where ", "instead", "until", "once ", "no longer",
               "without a ", "not needed", "not required", "not only", "no need", "should", "?"}))
    return false;
  for (const std::string_view word : each.words) {
    const std::size_t at = low.find(word);
    if (at == std::string_view::npos) continue;
    const std::string_view before = low.substr(0, at);
    const std::string_view after = low.substr(at + word.size(), 60);
    const bool said =
        has_any(before, {"there is ", "there are ", "we have ", "has "}) || before == "no ";
    const bool none = (before.ends_with("no ") && said) || before.ends_with("not have ") ||
                      before.ends_with("not have any ") || before.ends_with("not use ") ||
                      before.ends_with("no automated ") || before.ends_with("not support ");
    const bool is_not = has_any(
        after.substr(0, 40),
        {" is not enabled", " is not available", " is not configured", " is not supported",
         " are not enabled", " are not available", " are not configured", " are not supported",
         " are not used", " is not used", " is not in place", " are not in place", " do not exist",
         " does not exist", ": not available", ": none", ": disabled"});
    if (none || is_not) return true;
  }
  return false;
}

bool names(std::string_view low, const Means& each) {
  return std::ranges::any_of(each.words, [&](std::string_view word) { return has(low, word); });
}

/// Whether the title orders the means: "Option 1: Feature flag", "Restore by point-in-time
/// recovery".
bool is_way_by(const DocumentFacts& facts, std::uint32_t section, const Means& each) {
  const importers::Section& own = facts.document.sections[section];
  const std::string& title = facts.document.low().titles[section];
  const bool way = own.kind != importers::Section::Kind::plain ||
                   has_any(title, {"rollback", "roll back", "restore", "recover", "failover",
                                   "promote", "option", "method", "strategy"});
  return way && names(title, each) && leads_back(facts, section) && !denies(title, each);
}

}  // namespace

void look_at_denied_means(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  const importers::LowTexts& low = document.low();
  // What is weighed before it is decided is neither there nor missing.
  if (has_word(file_name_of(facts) + " " + lower(document.title),
               {"adr", "rfc", "proposal", "decision"}))
    return;
  for (const Means& each : means()) {
    for (std::uint32_t s = 0; s < document.sections.size(); ++s) {
      if (!is_way_by(facts, s, each)) continue;
      for (std::size_t i = 0; i < document.lines.size(); ++i) {
        const bool own =
            document.lines[i].section == s || (document.lines[i].section != importers::kNowhere &&
                                               document.below(document.lines[i].section, s));
        if (own || !denies(low.lines[i], each)) continue;
        model::Finding made = finding(
            model::Severity::error, document.sections[s].span,
            fmt::format("this way back is made of {}, and another section says that it has none",
                        each.name),
            "build them, or take this way out of the document");
        made.related.push_back({document.lines[i].span, "it says so here"});
        add_once(found, std::move(made));
        break;
      }
    }
  }
}

}  // namespace backout::analyzer::documents
