// PostgreSQL prints stored expressions from their analysed trees (get_rule_expr() in ruleutils.c):
// IN as = ANY, BETWEEN as two comparisons, casts written out, names quoted by need.
// Left out: SQL for kinds of nodes without a printer of their own: they become "Name(field=value)",
// the same for equal trees. Casts that PostgreSQL adds by itself to arguments of functions are not
// there.
#include "postgres/query/print.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/query.hpp"

namespace backout::postgres {
namespace {

template <class T>
const T& member(const ProtobufCMessage& message, std::size_t offset) {
  return *reinterpret_cast<const T*>(reinterpret_cast<const std::byte*>(&message) + offset);
}

class Printer {
 public:
  explicit Printer(const Printing& printing) : printing_(printing) {}

  std::string any(const PgQuery__Node* node) const {
    return node == nullptr ? std::string() : print(*node);
  }

  std::string print(const PgQuery__Node& node) const {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_A_CONST:
        return constant(*node.a_const);
      case PG_QUERY__NODE__NODE_COLUMN_REF:
        return printing_.column(*node.column_ref);
      case PG_QUERY__NODE__NODE_A_EXPR:
        return operation(*node.a_expr);
      case PG_QUERY__NODE__NODE_BOOL_EXPR:
        return logic(*node.bool_expr);
      case PG_QUERY__NODE__NODE_NULL_TEST: {
        const bool null = node.null_test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL;
        return fmt::format("({} IS {}NULL)", any(node.null_test->arg), null ? "" : "NOT ");
      }
      case PG_QUERY__NODE__NODE_TYPE_CAST:
        return cast(*node.type_cast);
      case PG_QUERY__NODE__NODE_FUNC_CALL:
        return call(*node.func_call);
      case PG_QUERY__NODE__NODE_COALESCE_EXPR:
        return fmt::format("COALESCE({})",
                           list(node.coalesce_expr->args, node.coalesce_expr->n_args));
      case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
        return fmt::format("ARRAY[{}]",
                           list(node.a_array_expr->elements, node.a_array_expr->n_elements));
      case PG_QUERY__NODE__NODE_CASE_EXPR:
        return choice(*node.case_expr);
      case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        return sql_value(*node.sqlvalue_function);
      case PG_QUERY__NODE__NODE_LIST:
        return list(node.list->items, node.list->n_items);
      case PG_QUERY__NODE__NODE_ROW_EXPR:
        return fmt::format("ROW({})", list(node.row_expr->args, node.row_expr->n_args));
      case PG_QUERY__NODE__NODE_STRING:
        return escaped(node.string->sval);
      case PG_QUERY__NODE__NODE__NOT_SET:
        return {};
      default:
        return message(*oneof_of(node));
    }
  }

 private:
  /// The message inside a node of any kind.
  static const ProtobufCMessage* oneof_of(const PgQuery__Node& node) {
    return reinterpret_cast<const ProtobufCMessage*>(node.alias);
  }

  std::string list(PgQuery__Node* const* items, std::size_t count) const {
    std::string printed;
    for (std::size_t at = 0; at < count; ++at) printed += (at > 0 ? ", " : "") + any(items[at]);
    return printed;
  }

  static std::string constant(const PgQuery__AConst& constant) {
    if (constant.isnull != 0) return "NULL";
    switch (constant.val_case) {
      case PG_QUERY__A__CONST__VAL_IVAL: {
        const int number = constant.ival->ival;
        return number < 0 ? fmt::format("'{}'::integer", number) : fmt::format("{}", number);
      }
      case PG_QUERY__A__CONST__VAL_FVAL:
        return constant.fval->fval;
      case PG_QUERY__A__CONST__VAL_BOOLVAL:
        return constant.boolval->boolval != 0 ? "true" : "false";
      case PG_QUERY__A__CONST__VAL_SVAL:
        return escaped(quote_literal(constant.sval->sval));
      case PG_QUERY__A__CONST__VAL_BSVAL:
        return fmt::format("B{}", escaped(quote_literal(constant.bsval->bsval + 1)));
      default:
        return "0";
    }
  }

  std::string operation(const PgQuery__AExpr& expression) const {
    std::string_view name = string_of(expression.name[expression.n_name - 1]);
    if (name == "!=") name = "<>";
    const std::string left = beside(expression.lexpr, expression.rexpr);
    const std::string right = beside(expression.rexpr, expression.lexpr);
    switch (expression.kind) {
      case PG_QUERY__A__EXPR__KIND__AEXPR_IN: {
        const bool single = expression.rexpr->list->n_items == 1;
        if (single) return fmt::format("({} {} {})", left, name, right);
        return fmt::format("({} {} {} (ARRAY[{}]))", left, name, name == "=" ? "ANY" : "ALL",
                           right);
      }
      case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
        return fmt::format("({} {} ANY ({}))", left, name, right);
      case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
        return fmt::format("({} {} ALL ({}))", left, name, right);
      case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
        return between(expression, ">=", "<=", "AND");
      case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
        return between(expression, "<", ">", "OR");
      case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
        return fmt::format("({} IS DISTINCT FROM {})", left, right);
      case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
        return fmt::format("(NOT ({} IS DISTINCT FROM {}))", left, right);
      case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
        return fmt::format("NULLIF({}, {})", left, right);
      default:
        break;
    }
    return left.empty() ? fmt::format("({} {})", name, right)
                        : fmt::format("({} {} {})", left, name, right);
  }

  std::string between(const PgQuery__AExpr& expression, std::string_view low, std::string_view high,
                      std::string_view join) const {
    const std::string value = any(expression.lexpr);
    const PgQuery__List& bounds = *expression.rexpr->list;
    return fmt::format("(({} {} {}) {} ({} {} {}))", value, low, any(bounds.items[0]), join, value,
                       high, any(bounds.items[1]));
  }

  std::string logic(const PgQuery__BoolExpr& expression) const {
    if (expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR)
      return fmt::format("(NOT {})", any(expression.args[0]));
    const std::string_view word =
        expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR ? " AND " : " OR ";
    std::string printed;
    for (std::size_t at = 0; at < expression.n_args; ++at)
      printed += fmt::format("{}{}", at > 0 ? word : "", any(expression.args[at]));
    return "(" + printed + ")";
  }

  std::string cast(const PgQuery__TypeCast& cast) const {
    const std::string type = printing_.type(*cast.type_name);
    // A length or scale cuts.
    const bool bare = cast.type_name->n_typmods == 0;
    if (bare && is_text_type(type) && is_text(*cast.arg)) return any(cast.arg);
    if (bare && is_number_type(type) && is_number(*cast.arg)) return any(cast.arg);
    std::string value = any(cast.arg);
    if (const char* literal = literal_of(*cast.arg);
        literal != nullptr && printing_.literal && value.starts_with('\'')) {
      if (const auto read = printing_.literal(literal, *cast.type_name))
        value = escaped(quote_literal(*read));
    }
    if (!beside_.empty() && value.starts_with('\'') &&
        cast.arg->node_case == PG_QUERY__NODE__NODE_A_CONST &&
        (type == beside_ || type == beside_ + "[]"))
      return value;
    if (type == "boolean" &&
        (value == "'t'" || value == "'f'" || value == "'true'" || value == "'false'")) {
      return value[1] == 't' ? "true" : "false";
    }
    if (value.ends_with("::" + type)) return value;
    const bool atom = value.starts_with('\'') || value.starts_with('(') || value.starts_with('"') ||
                      cast.arg->node_case != PG_QUERY__NODE__NODE_TYPE_CAST;
    return atom ? fmt::format("{}::{}", value, type) : fmt::format("({})::{}", value, type);
  }

  /// A literal, column or array of text, perhaps cast to another type of text.
  bool is_text(const PgQuery__Node& node) const {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_A_CONST:
        return node.a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
      case PG_QUERY__NODE__NODE_COLUMN_REF:
        return is_text_type(type_of(node));
      case PG_QUERY__NODE__NODE_TYPE_CAST:
        return node.type_cast->type_name->n_typmods == 0 &&
               is_text_type(printing_.type(*node.type_cast->type_name)) &&
               is_text(*node.type_cast->arg);
      case PG_QUERY__NODE__NODE_A_ARRAY_EXPR: {
        const PgQuery__AArrayExpr& array = *node.a_array_expr;
        return array.n_elements > 0 &&
               std::all_of(array.elements, array.elements + array.n_elements,
                           [&](const PgQuery__Node* element) { return is_text(*element); });
      }
      default:
        return false;
    }
  }

  /// Of a column, as far as it is known.
  std::string type_of(const PgQuery__Node& node) const {
    return node.node_case == PG_QUERY__NODE__NODE_COLUMN_REF && printing_.type_of
               ? printing_.type_of(*node.column_ref)
               : std::string();
  }

  static bool is_null(const PgQuery__Node& node) {
    const PgQuery__Node* at = &node;
    while (at->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) at = at->type_cast->arg;
    return at->node_case == PG_QUERY__NODE__NODE_A_CONST && at->a_const->isnull != 0;
  }

  /// What stands beside `other`: literals of its type need no cast.
  std::string beside(const PgQuery__Node* node, const PgQuery__Node* other) const {
    std::string outer = std::exchange(beside_, other == nullptr ? std::string() : type_of(*other));
    std::string printed = any(node);
    beside_ = std::move(outer);
    return printed;
  }

  static bool is_number(const PgQuery__Node& node) {
    if (node.node_case != PG_QUERY__NODE__NODE_A_CONST || node.a_const->isnull != 0) return false;
    return node.a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL ||
           node.a_const->val_case == PG_QUERY__A__CONST__VAL_FVAL;
  }

  static bool is_number_type(std::string_view type) {
    return type == "numeric" || type == "integer" || type == "bigint" || type == "smallint" ||
           type == "double precision" || type == "real";
  }

  /// The text of a literal, through casts; null when it is none.
  static const char* literal_of(const PgQuery__Node& node) {
    const PgQuery__Node* at = &node;
    while (at->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) at = at->type_cast->arg;
    const bool text = at->node_case == PG_QUERY__NODE__NODE_A_CONST &&
                      at->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    return text ? at->a_const->sval->sval : nullptr;
  }

  std::string call(const PgQuery__FuncCall& call) const {
    const std::string outer = std::exchange(beside_, std::string());
    std::string printed = written_call(call);
    beside_ = outer;
    return printed;
  }

  std::string written_call(const PgQuery__FuncCall& call) const {
    std::string name;
    for (std::size_t at = 0; at < call.n_funcname; ++at) {
      const std::string_view part = string_of(call.funcname[at]);
      if (part == "pg_catalog" || part == "public") continue;
      name += (name.empty() ? "" : ".") + escaped(quote_identifier(part));
    }
    std::string arguments = call.agg_star != 0 ? "*" : list(call.args, call.n_args);
    if (name == "nextval" && call.n_args == 1) {
      if (const char* relation = literal_of(*call.args[0]))
        arguments = printing_.relation(relation);
    }
    std::string printed =
        fmt::format("{}({}{})", name, call.agg_distinct != 0 ? "DISTINCT " : "", arguments);
    if (call.over != nullptr) printed += message(call.over->base);
    for (std::size_t at = 0; at < call.n_agg_order; ++at) printed += print(*call.agg_order[at]);
    if (call.agg_filter != nullptr)
      printed += fmt::format(" FILTER (WHERE {})", any(call.agg_filter));
    return printed;
  }

  std::string choice(const PgQuery__CaseExpr& expression) const {
    std::string printed = "CASE";
    if (expression.arg != nullptr) printed += " " + any(expression.arg);
    for (std::size_t at = 0; at < expression.n_args; ++at) {
      const PgQuery__CaseWhen& when = *expression.args[at]->case_when;
      printed += fmt::format(" WHEN {} THEN {}", any(when.expr), any(when.result));
    }
    if (expression.defresult != nullptr && !is_null(*expression.defresult))
      printed += " ELSE " + any(expression.defresult);
    return printed + " END";
  }

  static std::string sql_value(const PgQuery__SQLValueFunction& function) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIME", "CURRENT_TIMESTAMP",
         "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIME", "LOCALTIMESTAMP", "LOCALTIMESTAMP",
         "CURRENT_ROLE", "CURRENT_USER", "USER", "SESSION_USER", "CURRENT_CATALOG",
         "CURRENT_SCHEMA"});
    std::string name(kNames.at(static_cast<std::size_t>(function.op)));
    const bool precise = name != "CURRENT_DATE" && function.typmod >= 0;
    return precise && function.typmod > 0 ? fmt::format("{}({})", name, function.typmod) : name;
  }

  std::string scalar(const ProtobufCFieldDescriptor& field, const std::byte* at) const {
    switch (field.type) {
      case PROTOBUF_C_TYPE_STRING: {
        const auto* text = *reinterpret_cast<const char* const*>(at);
        return text == nullptr ? std::string() : escaped(quote_literal(text));
      }
      case PROTOBUF_C_TYPE_MESSAGE: {
        const auto* below = *reinterpret_cast<const ProtobufCMessage* const*>(at);
        if (below == nullptr) return {};
        if (below->descriptor == &pg_query__node__descriptor)
          return print(*reinterpret_cast<const PgQuery__Node*>(below));
        return message(*below);
      }
      default: {
        auto number = *reinterpret_cast<const std::int32_t*>(at);
        if (std::string_view(field.name) == "sortby_dir" &&
            number == PG_QUERY__SORT_BY_DIR__SORTBY_ASC)
          number = PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
        return number == 0 ? std::string() : fmt::format("{}", number);
      }
    }
  }

  std::string field_of(const ProtobufCMessage& message,
                       const ProtobufCFieldDescriptor& field) const {
    const auto* at = reinterpret_cast<const std::byte*>(&message) + field.offset;
    if (field.label != PROTOBUF_C_LABEL_REPEATED) {
      const bool one_of = (field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
      if (one_of && member<std::uint32_t>(message, field.quantifier_offset) != field.id) return {};
      return scalar(field, at);
    }
    std::string printed;
    const auto count = member<std::size_t>(message, field.quantifier_offset);
    const auto* items = *reinterpret_cast<const std::byte* const*>(at);
    for (std::size_t item = 0; item < count && field.type == PROTOBUF_C_TYPE_MESSAGE; ++item) {
      printed += (item > 0 ? "," : "") + scalar(field, items + item * sizeof(void*));
    }
    // DISTINCT without a list is a list of nothing.
    return printed.empty() && count == 0 ? printed : "[" + printed + "]";
  }

  /// A column of a select list; the name that it would have anyway is left out.
  std::string target(const PgQuery__ResTarget& target) const {
    std::string value = any(target.val);
    // All columns of a relation, one by one.
    if (value.ends_with(',')) value.pop_back();
    const std::string_view name = target.name == nullptr ? "" : target.name;
    PgQuery__ResTarget nameless = target;
    nameless.name = nullptr;
    const std::string own = output_name(nameless);
    return name.empty() || name == own
               ? value
               : fmt::format("{} AS {}", value, escaped(quote_identifier(name)));
  }

  /// Any message as text, places left out: for kinds of nodes without a printer of their own.
  std::string message(const ProtobufCMessage& message) const {
    if (message.descriptor == &pg_query__range_var__descriptor && printing_.range) {
      return printing_.range(reinterpret_cast<const PgQuery__RangeVar&>(message));
    }
    if (message.descriptor == &pg_query__res_target__descriptor) {
      const auto& found = reinterpret_cast<const PgQuery__ResTarget&>(message);
      if (found.val != nullptr && found.n_indirection == 0) return target(found);
    }
    std::string printed;
    for (unsigned at = 0; at < message.descriptor->n_fields; ++at) {
      const ProtobufCFieldDescriptor& field = message.descriptor->fields[at];
      const std::string_view name = field.name;
      if (name == "location" || name == "stmt_location" || name == "stmt_len") continue;
      const std::string value = field_of(message, field);
      if (!value.empty())
        printed += fmt::format("{}{}={}", printed.empty() ? "" : " ", name, value);
    }
    return fmt::format("{}({})", message.descriptor->short_name, printed);
  }

  const Printing& printing_;
  mutable std::string beside_;  ///< the type of the column that what is printed stands beside
};

}  // namespace

bool is_text_type(std::string_view type) {
  if (type.ends_with("[]")) type.remove_suffix(2);
  return type == "text" || type == "character varying";
}

std::string print_tree(const PgQuery__Node& node, const Printing& printing) {
  // An index on a cast of a column is none on the column.
  const bool cast = node.node_case == PG_QUERY__NODE__NODE_TYPE_CAST &&
                    node.type_cast->arg->node_case == PG_QUERY__NODE__NODE_COLUMN_REF;
  if (cast)
    return fmt::format("{}::{}", printing.column(*node.type_cast->arg->column_ref),
                       printing.type(*node.type_cast->type_name));
  return Printer(printing).print(node);
}

std::string print_plain(const PgQuery__Node& node) {
  Printing printing;
  printing.column = [](const PgQuery__ColumnRef& reference) {
    return escaped(qualified(reference.fields, reference.n_fields).name);
  };
  printing.type = [](const PgQuery__TypeName& name) {
    return escaped(qualified(name.names, name.n_names).name);
  };
  printing.relation = [](std::string_view text) { return escaped(quote_literal(text)); };
  const auto none = [](Mark) -> std::string {
    assert(false && "a plain text has no tokens");
    return {};
  };
  return read_marks(print_tree(node, printing), none);
}

std::string quote_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

namespace {

/// Words of PostgreSQL 15 that are no plain names. Source: src/include/parser/kwlist.h, all but
/// UNRESERVED_KEYWORD.
constexpr auto kWords = std::to_array<std::string_view>({"all",
                                                         "analyse",
                                                         "analyze",
                                                         "and",
                                                         "any",
                                                         "array",
                                                         "as",
                                                         "asc",
                                                         "asymmetric",
                                                         "authorization",
                                                         "between",
                                                         "bigint",
                                                         "binary",
                                                         "bit",
                                                         "boolean",
                                                         "both",
                                                         "case",
                                                         "cast",
                                                         "char",
                                                         "character",
                                                         "check",
                                                         "coalesce",
                                                         "collate",
                                                         "collation",
                                                         "column",
                                                         "concurrently",
                                                         "constraint",
                                                         "create",
                                                         "cross",
                                                         "current_catalog",
                                                         "current_date",
                                                         "current_role",
                                                         "current_schema",
                                                         "current_time",
                                                         "current_timestamp",
                                                         "current_user",
                                                         "dec",
                                                         "decimal",
                                                         "default",
                                                         "deferrable",
                                                         "desc",
                                                         "distinct",
                                                         "do",
                                                         "else",
                                                         "end",
                                                         "except",
                                                         "exists",
                                                         "extract",
                                                         "false",
                                                         "fetch",
                                                         "float",
                                                         "for",
                                                         "foreign",
                                                         "freeze",
                                                         "from",
                                                         "full",
                                                         "grant",
                                                         "greatest",
                                                         "group",
                                                         "grouping",
                                                         "having",
                                                         "ilike",
                                                         "in",
                                                         "initially",
                                                         "inner",
                                                         "inout",
                                                         "int",
                                                         "integer",
                                                         "intersect",
                                                         "interval",
                                                         "into",
                                                         "is",
                                                         "isnull",
                                                         "join",
                                                         "lateral",
                                                         "leading",
                                                         "least",
                                                         "left",
                                                         "like",
                                                         "limit",
                                                         "localtime",
                                                         "localtimestamp",
                                                         "national",
                                                         "natural",
                                                         "nchar",
                                                         "none",
                                                         "normalize",
                                                         "not",
                                                         "notnull",
                                                         "null",
                                                         "nullif",
                                                         "numeric",
                                                         "offset",
                                                         "on",
                                                         "only",
                                                         "or",
                                                         "order",
                                                         "out",
                                                         "outer",
                                                         "overlaps",
                                                         "overlay",
                                                         "placing",
                                                         "position",
                                                         "precision",
                                                         "primary",
                                                         "real",
                                                         "references",
                                                         "returning",
                                                         "right",
                                                         "row",
                                                         "select",
                                                         "session_user",
                                                         "setof",
                                                         "similar",
                                                         "smallint",
                                                         "some",
                                                         "substring",
                                                         "symmetric",
                                                         "table",
                                                         "tablesample",
                                                         "then",
                                                         "time",
                                                         "timestamp",
                                                         "to",
                                                         "trailing",
                                                         "treat",
                                                         "trim",
                                                         "true",
                                                         "union",
                                                         "unique",
                                                         "user",
                                                         "using",
                                                         "values",
                                                         "varchar",
                                                         "variadic",
                                                         "verbose",
                                                         "when",
                                                         "where",
                                                         "window",
                                                         "with",
                                                         "xmlattributes",
                                                         "xmlconcat",
                                                         "xmlelement",
                                                         "xmlexists",
                                                         "xmlforest",
                                                         "xmlnamespaces",
                                                         "xmlparse",
                                                         "xmlpi",
                                                         "xmlroot",
                                                         "xmlserialize",
                                                         "xmltable"});

}  // namespace

std::string quote_identifier(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool safe = !name.empty() && std::all_of(name.begin(), name.end(), plain) &&
                    !(name[0] >= '0' && name[0] <= '9') &&
                    !std::binary_search(kWords.begin(), kWords.end(), name);
  if (safe) return std::string(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace backout::postgres
