#include "importers/migrations/foreign.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>
#include <vector>

#include "model/files.hpp"
#include "postgres/read/quiet.hpp"

namespace backout::importers {
namespace {

namespace fs = std::filesystem;

/// Larger trees are not walked to their end, and no file is read further.
constexpr std::size_t kMostFiles = 5'000;
constexpr std::size_t kMostBytes = 16'384;

/// What the files of a tool have in them.
struct Tool {
  std::string_view suffix;
  std::string_view mark;
  std::string_view name;
  std::string_view command;
};

constexpr auto kTools = std::to_array<Tool>({
    {".py", "from alembic import", "Alembic",
     "alembic upgrade head --sql, and alembic downgrade FROM:TO --sql for the downs"},
    {".py", "migrations.Migration)", "Django",
     "python manage.py sqlmigrate APP NAME, and with --backwards for the down"},
    {".rb", "ActiveRecord::Migration", "Rails",
     "rails db:migrate against a scratch database whose log_statement is 'all'"},
    {".php", "Illuminate\\Database\\Migrations", "Laravel",
     "php artisan migrate --pretend, and php artisan migrate:rollback --pretend"},
    {".rb", "Sequel.migration", "Sequel", "sequel -m FOLDER -E against a scratch database"},
    {".rs", "MigrationTrait", "SeaORM",
     "sea-orm-cli migrate up -v, and down -v, against a scratch database whose log_statement is "
     "'all'"},
    {".py", "from yoyo import", "yoyo",
     "copy what step() is given into NNN_name.up.sql and NNN_name.down.sql"},
    {".php", "AbstractMigration", "Phinx", "phinx migrate --dry-run, and phinx rollback --dry-run"},
    {".php", "Doctrine\\Migrations", "Doctrine", "doctrine-migrations migrate --write-sql"},
    {".cs", "MigrationBuilder", "Entity Framework Core",
     "dotnet ef migrations script FROM TO, and TO FROM for the downs"},
    {".cs", "FluentMigrator", "FluentMigrator",
     "dotnet fm migrate up --preview --output, and migrate down --preview --output"},
    {".ts", "@mikro-orm/migrations", "MikroORM",
     "copy the statements of addSql into NNN_name.up.sql and NNN_name.down.sql"},
    {".js", "@mikro-orm/migrations", "MikroORM",
     "copy the statements of addSql into NNN_name.up.sql and NNN_name.down.sql"},
    {".ts", "from 'kysely'", "Kysely",
     "kysely migrate:latest against a scratch database whose log_statement is 'all'"},
    {".ts", "from \"kysely\"", "Kysely",
     "kysely migrate:latest against a scratch database whose log_statement is 'all'"},
    {".js", "exports._meta", "db-migrate",
     "db-migrate up --dry-run, and db-migrate down --dry-run"},
    {".ts", "MigrationInterface", "TypeORM",
     "copy the statements of queryRunner.query into NNN_name.up.sql and NNN_name.down.sql"},
    {".js", "MigrationInterface", "TypeORM",
     "copy the statements of queryRunner.query into NNN_name.up.sql and NNN_name.down.sql"},
    {".ts", "queryInterface", "Sequelize",
     "sequelize db:migrate with logging on, against a scratch database"},
    {".js", "queryInterface", "Sequelize",
     "sequelize db:migrate with logging on, against a scratch database"},
    {".ts", "knex", "Knex", "knex migrate:up with DEBUG=knex:query, against a scratch database"},
    {".js", "knex", "Knex", "knex migrate:up with DEBUG=knex:query, against a scratch database"},
    {".exs", "use Ecto.Migration", "Ecto", "mix ecto.migrate --log-migrations-sql"},
    {".xml", "databaseChangeLog", "Liquibase (XML)",
     "liquibase update-sql, and liquibase rollback-sql for the downs"},
    {".yaml", "databaseChangeLog", "Liquibase (YAML)",
     "liquibase update-sql, and liquibase rollback-sql for the downs"},
    {".yml", "databaseChangeLog", "Liquibase (YAML)",
     "liquibase update-sql, and liquibase rollback-sql for the downs"},
    {".json", "databaseChangeLog", "Liquibase (JSON)",
     "liquibase update-sql, and liquibase rollback-sql for the downs"},
    {".json", "\"operations\"", "pgroll",
     "pgroll start and complete against a scratch database whose log_statement is 'all'"},
    {".toml", "[[actions]]", "reshape",
     "reshape migrate against a scratch database whose log_statement is 'all'"},
});

std::string head_of(const fs::path& file) {
  return model::read_file(file).value_or(std::string()).substr(0, kMostBytes);
}

const Tool* tool_of(const fs::path& file) {
  const std::string suffix = file.extension().string();
  if (std::none_of(kTools.begin(), kTools.end(),
                   [&](const Tool& tool) { return tool.suffix == suffix; }))
    return nullptr;
  const std::string text = head_of(file);
  const auto* found = std::find_if(kTools.begin(), kTools.end(), [&](const Tool& tool) {
    return tool.suffix == suffix && text.find(tool.mark) != std::string::npos;
  });
  return found == kTools.end() ? nullptr : found;
}

struct Dialect {
  std::string_view name;
  std::vector<std::string_view>
      marks;  ///< upper case; no PostgreSQL script that runs has them outside comments and strings
};

/// The script in upper case without comments, strings and dollar quotes.
std::string bare(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    // What stands in double quotes tells dialects apart, too.
    const std::size_t behind = text[at] == '"' ? at : postgres::skip_quiet(text, at);
    if (behind == at)
      result += static_cast<char>(std::toupper(static_cast<unsigned char>(text[at])));
    at = std::max(behind, at + 1);
  }
  return result;
}

}  // namespace

std::optional<ForeignTool> foreign_tool(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator
           at(folder, fs::directory_options::skip_permission_denied, error),
       end;
       !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (at->is_directory(error) &&
        (name.front() == '.' || name == "node_modules" || name == "vendor"))
      at.disable_recursion_pending();
    else if (at->is_regular_file(error))
      files.push_back(at->path());
    if (files.size() >= kMostFiles) break;
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    if (const Tool* tool = tool_of(file)) {
      return ForeignTool{
          "these are migrations of " + std::string(tool->name) + ", which are not read",
          "give their SQL as up and down files; it is printed by: " + std::string(tool->command)};
    }
  }
  return std::nullopt;
}

std::optional<ForeignTool> foreign_dialect(const model::MigrationSet& set) {
  static const std::array<Dialect, 3> kDialects = {{
      {"MySQL", {"ENGINE=INNODB", "ENGINE = INNODB", "AUTO_INCREMENT", "`"}},
      {"SQLite", {"AUTOINCREMENT", "PRAGMA "}},
      {"SQL Server",
       {"IDENTITY(1,1)", "IDENTITY (1,1)", "NVARCHAR(", "[DBO]", "\nGO\n", "\nGO\r\n"}},
  }};
  std::array<std::size_t, 3> marked{};
  std::size_t tables = 0;
  for (const model::Migration& migration : set.migrations) {
    if (!migration.up) continue;
    const std::string text = bare(migration.up->text);
    if (text.find("CREATE TABLE") == std::string::npos) continue;
    ++tables;
    for (std::size_t at = 0; at < kDialects.size(); ++at) {
      const auto& marks = kDialects[at].marks;
      marked[at] +=
          std::any_of(marks.begin(), marks.end(),
                      [&](std::string_view mark) { return text.find(mark) != std::string::npos; })
              ? 1
              : 0;
    }
  }
  const auto most =
      static_cast<std::size_t>(std::max_element(marked.begin(), marked.end()) - marked.begin());
  if (marked[most] == 0 || marked[most] * 2 < tables) return std::nullopt;
  return ForeignTool{"this is SQL of " + std::string(kDialects[most].name) + ", which is not read",
                     "only migrations of PostgreSQL are judged"};
}

}  // namespace backout::importers
