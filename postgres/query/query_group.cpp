// GROUP BY makes a group of each key, NULLs among themselves; without it an aggregate makes one
// group of all rows, of none too (nodeAgg.c; manual, "The GROUP BY and HAVING Clauses").
// Left out: not known are GROUPING SETS, ROLLUP and CUBE, and groups of open values. That a column
// outside of aggregates must be grouped is not asked (42803); ORDER BY inside of an aggregate,
// DISTINCT and window functions over groups are not heeded.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "postgres/query/query.hpp"
#include "postgres/query/surroundings.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/values/functions.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

std::string_view name_of(const PgQuery__FuncCall& call) {
  const PgQuery__Node* node = call.funcname[call.n_funcname - 1];
  return node->node_case == PG_QUERY__NODE__NODE_STRING ? node->string->sval : std::string_view();
}

bool has_aggregate(const PgQuery__Node& node) {
  bool found = false;
  walk(node.base, [&](const ProtobufCMessage& message) {
    if (message.descriptor == &pg_query__sub_link__descriptor) return false;
    if (message.descriptor == &pg_query__func_call__descriptor) {
      const auto& call = reinterpret_cast<const PgQuery__FuncCall&>(message);
      found = found || (call.over == nullptr && is_aggregate(name_of(call)));
    }
    return !found;
  });
  return found;
}

/// Gives aggregates their values over the rows of one group.
class GroupSurroundings : public Forwarding {
 public:
  GroupSurroundings(Surroundings& base, const Joined& joined, const std::vector<std::size_t>& rows,
                    const Scope& outer)
      : Forwarding(base), joined_(joined), rows_(rows), outer_(outer) {}

  Checked<Typed> call(const PgQuery__FuncCall& call, std::span<const Typed> arguments) override {
    const std::string_view name = name_of(call);
    if (!is_aggregate(name) || call.over != nullptr) return base().call(call, arguments);
    std::vector<Typed> values;
    bool sure = true;
    for (const std::size_t row : rows_) {
      const Scope scope = joined_.scope_at(row, outer_);
      if (call.agg_filter != nullptr) {
        const auto kept = holds(*call.agg_filter, scope, base());
        if (!kept) return tl::unexpected(kept.error());
        if (*kept == Truth::no) continue;
        sure = sure && *kept == Truth::yes;
      }
      sure = sure && joined_.certain[row];
      Checked<Typed> value = Typed{Value::boolean(true), plain(TypeClass::boolean)};
      if (call.n_args > 0) value = evaluate(*call.args[0], scope, base());
      if (!value) return value;
      values.push_back(std::move(*value));
    }
    if (call.agg_distinct != 0) drop_repeated(values);
    auto result = aggregate(name, values, call.agg_star != 0, base());
    if (result && !sure) return derived(name, values, result->type);
    return result;
  }

 private:
  static void drop_repeated(std::vector<Typed>& values) {
    std::vector<Typed> kept;
    for (Typed& value : values) {
      const auto equal = [&](const Typed& other) { return other.value == value.value; };
      if (std::none_of(kept.begin(), kept.end(), equal)) kept.push_back(std::move(value));
    }
    values = std::move(kept);
  }

  const Joined& joined_;
  const std::vector<std::size_t>& rows_;
  const Scope& outer_;
};

/// The expression that an item of GROUP BY stands for: itself, or the n-th target, or the target of
/// that name.
const PgQuery__Node& grouping_of(const PgQuery__Node& item, const PgQuery__SelectStmt& query) {
  const auto target = [&](std::size_t at) -> const PgQuery__Node& {
    return *query.target_list[at]->res_target->val;
  };
  if (item.node_case == PG_QUERY__NODE__NODE_A_CONST &&
      item.a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
    const auto at = static_cast<std::size_t>(item.a_const->ival->ival);
    if (at >= 1 && at <= query.n_target_list) return target(at - 1);
  }
  if (item.node_case == PG_QUERY__NODE__NODE_COLUMN_REF && item.column_ref->n_fields == 1) {
    for (std::size_t at = 0; at < query.n_target_list; ++at) {
      const char* name = query.target_list[at]->res_target->name;
      if (name != nullptr && last_name(*item.column_ref) == name) return target(at);
    }
  }
  return item;
}

using Groups = std::vector<std::vector<std::size_t>>;

Checked<Groups> group(const Joined& joined, const PgQuery__SelectStmt& query, const Scope& outer,
                      Surroundings& surroundings) {
  Groups groups;
  std::vector<std::vector<Value>> keys;
  for (std::size_t row = 0; row < joined.rows.size(); ++row) {
    std::vector<Value> key;
    for (std::size_t at = 0; at < query.n_group_clause; ++at) {
      auto value = evaluate(grouping_of(*query.group_clause[at], query),
                            joined.scope_at(row, outer), surroundings);
      if (!value) return tl::unexpected(value.error());
      if (value->value.is_symbol() && value->value.kind() != Symbol::clock) {
        return tl::unexpected(not_known("a group of values that are not known"));
      }
      key.push_back(std::move(value->value));
    }
    const auto found = std::find(keys.begin(), keys.end(), key);
    if (found == keys.end()) {
      keys.push_back(std::move(key));
      groups.push_back({row});
    } else {
      groups[static_cast<std::size_t>(found - keys.begin())].push_back(row);
    }
  }
  if (query.n_group_clause == 0 && groups.empty()) groups.emplace_back();
  return groups;
}

}  // namespace

bool is_grouped(const PgQuery__SelectStmt& query) {
  if (query.n_group_clause > 0 || query.having_clause != nullptr) return true;
  return std::any_of(query.target_list, query.target_list + query.n_target_list,
                     [](const PgQuery__Node* target) { return has_aggregate(*target); });
}

Checked<Relation> project_groups(const Joined& joined, const PgQuery__SelectStmt& query,
                                 const Scope& outer, Surroundings& surroundings) {
  auto groups = group(joined, query, outer, surroundings);
  if (!groups) return tl::unexpected(groups.error());
  Relation result;
  bool first = true;
  // A group without rows still shows the types of its columns; it is dropped afterwards.
  const bool none = groups->empty();
  if (none) groups->emplace_back();
  for (const auto& rows : *groups) {
    GroupSurroundings inner(surroundings, joined, rows, outer);
    Joined one;
    one.sources = joined.sources;
    one.rows.clear();
    one.certain.clear();
    const std::size_t width = joined.sources.empty() ? 0
                                                     : joined.sources.back().offset +
                                                           joined.sources.back().columns.size();
    one.rows.push_back(rows.empty() ? std::vector<Value>(width) : joined.rows[rows.front()]);
    const bool sure = query.n_group_clause == 0 ||
                      std::any_of(rows.begin(), rows.end(),
                                  [&](std::size_t row) { return bool(joined.certain[row]); });
    one.certain.push_back(sure);
    if (auto kept = keep_where(one, query.having_clause, outer, inner); !kept)
      return tl::unexpected(kept.error());
    auto row = project(one, query.target_list, query.n_target_list, outer, inner);
    if (!row) return row;
    if (first) result.columns = row->columns;
    first = false;
    for (std::size_t at = 0; at < row->rows.size() && !none; ++at) {
      result.rows.push_back(std::move(row->rows[at]));
      result.certain.push_back(row->certain[at]);
    }
  }
  return result;
}

}  // namespace backout::postgres
