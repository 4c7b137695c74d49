#include "services/postgres_facts.hpp"

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/query/bind.hpp"
#include "services/residue.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

std::string text_of_value(const pg::Value& value) {
  if (value.is_known()) return value.text();
  if (value.is_null()) return "NULL";
  return fmt::format("?{}.{}", static_cast<int>(value.kind()), value.identity());
}

const char* kind_word(pg::ObjectKind kind) {
  using Kind = pg::ObjectKind;
  switch (kind) {
    case Kind::schema:
      return "schemas";
    case Kind::sequence:
      return "sequences";
    case Kind::type:
      return "types";
    case Kind::view:
      return "views";
    case Kind::function:
      return "functions";
    case Kind::event_trigger:
      return "event_triggers";
    case Kind::extension:
      return "extensions";
    case Kind::role:
      return "roles";
    case Kind::statistics:
      return "statistics";
    case Kind::table:
    case Kind::constraint:
    case Kind::index:
    case Kind::trigger:
    case Kind::policy:
    case Kind::rule:
    case Kind::default_grants:
      break;
  }
  return "objects";
}

std::string constraint_word(char type) {
  switch (type) {
    case 'f':
      return "foreign key";
    case 'p':
      return "primary key";
    case 'u':
      return "unique";
    case 'x':
      return "exclusion";
    default:
      return "check";
  }
}

void table_facts(const pg::Database& database, const pg::Table& table, std::vector<Fact>& facts) {
  const std::string path = "tables." + fact_name(database, table);
  facts.push_back({path, "table"});
  for (const pg::Column& column : table.columns) {
    if (column.dropped) continue;
    const std::string at = fmt::format("{}.columns.{}", path, column.name);
    facts.push_back({at, pg::print_type(database, column.type, column.modifiers)});
    facts.push_back({at + ".not_null", column.not_null ? "true" : "false"});
    if (column.default_value)
      facts.push_back({at + ".default", pg::present_names(database, column.default_value.text)});
  }
}

/// Whether the next number of a sequence is that of a row which is there, in a key of one column.
bool gives_what_is_taken(const pg::Database& database, const pg::Sequence& sequence) {
  if (sequence.owned_by == 0 || sequence.owned_column == 0) return false;
  const bool is_key = std::ranges::any_of(
      database.parts_of<pg::Constraint>(sequence.owned_by), [&](const pg::Constraint* key) {
        return (key->type == 'p' || key->type == 'u') &&
               key->columns == std::vector<pg::ColumnId>{sequence.owned_column};
      });
  if (!is_key) return false;
  const std::string next = std::to_string(sequence.last + (sequence.used ? sequence.increment : 0));
  return std::ranges::any_of(database.rows().of(sequence.owned_by).rows, [&](const auto& row) {
    const pg::Value& value = row->at(sequence.owned_column - std::size_t{1});
    return row->certain && value.is_known() && value.text() == next;
  });
}

/// An object that belongs to a table, or stands for itself.
Fact object_fact(const pg::Database& database, const pg::Object& object) {
  const pg::Object* table = object.parent == 0 ? nullptr : database.find(object.parent);
  const std::string within =
      table == nullptr ? "" : fmt::format("tables.{}.", fact_name(database, *table));
  if (const auto* constraint = database.get<pg::Constraint>(object.id)) {
    std::string word = constraint_word(constraint->type);
    if (constraint->check) word += " " + pg::present_names(database, constraint->check.text);
    return {fmt::format("{}constraints.{}", within, object.name), word};
  }
  if (const auto* index = database.get<pg::Index>(object.id)) {
    return {fmt::format("{}indexes.{}", within, object.name),
            (index->unique ? "unique " : "") + index->method};
  }
  if (const auto* type = database.get<pg::Type>(object.id)) {
    return {fmt::format("types.{}", fact_name(database, object)),
            fmt::format("{} {}", type->variety, fmt::join(type->labels, ","))};
  }
  const std::string name = table == nullptr ? fact_name(database, object) : object.name;
  const auto* sequence = database.get<pg::Sequence>(object.id);
  const bool behind = sequence != nullptr && gives_what_is_taken(database, *sequence);
  return {fmt::format("{}{}.{}", within, kind_word(object.kind), name),
          behind ? "gives numbers that are taken" : "present"};
}

/// Facts that PostgreSQL brings itself and that no plan changes.
bool is_built_in(const pg::Object& object) {
  return (object.kind == pg::ObjectKind::schema && object.name == "public") ||
         (object.kind == pg::ObjectKind::role && object.name == "postgres");
}

std::string content_of(const std::string& table, const pg::Row& row) {
  std::string content = table;
  for (const pg::Value& value : row.values) content += '|' + text_of_value(value);
  return content;
}

/// How a row is called: by its key, else by the first value that is known.
std::string name_of_row(const pg::Database& database, const pg::Table& table, const pg::Row& row) {
  for (const pg::Constraint* key : database.parts_of<pg::Constraint>(table.id)) {
    if (key->type != 'p' || key->columns.empty()) continue;
    const pg::Value& value = row.at(key->columns.front() - std::size_t{1});
    if (value.is_known()) return value.text();
  }
  for (std::size_t slot = 0; slot < table.columns.size(); ++slot) {
    if (!table.columns[slot].dropped && row.at(slot).is_known()) return row.at(slot).text();
  }
  return fmt::format("{:x}", row.identity & 0xffffff);
}

/// Whether the database gives the column its value: a number or a time that says nothing of what
/// was written.
bool fills_itself(const pg::Column& column) {
  return column.identity != '\0' || column.generated ||
         column.default_value.text.find("nextval") != std::string::npos;
}

/// Adds that columns of a row are NULL as they were before the deploy: a value in their place is
/// not what was there.
void add_nulls(const pg::Table& table, const pg::Row& row, const NullsAtStart& nulls,
               const std::string& path, std::vector<Datum>& data) {
  const auto found = nulls.find(row.identity);
  if (found == nulls.end()) return;
  for (const std::string& name : found->second) {
    const pg::ColumnId column = table.find(name);
    if (column == 0 || !row.at(column - std::size_t{1}).is_null()) continue;
    data.push_back({fmt::format("{}#{:x}.{}{}", path, row.identity & 0xffffff, name, kIsNull),
                    fmt::format("{}.columns.{}", path, name)});
  }
}

}  // namespace

std::string fact_name(const pg::Database& database, const pg::Object& object) {
  const pg::Object* schema = object.schema == 0 ? nullptr : database.find(object.schema);
  return schema == nullptr || schema->name == "public" ? object.name
                                                       : schema->name + '.' + object.name;
}

void database_facts(const pg::Database& database, std::vector<Fact>& facts) {
  database.for_each([&](const pg::Object& object) {
    if (is_built_in(object)) return;
    if (const auto* table = database.get<pg::Table>(object.id)) {
      table_facts(database, *table, facts);
    } else {
      facts.push_back(object_fact(database, object));
    }
  });
}

void facts_of_rows(const PostgresState& state, const pg::Database& database,
                   std::vector<Fact>& facts) {
  if (state.made_by_steps.empty()) return;
  for (const auto& [id, rows] : database.rows().all()) {
    const auto* table = database.get<pg::Table>(id);
    if (table == nullptr) continue;
    const std::string name = fact_name(database, *table);
    for (const auto& row : rows->rows) {
      if (!row->certain || !state.made_by_steps.contains(row->identity)) continue;
      if (state.at_start != nullptr && state.at_start->contains(content_of(name, *row))) continue;
      facts.push_back({fmt::format("tables.{}.rows.{}", name, name_of_row(database, *table, *row)),
                       "inserted by a step"});
    }
  }
}

void database_data(const pg::Database& database, const NullsAtStart* nulls,
                   std::vector<Datum>& data) {
  for (const auto& [id, rows] : database.rows().all()) {
    const auto* table = database.get<pg::Table>(id);
    if (table == nullptr) continue;
    const std::string path = "tables." + fact_name(database, *table);
    for (const auto& row : rows->rows) {
      if (row->identity == 0) continue;
      const std::string name = fmt::format("{}#{:x}", path, row->identity & 0xffffff);
      data.push_back({name, path});
      if (nulls != nullptr) add_nulls(*table, *row, *nulls, path, data);
      for (std::size_t slot = 0; slot < table->columns.size(); ++slot) {
        const pg::Column& column = table->columns[slot];
        if (column.dropped || row->at(slot).is_null() || fills_itself(column) ||
            row->at(slot).is_symbol())
          continue;
        data.push_back({fmt::format("{}.{}={}", name, column.name, text_of_value(row->at(slot))),
                        fmt::format("{}.columns.{}", path, column.name)});
      }
    }
  }
}

std::set<std::string> content_of_rows(const pg::Database& database) {
  std::set<std::string> all;
  for (const auto& [id, rows] : database.rows().all()) {
    const auto* table = database.get<pg::Table>(id);
    if (table == nullptr) continue;
    for (const auto& row : rows->rows) all.insert(content_of(fact_name(database, *table), *row));
  }
  return all;
}

}  // namespace backout::services
