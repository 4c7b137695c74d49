// Part of hidden-failure: on one way through a script nothing is done, and its end says that all
// went well.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// What one arm of a choice does, as far as it is run.
struct Way {
  const Command* tells = nullptr;  ///< the first word to a person
  bool only_tells = true;          ///< and nothing else
  bool acts = false;
};

/// "Already on v1.2.3": there is nothing to do.
bool says_nothing_to_do(const Command& command) {
  return has_any(command.low_line(),
                 {"already", "no change", "no configuration change", "nothing to", "not needed",
                  "no need", "up to date", "up-to-date", "unchanged"});
}

/// Whether it changes anything: what looks, asks and tells does not.
bool changes(const Block& block, const Command& command) {
  const Effect effect = effect_of(command);
  return brings_back(block, command) || effect == Effect::change || effect == Effect::destroy ||
         effect == Effect::save;
}

}  // namespace

void look_at_idle_ways(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (!facts.document.is_script || !block.script.whole) return;
  const Run run(block);
  std::map<std::uint32_t, Way> ways;  // by arm, of choices that every run comes to
  bool always = false;
  for (const Ran& ran : run.commands) {
    const Command& command = *ran.command;
    if (!ran.arms.empty()) {
      Way& way = ways[ran.arms.front()];
      const bool tells = only_tells(command) && !leaves(block, command);
      if (way.tells == nullptr && tells) way.tells = &command;
      way.only_tells = way.only_tells && tells && !says_nothing_to_do(command);
      way.acts = way.acts || changes(block, command);
      continue;
    }
    if (!says_done(command)) {
      // `if nginx -s reload; then`: it is done in the question.
      const bool asked = command.context.condition && changes(block, command);
      always = always || asked ||
               (brings_back(block, command) && command.name() != "cp" && command.name() != "mv");
      continue;
    }
    if (always) return;
    for (const auto& [arm, idle] : ways) {
      if (!idle.only_tells || idle.tells == nullptr) continue;
      const auto choice = run.arms[arm].choice;
      const auto other = std::ranges::find_if(ways, [&](const auto& each) {
        return each.second.acts && run.arms[each.first].choice == choice;
      });
      const bool elsewhere = std::ranges::any_of(ways, [&](const auto& each) {
        return each.second.acts && run.arms[each.first].choice != choice;
      });
      if (other == ways.end() || elsewhere) continue;
      model::Finding made = finding(
          model::Severity::error, idle.tells->span,
          fmt::format(
              "on this way nothing is brought back, and the script goes on to '{}' and ends with 0",
              text_of(command)),
          "end it here with a failure (`exit 1`), or do what is only told");
      made.related.push_back({command.span, "says that it went well"});
      found.push_back(std::move(made));
      return;
    }
  }
}

}  // namespace backout::analyzer::documents
