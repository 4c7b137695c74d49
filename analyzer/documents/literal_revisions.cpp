// Part of unpinned-target: the number that a release had on one day.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text != "0" &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The revision that a command goes back to, where it is a number as it stands; empty for none.
std::string number_of(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "kubectl" && known.path == "rollout undo") {
    const std::string value = command.value("--to-revision").value_or("");
    return is_number(value) ? "--to-revision=" + value : std::string();
  }
  if (known.tool == "helm" && known.path == "rollback") {
    const auto words = operands(command, 1);
    return words.size() > 1 && is_number(words[1]->text) ? words[1]->text : std::string();
  }
  if (known.tool == "heroku" && has(known.path, "rollback")) {
    const auto words = operands(command, 1);
    const bool release = !words.empty() && words[0]->text.size() > 1 && words[0]->text[0] == 'v' &&
                         is_number(std::string_view(words[0]->text).substr(1));
    return release ? words[0]->text : std::string();
  }
  return {};
}

}  // namespace

void look_at_literal_revisions(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (facts.document.is_script || facts.document.role(block.section) == Role::deploy) return;
  for (const Command& command : block.script.commands) {
    const std::string number = number_of(command);
    if (number.empty()) continue;
    const std::string around =
        lower(command.comment + " " + block.script.segments[command.segment].title + " " +
              block.lead + " " + block.item + " " + block.after);
    // "Go back to 41, which served last week" is meant; "roll back to a specific revision" stands
    // for any.
    const bool any =
        has_any(around, {"specific", "particular", "certain", "given", "chosen", "desired",
                         "target", "known good", "known-good", "previous", "específic",
                         "determinad", "spécifique", "bestimmt", "특정", "特定", "指定"});
    if (!any || has_any(around, {"example", "e.g", "replace", "for instance", "ejemplo", "exemplo",
                                 "exemple", "beispiel", "例", "if revision", "say,"}))
      continue;
    add_once(
        found,
        finding(model::Severity::warning, command.span,
                fmt::format("'{}' is the number that a release had on one day: every deploy counts "
                            "on, so whoever copies this line goes to another release, or to none",
                            number),
                "<REVISION>, and the line of the history that says which one served well"));
  }
}

}  // namespace backout::analyzer::documents
