// PostgreSQL puts a CHECK or a unique index back only over rows that keep to it (23514, 23505).
// Without a row that breaks it nobody sees whether it can be put back.
// Left out: foreign keys, exclusion constraints, constraints that are NOT VALID, CHECK constraints
// on columns of user-made types, and those for which another constraint stands in.
#include "postgres/witness/untried.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "postgres/ddl/partition_rows.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/query/may_hold.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/witness/seeding.hpp"

namespace backout::postgres {
namespace {

class Untried {
 public:
  Untried(const Database& before, const Database& after) : before_(before), after_(after) {}

  std::vector<std::string> run() {
    std::vector<const Object*> gone;
    Database::compare(before_, after_, [&](const Object* then, const Object* now) {
      if (then != nullptr && now == nullptr) gone.push_back(then);
    });
    std::sort(gone.begin(), gone.end(),
              [](const Object* left, const Object* right) { return left->id < right->id; });
    std::vector<std::string> all;
    for (const Object* object : gone) {
      const bool check = object->kind == ObjectKind::constraint &&
                         static_cast<const Constraint*>(object)->type == 'c';
      if (check && is_untried(*static_cast<const Constraint*>(object))) {
        all.push_back(fmt::format(
            "no row was found that the new schema takes and check constraint \"{}\" refuses",
            object->name));
      }
      if (object->kind == ObjectKind::index && is_untried(*static_cast<const Index*>(object))) {
        all.push_back(fmt::format(
            "no two rows were found that the new schema takes and unique index \"{}\" refuses",
            object->name));
      }
    }
    return all;
  }

 private:
  const Table* table_now(const Table& then) const {
    if (const auto* same = after_.get<Table>(then.id)) return same;
    const Object* schema = before_.find(then.schema);
    return schema == nullptr
               ? nullptr
               : after_.get<Table>(after_.lookup(NameSpace::relation,
                                                 after_.schema_named(schema->name), then.name));
  }

  /// The columns under their numbers of now; none when one is gone or has another type.
  static std::set<ColumnId> columns_now(const Table& then, const Table& now,
                                        const std::set<ColumnId>& columns) {
    std::set<ColumnId> found;
    for (const ColumnId column : columns) {
      const ColumnId id = column == 0 ? ColumnId{0} : now.find(then.column(column).name);
      if (id == 0 || !(now.column(id).type == then.column(column).type) || now.column(id).generated)
        return {};
      found.insert(id);
    }
    return found;
  }

  static std::set<ColumnId> columns_of(const Expression& expression) {
    std::set<ColumnId> columns;
    for (const BoundColumn& bound : expression.columns) columns.insert(bound.column);
    return columns;
  }

  /// Whether rows that agree in `plain` columns, or collide in `key`, collide in `other` as well.
  static bool stands_in(const Index& other, const Index& key, const std::set<ColumnId>& plain) {
    if (!other.unique || is_exclusion(other) || (other.where && other.where.text != key.where.text))
      return false;
    return std::all_of(other.columns.begin(), other.columns.end(), [&](const IndexColumn& column) {
      if (column.column != 0) return plain.contains(column.column);
      const std::set<ColumnId> named = columns_of(column.expression);
      const bool same =
          std::any_of(key.columns.begin(), key.columns.end(), [&](const IndexColumn& own) {
            return own.column == 0 && own.expression.text == column.expression.text;
          });
      return same || std::all_of(named.begin(), named.end(),
                                 [&](ColumnId id) { return plain.contains(id); });
    });
  }

  bool is_untried(const Constraint& check) const {
    const auto* then = before_.get<Table>(check.parent);
    const Table* now = then == nullptr || check.not_valid ? nullptr : table_now(*then);
    const std::set<ColumnId> columns =
        now == nullptr ? std::set<ColumnId>() : columns_now(*then, *now, columns_of(check.check));
    // What stands in its place may say as much.
    const bool limited = std::any_of(columns.begin(), columns.end(),
                                     [&](ColumnId id) { return now->column(id).type.user != 0; });
    if (columns.empty() || limited) return false;
    for (const Constraint* other : after_.parts_of<Constraint>(now->id)) {
      if (other->type != 'c') continue;
      for (const ColumnId id : columns_of(other->check)) {
        if (columns.contains(id)) return false;
      }
    }
    Database trial = before_;
    trial.watch(nullptr);
    Execution execution{trial, nullptr, 0};
    const auto is_kept = [&](const Row& row) {
      const Row as_then = row_as(*now, *then, row);
      const RowScope scope(trial, check.check, as_then);
      TableSurroundings surroundings(execution);
      const auto kept = not_violated(*check.check.node, scope.scope(), surroundings);
      return kept && *kept == Truth::yes;
    };
    const auto rows = rows_with_partitions(after_, *now);
    // What NOT NULL alone keeps needs no row to try.
    return rows.doubt.empty() && !is_kept(any_row(trial, *now)) &&
           std::all_of(rows.rows.begin(), rows.rows.end(),
                       [&](const auto& row) { return is_kept(*row); });
  }

  bool is_untried(const Index& key) const {
    const auto* then = before_.get<Table>(key.parent);
    const Table* now =
        then == nullptr || !key.unique || is_exclusion(key) ? nullptr : table_now(*then);
    if (now == nullptr) return false;
    if (columns_now(*then, *now, deciding_columns(key)).empty()) return false;
    std::set<ColumnId> plain;
    for (const IndexColumn& column : key.columns) {
      if (column.column != 0) plain.insert(column.column);
    }
    plain = columns_now(*then, *now, plain);
    const auto others = after_.parts_of<Index>(now->id);
    if (std::any_of(others.begin(), others.end(),
                    [&](const Index* other) { return stands_in(*other, key, plain); }))
      return false;
    Database trial = before_;
    trial.watch(nullptr);
    Execution execution{trial, nullptr, 0};
    const auto rows = rows_with_partitions(after_, *now);
    if (!rows.doubt.empty()) return false;
    std::vector<Row> all;
    for (const auto& row : rows.rows) all.push_back(row_as(*now, *then, *row));
    for (std::size_t one = 0; one < all.size(); ++one) {
      IndexedRow indexed(execution, key, all[one]);
      for (std::size_t two = 0; two < one; ++two) {
        const auto hit = indexed.collides_with(all[two]);
        if (!hit || *hit != Truth::no) return false;
      }
    }
    return true;
  }

  const Database& before_;
  const Database& after_;
};

}  // namespace

std::vector<std::string> untried(const Database& before, const Database& after) {
  return Untried(before, after).run();
}

}  // namespace backout::postgres
