// Alternatives that a reader who copies the block runs one after the other.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Segment;

bool acts(const Command& command) {
  const Effect effect = effect_of(command);
  return effect == Effect::change || effect == Effect::destroy || effect == Effect::deploy ||
         effect == Effect::restore;
}

/// A first comment may name a way that nothing stands before: "# Option A". One that begins with
/// "Or" stands behind another.
bool follows_another(const Segment& segment) {
  std::string title = lower(segment.title);
  title = title.substr(std::min(title.find_first_not_of(" 0123456789.):-"), title.size()));
  return title.starts_with("or ") || title.starts_with("or:") || title.starts_with("alternativ");
}

const Command* first_of(const Block& block, std::uint32_t segment) {
  for (const Command& command : block.script.commands) {
    if (command.segment == segment && acts(command)) return &command;
  }
  return nullptr;
}

}  // namespace

namespace {

/// The same way back twice in one block, each below a comment of its own: "revert one commit",
/// "revert a merge".
void look_at_twins(const Block& block, std::vector<model::Finding>& found) {
  if (runs_as_script(block)) return;
  std::map<std::string, const Command*> first;
  for (const Command& command : block.script.commands) {
    const catalogue::Known& known = command.known();
    const bool resets =
        is(command, {"git", "reset"}) || (is(command, {"git", "checkout"}) && command.has("--"));
    const bool back = known.does == "roll_back" || known.does == "migrate_down" ||
                      is(command, {"git", "revert"}) || resets;
    if (!back || command.has("--continue") || command.has("--abort") || command.has("--help"))
      continue;
    const auto words = operands(command, known.tool == "git" || known.tool == "alembic" ? 1 : 2);
    std::string key = known.tool + " " + known.path;
    // Of a cluster, two objects are two steps.
    if (known.tool == "kubectl" || known.tool == "helm")
      key += " " + (words.empty() ? std::string() : words[0]->text);
    const auto [at, is_new] = first.emplace(key, &command);
    if (is_new || at->second->segment == command.segment ||
        full_of(*at->second) == full_of(command))
      continue;
    const bool open =
        std::ranges::any_of(command.words,
                            [](const importers::Word& word) { return word.placeholder; }) ||
        known.tool == "kubectl" || known.tool == "helm" || known.tool == "alembic" || resets;
    if (!open) continue;
    model::Finding made =
        finding(model::Severity::warning, command.span,
                fmt::format("'{}' is an alternative to '{}', and both stand in one block: whoever "
                            "copies the block runs both",
                            text_of(command), text_of(*at->second)),
                "a block of its own for each way, under a heading that says when to take it");
    made.related.push_back({at->second->span, "the other way"});
    found.push_back(std::move(made));
    return;
  }
}

/// `git push`, "(automatic if configured, or by hand)", and the deploy by hand below it: both go
/// out.
void look_at_pushes(const Block& block, std::vector<model::Finding>& found) {
  const Command* push = nullptr;
  for (const Command& command : block.script.commands) {
    if (is(command, {"git", "push"})) push = &command;
    // What puts a state there that is there already does no harm the second time.
    const std::string_view tool = command.known().tool;
    const bool starts = (command.known().does == "deploy" && tool != "kubectl" &&
                         tool != "argocd" && tool != "helm" && tool != "docker-compose") ||
                        is(command, {"gh", "workflow", "run"});
    if (push == nullptr || !starts) continue;
    const bool by_hand =
        std::ranges::any_of(block.script.comments, [&](const importers::Comment& each) {
          return each.span.begin > push->span.end && each.span.end < command.span.begin &&
                 has_any(lower(each.text), {"or manual", "or trigger", "if configured",
                                            "auto-trigger", "automatically", "or deploy manually"});
        });
    if (!by_hand) continue;
    model::Finding made = finding(model::Severity::warning, command.span,
                                  fmt::format("'{}' may have started this already: whoever copies "
                                              "the block deploys twice, at the same time",
                                              text_of(*push)),
                                  "say which of the two this project has, and leave the other out");
    made.related.push_back({push->span, "starts it, where it is set up so"});
    found.push_back(std::move(made));
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_runbook_alternatives(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    const auto& segments = block->script.segments;
    const std::size_t told = found.size();
    for (std::uint32_t s = 1; s < segments.size(); ++s) {
      const bool numbered = segments[s].kind == Segment::Kind::step &&
                            follows_another(segments[s]);  // "3. Or by hand"
      if ((segments[s].kind != Segment::Kind::alternative && !numbered) ||
          (s == 1 && !follows_another(segments[s])))
        continue;
      // The comment below it may say of what: "# 3. Or by hand", "# If a column was added:".
      const Command* here = first_of(*block, s);
      if (here == nullptr && numbered) here = first_of(*block, s + 1);
      const Command* before = first_of(*block, s - 1);
      // A comment between the two may stand above a look: `# Option A` ... `git checkout`.
      if (here == nullptr || before == nullptr) continue;
      model::Finding made = finding(
          effect_of(*here) == Effect::destroy ? model::Severity::error : model::Severity::warning,
          here->span,
          fmt::format("'{}' is an alternative to '{}', and both stand in one block: whoever copies "
                      "the block runs both",
                      text_of(*here), text_of(*before)),
          "a block of its own for each way, under a heading that says when to take it");
      made.related.push_back({before->span, "the other way"});
      found.push_back(std::move(made));
      break;
    }
    if (found.size() == told) look_at_twins(*block, found);
    if (found.size() == told && !runs_as_script(*block)) look_at_pushes(*block, found);
  }
  look_at_undecided_ways(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
