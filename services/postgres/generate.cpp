#include "services/postgres/generate.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/postgres/defaults.hpp"
#include "services/postgres/dml.hpp"
#include "services/postgres/dml_write.hpp"
#include "services/postgres/sample_values.hpp"

namespace backout::postgres {
namespace {

/// Values by column; a column that is missing takes its default.
using Values = std::map<ColumnId, Value>;

enum class RowShape : std::uint8_t {
  full,   ///< every column has a value
  least,  ///< only what is required and has no default
  nulls,  ///< NULL wherever allowed
};

/// Makes rows for one table.
class RowMaker {
 public:
  RowMaker(Database& database, ObjectId table)
      : database_(database), table_(*database.get<Table>(table)), hints_(hints_of(database, table_)) {
    for (const Constraint* key : database.parts_of<Constraint>(table)) {
      if (key->type == 'f') foreign_.insert(key->columns.begin(), key->columns.end());
    }
    for (const Index* index : database.parts_of<Index>(table)) {
      if (!index->unique) continue;
      std::vector<ColumnId> columns;
      for (const IndexColumn& column : index->columns) {
        if (column.column != 0) columns.push_back(column.column);
      }
      unique_.insert(columns.begin(), columns.end());
      keys_.push_back(std::move(columns));
    }
    for (std::size_t at = 0; at < table_.columns.size(); ++at) {
      const auto id = static_cast<ColumnId>(at + 1);
      if (!table_.columns[at].dropped && !table_.columns[at].generated) columns_.push_back(id);
    }
  }

  const Table& table() const { return table_; }
  const std::set<ColumnId>& foreign() const { return foreign_; }
  const std::set<ColumnId>& unique() const { return unique_; }
  const std::vector<std::vector<ColumnId>>& keys() const { return keys_; }
  const std::string& doubt() const { return doubt_; }

  /// Columns that take values: neither dropped nor generated.
  const std::vector<ColumnId>& columns() const { return columns_; }
  const CheckHints& hints(ColumnId column) const { return hints_[column - std::size_t{1}]; }

  std::optional<Value> sample(ColumnId column, const Sample& wanted, const CheckHints& hints) {
    auto value = sample_value(database_, table_, column, wanted, hints);
    if (value) return std::move(*value);
    if (value.error().kind == Stop::Kind::unknown) doubt_ = value.error().message;
    return std::nullopt;
  }

  std::optional<Value> sample(ColumnId column, const Sample& wanted) { return sample(column, wanted, hints(column)); }

  /// Nothing when a required value cannot be made.
  std::optional<Values> values(RowShape shape, const Sample& wanted, bool heed_checks = true) {
    static const CheckHints kNone;
    Values values;
    for (const ColumnId id : columns()) {
      const Column& column = table_.column(id);
      const bool has_default = column.default_value || column.identity != '\0';
      const bool required = is_required(column);
      bool takes_sample = shape == RowShape::full || (required && !has_default);
      if (shape == RowShape::nulls && required && unique_.contains(id)) takes_sample = true;
      if (takes_sample) {
        auto value = sample(id, wanted, heed_checks ? hints(id) : kNone);
        if (!value) return std::nullopt;
        values[id] = std::move(*value);
      } else if (shape == RowShape::nulls && !required) {
        values[id] = Value();
      }
    }
    return values;
  }

  bool is_required(const Column& column) const {
    const auto* domain = column.type.user == 0 ? nullptr : database_.get<Type>(column.type.user);
    return column.not_null || (domain != nullptr && domain->not_null);
  }

  /// Stores the row when the schema allows it; a row of which that is not known is not stored and leaves a doubt.
  bool put(const std::optional<Values>& values) {
    if (!values) return false;
    const Database before = database_;
    const auto done = try_to_put(*values);
    if (done) return true;
    database_ = before;
    if (done.error().kind == Stop::Kind::unknown) doubt_ = done.error().message;
    return false;
  }

 private:
  Checked<void> try_to_put(const Values& values) {
    Execution execution{database_, nullptr, 0};
    Row row;
    row.values.resize(table_.columns.size());
    for (const ColumnId id : columns()) {
      const auto given = values.find(id);
      if (given != values.end()) {
        row.values[id - std::size_t{1}] = given->second;
        continue;
      }
      auto value = default_of(execution, table_, id, row);
      if (!value) return tl::unexpected(value.error());
      row.values[id - std::size_t{1}] = std::move(*value);
    }
    if (auto done = regenerate(execution, table_, row); !done) return done;
    return insert_row(execution, table_.id, std::move(row));
  }

  Database& database_;
  const Table table_;
  const std::vector<CheckHints> hints_;  ///< by column
  std::set<ColumnId> foreign_;
  std::set<ColumnId> unique_;
  std::vector<std::vector<ColumnId>> keys_;
  std::vector<ColumnId> columns_;
  std::string doubt_;
};

/// One plain row, by the first shape that the constraints allow.
bool put_plain(RowMaker& maker, long number) {
  struct Attempt {
    RowShape shape;
    bool small;
    bool heed_checks;
  };
  constexpr Attempt kAttempts[] = {{RowShape::full, false, true}, {RowShape::least, false, true}, {RowShape::nulls, false, true},
                                   {RowShape::full, true, true},  {RowShape::least, true, true},  {RowShape::full, false, false}};
  for (const Attempt& attempt : kAttempts) {
    if (maker.put(maker.values(attempt.shape, {number, false, attempt.small}, attempt.heed_checks))) return true;
  }
  // Constraints over several columns may want all but one of them NULL.
  const auto base = maker.values(RowShape::nulls, {number});
  if (!base) return false;
  for (const ColumnId id : maker.columns()) {
    if (maker.is_required(maker.table().column(id))) continue;
    auto values = *base;
    auto value = maker.sample(id, {number});
    if (!value) continue;
    values[id] = std::move(*value);
    if (maker.put(values)) return true;
  }
  return false;
}

/// Stores the variants of new rows of the tables asked for.
class NewRows {
 public:
  NewRows(Database& database, const Database& before, const std::vector<ObjectId>& tables)
      : database_(database), before_(before), wanted_(tables.begin(), tables.end()) {}

  Seeding run(const std::vector<ObjectId>& tables) {
    for (const ObjectId table : tables) ensure(table, 0);
    for (const ObjectId table : tables) vary(table);
    return result_;
  }

 private:
  static constexpr int kDeepest = 8;
  static constexpr long kFirst = 7001;

  void count(ObjectId table, bool stored) {
    if (stored && wanted_.contains(table)) ++result_.stored;
  }

  /// Four plain rows, after those of the tables that the table points to.
  void ensure(ObjectId table, int depth) {
    if (seen_.contains(table) || depth > kDeepest) return;
    seen_.insert(table);
    std::vector<ObjectId> partners;
    for (const Constraint* key : database_.parts_of<Constraint>(table)) {
      if (key->type == 'f' && key->referenced != table) partners.push_back(key->referenced);
    }
    for (const ObjectId partner : partners) ensure(partner, depth + 1);
    RowMaker maker(database_, table);
    bool any = false;
    for (long number = kFirst; number < kFirst + 4; ++number) {
      const bool stored = maker.put(maker.values(RowShape::full, {number})) || maker.put(maker.values(RowShape::least, {number})) ||
                          maker.put(maker.values(RowShape::full, {number, false, true})) || maker.put(maker.values(RowShape::nulls, {number}));
      count(table, stored);
      any = any || stored;
    }
    if (!any && wanted_.contains(table) && !maker.doubt().empty()) result_.doubt = maker.doubt();
  }

  void vary(ObjectId table) {
    RowMaker maker(database_, table);
    put_nulls(maker);
    put_labels(maker);
    put_literals(maker);
    put_duplicates(maker);
    auto wide = maker.values(RowShape::full, {7061, true});
    point_to_partners(maker, wide);
    count(table, maker.put(wide));
    put_extremes(maker);
  }

  /// Foreign keys point to the first rows.
  void point_to_partners(RowMaker& maker, std::optional<Values>& values) const {
    if (!values) return;
    for (const ColumnId id : maker.foreign()) {
      const auto held = values->find(id);
      if (held == values->end() || held->second.is_null()) continue;
      if (auto value = maker.sample(id, {kFirst})) held->second = std::move(*value);
    }
  }

  void put_nulls(RowMaker& maker) {
    count(maker.table().id, maker.put(maker.values(RowShape::nulls, {7011})));
    auto values = maker.values(RowShape::nulls, {7012});
    point_to_partners(maker, values);
    count(maker.table().id, maker.put(values));
  }

  void put_labels(RowMaker& maker) {
    constexpr std::size_t kMost = 4;
    for (const ColumnId id : maker.columns()) {
      const ValueType& type = maker.table().column(id).type;
      const auto* now = type.is_array() || type.user == 0 ? nullptr : database_.get<Type>(type.user);
      const auto* old = now == nullptr ? nullptr : before_.get<Type>(type.user);
      if (old == nullptr || now->variety != 'e') continue;
      std::vector<std::string> fresh;
      for (const std::string& label : now->labels) {
        if (std::find(old->labels.begin(), old->labels.end(), label) == old->labels.end()) fresh.push_back(label);
      }
      for (std::size_t at = 0; at < std::min(fresh.size(), kMost); ++at) {
        auto values = maker.values(RowShape::full, {7020 + static_cast<long>(at)});
        point_to_partners(maker, values);
        if (values) (*values)[id] = Value::known(fresh[at]);
        count(maker.table().id, maker.put(values));
      }
    }
  }

  void put_literals(RowMaker& maker) {
    constexpr std::size_t kMost = 12;
    for (const ColumnId id : maker.columns()) {
      if (maker.table().column(id).type.family == TypeClass::enumeration) continue;
      const auto& literals = maker.hints(id).literals;
      for (std::size_t at = 0; at < std::min(literals.size(), kMost); ++at) {
        auto values = maker.values(RowShape::full, {7040 + static_cast<long>(at)});
        point_to_partners(maker, values);
        // The sample whose number picks this literal.
        auto value = maker.sample(id, {static_cast<long>(at + literals.size() * 7000)});
        if (values && value) (*values)[id] = std::move(*value);
        count(maker.table().id, maker.put(values));
      }
    }
  }

  /// Rows equal to an earlier one but for a column of each unique key.
  void put_duplicates(RowMaker& maker) {
    std::set<ColumnId> varied;
    for (const auto& key : maker.keys()) {
      if (std::any_of(key.begin(), key.end(), [&](ColumnId id) { return varied.contains(id); })) continue;
      const auto free = std::find_if(key.begin(), key.end(), [&](ColumnId id) { return !maker.foreign().contains(id); });
      if (!key.empty()) varied.insert(free == key.end() ? key.front() : *free);
    }
    for (const long number : {7051L, 7052L}) {
      auto values = maker.values(RowShape::full, {7003});
      for (const ColumnId id : varied) {
        auto value = maker.sample(id, {number});
        if (values && value && values->contains(id)) (*values)[id] = std::move(*value);
      }
      count(maker.table().id, maker.put(values));
    }
  }

  /// Empty texts and negative numbers outside keys.
  void put_extremes(RowMaker& maker) {
    auto values = maker.values(RowShape::full, {7071});
    if (!values) return;
    for (auto& [id, value] : *values) {
      if (maker.unique().contains(id)) continue;
      const ValueType& type = maker.table().column(id).type;
      if (maker.foreign().contains(id)) {
        if (auto partner = maker.sample(id, {kFirst})) value = std::move(*partner);
      } else if (type.is_array() || type.user != 0) {
        continue;
      } else if (type.family == TypeClass::text || type.family == TypeClass::varchar || type.family == TypeClass::citext) {
        value = Value::known("");
      } else if (is_number(type.family)) {
        const bool fixed = type.family == TypeClass::numeric && type.length >= 0;
        value = Value::known(fixed ? "0" : "-5");
        if (fixed && type.scale > 0) value = Value::known("0." + std::string(static_cast<std::size_t>(type.scale), '0'));
      }
    }
    count(maker.table().id, maker.put(values));
  }

  Database& database_;
  const Database& before_;
  std::set<ObjectId> wanted_;
  std::set<ObjectId> seen_;
  Seeding result_;
};

bool holds_rows(const Table& table) {
  return (table.relkind == 'r' || table.relkind == 'p') && table.partition_bound.empty() && table.persistence != 't';
}

/// Adds the tables that an object of the catalog belongs to or gives its type to.
void add_tables_of(const Database& database, const Object& object, std::set<ObjectId>& tables) {
  const auto add = [&](ObjectId id) {
    const auto* table = database.get<Table>(id);
    if (table != nullptr && holds_rows(*table)) tables.insert(id);
  };
  add(object.id);
  if (object.parent != 0) add(object.parent);
  if (object.kind != ObjectKind::type) return;
  for (const ObjectId id : database.dependents(object.id)) add(id);
}

}  // namespace

std::vector<ObjectId> touched_tables(const Database& database, const Database& before, const Database& after,
                                     const std::vector<std::string_view>& words) {
  std::set<ObjectId> differing;
  Database::compare(before, after, [&](const Object* one, const Object* two) {
    if (one != nullptr) add_tables_of(database, *one, differing);
    if (two != nullptr) add_tables_of(database, *two, differing);
  });
  std::set<ObjectId> schemas = {database.schema_named("public")};
  for (const std::string_view word : words) {
    if (const ObjectId schema = database.schema_named(word); schema != 0) schemas.insert(schema);
  }
  std::set<ObjectId> named;
  for (const std::string_view word : words) {
    for (const ObjectId schema : schemas) {
      for (const NameSpace space : {NameSpace::relation, NameSpace::type}) {
        if (const Object* object = database.find(database.lookup(space, schema, word))) add_tables_of(database, *object, named);
      }
    }
  }
  const auto by_name = [&](ObjectId left, ObjectId right) {
    const Object& one = *database.find(left);
    const Object& two = *database.find(right);
    return std::pair(one.schema, one.name) < std::pair(two.schema, two.name);
  };
  std::vector<ObjectId> tables(differing.begin(), differing.end());
  std::sort(tables.begin(), tables.end(), by_name);
  std::vector<ObjectId> rest;
  std::set_difference(named.begin(), named.end(), differing.begin(), differing.end(), std::back_inserter(rest));
  std::sort(rest.begin(), rest.end(), by_name);
  tables.insert(tables.end(), rest.begin(), rest.end());
  constexpr std::size_t kMost = 30;
  if (tables.size() > kMost) tables.resize(kMost);
  return tables;
}

namespace {

/// Rows that are not known give way to representative ones.
void forget_doubtful_rows(Database& database, const std::vector<ObjectId>& tables) {
  for (const ObjectId table : tables) {
    if (!database.rows().of(table).doubt.empty()) database.rows().store(table, {});
  }
}

}  // namespace

Seeding seed_old_rows(Database& database, const std::vector<ObjectId>& tables, OldRows wanted) {
  Seeding result;
  forget_doubtful_rows(database, tables);
  const bool replica = database.session().replica;
  database.session().replica = true;
  for (const ObjectId table : tables) {
    RowMaker maker(database, table);
    std::size_t stored = 0;
    const long last = wanted == OldRows::single ? 9001 : 9002;
    for (long number = 9001; number <= last; ++number) stored += put_plain(maker, number) ? 1 : 0;
    if (wanted == OldRows::with_nulls && maker.put(maker.values(RowShape::nulls, {9003}))) ++stored;
    if (stored == 0 && !maker.doubt().empty()) result.doubt = maker.doubt();
    result.stored += stored;
  }
  database.session().replica = replica;
  return result;
}

Seeding seed_new_rows(Database& database, const Database& before, const std::vector<ObjectId>& tables) {
  forget_doubtful_rows(database, tables);
  return NewRows(database, before, tables).run(tables);
}

}  // namespace backout::postgres
