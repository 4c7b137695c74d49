#include "services/postgres/partition_rows.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "services/postgres/cast.hpp"
#include "services/postgres/database.hpp"
#include "services/postgres/operators.hpp"
#include "services/postgres/table_surroundings.hpp"

namespace backout::postgres {
namespace {

/// A bound's value as it was printed: a literal, or one of the words that stand for no value.
struct BoundValue {
  enum class Kind : std::uint8_t { literal, null, lowest, highest, unreadable };
  Kind kind = Kind::unreadable;
  std::string text;
};

BoundValue bound_value(std::string_view text) {
  using Kind = BoundValue::Kind;
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text == "MINVALUE") return {Kind::lowest, {}};
  if (text == "MAXVALUE") return {Kind::highest, {}};
  if (text == "NULL" || text == "null") return {Kind::null, {}};
  if (text.starts_with('\'')) {
    std::string value;
    for (std::size_t at = 1; at < text.size(); ++at) {
      if (text[at] != '\'') value += text[at];
      else if (at + 1 < text.size() && text[at + 1] == '\'') value += text[++at];
      else return {Kind::literal, std::move(value)};
    }
    return {};
  }
  const bool plain = !text.empty() && text.find_first_not_of("-0123456789.truefals") == std::string_view::npos;
  return plain ? BoundValue{Kind::literal, std::string(text)} : BoundValue{};
}

/// What stands between the brackets after `word`, cut at its commas.
std::optional<std::vector<std::string>> list_after(const std::string& text, std::string_view word) {
  const std::size_t at = text.find(std::string(word) + " (");
  if (at == std::string::npos) return std::nullopt;
  std::vector<std::string> parts(1);
  int depth = 0;
  bool quoted = false;
  for (std::size_t place = at + word.size() + 2; place < text.size(); ++place) {
    const char letter = text[place];
    if (letter == '\'') quoted = !quoted;
    if (!quoted && letter == ')' && depth == 0) return parts;
    if (!quoted && (letter == '(' || letter == ')')) depth += letter == '(' ? 1 : -1;
    if (!quoted && depth == 0 && letter == ',') parts.emplace_back();
    else if (!parts.back().empty() || letter != ' ') parts.back() += letter;
  }
  return std::nullopt;
}

/// The columns of a partition key; nothing when a part is an expression.
std::optional<std::vector<ColumnId>> key_columns(const Table& table) {
  const auto names = list_after(table.partition_key, table.partition_key.starts_with("LIST") ? "LIST" : "RANGE");
  if (!names) return std::nullopt;
  std::vector<ColumnId> columns;
  for (const std::string& name : *names) {
    const ColumnId column = table.find(name);
    if (column == 0) return std::nullopt;
    columns.push_back(column);
  }
  return columns;
}

std::vector<ObjectId> partitions_of(const Database& database, ObjectId table) {
  std::vector<ObjectId> found;
  for (const ObjectId id : database.dependents(table)) {
    const auto* part = database.get<Table>(id);
    if (part == nullptr || part->partition_bound.empty() || part->inherits.empty() || part->inherits.front() != table) continue;
    if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
  }
  return found;
}

/// Compares values of a row with bounds.
class BoundTest {
 public:
  BoundTest(Execution& execution, const Table& table, const Row& row, std::vector<ColumnId> key)
      : surroundings_(execution), table_(table), row_(row), key_(std::move(key)) {}

  Checked<Truth> is_in_list(const std::vector<std::string>& values) {
    const Value& held = value(0);
    if (held.is_symbol()) return Truth::unknown;
    for (const std::string& text : values) {
      const BoundValue bound = bound_value(text);
      if (bound.kind == BoundValue::Kind::unreadable) return Truth::unknown;
      if (bound.kind == BoundValue::Kind::null || held.is_null()) {
        if (bound.kind == BoundValue::Kind::null && held.is_null()) return Truth::yes;
        continue;
      }
      const auto compared = compare(0, bound);
      if (!compared) return tl::unexpected(compared.error());
      if (!*compared) return Truth::unknown;
      if (**compared == 0) return Truth::yes;
    }
    return Truth::no;
  }

  Checked<Truth> is_between(const std::vector<std::string>& from, const std::vector<std::string>& to) {
    for (std::size_t at = 0; at < key_.size(); ++at) {
      if (value(at).is_null()) return Truth::no;
      if (value(at).is_symbol()) return Truth::unknown;
    }
    const auto low = compare_all(from);
    if (!low) return tl::unexpected(low.error());
    const auto high = compare_all(to);
    if (!high) return tl::unexpected(high.error());
    if (!*low || !*high) return Truth::unknown;
    return **low >= 0 && **high < 0 ? Truth::yes : Truth::no;
  }

 private:
  const Value& value(std::size_t at) const { return row_.at(key_[at] - std::size_t{1}); }

  /// The order of the row's value and the bound; nothing when it is not known.
  Checked<std::optional<int>> compare(std::size_t at, const BoundValue& bound) {
    if (bound.kind == BoundValue::Kind::lowest) return 1;
    if (bound.kind == BoundValue::Kind::highest) return -1;
    if (bound.kind != BoundValue::Kind::literal) return std::optional<int>();
    const ValueType& type = table_.column(key_[at]).type;
    auto limit = coerce({Value::known(bound.text), plain(TypeClass::unknown_literal)}, type, true, surroundings_);
    if (!limit || !limit->is_known()) return std::optional<int>();
    const auto compared = order({value(at), type}, {std::move(*limit), type}, surroundings_);
    if (!compared) return std::optional<int>();
    return *compared;
  }

  Checked<std::optional<int>> compare_all(const std::vector<std::string>& bounds) {
    for (std::size_t at = 0; at < key_.size() && at < bounds.size(); ++at) {
      const auto compared = compare(at, bound_value(bounds[at]));
      if (!compared || !*compared || **compared != 0) return compared;
    }
    return 0;
  }

  TableSurroundings surroundings_;
  const Table& table_;
  const Row& row_;
  const std::vector<ColumnId> key_;
};

Checked<Truth> any_other_takes(Execution& execution, const Table& whole, ObjectId but, const Row& row) {
  Truth any = Truth::no;
  for (const ObjectId id : partitions_of(execution.database, whole.id)) {
    const Table part = *execution.database.get<Table>(id);
    if (id == but || part.partition_bound == "DEFAULT") continue;
    const auto takes = bound_takes(execution, whole, part, row);
    if (!takes || *takes == Truth::yes) return takes;
    if (*takes == Truth::unknown) any = Truth::unknown;
  }
  return any;
}

Row moved(const Table& from, const Table& to, const Row& row) {
  Row other;
  other.certain = row.certain;
  other.values.resize(to.columns.size());
  for (std::size_t at = 0; at < to.columns.size(); ++at) {
    const ColumnId column = to.columns[at].dropped ? ColumnId{0} : from.find(to.columns[at].name);
    if (column != 0) other.values[at] = row.at(column - std::size_t{1});
  }
  return other;
}

}  // namespace

Checked<Truth> bound_takes(Execution& execution, const Table& whole, const Table& partition, const Row& row) {
  if (partition.partition_bound == "DEFAULT") {
    const auto other = any_other_takes(execution, whole, partition.id, row);
    if (!other || *other == Truth::unknown) return other;
    return *other == Truth::yes ? Truth::no : Truth::yes;
  }
  auto key = key_columns(whole);
  if (!key) return Truth::unknown;
  BoundTest test(execution, whole, row, std::move(*key));
  if (const auto values = list_after(partition.partition_bound, "FOR VALUES IN")) return test.is_in_list(*values);
  const auto from = list_after(partition.partition_bound, "FROM");
  const auto to = list_after(partition.partition_bound, "TO");
  if (!from || !to) return Truth::unknown;
  return test.is_between(*from, *to);
}

bool has_partitions(const Database& database, ObjectId table) { return !partitions_of(database, table).empty(); }

Checked<Place> partition_for(Execution& execution, const Table& table, Row row) {
  const std::vector<ObjectId> partitions = partitions_of(execution.database, table.id);
  // Partitions may have been made by what could not be followed: a loop in a function, an extension.
  Truth any = partitions.empty() || !execution.database.doubt().empty() ? Truth::unknown : Truth::no;
  for (const ObjectId id : partitions) {
    const Table part = *execution.database.get<Table>(id);
    const auto takes = bound_takes(execution, table, part, row);
    if (!takes) return tl::unexpected(takes.error());
    if (*takes == Truth::unknown) any = Truth::unknown;
    if (*takes != Truth::yes) continue;
    Row inner = moved(table, part, row);
    if (part.relkind == 'p') return partition_for(execution, part, std::move(inner));
    return Place{id, std::move(inner)};
  }
  if (any == Truth::unknown) return Place{table.id, std::move(row)};
  return tl::unexpected(refuse("23514", fmt::format("no partition of relation \"{}\" found for row", table.name)));
}

Checked<void> check_new_partition(Execution& execution, ObjectId id) {
  Database& database = execution.database;
  const Table part = *database.get<Table>(id);
  const Table whole = *database.get<Table>(part.inherits.front());
  for (const auto& row : database.rows().of(id).rows) {
    const auto takes = bound_takes(execution, whole, part, moved(part, whole, *row));
    if (!takes) return tl::unexpected(takes.error());
    if (*takes == Truth::no) return tl::unexpected(refuse("23514", fmt::format("partition constraint of relation \"{}\" is violated by some row", part.name)));
    if (*takes == Truth::unknown) return tl::unexpected(not_known(fmt::format("whether the rows of \"{}\" fit its bound", part.name)));
  }
  for (const ObjectId other : partitions_of(database, whole.id)) {
    const Table rest = *database.get<Table>(other);
    if (other == id || rest.partition_bound != "DEFAULT") continue;
    for (const auto& row : database.rows().of(other).rows) {
      const auto takes = bound_takes(execution, whole, part, moved(rest, whole, *row));
      if (!takes) return tl::unexpected(takes.error());
      if (*takes == Truth::no) continue;
      if (*takes == Truth::unknown) return tl::unexpected(not_known(fmt::format("whether rows of \"{}\" belong to \"{}\"", rest.name, part.name)));
      return tl::unexpected(refuse("23514", fmt::format("updated partition constraint for default partition \"{}\" would be violated by some row", rest.name)));
    }
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
    for (const auto& row : below.rows) all.rows.push_back(std::make_shared<const Row>(moved(part, table, *row)));
    if (all.doubt.empty()) all.doubt = below.doubt;
  }
  return all;
}

ObjectId outermost(const Database& database, ObjectId table) {
  for (const auto* part = database.get<Table>(table); part != nullptr && !part->partition_bound.empty() && !part->inherits.empty();) {
    table = part->inherits.front();
    part = database.get<Table>(table);
  }
  return table;
}

Checked<void> check_bound(Execution& execution, const Table& partition, const Row& row) {
  if (partition.partition_bound.empty() || partition.inherits.empty()) return {};
  const Table whole = *execution.database.get<Table>(partition.inherits.front());
  const auto takes = bound_takes(execution, whole, partition, moved(partition, whole, row));
  if (!takes) return tl::unexpected(takes.error());
  if (*takes == Truth::no) {
    return tl::unexpected(refuse("23514", fmt::format("new row for relation \"{}\" violates partition constraint", partition.name)));
  }
  return {};
}

std::map<std::string, std::string> values_in_bound(const Table& whole, const Table& part) {
  std::map<std::string, std::string> said;
  const auto key = key_columns(whole);
  const auto values = list_after(part.partition_bound, part.partition_bound.starts_with("FOR VALUES IN") ? "FOR VALUES IN" : "FROM");
  if (!key || !values) return said;
  for (std::size_t at = 0; at < key->size() && at < values->size(); ++at) {
    BoundValue bound = bound_value((*values)[at]);
    if (bound.kind == BoundValue::Kind::literal) said[whole.column((*key)[at]).name] = std::move(bound.text);
  }
  return said;
}

std::vector<std::map<std::string, std::string>> values_in_bounds(const Database& database, const Table& table) {
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
