// Part of undo-leaves-rest: the tag that goes back is one of this shell only.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// `IMAGE_TAG`, `BACKEND_VERSION`, `APP_IMAGE`: what a compose file takes its image from.
bool names_image(std::string_view name) {
  return has_any(lower(name), {"tag", "version", "image", "release"}) &&
         !has_any(lower(name), {"api_version", "postgres", "compose"});
}

std::string set_for(const Command& command) {
  for (const std::string& each : command.environment) {
    const std::string name = each.substr(0, each.find('='));
    if (names_image(name)) return name;
  }
  return {};
}

/// The first `export IMAGE_TAG=v1` of the block; nullptr for none.
const importers::Assignment* exported_image(const Block& block) {
  const auto& all = block.script.assignments;
  const auto exported = std::ranges::find_if(all, [&](const importers::Assignment& each) {
    return names_image(each.name) && has(block.content.text, "export " + each.name + "=");
  });
  return exported == all.end() ? nullptr : &*exported;
}

/// What writes settings to a file that compose reads: lines of commands as they stand, and lines of
/// words in lower case.
struct Written {
  std::vector<std::string> commands;
  std::vector<std::string> words;

  bool keeps(std::string_view name) const {
    const std::string low = lower(name);
    return std::ranges::any_of(commands,
                               [&](const std::string& line) { return has(line, name); }) ||
           std::ranges::any_of(words, [&](const std::string& line) { return has(line, low); });
  }
};
Written written_by(const Document& document) {
  Written all;
  for (const Block& block : document.blocks) {
    for (BlockLine& line : lines_of(block)) {
      if (has_any(line.text, {".env", "sed ", "tee "}) && !has(line.text, "--env-file"))
        all.commands.push_back(std::move(line.text));
    }
  }
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (has(document.lines[i].text, ".env")) all.words.push_back(document.low().lines[i]);
  }
  return all;
}

}  // namespace

void look_at_tags_of_shells(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow) return;
  const Written written = written_by(document);
  for (const Block* block : blocks_of_way_back(facts)) {
    if (block->script.whole) continue;
    const importers::Assignment* exported = exported_image(*block);
    for (const Command& command : block->script.commands) {
      if (command.known().tool != "docker-compose" || command.known().path != "up") continue;
      std::string name = set_for(command);
      if (name.empty() && exported != nullptr && exported->span.end <= command.span.begin)
        name = exported->name;
      if (name.empty() || written.keeps(name)) continue;
      add_once(found,
               finding(model::Severity::warning, command.span,
                       fmt::format(
                           "this does not bring everything back: '{}' is set in this shell only, "
                           "and the next `docker compose up` of anybody else starts what .env says",
                           name),
                       "write the tag into the file that compose reads (.env), then `docker "
                       "compose up -d`"));
    }
  }
}

}  // namespace backout::analyzer::documents
