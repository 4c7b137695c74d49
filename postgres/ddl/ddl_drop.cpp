// PostgreSQL looks up all objects of a DROP first, turns a missing one into a notice with IF
// EXISTS, and deletes them together (RemoveObjects() in dropcmds.c, RemoveRelations() in
// tablecmds.c). What depends on them is drop.cpp's.
// Left out: whether the role owns what it drops; kinds that object_address.cpp does not find.
#include <algorithm>

#include <fmt/format.h>
#include <utility>

#include "postgres/catalog/object_address.hpp"
#include "postgres/ddl/drop.hpp"
#include "postgres/dml/deferred.hpp"
#include "postgres/execute/handlers.hpp"

namespace backout::postgres {
namespace {

/// Refusals that IF EXISTS turns into a notice.
bool is_missing(const Stop& stop) {
  return stop.kind == Stop::Kind::refused &&
         (stop.sqlstate == "42P01" || stop.sqlstate == "42704" || stop.sqlstate == "42883" ||
          stop.sqlstate == "3F000");
}

}  // namespace

Checked<void> drop(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__DropStmt& statement = *node.drop_stmt;
  if (statement.concurrent != 0 && execution.database.session().in_transaction) {
    return tl::unexpected(
        refuse("25001", "DROP INDEX CONCURRENTLY cannot run inside a transaction block"));
  }
  if (statement.concurrent != 0 && statement.n_objects > 1) {
    return tl::unexpected(
        refuse("0A000", "DROP INDEX CONCURRENTLY does not support dropping multiple objects"));
  }
  if (statement.concurrent != 0 && statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE) {
    return tl::unexpected(refuse("0A000", "DROP INDEX CONCURRENTLY does not support CASCADE"));
  }
  std::vector<ObjectId> objects;
  for (std::size_t at = 0; at < statement.n_objects; ++at) {
    auto id = find_object(execution, statement.remove_type, nullptr, statement.objects[at]);
    if (!id) {
      if (statement.missing_ok != 0 && is_missing(id.error())) continue;
      return tl::unexpected(id.error());
    }
    if (std::find(objects.begin(), objects.end(), *id) == objects.end()) objects.push_back(*id);
  }
  for (const ObjectId id : objects) {
    const auto* index = execution.database.get<Index>(id);
    const auto* table = index == nullptr ? nullptr : execution.database.get<Table>(index->parent);
    if (statement.concurrent != 0 && table != nullptr && table->relkind == 'p') {
      return tl::unexpected(refuse(
          "0A000", fmt::format("cannot drop partitioned index \"{}\" concurrently", index->name)));
    }
    if (auto free = none_waiting(execution.database, id, "DROP TABLE"); !free) return free;
  }
  return drop_objects(execution.database, objects,
                      statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
}

}  // namespace backout::postgres
