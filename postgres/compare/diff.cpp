// Two dumps of a PostgreSQL database are the same when each object has its old name and definition.
// Here only what the two states do not share is looked at, and what prints the name of such an
// object.
// Left out: that an object with a new name is still the same one: it is missing under the old name
// and extra under the new one. The order of columns counts only where no column came or went.
#include "postgres/compare/diff.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/compare/describe.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {
namespace {

/// Whether objects that speak of this one print otherwise than before: its name, schema or a
/// column's name changed.
bool renamed(const Object* before, const Object* after) {
  if (before == nullptr || after == nullptr) return false;
  if (before->name != after->name || before->schema != after->schema) return true;
  if (before->kind != ObjectKind::table) return false;
  const auto& one = static_cast<const Table&>(*before);
  const auto& two = static_cast<const Table&>(*after);
  for (std::size_t at = 0; at < std::min(one.columns.size(), two.columns.size()); ++at) {
    if (one.columns[at].name != two.columns[at].name) return true;
  }
  return false;
}

/// Objects that may print differently in the two databases.
std::set<ObjectId> suspects(const Database& before, const Database& after) {
  std::set<ObjectId> ids;
  Database::compare(before, after, [&](const Object* one, const Object* two) {
    const ObjectId id = one != nullptr ? one->id : two->id;
    ids.insert(id);
    if (!renamed(one, two)) return;
    for (const Database* database : {&before, &after}) {
      const auto dependents = database->dependents(id);
      ids.insert(dependents.begin(), dependents.end());
      if (one->kind != ObjectKind::schema) continue;
      database->for_each([&](const Object& object) {
        if (object.schema == id) ids.insert(object.id);
      });
    }
  });
  return ids;
}

/// Column order counts only where the columns themselves are the same.
bool is_moot(const Difference& difference, const std::set<std::string>& tables) {
  return difference.kind == "colorder" &&
         (difference.change != Difference::Change::changed || tables.contains(difference.name));
}

/// What a view selects, and what stands around that, for readers: the text that is compared is no
/// SQL.
std::string query_of(const Database& database, const std::string& name) {
  std::string text;
  database.for_each([&](const Object& object) {
    if (object.kind != ObjectKind::view || printed_name(database, object) != name) return;
    const auto& view = static_cast<const View&>(object);
    if (!view.query) return;
    std::string options;
    for (const std::string& option : view.options)
      options += (options.empty() ? "" : ", ") + option;
    if (!options.empty()) text = "WITH (" + options + ") AS ";
    text += sql_of(*view.query.node);
    if (!view.populated) text += " WITH NO DATA";
  });
  return text;
}

void print_views(std::vector<Difference>& found, const Database& before, const Database& after) {
  for (Difference& difference : found) {
    for (auto [text, database] :
         {std::pair(&difference.from, &before), std::pair(&difference.to, &after)}) {
      if (text->find("SelectStmt(") == std::string::npos) continue;
      if (std::string query = query_of(*database, difference.name); !query.empty())
        *text = std::move(query);
    }
  }
}

}  // namespace

std::vector<Difference> difference(const Database& before, const Database& after) {
  Definitions old_definitions;
  Definitions new_definitions;
  for (const ObjectId id : suspects(before, after)) {
    if (const Object* object = before.find(id)) describe_object(before, *object, old_definitions);
    if (const Object* object = after.find(id)) describe_object(after, *object, new_definitions);
  }
  std::vector<Difference> found;
  std::set<std::string> tables;
  const auto note = [&](Difference::Change change, const auto& key, const std::string& from,
                        const std::string& to) {
    found.push_back({change, key.first, key.second, from, to});
    if (key.first == "column" && change != Difference::Change::changed)
      tables.insert(key.second.substr(0, key.second.rfind('.')));
  };
  for (const auto& [key, definition] : old_definitions) {
    const auto other = new_definitions.find(key);
    if (other == new_definitions.end())
      note(Difference::Change::missing, key, definition, {});
    else if (other->second != definition)
      note(Difference::Change::changed, key, definition, other->second);
  }
  for (const auto& [key, definition] : new_definitions) {
    if (!old_definitions.contains(key)) note(Difference::Change::extra, key, {}, definition);
  }
  std::erase_if(found, [&](const Difference& difference) { return is_moot(difference, tables); });
  print_views(found, before, after);
  return found;
}

std::string doubt_between(const Database& before, const Database& after) {
  if (after.doubts() != before.doubts()) return after.doubt();
  for (const ObjectId id : after.in_doubt()) {
    if (before.doubt_of(id) != after.doubt_of(id)) return std::string(after.doubt_of(id));
  }
  return {};
}

}  // namespace backout::postgres
