// PostgreSQL answers a statement with the number of rows that it met ("UPDATE 0") and does not mind
// when there were none.
// Left out: whether rows elsewhere would be met; statements on tables that were not there before
// the up, or that set only columns which were not.
#include "postgres/witness/reach.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/plpgsql/plpgsql_tree.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/witness/seeding.hpp"

namespace backout::postgres {
namespace {

/// In one line, and not too long.
std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 100;
  std::string line;
  for (const char c : trim(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  if (line.size() <= kMost) return line;
  return std::string(first_characters(line, kMost)) + " ...";
}

}  // namespace

const Table* Reach::table_before(const Database& database, const Table& table) const {
  const Object* schema = database.find(table.schema);
  if (schema == nullptr) return nullptr;
  const auto* then = before_.get<Table>(
      before_.lookup(NameSpace::relation, before_.schema_named(schema->name), table.name));
  return then != nullptr ? then : before_.get<Table>(table.id);
}

std::vector<ColumnId> Reach::heeded(const Database& database, const Table& table,
                                    const std::vector<ColumnId>& set) const {
  const Table* then = table_before(database, table);
  std::vector<ColumnId> found;
  for (const ColumnId column : set) {
    if (then == nullptr) break;
    if (counterpart(*then, table, column) != 0) found.push_back(column);
  }
  return found;
}

bool Reach::was_there(const Database& database, const Table& table,
                      const std::vector<ColumnId>& set) const {
  if (table_before(database, table) == nullptr) return false;
  // Its triggers may write more than the statement says.
  const auto triggers = database.parts_of<Trigger>(table.id);
  if (set.empty() || std::any_of(triggers.begin(), triggers.end(),
                                 [](const Trigger* trigger) { return trigger->on_update; }))
    return true;
  return !heeded(database, table, set).empty();
}

void Reach::note(const Database& database, const Table& table, const std::vector<ColumnId>& set,
                 std::int64_t place, bool met, std::string_view deed) {
  if (texts_.empty() || !was_there(database, table, set)) return;
  const std::string& text = texts_.back();
  note(fmt::format("{} {}", place, text),
       fmt::format("no row was found that this would {}: {}", deed, shortened(text)), met);
}

void Reach::note_branch(std::size_t body, const std::string& text, int line, bool taken) {
  if (texts_.empty()) return;
  note(fmt::format("line {} {} of {}", line, text, body),
       "no rows were found with which this runs: " + shortened(text), taken);
}

bool Reach::first_time(const std::string& body) {
  return !texts_.empty() && bodies_.emplace(body, texts_.back()).second;
}

bool Reach::writes(const std::string& text) {
  const auto [entry, added] = writing_.emplace(text, false);
  const auto& known = entry;
  if (!added) return known->second;
  const Script script = plpgsql_script(text);
  for (const Script::Statement& part : script.statements()) {
    walk(part.tree->base, [&](const ProtobufCMessage& message) {
      known->second = known->second || is_change_of_rows(message);
      return !known->second;
    });
    known->second = known->second || part.tree->node_case != PG_QUERY__NODE__NODE_SELECT_STMT;
  }
  return known->second;
}

void Reach::note(const std::string& key, std::string said, bool met) {
  const auto [found, added] = places_.emplace(key, statements_.size());
  if (added)
    statements_.push_back({std::move(said), met});
  else if (met)
    statements_[found->second].met = true;
}

std::vector<std::string> Reach::unmet() const {
  std::vector<std::string> all;
  for (const Statement& statement : statements_) {
    if (!statement.met) all.push_back(statement.said);
  }
  return all;
}

}  // namespace backout::postgres
