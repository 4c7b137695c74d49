// PostgreSQL keeps bounds as values of the key's types and refuses those that are empty or overlap
// (check_new_partition_bound() in partbounds.c).
// Left out: to which partition a hash sends a row, keys that are expressions, bounds that are no
// plain constants: what such a partition takes is not known, and of these only hashes are found to
// overlap. Collations.
#include "postgres/ddl/partition_bounds.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/values/cast.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

BoundValue bound_value(std::string_view text) {
  using Kind = BoundValue::Kind;
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text == "MINVALUE") return {Kind::lowest, {}, {}};
  if (text == "MAXVALUE") return {Kind::highest, {}, {}};
  if (text == "NULL" || text == "null") return {Kind::null, {}, {}};
  if (text.starts_with('\'')) {
    std::string value;
    for (std::size_t at = 1; at < text.size(); ++at) {
      if (text[at] != '\'')
        value += text[at];
      else if (at + 1 < text.size() && text[at + 1] == '\'')
        value += text[++at];
      else
        return {Kind::literal, std::move(value), {}};
    }
    return {};
  }
  const bool plain =
      !text.empty() && text.find_first_not_of("-0123456789.truefals") == std::string_view::npos;
  return plain ? BoundValue{Kind::literal, std::string(text), {}} : BoundValue{};
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
    if (!quoted && depth == 0 && letter == ',')
      parts.emplace_back();
    else if (!parts.back().empty() || letter != ' ')
      parts.back() += letter;
  }
  return std::nullopt;
}

/// The columns of a partition key; nothing when a part is an expression.
std::optional<std::vector<ColumnId>> key_columns(const Table& table) {
  const auto names =
      list_after(table.partition_key, table.partition_key.starts_with("LIST") ? "LIST" : "RANGE");
  if (!names) return std::nullopt;
  std::vector<ColumnId> columns;
  for (const std::string& name : *names) {
    const ColumnId column = table.find(name);
    if (column == 0) return std::nullopt;
    columns.push_back(column);
  }
  return columns;
}

std::string_view strategy_of(const Table& whole) {
  return std::string_view(whole.partition_key).substr(0, whole.partition_key.find(' '));
}

/// "modulus 4, remainder 2".
std::optional<std::pair<long, long>> hash_of(const Table& partition) {
  const std::string& bound = partition.partition_bound;
  const auto number_after = [&](std::string_view word) -> std::optional<long> {
    const std::size_t at = bound.find(word);
    const std::size_t digits = at == std::string::npos ? at : at + word.size();
    if (digits == std::string::npos || digits >= bound.size() || bound[digits] < '0' ||
        bound[digits] > '9')
      return std::nullopt;
    return std::stol(bound.substr(
        digits, std::min(bound.find_first_not_of("0123456789", digits), bound.size()) - digits));
  };
  const auto modulus = number_after("modulus ");
  const auto remainder = number_after("remainder ");
  if (!modulus || !remainder || *modulus == 0) return std::nullopt;
  return std::pair(*modulus, *remainder);
}

/// Remainders of one modulus repeat in each of its multiples.
bool hashes_overlap(std::pair<long, long> one, std::pair<long, long> two) {
  const long least = std::min(one.first, two.first);
  return one.second % least == two.second % least;
}

std::string_view strategy_of_bound(std::string_view bound) {
  if (bound.starts_with("FOR VALUES IN")) return "LIST";
  return bound.starts_with("FOR VALUES FROM") ? "RANGE" : "HASH";
}

}  // namespace

PartitionKey::PartitionKey(Execution& execution, const Table& whole)
    : surroundings_(execution), whole_(whole), key_(key_columns(whole)) {}

Truth PartitionKey::takes(const Table& partition, const Row& row) {
  if (!key_) return Truth::unknown;
  if (const auto values = list_of(partition)) return is_in_list(*values, row);
  const auto range = range_of(partition);
  if (!range) return Truth::unknown;
  return is_between(*range, row);
}

std::vector<BoundValue> PartitionKey::read(std::size_t first, bool same_column,
                                           const std::vector<std::string>& texts) {
  std::vector<BoundValue> values;
  for (std::size_t at = 0; at < texts.size(); ++at) {
    BoundValue value = bound_value(texts[at]);
    const std::size_t column = same_column ? first : first + at;
    if (value.kind == BoundValue::Kind::literal && column < key_->size()) {
      auto taken = coerce({Value::known(value.text), plain(TypeClass::unknown_literal)},
                          whole_.column((*key_)[column]).type, true, surroundings_);
      if (taken && taken->is_known())
        value.value = std::move(*taken);
      else
        value.kind = BoundValue::Kind::unreadable;
    }
    values.push_back(std::move(value));
  }
  return values;
}

std::optional<std::vector<BoundValue>> PartitionKey::list_of(const Table& partition) {
  const auto texts = list_after(partition.partition_bound, "FOR VALUES IN");
  if (!texts) return std::nullopt;
  return read(0, true, *texts);
}

std::optional<PartitionKey::Range> PartitionKey::range_of(const Table& partition) {
  const auto from = list_after(partition.partition_bound, "FROM");
  const auto to = list_after(partition.partition_bound, "TO");
  if (!from || !to) return std::nullopt;
  return Range{read(0, false, *from), read(0, false, *to)};
}

std::optional<int> PartitionKey::compare(std::size_t at, const BoundValue& one,
                                         const BoundValue& two) {
  using Kind = BoundValue::Kind;
  if (one.kind > Kind::highest || two.kind > Kind::highest) return std::nullopt;
  if (one.kind != two.kind) return one.kind < two.kind ? -1 : 1;
  if (one.kind != Kind::literal) return 0;
  const ValueType& type = whole_.column((*key_)[at]).type;
  const auto compared = order({one.value, type}, {two.value, type}, surroundings_);
  if (!compared) return std::nullopt;
  return *compared;
}

// Columns after the first MINVALUE or MAXVALUE do not count. Source: partition_rbound_cmp() in
// partbounds.c.
std::optional<int> PartitionKey::compare_all(const std::vector<BoundValue>& one,
                                             const std::vector<BoundValue>& two) {
  for (std::size_t at = 0; at < key_->size() && at < one.size() && at < two.size(); ++at) {
    const auto compared = compare(at, one[at], two[at]);
    if (!compared || *compared != 0 || one[at].kind != BoundValue::Kind::literal) return compared;
  }
  return 0;
}

Truth PartitionKey::is_in_list(const std::vector<BoundValue>& values, const Row& row) {
  const Value& held = row.at(key_->front() - std::size_t{1});
  if (held.is_symbol()) return Truth::unknown;
  const BoundValue own{
      held.is_null() ? BoundValue::Kind::null : BoundValue::Kind::literal, {}, held};
  for (const BoundValue& value : values) {
    if (value.kind == BoundValue::Kind::unreadable) return Truth::unknown;
    if (value.kind == BoundValue::Kind::null || held.is_null()) {
      if (value.kind == own.kind) return Truth::yes;
      continue;
    }
    const auto compared = compare(0, own, value);
    if (!compared) return Truth::unknown;
    if (*compared == 0) return Truth::yes;
  }
  return Truth::no;
}

Truth PartitionKey::is_between(const Range& range, const Row& row) {
  std::vector<BoundValue> own;
  for (const ColumnId column : *key_) {
    const Value& held = row.at(column - std::size_t{1});
    if (held.is_null()) return Truth::no;
    if (held.is_symbol()) return Truth::unknown;
    own.push_back({BoundValue::Kind::literal, {}, held});
  }
  const auto low = compare_all(own, range.from);
  const auto high = compare_all(own, range.to);
  if (!low || !high) return Truth::unknown;
  return *low >= 0 && *high < 0 ? Truth::yes : Truth::no;
}

bool PartitionKey::overlap(const Table& one, const Table& two) {
  if (const auto left = hash_of(one), right = hash_of(two); left && right)
    return hashes_overlap(*left, *right);
  if (!key_) return false;
  if (const auto left = list_of(one), right = list_of(two); left && right) {
    return std::any_of(left->begin(), left->end(), [&](const BoundValue& value) {
      return std::any_of(right->begin(), right->end(), [&](const BoundValue& other) {
        const bool null =
            value.kind == BoundValue::Kind::null && other.kind == BoundValue::Kind::null;
        return null || compare(0, value, other) == 0;
      });
    });
  }
  const auto left = range_of(one);
  const auto right = range_of(two);
  if (!left || !right) return false;
  return compare_all(left->from, right->to).value_or(0) < 0 &&
         compare_all(right->from, left->to).value_or(0) < 0;
}

Checked<void> PartitionKey::check_apart(const Table& partition,
                                        const std::vector<const Table*>& siblings) {
  const auto refused = [](std::string what) {
    return tl::unexpected(refuse("42P17", std::move(what)));
  };
  const bool rest = partition.partition_bound == "DEFAULT";
  const std::string_view strategy = strategy_of(whole_);
  if (rest && strategy == "HASH")
    return refused("a hash-partitioned table may not have a default partition");
  if (!rest && strategy_of_bound(partition.partition_bound) != strategy) {
    return refused(
        fmt::format("invalid bound specification for a {} partition",
                    strategy == "LIST" ? "list" : (strategy == "RANGE" ? "range" : "hash")));
  }
  if (key_ && !rest) {
    const auto range = range_of(partition);
    if (range && compare_all(range->from, range->to).value_or(-1) >= 0)
      return refused(
          fmt::format("empty range bound specified for partition \"{}\"", partition.name));
  }
  for (const Table* other : siblings) {
    if (rest && other->partition_bound == "DEFAULT") {
      return refused(
          fmt::format("partition \"{}\" conflicts with existing default partition \"{}\"",
                      partition.name, other->name));
    }
    if (!rest && other->partition_bound != "DEFAULT" && overlap(partition, *other)) {
      return refused(fmt::format("partition \"{}\" would overlap partition \"{}\"", partition.name,
                                 other->name));
    }
  }
  return {};
}

std::map<std::string, std::string> values_in_bound(const Table& whole, const Table& part) {
  std::map<std::string, std::string> said;
  const auto key = key_columns(whole);
  const auto values =
      list_after(part.partition_bound,
                 part.partition_bound.starts_with("FOR VALUES IN") ? "FOR VALUES IN" : "FROM");
  if (!key || !values) return said;
  for (std::size_t at = 0; at < key->size() && at < values->size(); ++at) {
    BoundValue bound = bound_value((*values)[at]);
    if (bound.kind == BoundValue::Kind::literal)
      said[whole.column((*key)[at]).name] = std::move(bound.text);
  }
  return said;
}

bool holds_partition_key(const Table& whole, const Index& index) {
  const auto names = list_after(whole.partition_key, strategy_of(whole));
  return names && std::all_of(names->begin(), names->end(), [&](const std::string& name) {
           const ColumnId wanted = whole.find(name);
           return wanted != 0 &&
                  std::any_of(index.columns.begin(), index.columns.end(),
                              [&](const IndexColumn& column) { return column.column == wanted; });
         });
}

}  // namespace backout::postgres
