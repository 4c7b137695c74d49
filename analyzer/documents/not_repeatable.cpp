// A rollback that goes back to something else when it runs a second time.
#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// The part of a path before the first wildcard, variable of a date, or digit behind the last
/// slash.
std::string stem_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return std::string(name.substr(0, name.find_first_of("*$0123456789<")));
}

/// `SET balance = balance + 5`: the second run adds it again.
void look_at_sums(const Document& document, std::vector<model::Finding>& found) {
  for (const SqlLine& line : sql_lines(document)) {
    const std::size_t set = line.text.find(" set ");
    if (!line.text.starts_with("update ") || set == std::string::npos) continue;
    const std::size_t end = line.text.find_first_of(" =", set + 5);
    if (end == std::string::npos) continue;
    const std::string name = line.text.substr(set + 5, end - set - 5);
    const std::size_t value = line.text.find_first_not_of(" =", end);
    if (name.empty() || value == std::string::npos) continue;
    const std::string rest = line.text.substr(value);
    if (!rest.starts_with(name + " +") && !rest.starts_with(name + " -") &&
        !rest.starts_with(name + "+") && !rest.starts_with(name + "-"))
      continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            "a second run of this adds or takes the same once more",
                            "a WHERE that holds only before the first run (a status, a mark), in "
                            "one transaction with what sets it"));
  }
}

}  // namespace

std::vector<model::Finding> check_not_repeatable(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    const Command* newest = nullptr;
    std::string stem;
    for (const Command& command : block->script.commands) {
      const bool lists = command.name() == "ls" && command.has("-t") &&
                         !command.context.assigns.empty() && command.words.size() > 2;
      if (lists) {
        newest = &command;
        stem = stem_of(command.words.back().text);
      }
      if (newest == nullptr || stem.size() < 4 || effect_of(command) != Effect::save) continue;
      bool same = false;
      for (const importers::Word& word : command.words)
        same = same || stem_of(word.text).starts_with(stem);
      if (!same) continue;
      model::Finding made = finding(
          model::Severity::error, newest->span,
          "the newest backup is the good one on the first run only: this script saves the bad "
          "state under the same pattern, and a second run restores that",
          "name the backup that was made before the deploy, and save the current state elsewhere");
      made.related.push_back({command.span, "saves the bad state as the newest"});
      found.push_back(std::move(made));
      break;
    }
  }
  look_at_sums(facts.document, found);
  return found;
}

}  // namespace backout::analyzer::documents
