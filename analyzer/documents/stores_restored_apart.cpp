// Two stores that belong together are restored to different moments.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

std::vector<model::Finding> check_stores_restored_apart(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const Document& document = facts.document;
  static constexpr std::string_view kStores[] = {"qdrant", "postgres",      "sqlite",   "redis",
                                                 "mongo",  "elasticsearch", "weaviate", "mysql",
                                                 "neo4j",  "pinecone",      "milvus"};
  if (document_says(document, {"same point in time", "same moment", "consistent snapshot",
                               "restore both", "re-index", "reindex", "consistency between"}))
    return found;
  std::map<std::string_view, const Block*> restored;
  const Block* first = nullptr;
  for (const Block* block : shell_blocks(document)) {
    const bool restores =
        section_says(document, block->section, {"restor"}) &&
        std::ranges::any_of(block->script.commands, [](const Command& command) {
          return effect_of(command) == Effect::restore ||
                 (command.name() == "cp" && has_any(command.line(), {"backup", "snapshot"}));
        });
    if (!restores || document.role(block->section) == Role::drill) continue;
    const std::string text = lower(block->content.text) + lower(document.title_of(block->section));
    for (const std::string_view store : kStores) {
      if (!has(text, store) || restored.contains(store)) continue;
      restored[store] = block;
      if (first == nullptr) first = block;
      if (restored.size() < 2 || block == first) continue;
      model::Finding made =
          finding(model::Severity::error, block->script.commands[0].span,
                  "two stores are restored on their own, each to the moment of its backup: what "
                  "one says of the other no longer holds",
                  "backups of one moment, or rebuild one from the other behind the restore");
      made.related.push_back({first->span, "the other store"});
      found.push_back(std::move(made));
      return found;
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
