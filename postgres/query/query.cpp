// A SELECT joins FROM, drops rows by WHERE, groups, computes its targets, then sorts and cuts
// (manual, SELECT, "Description"); targets without a name get one from their expression
// (parse_target.c).
// Left out: not known are INTERSECT and EXCEPT with ALL or open values, long WITH RECURSIVE, LIMIT
// by an open value. ORDER BY by position, of set operations and of groups leaves open which rows a
// LIMIT takes. WITH TIES, SEARCH and CYCLE are not heeded.
#include "postgres/query/query.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/query/surroundings.hpp"
#include "postgres/query/window.hpp"
#include "postgres/values/functions.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

bool is_star(const PgQuery__Node& node) {
  if (node.node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return false;
  const PgQuery__ColumnRef& reference = *node.column_ref;
  return reference.n_fields > 0 &&
         reference.fields[reference.n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

std::string_view name_of_value_function(const PgQuery__SQLValueFunction& function) {
  switch (function.op) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
      return "current_date";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
      return "current_time";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
      return "current_timestamp";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
      return "localtime";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
      return "localtimestamp";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
      return "current_role";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER:
      return "user";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
      return "session_user";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
      return "current_catalog";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
      return "current_schema";
    default:
      return "current_user";
  }
}

/// The name that PostgreSQL gives to a target without AS, and how much it holds to it: 2 a name, 1
/// a type or a construct, 0 none. Source: FigureColnameInternal() in parse_target.c.
struct Figured {
  std::string name = "?column?";
  int strength = 0;
};

Figured figure(const PgQuery__Node& node);

Figured figure_or(const PgQuery__Node* node, std::string_view other) {
  Figured inner = node == nullptr ? Figured() : figure(*node);
  return inner.strength > 1 || other.empty() ? inner : Figured{std::string(other), 1};
}

Figured figure_sublink(const PgQuery__SubLink& link) {
  if (link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK) return {"exists", 2};
  if (link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK) return {"array", 2};
  if (link.sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK ||
      link.subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return {};
  const PgQuery__SelectStmt* query = link.subselect->select_stmt;
  while (query->larg != nullptr) query = query->larg;
  return query->n_target_list == 0 ? Figured{"column1", 2}
                                   : Figured{output_name(*query->target_list[0]->res_target), 2};
}

Figured figure(const PgQuery__Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return {std::string(last_name(*node.column_ref)), 2};
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return {std::string(string_of(node.func_call->funcname[node.func_call->n_funcname - 1])), 2};
    case PG_QUERY__NODE__NODE_A_INDIRECTION: {
      const PgQuery__AIndirection& part = *node.a_indirection;
      const std::string_view field = string_of(part.indirection[part.n_indirection - 1]);
      return field.empty() ? figure(*part.arg) : Figured{std::string(field), 2};
    }
    case PG_QUERY__NODE__NODE_TYPE_CAST: {
      const PgQuery__TypeName& type = *node.type_cast->type_name;
      return figure_or(node.type_cast->arg, type.n_names == 0
                                                ? std::string_view()
                                                : string_of(type.names[type.n_names - 1]));
    }
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return figure_or(node.case_expr->defresult, "case");
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      return figure(*node.collate_clause->arg);
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return figure_sublink(*node.sub_link);
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      return {"coalesce", 2};
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return {node.min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least", 2};
    case PG_QUERY__NODE__NODE_A_EXPR:
      return node.a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF ? Figured{"nullif", 2}
                                                                        : Figured();
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return {"array", 2};
    case PG_QUERY__NODE__NODE_ROW_EXPR:
      return {"row", 2};
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return {std::string(name_of_value_function(*node.sqlvalue_function)), 2};
    default:
      return {};
  }
}

/// The function of a target that returns a set (`SELECT unnest(...)`), if it is one.
const PgQuery__FuncCall* set_call(const PgQuery__Node& node) {
  if (node.node_case != PG_QUERY__NODE__NODE_FUNC_CALL || node.func_call->over != nullptr)
    return nullptr;
  const std::string_view name = string_of(node.func_call->funcname[node.func_call->n_funcname - 1]);
  const bool set = name == "unnest" || name == "generate_series" ||
                   name.find("array_elements") != std::string_view::npos;
  return set ? node.func_call : nullptr;
}

/// Columns and, row by row, values of a target list. Targets that return sets give their rows in
/// step: as many as the longest has, with NULL where the others have ended.
class Projection {
 public:
  Projection(const Joined& joined, const Scope& outer, Surroundings& surroundings)
      : joined_(joined), outer_(outer), surroundings_(surroundings) {}

  Checked<Relation> run(const PgQuery__Node* const* targets, std::size_t count) {
    if (joined_.rows.empty()) return names_only(targets, count);
    for (std::size_t row = 0; row < joined_.rows.size(); ++row) {
      const Scope scope = joined_.scope_at(row, outer_);
      std::vector<Part> parts;
      for (std::size_t at = 0; at < count; ++at) {
        if (auto added = add(*targets[at]->res_target, scope, row == 0, parts); !added)
          return tl::unexpected(added.error());
      }
      step_through(parts, joined_.certain[row]);
    }
    return std::move(result_);
  }

 private:
  /// What a column gives for one row: a value, or the values of a set.
  struct Part {
    std::vector<Value> values;
    bool set = false;
    const Value& at(std::size_t step) const { return values[set ? step : 0]; }
    bool has(std::size_t step) const { return !set || step < values.size(); }
  };

  void step_through(const std::vector<Part>& parts, bool certain) {
    std::size_t steps = 0;
    for (const Part& part : parts) steps = std::max(steps, part.set ? part.values.size() : 0);
    if (std::none_of(parts.begin(), parts.end(), [](const Part& part) { return part.set; }))
      steps = 1;
    for (std::size_t step = 0; step < steps; ++step) {
      std::vector<Value> row;
      row.reserve(parts.size());
      for (const Part& part : parts) row.push_back(part.has(step) ? part.at(step) : Value());
      result_.rows.push_back(std::move(row));
      result_.certain.push_back(certain);
    }
  }

  /// Without rows only names and types matter; what fails for the lack of a value is no failure.
  Checked<Relation> names_only(const PgQuery__Node* const* targets, std::size_t count) {
    Scope scope;
    scope.outer = &outer_;
    for (const Joined::Source& source : joined_.sources)
      scope.relations.push_back({source.alias, source.columns, {}});
    std::vector<Part> parts;
    NothingRuns surroundings(surroundings_);
    Projection names(joined_, outer_, surroundings);
    for (std::size_t at = 0; at < count; ++at) {
      const PgQuery__ResTarget& target = *targets[at]->res_target;
      const auto added = names.add(target, scope, true, parts);
      if (added) continue;
      if (added.error().sqlstate.starts_with("42")) return tl::unexpected(added.error());
      names.result_.columns.push_back({output_name(target), plain(TypeClass::unknown)});
    }
    return std::move(names.result_);
  }

  Checked<void> add(const PgQuery__ResTarget& target, const Scope& scope, bool first,
                    std::vector<Part>& parts) {
    if (is_star(*target.val)) return add_all(*target.val->column_ref, scope, first, parts);
    if (const PgQuery__FuncCall* call = set_call(*target.val))
      return add_set(target, *call, scope, first, parts);
    auto value = evaluate(*target.val, scope, surroundings_);
    if (!value) return tl::unexpected(value.error());
    if (first) result_.columns.push_back({output_name(target), value->type});
    parts.push_back({{std::move(value->value)}});
    return {};
  }

  Checked<void> add_all(const PgQuery__ColumnRef& star, const Scope& scope, bool first,
                        std::vector<Part>& parts) {
    const std::string_view table =
        star.n_fields > 1 ? string_of(star.fields[star.n_fields - 2]) : std::string_view();
    for (const ScopeRelation& relation : scope.relations) {
      if (!table.empty() && relation.alias != table) continue;
      for (std::size_t at = 0; at < relation.columns.size(); ++at) {
        if (table.empty() && relation.columns[at].merged) continue;
        if (first) result_.columns.push_back(relation.columns[at]);
        parts.push_back({{at < relation.values.size() ? relation.values[at] : Value()}});
      }
    }
    return {};
  }

  Checked<void> add_set(const PgQuery__ResTarget& target, const PgQuery__FuncCall& call,
                        const Scope& scope, bool first, std::vector<Part>& parts) {
    std::vector<Typed> arguments;
    for (std::size_t at = 0; at < call.n_args; ++at) {
      auto value = evaluate(*call.args[at], scope, surroundings_);
      if (!value) return tl::unexpected(value.error());
      arguments.push_back(std::move(*value));
    }
    auto set = call_set_function(string_of(call.funcname[call.n_funcname - 1]), arguments);
    if (!set) return tl::unexpected(not_known("a function that returns a set", call.location));
    if (!*set) return tl::unexpected(set->error());
    if (first) result_.columns.push_back({output_name(target), (*set)->columns[0].type});
    Part part{{}, true};
    for (const auto& element : (*set)->rows) part.values.push_back(element[0]);
    parts.push_back(std::move(part));
    return {};
  }

  const Joined& joined_;
  const Scope& outer_;
  Surroundings& surroundings_;
  Relation result_;
};

void drop_repeated(Relation& relation) {
  Relation kept;
  kept.columns = relation.columns;
  for (std::size_t row = 0; row < relation.rows.size(); ++row) {
    const auto found = std::find(kept.rows.begin(), kept.rows.end(), relation.rows[row]);
    if (found == kept.rows.end()) {
      kept.rows.push_back(std::move(relation.rows[row]));
      kept.certain.push_back(relation.certain[row]);
    } else if (relation.certain[row]) {
      kept.certain[static_cast<std::size_t>(found - kept.rows.begin())] = true;
    }
  }
  relation = std::move(kept);
}

bool has_symbol(const Relation& relation) {
  return std::any_of(relation.rows.begin(), relation.rows.end(), [](const auto& row) {
    return std::any_of(row.begin(), row.end(),
                       [](const Value& value) { return value.is_symbol(); });
  });
}

/// Types that UNION and the like turn into one another by themselves; 0 where that is not known.
int category(const ValueType& type) {
  if (type.is_array() || type.user != 0) return 0;
  if (is_number(type.family)) return 1;
  switch (type.family) {
    case TypeClass::text:
    case TypeClass::varchar:
    case TypeClass::bpchar:
      return 2;
    case TypeClass::date:
    case TypeClass::timestamp:
    case TypeClass::timestamptz:
      return 3;
    case TypeClass::boolean:
      return 4;
    case TypeClass::uuid:
      return 5;
    case TypeClass::json:
      return 6;
    case TypeClass::jsonb:
      return 7;
    default:
      return 0;
  }
}

std::string_view operation_of(const PgQuery__SelectStmt& query) {
  if (query.op == PG_QUERY__SET_OPERATION__SETOP_UNION) return "UNION";
  return query.op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT ? "INTERSECT" : "EXCEPT";
}

Checked<Relation> combine(const PgQuery__SelectStmt& query, Relation left, Relation right) {
  for (std::size_t at = 0; at < std::min(left.columns.size(), right.columns.size()); ++at) {
    const int one = category(left.columns[at].type);
    const int two = category(right.columns[at].type);
    if (one != 0 && two != 0 && one != two)
      return tl::unexpected(refuse("42804", fmt::format("{} types cannot be matched in column {}",
                                                        operation_of(query), at + 1)));
    const TypeClass family = left.columns[at].type.family;
    if (family == TypeClass::unknown_literal || family == TypeClass::unknown)
      left.columns[at].type = right.columns[at].type;
  }
  if (query.op == PG_QUERY__SET_OPERATION__SETOP_UNION) {
    left.rows.insert(left.rows.end(), right.rows.begin(), right.rows.end());
    left.certain.insert(left.certain.end(), right.certain.begin(), right.certain.end());
    if (query.all == 0) drop_repeated(left);
    return left;
  }
  if (query.all != 0 || has_symbol(left) || has_symbol(right))
    return tl::unexpected(not_known("INTERSECT or EXCEPT"));
  drop_repeated(left);
  const bool keeps_common = query.op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT;
  Relation result;
  result.columns = left.columns;
  for (std::size_t row = 0; row < left.rows.size(); ++row) {
    const auto found = std::find(right.rows.begin(), right.rows.end(), left.rows[row]);
    const bool common = found != right.rows.end();
    const bool sure =
        !common || right.certain[static_cast<std::size_t>(found - right.rows.begin())];
    if (common != keeps_common && sure) continue;
    result.rows.push_back(left.rows[row]);
    result.certain.push_back(left.certain[row] && sure);
  }
  return result;
}

Checked<Relation> values_of(const PgQuery__SelectStmt& query, const Scope& scope,
                            Surroundings& surroundings) {
  Relation relation;
  for (std::size_t row = 0; row < query.n_values_lists; ++row) {
    const PgQuery__List& list = *query.values_lists[row]->list;
    std::vector<Value> values;
    for (std::size_t at = 0; at < list.n_items; ++at) {
      auto value = evaluate(*list.items[at], scope, surroundings);
      if (!value) return tl::unexpected(value.error());
      if (row == 0)
        relation.columns.push_back({fmt::format("column{}", at + 1), value->type});
      else if (at < relation.columns.size() &&
               relation.columns[at].type.family == TypeClass::unknown_literal) {
        relation.columns[at].type = value->type;
      }
      values.push_back(std::move(value->value));
    }
    relation.rows.push_back(std::move(values));
    relation.certain.push_back(true);
  }
  return relation;
}

/// OFFSET and LIMIT; when it is not known which rows these leave, every row becomes uncertain.
/// Without ORDER BY a table of few rows is read in the order in which they were stored.
Checked<void> cut(Relation& relation, const PgQuery__SelectStmt& query, bool ordered,
                  const Scope& scope, Surroundings& surroundings) {
  const auto number = [&](const PgQuery__Node* node,
                          std::size_t otherwise) -> Checked<std::size_t> {
    if (node == nullptr) return otherwise;
    auto value = evaluate(*node, scope, surroundings);
    if (!value) return tl::unexpected(value.error());
    if (value->value.is_null()) return otherwise;
    if (!value->value.is_known())
      return tl::unexpected(not_known("LIMIT by a value that is not known"));
    return static_cast<std::size_t>(std::max(0L, std::atol(value->value.text().c_str())));
  };
  const auto skip = number(query.limit_offset, 0);
  const auto most = number(query.limit_count, relation.rows.size());
  if (!skip || !most) return tl::unexpected(!skip ? skip.error() : most.error());
  const bool sure = std::all_of(relation.certain.begin(), relation.certain.end(),
                                [](bool certain) { return certain; });
  if (*skip == 0 && *most >= relation.rows.size()) return {};
  const bool as_stored =
      query.n_sort_clause == 0 && query.n_group_clause == 0 && query.n_distinct_clause == 0;
  if (!sure || (!ordered && !as_stored)) {
    if (*most == 0) relation.rows.clear();
    relation.certain.assign(relation.rows.size(), false);
    return {};
  }
  const std::size_t from = std::min(*skip, relation.rows.size());
  const std::size_t to = std::min(from + *most, relation.rows.size());
  relation.rows = {relation.rows.begin() + static_cast<std::ptrdiff_t>(from),
                   relation.rows.begin() + static_cast<std::ptrdiff_t>(to)};
  relation.certain.assign(to - from, true);
  return {};
}

/// Sorts the joined rows by ORDER BY; false when their order is not known.
bool sort_rows(Joined& joined, const PgQuery__SelectStmt& query, const Scope& outer,
               Surroundings& surroundings) {
  std::vector<SortKey> keys;
  for (std::size_t at = 0; at < query.n_sort_clause; ++at) {
    const PgQuery__SortBy& sort = *query.sort_clause[at]->sort_by;
    const PgQuery__Node* node = sort.node;
    if (node->node_case == PG_QUERY__NODE__NODE_A_CONST) return false;
    keys.push_back(sort_key(sort));
  }
  std::vector<std::size_t> rows(joined.rows.size());
  std::iota(rows.begin(), rows.end(), 0);
  if (!sort_by(rows, joined, keys, outer, surroundings)) return false;
  Joined sorted;
  sorted.sources = joined.sources;
  sorted.rows.clear();
  sorted.certain.clear();
  for (const std::size_t row : rows) {
    sorted.rows.push_back(std::move(joined.rows[row]));
    sorted.certain.push_back(joined.certain[row]);
  }
  joined = std::move(sorted);
  return true;
}

bool is_distinct_on(const PgQuery__SelectStmt& query) {
  return query.n_distinct_clause > 0 && query.distinct_clause[0] != nullptr &&
         query.distinct_clause[0]->node_case != PG_QUERY__NODE__NODE__NOT_SET;
}

/// DISTINCT ON: the first row of those that agree. Which one that is when it is not known leaves
/// the values open in which they differ.
Checked<void> keep_first(Joined& joined, const PgQuery__SelectStmt& query, bool ordered,
                         const Scope& outer, Surroundings& surroundings) {
  Joined kept;
  kept.sources = joined.sources;
  kept.rows.clear();
  kept.certain.clear();
  std::vector<std::vector<Value>> keys;
  for (std::size_t row = 0; row < joined.rows.size(); ++row) {
    std::vector<Value> key;
    for (std::size_t at = 0; at < query.n_distinct_clause; ++at) {
      auto value = evaluate(*query.distinct_clause[at], joined.scope_at(row, outer), surroundings);
      if (!value) return tl::unexpected(not_known("DISTINCT ON"));
      if (value->value.is_symbol() && joined.rows.size() > 1)
        return tl::unexpected(not_known("DISTINCT ON of values that are not known"));
      key.push_back(std::move(value->value));
    }
    const auto found = std::find(keys.begin(), keys.end(), key);
    if (found == keys.end()) {
      keys.push_back(std::move(key));
      kept.rows.push_back(joined.rows[row]);
      kept.certain.push_back(joined.certain[row]);
      continue;
    }
    const auto place = static_cast<std::size_t>(found - keys.begin());
    if (ordered && kept.certain[place]) continue;
    for (std::size_t at = 0; at < kept.rows[place].size(); ++at) {
      Value& value = kept.rows[place][at];
      if (value == joined.rows[row][at]) continue;
      const bool present = !value.may_be_null() && !joined.rows[row][at].may_be_null();
      value =
          Value::symbol(present ? Symbol::present : Symbol::opaque, surroundings.new_identity());
    }
    kept.certain[place] = kept.certain[place] || joined.certain[row];
  }
  joined = std::move(kept);
  return {};
}

Checked<Relation> simple_select(const PgQuery__SelectStmt& query, const Scope& scope,
                                Surroundings& surroundings) {
  auto joined = join_items({}, query.from_clause, query.n_from_clause, query.where_clause, scope,
                           surroundings);
  if (!joined) return tl::unexpected(joined.error());
  if (auto kept = keep_where(*joined, query.where_clause, scope, surroundings); !kept)
    return tl::unexpected(kept.error());
  if (is_grouped(query)) {
    auto grouped = project_groups(*joined, query, scope, surroundings);
    if (!grouped) return grouped;
    if (auto done = cut(*grouped, query, grouped->rows.size() <= 1, scope, surroundings); !done)
      return tl::unexpected(done.error());
    return grouped;
  }
  const bool ordered = query.n_sort_clause == 0 ? joined->rows.size() <= 1
                                                : sort_rows(*joined, query, scope, surroundings);
  if (is_distinct_on(query)) {
    if (auto kept = keep_first(*joined, query, ordered, scope, surroundings); !kept)
      return tl::unexpected(kept.error());
  }
  WindowSurroundings windows(surroundings, *joined, query, scope);
  auto result = windows.project(query.target_list, query.n_target_list);
  if (!result) return result;
  if (query.n_distinct_clause > 0 && !is_distinct_on(query)) drop_repeated(*result);
  if (auto done = cut(*result, query, ordered, scope, surroundings); !done)
    return tl::unexpected(done.error());
  return result;
}

void rename_columns(Relation& rows, const PgQuery__CommonTableExpr& table) {
  for (std::size_t name = 0; name < std::min(table.n_aliascolnames, rows.columns.size()); ++name) {
    rows.columns[name].name = string_of(table.aliascolnames[name]);
  }
}

/// A query of WITH RECURSIVE that may read itself: its first part, then the second on what came
/// last, until nothing comes.
Checked<void> run_recursive(const PgQuery__CommonTableExpr& table, CommonTables& common,
                            const Scope& scope, Surroundings& surroundings) {
  constexpr std::size_t kMostRounds = 200;
  constexpr std::size_t kMostRows = 2'000;
  const PgQuery__SelectStmt& query = *table.ctequery->select_stmt;
  CommonTables inner = common;
  Scope within = scope;
  within.common = &inner;
  if (auto ran = run_common(query.with_clause, inner, scope, surroundings); !ran) return ran;
  auto latest = run_select(*query.larg, within, surroundings);
  if (!latest) return tl::unexpected(latest.error());
  if (query.all == 0) drop_repeated(*latest);
  rename_columns(*latest, table);
  Relation all = *latest;
  for (std::size_t round = 0; round < kMostRounds && all.rows.size() < kMostRows; ++round) {
    inner.insert_or_assign(table.ctename, *latest);
    auto next = run_select(*query.rarg, within, surroundings);
    if (!next) return tl::unexpected(next.error());
    latest->rows.clear();
    latest->certain.clear();
    for (std::size_t row = 0; row < next->rows.size(); ++row) {
      if (query.all == 0 &&
          std::find(all.rows.begin(), all.rows.end(), next->rows[row]) != all.rows.end())
        continue;
      latest->rows.push_back(next->rows[row]);
      latest->certain.push_back(next->certain[row]);
    }
    if (latest->rows.empty()) {
      common.insert_or_assign(table.ctename, std::move(all));
      return {};
    }
    all.rows.insert(all.rows.end(), latest->rows.begin(), latest->rows.end());
    all.certain.insert(all.certain.end(), latest->certain.begin(), latest->certain.end());
  }
  return tl::unexpected(not_known("a long WITH RECURSIVE", table.location));
}

}  // namespace

std::string output_name(const PgQuery__ResTarget& target) {
  return target.name != nullptr && *target.name != '\0' ? std::string(target.name)
                                                        : figure(*target.val).name;
}

Checked<void> run_common(const PgQuery__WithClause* with, CommonTables& common, const Scope& outer,
                         Surroundings& surroundings) {
  if (with == nullptr) return {};
  Scope scope;
  scope.common = &common;
  scope.outer = &outer;
  for (std::size_t at = 0; at < with->n_ctes; ++at) {
    const PgQuery__CommonTableExpr& table = *with->ctes[at]->common_table_expr;
    if (with->recursive != 0 && table.ctequery->node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
        table.ctequery->select_stmt->op == PG_QUERY__SET_OPERATION__SETOP_UNION) {
      if (auto done = run_recursive(table, common, scope, surroundings); !done) return done;
      continue;
    }
    auto rows = table.ctequery->node_case == PG_QUERY__NODE__NODE_SELECT_STMT
                    ? run_select(*table.ctequery->select_stmt, scope, surroundings)
                    : surroundings.modify(*table.ctequery, scope);
    if (!rows) return tl::unexpected(rows.error());
    rename_columns(*rows, table);
    common.insert_or_assign(table.ctename, std::move(*rows));
  }
  return {};
}

Checked<Relation> project(const Joined& joined, const PgQuery__Node* const* targets,
                          std::size_t count, const Scope& outer, Surroundings& surroundings) {
  return Projection(joined, outer, surroundings).run(targets, count);
}

Checked<Relation> run_select(const PgQuery__SelectStmt& query, const Scope& outer,
                             Surroundings& surroundings) {
  CommonTables common;
  Scope scope;
  scope.common = &common;
  scope.outer = &outer;
  if (auto ran = run_common(query.with_clause, common, outer, surroundings); !ran)
    return tl::unexpected(ran.error());
  if (query.n_values_lists > 0) return values_of(query, scope, surroundings);
  const bool set = query.op != PG_QUERY__SET_OPERATION__SETOP_NONE &&
                   query.op != PG_QUERY__SET_OPERATION__SET_OPERATION_UNDEFINED;
  if (!set) return simple_select(query, scope, surroundings);
  auto left = run_select(*query.larg, scope, surroundings);
  if (!left) return left;
  auto right = run_select(*query.rarg, scope, surroundings);
  if (!right) return right;
  auto result = combine(query, std::move(*left), std::move(*right));
  if (!result) return result;
  if (auto done = cut(*result, query, result->rows.size() <= 1, scope, surroundings); !done)
    return tl::unexpected(done.error());
  return result;
}

}  // namespace backout::postgres
