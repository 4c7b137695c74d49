// Which rows a statement treats in a way of its own its conditions say: PostgreSQL compares,
// matches and casts by the constants that stand there. The samples are texts that the input
// functions of the types take.
// Left out: conditions between columns alone (joint_clues.cpp), other functions than those that are
// named here, all clues but the first 60 and more than eight ways to satisfy an AND.
#include "postgres/witness/clues.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "postgres/catalog/names.hpp"
#include "postgres/plpgsql/plpgsql_tree.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/values/json_text.hpp"
#include "postgres/values/time_zones.hpp"
#include "postgres/witness/joint_clues.hpp"
#include "postgres/witness/pattern_sample.hpp"

namespace backout::postgres {
namespace {

using Rows = std::vector<ClueValues>;
constexpr std::size_t kMostClues = 60;
constexpr std::size_t kMostJoint = 24;
constexpr std::size_t kMostWays = 8;

const PgQuery__Node& bare(const PgQuery__Node& node) {
  const PgQuery__Node* at = &node;
  while (at->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) at = at->type_cast->arg;
  return *at;
}

/// The text of a constant, of a negative number too; nothing when the node is none. NULL is none.
std::optional<std::string> constant(const PgQuery__Node* node) {
  if (node == nullptr) return std::nullopt;
  const PgQuery__Node& inner = bare(*node);
  if (inner.node_case == PG_QUERY__NODE__NODE_A_EXPR && inner.a_expr->lexpr == nullptr &&
      inner.a_expr->n_name == 1 && string_of(inner.a_expr->name[0]) == "-") {
    const auto number = constant(inner.a_expr->rexpr);
    return number ? std::optional("-" + *number) : std::nullopt;
  }
  if (inner.node_case != PG_QUERY__NODE__NODE_A_CONST || inner.a_const->isnull != 0)
    return std::nullopt;
  const PgQuery__AConst& value = *inner.a_const;
  switch (value.val_case) {
    case PG_QUERY__A__CONST__VAL_SVAL:
      return value.sval->sval;
    case PG_QUERY__A__CONST__VAL_IVAL:
      return fmt::format("{}", value.ival->ival);
    case PG_QUERY__A__CONST__VAL_FVAL:
      return value.fval->fval;
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return value.boolval->boolval != 0 ? "true" : "false";
    default:
      return std::nullopt;
  }
}

bool is_null_constant(const PgQuery__Node* node) {
  if (node == nullptr) return false;
  const PgQuery__Node& inner = bare(*node);
  return inner.node_case == PG_QUERY__NODE__NODE_A_CONST && inner.a_const->isnull != 0;
}

std::string_view function_name(const PgQuery__FuncCall& call) {
  return string_of(call.funcname[call.n_funcname - 1]);
}

/// The column that an expression is about; what is done to it on the way (casts, COALESCE,
/// functions of one argument) left out.
std::string matched_column(const PgQuery__Node* node) {
  if (node == nullptr) return {};
  const PgQuery__Node& inner = bare(*node);
  switch (inner.node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return std::string(last_name(*inner.column_ref));
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      return inner.coalesce_expr->n_args > 0 ? matched_column(inner.coalesce_expr->args[0]) : "";
    case PG_QUERY__NODE__NODE_FUNC_CALL: {
      const std::string_view name = function_name(*inner.func_call);
      const bool shape = name == "lower" || name == "upper" || name == "btrim" || name == "ltrim" ||
                         name == "rtrim" || name == "trim";
      return shape && inner.func_call->n_args > 0 ? matched_column(inner.func_call->args[0]) : "";
    }
    default:
      return {};
  }
}

/// The steps of a path such as '{a,b}'.
std::vector<std::string> steps_of(const std::string& text) {
  std::vector<std::string> steps;
  for (const auto& step : split_array(text).value_or(std::vector<std::optional<std::string>>()))
    steps.push_back(step.value_or(""));
  return steps;
}

/// A JSON path down from a column: data->'a'->>'b'.
struct Path {
  std::string column;
  std::vector<std::string> keys;
};

std::optional<Path> path_of(const PgQuery__Node* node) {
  if (node == nullptr) return std::nullopt;
  const PgQuery__Node& inner = bare(*node);
  if (inner.node_case != PG_QUERY__NODE__NODE_A_EXPR || inner.a_expr->n_name != 1)
    return std::nullopt;
  const std::string_view name = string_of(inner.a_expr->name[0]);
  const auto key = constant(inner.a_expr->rexpr);
  if (!key || (name != "->" && name != "->>" && name != "#>" && name != "#>>")) return std::nullopt;
  Path path;
  if (auto deeper = path_of(inner.a_expr->lexpr))
    path = std::move(*deeper);
  else
    path.column = matched_column(inner.a_expr->lexpr);
  if (path.column.empty()) return std::nullopt;
  if (name.front() == '#') {
    for (std::string& step : steps_of(*key)) path.keys.push_back(std::move(step));
  } else {
    path.keys.push_back(*key);
  }
  return path;
}

bool is_index(std::string_view key) {
  return !key.empty() && key.find_first_not_of("0123456789") == std::string_view::npos;
}

/// A document that holds `value` (a JSON text) at the path.
std::string document(const std::vector<std::string>& keys, std::string value) {
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    value = is_index(*key) ? "[" + value + "]" : "{" + json_quoted(*key) + ": " + value + "}";
  }
  return value;
}

Rows both(const Rows& left, const Rows& right) {
  if (left.empty() || right.empty()) return left.empty() ? right : left;
  Rows rows;
  for (const ClueValues& one : left) {
    for (const ClueValues& two : right) {
      if (rows.size() == kMostWays) return rows;
      rows.push_back(one);
      rows.back().insert(two.begin(), two.end());
    }
  }
  return rows;
}

void append(Rows& rows, Rows more) {
  rows.insert(rows.end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
}

/// The values next to a bound, the one that it names first.
std::vector<std::string> around(const std::string& bound) {
  if (bound.empty() || bound.find_first_not_of("-0123456789") != std::string::npos ||
      bound.size() > 15)
    return {bound};
  const long number = std::atol(bound.c_str());
  return {bound, fmt::format("{}", number + 1), fmt::format("{}", number - 1)};
}

class ClueReader {
 public:
  explicit ClueReader(long number) : number_(number) {}

  /// Rows on which a condition holds, or on which its parts do.
  Rows rows_of(const PgQuery__Node& node) const {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_BOOL_EXPR:
        return of_boolean(*node.bool_expr);
      case PG_QUERY__NODE__NODE_A_EXPR:
        return of_operator(*node.a_expr);
      case PG_QUERY__NODE__NODE_NULL_TEST:
        if (const std::string column = matched_column(node.null_test->arg); !column.empty()) {
          if (node.null_test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL)
            return {{{column, std::nullopt}}};
        } else if (const auto path = path_of(node.null_test->arg)) {
          return {{{path->column, document(path->keys, "null")}}, {{path->column, "{}"}}};
        }
        return {};
      case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
        if (const std::string column = matched_column(node.boolean_test->arg); !column.empty())
          return {{{column, "true"}}, {{column, "false"}}};
        return {};
      case PG_QUERY__NODE__NODE_FUNC_CALL:
        return of_call(*node.func_call);
      case PG_QUERY__NODE__NODE_COALESCE_EXPR:
        return of_coalesce(*node.coalesce_expr);
      case PG_QUERY__NODE__NODE_TYPE_CAST:
        return of_cast(*node.type_cast);
      case PG_QUERY__NODE__NODE_CASE_EXPR:
        return of_case(*node.case_expr);
      default:
        return {};
    }
  }

 private:
  Rows of_boolean(const PgQuery__BoolExpr& expression) const {
    Rows rows;
    for (std::size_t at = 0; at < expression.n_args; ++at) {
      const PgQuery__Node& part = *expression.args[at];
      Rows more = rows_of(part);
      // A bare boolean column as a condition.
      if (part.node_case == PG_QUERY__NODE__NODE_COLUMN_REF) {
        const bool negated = expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
        more = {{{std::string(last_name(*part.column_ref)), negated ? "false" : "true"}}};
      }
      if (expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
        rows = both(rows, more);
      else
        append(rows, std::move(more));
    }
    return rows;
  }

  Rows of_operator(const PgQuery__AExpr& expression) const {
    const std::string_view name = string_of(expression.name[expression.n_name - 1]);
    if (expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_IN ||
        expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY ||
        expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN) {
      return of_list(expression);
    }
    Rows rows;
    if (Rows sized = of_size(expression.lexpr, constant(expression.rexpr), name); !sized.empty())
      return sized;
    if (const auto text = constant(expression.rexpr)) {
      if (const auto path = path_of(expression.lexpr)) return of_path(*path, *text);
      const std::string column = matched_column(expression.lexpr);
      if (!column.empty()) return of_comparison(column, name, *text);
    }
    if (const auto text = constant(expression.lexpr)) {
      const std::string column = matched_column(expression.rexpr);
      if (column.empty()) return rows;
      if (name == "||")
        return {{{column, is_json(*text) && text->starts_with('{')
                              ? *text
                              : *text + fmt::format("w{}", number_)}}};
      return of_comparison(column, name == "<" ? ">" : name, *text);
    }
    return rows;
  }

  /// `length(column) < 20`, `cardinality(column) > 3`: values of that size, and of one more and one
  /// less.
  static Rows of_size(const PgQuery__Node* left, const std::optional<std::string>& text,
                      std::string_view name) {
    constexpr long kMostElements = 5'000;
    if (left == nullptr || left->node_case != PG_QUERY__NODE__NODE_FUNC_CALL ||
        left->func_call->n_args == 0 || !text)
      return {};
    const std::string_view function = function_name(*left->func_call);
    const std::string column = matched_column(left->func_call->args[0]);
    const bool letters = function == "length" || function == "char_length" ||
                         function == "character_length" || function == "octet_length";
    const bool document = function == "jsonb_array_length" || function == "json_array_length";
    if (column.empty() ||
        !(letters || document || function == "cardinality" || function == "array_length"))
      return {};
    Rows rows;
    std::vector<std::string> sizes = around(*text);
    if (sizes.size() == 3 && name == "<") std::swap(sizes[0], sizes[2]);
    if (sizes.size() == 3 && name == ">") std::swap(sizes[0], sizes[1]);
    for (const std::string& size : sizes) {
      const long count = std::atol(size.c_str());
      if (count < 0 || count > kMostElements) continue;
      if (letters) {
        rows.push_back({{column, std::string(static_cast<std::size_t>(count), 'w')}});
        continue;
      }
      std::string elements;
      for (long at = 0; at < count; ++at) elements += at == 0 ? "1" : ",1";
      rows.push_back({{column, document ? "[" + elements + "]" : "{" + elements + "}"}});
    }
    return rows;
  }

  /// `column name text`.
  Rows of_comparison(const std::string& column, std::string_view name,
                     const std::string& text) const {
    Rows rows;
    if (name == "~~" || name == "!~~" || name == "~~*" || name == "!~~*") {
      rows.push_back({{column, sample_of_like(text, number_)}});
    } else if (name == "~" || name == "~*" || name == "!~" || name == "!~*") {
      if (auto sample = sample_of_regex(text, number_))
        rows.push_back({{column, std::move(*sample)}});
    } else if (name == "#-") {
      const std::vector<std::string> keys = steps_of(text);
      if (keys.empty()) return rows;
      rows.push_back({{column, document(keys, json_quoted(fmt::format("w{}", number_)))}});
      rows.push_back({{column, document(keys, fmt::format("{{\"k{}\": 1}}", number_))}});
    } else if (name == "?" || name == "-") {
      rows.push_back({{column, document({text}, json_quoted(fmt::format("w{}", number_)))}});
      rows.push_back({{column, document({text}, fmt::format("{{\"k{}\": 1}}", number_))}});
    } else if (name == "||") {
      if (text.starts_with('{')) {
        append(rows, of_merge(column, text));
      } else {
        rows.push_back({{column, fmt::format("w{}", number_) + text}});
      }
    } else if (name == "=" || name == "<>" || name == "@>" || name == "IS DISTINCT FROM") {
      rows.push_back({{column, text}});
    } else if (name == "<" || name == "<=" || name == ">" || name == ">=") {
      std::vector<std::string> values = around(text);
      if (name == "<" && values.size() == 3) std::swap(values[0], values[2]);
      if (name == ">" && values.size() == 3) std::swap(values[0], values[1]);
      for (std::string& value : values) rows.push_back({{column, std::move(value)}});
    }
    return rows;
  }

  /// column || '{...}': documents that have the keys already, with other values and with these.
  Rows of_merge(const std::string& column, const std::string& text) const {
    Rows rows;
    std::string others;
    for (const std::string& key : keys_of(text))
      others += fmt::format("{}{}: {}", others.empty() ? "{" : ", ", json_quoted(key),
                            json_quoted(fmt::format("w{}", number_)));
    if (!others.empty()) rows.push_back({{column, others + "}"}});
    rows.push_back({{column, text}});
    return rows;
  }

  static std::vector<std::string> keys_of(const std::string& text) {
    const auto parsed = nlohmann::json::parse(text, nullptr, false);
    std::vector<std::string> keys;
    if (!parsed.is_object()) return keys;
    for (const auto& [key, value] : parsed.items()) keys.push_back(key);
    return keys;
  }

  Rows of_path(const Path& path, const std::string& text) const {
    Rows rows;
    rows.push_back({{path.column, document(path.keys, json_quoted(text))}});
    if (text == "true" || text == "false" ||
        (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos)) {
      rows.push_back({{path.column, document(path.keys, text)}});
    }
    return rows;
  }

  Rows of_list(const PgQuery__AExpr& expression) const {
    const std::string column = matched_column(expression.lexpr);
    // 'x' = ANY (column)
    if (const auto element = constant(expression.lexpr);
        element && expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY) {
      const std::string array = matched_column(expression.rexpr);
      return array.empty() ? Rows() : Rows{{{array, *element}}};
    }
    if (column.empty() || expression.rexpr == nullptr) return {};
    const PgQuery__Node& right = bare(*expression.rexpr);
    Rows rows;
    const auto add = [&](PgQuery__Node* const* items, std::size_t count) {
      for (std::size_t at = 0; at < count && rows.size() < kMostWays * 2; ++at) {
        if (auto text = constant(items[at])) rows.push_back({{column, std::move(*text)}});
      }
    };
    if (right.node_case == PG_QUERY__NODE__NODE_LIST) add(right.list->items, right.list->n_items);
    if (right.node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR)
      add(right.a_array_expr->elements, right.a_array_expr->n_elements);
    if (const auto text = constant(&right)) {
      for (const auto& part :
           split_array(*text).value_or(std::vector<std::optional<std::string>>())) {
        if (part && rows.size() < kMostWays * 2) rows.push_back({{column, *part}});
      }
    }
    return rows;
  }

  /// column AT TIME ZONE 'Europe/Rome': times that do not come back from there.
  static Rows of_zone(const PgQuery__FuncCall& call) {
    const auto name = constant(call.args[0]);
    const std::string column = matched_column(call.args[1]);
    const auto zone = name && !column.empty() ? TimeZone::named(*name) : std::nullopt;
    const auto awkward = zone ? zone->awkward() : std::nullopt;
    if (!awkward) return {};
    return {{{column, print_timestamp(awkward->first, false)}},
            {{column, print_timestamp(awkward->second, false)}}};
  }

  Rows of_call(const PgQuery__FuncCall& call) const {
    const std::string_view name = function_name(call);
    const std::string column = call.n_args > 0 ? matched_column(call.args[0]) : "";
    const auto second = call.n_args > 1 ? constant(call.args[1]) : std::nullopt;
    if (name == "array_prepend" && second == std::nullopt && call.n_args == 2) {
      const auto element = constant(call.args[0]);
      const std::string array = matched_column(call.args[1]);
      return element && !array.empty() ? Rows{{{array, *element}}} : Rows();
    }
    if (name == "timezone" && call.n_args == 2) return of_zone(call);
    if (column.empty() || !second) return {};
    if (name == "array_append" || name == "array_remove" || name == "array_replace" ||
        name == "array_position" || name == "array_cat")
      return {{{column, *second}}};
    if (name == "replace" || name == "translate") {
      const auto third = call.n_args > 2 ? constant(call.args[2]) : std::nullopt;
      Rows rows = {{{column, "p" + *second + "q"}}};
      if (third && !third->empty()) rows.push_back({{column, "p" + *third + "q" + *second + "r"}});
      return rows;
    }
    if (name == "split_part" || name == "string_to_array" || name == "strpos")
      return {{{column, "p" + *second + "q" + *second + "r"}}};
    if (name == "starts_with") return {{{column, *second + "w"}}};
    if (name == "regexp_replace" || name == "regexp_match" || name == "regexp_matches" ||
        name == "substring") {
      if (auto sample = sample_of_regex(*second, number_))
        return {{{column, *sample}}, {{column, "p " + *sample + " q"}}};
    }
    if (name == "jsonb_set" || name == "jsonb_insert" || name == "jsonb_extract_path_text" ||
        name == "jsonb_extract_path") {
      std::vector<std::string> keys = steps_of(*second);
      if (keys.empty()) keys.push_back(*second);
      return {{{column, document(keys, json_quoted(fmt::format("w{}", number_)))}},
              {{column, document(keys, "null")}}};
    }
    if (name == "jsonb_exists") return {{{column, document({*second}, "1")}}};
    return {};
  }

  Rows of_coalesce(const PgQuery__CoalesceExpr& expression) const {
    const std::string column = expression.n_args > 0 ? matched_column(expression.args[0]) : "";
    if (column.empty()) return {};
    Rows rows = {{{column, std::nullopt}}};
    for (std::size_t at = 1; at < expression.n_args; ++at) {
      if (auto text = constant(expression.args[at])) rows.push_back({{column, std::move(*text)}});
    }
    return rows;
  }

  /// Texts that a cast reads and does not print again in the same way.
  Rows of_cast(const PgQuery__TypeCast& cast) const {
    const std::string_view type = string_of(cast.type_name->names[cast.type_name->n_names - 1]);
    if (const auto path = path_of(cast.arg)) {
      return {{{path->column, document(path->keys, json_quoted(fmt::format("many{}", number_)))}},
              {{path->column, document(path->keys, "null")}},
              {{path->column, document(path->keys, "7.5")}}};
    }
    const std::string column =
        cast.arg->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? matched_column(cast.arg) : "";
    if (column.empty()) return {};
    if (type == "int4" || type == "int8" || type == "int2")
      return {{{column, "007"}}, {{column, "41.75"}}};
    if (type == "numeric" || type == "float8" || type == "float4") return {{{column, "07.50"}}};
    if (type == "bool") return {{{column, "t"}}, {{column, "no"}}};
    if (type == "date") return {{{column, "2020-01-02 03:04:05.678901"}}};
    if (type == "timestamp" || type == "timestamptz")
      return {{{column, "2020-01-02 03:04:05.678901"}}, {{column, "2020-01-02"}}};
    if (type == "json" || type == "jsonb") return {{{column, R"({"b": 1,  "aa": 2, "b": 3})"}}};
    if (type == "uuid") return {{{column, "ABCDEF00-0000-4000-8000-000000000001"}}};
    return {};
  }

  /// CASE column WHEN 'a' THEN 'b'.
  Rows of_case(const PgQuery__CaseExpr& expression) const {
    const std::string column = matched_column(expression.arg);
    if (column.empty()) return {};
    Rows rows;
    for (std::size_t at = 0; at < expression.n_args; ++at) {
      if (auto text = constant(expression.args[at]->case_when->expr))
        rows.push_back({{column, std::move(*text)}});
    }
    return rows;
  }

  long number_;
};

/// Collects the clues of statements.
class Collector {
 public:
  explicit Collector(Clues& clues) : clues_(clues) {}

  void read(const Script& script) {
    for (const Script::Statement& statement : script.statements()) read(*statement.tree);
  }

  void read(const PgQuery__Node& root) {
    walk(root.base, [&](const ProtobufCMessage& message) {
      if (message.descriptor == &pg_query__node__descriptor)
        visit(reinterpret_cast<const PgQuery__Node&>(message));
      return clues_.rows.size() < kMostClues;
    });
  }

 private:
  void add(std::string table, ClueValues values) {
    if (values.empty() || clues_.rows.size() >= kMostClues) return;
    Clue clue{std::move(table), std::move(values)};
    if (std::find(clues_.rows.begin(), clues_.rows.end(), clue) == clues_.rows.end())
      clues_.rows.push_back(std::move(clue));
  }

  void visit(const PgQuery__Node& node) {
    add_joint(node);
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_INSERT_STMT:
        clues_.writes = true;
        add_inserted(*node.insert_stmt);
        return;
      case PG_QUERY__NODE__NODE_UPDATE_STMT:
        clues_.writes = true;
        add_assigned(node.update_stmt->target_list, node.update_stmt->n_target_list);
        return;
      case PG_QUERY__NODE__NODE_DELETE_STMT:
      case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
        clues_.writes = true;
        return;
      case PG_QUERY__NODE__NODE_ALTER_TABLE_CMD:
        if (node.alter_table_cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType)
          clues_.writes = true;
        return;
      case PG_QUERY__NODE__NODE_SELECT_STMT:
        add_matched(node.select_stmt->group_clause, node.select_stmt->n_group_clause);
        add_matched(node.select_stmt->distinct_clause, node.select_stmt->n_distinct_clause);
        return;
      case PG_QUERY__NODE__NODE_WINDOW_DEF:
        add_matched(node.window_def->partition_clause, node.window_def->n_partition_clause);
        return;
      case PG_QUERY__NODE__NODE_SUB_LINK:
        if (node.sub_link->testexpr != nullptr) add_matched(&node.sub_link->testexpr, 1);
        return;
      case PG_QUERY__NODE__NODE_JOIN_EXPR:
        for (std::size_t at = 0; at < node.join_expr->n_using_clause; ++at)
          clues_.matched.emplace(string_of(node.join_expr->using_clause[at]));
        return;
      case PG_QUERY__NODE__NODE_FUNC_CALL:
        if (const PgQuery__WindowDef* over = node.func_call->over)
          add_matched(over->partition_clause, over->n_partition_clause);
        break;
      case PG_QUERY__NODE__NODE_A_EXPR: {
        const PgQuery__AExpr& both = *node.a_expr;
        const std::string left = matched_column(both.lexpr);
        const std::string right = matched_column(both.rexpr);
        if (both.n_name == 1 && string_of(both.name[0]) == "=" && !left.empty() && !right.empty()) {
          clues_.matched.insert(left);
          clues_.matched.insert(right);
        }
        break;
      }
      case PG_QUERY__NODE__NODE_DO_STMT:
        add_body(node.do_stmt->args, node.do_stmt->n_args, "");
        return;
      case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
        add_function(*node.create_function_stmt);
        return;
      default:
        break;
    }
    for (ClueValues& values : ClueReader(static_cast<long>(clues_.rows.size())).rows_of(node))
      add("", std::move(values));
  }

  void add_joint(const PgQuery__Node& node) {
    for (JointClue& clue : joint_clues_of(node, static_cast<long>(clues_.rows.size()))) {
      const bool known =
          std::find(clues_.joint.begin(), clues_.joint.end(), clue) != clues_.joint.end();
      if (!known && clues_.joint.size() < kMostJoint) clues_.joint.push_back(std::move(clue));
    }
  }

  void add_matched(PgQuery__Node* const* items, std::size_t count) {
    for (std::size_t at = 0; at < count; ++at) {
      if (std::string column = matched_column(items[at]); !column.empty())
        clues_.matched.insert(std::move(column));
    }
  }

  void add_assigned(PgQuery__Node* const* targets, std::size_t count) {
    for (std::size_t at = 0; at < count; ++at) {
      const PgQuery__ResTarget& target = *targets[at]->res_target;
      if (auto text = constant(target.val))
        add("", {{target.name, std::move(*text)}});
      else if (is_null_constant(target.val))
        add("", {{target.name, std::nullopt}});
    }
  }

  void add_inserted(const PgQuery__InsertStmt& statement) {
    if (statement.select_stmt == nullptr) return;
    const PgQuery__SelectStmt& select = *statement.select_stmt->select_stmt;
    const auto add_row = [&](PgQuery__Node* const* items, std::size_t count) {
      ClueValues values;
      for (std::size_t at = 0; at < count; ++at) {
        const PgQuery__Node* item = items[at]->node_case == PG_QUERY__NODE__NODE_RES_TARGET
                                        ? items[at]->res_target->val
                                        : items[at];
        std::string name = at < statement.n_cols ? statement.cols[at]->res_target->name
                                                 : fmt::format("#{}", at + 1);
        if (auto text = constant(item))
          values.emplace(std::move(name), std::move(*text));
        else if (is_null_constant(item))
          values.emplace(std::move(name), std::nullopt);
      }
      add(statement.relation->relname, std::move(values));
    };
    constexpr std::size_t kMostRows = 8;
    for (std::size_t at = 0; at < std::min(select.n_values_lists, kMostRows); ++at) {
      add_row(select.values_lists[at]->list->items, select.values_lists[at]->list->n_items);
    }
    if (select.n_values_lists == 0) add_row(select.target_list, select.n_target_list);
  }

  void add_function(const PgQuery__CreateFunctionStmt& statement) {
    std::string language;
    for (std::size_t at = 0; at < statement.n_options; ++at) {
      const PgQuery__DefElem& option = *statement.options[at]->def_elem;
      if (std::string_view(option.defname) == "language" && option.arg != nullptr)
        language = to_lower(string_of(option.arg));
    }
    add_body(statement.options, statement.n_options, language);
  }

  void add_body(PgQuery__Node* const* options, std::size_t count, const std::string& language) {
    for (std::size_t at = 0; at < count; ++at) {
      const PgQuery__DefElem& option = *options[at]->def_elem;
      if (std::string_view(option.defname) != "as" || option.arg == nullptr) continue;
      const PgQuery__Node& body = option.arg->node_case == PG_QUERY__NODE__NODE_LIST
                                      ? *option.arg->list->items[0]
                                      : *option.arg;
      if (body.node_case != PG_QUERY__NODE__NODE_STRING) continue;
      if (language == "sql")
        read(kept(body.string->sval));
      else if (language.empty() || language == "plpgsql")
        add_plpgsql(body.string->sval, language.empty());
    }
  }

  void add_plpgsql(const std::string& body, bool runs) {
    clues_.writes = clues_.writes || runs;
    const auto tree = plpgsql_tree("f() RETURNS void", body);
    const auto trigger = tree->is_null() ? plpgsql_tree("f() RETURNS trigger", body) : tree;
    add_queries(*trigger);
  }

  void add_queries(const nlohmann::json& tree) {
    if (tree.is_object()) {
      for (const auto& [key, value] : tree.items()) {
        if (key == "PLpgSQL_stmt_case") add_case(value);
        if (key == "query" && value.is_string()) {
          const Script script = kept(value.get<std::string>());
          if (!script.mistake())
            read(script);
          else
            read(kept("SELECT " + value.get<std::string>()));
        } else {
          add_queries(value);
        }
      }
    } else if (tree.is_array()) {
      for (const auto& item : tree) add_queries(item);
    }
  }

  /// CASE value WHEN 'a' THEN: the parser keeps the value in a variable, which the branches
  /// compare.
  void add_case(const nlohmann::json& node) {
    if (!node.contains("t_expr")) return;
    const std::string value = node["t_expr"]["PLpgSQL_expr"].value("query", "");
    for (const nlohmann::json& part : node.value("case_when_list", nlohmann::json::array())) {
      std::string compared = part["PLpgSQL_case_when"]["expr"]["PLpgSQL_expr"].value("query", "");
      const std::size_t begin = compared.find("\"__Case__Variable_");
      const std::size_t end = begin == std::string::npos ? begin : compared.find('"', begin + 1);
      if (end == std::string::npos) continue;
      read(kept("SELECT " + compared.replace(begin, end + 1 - begin, "(" + value + ")")));
    }
  }

  Script kept(const std::string& text) { return Script::parse(text); }

  Clues& clues_;
};

}  // namespace

Clues clues_of(const Script& script) {
  Clues clues;
  Collector(clues).read(script);
  return clues;
}

std::vector<Clue> clues_of(const PgQuery__Node& expression, long number) {
  // A boolean column by itself.
  if (expression.node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
    return {{"", {{std::string(last_name(*expression.column_ref)), "true"}}}};
  std::vector<Clue> clues;
  for (ClueValues& values : ClueReader(number).rows_of(expression))
    clues.push_back({"", std::move(values)});
  return clues;
}

void Clues::add(const Clues& other) {
  rows.insert(rows.end(), other.rows.begin(), other.rows.end());
  joint.insert(joint.end(), other.joint.begin(), other.joint.end());
  matched.insert(other.matched.begin(), other.matched.end());
  writes = writes || other.writes;
}

std::set<std::string> names_of_copies(const Script& script) {
  std::set<std::string> names;
  for (const Script::Statement& statement : script.statements()) {
    const PgQuery__Node& node = *statement.tree;
    if (node.node_case == PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT &&
        node.create_table_as_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) {
      names.insert(node.create_table_as_stmt->into->rel->relname);
    }
    if (node.node_case == PG_QUERY__NODE__NODE_SELECT_STMT &&
        node.select_stmt->into_clause != nullptr)
      names.insert(node.select_stmt->into_clause->rel->relname);
  }
  return names;
}

}  // namespace backout::postgres
