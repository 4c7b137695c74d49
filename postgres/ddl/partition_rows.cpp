// PostgreSQL leads a row down to the one partition that takes it (ExecFindPartition() in
// execPartition.c), to the default one when no other does, else refuses it (23514). A new partition
// is checked on its rows, the default one on what it would have to give up.
// Left out: a row of which nobody knows where it goes stays with the partitioned table; what a
// partition holds is in doubt when it is dropped or detached while there are such rows.
#include "postgres/ddl/partition_rows.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {
namespace {

/// The partition that takes what no other one takes; null when there is none.
const Table* default_partition(const Database& database, const std::vector<ObjectId>& partitions) {
  for (const ObjectId id : partitions) {
    const auto& part = *database.get<Table>(id);
    if (part.partition_bound == "DEFAULT") return &part;
  }
  return nullptr;
}

/// Which of the partitions takes the row.
struct Taker {
  const Table* partition = nullptr;
  Truth known = Truth::yes;  ///< unknown: one of them may; no: none does
};

Taker taker_of(Execution& execution, const Table& whole, const Row& row) {
  const Database& database = execution.database;
  const std::vector<ObjectId> partitions = partitions_of(database, whole.id);
  PartitionKey key(execution, whole);
  // Partitions may have been made by what could not be followed: a loop in a function, an
  // extension.
  Truth any = partitions.empty() || !database.doubt().empty() ? Truth::unknown : Truth::no;
  for (const ObjectId id : partitions) {
    const auto& part = *database.get<Table>(id);
    if (part.partition_bound == "DEFAULT") continue;
    const Truth takes = key.takes(part, row);
    if (takes == Truth::yes) return {&part, Truth::yes};
    if (takes == Truth::unknown) any = Truth::unknown;
  }
  if (any == Truth::unknown) return {nullptr, any};
  const Table* rest = default_partition(database, partitions);
  return {rest, rest != nullptr ? Truth::yes : Truth::no};
}

/// Whether `partition`, a part of `whole`, takes a row of it.
Truth bound_takes(Execution& execution, const Table& whole, const Table& partition,
                  const Row& row) {
  PartitionKey key(execution, whole);
  if (partition.partition_bound != "DEFAULT") return key.takes(partition, row);
  Truth takes = Truth::yes;
  for (const ObjectId id : partitions_of(execution.database, whole.id)) {
    const auto& other = *execution.database.get<Table>(id);
    if (other.partition_bound == "DEFAULT") continue;
    const Truth taken = key.takes(other, row);
    if (taken == Truth::yes) return Truth::no;
    if (taken == Truth::unknown) takes = Truth::unknown;
  }
  return takes;
}

/// Whether the bounds of `partition` and of all that it is a part of take a row of it.
Truth bounds_take(Execution& execution, const Table& partition, Row row) {
  Truth all = Truth::yes;
  for (const Table* part = &partition; !part->partition_bound.empty() && !part->inherits.empty();) {
    const auto& whole = *execution.database.get<Table>(part->inherits.front());
    row = row_as(*part, whole, row);
    const Truth takes = bound_takes(execution, whole, *part, row);
    if (takes == Truth::no) return takes;
    if (takes == Truth::unknown) all = Truth::unknown;
    part = &whole;
  }
  return all;
}

}  // namespace

std::vector<ObjectId> partitions_of(const Database& database, ObjectId table) {
  std::vector<ObjectId> found;
  for (const ObjectId id : database.dependents(table)) {
    const auto* part = database.get<Table>(id);
    if (part == nullptr || part->partition_bound.empty() || part->inherits.empty() ||
        part->inherits.front() != table)
      continue;
    if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
  }
  return found;
}

std::vector<ObjectId> with_partitioned(const Database& database, ObjectId table) {
  std::vector<ObjectId> tables = {table};
  for (const auto* part = database.get<Table>(table);
       part != nullptr && !part->partition_bound.empty() && !part->inherits.empty();) {
    tables.push_back(part->inherits.front());
    part = database.get<Table>(part->inherits.front());
  }
  return tables;
}

ObjectId outermost(const Database& database, ObjectId table) {
  return with_partitioned(database, table).back();
}

Row row_as(const Table& from, const Table& to, const Row& row) {
  Row other;
  other.certain = row.certain;
  other.values.resize(to.columns.size());
  for (std::size_t at = 0; at < to.columns.size(); ++at) {
    const ColumnId column = to.columns[at].dropped ? ColumnId{0} : from.find(to.columns[at].name);
    if (column != 0) other.values[at] = row.at(column - std::size_t{1});
  }
  return other;
}

Checked<Place> partition_for(Execution& execution, const Table& table, Row row) {
  const Taker taker = taker_of(execution, table, row);
  if (taker.known == Truth::unknown) return Place{table.id, std::move(row)};
  if (taker.known == Truth::no)
    return tl::unexpected(
        refuse("23514", fmt::format("no partition of relation \"{}\" found for row", table.name)));
  const Table& part = *taker.partition;
  Row inner = row_as(table, part, row);
  if (part.relkind == 'p') return partition_for(execution, part, std::move(inner));
  return Place{part.id, std::move(inner)};
}

Checked<void> check_new_bound(Execution& execution, ObjectId id) {
  const Database& database = execution.database;
  const auto& part = *database.get<Table>(id);
  const auto& whole = *database.get<Table>(part.inherits.front());
  std::vector<const Table*> siblings;
  for (const ObjectId other : partitions_of(database, whole.id)) {
    if (other != id) siblings.push_back(database.get<Table>(other));
  }
  return PartitionKey(execution, whole).check_apart(part, siblings);
}

Checked<void> check_new_partition(Execution& execution, ObjectId id) {
  const Database& database = execution.database;
  const auto& part = *database.get<Table>(id);
  const auto& whole = *database.get<Table>(part.inherits.front());
  for (const auto& row : rows_with_partitions(database, part).rows) {
    const Truth takes = bounds_take(execution, part, *row);
    if (takes == Truth::no)
      return tl::unexpected(refuse(
          "23514", fmt::format("partition constraint of relation \"{}\" is violated by some row",
                               part.name)));
    if (takes == Truth::unknown)
      return tl::unexpected(
          not_known(fmt::format("whether the rows of \"{}\" fit its bound", part.name)));
  }
  const Table* rest = default_partition(database, partitions_of(database, whole.id));
  if (rest == nullptr || rest->id == id) return {};
  for (const auto& row : rows_with_partitions(database, *rest).rows) {
    const Truth takes = bound_takes(execution, whole, part, row_as(*rest, whole, *row));
    if (takes == Truth::no) continue;
    if (takes == Truth::unknown)
      return tl::unexpected(
          not_known(fmt::format("whether rows of \"{}\" belong to \"{}\"", rest->name, part.name)));
    return tl::unexpected(
        refuse("23514", fmt::format("updated partition constraint for default partition \"{}\" "
                                    "would be violated by some row",
                                    rest->name)));
  }
  return {};
}

void doubt_unplaced_rows(Database& database, ObjectId partition) {
  const auto* part = database.get<Table>(partition);
  if (part == nullptr || part->partition_bound.empty() || part->inherits.empty()) return;
  const ObjectId whole = part->inherits.front();
  TableRows rows = database.rows().of(whole);
  if (rows.rows.empty()) return;
  rows.doubt = "which rows a partition holds";
  database.rows().store(whole, std::move(rows));
}

TableRows rows_with_partitions(const Database& database, const Table& table) {
  TableRows all = database.rows().of(table.id);
  if (table.relkind != 'p') return all;
  for (const ObjectId id : partitions_of(database, table.id)) {
    const Table& part = *database.get<Table>(id);
    const TableRows below = rows_with_partitions(database, part);
    for (const auto& row : below.rows)
      all.rows.push_back(std::make_shared<const Row>(row_as(part, table, *row)));
    if (all.doubt.empty()) all.doubt = below.doubt;
  }
  return all;
}

std::size_t count_rows(const Database& database, const Table& table) {
  std::size_t count = database.rows().of(table.id).rows.size();
  if (table.relkind != 'p') return count;
  for (const ObjectId id : partitions_of(database, table.id))
    count += count_rows(database, *database.get<Table>(id));
  return count;
}

Checked<void> check_bound(Execution& execution, const Table& partition, const Row& row) {
  if (partition.partition_bound.empty()) return {};
  if (bounds_take(execution, partition, row) == Truth::no) {
    return tl::unexpected(refuse(
        "23514",
        fmt::format("new row for relation \"{}\" violates partition constraint", partition.name)));
  }
  return {};
}

std::vector<std::map<std::string, std::string>> values_in_bounds(const Database& database,
                                                                 const Table& table) {
  std::vector<std::map<std::string, std::string>> found;
  for (const ObjectId id : partitions_of(database, table.id)) {
    const Table& part = *database.get<Table>(id);
    std::map<std::string, std::string> said = values_in_bound(table, part);
    if (part.relkind == 'p') {
      for (auto both : values_in_bounds(database, part)) {
        both.insert(said.begin(), said.end());
        found.push_back(std::move(both));
      }
    } else if (!said.empty()) {
      found.push_back(std::move(said));
    }
  }
  return found;
}

}  // namespace backout::postgres
