// What an application may write under a schema is all that PostgreSQL accepts: rows up to the
// widest values, NULL wherever it may stand, duplicates where no key forbids them. Triggers fire on
// these rows and foreign keys are in force.
// Left out: rows that an UPDATE would make of others, values of composite types (NULL stands for
// them), parents more than eight foreign keys away.
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "postgres/catalog/domains.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/elements.hpp"
#include "postgres/witness/generate.hpp"
#include "postgres/witness/joint_clues.hpp"
#include "postgres/witness/seeding.hpp"

namespace backout::postgres {
namespace {

/// Stores the variants of new rows of the tables asked for.
class NewRows {
 public:
  NewRows(Database& database, const Database& before, const Occasion& occasion)
      : database_(database),
        before_(before),
        occasion_(occasion),
        made_by_up_(database.rows()),
        wanted_(occasion.tables.begin(), occasion.tables.end()) {}

  Seeding run() {
    for (const ObjectId table : occasion_.tables) ensure(table, 0);
    for (const ObjectId table : occasion_.tables) vary(table);
    for (const JointClue& clue : occasion_.clues.joint) {
      put_joint(database_, clue, number_, result_.rows);
      number_ += kNumbersOfJoint;
    }
    for (const ObjectId table : occasion_.tables) point_from_elsewhere(table);
    advance_sequences(database_, result_.rows);
    return std::move(result_);
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
    RowMaker maker(database_, table, &result_.rows);
    bool any = !database_.rows().of(table).rows.empty();
    for (long number = kFirst; number < kFirst + 4; ++number) {
      const bool stored = maker.put(maker.values(RowShape::full, {number})) ||
                          maker.put(maker.values(RowShape::least, {number})) ||
                          maker.put(maker.values(RowShape::full, {number, false, true})) ||
                          maker.put(maker.values(RowShape::nulls, {number}));
      count(table, stored);
      any = any || stored;
    }
    any = any || put_plain(maker, kFirst + 10);
    if (!any && wanted_.contains(table) && !maker.doubt().empty() &&
        (maker.table().relkind == 'r' || maker.table().relkind == 'p'))
      result_.doubt = maker.doubt();
  }

  void vary(ObjectId table) {
    RowMaker maker(database_, table, &result_.rows);
    put_nulls(maker);
    put_labels(maker);
    put_literals(maker);
    put_duplicates(maker);
    auto wide = maker.values(RowShape::full, {7061, true});
    point_to_partners(maker, wide);
    count(table, maker.put(wide));
    put_extremes(maker);
    put_clues(maker);
    put_fragile(maker);
    put_rivals_of_old_keys(maker);
    put_orphans(maker);
    put_what_old_partitions_held(maker);
    put_what_checks_refused(maker);
    put_what_domains_refused(maker);
  }

  void put_clues(RowMaker& maker) {
    for (const Clue& clue : occasion_.clues.rows)
      count(maker.table().id, maker.put(maker.values_of(clue, {number_++})));
  }

  void put_fragile(RowMaker& maker) {
    if (!occasion_.clues.writes) return;
    for (const ColumnId id : maker.columns()) {
      const Column& column = maker.table().column(id);
      if (!occasion_.words.contains(column.name) || sequence_of(database_, maker.table(), id) != 0)
        continue;
      for (const std::string& literal : fragile_literals(database_, column.type, number_)) {
        count(maker.table().id,
              maker.put(maker.values_of({"", {{column.name, literal}}}, {number_++})));
      }
    }
  }

  /// The table that this one was before, or that another one of its name was; 0 when there was
  /// none.
  ObjectId table_before(const Table& table) const {
    if (before_.get<Table>(table.id) != nullptr) return table.id;
    const Object* schema = database_.find(table.schema);
    const ObjectId old =
        schema == nullptr
            ? ObjectId{0}
            : before_.lookup(NameSpace::relation, before_.schema_named(schema->name), table.name);
    return before_.get<Table>(old) == nullptr ? ObjectId{0} : old;
  }

  /// For each key that was there before and is not now: rows that it would refuse.
  void put_rivals_of_old_keys(RowMaker& maker) {
    const ObjectId old = table_before(maker.table());
    if (old == 0) return;
    for (const Index* key : before_.parts_of<Index>(old)) {
      const bool lasts = database_.find(key->id) != nullptr && old == maker.table().id;
      if ((!key->unique && !is_exclusion(*key)) || (lasts && !compares_anew(*key))) continue;
      result_.stored += put_rivals(database_, maker, before_, *key, number_);
      number_ += 2;
    }
  }

  /// Whether a column of the key had another type or collation, in which other values are equal.
  bool compares_anew(const Index& key) const {
    const auto* old = before_.get<Table>(key.parent);
    const auto* now = database_.get<Table>(key.parent);
    if (old == nullptr || now == nullptr) return false;
    return std::any_of(key.columns.begin(), key.columns.end(), [&](const IndexColumn& column) {
      return column.column != 0 && column.column <= now->columns.size() &&
             !(old->column(column.column).type == now->column(column.column).type &&
               old->column(column.column).collation == now->column(column.column).collation);
    });
  }

  /// For each foreign key that was there only before, or is only now, a row that points to a number
  /// that nothing else points to. Where the key is in force its partner comes with it.
  void put_orphans(RowMaker& maker) {
    std::vector<Constraint> keys;
    for (const Database* database : {&before_, static_cast<const Database*>(&database_)}) {
      if (database->get<Table>(maker.table().id) == nullptr) continue;
      for (const Constraint* key : database->parts_of<Constraint>(maker.table().id)) {
        const auto* now = database_.get<Constraint>(key->id);
        const bool lasts = before_.find(key->id) != nullptr && now != nullptr && !now->unchecked;
        if (key->type == 'f' && !lasts && database->get<Table>(key->referenced) != nullptr)
          keys.push_back(*key);
      }
    }
    for (const Constraint& key : keys) {
      auto values = maker.values(RowShape::full, {number_++});
      if (!values) continue;
      point_to_partners(maker, values);
      for (const ColumnId id : key.columns) {
        if (auto value = maker.sample(id, {number_})) (*values)[id] = std::move(*value);
      }
      number_++;
      count(maker.table().id, maker.put(values));
      if (key.match == 'f' && key.columns.size() > 1) put_half_a_key(maker, key);
    }
  }

  /// MATCH FULL refuses a key of which only a part is NULL.
  void put_half_a_key(RowMaker& maker, const Constraint& key) {
    for (const ColumnId id : key.columns) {
      auto values = maker.values(RowShape::full, {number_++});
      point_to_partners(maker, values);
      if (values) (*values)[id] = Value();
      count(maker.table().id, maker.put(values));
    }
  }

  /// Rows that partitions of before took: another one may hold them now.
  void put_what_old_partitions_held(RowMaker& maker) {
    const auto* old = before_.get<Table>(maker.table().id);
    if (old == nullptr || old->relkind != 'p') return;
    for (const auto& said : values_in_bounds(before_, *old)) {
      Clue clue;
      for (const auto& [name, text] : said) clue.values[name] = text;
      count(maker.table().id, maker.put(maker.values_of(clue, {number_++})));
    }
  }

  /// Around the bounds of CHECK constraints that were there before and are not now, and values that
  /// they name.
  void put_what_checks_refused(RowMaker& maker) {
    if (before_.get<Table>(maker.table().id) == nullptr) return;
    for (const Constraint* check : before_.parts_of<Constraint>(maker.table().id)) {
      if (check->type != 'c' || database_.find(check->id) != nullptr) continue;
      const Constraint gone = *check;
      for (const Clue& clue : clues_of(*gone.check.node, number_))
        count(maker.table().id, maker.put(maker.values_of(clue, {number_++})));
      put_other_kinds(maker, gone);
      put_turned_round(maker, gone);
    }
  }

  /// The same for CHECK constraints of the domain that a column had, where they do not bind its
  /// values any more.
  void put_what_domains_refused(RowMaker& maker) {
    const ObjectId before = table_before(maker.table());
    if (before == 0) return;
    const Table& then = *before_.get<Table>(before);
    for (const ColumnId id : maker.columns()) {
      const Column& column = maker.table().column(id);
      const ColumnId old = counterpart(then, maker.table(), id);
      if (old == 0 || then.column(old).type.user == 0 || maker.foreign().contains(id)) continue;
      for (const Constraint& gone : domain_checks_gone(then.column(old).type, column.type)) {
        for (const Clue& clue : clues_of(*gone.check.node, number_)) {
          if (const auto said = clue.values.find("value"); said != clue.values.end()) {
            count(maker.table().id,
                  maker.put(maker.values_of({"", {{column.name, said->second}}}, {number_++})));
          }
        }
        for (const std::string& literal : literals_of_kinds(column.type)) {
          count(maker.table().id,
                maker.put(maker.values_of({"", {{column.name, literal}}}, {number_++})));
        }
      }
    }
  }

  /// CHECK constraints of the domains that a column had which do not bind its values any more.
  std::vector<Constraint> domain_checks_gone(const ValueType& then, const ValueType& now) const {
    const auto still = domains_of(database_, now);
    std::vector<Constraint> gone;
    for (const ObjectId domain : domains_of(before_, then)) {
      const bool kept = std::find(still.begin(), still.end(), domain) != still.end();
      for (const Constraint* check : before_.parts_of<Constraint>(domain)) {
        if (check->type == 'c' && !(kept && database_.find(check->id) != nullptr))
          gone.push_back(*check);
      }
    }
    return gone;
  }

  static std::vector<std::string> literals_of_kinds(const ValueType& type) {
    if (type.is_array()) return {"{}"};
    if (type.family == TypeClass::json || type.family == TypeClass::jsonb)
      return {"{}", "[]", "[1]", "null", "1", "\"x\"", "true"};
    if (is_string(type.family)) return {"", " ", "A b", "1"};
    if (is_number(type.family)) return {"0", "-1"};
    return {};
  }

  /// Arrays of few and of many elements.
  static std::vector<std::string> literals_of_sizes(const Value& sample) {
    constexpr auto kSizes = std::to_array<std::size_t>({0, 1, 2, 3, 4, 5, 6, 8, 11, 21, 51});
    const auto elements =
        sample.is_known() ? split_array(sample.text()) : std::optional<Elements>();
    if (!elements || elements->empty()) return {"{}"};
    std::vector<std::string> literals;
    for (const std::size_t size : kSizes)
      literals.push_back(join_array(Elements(size, elements->front())));
    return literals;
  }

  /// Values of every kind that a column of a CHECK constraint of before could hold.
  void put_other_kinds(RowMaker& maker, const Constraint& check) {
    for (const BoundColumn& bound : check.check.columns) {
      if (bound.column == 0) continue;
      const std::string name = before_.get<Table>(check.parent)->column(bound.column).name;
      const ColumnId id = maker.table().find(name);
      if (id == 0 || maker.unique().contains(id) || maker.foreign().contains(id)) continue;
      const ValueType& type = maker.table().column(id).type;
      const auto sample = type.is_array() ? maker.sample(id, {number_}) : std::optional<Value>();
      for (const std::string& literal :
           sample ? literals_of_sizes(*sample) : literals_of_kinds(type))
        count(maker.table().id, maker.put(maker.values_of({"", {{name, literal}}}, {number_++})));
    }
  }

  /// For each column of a CHECK constraint of before a row in which it is NULL; for each two: rows
  /// in which the one is far below the other, and far above.
  void put_turned_round(RowMaker& maker, const Constraint& check) {
    constexpr std::size_t kMost = 4;
    std::vector<ColumnId> columns;
    for (const BoundColumn& bound : check.check.columns) {
      if (bound.column == 0) continue;
      const ColumnId id =
          maker.table().find(before_.get<Table>(check.parent)->column(bound.column).name);
      if (id != 0 && columns.size() < kMost &&
          std::find(columns.begin(), columns.end(), id) == columns.end())
        columns.push_back(id);
    }
    for (const ColumnId id : columns) {
      auto values = maker.values(RowShape::full, {number_++});
      point_to_partners(maker, values);
      if (values) (*values)[id] = Value();
      count(maker.table().id, maker.put(values));
    }
    for (const ColumnId low : columns) {
      for (const ColumnId high : columns) {
        if (low == high || maker.unique().contains(low) || maker.unique().contains(high)) continue;
        auto values = maker.values(RowShape::full, {number_++});
        point_to_partners(maker, values);
        auto less = maker.sample(low, {1'001});
        auto more = maker.sample(high, {1'777});
        if (!values || !less || !more) continue;
        (*values)[low] = std::move(*less);
        (*values)[high] = std::move(*more);
        count(maker.table().id, maker.put(values));
      }
    }
  }

  /// Rows of other tables that point to each row that the up has made in this one: what the up has
  /// made is in use when the down comes.
  void point_from_elsewhere(ObjectId table) {
    constexpr std::size_t kMost = 40;
    std::size_t made = 0;
    std::vector<Constraint> keys;
    for (const Constraint* key : referencing(database_, table)) keys.push_back(*key);
    for (const Constraint& key : keys) {
      if (key.parent == table || !holds(key.parent)) continue;
      RowMaker maker(database_, key.parent, &result_.rows);
      const auto& old = before_.rows().of(table).rows;
      for (const auto& target : made_by_up_.of(table).rows) {
        if (std::find(old.begin(), old.end(), target) != old.end()) continue;
        if (++made > kMost) return;
        auto values = maker.values(RowShape::full, {number_++});
        if (!values) break;
        for (std::size_t at = 0; at < key.columns.size(); ++at)
          (*values)[key.columns[at]] = target->at(key.referenced_columns[at] - std::size_t{1});
        count(key.parent, maker.put(values));
      }
    }
  }

  bool holds(ObjectId table) const {
    const auto* found = database_.get<Table>(table);
    return found != nullptr && found->relkind == 'r';
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
      const auto* now =
          type.is_array() || type.user == 0 ? nullptr : database_.get<Type>(type.user);
      const auto* old = now == nullptr ? nullptr : before_.get<Type>(type.user);
      if (old == nullptr || now->variety != 'e') continue;
      std::vector<std::string> fresh;
      for (const std::string& label : now->labels) {
        if (std::find(old->labels.begin(), old->labels.end(), label) == old->labels.end())
          fresh.push_back(label);
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
      if (std::any_of(key.begin(), key.end(), [&](ColumnId id) { return varied.contains(id); }))
        continue;
      const auto free = std::find_if(key.begin(), key.end(),
                                     [&](ColumnId id) { return !maker.foreign().contains(id); });
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

  /// Empty texts and negative numbers outside keys, then with zeros.
  void put_extremes(RowMaker& maker) {
    put_extremes(maker, 7071, "-5");
    put_extremes(maker, 7072, "0");
  }

  void put_extremes(RowMaker& maker, long row, const char* whole) {
    auto values = maker.values(RowShape::full, {row});
    if (!values) return;
    for (auto& [id, value] : *values) {
      if (maker.unique().contains(id)) continue;
      const ValueType& type = maker.table().column(id).type;
      if (maker.foreign().contains(id)) {
        if (auto partner = maker.sample(id, {kFirst})) value = std::move(*partner);
      } else if (type.is_array() || type.user != 0) {
        continue;
      } else if (type.family == TypeClass::text || type.family == TypeClass::varchar ||
                 type.family == TypeClass::citext) {
        value = Value::known("");
      } else if (is_number(type.family)) {
        const bool fixed = type.family == TypeClass::numeric && type.length >= 0;
        value = Value::known(fixed ? "0" : whole);
        if (fixed && type.scale > 0)
          value = Value::known("0." + std::string(static_cast<std::size_t>(type.scale), '0'));
      }
    }
    count(maker.table().id, maker.put(values));
  }

  Database& database_;
  const Database& before_;
  const Occasion& occasion_;
  const RowStore made_by_up_;
  long number_ = 7'500;
  std::set<ObjectId> wanted_;
  std::set<ObjectId> seen_;
  Seeding result_;
};

}  // namespace

Seeding seed_rows_again(Database& database, const Database& before) {
  constexpr std::size_t kMost = 24;
  Seeding result;
  for (const ObjectId id : RowStore::differing(before.rows(), database.rows())) {
    const auto* then = before.get<Table>(id);
    const auto* now = database.get<Table>(id);
    if (then == nullptr || now == nullptr || now->relkind != 'r' ||
        !database.rows().of(id).doubt.empty())
      continue;
    const Table old = *then;
    RowMaker maker(database, id, &result.rows);
    std::size_t tried = 0;
    for (const auto& row : before.rows().of(id).rows) {
      const auto& left = database.rows().of(id).rows;
      if (std::find(left.begin(), left.end(), row) != left.end()) continue;
      if (++tried > kMost) break;
      Values values;
      for (const ColumnId column : maker.columns()) {
        const ColumnId was = counterpart(old, maker.table(), column);
        if (was == 0 || sequence_of(database, maker.table(), column) != 0 ||
            !(old.column(was).type == maker.table().column(column).type))
          continue;
        values[column] = row->at(was - std::size_t{1});
      }
      result.stored += maker.put(values) ? 1 : 0;
    }
  }
  advance_sequences(database, result.rows);
  return result;
}

Seeding seed_new_rows(Database& database, const Database& before, const Occasion& occasion) {
  forget_doubtful_rows(database, occasion.tables);
  return NewRows(database, before, occasion).run();
}

}  // namespace backout::postgres
