// Commands in a language that is not read, and what is behind the limit of a document: nothing is
// said of them, and that is said.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"
#include "importers/document/limits.hpp"

namespace backout::analyzer::documents {

namespace {

/// That nothing of a workflow is read, and why.
model::Finding nothing_read(const Document& document) {
  if (document.mistake) {
    const auto begin = document.mistake->span.begin;
    return finding(model::Severity::warning, {document.file, begin, begin + 1},
                   fmt::format("the workflow cannot be read ({}): nothing is said of what it runs",
                               document.mistake->message),
                   "mend it: the CI system reads YAML, too, and may refuse it");
  }
  if (document.sections.empty()) {
    return finding(model::Severity::note, {document.file, 0, 1},
                   "no job of this workflow deploys or rolls back: nothing is said of what it runs",
                   "name the job by what it does: deploy, release, rollback");
  }
  return finding(model::Severity::note, document.sections[0].span,
                 "none of the jobs that deploy or roll back runs a command that is read here: "
                 "nothing is said of what they do",
                 "look through them by hand");
}

}  // namespace

std::vector<model::Finding> check_runbook_not_read(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block& block : facts.document.blocks) {
    const auto cut = block.cut ? std::optional(block.span) : importers::left_out(block.script);
    if (cut) {
      const auto end = std::min<std::uint32_t>(cut->end, cut->begin + 1);
      add_once(found, finding(model::Severity::warning, {cut->file, cut->begin, end},
                              "this is nested deeper than can be read: nothing is said of what "
                              "stands from here on in it",
                              "fewer quotes or lists in each other"));
      continue;
    }
    const bool other = block.language == importers::Language::powershell ||
                       block.language == importers::Language::cmd;
    const std::vector<BlockLine> lines = lines_of(block);
    if (block.left_out || !other || lines.empty() || !is_followed(facts, block)) continue;
    add_once(found,
             finding(model::Severity::note, lines[0].span,
                     fmt::format("{} is not read: nothing is said of the commands of this block",
                                 importers::to_string(block.language)),
                     "look through them by hand"));
  }
  if (facts.document.is_workflow && facts.document.blocks.empty())
    found.push_back(nothing_read(facts.document));
  const std::string& text = facts.sources[facts.document.file].text();
  const auto size = static_cast<std::uint32_t>(text.size());
  if (const model::Span unread = {facts.document.file,
                                  static_cast<std::uint32_t>(importers::readable(text)), size};
      unread.begin < unread.end) {
    const std::size_t end = std::min<std::size_t>(text.find('\n', unread.begin), unread.end);
    found.push_back(finding(model::Severity::note,
                            {unread.file, unread.begin, static_cast<std::uint32_t>(end)},
                            importers::part_read(text) + ": nothing is said of what follows",
                            "split the document, one method of rolling back in each"));
  }
  return found;
}

}  // namespace backout::analyzer::documents
