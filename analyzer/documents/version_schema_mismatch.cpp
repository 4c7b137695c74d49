// A way back takes only one of the two back, the code or its schema, and nothing says whether what
// is left works together.
#include <algorithm>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

bool speaks_of_schema(std::string_view low) {
  return has_any(low,
                 {"migrat", "schema", "database", "downgrade", "base de datos", "banco de dados",
                  "base de donn", "datenbank", "миграц", "数据库", "迁移"}) ||
         has_word(low, {"db"});
}

/// Whether the project has migrations, by what the document tells of it.
bool has_migrations(const Document& document) {
  const bool run = std::ranges::any_of(document.blocks, [](const Block& block) {
    return !block.left_out &&
           std::ranges::any_of(block.script.commands, [](const Command& command) {
             return command.known().does == "migrate" || command.known().does == "migrate_down" ||
                    runs_down_task(command);
           });
  });
  return run || document_begins_word(document, {"migration", "migrations", "alembic", "flyway",
                                                "liquibase", "migraci", "migraç"});
}

/// The same, or its repository holds some.
bool project_has_migrations(const DocumentFacts& facts) {
  if (has_migrations(facts.document)) return true;
  const importers::Repository* repository = facts.repository ? facts.repository() : nullptr;
  if (repository == nullptr) return false;
  return std::ranges::any_of(repository->files, [](const std::string& path) {
    return has_any(path, {"migrations/", "db/migrate/", "alembic/versions/", "db/migration/",
                          "changelog/db", "drizzle/"}) &&
           has_any(path, {".sql", ".py", ".ts", ".js", ".rb", ".php", ".xml", ".yaml"}) &&
           !has_any(path, {"test", "node_modules", "example", "__init__"});
  });
}

bool speaks_of_code(std::string_view low) {
  return has_any(low, {"code", "deploy", "image", "release", "version", "checkout", "container",
                       "binary", "kubectl", "helm", "código", "imagen", "imagem", "代码", "版本",
                       "镜像", "верси"}) ||
         has_word(low, {"app"});
}

bool speaks_of_older_code(std::string_view low) {
  if (has_any(low, {"alembic", "migrat", "downgrad", "schema"}) || !speaks_of_code(low))
    return false;
  return has_any(low, {"rollback", "roll back", "revert", "previous", "older", "redeploy",
                       "re-deploy", "deploy the", "deploy prev", "anterior", "回滚", "旧"});
}

bool speaks_of_version(std::string_view low) {
  return begins_word(low, {"migrat", "schema", "version", "esquema", "versão", "versión"}) ||
         has_any(low, {"git checkout", "older code", "code of", "previous code", "commit"});
}

/// The older code comes back, and meets the schema that the newer one's migrations left.
void look_at_code(const DocumentFacts& facts, const std::vector<WayBack>& ways, Findings& found) {
  if (!project_has_migrations(facts)) return;
  for (const WayBack& way : ways) {
    if (way.code.empty() || !way.downs.empty() || !way.restores.empty()) continue;
    // The code of the copy: "the tag that produced the backup".
    const Command& brought = *way.code.front().command;
    if (has_any(brought.low_line(), {"matching", "of-backup", "of_backup"}) ||
        starts_from_nothing(facts.document, way.section) ||
        has(lower(facts.document.title), "disaster recovery"))
      continue;
    if (section_says(facts.document, way.section,
                     {"frontend", "front-end", "static", "website", "staging", "config",
                      "migration", "database"}))
      continue;
    if (is_said_in(facts.document, way.section, speaks_of_schema) ||
        is_said_of(facts, way.section, says_order))
      continue;
    add_once(found,
             finding(model::Severity::warning, way.code.front().command->span,
                     "the older code comes back, the migrations of the newer one stay, and nothing "
                     "says whether the two work together",
                     "for each release: does the older code run on the newer schema? If not: which "
                     "migration goes back, by what command, before or after the code"));
  }
}

/// The same where the older code comes back in words: "3. Redeploy the previous API version".
void look_at_code_in_words(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_aside || !is_about_way_back(facts) || !project_has_migrations(facts)) return;
  for (const importers::Line& line : document.lines) {
    if (line.kind != importers::Line::Kind::item || line.section == importers::kNowhere ||
        !leads_back(facts, line.section) || order_of(line) == Order::none ||
        order_of(line) == Order::check)
      continue;
    const std::string low = lower(line.text);
    const bool older =
        has_any(low, {"redeploy", "re-deploy", "roll back", "rollback", "promote"}) ||
        (has_any(low, {"previous", "prior", "last good", "known-good", "known good", "older"}) &&
         begins_word(low, {"restore", "deploy", "revert", "switch", "re-tag", "retag"}));
    const std::string title = lower(document.title_of(line.section));
    const bool code = has_any(title, {"api", "backend", "application", "service", "build", "code",
                                      "deploy", "release", "server"});
    if (!older || !code || !speaks_of_code(low + " " + title) || speaks_of_schema(low) ||
        section_says(document, line.section,
                     {"frontend", "front-end", "static", "website", "staging", "config",
                      "migration", "database", "web "}))
      continue;
    const std::uint32_t way = document.procedure_of(line.section);
    const std::uint32_t unit = chapter_of(document, line.section);
    if (way == importers::kNowhere || is_said_in(document, way, speaks_of_schema) ||
        (unit != importers::kNowhere && is_said_in(document, unit, speaks_of_schema)))
      continue;
    add_once(found,
             finding(model::Severity::warning, line.span,
                     "the older code comes back, the migrations of the newer one stay, and nothing "
                     "says whether the two work together",
                     "for each release: does the older code run on the newer schema? If not: which "
                     "migration goes back, by what command, before or after the code"));
  }
}

bool says_that_order_is_safe(std::string_view low) {
  return has_any(low, {"maintenance", "stop ", "stopped", "scale down", "replicas=0", "drain",
                       "compatib", "backward", "additive", "downtime", "read-only", "down "});
}

/// The schema goes back while the newer code still serves, and only then the code.
void look_at_schema_first(const DocumentFacts& facts, const std::vector<WayBack>& ways,
                          Findings& found) {
  for (const WayBack& way : ways) {
    if (way.downs.empty() || way.code.empty()) continue;
    const Deed& down = way.downs.front();
    const Deed& code = way.code.front();
    // A checkout alone serves nothing: what starts it counts.
    const bool same = down.block->section == code.block->section;
    if (down.command->span.begin > code.command->span.begin || !same ||
        is_said_in(facts.document, way.section, says_that_order_is_safe) ||
        section_says(facts.document, down.block->section, {"reference", "cheat", "commands"}))
      continue;
    model::Finding made = finding(
        model::Severity::warning, down.command->span,
        "the schema goes back while the newer code still runs: until the code follows, it asks for "
        "what is gone",
        "stop what writes first, or the code before the schema where the older code runs on both");
    made.related.push_back({code.command->span, "the code follows here"});
    found.push_back(std::move(made));
    return;
  }
}

/// Whether it may bring other code: what compose starts again is what it had, unless something else
/// is fetched or built.
bool brings_code(const Command& command) {
  const catalogue::Known& known = command.known();
  const bool again = known.tool == "docker-compose" &&
                     (known.path == "up" || known.path == "restart") && !command.has("--build") &&
                     command.environment.empty();
  // `sed -i "s/^TAG=.*/TAG=$1/" .env` chooses what is started next.
  const bool chooses =
      command.name() == "sed" && has_any(command.low_line(), {".env", "compose", ".yml", ".yaml"});
  return chooses || (effect_of(command) == Effect::deploy && !again);
}

/// The schema goes back, and the code that needs the newer one goes on.
void look_at_schema(const DocumentFacts& facts, const std::vector<WayBack>& ways, Findings& found) {
  for (const WayBack& way : ways) {
    if (way.downs.empty() || !way.code.empty()) continue;
    const bool told = is_said_of(facts, way.section, says_order);
    const bool brings = std::ranges::any_of(way.deeds, [](const Deed& deed) {
      return brings_code(*deed.command) || is_own_script(*deed.command);
    });
    if (told || brings || is_said_in(facts.document, way.section, speaks_of_older_code)) continue;
    add_once(found, finding(model::Severity::warning, way.downs.front().command->span,
                            "the schema goes back, and nothing here brings the code that runs on "
                            "it: the newer code goes on and asks for what is gone",
                            "the older code first or in the same step, and what serves in between "
                            "(nothing, or a page of maintenance)"));
  }
}

/// A copy brings the schema of its day, and the code of today runs on it.
void look_at_copies(const DocumentFacts& facts, const std::vector<WayBack>& ways, Findings& found) {
  if (!project_has_migrations(facts)) return;
  for (const WayBack& way : ways) {
    if (way.restores.empty() || !way.code.empty() || !way.downs.empty() ||
        starts_from_nothing(facts.document, way.section))
      continue;
    const bool brings = std::ranges::any_of(way.deeds, [](const Deed& deed) {
      return deed.command->known().does == "migrate" || brings_code(*deed.command);
    });
    if (brings || is_said_in(facts.document, way.section, speaks_of_version) ||
        is_said_of(facts, way.section, says_order))
      continue;
    add_once(found,
             finding(model::Severity::warning, way.restores.front().command->span,
                     "the copy brings the schema of its day, and nothing here says which code runs "
                     "on it: what was migrated since is gone, and the code of today asks for it",
                     "write the version of the code beside each copy; behind the restore bring "
                     "that code, or run the migrations since, and say which"));
  }
}

}  // namespace

std::vector<model::Finding> check_version_schema_mismatch(const DocumentFacts& facts) {
  Findings found;
  if (is_note(facts.document)) return found;
  Findings order;
  // Where the order is open it is said of the pair.
  look_at_unsaid_order(facts, order);
  if (!order.empty()) return found;
  const std::vector<WayBack> ways = ways_back(facts);
  look_at_code(facts, ways, found);
  if (found.empty()) look_at_code_in_words(facts, found);
  look_at_schema_first(facts, ways, found);
  // The two halves of one pair are one cause.
  if (found.empty()) look_at_schema(facts, ways, found);
  look_at_copies(facts, ways, found);
  return found;
}

}  // namespace backout::analyzer::documents
