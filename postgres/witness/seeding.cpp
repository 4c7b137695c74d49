// PostgreSQL does not move a sequence when a row brings its own number, so that rows which were
// copied meet their numbers again (manual, "Sequence Manipulation Functions"); numeric, float and
// char(n) lose digits and blanks in casts.
// Left out: sequences that count down; whether an expression of a key gives the same of two rows is
// not worked out but tried.
#include "postgres/witness/seeding.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include <fmt/format.h>

#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

constexpr std::size_t kManyRows = 300;
constexpr std::size_t kFewRows = 60;

}  // namespace

ObjectId sequence_of(const Database& database, const Table& table, ColumnId column) {
  if (table.column(column).identity != '\0') {
    for (const ObjectId id : database.dependents(table.id)) {
      const auto* sequence = database.get<Sequence>(id);
      if (sequence != nullptr && sequence->internal && sequence->owned_column == column) return id;
    }
  }
  for (const Dependency& need : table.needs) {
    const bool serial = need.part == Dependency::Part::column_default && need.from_column == column;
    if (serial && database.get<Sequence>(need.on) != nullptr) return need.on;
  }
  return 0;
}

std::vector<ObjectId> parents_first(const Database& database, const std::vector<ObjectId>& tables) {
  std::set<ObjectId> wanted(tables.begin(), tables.end());
  std::set<ObjectId> seen;
  std::vector<ObjectId> ordered;
  const std::function<void(ObjectId)> add = [&](ObjectId table) {
    if (!wanted.contains(table) || !seen.insert(table).second) return;
    for (const Constraint* key : database.parts_of<Constraint>(table)) {
      if (key->type == 'f') add(key->referenced);
    }
    ordered.push_back(table);
  };
  for (const ObjectId table : tables) add(table);
  return ordered;
}

void forget_doubtful_rows(Database& database, const std::vector<ObjectId>& tables) {
  for (const ObjectId table : tables) {
    const TableRows& rows = database.rows().of(table);
    if (!rows.doubt.empty()) {
      database.rows().store(table, {});
    } else if (rows.rows.size() > kManyRows) {
      TableRows few;
      few.rows.assign(rows.rows.begin(), rows.rows.begin() + kFewRows);
      database.rows().store(table, std::move(few));
    }
  }
}

void advance_sequences(Database& database, const RowLog& rows) {
  std::set<ObjectId> tables;
  for (const StoredRow& row : rows) tables.insert(row.table);
  for (const ObjectId id : tables) {
    const Table table = *database.get<Table>(id);
    for (std::size_t at = 0; at < table.columns.size(); ++at) {
      if (table.columns[at].dropped ||
          !(table.columns[at].default_value || table.columns[at].identity != '\0'))
        continue;
      const ObjectId number = sequence_of(database, table, static_cast<ColumnId>(at + 1));
      if (number == 0) continue;
      std::int64_t largest = database.get<Sequence>(number)->last;
      bool used = database.get<Sequence>(number)->used;
      for (const auto& row : database.rows().of(id).rows) {
        std::int64_t held = 0;
        if (!row->at(at).is_known()) continue;
        const std::string& text = row->at(at).text();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), held);
        if (error != std::errc() || held < largest) continue;
        largest = held;
        used = true;
      }
      const Sequence& now = *database.get<Sequence>(number);
      if (now.last == largest && now.used == used) continue;
      auto sequence = database.edit<Sequence>(number);
      sequence->last = largest;
      sequence->used = used;
      database.replace(std::move(sequence));
    }
  }
}

namespace {

/// What a set, a sorted list or a table of elements does not bring back: order, an element twice,
/// none at all.
std::vector<std::string> fragile_arrays(const ValueType& type) {
  if (type.user != 0) return {"{}"};
  if (is_string(type.family) && type.length < 0)
    return {"{b,a,b}", "{}", R"({"x,y",NULL," Z; ",""})"};
  if (is_string(type.family)) return {"{b,a,b}", "{}", R"({",",NULL})"};
  if (is_number(type.family)) return {"{3,1,3}", "{}", "{2,NULL}"};
  return {};
}

}  // namespace

std::vector<std::string> fragile_literals(const Database& database, const ValueType& type,
                                          long number) {
  if (type.is_array()) return fragile_arrays(type);
  const auto decimals = [&](int scale) {
    constexpr std::string_view kDigits = "2345678912345";
    return std::string(kDigits.substr(0, static_cast<std::size_t>(std::clamp(scale, 1, 9))));
  };
  switch (type.family) {
    case TypeClass::text:
    case TypeClass::varchar:
    case TypeClass::citext: {
      std::string mixed = fmt::format("  Mixed, CASE-text_{} x ", number);
      std::string lengthy = fmt::format("Long{}", number) + std::string(300, 'x');
      if (type.length > 0) {
        // The blank at the end is what char(n) drops.
        mixed = std::string(first_characters(fmt::format(" Ab{}", number % 1000),
                                             static_cast<std::size_t>(type.length) - 1)) +
                ' ';
        lengthy = std::string(first_characters(lengthy, static_cast<std::size_t>(type.length)));
      }
      return {mixed, lengthy};
    }
    case TypeClass::bpchar:
      return {"a"};
    case TypeClass::numeric:
      if (type.length < 0)
        return {fmt::format("{}.2345678", number % 100), "1234567890123456.2345678"};
      // More digits than a float holds.
      if (type.scale > 0 && type.length > 15) {
        const auto whole = static_cast<std::size_t>(std::min(type.length - type.scale, 12));
        return {fmt::format("{}.{}", number % 9, decimals(type.scale)),
                fmt::format("{}.{}", std::string("987654321987").substr(0, whole),
                            decimals(type.scale))};
      }
      if (type.scale > 0)
        return {
            fmt::format("{}.{}", type.length > type.scale ? number % 9 : 0, decimals(type.scale))};
      return {fmt::format("-{}", number % 9 + 1)};
    case TypeClass::float4:
    case TypeClass::float8:
      return {fmt::format("{}.125", number % 100), "-0.0078125"};
    case TypeClass::int2:
      return {"-32001"};
    case TypeClass::int4:
      return {"-2147480001", fmt::format("{}", 2'147'470'001 + number % 1000)};
    case TypeClass::int8:
      return {fmt::format("{}", 9'000'000'000'001L + number), "9007199254740993"};
    case TypeClass::timestamp:
    case TypeClass::timestamptz:
      return {"2021-03-04 23:58:59.123456"};
    case TypeClass::time:
      return {"23:58:59.123456"};
    case TypeClass::interval:
      return {"1 mon 2 days 03:04:05.678", "200 years"};
    // None, and bytes that are no text.
    case TypeClass::bytea:
      return {"\\x", "\\xff00"};
    case TypeClass::money:
      return {"-$1.50"};
    case TypeClass::other:
      return type.name.ends_with("range") && !type.name.ends_with("multirange")
                 ? std::vector<std::string>{"empty", "(,)"}
                 : std::vector<std::string>();
    case TypeClass::json:
    case TypeClass::jsonb:
      return {fmt::format(R"({{"k{}": {{"a": [1, "x", null]}}, "a": " Mixed "}})", number),
              "[1, 2]", "{}"};
    case TypeClass::enumeration: {
      const auto* labels = database.get<Type>(type.user);
      return labels == nullptr || labels->variety != 'e' || labels->labels.size() > 8
                 ? std::vector<std::string>()
                 : labels->labels;
    }
    // The opposite first of what sample_values gives to each boolean column of this number: this
    // one differs from the others then.
    case TypeClass::boolean:
      return number % 2 == 0 ? std::vector<std::string>{"false", "true"}
                             : std::vector<std::string>{"true", "false"};
    default:
      return {};
  }
}

bool put_plain(RowMaker& maker, long number) {
  struct Attempt {
    RowShape shape;
    bool small;
    bool heed_checks;
  };
  constexpr Attempt kAttempts[] = {{RowShape::full, false, true},  {RowShape::least, false, true},
                                   {RowShape::nulls, false, true}, {RowShape::full, true, true},
                                   {RowShape::least, true, true},  {RowShape::full, false, false}};
  for (const Attempt& attempt : kAttempts) {
    if (maker.put(maker.values(attempt.shape, {number, false, attempt.small}, attempt.heed_checks)))
      return true;
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

std::set<ColumnId> deciding_columns(const Index& key) {
  std::set<ColumnId> columns;
  for (const IndexColumn& column : key.columns) {
    if (column.column != 0) columns.insert(column.column);
    for (const BoundColumn& bound : column.expression.columns) columns.insert(bound.column);
  }
  return columns;
}

ColumnId counterpart(const Table& now, const Table& then, ColumnId column) {
  if (column > then.columns.size()) return 0;
  const bool same = now.id == then.id && column <= now.columns.size() &&
                    !now.columns[column - std::size_t{1}].dropped;
  return same ? column : now.find(then.column(column).name);
}

namespace {

/// Makes both values such that they differ now and are equal when the column has its old type
/// again.
void agree_in_old_type(RowMaker& maker, ColumnId column, const Table& then, Value& one,
                       Value& two) {
  const ColumnId old = counterpart(then, maker.table(), column);
  if (old == 0) return;
  const ValueType& was = then.column(old).type;
  const ValueType& is = maker.table().column(column).type;
  if (was == is || was.is_array() || is.is_array()) return;
  std::vector<std::pair<std::string, std::string>> pairs;
  if (is_string(is.family) && is_number(was.family)) pairs = {{"7", "07"}};
  if (is_string(is.family) && is_string(was.family) && was.length > 0) {
    const std::string full(static_cast<std::size_t>(was.length), 'y');
    pairs = {{full + "1", full + "2"}};
  }
  if (is_number(is.family) && is_number(was.family)) pairs = {{"7.1", "7.2"}, {"7.0001", "7.0002"}};
  if (is.family == TypeClass::timestamp || is.family == TypeClass::timestamptz)
    pairs = {{"2021-03-04 10:00:00.1", "2021-03-04 10:00:00.2"}};
  for (const auto& [left, right] : pairs) {
    auto first = maker.read(column, left);
    auto second = maker.read(column, right);
    if (!first || !second || *first == *second) continue;
    one = std::move(*first);
    two = std::move(*second);
    return;
  }
}

std::string swapped_case(const std::string& text) {
  const std::string upper = to_upper(text);
  return upper == text ? to_lower(text) : upper;
}

}  // namespace

std::size_t put_rivals(Database& database, RowMaker& maker, const Database& other, const Index& key,
                       long number) {
  const auto* then = other.get<Table>(key.parent);
  if (then == nullptr) return 0;
  std::set<ColumnId> shared;
  for (const ColumnId column : deciding_columns(key)) {
    const ColumnId now = column == 0 ? ColumnId{0} : counterpart(maker.table(), *then, column);
    if (now != 0) shared.insert(now);
  }
  std::vector<Clue> places;
  if (key.where) places = clues_of(*key.where.node, number);
  places.push_back({});
  // Expressions may give the same of NULL.
  const bool works_out = std::any_of(key.columns.begin(), key.columns.end(),
                                     [](const IndexColumn& column) { return column.column == 0; });
  std::vector<ColumnId> empties = {0, 0, 0, 0, 0, 0};
  std::size_t stored = 0;
  for (const ColumnId column : shared) {
    if (works_out && !maker.is_required(maker.table().column(column))) empties.push_back(column);
  }
  for (const Clue& place : places) {
    for (std::size_t variant = 0; variant < empties.size(); ++variant) {
      const Database before = database;
      const std::size_t logged = maker.logged();
      const auto make = [&](long row) {
        auto values = maker.values_of(place, {row});
        if (!values) values = maker.values(RowShape::full, {row});
        return values;
      };
      // Whether an expression or another type makes the same of two values is not known here: all
      // variants of them.
      // The samples of the next number are others where there are few: flags, labels.
      constexpr std::size_t kOtherSamples = 5;
      const bool equal = !works_out && (variant == 0 || variant == 3 || variant == kOtherSamples);
      const long first = number + (variant == kOtherSamples ? 1 : 0) +
                         (equal ? 0 : 50'000 * static_cast<long>(variant));
      auto one = make(first);
      auto two = make(first + 1);
      if (!one || !two) return stored;
      for (const ColumnId column : shared) {
        const auto held = one->find(column);
        if (held == one->end()) continue;
        Value value = held->second;
        if (variant == 1 && value.is_known() && is_string(maker.table().column(column).type.family))
          value = Value::known(swapped_case(value.text()));
        if (variant == 2 && value.is_known() && is_string(maker.table().column(column).type.family))
          value = Value::known(value.text() + " ");
        if (variant == 4) agree_in_old_type(maker, column, *then, (*one)[column], value);
        (*two)[column] = std::move(value);
      }
      if (variant == 3) {
        // A key with NULLs in it may hold many.
        for (const ColumnId column : maker.columns()) {
          if (shared.contains(column) || maker.is_required(maker.table().column(column)) ||
              place.values.contains(maker.table().column(column).name))
            continue;
          (*one)[column] = Value();
          (*two)[column] = Value();
        }
      }
      if (empties[variant] != 0) (*one)[empties[variant]] = (*two)[empties[variant]] = Value();
      if (maker.put(one) && maker.put(two)) {
        stored += 2;
        if (equal) return stored;
        continue;
      }
      database = before;
      maker.forget_after(logged);
    }
    if (stored > 0) return stored;
  }
  return stored;
}

}  // namespace backout::postgres
