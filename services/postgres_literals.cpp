#include "services/postgres_literals.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "postgres/witness/fitting.hpp"
#include "services/postgres_state.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

/// A literal of the type, other for other tags and names.
std::string literal(const pg::Database& database, const pg::Column& column, const std::string& name,
                    const std::string& tag) {
  using Family = pg::TypeClass;
  const std::uint64_t hash = digest(tag + name);
  if (column.type.is_array()) return "'{}'";
  switch (column.type.family) {
    case Family::boolean:
      return "true";
    case Family::int2:
      return fmt::format("{}", 1000 + hash % 20'000);
    case Family::int4:
    case Family::int8:
    case Family::oid:
    case Family::numeric:
    case Family::float4:
    case Family::float8:
    case Family::money:
      return fmt::format("{}", 100'000 + hash % 900'000);
    case Family::uuid:
      return fmt::format("'00000000-0000-4000-8000-{:012x}'", hash & 0xffffffffffff);
    case Family::date:
      return "'2026-01-01'";
    case Family::time:
    case Family::timetz:
      return "'12:00:00'";
    case Family::timestamp:
    case Family::timestamptz:
      return "'2026-01-01 12:00:00'";
    case Family::interval:
      return "'1 day'";
    case Family::json:
    case Family::jsonb:
      return "'{}'";
    case Family::inet:
      return "'127.0.0.1'";
    case Family::enumeration: {
      const auto* type = database.get<pg::Type>(column.type.user);
      return type == nullptr || type->labels.empty() ? "NULL"
                                                     : fmt::format("'{}'", type->labels.front());
    }
    case Family::unknown_literal:
    case Family::text:
    case Family::varchar:
    case Family::bpchar:
    case Family::name:
    case Family::citext:
    case Family::bytea:
    case Family::bit:
    case Family::composite:
    case Family::other:
    case Family::unknown:
      break;
  }
  std::string text = fmt::format("{}_{:x}", name, hash & 0xffff);
  if (column.type.length > 0 && text.size() > static_cast<std::size_t>(column.type.length))
    text.resize(column.type.length);
  return fmt::format("'{}'", text);
}

/// A column of a table.
struct Place {
  const pg::Table* table = nullptr;
  pg::ColumnId column = 0;
};

/// The column called `name` of a table that the statement mentions; any table's when none is
/// mentioned.
Place find_column(const pg::Database& database, const std::string& sql, const std::string& name) {
  Place found;
  std::string best;
  database.for_each([&](const pg::Object& object) {
    const auto* table = database.get<pg::Table>(object.id);
    if (table == nullptr || table->find(name) == 0 || sql.find(table->name) == std::string::npos)
      return;
    if (found.table != nullptr && best.size() >= table->name.size()) return;
    best = table->name;
    found = {table, table->find(name)};
  });
  return found;
}

/// What the column was called before the deploy: what is renamed holds what it held. Its name where
/// it was not there.
const std::string& first_name(const pg::Database* start, const Place& place) {
  const std::string& name = place.table->column(place.column).name;
  const auto* then = start == nullptr ? nullptr : start->get<pg::Table>(place.table->id);
  if (then == nullptr || place.column > then->columns.size()) return name;
  const pg::Column& column = then->column(place.column);
  return column.dropped ? name : column.name;
}

/// `sql` with each placeholder replaced by what `value` says of its name.
std::string replaced(const std::string& sql,
                     const std::function<std::string(const std::string& name)>& value) {
  std::string result;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    const unsigned char after = i + 1 < sql.size() ? static_cast<unsigned char>(sql[i + 1]) : '\0';
    const bool named =
        sql[i] == ':' && (std::isalpha(after) || after == '_') && (i == 0 || sql[i - 1] != ':');
    const bool numbered = sql[i] == '$' && std::isdigit(after);
    if (quoted || (!named && !numbered)) {
      result += sql[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < sql.size() &&
           (std::isalnum(static_cast<unsigned char>(sql[end])) || sql[end] == '_'))
      ++end;
    result += value(sql.substr(named ? i + 1 : i, end - i - (named ? 1 : 0)));
    i = end - 1;
  }
  return result;
}

}  // namespace

std::map<std::string, std::string> placeholders(const std::string& sql) {
  std::vector<std::string> names;
  const std::string numbered = replaced(sql, [&](const std::string& name) {
    const auto found = std::ranges::find(names, name);
    const auto at = found - names.begin();
    if (found == names.end()) names.push_back(name);
    return fmt::format("${}", at + 1);
  });
  std::map<std::string, std::string> columns;
  if (names.empty()) return columns;
  const std::map<int, std::string> said = pg::columns_of_parameters(numbered);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = said.find(static_cast<int>(i + 1));
    columns[names[i]] = found == said.end() ? names[i] : found->second;
  }
  return columns;
}

std::string with_literals(const pg::Database& database, const std::string& sql,
                          const std::string& tag, const std::map<std::string, std::string>& chosen,
                          const pg::Database* start) {
  const std::map<std::string, std::string> columns = placeholders(sql);
  return replaced(sql, [&](const std::string& name) {
    if (const auto found = chosen.find(':' + name); found != chosen.end()) return found->second;
    const std::string& stands_for = columns.at(name);
    if (const auto found = chosen.find(stands_for); found != chosen.end()) return found->second;
    Place place = find_column(database, sql, stands_for);
    if (place.table == nullptr) place = find_column(database, sql, name);
    return place.table == nullptr ? fmt::format("'{}'", name)
                                  : literal(database, place.table->column(place.column),
                                            first_name(start, place), tag);
  });
}

}  // namespace backout::services
