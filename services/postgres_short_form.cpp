// `migrate`: a schema change in short form, as the SQL that it stands for.
#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include "model/sql_name.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/query/print.hpp"
#include "services/postgres_facts.hpp"
#include "services/postgres_verbs.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

constexpr const char* kMigrate = "migrate";
constexpr TextArg kAddColumn{"add_column", "table.column, optionally followed by its type."};
constexpr TextArg kDropColumn{"drop_column", "table.column."};
constexpr ListArg kDropNotNull{"drop_not_null", "table.column."};
constexpr ListArg kDropConstraints{"drop_constraints",
                                   "table.column: unique and NOT NULL constraints on it."};
constexpr TextArg kCreateTable{"create_table", "Name of the table."};
constexpr NodeArg kMigrateColumns{"columns", "column: type, for create_table."};
constexpr TextArg kDropTable{"drop_table", "Name of the table."};
constexpr FlagArg kMigrateCascade{"cascade", "Drops what depends on it."};
constexpr TextArg kBackfill{"backfill", "table.column: filled where it is NULL."};
constexpr TextArg kMigrateValue =
    TextArg("value", "Expression for backfill.").or_else("'backfilled'");
constexpr TextArg kMigrateClear{"clear", "table.column: set to NULL everywhere."};

/// "table.column" with an optional type behind it.
struct ColumnName {
  std::string table;
  std::string column;
  std::string type;
};

ColumnName column_name(const std::string& text) {
  const std::size_t blank = text.find(' ');
  const std::string name = text.substr(0, blank);
  const std::size_t dot = name.rfind('.');
  return {dot == std::string::npos ? "" : model::sql_name(name.substr(0, dot)),
          model::sql_name(name.substr(dot + 1)),
          blank == std::string::npos ? "text" : text.substr(blank + 1)};
}

std::string index_name(const ColumnName& name) {
  const std::size_t dot = name.table.rfind('.');
  return pg::make_object_name(name.table.substr(dot == std::string::npos ? 0 : dot + 1),
                              name.column, "idx");
}

/// The statement that drops NOT NULL and the unique constraints of a column, as far as they are
/// there.
std::string drop_constraints_sql(const pg::Database& database, const ColumnName& name) {
  std::string sql =
      fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL;", name.table, name.column);
  database.for_each([&](const pg::Object& object) {
    const auto* constraint = database.get<pg::Constraint>(object.id);
    const auto* table =
        constraint == nullptr ? nullptr : database.get<pg::Table>(constraint->parent);
    if (table == nullptr || constraint->type != 'u' ||
        (fact_name(database, *table) != name.table && table->name != name.table))
      return;
    if (std::ranges::find(constraint->columns, table->find(name.column)) ==
        constraint->columns.end())
      return;
    sql += fmt::format("ALTER TABLE {} DROP CONSTRAINT {};", name.table,
                       pg::quote_identifier(constraint->name));
  });
  return sql;
}

/// The arguments that name neither a table nor columns.
const std::array kNameNoColumns = {kMigrateColumns.name(), kMigrateValue.name(),
                                   kMigrateCascade.name(), kMigrateConcurrently.name(),
                                   kCommand.name()};

Footprint touched_by_migrate(const Context& context, const Action& action) {
  std::vector<std::string> touched;
  for (const model::Node::Entry& entry : action.args.entries) {
    const bool names_table = entry.key == kCreateTable.name() || entry.key == kDropTable.name();
    if (names_table)
      touched.push_back(resource(context, action.service, "tables." + entry.value.text));
    const bool names_columns =
        !names_table && !std::ranges::any_of(kNameNoColumns, [&](const std::string& name) {
          return entry.key == name;
        });
    if (!names_columns) continue;
    for (const std::string& text : entry.value.as_strings()) {
      const ColumnName name = column_name(text);
      touched.push_back(resource(context, action.service,
                                 fmt::format("tables.{}.columns.{}", name.table, name.column)));
    }
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  return {touched, touched};
}

Undo undo_of_short_form(const Action& action) {
  using Class = Undo::Class;
  const Args& args = action.args;
  const auto migrate = [&](const auto& arg, const std::string& value) {
    return same_service(action, kMigrate, {{arg.name(), value}});
  };
  if (kDropTable.is_given(args))
    return {Class::none, fmt::format("the rows of {}", kDropTable.in(args)), {}};
  if (kDropColumn.is_given(args))
    return {Class::lossy, fmt::format("the values of {}", kDropColumn.in(args)), {}};
  if (kMigrateClear.is_given(args))
    return {Class::lossy, fmt::format("the values of {}", kMigrateClear.in(args)), {}};
  if (kDropConstraints.is_given(args)) return {};
  Undo undo{Class::exact, "", {}};
  for (const std::string& name : kMigrateIndex.listed(args)) {
    undo.actions.push_back(same_service(
        action, "sql", {{kSqlText.name(), "DROP INDEX " + index_name(column_name(name))}}));
  }
  for (const std::string& name : kMigrateSetNotNull.in(args))
    undo.actions.push_back(migrate(kDropNotNull, name));
  for (const std::string& name : kMigrateUnique.in(args))
    undo.actions.push_back(migrate(kDropConstraints, name));
  for (const std::string& name : kDropNotNull.listed(args)) {
    undo.kind = Class::conditional;
    undo.why = fmt::format("a row holds NULL in {}", name);
    undo.actions.push_back(migrate(kMigrateSetNotNull, name));
  }
  if (kBackfill.is_given(args)) undo.actions.push_back(migrate(kMigrateClear, kBackfill.in(args)));
  if (kAddColumn.is_given(args)) {
    const ColumnName name = column_name(kAddColumn.in(args));
    undo.actions.push_back(migrate(kDropColumn, name.table + '.' + name.column));
  }
  if (kCreateTable.is_given(args))
    undo.actions.push_back(migrate(kDropTable, kCreateTable.in(args)));
  return undo;
}

void migrate_traits(const Context&, const Action& action, Traits& traits) {
  const Args& args = action.args;
  for (const TextArg& arg : {kDropColumn, kMigrateClear}) {
    if (arg.is_given(args)) traits.destroys = fmt::format("the values of {}", arg.in(args));
  }
  if (kDropTable.is_given(args))
    traits.destroys = fmt::format("{} with its rows", kDropTable.in(args));
  if (kMigrateCascade.in(args))
    traits.leaves.push_back("CASCADE drops whatever depends on it, unseen");
}

Outcome migrate(const Call& call, PostgresState state) {
  const std::string sql = migrate_sql(*state.database(), call.action.args);
  return run_statements(call, std::move(state), sql, SqlRun::Mode::transaction);
}

}  // namespace

std::string columns_sql(const model::Node* columns) {
  std::string sql;
  if (columns == nullptr) return sql;
  for (const model::Node::Entry& column : columns->entries) {
    sql += fmt::format("{}{} {}", sql.empty() ? "" : ", ", pg::quote_identifier(column.key),
                       column.value.text);
  }
  return sql;
}

std::string migrate_sql(const pg::Database& database, const Args& args) {
  std::string sql;
  const auto each = [&](const auto& arg,
                        const std::function<std::string(const ColumnName&)>& make) {
    for (const std::string& text : arg.listed(args)) sql += make(column_name(text)) + ";\n";
  };
  if (kCreateTable.is_given(args)) {
    sql += fmt::format("CREATE TABLE {} ({});\n", model::sql_name(kCreateTable.in(args)),
                       columns_sql(kMigrateColumns.in(args)));
  }
  if (kAddColumn.is_given(args)) {
    // The type may hold commas and blanks: it is one text, not a list.
    const ColumnName name = column_name(kAddColumn.in(args));
    sql += fmt::format("ALTER TABLE {} ADD COLUMN {} {};\n", name.table, name.column, name.type);
  }
  each(kBackfill, [&](const ColumnName& name) {
    return fmt::format("UPDATE {0} SET {1} = ({2}) WHERE {1} IS NULL", name.table, name.column,
                       kMigrateValue.in(args));
  });
  each(kMigrateUnique, [](const ColumnName& name) {
    return fmt::format("ALTER TABLE {} ADD UNIQUE ({})", name.table, name.column);
  });
  each(kMigrateSetNotNull, [](const ColumnName& name) {
    return fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", name.table, name.column);
  });
  each(kDropNotNull, [](const ColumnName& name) {
    return fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", name.table, name.column);
  });
  each(kMigrateIndex, [](const ColumnName& name) {
    return fmt::format("CREATE INDEX {} ON {} ({})", index_name(name), name.table, name.column);
  });
  each(kDropConstraints,
       [&](const ColumnName& name) { return drop_constraints_sql(database, name); });
  each(kMigrateClear, [](const ColumnName& name) {
    return fmt::format("UPDATE {} SET {} = NULL", name.table, name.column);
  });
  each(kDropColumn, [&](const ColumnName& name) {
    return fmt::format("ALTER TABLE {} DROP COLUMN {}{}", name.table, name.column,
                       kMigrateCascade.in(args) ? " CASCADE" : "");
  });
  if (kDropTable.is_given(args))
    sql += fmt::format("DROP TABLE {}{};\n", model::sql_name(kDropTable.in(args)),
                       kMigrateCascade.in(args) ? " CASCADE" : "");
  return sql;
}

bool migrate_makes_table(const Args& args) { return kCreateTable.is_given(args); }

std::vector<Action> undo_of_migrate(const Action& action) {
  return undo_of_short_form(action).actions;
}

VerbRow postgres_migrate_row() {
  return {{kMigrate,
           {kAddColumn, kDropColumn, kMigrateSetNotNull, kDropNotNull, kMigrateUnique,
            kDropConstraints, kCreateTable, kMigrateColumns, kDropTable, kMigrateCascade, kBackfill,
            kMigrateValue, kMigrateClear, kMigrateIndex, kMigrateConcurrently},
           "A schema change in short form."},
          [](const Call& call) { return with_rows(call, "", on_live_database(call, migrate)); },
          [](const Call& call) { return undo_of_short_form(call.action); },
          migrate_traits,
          {},
          touched_by_migrate};
}

}  // namespace backout::services
