// Expressions follow the manual's "Value Expressions": NULL makes most operators NULL, AND, OR and
// CASE stop where the answer is sure, an untyped literal takes the type of what is beside it
// (parse_expr.c, execExprInterp.c).
// Left out: not known are SIMILAR TO, rows under IN or compared by other operators than = and <>,
// kinds of nodes without an arm here (XML, GROUPING among them) and what nests too deeply. Fields
// of composite values, slices and whole rows give values that are not known. Collations are not
// heeded.
#include "postgres/query/expression.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/catalog/signatures.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/row_fields.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/cast.hpp"
#include "postgres/values/elements.hpp"
#include "postgres/values/functions.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

using enum TypeClass;

/// Deeper expressions are not followed, so that hostile input cannot exhaust the stack.
constexpr int kMostDepth = 400;

Typed boolean_of(Truth truth, std::span<const Typed> parts, std::string_view what) {
  if (truth == Truth::unknown) return derived(what, parts, plain(boolean));
  return {Value::boolean(truth == Truth::yes), plain(boolean)};
}

Truth truth_of(const Value& value) {
  if (value.is_symbol()) return Truth::unknown;
  return value.is_true() ? Truth::yes : Truth::no;
}

/// The digits of a bit string literal as the grammar keeps it: "b0101" or "xF0".
std::string bits_of(std::string_view literal) {
  if (!literal.starts_with('x')) return std::string(literal.substr(1));
  std::string bits;
  for (const char digit : literal.substr(1)) {
    const int value = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
    for (int bit = 8; bit > 0; bit /= 2) bits += (value & bit) != 0 ? '1' : '0';
  }
  return bits;
}

/// Walks one expression; every member function takes the node of its kind.
class Evaluator {
 public:
  Evaluator(const Scope& scope, Surroundings& surroundings)
      : scope_(scope), surroundings_(surroundings) {}

  Checked<Typed> any(const PgQuery__Node& node) {
    if (++depth_ > kMostDepth) return tl::unexpected(not_known("a very deep expression"));
    auto result = dispatch(node);
    --depth_;
    return result;
  }

  /// As row_fields().
  Checked<std::optional<std::vector<Typed>>> fields_of(const PgQuery__Node& node) {
    std::vector<Typed> fields;
    if (const ScopeRelation* whole = row_named(node)) {
      for (std::size_t at = 0; at < whole->columns.size(); ++at)
        fields.push_back({whole->values[at], whole->columns[at].type});
      return fields;
    }
    if (node.node_case != PG_QUERY__NODE__NODE_ROW_EXPR) return std::nullopt;
    for (std::size_t at = 0; at < node.row_expr->n_args; ++at) {
      auto value = any(*node.row_expr->args[at]);
      if (!value) return tl::unexpected(value.error());
      fields.push_back(std::move(*value));
    }
    return fields;
  }

 private:
  Checked<Typed> dispatch(const PgQuery__Node& node) {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_A_CONST:
        return constant(*node.a_const);
      case PG_QUERY__NODE__NODE_COLUMN_REF:
        return column(*node.column_ref);
      case PG_QUERY__NODE__NODE_A_EXPR:
        return operation(*node.a_expr);
      case PG_QUERY__NODE__NODE_BOOL_EXPR:
        return logic(*node.bool_expr);
      case PG_QUERY__NODE__NODE_NULL_TEST:
        return null_test(*node.null_test);
      case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
        return boolean_test(*node.boolean_test);
      case PG_QUERY__NODE__NODE_CASE_EXPR:
        return choice(*node.case_expr);
      case PG_QUERY__NODE__NODE_COALESCE_EXPR:
        return coalesce(*node.coalesce_expr);
      case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
        return extreme(*node.min_max_expr);
      case PG_QUERY__NODE__NODE_FUNC_CALL:
        return call(*node.func_call);
      case PG_QUERY__NODE__NODE_TYPE_CAST:
        return cast(*node.type_cast);
      case PG_QUERY__NODE__NODE_SUB_LINK:
        return subquery(*node.sub_link);
      case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        return array(*node.a_array_expr);
      case PG_QUERY__NODE__NODE_ROW_EXPR:
        return row(*node.row_expr);
      case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        return sql_value(*node.sqlvalue_function);
      case PG_QUERY__NODE__NODE_A_INDIRECTION:
        return indirection(*node.a_indirection);
      case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
        return any(*node.collate_clause->arg);
      case PG_QUERY__NODE__NODE_NAMED_ARG_EXPR:
        return any(*node.named_arg_expr->arg);
      case PG_QUERY__NODE__NODE_PARAM_REF:
        return parameter(*node.param_ref);
      default:
        return tl::unexpected(not_known("an expression of a kind that is not modelled"));
    }
  }

  static Checked<Typed> constant(const PgQuery__AConst& constant) {
    if (constant.isnull != 0) return Typed{Value(), plain(unknown_literal)};
    switch (constant.val_case) {
      case PG_QUERY__A__CONST__VAL_IVAL:
        return Typed{Value::known(std::int64_t{constant.ival->ival}), plain(int4)};
      case PG_QUERY__A__CONST__VAL_FVAL: {
        const std::string text = constant.fval->fval;
        const bool whole = text.find_first_of(".eE") == std::string::npos;
        if (whole && read_text(text, plain(int8))) return Typed{Value::known(text), plain(int8)};
        auto value = read_text(text, plain(numeric));
        if (!value) return tl::unexpected(value.error());
        return Typed{std::move(*value), plain(numeric)};
      }
      case PG_QUERY__A__CONST__VAL_BOOLVAL:
        return Typed{Value::boolean(constant.boolval->boolval != 0), plain(boolean)};
      case PG_QUERY__A__CONST__VAL_SVAL:
        return Typed{Value::known(std::string(constant.sval->sval)), plain(unknown_literal)};
      case PG_QUERY__A__CONST__VAL_BSVAL:
        return Typed{Value::known(bits_of(constant.bsval->bsval)), plain(TypeClass::bit)};
      default:
        return Typed{Value::known(std::int64_t{0}), plain(int4)};
    }
  }

  /// $1 of a function's arguments or of EXECUTE ... USING, which the scope names so.
  Checked<Typed> parameter(const PgQuery__ParamRef& reference) const {
    const std::string name = fmt::format("${}", reference.number);
    for (const Scope* scope = &scope_; scope != nullptr; scope = scope->outer) {
      for (const ScopeRelation& relation : scope->relations) {
        for (std::size_t at = 0; at < relation.columns.size(); ++at) {
          if (relation.columns[at].name == name)
            return Typed{relation.values[at], relation.columns[at].type};
        }
      }
    }
    return tl::unexpected(
        refuse("42P02", fmt::format("there is no parameter {}", name), reference.location));
  }

  Checked<Typed> column(const PgQuery__ColumnRef& reference) {
    const std::string_view name = last_name(reference);
    const std::string_view table = reference.n_fields > 1
                                       ? string_of(reference.fields[reference.n_fields - 2])
                                       : std::string_view();
    for (const Scope* scope = &scope_; scope != nullptr; scope = scope->outer) {
      std::optional<Typed> found;
      for (const ScopeRelation& relation : scope->relations) {
        if (!table.empty() && !relation.alias.empty() && relation.alias != table) continue;
        for (std::size_t at = 0; at < relation.columns.size(); ++at) {
          if (relation.columns[at].name != name || (table.empty() && relation.columns[at].merged))
            continue;
          if (found)
            return tl::unexpected(refuse("42702",
                                         fmt::format("column reference \"{}\" is ambiguous", name),
                                         reference.location));
          found = Typed{at < relation.values.size() ? relation.values[at] : Value(),
                        relation.columns[at].type};
        }
      }
      if (found) return *found;
      if (const ScopeRelation* whole = table.empty() ? relation_named(*scope, name) : nullptr)
        return whole_row(*whole);
    }
    constexpr auto kSystem =
        std::to_array<std::string_view>({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"});
    if (std::find(kSystem.begin(), kSystem.end(), name) != kSystem.end()) {
      return Typed{Value::symbol(Symbol::present, surroundings_.new_identity()), plain(unknown)};
    }
    return tl::unexpected(missing(reference, name, table));
  }

  Stop missing(const PgQuery__ColumnRef& reference, std::string_view name,
               std::string_view table) const {
    if (name.empty()) return not_known("all columns as a value", reference.location);
    if (has_other_columns())
      return not_known(fmt::format("column \"{}\" of a system catalog", name), reference.location);
    if (table.empty())
      return refuse("42703", fmt::format("column \"{}\" does not exist", name), reference.location);
    for (const Scope* scope = &scope_; scope != nullptr; scope = scope->outer) {
      if (relation_named(*scope, table) != nullptr) {
        return refuse("42703", fmt::format("column {}.{} does not exist", table, name),
                      reference.location);
      }
    }
    return refuse("42P01", fmt::format("missing FROM-clause entry for table \"{}\"", table),
                  reference.location);
  }

  bool has_other_columns() const {
    for (const Scope* scope = &scope_; scope != nullptr; scope = scope->outer) {
      for (const ScopeRelation& relation : scope->relations) {
        if (!relation.columns.empty() && relation.columns.back().name == kOtherColumns) return true;
      }
    }
    return false;
  }

  static const ScopeRelation* relation_named(const Scope& scope, std::string_view name) {
    const auto found =
        std::find_if(scope.relations.begin(), scope.relations.end(),
                     [&](const ScopeRelation& relation) { return relation.alias == name; });
    return found == scope.relations.end() ? nullptr : &*found;
  }

  static Typed whole_row(const ScopeRelation& relation) {
    if (relation.columns.size() == 1 &&
        (relation.columns[0].lone || relation.columns[0].name == relation.alias)) {
      return {relation.values.empty() ? Value() : relation.values[0], relation.columns[0].type};
    }
    std::vector<Typed> parts;
    for (const Value& value : relation.values) parts.push_back({value, plain(unknown)});
    return derived("row", parts, plain(unknown));
  }

  Checked<Typed> operation(const PgQuery__AExpr& expression) {
    auto result = operation_at(expression);
    if (!result && result.error().offset < 0) result.error().offset = expression.location;
    return result;
  }

  Checked<Typed> operation_at(const PgQuery__AExpr& expression) {
    const std::string_view name = string_of(expression.name[expression.n_name - 1]);
    switch (expression.kind) {
      case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
        break;
      case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
      case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
        break;
      case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
        return in_list(expression, name == "<>");
      case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
      case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
        return with_array(expression, name);
      case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
      case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
        return distinct(expression);
      case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
        return null_if(expression);
      case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
      case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
        return between(expression);
      default:
        return tl::unexpected(not_known(fmt::format("the operator {}", name)));
    }
    if (expression.rexpr == nullptr) return tl::unexpected(not_known("a postfix operator"));
    if (auto field = field_as_json(expression, name)) return *field;
    auto right = any(*expression.rexpr);
    if (!right) return right;
    if (expression.lexpr == nullptr) return apply_prefix(name, *right);
    if (expression.lexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
      return compare_rows(expression, name);
    auto left = any(*expression.lexpr);
    if (!left) return left;
    return apply_operator(name, std::move(*left), std::move(*right), surroundings_);
  }

  Checked<Typed> compare_rows(const PgQuery__AExpr& expression, std::string_view name) {
    if (expression.rexpr->node_case != PG_QUERY__NODE__NODE_ROW_EXPR ||
        (name != "=" && name != "<>")) {
      return tl::unexpected(not_known("a comparison of rows"));
    }
    const PgQuery__RowExpr& left = *expression.lexpr->row_expr;
    const PgQuery__RowExpr& right = *expression.rexpr->row_expr;
    Truth all = Truth::yes;
    for (std::size_t at = 0; at < std::min(left.n_args, right.n_args); ++at) {
      auto one = any(*left.args[at]);
      if (!one) return one;
      auto two = any(*right.args[at]);
      if (!two) return two;
      const auto equal = apply_operator("=", std::move(*one), std::move(*two), surroundings_);
      if (!equal) return equal;
      if (equal->value.is_false()) all = Truth::no;
      if (!equal->value.is_known() && all == Truth::yes) all = Truth::unknown;
    }
    if (name == "<>" && all != Truth::unknown) all = all == Truth::yes ? Truth::no : Truth::yes;
    return boolean_of(all, {}, "rows");
  }

  /// Folds comparisons as OR (or AND): NULL and unknown results matter only while the answer is
  /// open.
  static Typed fold(std::span<const Typed> answers, bool any_of) {
    bool null = false;
    bool open = false;
    for (const Typed& answer : answers) {
      if (answer.value.is_symbol())
        open = true;
      else if (answer.value.is_null())
        null = true;
      else if (answer.value.is_true() == any_of)
        return {Value::boolean(any_of), plain(boolean)};
    }
    if (open) return derived("fold", answers, plain(boolean));
    return {null ? Value() : Value::boolean(!any_of), plain(boolean)};
  }

  Checked<Typed> in_list(const PgQuery__AExpr& expression, bool negated) {
    auto left = any(*expression.lexpr);
    if (!left) return left;
    const PgQuery__List& list = *expression.rexpr->list;
    std::vector<Typed> answers;
    for (std::size_t at = 0; at < list.n_items; ++at) {
      auto item = any(*list.items[at]);
      if (!item) return item;
      auto answer = apply_operator(negated ? "<>" : "=", *left, std::move(*item), surroundings_);
      if (!answer) return answer;
      answers.push_back(std::move(*answer));
    }
    return fold(answers, !negated);
  }

  Checked<Typed> with_array(const PgQuery__AExpr& expression, std::string_view name) {
    auto left = any(*expression.lexpr);
    if (!left) return left;
    auto right = any(*expression.rexpr);
    if (!right) return right;
    if (right->value.is_null()) return Typed{Value(), plain(boolean)};
    if (!right->value.is_known()) return derived("any", std::array{*left, *right}, plain(boolean));
    const auto elements = flat_elements(right->value.text());
    if (!elements) return tl::unexpected(refuse("22P02", "malformed array literal"));
    const ValueType& type = right->type.is_array() ? right->type : left->type;
    std::vector<Typed> answers;
    for (const auto& element : *elements) {
      auto answer = apply_operator(name, *left, element_of(type, element), surroundings_);
      if (!answer) return answer;
      answers.push_back(std::move(*answer));
    }
    return fold(answers, expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY);
  }

  /// The relation of whose row `node` is the whole: `name` or `name.*`. Null when it is something
  /// else.
  const ScopeRelation* row_named(const PgQuery__Node& node) const {
    if (node.node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return nullptr;
    const PgQuery__ColumnRef& reference = *node.column_ref;
    const bool star =
        reference.fields[reference.n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
    if (reference.n_fields != (star ? 2U : 1U)) return nullptr;
    for (const Scope* scope = &scope_; scope != nullptr; scope = scope->outer) {
      const ScopeRelation* relation = relation_named(*scope, string_of(reference.fields[0]));
      const bool scalar =
          relation != nullptr && relation->columns.size() == 1 &&
          (relation->columns[0].lone || relation->columns[0].name == relation->alias);
      if (relation != nullptr)
        return scalar || relation->columns.size() != relation->values.size() ? nullptr : relation;
    }
    return nullptr;
  }

  /// IS DISTINCT FROM of rows: of any of their fields.
  Checked<Typed> distinct_rows(const std::vector<Typed>& left, const std::vector<Typed>& right,
                               bool negated) {
    std::vector<Typed> answers;
    for (std::size_t at = 0; at < std::min(left.size(), right.size()); ++at) {
      auto differ = distinct(left[at], right[at], false);
      if (!differ) return differ;
      answers.push_back(std::move(*differ));
    }
    const Typed any = fold(answers, true);
    if (any.value.is_symbol()) return any;
    return Typed{Value::boolean(any.value.is_true() != negated), plain(boolean)};
  }

  Checked<Typed> distinct(const PgQuery__AExpr& expression) {
    const bool negated = expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT;
    const auto left_row = fields_of(*expression.lexpr);
    const auto right_row = fields_of(*expression.rexpr);
    if (!left_row || !right_row)
      return tl::unexpected(!left_row ? left_row.error() : right_row.error());
    if (*left_row && *right_row && (*left_row)->size() == (*right_row)->size())
      return distinct_rows(**left_row, **right_row, negated);
    auto left = any(*expression.lexpr);
    if (!left) return left;
    auto right = any(*expression.rexpr);
    if (!right) return right;
    return distinct(*left, *right, negated);
  }

  Checked<Typed> distinct(const Typed& left, const Typed& right, bool negated) {
    if (left.value.is_null() || right.value.is_null() || left.value == right.value) {
      const Truth equal = same(left.value, right.value);
      if (equal == Truth::unknown)
        return derived("distinct", std::array{left, right}, plain(boolean));
      return Typed{Value::boolean((equal == Truth::yes) == negated), plain(boolean)};
    }
    return apply_operator(negated ? "=" : "<>", left, right, surroundings_);
  }

  /// The row whose JSON `node` is: to_jsonb(row) and the like. Null when it is something else.
  const ScopeRelation* row_as_json(const PgQuery__Node& node) const {
    if (node.node_case != PG_QUERY__NODE__NODE_FUNC_CALL || node.func_call->n_args != 1)
      return nullptr;
    const std::string_view name =
        string_of(node.func_call->funcname[node.func_call->n_funcname - 1]);
    const bool converts = name == "to_jsonb" || name == "to_json" || name == "row_to_json";
    return converts ? row_named(*node.func_call->args[0]) : nullptr;
  }

  /// A field of a row through its JSON: `to_jsonb(row) ? 'a'` and `to_jsonb(row) ->> 'a'`. Nothing
  /// for all else.
  std::optional<Typed> field_as_json(const PgQuery__AExpr& expression, std::string_view name) {
    if ((name != "?" && name != "->>") || expression.lexpr == nullptr) return std::nullopt;
    const ScopeRelation* row = row_as_json(*expression.lexpr);
    if (row == nullptr) return std::nullopt;
    const auto key = any(*expression.rexpr);
    if (!key || !key->value.is_known()) return std::nullopt;
    const auto found =
        std::find_if(row->columns.begin(), row->columns.end(),
                     [&](const ScopeColumn& column) { return column.name == key->value.text(); });
    if (name == "?") return Typed{Value::boolean(found != row->columns.end()), plain(boolean)};
    if (found == row->columns.end()) return Typed{Value(), plain(text)};
    const Value& value = row->values[static_cast<std::size_t>(found - row->columns.begin())];
    const Typed field{value, found->type};
    // Arrays, rows and times are written otherwise in JSON.
    const bool as_text = is_number(found->type.family) || is_string(found->type.family) ||
                         found->type.family == boolean || found->type.family == uuid;
    if (value.is_null() || (value.is_known() && as_text && !found->type.is_array()))
      return Typed{value, plain(text)};
    return derived("->>", std::array{field}, plain(text));
  }

  Checked<Typed> null_if(const PgQuery__AExpr& expression) {
    auto left = any(*expression.lexpr);
    if (!left) return left;
    auto right = any(*expression.rexpr);
    if (!right) return right;
    const auto equal = apply_operator("=", *left, *right, surroundings_);
    if (!equal) return equal;
    if (equal->value.is_true()) return Typed{Value(), left->type};
    if (equal->value.is_symbol()) return derived("nullif", std::array{*left, *right}, left->type);
    return left;
  }

  Checked<Typed> between(const PgQuery__AExpr& expression) {
    auto value = any(*expression.lexpr);
    if (!value) return value;
    const PgQuery__List& bounds = *expression.rexpr->list;
    std::vector<Typed> answers;
    const bool negated = expression.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN;
    for (std::size_t at = 0; at < 2; ++at) {
      auto bound = any(*bounds.items[at]);
      if (!bound) return bound;
      constexpr std::array<std::string_view, 4> kNames = {">=", "<=", "<", ">"};
      auto answer = apply_operator(kNames.at(at + (negated ? 2 : 0)), *value, std::move(*bound),
                                   surroundings_);
      if (!answer) return answer;
      answers.push_back(std::move(*answer));
    }
    return fold(answers, negated);
  }

  Checked<Typed> logic(const PgQuery__BoolExpr& expression) {
    if (expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR) {
      auto value = any(*expression.args[0]);
      if (!value || value->value.is_null()) return value;
      if (value->value.is_symbol()) return derived("not", std::array{*value}, plain(boolean));
      return Typed{Value::boolean(!is_yes(*value)), plain(boolean)};
    }
    const bool any_of = expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
    std::vector<Typed> answers;
    for (std::size_t at = 0; at < expression.n_args; ++at) {
      auto answer = any(*expression.args[at]);
      if (!answer) return answer;
      if (answer->type.family == unknown_literal && answer->value.is_known())
        answer->value = Value::boolean(is_yes(*answer));
      if (answer->value.is_known() && answer->value.is_true() == any_of) return answer;
      answers.push_back(std::move(*answer));
    }
    return fold(answers, any_of);
  }

  static bool is_yes(const Typed& typed) {
    const auto read = read_text(typed.value.text(), plain(boolean));
    return read && read->is_true();
  }

  Checked<Typed> null_test(const PgQuery__NullTest& test) {
    auto value = any(*test.arg);
    if (!value) return value;
    if (value->value.is_symbol() && value->value.may_be_null())
      return derived("isnull", std::array{*value}, plain(boolean));
    const bool wants_null = test.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL;
    return Typed{Value::boolean(value->value.is_null() == wants_null), plain(boolean)};
  }

  Checked<Typed> boolean_test(const PgQuery__BooleanTest& test) {
    auto value = any(*test.arg);
    if (!value) return value;
    if (value->value.is_symbol()) return derived("istrue", std::array{*value}, plain(boolean));
    const bool null = value->value.is_null();
    const bool yes = !null && is_yes(*value);
    bool answer = false;
    switch (test.booltesttype) {
      case PG_QUERY__BOOL_TEST_TYPE__IS_TRUE:
        answer = yes;
        break;
      case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE:
        answer = !yes;
        break;
      case PG_QUERY__BOOL_TEST_TYPE__IS_FALSE:
        answer = !null && !yes;
        break;
      case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE:
        answer = null || yes;
        break;
      case PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN:
        answer = null;
        break;
      default:
        answer = !null;
        break;
    }
    return Typed{Value::boolean(answer), plain(boolean)};
  }

  Checked<Typed> choice(const PgQuery__CaseExpr& expression) {
    std::optional<Typed> subject;
    if (expression.arg != nullptr) {
      auto value = any(*expression.arg);
      if (!value) return value;
      subject = std::move(*value);
    }
    for (std::size_t at = 0; at < expression.n_args; ++at) {
      const PgQuery__CaseWhen& when = *expression.args[at]->case_when;
      auto condition = any(*when.expr);
      if (!condition) return condition;
      if (subject) condition = apply_operator("=", *subject, std::move(*condition), surroundings_);
      if (!condition) return condition;
      if (condition->value.is_symbol()) return either(expression, *condition);
      if (truth_of(condition->value) == Truth::yes) return any(*when.result);
    }
    if (expression.defresult != nullptr) return any(*expression.defresult);
    auto typed = expression.n_args > 0 ? type_of(*expression.args[0]->case_when->result)
                                       : plain(unknown_literal);
    return Typed{Value(), typed};
  }

  /// The type of an expression whose value does not matter.
  ValueType type_of(const PgQuery__Node& node) {
    const auto value = any(node);
    return value ? value->type : plain(unknown);
  }

  /// A CASE whose branch is not known: a symbol that depends on all of it.
  Checked<Typed> either(const PgQuery__CaseExpr& expression, const Typed& condition) {
    ValueType type = plain(unknown_literal);
    std::vector<Typed> parts = {condition};
    bool null = expression.defresult == nullptr;
    const auto see = [&](const PgQuery__Node& node) {
      auto value = any(node);
      if (!value) return;
      null = null || value->value.may_be_null();
      if (value->type.family != unknown_literal) type = value->type;
      parts.push_back(std::move(*value));
    };
    for (std::size_t at = 0; at < expression.n_args; ++at)
      see(*expression.args[at]->case_when->result);
    if (expression.defresult != nullptr) see(*expression.defresult);
    if (type.family == unknown_literal) type = plain(text);
    Typed result = derived("case", parts, type);
    if (!null) result.value = Value::symbol(Symbol::present, result.value.identity());
    return result;
  }

  Checked<Typed> coalesce(const PgQuery__CoalesceExpr& expression) {
    ValueType type = plain(unknown_literal);
    std::vector<Typed> parts;
    for (std::size_t at = 0; at < expression.n_args; ++at) {
      auto value = any(*expression.args[at]);
      if (!value) return value;
      if (value->type.family != unknown_literal) type = value->type;
      if (value->value.is_null()) continue;
      parts.push_back(std::move(*value));
    }
    if (parts.empty()) return Typed{Value(), type};
    if (!parts.front().value.may_be_null()) {
      if (parts.front().type.family != unknown_literal || type.family == unknown_literal)
        return parts.front();
      auto value = coerce(parts.front(), type, true, surroundings_);
      if (!value) return tl::unexpected(value.error());
      return Typed{std::move(*value), type};
    }
    Typed result = derived("coalesce", parts, type);
    if (std::any_of(parts.begin(), parts.end(),
                    [](const Typed& part) { return !part.value.may_be_null(); })) {
      result.value = Value::symbol(Symbol::present, result.value.identity());
    }
    return result;
  }

  Checked<Typed> extreme(const PgQuery__MinMaxExpr& expression) {
    std::optional<Typed> best;
    bool present = false;
    bool open = false;
    const std::string_view name = expression.op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? ">" : "<";
    for (std::size_t at = 0; at < expression.n_args; ++at) {
      auto value = any(*expression.args[at]);
      if (!value) return value;
      if (value->value.is_null()) continue;
      present = present || !value->value.may_be_null();
      if (!best) {
        best = std::move(*value);
        continue;
      }
      const auto better = apply_operator(name, *value, *best, surroundings_);
      if (!better) return better;
      open = open || better->value.is_symbol();
      if (better->value.is_symbol())
        best = derived(name, std::array{*value, *best}, best->type);
      else if (better->value.is_true())
        best = std::move(*value);
    }
    if (open && present) best->value = Value::symbol(Symbol::present, best->value.identity());
    return best ? *best : Typed{Value(), plain(unknown_literal)};
  }

  Checked<Typed> call(const PgQuery__FuncCall& call) {
    std::vector<Typed> arguments;
    for (std::size_t at = 0; at < call.n_args; ++at) {
      auto value = any(*call.args[at]);
      if (!value) return value;
      arguments.push_back(std::move(*value));
    }
    if (call.over != nullptr) return surroundings_.call(call, arguments);
    put_in_place(call, arguments);
    const std::string_view name = string_of(call.funcname[call.n_funcname - 1]);
    if (name == "nextval" || name == "currval" || name == "setval" || name == "lastval") {
      return surroundings_.use_sequence(name, arguments);
    }
    // What an extension may bring under a schema's name goes by its own name when it is modelled.
    const bool built_in = call.n_funcname == 1 || string_of(call.funcname[0]) == "pg_catalog";
    const bool brought = !built_in && !extension_with(Brought::function, name).empty() &&
                         surroundings_.require_function(call, arguments);
    if (built_in || brought) {
      if (auto result = call_built_in(name, arguments, surroundings_)) {
        if (!*result && result->error().offset < 0) result->error().offset = call.location;
        return std::move(*result);
      }
    }
    // A routine of one's own comes before the cast, unless what it is called with is a quoted
    // literal.
    const bool literal = arguments.size() == 1 && arguments.front().type.family == unknown_literal;
    const bool casts = built_in && (literal || !surroundings_.has_routine(call));
    if (auto converted = casts ? named_like_a_type(name, arguments) : std::nullopt)
      return std::move(*converted);
    return surroundings_.call(call, arguments);
  }

  /// Arguments that make_interval() is given by name, in the order of its parameters; 0 where none
  /// is given.
  static void put_in_place(const PgQuery__FuncCall& call, std::vector<Typed>& arguments) {
    constexpr auto kParameters = std::to_array<std::string_view>(
        {"years", "months", "weeks", "days", "hours", "mins", "secs"});
    if (string_of(call.funcname[call.n_funcname - 1]) != "make_interval") return;
    std::vector<Typed> placed(kParameters.size(), {Value::known(std::int64_t{0}), plain(int4)});
    for (std::size_t at = 0; at < arguments.size(); ++at) {
      std::size_t place = at;
      if (call.args[at]->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR) {
        const std::string_view named = call.args[at]->named_arg_expr->name;
        place =
            static_cast<std::size_t>(std::ranges::find(kParameters, named) - kParameters.begin());
      }
      if (place >= placed.size()) return;
      placed[place] = arguments[at];
    }
    arguments = std::move(placed);
  }

  /// text(value), date(value): a cast in the form of a call. Nothing where there is no such type or
  /// cast.
  std::optional<Checked<Typed>> named_like_a_type(std::string_view name,
                                                  const std::vector<Typed>& arguments) {
    constexpr auto kNames =
        std::to_array<std::string_view>({"text", "int2", "int4", "int8", "float4", "float8", "bool",
                                         "date", "uuid", "json", "jsonb"});
    if (arguments.size() != 1 || std::ranges::find(kNames, name) == kNames.end())
      return std::nullopt;
    if (arguments.front().type.family == composite && !arguments.front().type.is_array())
      return std::nullopt;
    const ValueType type = plain(family_of(name));
    auto converted = coerce(arguments.front(), type, true, surroundings_);
    const bool literal = arguments.front().type.family == unknown_literal;
    if (!converted)
      return literal ? std::optional<Checked<Typed>>(tl::unexpected(converted.error()))
                     : std::nullopt;
    return Typed{std::move(*converted), type};
  }

  Checked<Typed> cast(const PgQuery__TypeCast& cast) {
    auto type = surroundings_.type_named(*cast.type_name);
    if (!type) return tl::unexpected(type.error());
    // ARRAY[...]::type[] types its elements by the cast.
    if (cast.arg->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR &&
        cast.arg->a_array_expr->n_elements == 0) {
      return Typed{Value::known("{}"), *type};
    }
    auto value = any(*cast.arg);
    if (!value) return value;
    if (auto there = names_something(*value, *type); !there) return tl::unexpected(there.error());
    auto converted = coerce(*value, *type, true, surroundings_);
    if (!converted) {
      Stop stop = std::move(converted.error());
      if (stop.offset < 0) stop.offset = cast.location;
      return tl::unexpected(std::move(stop));
    }
    return Typed{std::move(*converted), *type};
  }

  /// A literal that becomes a regclass has to name a relation.
  Checked<void> names_something(const Typed& value, const ValueType& type) {
    if (!names_objects(type) || !value.value.is_known() || value.type.family != unknown_literal)
      return {};
    const auto number = surroundings_.object_number(type.name, value.value.text());
    if (!number && number.error().kind == Stop::Kind::refused)
      return tl::unexpected(number.error());
    return {};
  }

  Checked<Typed> subquery(const PgQuery__SubLink& link) {
    if (link.subselect == nullptr ||
        link.subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
      return tl::unexpected(not_known("a subquery"));
    }
    auto rows = run_select(*link.subselect->select_stmt, scope_, surroundings_);
    if (!rows) return tl::unexpected(rows.error());
    if (link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK) return exists(*rows);
    if (rows->columns.empty())  // `(SELECT FROM t)`
      return tl::unexpected(refuse("42601", "subquery must return only one column"));
    switch (link.sub_link_type) {
      case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
        return single(*rows);
      case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
      case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
        return quantified(link, *rows);
      case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
        return gathered(*rows);
      default:
        return tl::unexpected(not_known("a subquery of rows"));
    }
  }

  static Checked<Typed> exists(const Relation& rows) {
    const bool sure =
        std::find(rows.certain.begin(), rows.certain.end(), true) != rows.certain.end();
    if (sure || rows.rows.empty()) return Typed{Value::boolean(sure), plain(boolean)};
    return derived("exists", {}, plain(boolean));
  }

  static Checked<Typed> single(const Relation& rows) {
    const ValueType type = rows.columns.front().type;
    const auto sure = std::count(rows.certain.begin(), rows.certain.end(), true);
    if (sure > 1)
      return tl::unexpected(
          refuse("21000", "more than one row returned by a subquery used as an expression"));
    if (rows.rows.empty()) return Typed{Value(), type};
    if (rows.rows.size() == 1 && sure == 1) return Typed{rows.rows.front().front(), type};
    return derived("subquery", {}, type);
  }

  static Checked<Typed> gathered(const Relation& rows) {
    ValueType type = rows.columns.front().type;
    const bool arrays = type.is_array();
    type.dimensions = 1;
    std::vector<std::optional<std::string>> elements;
    for (std::size_t at = 0; at < rows.rows.size(); ++at) {
      const Value& value = rows.rows[at].front();
      if (!rows.certain[at] || value.is_symbol()) return derived("array", {}, type);
      elements.push_back(as_element({value, rows.columns.front().type}));
    }
    return Typed{Value::known(join_array(elements, arrays)), type};
  }

  Checked<Typed> quantified(const PgQuery__SubLink& link, const Relation& rows) {
    if (link.testexpr->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
      return tl::unexpected(not_known("IN with rows"));
    auto left = any(*link.testexpr);
    if (!left) return left;
    const bool any_of = link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK;
    const std::string_view name =
        link.n_oper_name > 0 ? string_of(link.oper_name[0]) : std::string_view("=");
    std::vector<Typed> answers;
    for (std::size_t at = 0; at < rows.rows.size(); ++at) {
      auto answer = apply_operator(name, *left, {rows.rows[at].front(), rows.columns.front().type},
                                   surroundings_);
      if (!answer) return answer;
      const bool decides = answer->value.is_true() == any_of;
      if (!rows.certain[at] && decides)
        answer = derived("maybe", std::array{*answer}, plain(boolean));
      answers.push_back(std::move(*answer));
    }
    return fold(answers, any_of);
  }

  Checked<Typed> array(const PgQuery__AArrayExpr& expression) {
    ValueType type = plain(unknown_literal);
    std::vector<Typed> parts;
    for (std::size_t at = 0; at < expression.n_elements; ++at) {
      auto value = any(*expression.elements[at]);
      if (!value) return value;
      if (value->type.family != unknown_literal && type.family != numeric) type = value->type;
      parts.push_back(std::move(*value));
    }
    if (type.family == unknown_literal) type = plain(text);
    // A length is that of all elements or of none; each keeps the blanks of its own then.
    const auto has_length = [&](const Typed& part) {
      return part.value.is_null() || part.type.length == type.length;
    };
    const bool one_length = std::all_of(parts.begin(), parts.end(), has_length);
    if (type.family == bpchar && !one_length) return derived("array", parts, array_of(type));
    if (!one_length && is_string(type.family)) type.length = -1;
    const bool symbolic = std::any_of(parts.begin(), parts.end(),
                                      [](const Typed& part) { return part.value.is_symbol(); });
    std::vector<std::optional<std::string>> elements;
    for (Typed& part : parts) {
      if (symbolic || part.value.is_null()) {
        elements.emplace_back();
        continue;
      }
      auto value = part.type.is_array() ? Checked<Value>(part.value)
                                        : coerce(part, type, true, surroundings_);
      if (!value) return tl::unexpected(value.error());
      elements.push_back(as_element({*value, part.type.is_array() ? part.type : type}));
    }
    const bool arrays = std::any_of(parts.begin(), parts.end(),
                                    [](const Typed& part) { return part.type.is_array(); });
    if (symbolic) return derived("array", parts, array_of(type));
    return Typed{Value::known(join_array(elements, arrays)), array_of(type)};
  }

  static ValueType array_of(ValueType element) {
    element.dimensions = 1;
    return element;
  }

  Checked<Typed> row(const PgQuery__RowExpr& expression) {
    std::vector<std::optional<std::string>> fields;
    for (std::size_t at = 0; at < expression.n_args; ++at) {
      auto value = any(*expression.args[at]);
      if (!value) return value;
      if (value->value.is_symbol()) return derived("row", std::array{*value}, plain(composite));
      fields.push_back(as_element(*value));
    }
    return Typed{Value::known(join_record(fields)), plain(composite)};
  }

  static Checked<Typed> sql_value(const PgQuery__SQLValueFunction& function) {
    switch (function.op) {
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
        return Typed{Value::symbol(Symbol::clock, 1), plain(date)};
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
        return Typed{Value::symbol(Symbol::clock, 0), plain(timestamptz)};
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
        return Typed{Value::symbol(Symbol::clock, 0), plain(timestamp)};
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
        return Typed{Value::symbol(Symbol::clock, 2), plain(timetz)};
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
      case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
        return Typed{Value::symbol(Symbol::clock, 2), plain(TypeClass::time)};
      default:
        return Typed{Value::symbol(Symbol::present, static_cast<std::uint64_t>(function.op)),
                     plain(name)};
    }
  }

  Checked<Typed> indirection(const PgQuery__AIndirection& expression) {
    auto value = any(*expression.arg);
    if (!value) return value;
    if (expression.n_indirection != 1 ||
        expression.indirection[0]->node_case != PG_QUERY__NODE__NODE_A_INDICES) {
      return derived("field", std::array{*value}, plain(unknown));
    }
    const PgQuery__AIndices& indices = *expression.indirection[0]->a_indices;
    ValueType type = value->type;
    type.dimensions = 0;
    if (indices.is_slice != 0 || indices.uidx == nullptr || !value->value.is_known() ||
        !value->type.is_array()) {
      return derived("element", std::array{*value}, plain(unknown));
    }
    auto index = any(*indices.uidx);
    if (!index) return index;
    // "[0:1]={a,b}" counts from 0.
    const std::string& text = value->value.text();
    const long first = text.starts_with('[') ? std::atol(text.c_str() + 1) : 1;
    const auto elements = split_array(without_bounds(text));
    if (!index->value.is_known() || !elements) return derived("element", std::array{*value}, type);
    if (holds_arrays(without_bounds(text)))
      return Typed{Value(), type};  // fewer subscripts than dimensions
    const long at = std::atol(index->value.text().c_str()) - first + 1;
    if (at < 1 || at > static_cast<long>(elements->size())) return Typed{Value(), type};
    const auto& element = (*elements)[static_cast<std::size_t>(at - 1)];
    return element_of(type, element);
  }

  const Scope& scope_;
  Surroundings& surroundings_;
  int depth_ = 0;
};

/// 42846 for CAST, 42804 for an assignment.
Stop no_cast(const ValueType& from, const ValueType& to, bool requested) {
  if (requested)
    return refuse("42846", fmt::format("cannot cast type {} to {}", describe(from), describe(to)));
  return refuse("42804", fmt::format("expression is of type {} but {} is needed", describe(from),
                                     describe(to)));
}

bool is_object_id(const ValueType& type) {
  return !type.is_array() && (type.family == oid || is_integer(type.family));
}

bool is_user_made(const ValueType& type) { return type.user != 0; }

int width_of(const ValueType& type) {
  constexpr auto kOrder = std::to_array<TypeClass>({int2, int4, int8, numeric, float4, float8});
  return static_cast<int>(std::ranges::find(kOrder, type.family) - kOrder.begin());
}

/// Whether a value of the one type may be refused by the other.
bool may_not_fit(const ValueType& from, const ValueType& to, bool requested) {
  if (from.is_array() || to.is_array()) return to.is_array() && !from.is_array();
  if (is_string(to.family)) return to.length >= 0 && !requested && is_string(from.family);
  if (is_string(from.family)) return true;
  if (!is_number(from.family) || !is_number(to.family)) return false;
  return width_of(to) < width_of(from) || (to.family == numeric && to.length >= 0);
}

/// A domain, whose values are those of the type behind it.
bool is_domain(const ValueType& type) {
  return is_user_made(type) && !type.is_array() && type.family != enumeration &&
         type.family != composite && type.family != other && type.family != unknown;
}

}  // namespace

Checked<Typed> evaluate(const PgQuery__Node& node, const Scope& scope, Surroundings& surroundings) {
  return Evaluator(scope, surroundings).any(node);
}

Checked<std::optional<std::vector<Typed>>> row_fields(const PgQuery__Node& node, const Scope& scope,
                                                      Surroundings& surroundings) {
  return Evaluator(scope, surroundings).fields_of(node);
}

Checked<Truth> holds(const PgQuery__Node& node, const Scope& scope, Surroundings& surroundings) {
  return evaluate(node, scope, surroundings).map([](const Typed& typed) {
    return truth_of(typed.value);
  });
}

Checked<Truth> not_violated(const PgQuery__Node& node, const Scope& scope,
                            Surroundings& surroundings) {
  return evaluate(node, scope, surroundings).map([](const Typed& typed) {
    return typed.value.is_null() ? Truth::yes : truth_of(typed.value);
  });
}

Checked<Value> coerce(const Typed& value, const ValueType& to, bool requested,
                      Surroundings& surroundings) {
  const ValueType& from = value.type;
  const bool open = value.value.is_symbol() && value.value.kind() != Symbol::fresh;
  if (open && from != to && to.family != unknown && from.family != unknown &&
      may_not_fit(from, to, requested))
    surroundings.note_doubtful_fit(from, to);
  if (is_domain(from) && to.user != from.user) {
    Typed plainly = value;
    plainly.type.user = 0;
    return coerce(plainly, to, requested, surroundings);
  }
  if (to.family == unknown || from.family == unknown) return value.value;
  // A type of an extension: which casts it brings, and what they make of a value, is not known.
  const auto is_base = [](const ValueType& type) {
    return type.user != 0 && type.family == other && !type.is_array();
  };
  if ((is_base(from) || is_base(to)) && from != to) {
    return value.value.is_null()
               ? value.value
               : Value::symbol(value.value.may_be_null() ? Symbol::opaque : Symbol::present,
                               surroundings.new_identity());
  }
  const bool same_user_type = from.user == to.user && from.dimensions == to.dimensions;
  if (is_user_made(to) && !same_user_type) {
    const bool text_in = from.family == unknown_literal || (requested && is_string(from.family));
    if (text_in || to.family == composite || (from.user == 0 && to.family != enumeration)) {
      if (value.value.is_symbol()) return value.value;
      return surroundings.read_user_type(value.value, to);
    }
    return tl::unexpected(no_cast(from, to, requested));
  }
  if (is_user_made(to))
    return to.family == enumeration ? Checked<Value>(value.value)
                                    : surroundings.read_user_type(value.value, to);
  if (is_user_made(from) && !is_string(to.family))
    return tl::unexpected(no_cast(from, to, requested));
  const bool names = names_objects(from) || names_objects(to);
  if (names && (names_objects(from) || is_object_id(from)) &&
      (names_objects(to) || is_object_id(to))) {
    if (value.value.is_null() || from == to) return value.value;
    if (value.value.is_known() && !names_objects(from)) return value.value;
    if (value.value.is_known() && !names_objects(to)) {
      if (auto number = surroundings.object_number(from.name, value.value.text()))
        return Value::known(std::move(*number));
    }
    return Value::symbol(Symbol::present, surroundings.new_identity());
  }
  if (names_objects(from) && is_string(to.family) && !to.is_array() && value.value.is_known()) {
    auto printed = surroundings.object_text(from.name, value.value.text());
    return printed ? Value::known(std::move(*printed))
                   : Value::symbol(Symbol::present, surroundings.new_identity());
  }
  const CastRule rule = cast_rule(from, to);
  if (rule == CastRule::none || (rule == CastRule::on_request && !requested)) {
    return tl::unexpected(no_cast(from, to, requested));
  }
  if (from.family == unknown_literal && value.value.is_known()) {
    return read_text(value.value.text(), to).and_then([&](const Value& read) {
      return fit(read, to, requested);
    });
  }
  return convert(value, to, requested);
}

std::string_view last_name(const PgQuery__ColumnRef& reference) {
  return reference.n_fields == 0 ? std::string_view()
                                 : string_of(reference.fields[reference.n_fields - 1]);
}

}  // namespace backout::postgres
