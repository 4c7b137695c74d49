// A window function sees the rows of its partition in the order of its window (nodeWindowAgg.c,
// windowfuncs.c); rows that agree in the order are peers, to which rank gives one number and
// row_number several. NULLs sort last, first with DESC.
// Left out: frames, FILTER, aggregates with ORDER BY, lag, lead, ntile, first_value and their like
// give values that are not known. A window that takes another as its start may also say again what
// that one said (42P20).
#include "postgres/query/window.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/values/functions.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {

namespace {

/// That a window has a frame of its own (FRAMEOPTION_NONDEFAULT of the grammar).
constexpr std::int32_t kFramed = 1;

bool is_named(const char* name) { return name != nullptr && *name != '\0'; }

/// Which of the first `count` windows of the WINDOW clause has the name.
std::optional<std::size_t> named(const PgQuery__SelectStmt& query, std::size_t count,
                                 std::string_view name) {
  for (std::size_t at = 0; at < count; ++at) {
    if (name == query.window_clause[at]->window_def->name) return at;
  }
  return std::nullopt;
}

}  // namespace

SortKey sort_key(const PgQuery__SortBy& sort) {
  const bool descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
  const bool said = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                    sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST;
  return {sort.node, descending,
          said ? sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST : descending};
}

bool sort_by(std::vector<std::size_t>& rows, const Joined& joined, const std::vector<SortKey>& keys,
             const Scope& outer, Surroundings& surroundings) {
  std::vector<std::vector<Typed>> values(joined.rows.size());
  for (const std::size_t row : rows) {
    for (const SortKey& key : keys) {
      auto value = evaluate(*key.node, joined.scope_at(row, outer), surroundings);
      if (!value || value->value.is_symbol()) return rows.size() <= 1;
      values[row].push_back(std::move(*value));
    }
  }
  bool known = true;
  bool tie = false;
  const auto before = [&](std::size_t left, std::size_t right) {
    for (std::size_t at = 0; at < keys.size(); ++at) {
      const Typed& one = values[left][at];
      const Typed& two = values[right][at];
      if (one.value.is_null() != two.value.is_null())
        return one.value.is_null() == keys[at].nulls_first;
      if (one.value.is_null()) continue;
      const auto answer = order(one, two, surroundings);
      known = known && answer.has_value();
      const int compared = answer.value_or(0);
      if (compared != 0) return keys[at].descending ? compared > 0 : compared < 0;
    }
    tie = tie || left != right;
    return false;
  };
  std::stable_sort(rows.begin(), rows.end(), before);
  return known && !tie;
}

Checked<Relation> WindowSurroundings::project(const PgQuery__Node* const* targets,
                                              std::size_t count) {
  if (joined_.rows.empty())
    return backout::postgres::project(joined_, targets, count, outer_, *this);
  Relation result;
  for (row_ = 0; row_ < joined_.rows.size(); ++row_) {
    Joined one;
    one.sources = joined_.sources;
    one.rows = {joined_.rows[row_]};
    one.certain = {joined_.certain[row_]};
    auto rows = backout::postgres::project(one, targets, count, outer_, *this);
    if (!rows) return rows;
    if (row_ == 0) result.columns = rows->columns;
    for (std::size_t at = 0; at < rows->rows.size(); ++at) {
      result.rows.push_back(std::move(rows->rows[at]));
      result.certain.push_back(rows->certain[at]);
    }
  }
  return result;
}

Checked<WindowSurroundings::Window> WindowSurroundings::window_of(
    const PgQuery__WindowDef& over) const {
  Window window;
  const PgQuery__WindowDef* part = &over;
  // OVER name stands for the window of that name, OVER (name ...) starts from it.
  for (std::size_t known = query_.n_window_clause;;) {
    const bool own = part != &over || !is_named(over.name);
    const char* start = own ? part->refname : over.name;
    if (own && window.partition.empty())
      window.partition.assign(part->partition_clause,
                              part->partition_clause + part->n_partition_clause);
    if (own && window.order.empty()) {
      for (std::size_t at = 0; at < part->n_order_clause; ++at)
        window.order.push_back(sort_key(*part->order_clause[at]->sort_by));
    }
    window.framed = window.framed || (own && (part->frame_options & kFramed) != 0);
    if (!is_named(start)) return window;
    // A window may start from those before it.
    const auto place = named(query_, known, start);
    if (!place)
      return tl::unexpected(
          refuse("42704", fmt::format("window \"{}\" does not exist", start), over.location));
    known = *place;
    part = query_.window_clause[known]->window_def;
  }
}

Checked<std::vector<std::size_t>> WindowSurroundings::partition(const Window& window) {
  std::vector<Value> own;
  for (const PgQuery__Node* key : window.partition) {
    auto value = evaluate(*key, joined_.scope_at(row_, outer_), base());
    if (!value) return tl::unexpected(value.error());
    own.push_back(std::move(value->value));
  }
  std::vector<std::size_t> members;
  for (std::size_t row = 0; row < joined_.rows.size(); ++row) {
    Truth belongs = joined_.certain[row] ? Truth::yes : Truth::unknown;
    for (std::size_t at = 0; at < window.partition.size(); ++at) {
      auto value = evaluate(*window.partition[at], joined_.scope_at(row, outer_), base());
      if (!value) return tl::unexpected(value.error());
      const Truth equal = same(value->value, own[at]);
      if (equal != Truth::yes) belongs = equal;
      if (equal == Truth::no) break;
    }
    if (belongs == Truth::unknown)
      return tl::unexpected(not_known("a window over rows that are not known"));
    if (belongs == Truth::yes) members.push_back(row);
  }
  return members;
}

Checked<Typed> WindowSurroundings::call(const PgQuery__FuncCall& call,
                                        std::span<const Typed> arguments) {
  if (call.over == nullptr) return base().call(call, arguments);
  const PgQuery__Node* last = call.funcname[call.n_funcname - 1];
  const std::string_view name =
      last->node_case == PG_QUERY__NODE__NODE_STRING ? last->string->sval : std::string_view();
  const auto window = window_of(*call.over);
  if (!window) return tl::unexpected(window.error());
  if (joined_.rows.empty()) return Typed{Value(), plain(TypeClass::int8)};
  const bool number = name == "row_number" || name == "rank" || name == "dense_rank";
  const ValueType type = number || arguments.empty() ? plain(TypeClass::int8) : arguments[0].type;
  auto members = partition(*window);
  const auto not_computed = [&] {
    return Typed{Value::symbol(number ? Symbol::present : Symbol::opaque, new_identity()), type};
  };
  if (!members)
    return members.error().kind == Stop::Kind::unknown ? Checked<Typed>(not_computed())
                                                       : tl::unexpected(members.error());
  const bool ordered = sort_by(*members, joined_, window->order, outer_, base());
  if (number && (ordered || members->size() == 1)) {
    const auto place = std::find(members->begin(), members->end(), row_) - members->begin();
    return Typed{Value::known(static_cast<std::int64_t>(place + 1)), type};
  }
  if (name == "row_number") {
    // Some order decides: each row gets another number of the partition.
    return Typed{Value::symbol(Symbol::fresh, new_identity()), type};
  }
  const bool whole = window->order.empty() && !window->framed && call.agg_filter == nullptr;
  if (!is_aggregate(name) || !whole) return not_computed();
  std::vector<Typed> values;
  for (const std::size_t row : *members) {
    Checked<Typed> value = Typed{Value::boolean(true), plain(TypeClass::boolean)};
    if (call.n_args > 0) value = evaluate(*call.args[0], joined_.scope_at(row, outer_), base());
    if (!value) return value;
    values.push_back(std::move(*value));
  }
  return aggregate(name, values, call.agg_star != 0, base());
}

}  // namespace backout::postgres
