// A path of one person's machine in a command that others have to run.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// The part of a word that names somebody's folder: `/Users/NAME/...`, `~/Projects`,
/// `C:\Users\NAME`.
bool is_workstation(std::string_view word) {
  const std::size_t users = word.find("/Users/");
  if (users != std::string_view::npos && users + 7 < word.size() &&
      (users == 0 || word[users - 1] == '=' || word[users - 1] == '"'))
    return true;
  if (has_any(word, {"C:\\Users\\", "C:/Users/", "/mnt/c/Users/"})) return true;
  for (const std::string_view folder :
       {"~/Desktop", "~/Documents", "~/Projects", "~/projects", "~/Downloads", "~/dev/", "~/code/",
        "~/workspace", "~/repos"}) {
    if (word.starts_with(folder)) return true;
  }
  return false;
}

}  // namespace

std::vector<model::Finding> check_runbook_workstation_path(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      for (const importers::Word& word : command.words) {
        if (!is_workstation(word.text) || word.placeholder) continue;
        if (!found.empty()) {
          found.back().related.push_back({word.span, "here, too"});
          continue;
        }
        found.push_back(finding(
            model::Severity::warning, word.span,
            fmt::format("'{}' is a folder of one person's machine: nobody else can run this",
                        word.text.substr(0, 60)),
            "a path of the server or of the repository: cd \"$(git rev-parse --show-toplevel)\""));
      }
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
