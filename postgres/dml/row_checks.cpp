// PostgreSQL checks NOT NULL, then CHECK (ExecConstraints() in execMain.c), then unique and
// exclusion indexes, and foreign keys at the end of the statement (ri_triggers.c). NULL passes a
// CHECK and differs from other NULLs in a key unless NULLS NOT DISTINCT.
// Left out: exclusion by other operators than =, <> and && of ranges is not known; equality under
// collations that take different texts for equal is not known.
#include "postgres/dml/row_checks.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "postgres/ddl/define.hpp"
#include "postgres/dml/deferred.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/operators.hpp"
#include "postgres/values/ranges.hpp"

namespace backout::postgres {
namespace {

struct Held {
  const Value& value;
  const ValueType& type;
};

Checked<Truth> equal(Execution& execution, const Held& left, const Held& right) {
  if (left.value.is_symbol() || right.value.is_symbol() || left.value == right.value)
    return same(left.value, right.value);
  if (left.type.family == right.type.family && text_decides(left.type.family)) return Truth::no;
  TableSurroundings surroundings(execution);
  const auto answer =
      apply_operator("=", {left.value, left.type}, {right.value, right.type}, surroundings);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->value.is_symbol()) return Truth::unknown;
  return answer->value.is_true() ? Truth::yes : Truth::no;
}

/// Whether the operator of an EXCLUDE constraint holds between two values. Two ranges that are the
/// same overlap, unless they are empty.
Checked<Truth> excluded(Execution& execution, const std::string& name, const Held& left,
                        const Held& right) {
  if (name == "<>") {
    const auto same = equal(execution, left, right);
    if (!same || *same == Truth::unknown) return same;
    return *same == Truth::yes ? Truth::no : Truth::yes;
  }
  if (name != "&&" || left.value.is_symbol() || right.value.is_symbol()) return Truth::unknown;
  if (left.value.text() == "empty" || right.value.text() == "empty") return Truth::no;
  if (left.value == right.value && left.value.text() != "{}") return Truth::yes;
  return ranges_overlap(left.value.text(), right.value.text());
}

Checked<Typed> evaluate_on(Execution& execution, const Expression& expression, const Row& row) {
  const RowScope scope(execution.database, expression, row);
  TableSurroundings surroundings(execution);
  return evaluate(*expression.node, scope.scope(), surroundings);
}

Checked<Truth> in_index(Execution& execution, const Index& index, const Row& row) {
  if (!index.where) return Truth::yes;
  const RowScope scope(execution.database, index.where, row);
  TableSurroundings surroundings(execution);
  return holds(*index.where.node, scope.scope(), surroundings);
}

std::string names_of(const Table& table, const std::vector<ColumnId>& columns) {
  std::string names;
  for (const ColumnId column : columns)
    names += (names.empty() ? "" : ", ") + table.column(column).name;
  return names;
}

std::string describe_row(const Table& table, const std::vector<ColumnId>& columns, const Row& row) {
  std::string values;
  for (const ColumnId column : columns) {
    const Value& value = row.at(slot_of(column));
    values += (values.empty() ? "" : ", ") +
              (value.is_known() ? value.text() : (value.is_null() ? "NULL" : "?"));
  }
  return fmt::format("({})=({})", names_of(table, columns), values);
}

}  // namespace

Checked<void> check_nulls(const Table& table, const Row& row) {
  std::optional<Stop> open;
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    const Column& column = table.columns[at];
    if (column.dropped || !column.not_null) continue;
    if (row.at(at).is_null()) {
      return tl::unexpected(refuse(
          "23502",
          fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                      column.name, table.name)));
    }
    if (row.at(at).may_be_null())
      open = not_known(
          fmt::format("whether column \"{}\" of \"{}\" gets a value", column.name, table.name));
  }
  if (open) return tl::unexpected(std::move(*open));
  return {};
}

Checked<void> check_row(Execution& execution, const Table& table, const Row& row) {
  std::optional<Stop> open;
  if (auto filled = check_nulls(table, row); !filled) {
    if (filled.error().kind == Stop::Kind::refused) return filled;
    open = std::move(filled.error());
  }
  for (const Constraint* constraint : execution.database.parts_of<Constraint>(table.id)) {
    if (constraint->type != 'c') continue;
    const RowScope scope(execution.database, constraint->check, row);
    TableSurroundings surroundings(execution);
    const auto kept = not_violated(*constraint->check.node, scope.scope(), surroundings);
    if (!kept) return tl::unexpected(kept.error());
    if (*kept == Truth::no) {
      return tl::unexpected(refuse(
          "23514", fmt::format("new row for relation \"{}\" violates check constraint \"{}\"",
                               table.name, constraint->name)));
    }
    if (*kept == Truth::unknown)
      open = not_known(
          fmt::format("whether a row keeps to check constraint \"{}\"", constraint->name));
  }
  if (open) return tl::unexpected(std::move(*open));
  return {};
}

namespace {

/// Whether different texts are different in a collation. They need not be in one that CREATE
/// COLLATION made (deterministic = false); PostgreSQL's own are called like locales.
bool tells_texts_apart(std::string_view collation) {
  constexpr auto kOwn =
      std::to_array<std::string_view>({"", "default", "C", "POSIX", "ucs_basic", "unicode"});
  const bool locale =
      collation.size() > 4 && collation.find('_') < 4 &&
      std::isupper(static_cast<unsigned char>(collation[collation.find('_') + 1])) != 0;
  return locale || collation.ends_with("-x-icu") || collation.starts_with("C.") ||
         std::ranges::find(kOwn, collation) != kOwn.end();
}

/// Whether texts that differ may be equal in some collation.
bool may_be_alike(const Value& left, const Value& right) {
  if (!left.is_known() || !right.is_known()) return true;
  const auto beyond = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  return to_lower(left.text()) == to_lower(right.text()) ||
         std::ranges::any_of(left.text(), beyond) || std::ranges::any_of(right.text(), beyond);
}

}  // namespace

IndexedRow::IndexedRow(Execution& execution, const Index& index, const Row& row)
    : execution_(execution),
      index_(index),
      table_(*execution.database.get<Table>(index.parent)),
      row_(row) {}

Checked<Truth> IndexedRow::is_in() {
  if (!in_) in_ = in_index(execution_, index_, row_);
  return *in_;
}

const Checked<Typed>& IndexedRow::key(std::size_t at) {
  keys_.resize(index_.columns.size());
  if (!keys_[at]) keys_[at] = evaluate_on(execution_, index_.columns[at].expression, row_);
  return *keys_[at];
}

Checked<Truth> IndexedRow::agree(std::size_t at, const Row& other) {
  const IndexColumn& column = index_.columns[at];
  const auto compare = [&](const Held& left, const Held& right) -> Checked<Truth> {
    if ((left.value.is_null() || right.value.is_null()) && !index_.nulls_not_distinct)
      return Truth::no;
    if (column.exclusion.empty() || column.exclusion == "=") return equal(execution_, left, right);
    return excluded(execution_, column.exclusion, left, right);
  };
  if (column.column != 0) {
    const Column& indexed = table_.column(column.column);
    const Held one{row_.at(slot_of(column.column)), indexed.type};
    const Held two{other.at(slot_of(column.column)), indexed.type};
    const auto answer = compare(one, two);
    const std::string& collation = column.collation.empty() ? indexed.collation : column.collation;
    const bool texts = is_string(indexed.type.family) && !one.value.is_null() &&
                       !two.value.is_null() && column.exclusion.empty();
    const bool open = answer && *answer == Truth::no && texts && !tells_texts_apart(collation) &&
                      may_be_alike(one.value, two.value);
    return open ? Checked<Truth>(Truth::unknown) : answer;
  }
  const auto& left = key(at);
  const auto right = evaluate_on(execution_, column.expression, other);
  if (!left || !right) return tl::unexpected(!left ? left.error() : right.error());
  return compare({left->value, left->type}, {right->value, right->type});
}

Checked<Truth> IndexedRow::collides_with(const Row& other) {
  Truth all = row_.certain && other.certain ? Truth::yes : Truth::unknown;
  for (const bool own : {true, false}) {
    const auto in = own ? is_in() : in_index(execution_, index_, other);
    if (!in || *in == Truth::no) return in;
    if (*in == Truth::unknown) all = Truth::unknown;
  }
  for (std::size_t at = 0; at < index_.columns.size(); ++at) {
    const auto answer = agree(at, other);
    if (!answer || *answer == Truth::no) return answer;
    if (*answer == Truth::unknown) all = Truth::unknown;
  }
  return all;
}

Checked<void> check_unique_in(Execution& execution, const Index& index, const Row& row,
                              const Row* ignored) {
  std::optional<Stop> open;
  IndexedRow indexed(execution, index, row);
  for (const auto& other : execution.database.rows().of(index.parent).rows) {
    if (other.get() == ignored || other.get() == &row) continue;
    const auto hit = indexed.collides_with(*other);
    if (!hit) return tl::unexpected(hit.error());
    if (*hit == Truth::yes && is_exclusion(index)) {
      return tl::unexpected(refuse(
          "23P01",
          fmt::format("conflicting key value violates exclusion constraint \"{}\"", index.name)));
    }
    if (*hit == Truth::yes) {
      return tl::unexpected(
          refuse("23505",
                 fmt::format("duplicate key value violates unique constraint \"{}\"", index.name)));
    }
    if (*hit == Truth::unknown)
      open = not_known(fmt::format("whether two rows agree in unique index \"{}\"", index.name));
  }
  if (open) return tl::unexpected(std::move(*open));
  return {};
}

Checked<void> check_unique(Execution& execution, const Table& table, const Row& row,
                           const Row* ignored) {
  std::optional<Stop> open;
  if (execution.database.rows().of(table.id).rows.empty()) return {};
  for (const Index* index : execution.database.parts_of<Index>(table.id)) {
    if (!index->unique && !is_exclusion(*index)) continue;
    if (waits(execution.database, *index)) continue;
    auto free = check_unique_in(execution, *index, row, ignored);
    if (free) continue;
    if (free.error().kind == Stop::Kind::refused) return free;
    open = std::move(free.error());
  }
  if (open) return tl::unexpected(std::move(*open));
  return {};
}

bool is_exclusion(const Index& index) {
  return std::any_of(index.columns.begin(), index.columns.end(),
                     [](const IndexColumn& column) { return !column.exclusion.empty(); });
}

Checked<Truth> points_to(Execution& execution, const Constraint& key, const Row& row,
                         const Row& target) {
  const Table& own = *execution.database.get<Table>(key.parent);
  const Table& other = *execution.database.get<Table>(key.referenced);
  Truth all = Truth::yes;
  for (std::size_t at = 0; at < key.columns.size(); ++at) {
    const Held one{row.at(slot_of(key.columns[at])), own.column(key.columns[at]).type};
    const Held two{target.at(slot_of(key.referenced_columns[at])),
                   other.column(key.referenced_columns[at]).type};
    if (one.value.is_null() || two.value.is_null()) return Truth::no;
    const auto answer = equal(execution, one, two);
    if (!answer || *answer == Truth::no) return answer;
    if (*answer == Truth::unknown) all = Truth::unknown;
  }
  return all;
}

Checked<Truth> has_partner(Execution& execution, const Constraint& key, const Row& row) {
  const auto nulls = static_cast<std::size_t>(
      std::count_if(key.columns.begin(), key.columns.end(),
                    [&](ColumnId column) { return row.at(slot_of(column)).is_null(); }));
  // MATCH FULL takes NULL for all of the key only.
  const bool null = std::any_of(key.columns.begin(), key.columns.end(), [&](ColumnId column) {
    return row.at(slot_of(column)).may_be_null();
  });
  if (nulls > 0 && key.match != 'f') return Truth::yes;
  if (nulls == key.columns.size()) return Truth::yes;
  if (nulls > 0) {
    const auto perhaps = static_cast<std::size_t>(
        std::count_if(key.columns.begin(), key.columns.end(),
                      [&](ColumnId column) { return row.at(slot_of(column)).may_be_null(); }));
    return perhaps == key.columns.size() ? Truth::unknown : Truth::no;
  }
  std::vector<ObjectId> tables = {key.referenced};
  // Rows of tables that inherit are none of the table's; those of partitions are.
  if (execution.database.get<Table>(key.referenced)->relkind == 'p') {
    const auto below = descendants(execution.database, key.referenced);
    tables.insert(tables.end(), below.begin(), below.end());
  }
  Truth best = null ? Truth::unknown : Truth::no;
  for (const ObjectId table : tables) {
    const TableRows& rows = execution.database.rows().of(table);
    if (!rows.doubt.empty()) best = Truth::unknown;
    for (const auto& target : rows.rows) {
      const auto answer = points_to(execution, key, row, *target);
      if (!answer) return answer;
      if (*answer == Truth::yes && target->certain) return Truth::yes;
      if (*answer != Truth::no) best = Truth::unknown;
    }
  }
  return best;
}

bool keeps_key(const Constraint& key, const Row& row, const Row* before) {
  return before != nullptr &&
         std::all_of(key.columns.begin(), key.columns.end(), [&](ColumnId column) {
           return row.at(slot_of(column)) == before->at(slot_of(column));
         });
}

Checked<void> check_references(Execution& execution, const Table& table, const Row& row,
                               const Row* before) {
  if (execution.database.session().replica) return {};
  for (const Constraint* key : execution.database.parts_of<Constraint>(table.id)) {
    if (key->type != 'f' || key->unchecked) continue;
    if (keeps_key(*key, row, before) || waits(execution.database.session(), *key)) continue;
    const auto found = has_partner(execution, *key, row);
    if (!found) return tl::unexpected(found.error());
    if (*found == Truth::no) {
      return tl::unexpected(refuse(
          "23503",
          fmt::format("insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                      table.name, key->name)));
    }
    if (*found == Truth::unknown)
      return tl::unexpected(
          not_known(fmt::format("whether foreign key \"{}\" is kept", key->name)));
  }
  return {};
}

std::vector<const Constraint*> referencing(const Database& database, ObjectId table) {
  std::vector<const Constraint*> keys;
  for (const ObjectId id : database.dependents(table)) {
    const auto* key = database.get<Constraint>(id);
    if (key != nullptr && key->type == 'f' && key->referenced == table) keys.push_back(key);
  }
  return keys;
}

// ---- What DDL asks (rows.hpp).

namespace {

Checked<void> rows_known(const TableRows& rows) {
  if (rows.doubt.empty()) return {};
  return tl::unexpected(not_known(rows.doubt));
}

/// Judges every row of a table: refused by the first that is certainly bad, not known when one may
/// be.
template <class Judge>
Checked<void> for_every_row(const TableRows& rows, const Stop& refusal, const Judge& judge) {
  bool open = false;
  for (const auto& row : rows.rows) {
    const Checked<Truth> good = judge(*row);
    if (!good) return tl::unexpected(good.error());
    if (*good == Truth::no && row->certain) return tl::unexpected(refusal);
    open = open || *good != Truth::yes;
  }
  if (!open) return rows_known(rows);
  return tl::unexpected(not_known(fmt::format("whether this holds: {}", refusal.message)));
}

Checked<void> check_rows_of_check(Execution& execution, const Table& table,
                                  const Constraint& constraint, const TableRows& rows) {
  const Stop refusal = refuse(
      "23514", fmt::format("check constraint \"{}\" of relation \"{}\" is violated by some row",
                           constraint.name, table.name));
  return for_every_row(rows, refusal, [&](const Row& row) {
    const RowScope scope(execution.database, constraint.check, row);
    TableSurroundings surroundings(execution);
    return not_violated(*constraint.check.node, scope.scope(), surroundings);
  });
}

Checked<void> check_rows_of_key(Execution& execution, const Table& table,
                                const Constraint& constraint, const TableRows& rows) {
  const Stop refusal =
      refuse("23503",
             fmt::format("insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                         table.name, constraint.name));
  return for_every_row(rows, refusal,
                       [&](const Row& row) { return has_partner(execution, constraint, row); });
}

}  // namespace

Checked<void> check_not_null(const Database& database, std::uint32_t table, std::uint16_t column) {
  const TableRows& rows = database.rows().of(table);
  const Table& owner = *database.get<Table>(table);
  const Stop refusal =
      refuse("23502", fmt::format("column \"{}\" of relation \"{}\" contains null values",
                                  owner.column(column).name, owner.name));
  return for_every_row(rows, refusal, [&](const Row& row) -> Checked<Truth> {
    const Value& value = row.at(slot_of(column));
    return value.is_null() ? Truth::no : (value.may_be_null() ? Truth::unknown : Truth::yes);
  });
}

Checked<void> check_constraint(const Database& database, std::uint32_t table,
                               const std::string& name) {
  const TableRows& rows = database.rows().of(table);
  if (rows.rows.empty()) return rows_known(rows);
  Database copy = database;
  Execution execution{copy, nullptr, 0};
  const Constraint& constraint =
      *database.get<Constraint>(database.lookup(NameSpace::constraint, table, name));
  const Table& owner = *database.get<Table>(table);
  switch (constraint.type) {
    case 'c':
      return check_rows_of_check(execution, owner, constraint, rows);
    case 'f':
      return check_rows_of_key(execution, owner, constraint, rows);
    default:
      return check_unique_index(database, constraint.index);
  }
}

Checked<void> check_unique_index(const Database& database, std::uint32_t id) {
  const Index& index = *database.get<Index>(id);
  const TableRows& rows = database.rows().of(index.parent);
  if (rows.rows.size() < 2) return rows_known(rows);
  Database copy = database;
  Execution execution{copy, nullptr, 0};
  bool open = false;
  for (std::size_t one = 0; one < rows.rows.size(); ++one) {
    IndexedRow indexed(execution, index, *rows.rows[one]);
    for (std::size_t two = 0; two < one; ++two) {
      const auto hit = indexed.collides_with(*rows.rows[two]);
      if (!hit) return tl::unexpected(hit.error());
      if (*hit == Truth::yes) {
        if (is_exclusion(index))
          return tl::unexpected(refuse(
              "23P01", fmt::format("could not create exclusion constraint \"{}\"", index.name)));
        const Table& table = *database.get<Table>(index.parent);
        std::vector<ColumnId> columns;
        for (const IndexColumn& column : index.columns) {
          if (column.column != 0) columns.push_back(column.column);
        }
        return tl::unexpected(refuse(
            "23505", fmt::format("could not create unique index \"{}\": {} is duplicated",
                                 index.name, describe_row(table, columns, *rows.rows[one]))));
      }
      open = open || *hit == Truth::unknown;
    }
  }
  if (!open) return rows_known(rows);
  return tl::unexpected(
      not_known(fmt::format("whether two rows agree in unique index \"{}\"", index.name)));
}

Checked<void> check_domain(const Database& database, std::uint32_t domain) {
  Database copy = database;
  Execution execution{copy, nullptr, 0};
  TableSurroundings surroundings(execution);
  for (const ObjectId id : database.dependents(domain)) {
    // Domains over the domain keep to it, too.
    if (const auto* over = database.get<Type>(id); over != nullptr && over->variety == 'd') {
      if (auto kept = check_domain(database, id); !kept) return kept;
    }
    const auto* table = database.get<Table>(id);
    if (table == nullptr) continue;
    for (const auto& row : database.rows().of(id).rows) {
      for (std::size_t at = 0; at < table->columns.size(); ++at) {
        if (table->columns[at].dropped || table->columns[at].type.user != domain) continue;
        const auto kept = surroundings.read_user_type(row->at(at), table->columns[at].type);
        if (!kept) return tl::unexpected(kept.error());
      }
    }
  }
  return {};
}

void rename_label(Database& database, std::uint32_t type, const std::string& before,
                  const std::string& after) {
  for (const ObjectId id : database.dependents(type)) {
    const auto* table = database.get<Table>(id);
    if (table == nullptr || database.rows().of(id).rows.empty()) continue;
    TableRows rows = database.rows().of(id);
    for (auto& row : rows.rows) {
      auto changed = std::make_shared<Row>(*row);
      for (std::size_t at = 0; at < table->columns.size() && at < changed->values.size(); ++at) {
        const bool holds_label =
            table->columns[at].type.user == type && !table->columns[at].type.is_array();
        if (holds_label && changed->values[at] == Value::known(before))
          changed->values[at] = Value::known(after);
      }
      row = std::move(changed);
    }
    database.rows().store(id, std::move(rows));
  }
}

}  // namespace backout::postgres
