// Alternatives that a reader who copies the block runs one after the other.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

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

/// "# or" alone, behind the first command of a block: a guide shows two spellings of one thing in
/// this way, a way back two things to do.
bool is_bare(const Segment& segment) {
  const std::string title = lower(segment.title);
  return title == "or" || title == "oder" || title == "ou" || title == "o" || title == "或者" ||
         title == "または";
}

/// "OPTION B - ...", "Method 2: ...".
bool is_lettered(const Segment& segment) {
  const std::string title = lower(segment.title);
  for (const std::string_view word : {"option ", "method ", "variant ", "way "}) {
    if (title.starts_with(word) && title.size() > word.size() &&
        std::isalnum(static_cast<unsigned char>(title[word.size()])) != 0 &&
        (title.size() == word.size() + 1 ||
         std::isalnum(static_cast<unsigned char>(title[word.size() + 1])) == 0))
      return true;
  }
  return false;
}

/// The way with a letter that stands before this one; the segment itself where none does.
std::uint32_t lettered_before(const Block& block, std::uint32_t segment) {
  for (std::uint32_t k = segment; k-- > 1;) {
    if (is_lettered(block.script.segments[k])) return k;
  }
  return segment;
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
    if (is_new || at->second->segment == command.segment || at->second->line() == command.line())
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

/// The schema changed by the tools of two frameworks in one block: a project has one of them.
void look_at_frameworks(const Block& block, std::vector<model::Finding>& found) {
  static const std::set<std::string_view> kTools = {
      "prisma",    "knex",     "sequelize", "typeorm", "alembic", "flyway",
      "liquibase", "goose",    "dbmate",    "migrate", "rails",   "artisan",
      "manage.py", "supabase", "sqitch",    "drizzle", "dotnet"};
  if (runs_as_script(block)) return;
  const Command* first = nullptr;
  for (const Command& command : block.script.commands) {
    const catalogue::Known& known = command.known();
    const Effect effect = effect_of(command);
    const bool changes = known.does == "migrate_down" || known.does == "migrate" ||
                         effect == Effect::destroy || effect == Effect::change;
    if (!changes || !kTools.contains(known.tool)) continue;
    if (first == nullptr) first = &command;
    if (first->known().tool == known.tool) continue;
    model::Finding made =
        finding(model::Severity::error, command.span,
                fmt::format("'{}' and '{}' change the schema with the tools of two frameworks, and "
                            "a project has one: whoever copies the block runs both",
                            text_of(*first), text_of(command)),
                "only the one that this project has");
    made.related.push_back({first->span, "the other way"});
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
          (s == 1 && !follows_another(segments[s]) &&
           !(is_bare(segments[s]) && leads_back(facts, block->section))))
        continue;
      // The comment below it may say of what: "# 3. Or by hand", "# If a column was added:".
      const Command* here = first_of(*block, s);
      const bool empty = std::ranges::none_of(
          block->script.commands, [&](const Command& each) { return each.segment == s; });
      const bool second = empty && is_lettered(segments[s]) && lettered_before(*block, s) < s;
      if (here == nullptr && (numbered || second) && s + 1 < segments.size() &&
          segments[s + 1].kind != Segment::Kind::alternative)
        here = first_of(*block, s + 1);
      const Command* before = first_of(*block, s - 1);
      // Of a way with a letter, all comments behind the one before it are part of that one.
      const std::uint32_t other = is_lettered(segments[s]) ? lettered_before(*block, s) : s;
      for (std::uint32_t k = other; before == nullptr && k < s; ++k) before = first_of(*block, k);
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
    if (found.size() == told) look_at_frameworks(*block, found);
    if (found.size() == told && !runs_as_script(*block)) look_at_pushes(*block, found);
  }
  look_at_undecided_ways(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
