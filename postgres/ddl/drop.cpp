// PostgreSQL follows pg_depend from the objects that are dropped: what is part of them or automatic
// goes along, what depends on them normally stops a RESTRICT (2BP01) and goes with CASCADE; of a
// column's default the default alone (dependency.c; manual, "Dependency Tracking").
// Left out: dependencies of roles (ddl_grant.cpp looks for them), on what the system brings, and of
// BEGIN ATOMIC bodies; the list of all that depends, which PostgreSQL prints.
#include "postgres/ddl/drop.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/catalog/object_kinds.hpp"
#include "postgres/ddl/partition_rows.hpp"

namespace backout::postgres {
namespace {

/// Collects what goes when objects or a column are dropped.
class Deletion {
 public:
  Deletion(Database& database, bool cascade) : database_(database), cascade_(cascade) {}

  void add(ObjectId id) {
    if (doomed_.insert(id).second) open_.push_back(id);
  }

  void add_column(ObjectId table, ColumnId column) {
    if (doomed_.contains(table) || !columns_.insert({table, column}).second) return;
    open_columns_.emplace_back(table, column);
  }

  /// Follows what belongs to the doomed objects, then what depends on them.
  Checked<void> run(std::string_view what) {
    while (true) {
      follow_parts();
      const auto left = dependents_left();
      if (left.empty()) break;
      if (!cascade_) {
        return tl::unexpected(refuse(
            "2BP01", fmt::format("cannot drop {} because other objects depend on it", what)));
      }
      for (const auto& [id, need] : left) cascade_to(id, need);
    }
    carry_out();
    return {};
  }

 private:
  void follow_parts() {
    while (!open_.empty() || !open_columns_.empty()) {
      if (open_.empty()) {
        const auto [table, column] = open_columns_.back();
        open_columns_.pop_back();
        follow(table, column);
        continue;
      }
      const ObjectId id = open_.back();
      open_.pop_back();
      if (database_.get<Schema>(id) != nullptr) follow_schema(id);
      follow(id, 0);
    }
  }

  /// Dooms what belongs to the object, or to the column when it is not 0.
  void follow(ObjectId id, ColumnId column) {
    for (const ObjectId dependent : database_.dependents(id)) {
      if (doomed_.contains(dependent)) continue;
      for (const Dependency& need : database_.find(dependent)->needs) {
        if (need.on != id || (column != 0 && need.on_column != column)) continue;
        if (need.kind != DependencyKind::normal) add(dependent);
      }
    }
    if (column != 0) return;
    // Part of a constraint or identity: the whole goes too when reached by cascade.
    if (const auto* index = database_.get<Index>(id); index != nullptr && cascade_) {
      for (const Dependency& need : index->needs) {
        if (need.kind == DependencyKind::internal) add(need.on);
      }
    }
  }

  void follow_schema(ObjectId schema) {
    std::vector<ObjectId> members;
    database_.for_each([&](const Object& object) {
      if (object.schema == schema && object.parent == 0) members.push_back(object.id);
    });
    std::sort(members.begin(), members.end());
    for (const ObjectId id : members) {
      if (cascade_)
        add(id);
      else if (!doomed_.contains(id))
        blockers_.push_back(id);
    }
  }

  using Left = std::vector<std::pair<ObjectId, Dependency>>;

  Left dependents_left() {
    Left left;
    for (const ObjectId id : blockers_) {
      if (!doomed_.contains(id)) left.push_back({id, {}});
    }
    for (const ObjectId id : doomed_) {
      for (const ObjectId dependent : database_.dependents(id)) collect(id, 0, dependent, left);
    }
    for (const auto& [table, column] : columns_) {
      if (doomed_.contains(table)) continue;
      for (const ObjectId dependent : database_.dependents(table))
        collect(table, column, dependent, left);
      collect(table, column, table, left);
    }
    return left;
  }

  void collect(ObjectId id, ColumnId column, ObjectId dependent, Left& left) {
    if (doomed_.contains(dependent)) return;
    for (const Dependency& need : database_.find(dependent)->needs) {
      if (need.on != id || need.kind != DependencyKind::normal) continue;
      if (column != 0 && need.on_column != column) continue;
      if (need.part != Dependency::Part::whole) {
        if (columns_.contains({dependent, need.from_column})) continue;
        if (need.part == Dependency::Part::column_default &&
            defaults_.contains({dependent, need.from_column}))
          continue;
      }
      left.emplace_back(dependent, need);
    }
  }

  void cascade_to(ObjectId id, const Dependency& need) {
    switch (need.part) {
      case Dependency::Part::whole:
        add(id);
        break;
      case Dependency::Part::column_type:
        add_column(id, need.from_column);
        break;
      case Dependency::Part::column_default: {
        const auto* table = database_.get<Table>(id);
        if (table != nullptr && table->column(need.from_column).generated)
          add_column(id, need.from_column);
        else
          defaults_.insert({id, need.from_column});
        break;
      }
    }
  }

  static void forget_needs(Table& table, ColumnId column, bool only_default) {
    std::erase_if(table.needs, [&](const Dependency& need) {
      if (need.from_column != column || need.part == Dependency::Part::whole) return false;
      return !only_default || need.part == Dependency::Part::column_default;
    });
  }

  void carry_out() {
    for (const auto& [table, column] : defaults_) {
      if (doomed_.contains(table)) continue;
      auto changed = database_.edit<Table>(table);
      changed->column(column).default_value = {};
      forget_needs(*changed, column, true);
      database_.replace(std::move(changed));
    }
    for (const auto& [table, column] : columns_) {
      if (doomed_.contains(table) || database_.get<Table>(table) == nullptr) continue;
      auto changed = database_.edit<Table>(table);
      Column& gone = changed->column(column);
      gone = Column{};
      gone.name = fmt::format("........pg.dropped.{}........", column);
      gone.dropped = true;
      forget_needs(*changed, column, false);
      database_.replace(std::move(changed));
    }
    for (const ObjectId id : doomed_) {
      if (const auto* part = database_.get<Table>(id);
          part != nullptr && !part->inherits.empty() && !doomed_.contains(part->inherits.front())) {
        doubt_unplaced_rows(database_, id);
      }
      if (database_.find(id) != nullptr) database_.remove(id);
    }
  }

  Database& database_;
  bool cascade_;
  std::set<ObjectId> doomed_;
  std::set<std::pair<ObjectId, ColumnId>> columns_;
  std::set<std::pair<ObjectId, ColumnId>> defaults_;
  std::vector<ObjectId> open_;
  std::vector<std::pair<ObjectId, ColumnId>> open_columns_;
  std::vector<ObjectId> blockers_;
};

/// 2BP01 when the object is part of another one and does not go by itself.
Checked<void> not_a_part(const Database& database, ObjectId id,
                         const std::vector<ObjectId>& together) {
  const auto* index = database.get<Index>(id);
  const ObjectId partitioned = index != nullptr ? index->partition_of : ObjectId{0};
  for (const Dependency& need : database.find(id)->needs) {
    const bool part = need.kind == DependencyKind::internal ||
                      need.kind == DependencyKind::extension ||
                      (partitioned != 0 && need.on == partitioned);
    if (!part || std::find(together.begin(), together.end(), need.on) != together.end()) continue;
    const Object& whole = *database.find(need.on);
    return tl::unexpected(
        refuse("2BP01", fmt::format("cannot drop {} {} because {} {} requires it",
                                    row_of(database.find(id)->kind).word, database.find(id)->name,
                                    row_of(whole.kind).word, whole.name)));
  }
  return {};
}

}  // namespace

Checked<void> drop_objects(Database& database, const std::vector<ObjectId>& objects, bool cascade) {
  if (objects.empty()) return {};
  Deletion deletion(database, cascade);
  for (const ObjectId id : objects) {
    if (auto whole = not_a_part(database, id, objects); !whole) return whole;
    deletion.add(id);
  }
  const Object& first = *database.find(objects.front());
  const std::string what = objects.size() > 1
                               ? "desired object(s)"
                               : fmt::format("{} {}", row_of(first.kind).word, first.name);
  return deletion.run(what);
}

Checked<void> drop_column(Database& database, ObjectId table, ColumnId column, bool cascade) {
  Deletion deletion(database, cascade);
  deletion.add_column(table, column);
  const Table& whole = *database.get<Table>(table);
  return deletion.run(fmt::format("column {} of table {}", whole.column(column).name, whole.name));
}

}  // namespace backout::postgres
