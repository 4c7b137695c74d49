// Rows of before are stored as PostgreSQL stores them under session_replication_role = replica:
// triggers do not fire and foreign keys are not checked, so that rows may come in any order
// (manual, "Client Connection Defaults").
// Left out: what deleted rows leave behind (holes in numbers, rows that point to nothing); tables
// other than those that the scripts name or change and the parents that their rows need.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "postgres/ddl/partition_rows.hpp"
#include "postgres/dml/dml.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/witness/generate.hpp"
#include "postgres/witness/joint_clues.hpp"
#include "postgres/witness/seeding.hpp"

namespace backout::postgres {
namespace {

/// Triggers do not fire and foreign keys are not enforced while it lives.
class AsReplica {
 public:
  explicit AsReplica(Database& database) : database_(database), was_(database.session().replica) {
    database.session().replica = true;
  }
  ~AsReplica() { database_.session().replica = was_; }
  AsReplica(const AsReplica&) = delete;
  AsReplica& operator=(const AsReplica&) = delete;

 private:
  Database& database_;
  bool was_;
};

/// The values of `row` with others in keys that are no foreign keys.
std::optional<Values> row_like(RowMaker& maker, const Row& row, long number) {
  Values values;
  for (const ColumnId id : maker.columns()) {
    values[id] = row.at(id - std::size_t{1});
    if (!maker.unique().contains(id) || maker.foreign().contains(id)) continue;
    auto other = maker.sample(id, {number});
    if (!other) return std::nullopt;
    values[id] = std::move(*other);
  }
  return values;
}

/// Stores telling rows and keeps them in groups.
class TellingRows {
 public:
  TellingRows(Database& database, const Database& after, const Occasion& occasion)
      : database_(database), after_(after), occasion_(occasion) {}

  std::vector<RowGroup> run() {
    for (const ObjectId table : parents_first(database_, occasion_.tables)) {
      RowMaker maker(database_, table, nullptr);
      put_clues(maker);
      put_fragile(maker);
      put_siblings(table);
      put_matched(maker);
      put_rivals_of_new_keys(table);
    }
    for (const JointClue& clue : occasion_.clues.joint) {
      RowLog log;
      put_joint(database_, clue, number_, log);
      number_ += kNumbersOfJoint;
      keep(std::move(log));
    }
    for (const ObjectId table : occasion_.tables) put_children(table);
    return std::move(groups_);
  }

 private:
  static constexpr std::size_t kMostColumns = 8;

  void keep(RowLog log) {
    if (!log.empty()) groups_.push_back(std::move(log));
  }

  void put_clues(RowMaker& maker) {
    for (const Clue& clue : occasion_.clues.rows) {
      RowLog log;
      maker.log_into(log);
      maker.put(maker.values_of(clue, {number_++}));
      keep(std::move(log));
    }
  }

  void put_fragile(RowMaker& maker) {
    std::size_t columns = 0;
    const Table& now = maker.table();
    for (std::size_t at = 0; at < now.columns.size() && columns < kMostColumns; ++at) {
      const Column& column = now.columns[at];
      if (column.dropped || column.generated || !occasion_.words.contains(column.name)) continue;
      if (sequence_of(database_, now, static_cast<ColumnId>(at + 1)) != 0) continue;
      ++columns;
      for (const std::string& literal : fragile_literals(database_, column.type, number_)) {
        RowLog log;
        maker.log_into(log);
        maker.put(maker.values_of({"", {{column.name, literal}}}, {number_++}));
        keep(std::move(log));
      }
    }
  }

  /// For each foreign key another row that points to the partner of the first one: where many are
  /// allowed, there are many.
  void put_siblings(ObjectId table) {
    std::vector<Constraint> keys;
    for (const Constraint* key : database_.parts_of<Constraint>(table)) {
      if (key->type == 'f' && key->referenced != table) keys.push_back(*key);
    }
    for (const Constraint& key : keys) {
      const auto rows = rows_with_partitions(database_, *database_.get<Table>(table)).rows;
      if (rows.empty()) return;
      const Row first = *rows.front();
      RowLog log;
      RowMaker maker(database_, table, &log);
      auto values = maker.values(RowShape::full, {number_++});
      if (!values) continue;
      for (const ColumnId id : key.columns) (*values)[id] = first.at(id - std::size_t{1});
      maker.put(values);
      keep(std::move(log));
    }
  }

  /// For each column by which the scripts match rows: one that has none there, and two that have
  /// the same.
  void put_matched(RowMaker& maker) {
    std::size_t columns = 0;
    for (const ColumnId id : maker.columns()) {
      const Column& column = maker.table().column(id);
      if (!occasion_.clues.matched.contains(column.name) || columns >= kMostColumns) continue;
      ++columns;
      if (!maker.is_required(column)) put_with(maker, id, Value());
      if (maker.foreign().contains(id)) continue;
      const auto shared = maker.sample(id, {number_});
      if (!shared) continue;
      put_with(maker, id, *shared);
      put_with(maker, id, *shared);
    }
  }

  void put_with(RowMaker& maker, ColumnId id, const Value& value) {
    RowLog log;
    maker.log_into(log);
    auto values = maker.values(RowShape::full, {number_++});
    if (values) (*values)[id] = value;
    maker.put(values);
    keep(std::move(log));
  }

  /// For each row another one like it, to which rows point whose foreign key follows what is done
  /// to it: nobody names the rows that go with others, and rows to which none points tell
  /// something, too.
  void put_children(ObjectId table) {
    constexpr std::size_t kMost = 24;
    std::vector<Constraint> keys;
    for (const Constraint* key : referencing(database_, table)) {
      const bool follows = key->on_delete == 'c' || key->on_delete == 'n' || key->on_delete == 'd';
      if (follows) keys.push_back(*key);
    }
    if (keys.empty()) return;
    const auto rows = rows_with_partitions(database_, *database_.get<Table>(table)).rows;
    RowMaker maker(database_, table, nullptr);
    for (std::size_t at = 0; at < std::min(rows.size(), kMost); ++at) {
      RowLog log;
      maker.log_into(log);
      if (maker.put(row_like(maker, *rows[at], number_++)) && !log.empty()) {
        const Row parent = *log.back().row;
        for (const Constraint& key : keys) point_to(key, parent, log);
      }
      keep(std::move(log));
    }
  }

  void point_to(const Constraint& key, const Row& parent, RowLog& log) {
    RowMaker maker(database_, key.parent, &log);
    auto values = maker.values(RowShape::full, {number_++});
    if (!values) return;
    for (std::size_t part = 0; part < key.columns.size(); ++part)
      (*values)[key.columns[part]] = parent.at(key.referenced_columns[part] - std::size_t{1});
    maker.put(values);
  }

  /// What an up that makes them unique has to do away with, or is refused for.
  void put_rivals_of_new_keys(ObjectId table) {
    if (after_.get<Table>(table) == nullptr) return;
    for (const Index* key : after_.parts_of<Index>(table)) {
      if (!key->unique || database_.find(key->id) != nullptr) continue;
      RowLog log;
      RowMaker maker(database_, table, &log);
      put_rivals(database_, maker, after_, *key, number_);
      number_ += 2;
      keep(std::move(log));
    }
  }

  Database& database_;
  const Database& after_;
  const Occasion& occasion_;
  std::vector<RowGroup> groups_;
  long number_ = 9'100;
};

}  // namespace

namespace {

/// Tables that point to each other have rows with NULLs where the other one had none yet. Once both
/// have rows, one more points there.
void point_round_in_circles(Database& database, ObjectId table, Seeding& result) {
  std::vector<Constraint> keys;
  for (const Constraint* key : database.parts_of<Constraint>(table)) {
    if (key->type == 'f' && key->columns.size() == 1 && key->referenced != table)
      keys.push_back(*key);
  }
  for (const Constraint& key : keys) {
    const auto own = rows_with_partitions(database, *database.get<Table>(table)).rows;
    const auto partners = rows_with_partitions(database, *database.get<Table>(key.referenced)).rows;
    const std::size_t slot = key.columns.front() - std::size_t{1};
    const bool none = std::all_of(own.begin(), own.end(),
                                  [&](const auto& row) { return row->at(slot).is_null(); });
    if (!none || own.empty() || partners.empty()) continue;
    const Value target = partners.front()->at(key.referenced_columns.front() - std::size_t{1});
    const Row first = *own.front();
    RowMaker maker(database, table, &result.rows);
    for (const RowShape shape : {RowShape::nulls, RowShape::least, RowShape::full}) {
      auto values =
          shape == RowShape::nulls ? row_like(maker, first, 9'011) : maker.values(shape, {9'011});
      if (!values) continue;
      (*values)[key.columns.front()] = target;
      if (!maker.put(values)) continue;
      ++result.stored;
      break;
    }
  }
}

}  // namespace

Seeding seed_old_rows(Database& database, const std::vector<ObjectId>& tables, OldRows wanted) {
  Seeding result;
  forget_doubtful_rows(database, tables);
  const AsReplica replica(database);
  for (const ObjectId table : parents_first(database, tables)) {
    RowMaker maker(database, table, &result.rows);
    std::size_t stored = 0;
    const long last = wanted == OldRows::single ? 9001 : 9002;
    for (long number = 9001; number <= last; ++number) stored += put_plain(maker, number) ? 1 : 0;
    if (wanted == OldRows::with_nulls && maker.put(maker.values(RowShape::nulls, {9003}))) ++stored;
    if (stored == 0 && database.rows().of(table).rows.empty() && !maker.doubt().empty() &&
        (maker.table().relkind == 'r' || maker.table().relkind == 'p'))
      result.doubt = maker.doubt();
    result.stored += stored;
  }
  if (wanted != OldRows::single) {
    for (const ObjectId table : tables) point_round_in_circles(database, table, result);
  }
  advance_sequences(database, result.rows);
  return result;
}

RowGroup seed_in_bound(Database& database, const Database& after, ObjectId table) {
  RowGroup group;
  const auto* part = after.get<Table>(table);
  if (part == nullptr || part->partition_bound.empty() || part->inherits.empty() ||
      database.get<Table>(table) == nullptr)
    return group;
  const AsReplica replica(database);
  RowMaker maker(database, table, &group);
  Clue clue;
  for (const auto& [name, text] : values_in_bound(*after.get<Table>(part->inherits.front()), *part))
    clue.values[name] = text;
  maker.put(maker.values_of(clue, {9'001}));
  return group;
}

std::vector<RowGroup> seed_telling_rows(Database& database, const Database& after,
                                        const Occasion& occasion) {
  if (!occasion.clues.writes) return {};
  const AsReplica replica(database);
  std::vector<RowGroup> groups = TellingRows(database, after, occasion).run();
  RowLog all;
  for (const RowGroup& group : groups) all.insert(all.end(), group.begin(), group.end());
  advance_sequences(database, all);
  return groups;
}

namespace {

/// Whether all that the rows point to is there, or never was.
bool all_have_partners(Database& database, const RowGroup& group) {
  Execution execution{database, nullptr, 0};
  for (const StoredRow& row : group) {
    for (const Constraint* key : database.parts_of<Constraint>(row.table)) {
      if (key->type != 'f') continue;
      const auto found = has_partner(execution, *key, *row.row);
      if (found && *found == Truth::no) return false;
    }
  }
  return true;
}

}  // namespace

std::size_t store(Database& database, const RowGroup& group) {
  const AsReplica replica(database);
  const Database before = database;
  const std::size_t stored = store_valid(database, group);
  if (all_have_partners(database, group)) return stored;
  database = before;
  return 0;
}

std::size_t store_valid(Database& database, const RowGroup& group) {
  std::size_t stored = 0;
  for (const StoredRow& row : group) {
    const Database before = database;
    Execution execution{database, nullptr, 0};
    const auto* table = database.get<Table>(row.table);
    if (table != nullptr && write_row(execution, Table(*table), *row.row))
      ++stored;
    else
      database = before;
  }
  advance_sequences(database, group);
  return stored;
}

std::vector<ObjectId> numbered_tables(const Database& before, const Database& database) {
  std::vector<ObjectId> tables = RowStore::differing(before.rows(), database.rows());
  // The same rows may get their numbers from another sequence now.
  Database::compare(before, database, [&](const Object* /*one*/, const Object* now) {
    if (now == nullptr) return;
    if (now->kind == ObjectKind::table) tables.push_back(now->id);
    if (now->kind != ObjectKind::sequence) return;
    for (const ObjectId id : database.dependents(now->id)) tables.push_back(id);
    tables.push_back(static_cast<const Sequence&>(*now).owned_by);
  });
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  std::erase_if(tables, [&](ObjectId id) {
    const auto* table = database.get<Table>(id);
    const TableRows& rows = database.rows().of(id);
    if (table == nullptr || rows.rows.empty() || !rows.doubt.empty() || table->relkind != 'r')
      return true;
    return std::none_of(table->columns.begin(), table->columns.end(), [&](const Column& column) {
      return !column.dropped &&
             (column.identity != '\0' || (column.default_value && is_integer(column.type.family)));
    });
  });
  return tables;
}

std::string next_insert(const Database& database, ObjectId id) {
  const Table& table = *database.get<Table>(id);
  for (const Index* key : database.parts_of<Index>(id)) {
    if (!key->unique || key->where || key->columns.size() != 1 || key->columns[0].column == 0)
      continue;
    const ColumnId column = key->columns[0].column;
    const auto* sequence = database.get<Sequence>(sequence_of(database, table, column));
    if (sequence == nullptr || sequence->increment <= 0) continue;
    const std::int64_t next =
        sequence->used ? sequence->last + sequence->increment : sequence->last;
    for (const auto& row : database.rows().of(id).rows) {
      const Value& held = row->at(column - std::size_t{1});
      if (!held.is_known() || !row->certain || std::atoll(held.text().c_str()) < next) continue;
      return fmt::format(
          "duplicate key value violates unique constraint \"{}\": sequence \"{}\" is at {} and {} "
          "is taken",
          key->name, sequence->name, next, held.text());
    }
  }
  return {};
}

}  // namespace backout::postgres
