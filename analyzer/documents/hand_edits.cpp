// Part of destructive-without-backup: a file is edited by hand, and nothing keeps what it held; a
// copy that may be left out.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// The file that an editor is opened on; empty for none.
std::string edited_by(const Command& command) {
  static const std::set<std::string_view> kEditors = {"nano", "vim", "vi", "nvim", "emacs", "pico"};
  if (!kEditors.contains(command.name()) || command.words.size() < command.name_index() + 2)
    return {};
  const std::string& file = command.words.back().text;
  return file.starts_with('-') || file.starts_with('+') ? std::string() : file;
}

/// What keeps files in each procedure, in lower case: copies, archives and backups; of git an empty
/// text, which keeps all of them.
using Keepers = std::map<std::uint32_t, std::vector<std::string>>;
Keepers keepers_of(const Document& document) {
  Keepers all;
  for (const Block& block : document.blocks) {
    for (const Command& command : block.script.commands) {
      const bool git = command.name() == "git";
      const bool copies = command.name() == "cp" || command.name() == "mv" ||
                          command.name() == "tar" || command.known().does == "backup";
      if (git || copies)
        all[document.procedure_of(block.section)].push_back(git ? "" : command.low_line());
    }
  }
  return all;
}

/// Whether the procedure keeps the file before, has git keep it, or makes it anew afterwards.
bool is_kept_file(const std::vector<std::string>& keepers, const std::string& file) {
  const std::string name = lower(file.substr(file.rfind('/') + 1));
  return std::ranges::any_of(
      keepers, [&](const std::string& each) { return each.empty() || has(each, name); });
}

bool destroys(const Command& command) {
  const Effect effect = effect_of(command);
  return command.known().does == "migrate_down" || effect == Effect::restore ||
         effect == Effect::destroy || names_down_task(command.low_line());
}

}  // namespace

void look_at_hand_edits(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script) return;
  Keepers keepers = keepers_of(document);
  for (const Block* block : blocks_of_way_back(facts)) {
    for (const Command& command : block->script.commands) {
      const std::string file = edited_by(command);
      if (file.empty() || is_kept_file(keepers[document.procedure_of(block->section)], file))
        continue;
      add_once(found,
               finding(model::Severity::warning, command.span,
                       fmt::format("'{}' is edited by hand, and nothing keeps what it held or "
                                   "looks at what became of it: a slip of the hand goes live",
                                   file),
                       "copy the file first, change it by a command (`sed -i`), and show the "
                       "difference before the restart"));
    }
  }
}

void look_at_optional_copies(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  std::vector<const Block*> destroying;
  for (const Block& block : document.blocks) {
    if (std::ranges::any_of(block.script.commands, destroys)) destroying.push_back(&block);
  }
  const auto report = [&](std::string_view low, model::Span span, std::uint32_t section) {
    const bool copy = has_any(low, {"backup", "back up", "snapshot"}) &&
                      has_any(low, {"(if time", "if time allows", "if time permits",
                                    "if there is time", "if you have time"});
    if (!copy || has_any(low, {"offsite", "upload", "compress", "if backup", "restore"}) ||
        !is_procedure(facts, section))
      return;
    const std::uint32_t unit = document.procedure_of(section);
    const auto behind = std::ranges::find_if(destroying, [&](const Block* block) {
      return block->span.begin > span.end && document.procedure_of(block->section) == unit;
    });
    if (behind == destroying.end()) return;
    model::Finding made = finding(model::Severity::warning, span,
                                  "the copy may be left out, and what stands behind it destroys "
                                  "data: in a hurry nothing is left to go back to",
                                  "make it a step that the next one waits for");
    made.related.push_back({(*behind)->span, "destroys"});
    add_once(found, std::move(made));
  };
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    if (document.lines[i].kind != importers::Line::Kind::paragraph ||
        document.low().lines[i].size() < 80)
      report(document.low().lines[i], document.lines[i].span, document.lines[i].section);
  }
  for (std::uint32_t i = 0; i < document.sections.size(); ++i)
    report(document.low().titles[i], document.sections[i].span, i);
}

}  // namespace backout::analyzer::documents
