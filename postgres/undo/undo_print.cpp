// pg_dump and ruleutils.c write definitions from the catalogs; these are the same statements from
// the objects here.
// Left out: foreign tables, partitions, tables that inherit and typed tables (an empty text), types
// other than enums; STORAGE and COMPRESSION of columns, options of identity sequences, operator
// classes in EXCLUDE.
#include "postgres/undo/undo_print.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/catalog/object_kinds.hpp"
#include "postgres/compare/describe.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/print.hpp"

namespace backout::postgres {
namespace {

std::string expression_of(const Database& database, const Expression& expression) {
  return present_names(database, expression.text);
}

const char* action_word(char action) {
  switch (action) {
    case 'r':
      return "RESTRICT";
    case 'c':
      return "CASCADE";
    case 'n':
      return "SET NULL";
    case 'd':
      return "SET DEFAULT";
    default:
      return "NO ACTION";
  }
}

std::string timing(const Constraint& constraint) {
  std::string text;
  if (constraint.deferrable) text += " DEFERRABLE";
  if (constraint.initially_deferred) text += " INITIALLY DEFERRED";
  if (constraint.not_valid) text += " NOT VALID";
  return text;
}

std::string sql_foreign_key(const Database& database, const Constraint& key, const Table& owner) {
  const auto* other = database.get<Table>(key.referenced);
  if (other == nullptr) return {};
  std::string text =
      fmt::format("FOREIGN KEY ({}) REFERENCES {} ({})", sql_columns(owner, key.columns),
                  sql_name(database, *other), sql_columns(*other, key.referenced_columns));
  if (key.match == 'f') text += " MATCH FULL";
  if (key.on_update != 'a') text += fmt::format(" ON UPDATE {}", action_word(key.on_update));
  if (key.on_delete != 'a') text += fmt::format(" ON DELETE {}", action_word(key.on_delete));
  if (!key.delete_set_columns.empty())
    text += fmt::format(" ({})", sql_columns(owner, key.delete_set_columns));
  return text + timing(key);
}

std::string sql_exclusion(const Database& database, const Constraint& constraint,
                          const Table& owner) {
  const auto* index = database.get<Index>(constraint.index);
  if (index == nullptr) return {};
  std::string parts;
  for (const IndexColumn& column : index->columns) {
    const std::string what = column.column != 0
                                 ? sql_columns(owner, {column.column})
                                 : "(" + expression_of(database, column.expression) + ")";
    parts += fmt::format("{}{} WITH {}", parts.empty() ? "" : ", ", what, column.exclusion);
  }
  std::string text = fmt::format("EXCLUDE USING {} ({})", index->method, parts);
  if (index->where) text += fmt::format(" WHERE ({})", expression_of(database, index->where));
  return text + timing(constraint);
}

}  // namespace

std::string sql_name(const Database& database, const Object& object) {
  const Object* schema = database.find(object.schema);
  return (schema == nullptr ? "" : quote_identifier(schema->name) + ".") +
         quote_identifier(object.name);
}

std::string sql_columns(const Table& table, const std::vector<ColumnId>& columns,
                        const std::string& prefix) {
  std::string text;
  for (const ColumnId column : columns)
    text += (text.empty() ? "" : ", ") + prefix + quote_identifier(table.column(column).name);
  return text;
}

std::string sql_type(const Database& database, const Column& column) {
  std::string text = print_type(database, column.type, column.modifiers);
  if (!column.collation.empty()) text += " COLLATE " + quote_identifier(column.collation);
  return text;
}

std::string sql_column(const Database& database, const Column& column) {
  std::string text = quote_identifier(column.name) + " " + sql_type(database, column);
  if (column.generated)
    return text + " GENERATED ALWAYS AS (" + expression_of(database, column.default_value) +
           ") STORED";
  if (column.identity != '\0')
    return text + fmt::format(" GENERATED {} AS IDENTITY",
                              column.identity == 'a' ? "ALWAYS" : "BY DEFAULT");
  if (column.default_value) text += " DEFAULT " + expression_of(database, column.default_value);
  return text;
}

std::string sql_table(const Database& database, const Table& table) {
  if (table.relkind == 'f' || !table.partition_bound.empty() || !table.inherits.empty() ||
      table.of_type != 0)
    return {};
  std::string columns;
  for (const Column& column : table.columns) {
    if (!column.dropped)
      columns += fmt::format("{}\n  {}{}", columns.empty() ? "" : ",", sql_column(database, column),
                             column.not_null ? " NOT NULL" : "");
  }
  std::string text =
      fmt::format("CREATE {}TABLE {} ({}\n)", table.persistence == 'u' ? "UNLOGGED " : "",
                  sql_name(database, table), columns);
  if (!table.partition_key.empty()) text += " PARTITION BY " + table.partition_key;
  std::string options;
  for (const std::string& option : table.options) options += (options.empty() ? "" : ", ") + option;
  if (!options.empty()) text += " WITH (" + options + ")";
  return text + ";";
}

std::string sql_constraint(const Database& database, const Constraint& constraint) {
  const auto* owner = database.get<Table>(constraint.parent);
  if (owner == nullptr) return {};
  if (constraint.type == 'f') return sql_foreign_key(database, constraint, *owner);
  if (constraint.type == 'x') return sql_exclusion(database, constraint, *owner);
  if (constraint.type == 'c') {
    return "CHECK (" + expression_of(database, constraint.check) + ")" +
           (constraint.no_inherit ? " NO INHERIT" : "") + timing(constraint);
  }
  const auto* index = database.get<Index>(constraint.index);
  std::string text = constraint.type == 'p' ? "PRIMARY KEY" : "UNIQUE";
  if (index != nullptr && index->nulls_not_distinct) text += " NULLS NOT DISTINCT";
  text += " (" + sql_columns(*owner, constraint.columns) + ")";
  if (index != nullptr && !index->included.empty())
    text += " INCLUDE (" + sql_columns(*owner, index->included) + ")";
  return text + timing(constraint);
}

std::string sql_index(const Database& database, const Index& index) {
  Definitions definitions;
  describe_object(database, index, definitions);
  for (const auto& [key, definition] : definitions) {
    if (key.first != "index") continue;
    std::string text = definition;
    for (const char* tail : {" REPLIDENT", " CLUSTERED", " INVALID"}) {
      if (text.ends_with(tail)) text.erase(text.size() - std::string_view(tail).size());
    }
    const std::size_t place = text.find("INDEX ON ");
    if (place == std::string::npos) return {};
    return text.insert(place + 6, quote_identifier(index.name) + " ") + ";";
  }
  return {};
}

std::string sql_sequence(const Database& database, const Sequence& sequence) {
  return fmt::format(
      "CREATE SEQUENCE {} AS {} INCREMENT {} MINVALUE {} MAXVALUE {} START {} CACHE {}{};",
      sql_name(database, sequence), describe(plain(sequence.type)), sequence.increment,
      sequence.least, sequence.most, sequence.start, sequence.cache,
      sequence.cycle ? " CYCLE" : "");
}

std::string sql_enum(const Database& database, const Type& type) {
  if (type.variety != 'e') return {};
  std::string labels;
  for (const std::string& label : type.labels)
    labels += (labels.empty() ? "" : ", ") + quote_literal(label);
  return fmt::format("CREATE TYPE {} AS ENUM ({});", sql_name(database, type), labels);
}

std::string sql_kind(const Object& object) {
  if (object.kind == ObjectKind::type && static_cast<const Type&>(object).variety == 'd')
    return "DOMAIN";
  if (object.kind == ObjectKind::view && static_cast<const View&>(object).materialized)
    return "MATERIALIZED VIEW";
  return std::string(row_of(object.kind).sql);
}

}  // namespace backout::postgres
