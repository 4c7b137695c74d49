// Part of runbook-names-absent: links and paths in sentences.
#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/absent.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Named;

/// A relative path to a script, as it stands in code.
bool is_script_path(std::string_view code) {
  if (code.find_first_of(" $<>{}*?~|;\"'\\()=:") != std::string_view::npos ||
      code.find('/') == std::string_view::npos || code.starts_with('/') || code.starts_with("..") ||
      has_any(code, {"...", "path/to", "YYYY", "example"}))
    return false;
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{".sh", ".py", ".sql", ".mjs", ".cjs", ".js", ".ts",
                                              ".rb", ".pl", ".ps1"},
      [&](std::string_view end) { return code.ends_with(end); });
}

/// `INCIDENT_RESPONSE.md`, as it stands in code.
bool is_document_path(std::string_view code) {
  return code.ends_with(".md") && code.size() > 3 &&
         code.find_first_of(" $<>{}*?~|;\"'\\()=:[]") == std::string_view::npos &&
         !code.starts_with('/') && !code.starts_with("..") && !has_any(code, {"...", "YYYY"});
}

/// "Create `scripts/x.sh`", "not written yet": it need not be there.
bool tells_of_what_may_come(std::string_view low) {
  return has_any(
      low, {"create",      "write ",  "add ",      "adding",  "generate",       "produce",
            "save ",       "copy ",   "planned",   "not yet", "todo",           "to do",
            "will be",     "future",  "should be", "missing", "does not exist", "doesn't exist",
            "removed",     "deleted", "new file",  "no `",    "there is no",    "e.g.",
            "for example", "such as", "would ",    "crear ",  "criar ",         "créer ",
            "erstelle",    "创建",    "新建",      "作成"});
}

}  // namespace

/// `[the procedure](vault.md)`, and there is no such file.
void look_at_links(const DocumentFacts& facts, const importers::Repository& repository,
                   Findings& found) {
  if (!facts.document.is_runbook || facts.document.is_aside || !repository.is_whole) return;
  OneFinding made("and here");
  std::set<std::string> seen;
  for (const importers::Line& line : facts.document.lines) {
    const std::string_view raw = raw_of(facts, line);
    for (std::size_t at = raw.find("]("); at != std::string_view::npos;
         at = raw.find("](", at + 2)) {
      std::string target(raw.substr(at + 2, raw.find_first_of(") \n#", at + 2) - at - 2));
      const bool is_path = target.find_first_of("%<>{}$:?*\"'") == std::string::npos &&
                           target.rfind('.') != std::string::npos &&
                           target.size() - target.rfind('.') < 6 && !target.ends_with('/') &&
                           std::isalpha(static_cast<unsigned char>(target.back())) != 0;
      if (!is_path || !seen.insert(target).second) continue;
      const bool is_rooted = target.starts_with('/');
      importers::WorkPlace place;
      place.document_folder = is_rooted ? "" : facts.folder;
      const Named named{Named::Sort::file, "", is_rooted ? target.substr(1) : target, 0, {}};
      if (importers::resolve(repository, named, place).presence != importers::Presence::absent)
        continue;
      const auto begin = static_cast<std::uint32_t>(line.span.begin + at + 2);
      const model::Span span{line.span.file, begin,
                             begin + static_cast<std::uint32_t>(target.size())};
      made.add(finding(model::Severity::warning, span,
                       fmt::format("'{}' is linked, and is not in the repository: who follows the "
                                   "link finds nothing",
                                   target),
                       "add it, or link what says this today"));
    }
  }
  std::move(made).add_to(found);
}

void look_at_paths(const DocumentFacts& facts, const importers::Repository& repository,
                   Findings& found) {
  const Document& document = facts.document;
  if (!document.is_runbook || document.is_aside || !repository.is_whole) return;
  OneFinding made("and here");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const Role role = document.role(line.section);
    const bool followed = role == Role::verification || role == Role::precheck ||
                          role == Role::deploy || is_procedure(facts, line.section);
    // Who is sent to another document looks it up in the night.
    const std::string& low = document.low().lines[i];
    const bool refers =
        role == Role::reference ||
        section_says(document, line.section, {"resources", "related", "reference", "see also"}) ||
        has_any(low, {"see `", "follow `", "see also `", "refer to `"});
    if ((!followed && !refers) || tells_of_what_may_come(low)) continue;
    const std::string_view raw = raw_of(facts, line);
    std::size_t open = raw.find('`');
    while (open != std::string_view::npos) {
      const std::size_t close = raw.find('`', open + 1);
      if (close == std::string_view::npos) break;
      const std::string code(raw.substr(open + 1, close - open - 1));
      const std::size_t begin = line.span.begin + open + 1;
      open = raw.find('`', close + 1);
      // A command of a sentence is looked up like those of blocks.
      const bool runs = std::ranges::any_of(document.blocks, [&](const Block& block) {
        return block.span.begin <= begin && begin < block.span.end;
      });
      const bool told = std::ranges::any_of(
          found, [&](const model::Finding& each) { return has(each.message, "'" + code + "'"); });
      const bool sought = (followed && is_script_path(code)) || (refers && is_document_path(code));
      if (runs || told || !sought || !seen.insert(code).second) continue;
      importers::WorkPlace place;
      place.document_folder = facts.folder;
      const Named named{Named::Sort::script, "", code, 0, {}};
      if (importers::resolve(repository, named, place).presence != importers::Presence::absent)
        continue;
      const model::Span span{line.span.file, static_cast<std::uint32_t>(begin),
                             static_cast<std::uint32_t>(begin + code.size())};
      made.add(finding(model::Severity::warning, span,
                       fmt::format("'{}' is named here, and is not in the repository", code),
                       "add it, or name what does this today"));
    }
  }
  std::move(made).add_to(found);
}

}  // namespace backout::analyzer::documents
