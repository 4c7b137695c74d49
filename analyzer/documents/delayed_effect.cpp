// A change that a cache hides, where another method clears the cache.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


std::vector<model::Finding> check_delayed_effect(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  for (const importers::Method& clears : document.methods) {
    const Block* clearing = nullptr;
    for (const Block& block : document.blocks) {
      const std::string text = lower(block.content.text);
      if (block.section == clears.section && has(text, "cache") && has_any(text, {"clear", "purge", "flush", "invalidate"})) clearing = &block;
    }
    if (clearing == nullptr) continue;
    for (const importers::Method& method : document.methods) {
      if (method.parent != clears.parent || method.section == clears.section || section_text_says(document, method.section, {"cache", "ttl"})) continue;
      for (const SqlLine& line : sql_lines(document)) {
        if (line.block->section != method.section || !line.text.starts_with("update ")) continue;
        model::Finding made = finding(model::Severity::error, line.span,
                                      fmt::format("'{}' clears a cache behind the same change, '{}' does not: nothing is seen of it until the cache expires", clears.title,
                                                  method.title),
                                      "clear the cache here, too, and count its lifetime otherwise");
        made.related.push_back({clearing->span, "clears the cache"});
        found.push_back(std::move(made));
        break;
      }
    }
    return found;
  }
  return found;
}

}  // namespace backout::analyzer::documents
