// Part of check-cannot-fail: a version is printed to verify, and nothing says which one it has to
// be.
#include <algorithm>
#include <set>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether the command prints which commit, migration or image is there, and compares it with
/// nothing.
bool prints_version(const Command& command) {
  static const std::set<std::string_view> kStates = {
      "flyway info",   "artisan migrate:status", "prisma migrate status",      "goose status",
      "dbmate status", "knex migrate:status",    "sequelize db:migrate:status"};
  const catalogue::Known& known = command.known();
  const std::string text = command.low_line() + " ";
  if (runs(command, "psql") || runs(command, "mysql") || runs(command, "sqlite3")) {
    const bool record =
        has_any(text, {"alembic_version", "schema_migrations", "flyway_schema_history",
                       "_prisma_migrations", "django_migrations", "from migrations",
                       "knex_migrations", "__efmigrationshistory"});
    return record && has(text, "select") &&
           !has_any(text, {"count(", "delete", "update ", "insert"});
  }
  if (command.name() == "git")
    return has_any(text, {"git log -1", "git log --oneline -1", "git log -n 1", "git rev-parse",
                          "git describe"});
  // Of `alembic current` it is told elsewhere.
  return kStates.contains(known.tool + " " + known.path) ||
         (known.tool == "docker-compose" && known.path == "images");
}

/// `curl -s URL/health | jq '.version'`: which version answers is shown, and compared with nothing.
bool shows_answer(const Block& block, std::size_t index) {
  const Command& command = block.script.commands[index];
  if (command.name() != "curl" || command.context.pipe_length != 2 ||
      command.context.pipe_position != 0 || index + 1 >= block.script.commands.size())
    return false;
  const Command& next = block.script.commands[index + 1];
  if (next.has("-e") || next.has("-q") || !next.redirects.empty()) return false;
  const std::string& text = next.low_line();
  const bool asks = has_any(text, {"version", "commit", "sha", "revision", "build", "release"}) &&
                    !has_any(text, {"==", "select(", "test("});
  return (next.name() == "jq" || next.name() == "grep") && asks && !has(text, "$");
}

bool has_expectation(const Document& document, const Block& block, const Command& command) {
  const std::string beside =
      lower(command.comment + " " + block.after + " " + block.lead + " " + block.item);
  const bool below =
      std::ranges::any_of(block.script.comments, [&](const importers::Comment& each) {
        return each.span.begin > command.span.begin &&
               has_any(lower(each.text), {"expect", "should", "must be", "attendu"});
      });
  return below || has_expected_answer(document, command) ||
         has_any(beside, {"expect", "should", "must", "compare", "match", "same as", "equal",
                          "equals", "debe", "deve", "doit", "erwartet", "→", "->", "=="});
}

}  // namespace

void look_at_printed_versions(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_workflow) return;
  for (const Block* block : shell_blocks(document)) {
    const Role role = document.role(block->section);
    const bool place = role == Role::verification || role == Role::rollback || role == Role::other;
    if (!is_followed(facts, *block) || !place) continue;
    for (std::size_t i = 0; i < block->script.commands.size(); ++i) {
      const Command& command = block->script.commands[i];
      const bool shows = shows_answer(*block, i);
      const bool alone = !command.context.substitution && !command.context.condition &&
                         command.context.assigns.empty() &&
                         (command.context.pipe_length == 1 || shows) && command.redirects.empty() &&
                         !command.context.or_else;
      if (!alone || (!shows && !prints_version(command))) continue;
      const std::string around = lower(block->item + " " + command.comment + " " +
                                       block->script.segments[command.segment].title);
      if (role != Role::verification &&
          !has_any(around, {"verif", "confirm", "überprüf", "vérif", "sprawdź"}))
        continue;
      if (has_expectation(document, *block, command)) continue;
      add_once(
          found,
          finding(model::Severity::warning, command.span,
                  "this check cannot fail: it prints a version, and nothing says which one it has "
                  "to be",
                  "write the commit, tag or migration beside it, or compare it in the command"));
    }
  }
}

}  // namespace backout::analyzer::documents
