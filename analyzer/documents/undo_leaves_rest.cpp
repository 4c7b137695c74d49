// A rollback that brings back only a part of what the deploy changed.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/placements.hpp"

namespace backout::analyzer::documents {

namespace {

/// Traffic goes from one colour to the other.
bool switches_colour(const Block& block, const Command& command) {
  std::string text = command.low_line();
  for (const importers::Redirect& redirect : command.redirects)
    text += lower(redirect.target) + " " + lower(redirect.heredoc);
  const bool listener = is(command, {"aws", "elbv2", "modify-listener"}) ||
                        is(command, {"aws", "elbv2", "modify-rule"});
  const bool service =
      (is(command, {"kubectl", "patch"}) || is(command, {"kubectl", "set", "selector"})) &&
      has_any(text, {" service", " svc"});
  const bool upstream = has(text, "upstream") && has(text, "server ");
  if (!listener && !service && !upstream) return false;
  return has_any(lower(block.content.text), {"blue", "green"});
}

void look_at_colours(const DocumentFacts& facts, const Block& block,
                     std::vector<model::Finding>& found) {
  if (document_says(facts.document,
                    {"compatible", "backward", "expand and contract", "separate database",
                     "database per", "own database", "stateless", "static site"}))
    return;
  for (const Command& command : block.script.commands) {
    if (!switches_colour(block, command)) continue;
    add_once(
        found,
        finding(model::Severity::warning, command.span,
                "this does not bring everything back: both colours share the database, so the "
                "older code meets the schema of the newer one, whose workers may still write",
                "say which schema the older colour needs, and stop the workers of the other one"));
  }
}

/// A restore, and then the migrations of the code that is there: they bring the schema forward
/// again.
void look_at_migrations(const Block& block, std::vector<model::Finding>& found) {
  const Command* restore = nullptr;
  for (const Command& command : block.script.commands) {
    // What is unpacked to be hashed or looked at comes back nowhere.
    const bool kept = command.name() != "cp" && !command.context.substitution;
    if (effect_of(command) == Effect::restore && kept) restore = &command;
    if (is(command, {"git", "checkout"}) || is(command, {"git", "reset"}) ||
        is(command, {"git", "revert"}) || command.known().does == "roll_back")
      restore = nullptr;
    if (restore == nullptr || command.known().does != "migrate" || command.has("--check") ||
        command.has("--plan"))
      continue;
    model::Finding made =
        finding(model::Severity::warning, command.span,
                "this takes back what the restore brought: the code that is still there runs its "
                "migrations, and the schema is the newer one again",
                "bring the older code first, or leave the migrations out");
    made.related.push_back({restore->span, "the restore"});
    add_once(found, std::move(made));
    restore = nullptr;
  }
}

/// A managed database comes back beside the old one, under a new name that nothing uses.
void look_at_new_instances(const DocumentFacts& facts, const Block& block, const Command& command,
                           std::vector<model::Finding>& found) {
  const catalogue::Known& known = command.known();
  if (known.does != "restore" || known.effects.empty() ||
      (known.tool != "aws" && known.tool != "gcloud" && known.tool != "az"))
    return;
  if (known.path == "sql backups restore") return;  // into an instance that is there
  if (has_any(lower(block.content.text), {"endpoint", "connection", "database_url"})) return;
  for (const catalogue::Argument& argument : known.effects[0].args) {
    if (argument.name != "into" || !is_plain(argument.value)) continue;
    const std::string name = lower(argument.value);
    std::size_t uses = 0;
    for (const std::string& text : facts.document.low().blocks) {
      for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1))
        ++uses;
    }
    for (const std::string& text : facts.document.low().lines) uses += has(text, name) ? 1 : 0;
    if (uses > 1) continue;
    add_once(found, finding(model::Severity::warning, command.span,
                            fmt::format("the data comes back beside the old database: nothing in "
                                        "this document sends the application to '{}'",
                                        argument.value),
                            "the step that changes the address, and a look at the data before it"));
  }
}

/// Another commit is built with the packages that the newer one installed.
void look_at_packages(const Block& block, std::vector<model::Finding>& found) {
  const Command* checkout = nullptr;
  for (const Command& command : block.script.commands) {
    const std::string text = command.line() + " ";
    if ((is(command, {"git", "checkout"}) || is(command, {"git", "reset"}) ||
         is(command, {"git", "switch"})) &&
        !command.has("--") && !command.has("-b"))
      checkout = &command;
    if (is_own_script(command) ||
        has_any(text, {" ci ", " install ", " i ", "composer ", "bundle ", "pip ", "docker ",
                       "yarn --frozen", "deploy.sh"}) ||
        text == "yarn ")
      checkout = nullptr;
    const bool builds =
        (command.name() == "npm" || command.name() == "pnpm" || command.name() == "yarn") &&
        has(text, " build");
    const bool runs_again = command.known().tool == "pm2" &&
                            (command.known().does == "restart" || command.known().does == "start");
    if (checkout == nullptr || (!builds && !runs_again)) continue;
    model::Finding made = finding(model::Severity::warning, command.span,
                                  "this does not bring everything back: the packages are those "
                                  "that the newer commit installed",
                                  builds ? "npm ci before the build" : "npm ci before the restart");
    made.related.push_back({checkout->span, "the code goes back here"});
    add_once(found, std::move(made));
    checkout = nullptr;
  }
}

/// "### 20250110_orders.sql" and the statements that undo it, and no word on the record that it was
/// run.
void look_at_records(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (document_says(document,
                    {"schema_migrations", "migration repair", "migrate resolve", "alembic_version",
                     "_prisma_migrations", "flyway", "migrations table", "migration history",
                     "_migrations", "from migrations", "migration record", "databasechangelog",
                     "downgrade", "migrate:down", "migrate down"})) {
    return;
  }
  for (const Block& block : document.blocks) {
    if (block.left_out || block.language != importers::Language::sql ||
        block.section == importers::kNowhere || !is_followed(facts, block))
      continue;
    const std::string& title = document.low().titles[block.section];
    const bool of_file = has(title, ".sql") && !title.empty() &&
                         std::isdigit(static_cast<unsigned char>(title[0])) != 0;
    const std::string& text =
        document.low().blocks[static_cast<std::size_t>(&block - document.blocks.data())];
    const std::vector<BlockLine> lines = lines_of(block);
    if (!of_file || !has_any(text, {"drop table", "drop column", "alter table"}) || lines.empty())
      continue;
    found.push_back(
        finding(model::Severity::warning, lines[0].span,
                "this does not bring everything back: the record that the migration was run stays, "
                "so that the next run believes that its tables are there",
                "remove its row from the tool's table in the same transaction (`supabase migration "
                "repair --status reverted`, `prisma migrate resolve --rolled-back`)"));
    return;
  }
}

/// Whether the chapter, or a heading of the document, says what stays as it is.
bool says_what_stays(const Document& document, std::uint32_t section) {
  const bool headed = std::ranges::any_of(document.low().titles, [](std::string_view title) {
    return has_any(title,
                   {"not revert", "not rolled back", "not roll back", "not undo", "not restore"});
  });
  return headed ||
         section_text_says(document, chapter_of(document, section),
                           {"stay as they are",    "stays as it is",        "stay as it is",
                            "not rolled back",     "does not roll back",    "doesn't roll back",
                            "not reverted",        "does not revert",       "doesn't revert",
                            "does not undo",       "does not restore",      "doesn't restore",
                            "are untouched",       "is untouched",          "does not touch",
                            "doesn't touch",       "remain unchanged",      "remains unchanged",
                            "restored separately", "rolled back separately"});
}

}  // namespace

std::vector<model::Finding> check_undo_leaves_rest(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    look_at_colours(facts, *block, found);
    look_at_packages(*block, found);
    look_at_leftovers(facts, *block, found);
    look_at_other_packages(facts, *block, found);
    look_at_migrations(*block, found);
    for (const Command& command : block->script.commands) {
      look_at_new_instances(facts, *block, command, found);
      const catalogue::Known& known = command.known();
      // What a chart leaves (definitions, hooks) changes with few releases.
      const bool pins = known.does == "switch" && known.tool == "gcloud" &&
                        (facts.document.role(block->section) == Role::rollback ||
                         (facts.document.is_script && !facts.document.is_workflow)) &&
                        !document_says(facts.document, {"to-latest"});
      const bool merges = known.tool == "mongorestore" && !command.has("--drop");
      if ((known.does != "roll_back" && !pins && !merges) || known.tool == "git" ||
          known.tool == "helm")
        continue;
      for (const catalogue::Trap& trap : known.traps) {
        if (trap.kind != catalogue::Trap::Kind::partial || !trap.only_if.empty() ||
            trap.tool != known.tool || says_what_stays(facts.document, block->section))
          continue;
        add_once(found,
                 finding(model::Severity::warning, command.span,
                         fmt::format("this does not bring everything back: {}", trap.says),
                         trap.instead.empty() ? "a step for what stays, or a word that it may stay"
                                              : trap.instead));
        break;
      }
    }
  }
  look_at_records(facts, found);
  look_at_branches_left(facts, found);
  look_at_releases_of_charts(facts, found);
  look_at_tags_of_shells(facts, found);
  look_at_siblings(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
