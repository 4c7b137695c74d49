// Part of undo-leaves-rest: the tag that goes back is one of this shell only.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// `IMAGE_TAG`, `BACKEND_VERSION`, `APP_IMAGE`: what a compose file takes its image from.
bool names_image(std::string_view name) { return has_any(lower(name), {"tag", "version", "image", "release"}) && !has_any(lower(name), {"api_version", "postgres", "compose"}); }

std::string set_for(const Command& command) {
  for (const std::string& each : command.environment) {
    const std::string name = each.substr(0, each.find('='));
    if (names_image(name)) return name;
  }
  return {};
}

}  // namespace

void look_at_tags_of_shells(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow) return;
  for (const Block* block : shell_blocks(document)) {
    const Role role = document.role(block->section);
    const bool back = role == Role::rollback || (role == Role::other && is_procedure(facts, block->section));
    if (!is_followed(facts, *block) || !back || block->script.whole) continue;
    for (const Command& command : block->script.commands) {
      if (command.known().tool != "docker-compose" || command.known().path != "up") continue;
      std::string name = set_for(command);
      for (const importers::Assignment& each : block->script.assignments) {
        const bool exported = each.span.end <= command.span.begin && has(block->content.text, "export " + each.name + "=");
        if (name.empty() && exported && names_image(each.name)) name = each.name;
      }
      if (name.empty()) continue;
      const std::string low = lower(name);
      // Written to the file that compose reads, by a command or in words.
      const bool kept = std::ranges::any_of(document.blocks, [&](const Block& other) {
        return std::ranges::any_of(lines_of(other), [&](const BlockLine& line) { return has(line.text, name) && has_any(line.text, {".env", "sed ", "tee "}) && !has(line.text, "--env-file"); });
      });
      const bool told = std::ranges::any_of(document.lines, [&](const importers::Line& line) { return has(lower(line.text), low) && has(line.text, ".env"); });
      if (kept || told) continue;
      add_once(found, finding(model::Severity::warning, command.span, fmt::format("this does not bring everything back: '{}' is set in this shell only, and the next `docker compose up` of anybody else starts what .env says", name),
                              "write the tag into the file that compose reads (.env), then `docker compose up -d`"));
    }
  }
}

}  // namespace backout::analyzer::documents
