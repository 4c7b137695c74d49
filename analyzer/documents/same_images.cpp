// Part of misdirected-command: a way back that only starts again what is there.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool starts_again(const Command& command) {
  const catalogue::Known& known = command.known();
  const bool compose = known.tool == "docker-compose" &&
                       (known.path == "up" || known.path == "restart") && !command.has("--build") &&
                       !command.has("--pull");
  const bool again =
      known.path == "rollout restart" || (known.tool == "docker" && known.path == "restart");
  return (compose || again) && command.environment.empty();
}

/// Whether a text says that something else than what is there is brought.
bool names_older(const Document& document, std::uint32_t section) {
  return section_text_says(document, section,
                           {"image",
                            "tag",
                            "version",
                            "checkout",
                            "git ",
                            "previous",
                            "older",
                            "last good",
                            "known good",
                            "known-good",
                            "prior",
                            "edit ",
                            ".env",
                            "pull",
                            "build",
                            "restore",
                            "migrat",
                            "downgrade",
                            "sed -i",
                            "if the",
                            "helm",
                            "undo",
                            "configuration file",
                            "configuration change",
                            "configuration back",
                            "old configuration"}) ||
         section_text_says_word(document, section,
                                {"config", "configs", "configmap", "configmaps"});
}

/// A script that is called a rollback, stops what is there, starts it, and brings nothing.
void look_at_script(const DocumentFacts& facts, Findings& found) {
  const std::string name = file_name_of(facts);
  if (!has_any(name, {"rollback", "roll-back", "roll_back", "revert"}) ||
      has_any(name, {"config", "flag", "db", "database", "migrat"}))
    return;
  const Command* again = nullptr;
  for (const Block* block : shell_blocks(facts.document)) {
    // A value that somebody gives may choose the image.
    if (has_any(block->content.text, {"export ", "IMAGE", "TAG=", "VERSION=", "set -a"})) return;
    for (const Command& command : block->script.commands) {
      if (starts_again(command)) {
        again = &command;
        continue;
      }
      static const std::set<std::string_view> kNothing = {
          "set",  "exit",   "read", "cd",   "date",   "true",  "[",    "[[",
          "test", "source", ".",    "trap", "return", "shift", "break"};
      if (is_own_script(command)) return;
      const Effect effect = effect_of(command);
      const bool stops = command.known().does == "stop" || command.known().path == "down";
      if (kNothing.contains(command.name()) || effect == Effect::look || effect == Effect::say ||
          effect == Effect::wait || stops)
        continue;
      return;
    }
  }
  if (again == nullptr) return;
  add_once(found, finding(model::Severity::error, again->span,
                          fmt::format("'{}' starts again what is there: nothing in this script "
                                      "brings an older image or commit, so nothing goes back",
                                      text_of(*again)),
                          "the tag that served before (`TAG=v41 docker compose up -d SERVICE`), "
                          "or a checkout and a build before it"));
}

/// `TAG=v41 docker compose up -d --build`: what is built is what lies here, whatever it is called.
void look_at_built_tags(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  const auto brings = [](const Block& block) {
    return !block.left_out &&
           has_any(block.content.text,
                   {"git checkout", "git switch", "git reset", "git revert", "git worktree",
                    "git clone", "git pull", "rsync", "tar -x", "tar x"});
  };
  if (std::ranges::any_of(document.blocks, brings)) return;
  for (const Block* block : shell_blocks(document)) {
    const bool back = document.role(block->section) == Role::rollback ||
                      (document.is_script && is_titled_rollback(facts));
    if (!back || document.is_workflow) continue;
    for (const Command& command : block->script.commands) {
      if (command.known().path != "up" || !command.has("--build")) continue;
      const auto tag = std::ranges::find_if(command.environment, [](const std::string& each) {
        const std::string name = each.substr(0, each.find('='));
        return has_any(name, {"TAG", "VERSION"});
      });
      if (tag == command.environment.end()) continue;
      add_once(found,
               finding(model::Severity::error, command.span,
                       fmt::format("`--build` builds the files that lie here now, and only calls "
                                   "them '{}': nothing here brings the older ones",
                                   tag->substr(0, tag->find('='))),
                       "the image that served before, without `--build`; or a checkout before it"));
    }
  }
}

}  // namespace

void look_at_same_images(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  look_at_built_tags(facts, found);
  if (document.is_script && !document.is_workflow) return look_at_script(facts, found);
  if (document.is_script) return;
  for (std::uint32_t i = 0; i < document.sections.size(); ++i) {
    const std::string& title = document.low().titles[i];
    const bool back = has_any(title, {"rollback", "roll back", "revert"}) &&
                      document.sections[i].level > 1 && document.role(i) == Role::rollback;
    const bool parent = std::ranges::any_of(
        document.sections, [&](const importers::Section& each) { return each.parent == i; });
    if (!back || parent ||
        has_any(title, {"config", "flag", "after", "post", "verify", "database", "migration"}))
      continue;
    const Command* again = nullptr;
    bool more = false;
    for (const Block* block : shell_blocks(document)) {
      if (block->section != i) continue;
      for (const Command& command : block->script.commands) {
        if (starts_again(command))
          again = again == nullptr ? &command : again;
        else if (effect_of(command) != Effect::look && effect_of(command) != Effect::say &&
                 effect_of(command) != Effect::wait && command.name() != "cd")
          more = true;
      }
    }
    if (again == nullptr || more || names_older(document, i)) continue;
    add_once(found, finding(model::Severity::error, again->span,
                            fmt::format("'{}' starts again what is there: nothing in this chapter "
                                        "brings an older image or commit, so nothing goes back",
                                        text_of(*again)),
                            "the tag that served before (`TAG=v41 docker compose up -d SERVICE`), "
                            "or a checkout and a build before it"));
  }
}

}  // namespace backout::analyzer::documents
