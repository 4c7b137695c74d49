#include "differential/fake.hpp"

#include <algorithm>

#include "postgres/catalog/database.hpp"
#include "postgres/compare/describe.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::tests {
namespace {

using namespace postgres;

Snapshot catalog_of(const Database& database) {
  Definitions definitions;
  database.for_each([&](const Object& object) { describe_object(database, object, definitions); });
  Snapshot catalog;
  for (auto& [key, definition] : definitions) catalog[key.first + "|" + key.second] = definition;
  return catalog;
}

/// Values of types that the fake does not compute with are kept as written, not as PostgreSQL
/// prints them.
Cell cell_of(const Value& value, const ValueType& type) {
  if (value.is_null()) return std::nullopt;
  if (type.family == TypeClass::other) return kSomeValue;
  return value.is_known() ? value.text() : kSomeValue;
}

std::map<std::string, Rows> rows_of(const Database& database) {
  std::map<std::string, Rows> result;
  database.for_each([&](const Object& object) {
    const auto* table = database.get<Table>(object.id);
    if (table == nullptr || table->relkind != 'r' || table->persistence == 't') return;
    const TableRows& stored = database.rows().of(table->id);
    const bool certain = std::all_of(stored.rows.begin(), stored.rows.end(),
                                     [](const auto& row) { return row->certain; });
    if (!stored.doubt.empty() || !certain) return;
    Rows& rows = result[database.find(table->schema)->name + "." + table->name];
    for (const auto& row : stored.rows) {
      auto& cells = rows.emplace_back();
      for (std::size_t slot = 0; slot < table->columns.size(); ++slot) {
        if (!table->columns[slot].dropped)
          cells.push_back(cell_of(row->at(slot), table->columns[slot].type));
      }
    }
  });
  return result;
}

std::string text_of(const Piece& piece) {
  std::string text;
  for (const std::string& statement : piece.statements) text += statement + ";\n";
  return text;
}

}  // namespace

FakeRun run_fake(const std::vector<Piece>& pieces) {
  Database database;
  FakeRun run;
  run.outcomes.push_back({"00000", catalog_of(database), {}});
  for (const Piece& piece : pieces) {
    const Database before = database;
    const auto mode = piece.one_transaction && piece.statements.size() > 1
                          ? RunMode::one_transaction
                          : RunMode::statement_by_statement;
    const RunResult result = database.run(Script::parse(text_of(piece)), mode);
    if (!result.opaque.empty()) {
      run.opaque.push_back(result.opaque[0].result.message + ": " + text_of(piece));
      database = before;
      continue;
    }
    run.followed.push_back(piece);
    run.outcomes.push_back({result.refused() ? result.failures[0].result.sqlstate : "00000",
                            catalog_of(database), rows_of(database)});
  }
  return run;
}

}  // namespace backout::tests
