// Files that are put over others: folders that come to stand in one another, what is deleted and
// kept by nobody, what stays.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/placements.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// `v41` of `shop-v41`: a version that is written out, or one that a variable holds.
bool has_number(std::string_view path) {
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if ((path[i] == 'v' || path[i] == 'V' || path[i] == '-') && path[i + 1] >= '0' &&
        path[i + 1] <= '9')
      return true;
  }
  return false;
}
bool names_version(std::string_view path) {
  return has_number(path) || has_any(lower(path), {"release", "version", "previous", "prev", "code",
                                                   "app", "$tag", "${tag", "$sha", "${sha"});
}

bool is_folder_name(std::string_view name) {
  return !name.empty() && name.find('*') == std::string_view::npos &&
         (name.find('.') == std::string_view::npos || name.starts_with('.'));
}

/// Whether the source is the target under an older name: `app.bak` of `app`, `shop-v41` of `shop`.
bool is_older_name(const std::string& from, const std::string& to) {
  if (!from.starts_with(to) || from.size() <= to.size() || to.size() < 2) return false;
  const std::string rest = lower(from.substr(to.size()));
  return (rest[0] == '.' || rest[0] == '-' || rest[0] == '_') &&
         has_any(rest, {"bak", "old", "prev", "backup", "orig", "save", "stable", "good"});
}

/// Whether people who go back or restore follow the block.
bool goes_back(const DocumentFacts& facts, const Block& block) {
  if (!is_followed(facts, block) || fills_another_environment(facts.document, block.section))
    return false;
  if (section_says(
          facts.document, block.section,
          {"local", "staging", "development", "tear", "clean", "backup script", "take a backup",
           "create a backup", "create backup", "pre-deploy", "before deploy"}))
    return false;
  if (!facts.document.is_script)
    return leads_back(facts, block.section) && facts.document.role(block.section) != Role::deploy;
  const std::string name = file_name_of(facts);
  return has_any(name, {"rollback", "roll-back", "roll_back", "restore", "revert", "recover"}) &&
         !says_test(name) && !has_any(name, {"drill", "verify", "local", "staging"});
}

/// Whether a command before makes the folder: nothing stands in it yet.
bool is_made(const Block& block, const Command& command, const std::string& to) {
  return std::ranges::any_of(block.script.commands, [&](const Command& each) {
    return each.name() == "mkdir" && each.span.begin < command.span.begin &&
           each.words.back().text == to;
  });
}

/// Where a command of the block runs, as far as a `cd` before it says; empty for nowhere.
std::string folder_at(const Block& block, const Command& command) {
  std::string folder;
  for (const Command& each : block.script.commands) {
    if (each.span.begin >= command.span.begin) break;
    if (each.name() == "cd" && each.words.size() == 2) folder = each.words.back().text;
  }
  return folder;
}

/// Whether a command before keeps what stands at the target, or a text says that something does.
bool is_kept(const DocumentFacts& facts, const Block& block, const Command& command,
             const Placement& placement) {
  const Document& document = facts.document;
  const std::string part = last_part_of(placement.to);
  const std::uint32_t unit =
      document.is_script ? importers::kNowhere : document.procedure_of(block.section);
  for (const Block* each : shell_blocks(document)) {
    if (unit != importers::kNowhere && !document.below(each->section, unit)) continue;
    for (const Command& before : each->script.commands) {
      if (before.span.begin >= command.span.begin || before.words.size() < 2 || only_tells(before))
        continue;
      const std::string& text = before.low_line();
      const bool copies = before.name() == "cp" || before.name() == "mv" ||
                          before.name() == "tar" || before.name() == "rsync" ||
                          before.name() == "zip" || before.known().does == "write" ||
                          before.known().does == "backup";
      const std::string into = lower(before.words.back().text);
      // What is copied from there, and not from another copy of it.
      const bool packs = before.name() == "tar" || before.name() == "zip";
      const bool same =
          !part.empty() &&
          std::any_of(before.words.begin() + 1, before.words.end() - (packs ? 0 : 1),
                      [&](const importers::Word& word) {
                        return (last_part_of(word.text) == part && !names_kept(word.text)) ||
                               has(word.text, placement.to);
                      });
      if (copies && same &&
          (packs || is_aside(into) ||
           has_any(text, {".bak", "before", "pre-", "pre_", "safety", "_old", ".old", "prev"})))
        return true;
      if (effect_of(before) == Effect::save && !names_kept(text.substr(0, text.find(' '))))
        return true;
      if (is_own_script(before) && has(text, "backup") && !has(text, "restor")) return true;
    }
  }
  const std::initializer_list<std::string_view> words = {"versioning",
                                                         "versioned",
                                                         "object lock",
                                                         "pre-restore",
                                                         "pre_restore",
                                                         "prerestore",
                                                         "before_restore",
                                                         "before-restore",
                                                         "safety copy",
                                                         "safety backup",
                                                         "snapshot of the current",
                                                         "backup the current",
                                                         "back up the current",
                                                         "backup current",
                                                         "back up current",
                                                         "current state",
                                                         "keep a copy",
                                                         "--backup-dir",
                                                         "dry-run",
                                                         "dryrun"};
  return document.is_script ? document_says(document, words)
                            : section_text_says(document, unit, words);
}

}  // namespace

void look_at_nested_folders(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (!is_followed(facts, block) || starts_from_nothing(facts.document, block.section)) return;
  for (const Command& command : block.script.commands) {
    const std::optional<Placement> placement = placement_of(command);
    if (!placement || placement->archive || placement->contents || !placement->folder ||
        is_aside(placement->to) || command.has("-T"))
      continue;
    const std::string from = last_part_of(placement->from), to = last_part_of(placement->to);
    const bool same = from == to && from.find('$') == std::string::npos;
    // `rsync -a --delete releases/$VERSION host:/srv/shop`: who deletes wants the two alike.
    const bool alike = command.known().tool == "rsync" && placement->deletes &&
                       names_version(placement->from) && !placement->to.ends_with('/') && !same;
    const bool older = is_older_name(from, to) || alike;
    if ((!same && !older) || !is_folder_name(to) || (older && placement->to.ends_with('/')))
      continue;
    const bool certain = command.known().tool == "rsync";
    // A folder with a file's name is hardly one; one that was taken away is made anew.
    if (!certain && (is_cleared(block, command, placement->to) ||
                     (older && from.find('/') != std::string::npos)))
      continue;
    if (!certain && same && command.name() == "mv") continue;
    const std::string nested =
        fmt::format("{}{}{}", placement->to, placement->to.ends_with('/') ? "" : "/", from);
    add_once(
        found,
        finding(
            certain ? model::Severity::error : model::Severity::warning, command.span,
            certain
                ? fmt::format("without a slash at the end of '{}' the folder itself is copied: the "
                              "files come to stand in '{}', and what is read stays as it was",
                              placement->from, nested)
                : fmt::format("where '{}' is there already, this puts the folder into it: the "
                              "files come to stand in '{}', and what is read stays as it was",
                              placement->to, nested),
            certain ? fmt::format("rsync -a {}/ {}", placement->from, placement->to)
                    : fmt::format("move '{}' aside first, or copy '{}/.' into it", placement->to,
                                  placement->from)));
  }
}

void look_at_placed_files(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!goes_back(facts, *block) || starts_from_nothing(facts.document, block->section)) continue;
    for (const Command& command : block->script.commands) {
      const std::optional<Placement> placement = placement_of(command);
      if (!placement || !placement->folder || placement->to.empty() || is_aside(placement->to) ||
          is_aside(resolved(*block, placement->to)) || is_made(*block, command, placement->to) ||
          command.name() == "mv" || command.context.substitution)
        continue;
      const bool copy =
          names_kept(placement->from) || names_kept(resolved(*block, placement->from));
      const bool data = holds_data(placement->to) || holds_data(resolved(*block, placement->to));
      const std::string last = lower(last_part_of(placement->to));
      const bool one_file = !placement->archive && last.find('.') != std::string::npos &&
                            !last.ends_with(".db") && !last.ends_with(".sqlite") &&
                            !last.ends_with(".sqlite3") && !last.ends_with(".rdb");
      if (one_file) continue;
      // A build makes again what it put there.
      if ((!copy && !(data && placement->deletes)) ||
          (!placement->deletes && !data && !placement->archive))
        continue;
      if (is_kept(facts, *block, command, *placement) || is_cleared(*block, command, placement->to))
        continue;
      add_once(
          found,
          finding(
              model::Severity::warning, command.span,
              placement->deletes
                  ? fmt::format(
                        "what '{}' has and the copy has not is deleted, and nothing keeps it "
                        "first: where the copy is old or cut short, what came since is gone",
                        placement->to)
                  : fmt::format("files in '{}' are written over, and nothing keeps them first: "
                                "when the copy turns out to be bad, nothing is left to go back to",
                                placement->to),
              placement->deletes
                  ? "copy what is there aside first (rsync has --backup-dir), and look at a trial "
                    "run"
                  : "copy what is there aside first, or unpack beside it and exchange the names"));
    }
  }
}

void look_at_leftovers(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (!goes_back(facts, block)) return;
  const bool of_code =
      facts.document.is_script
          ? names_rollback(facts)
          : facts.document.role(block.section) == Role::rollback || is_titled_rollback(facts);
  if (!of_code) return;
  for (const Command& command : block.script.commands) {
    std::optional<Placement> placement = placement_of(command);
    if (placement && placement->archive && placement->to.empty())
      placement->to = folder_at(block, command);
    if (!placement || !placement->folder || !placement->contents || placement->deletes ||
        placement->to.empty() || is_aside(placement->to))
      continue;
    const bool store = command.known().tool == "aws" || command.known().tool == "gsutil" ||
                       command.known().tool == "mc" || command.known().tool == "rclone";
    const std::string to = resolved(block, placement->to);
    // A folder of its own for each release holds nothing of the other one; what people wrote has to
    // stay.
    const bool own = to == "/" || has_number(to) ||
                     has_any(lower(to), {"release", "version", "$tag", "${tag", "$sha", "${sha",
                                         "config", "/etc", "/bin", ".env", "secret"}) ||
                     is_aside(to);
    // A copy holds what was there, data too, unless it is one of a version.
    const bool copy = names_kept(placement->from) ||
                      section_says(facts.document, block.section, {"restor", "wiederher"});
    if (copy && !names_version(placement->from)) continue;
    if (own || is_made(block, command, placement->to) || store || holds_data(to) ||
        has_any(lower(placement->from),
                {"upload", "media", "data", "config", ".env", "etc", "sql", "db"}) ||
        is_cleared(block, command, placement->to))
      continue;
    add_once(
        found,
        finding(model::Severity::warning, command.span,
                fmt::format("this does not bring everything back: files that only the newer "
                            "version has stay in '{}', beside the older ones",
                            placement->to),
                "unpack into a folder of its own and exchange the names; or rsync -a --delete"));
  }
}

}  // namespace backout::analyzer::documents
