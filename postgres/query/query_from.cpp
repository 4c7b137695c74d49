// FROM joins its items from left to right; functions and LATERAL subqueries see the row on their
// left, an outer join keeps rows without a match (parse_clause.c, nodeNestloop.c).
// Left out: not known are RIGHT and FULL JOIN, TABLESAMPLE, ROWS FROM of several functions,
// XMLTABLE, joins of more than 20,000 rows. The columns that an alias defines with types, and the
// alias of a whole join, are not heeded.
#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/catalog/signatures.hpp"
#include "postgres/query/early_tests.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/surroundings.hpp"
#include "postgres/values/functions.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

/// More joined rows than this are not followed.
constexpr std::size_t kMostJoinedRows = 20'000;

void rename_source(Joined::Source& source, const PgQuery__Alias* alias) {
  if (alias == nullptr) return;
  source.alias = alias->aliasname;
  for (std::size_t at = 0; at < std::min(alias->n_colnames, source.columns.size()); ++at) {
    source.columns[at].name = string_of(alias->colnames[at]);
  }
}

/// One side of a join at work: how to get the rows of an item beside each row of what is joined
/// already.
class Joiner {
 public:
  /// `locals` are the aliases of the whole FROM.
  Joiner(const std::set<std::string>& locals, const Scope& outer, Surroundings& surroundings)
      : locals_(locals), outer_(outer), surroundings_(surroundings) {}

  /// Rows for which one of `tests` certainly fails may be left out.
  Checked<Joined> add(Joined left, const PgQuery__Node& item, const std::vector<EarlyTest>& tests) {
    if (item.node_case == PG_QUERY__NODE__NODE_JOIN_EXPR)
      return add_join(std::move(left), *item.join_expr, tests);
    return cross(std::move(left), item, tests);
  }

  /// The names by which the columns of an item may be called.
  static void add_names(const PgQuery__Node& item, std::set<std::string>& names) {
    if (item.node_case == PG_QUERY__NODE__NODE_JOIN_EXPR) {
      add_names(*item.join_expr->larg, names);
      add_names(*item.join_expr->rarg, names);
      if (item.join_expr->alias != nullptr) names.insert(item.join_expr->alias->aliasname);
      return;
    }
    const PgQuery__Alias* alias = alias_of(item);
    names.insert(alias != nullptr ? std::string(alias->aliasname) : name_of(item));
  }

 private:
  /// The rows of an item, which may refer to the row of `left` beside it (LATERAL).
  Checked<Relation> rows_of(const PgQuery__Node& item, const Scope& scope,
                            const WantedRows& wanted) {
    switch (item.node_case) {
      case PG_QUERY__NODE__NODE_RANGE_VAR:
        return table(*item.range_var, scope, wanted);
      case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
        return run_select(*item.range_subselect->subquery->select_stmt, scope, surroundings_);
      case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
        return function(*item.range_function, scope);
      default:
        return tl::unexpected(not_known("an item of FROM that is not modelled"));
    }
  }

  Checked<Relation> table(const PgQuery__RangeVar& name, const Scope& scope,
                          const WantedRows& wanted) {
    if (name.schemaname == nullptr || *name.schemaname == '\0') {
      for (const Scope* at = &scope; at != nullptr; at = at->outer) {
        if (at->common == nullptr) continue;
        if (const auto found = at->common->find(std::string_view(name.relname));
            found != at->common->end())
          return found->second;
      }
    }
    return surroundings_.table_rows(name, wanted);
  }

  Checked<Relation> function(const PgQuery__RangeFunction& range, const Scope& scope) {
    if (range.n_functions != 1) return tl::unexpected(not_known("a function in FROM"));
    auto rows = rows_of_call(range, scope);
    if (rows && range.ordinality != 0) number(*rows);
    return rows;
  }

  /// WITH ORDINALITY: a last column that counts the rows from 1.
  static void number(Relation& rows) {
    for (ScopeColumn& column : rows.columns) column.lone = false;
    rows.columns.push_back({"ordinality", plain(TypeClass::int8)});
    std::int64_t count = 0;
    for (std::vector<Value>& row : rows.rows) row.push_back(Value::known(++count));
  }

  Checked<Relation> rows_of_call(const PgQuery__RangeFunction& range, const Scope& scope) {
    const PgQuery__Node* node = range.functions[0]->list->items[0];
    if (node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
      return tl::unexpected(not_known("a function in FROM"));
    const PgQuery__FuncCall& call = *node->func_call;
    std::vector<Typed> arguments;
    for (std::size_t at = 0; at < call.n_args; ++at) {
      auto value = evaluate(*call.args[at], scope, surroundings_);
      if (!value) return tl::unexpected(value.error());
      arguments.push_back(std::move(*value));
    }
    const std::string_view name = string_of(call.funcname[call.n_funcname - 1]);
    auto rows = call_set_function(name, arguments);
    const bool brought = rows.has_value();
    if (!rows) rows = surroundings_.function_rows(call, arguments);
    if (!*rows || (*rows)->columns.size() != 1) return std::move(*rows);
    ScopeColumn& column = (*rows)->columns[0];
    column.lone = true;
    const auto signatures = brought ? built_in_signatures(name) : std::span<const Signature>();
    if (!signatures.empty() && signatures[0].columns.size() == 1)
      column.name = signatures[0].columns[0].first;
    else if (range.alias != nullptr)
      column.name = range.alias->aliasname;
    return std::move(*rows);
  }

  static const PgQuery__Alias* alias_of(const PgQuery__Node& item) {
    switch (item.node_case) {
      case PG_QUERY__NODE__NODE_RANGE_VAR:
        return item.range_var->alias;
      case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
        return item.range_subselect->alias;
      case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
        return item.range_function->alias;
      default:
        return nullptr;
    }
  }

  static std::string name_of(const PgQuery__Node& item) {
    if (item.node_case == PG_QUERY__NODE__NODE_RANGE_VAR) return item.range_var->relname;
    if (item.node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION) {
      const PgQuery__Node* node = item.range_function->functions[0]->list->items[0];
      if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL) {
        return std::string(string_of(node->func_call->funcname[node->func_call->n_funcname - 1]));
      }
    }
    return {};
  }

  static bool depends_on_left(const PgQuery__Node& item) {
    return item.node_case != PG_QUERY__NODE__NODE_RANGE_VAR;
  }

  Joined::Source source_of(const PgQuery__Node& item, const Joined& left,
                           std::vector<ScopeColumn> columns) {
    Joined::Source source{name_of(item), std::move(columns), width_of(left)};
    rename_source(source, alias_of(item));
    return source;
  }

  static std::size_t width_of(const Joined& joined) {
    return joined.sources.empty()
               ? 0
               : joined.sources.back().offset + joined.sources.back().columns.size();
  }

  Checked<Joined> cross(Joined left, const PgQuery__Node& item,
                        const std::vector<EarlyTest>& tests) {
    Joined result;
    result.sources = left.sources;
    result.rows.clear();
    result.certain.clear();
    Relation right;
    std::optional<EarlyFilter> filter;
    Joined::Source source;
    // Without a row on the left the item still tells its columns.
    const std::size_t rounds = std::max<std::size_t>(left.rows.size(), 1);
    const WantedRows wanted = [&](std::span<const ScopeColumn> columns) {
      const Joined::Source told = source_of(item, left, {columns.begin(), columns.end()});
      return EarlyFilter(tests, left.sources, told, locals_, outer_, surroundings_).constants();
    };
    for (std::size_t row = 0; row < rounds; ++row) {
      if (row == 0 || depends_on_left(item)) {
        const bool empty = left.rows.empty();
        auto rows = rows_of(item, empty ? empty_scope(left) : left.scope_at(row, outer_), wanted);
        if (!rows) return tl::unexpected(rows.error());
        right = std::move(*rows);
        if (row == 0) {
          source = source_of(item, left, right.columns);
          result.sources.push_back(source);
        }
        if (empty) break;
        filter.emplace(tests, left.sources, source, locals_, outer_, surroundings_);
        filter->keep_own(right);
      }
      for (const std::size_t other : filter->partners(left.rows[row], right)) {
        std::vector<Value> values = left.rows[row];
        values.insert(values.end(), right.rows[other].begin(), right.rows[other].end());
        if (!filter->may_hold(values)) continue;
        result.rows.push_back(std::move(values));
        result.certain.push_back(left.certain[row] && right.certain[other]);
      }
      if (result.rows.size() > kMostJoinedRows)
        return tl::unexpected(not_known("a join of very many rows"));
    }
    return result;
  }

  Scope empty_scope(const Joined& left) {
    Scope scope;
    scope.outer = &outer_;
    for (const Joined::Source& source : left.sources)
      scope.relations.push_back({source.alias, source.columns, {}});
    return scope;
  }

  /// A join of its own, then put beside each row of `left`.
  Checked<Joined> add_join(Joined left, const PgQuery__JoinExpr& join,
                           const std::vector<EarlyTest>& tests) {
    const bool outer = join.jointype != PG_QUERY__JOIN_TYPE__JOIN_INNER;
    std::vector<EarlyTest> own = early_tests(join.quals);
    std::vector<EarlyTest> above;
    // What stands above an outer join says nothing of the rows that it joins, and of the others
    // only on its left side.
    if (!outer || join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT) above = tests;
    if (!outer) {
      above.insert(above.end(), own.begin(), own.end());
      own = above;
    }
    auto start = add(std::move(left), *join.larg, above);
    if (!start) return start;
    const std::size_t width = width_of(*start);
    auto both = add(*start, *join.rarg, own);
    if (!both) return both;
    if (outer && join.jointype != PG_QUERY__JOIN_TYPE__JOIN_LEFT) {
      return tl::unexpected(not_known("a RIGHT or FULL JOIN"));
    }
    if (auto kept = filter(*both, join, width); !kept) return tl::unexpected(kept.error());
    if (outer) add_unmatched(*start, *both);
    return both;
  }

  /// Rows of `start` without a match get NULLs beside them.
  static void add_unmatched(const Joined& start, Joined& both) {
    const std::size_t full = width_of(both);
    for (std::size_t row = 0; row < start.rows.size(); ++row) {
      bool sure = false;
      bool maybe = false;
      for (std::size_t other = 0; other < both.rows.size(); ++other) {
        if (!std::equal(start.rows[row].begin(), start.rows[row].end(), both.rows[other].begin()))
          continue;
        (both.certain[other] || !start.certain[row] ? sure : maybe) = true;
      }
      if (sure) continue;
      std::vector<Value> values = start.rows[row];
      values.resize(full);
      both.rows.push_back(std::move(values));
      both.certain.push_back(start.certain[row] && !maybe);
    }
  }

  Checked<void> filter(Joined& both, const PgQuery__JoinExpr& join, std::size_t width) {
    if (join.n_using_clause == 0 && join.is_natural == 0)
      return keep_where(both, join.quals, outer_, surroundings_);
    std::vector<std::string> names;
    for (std::size_t at = 0; at < join.n_using_clause; ++at)
      names.emplace_back(string_of(join.using_clause[at]));
    if (join.is_natural != 0) names = common_names(both, width);
    for (const std::string& name : names) {
      const auto left = place_of(both, name, 0, width);
      const auto right = place_of(both, name, width, width_of(both));
      if (!left || !right) {
        return tl::unexpected(refuse(
            "42703", fmt::format("column \"{}\" specified in USING clause does not exist", name)));
      }
      if (auto kept = keep_equal(both, *left, *right); !kept) return kept;
      hide(both, *right);
    }
    return {};
  }

  static std::vector<std::string> common_names(const Joined& both, std::size_t width) {
    std::vector<std::string> names;
    for (const Joined::Source& source : both.sources) {
      if (source.offset < width) continue;
      for (const ScopeColumn& column : source.columns) {
        if (place_of(both, column.name, 0, width)) names.push_back(column.name);
      }
    }
    return names;
  }

  static std::optional<std::size_t> place_of(const Joined& joined, std::string_view name,
                                             std::size_t from, std::size_t to) {
    for (const Joined::Source& source : joined.sources) {
      for (std::size_t at = 0; at < source.columns.size(); ++at) {
        const std::size_t place = source.offset + at;
        if (place >= from && place < to && source.columns[at].name == name &&
            !source.columns[at].merged)
          return place;
      }
    }
    return std::nullopt;
  }

  static ScopeColumn& column_at(Joined& joined, std::size_t place) {
    auto source =
        std::find_if(joined.sources.rbegin(), joined.sources.rend(),
                     [&](const Joined::Source& candidate) { return candidate.offset <= place; });
    return source->columns[place - source->offset];
  }

  static void hide(Joined& joined, std::size_t place) { column_at(joined, place).merged = true; }

  Checked<void> keep_equal(Joined& joined, std::size_t left, std::size_t right) {
    Joined kept;
    kept.sources = joined.sources;
    kept.rows.clear();
    kept.certain.clear();
    const ValueType one = column_at(joined, left).type;
    const ValueType two = column_at(joined, right).type;
    for (std::size_t row = 0; row < joined.rows.size(); ++row) {
      const auto equal = apply_operator("=", {joined.rows[row][left], one},
                                        {joined.rows[row][right], two}, surroundings_);
      if (!equal) return tl::unexpected(equal.error());
      if (!equal->value.is_true() && !equal->value.is_symbol()) continue;
      kept.rows.push_back(joined.rows[row]);
      kept.certain.push_back(joined.certain[row] && equal->value.is_true());
    }
    joined = std::move(kept);
    return {};
  }

  const std::set<std::string>& locals_;
  const Scope& outer_;
  Surroundings& surroundings_;
};

}  // namespace

Scope Joined::scope_at(std::size_t row, const Scope& outer) const {
  Scope scope;
  scope.outer = &outer;
  for (const Source& source : sources) {
    const std::span<const Value> values(rows[row].data() + source.offset, source.columns.size());
    scope.relations.push_back({source.alias, source.columns, values});
  }
  return scope;
}

Checked<Joined> join_items(Joined start, const PgQuery__Node* const* items, std::size_t count,
                           const PgQuery__Node* condition, const Scope& outer,
                           Surroundings& surroundings) {
  std::set<std::string> names;
  for (const Joined::Source& source : start.sources) names.insert(source.alias);
  for (std::size_t at = 0; at < count; ++at) Joiner::add_names(*items[at], names);
  const std::vector<EarlyTest> tests = early_tests(condition);
  Checked<Joined> joined = std::move(start);
  for (std::size_t at = 0; at < count && joined; ++at) {
    joined = Joiner(names, outer, surroundings).add(std::move(*joined), *items[at], tests);
  }
  return joined;
}

Checked<void> keep_where(Joined& joined, const PgQuery__Node* condition, const Scope& outer,
                         Surroundings& surroundings) {
  if (condition == nullptr) return {};
  if (joined.rows.empty()) {
    // Names are checked even when there is no row.
    Scope scope;
    scope.outer = &outer;
    for (const Joined::Source& source : joined.sources)
      scope.relations.push_back({source.alias, source.columns, {}});
    NothingRuns nothing(surroundings);
    const auto tried = holds(*condition, scope, nothing);
    if (!tried && tried.error().kind == Stop::Kind::refused &&
        tried.error().sqlstate.starts_with("42")) {
      return tl::unexpected(tried.error());
    }
    return {};
  }
  std::vector<std::vector<Value>> rows;
  std::vector<bool> certain;
  for (std::size_t row = 0; row < joined.rows.size(); ++row) {
    const auto answer = holds(*condition, joined.scope_at(row, outer), surroundings);
    if (!answer) return tl::unexpected(answer.error());
    if (*answer == Truth::no) continue;
    rows.push_back(std::move(joined.rows[row]));
    certain.push_back(joined.certain[row] && *answer == Truth::yes);
  }
  joined.rows = std::move(rows);
  joined.certain = std::move(certain);
  return {};
}

}  // namespace backout::postgres
