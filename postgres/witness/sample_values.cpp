// A text for each type that its input function takes (manual, "Data Types"), another one for each
// number, inside the bounds that CHECK constraints set to one column.
// Left out: composite types, for which NULL stands; types of extensions other than hstore and ltree
// and range types of one's own, which get a plain text; bounds between columns and by functions
// other than the length of a text.
#include "postgres/witness/sample_values.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/values/cast.hpp"
#include "postgres/values/datetime.hpp"
#include "postgres/values/elements.hpp"

namespace backout::postgres {
namespace {

const PgQuery__Node& without_casts(const PgQuery__Node& node) {
  const PgQuery__Node* at = &node;
  while (at->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) at = at->type_cast->arg;
  return *at;
}

bool names_column(const PgQuery__Node* node, std::string_view column) {
  if (node == nullptr) return false;
  const PgQuery__Node& bare = without_casts(*node);
  return bare.node_case == PG_QUERY__NODE__NODE_COLUMN_REF && last_name(*bare.column_ref) == column;
}

bool measures_column(const PgQuery__Node* node, std::string_view column) {
  if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return false;
  const PgQuery__FuncCall& call = *node->func_call;
  const std::string_view name = string_of(call.funcname[call.n_funcname - 1]);
  const bool length = name == "length" || name == "char_length" || name == "octet_length" ||
                      name == "character_length";
  return length && call.n_args == 1 && names_column(call.args[0], column);
}

/// The text of a literal; nothing when it is none.
std::optional<std::string> literal(const PgQuery__Node& node, bool& quoted) {
  const PgQuery__Node& bare = without_casts(node);
  if (bare.node_case != PG_QUERY__NODE__NODE_A_CONST || bare.a_const->isnull != 0)
    return std::nullopt;
  const PgQuery__AConst& constant = *bare.a_const;
  quoted = constant.val_case == PG_QUERY__A__CONST__VAL_SVAL;
  if (quoted) return constant.sval->sval;
  if (constant.val_case == PG_QUERY__A__CONST__VAL_IVAL)
    return fmt::format("{}", constant.ival->ival);
  if (constant.val_case == PG_QUERY__A__CONST__VAL_FVAL) return constant.fval->fval;
  return std::nullopt;
}

void add_literals(PgQuery__Node* const* items, std::size_t count, CheckHints& hints) {
  for (std::size_t at = 0; at < count; ++at) {
    bool quoted = false;
    if (auto text = literal(*items[at], quoted)) hints.literals.push_back(std::move(*text));
  }
}

void read_comparison(const PgQuery__AExpr& expression, std::string_view column, CheckHints& hints) {
  const std::string name(string_of(expression.name[expression.n_name - 1]));
  if (expression.rexpr == nullptr) return;
  bool quoted = false;
  if (measures_column(expression.lexpr, column)) {
    if (const auto text = literal(*expression.rexpr, quoted))
      hints.length = CheckHints::Bound{name, std::atol(text->c_str())};
    return;
  }
  if (!names_column(expression.lexpr, column)) return;
  const PgQuery__Node& right = without_casts(*expression.rexpr);
  switch (expression.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      if (name == "=") add_literals(right.list->items, right.list->n_items, hints);
      return;
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
      if (right.node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR)
        add_literals(right.a_array_expr->elements, right.a_array_expr->n_elements, hints);
      return;
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
      for (std::size_t at = 0; at < 2; ++at) {
        if (const auto text = literal(*right.list->items[at], quoted))
          hints.bounds.push_back({at == 0 ? ">=" : "<=", std::atol(text->c_str())});
      }
      return;
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
      break;
    default:
      return;
  }
  const auto text = literal(right, quoted);
  if (!text) return;
  if (quoted && name == "=")
    hints.literals.push_back(*text);
  else if (!quoted)
    hints.bounds.push_back({name, std::atol(text->c_str())});
}

long fitted_length(long length, const CheckHints::Bound& bound) {
  if (bound.op == "=") return bound.number;
  if (bound.op == "<=") return std::min(length, bound.number);
  if (bound.op == "<") return std::min(length, bound.number - 1);
  if (bound.op == ">=") return std::max(length, bound.number);
  return bound.op == ">" ? std::max(length, bound.number + 1) : length;
}

long fitted_number(long number, long row, const CheckHints& hints) {
  for (const CheckHints::Bound& bound : hints.bounds) {
    if ((bound.op == "<=" || bound.op == "<") && number > bound.number)
      number = bound.number > 0 ? std::max(bound.number - 1, 0L) : bound.number - 1;
    if ((bound.op == ">=" || bound.op == ">") && number < bound.number)
      number = bound.number + 1 + row % 7;
    if (bound.op == "=") number = bound.number;
  }
  return number;
}

/// Columns that tell when something ends get later times than those that tell when it begins.
bool tells_an_end(std::string_view name) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"end", "ends", "ended", "until", "to", "expire", "expires", "expiry", "expiration", "finish",
       "finished", "stop", "close", "closed", "complete", "completed", "last", "resolved"});
  const std::string lower = to_lower(name);
  std::string_view rest = lower;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find('_'));
    if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) return true;
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  return false;
}

std::string power_of_nines(int digits) {
  return std::string(static_cast<std::size_t>(std::max(digits, 0)), '9');
}

std::string sample_number(const ValueType& type, long number, bool wide) {
  switch (type.family) {
    case TypeClass::int2:
      return fmt::format("{}", wide ? 32'000 : number % 30'000);
    case TypeClass::int4:
      return fmt::format("{}", wide ? 2'147'480'000 - number % 1000 : number);
    case TypeClass::int8:
      return wide ? fmt::format("{}", 9'000'000'000'000'000L - number) : fmt::format("{}", number);
    case TypeClass::money:
      return wide ? "$123,456,789,012.50" : fmt::format("${}.00", number);
    default:
      break;
  }
  if (type.family != TypeClass::numeric || type.length < 0)
    return wide ? "123456789012.5" : fmt::format("{}.5", number);
  const int whole = type.length - type.scale;
  if (whole <= 0) return "0." + std::string(static_cast<std::size_t>(std::min(type.scale, 3)), '1');
  if (wide) return power_of_nines(whole) + (type.scale > 0 ? "." + power_of_nines(type.scale) : "");
  long limit = 1;
  for (int digit = 0; digit < std::min(whole, 18); ++digit) limit *= 10;
  return fmt::format("{}{}", number % limit, type.scale > 0 ? ".5" : "");
}

std::string sample_text(const ValueType& type, long number, long row, bool wide,
                        const CheckHints& hints) {
  long most = type.length;
  if (most < 0 && type.family == TypeClass::name) most = 63;
  if (most < 0 && type.family == TypeClass::bpchar) most = 1;
  std::string text = fmt::format("v{}", number);
  // Every other text has two words: statements that split texts and forget a part keep single words
  // whole.
  if (number % 2 == 0 && most < 0 && !hints.length) text += fmt::format(" {}", number % 10);
  if (wide) {
    text = fmt::format("w{}_", row);
    const long length = most >= 0 ? most : 600;
    if (static_cast<long>(text.size()) < length)
      text.append(static_cast<std::size_t>(length) - text.size(), 'x');
  }
  if (hints.length) {
    const auto length = static_cast<std::size_t>(
        std::max(fitted_length(static_cast<long>(text.size()), *hints.length), 0L));
    if (text.size() < length)
      text.append(std::min<std::size_t>(length - text.size(), 10'000), '0');
    else
      text = text.substr(text.size() - length);
  }
  if (most >= 0 && static_cast<long>(text.size()) > most)
    text = text.substr(text.size() - static_cast<std::size_t>(most));
  return text;
}

std::string sample_bytes(long number, bool wide, const CheckHints& hints) {
  long bytes = wide ? 300 : 8;
  if (hints.length) bytes = fitted_length(8, *hints.length);
  std::string digits = fmt::format("{:016x}", number);
  const auto wanted = static_cast<std::size_t>(std::max(2 * bytes, 0L));
  if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
  return "\\x" + digits.substr(digits.size() - wanted);
}

std::string sample_of_other(std::string_view name, long number) {
  if (name == "tsvector" || name == "tsquery") return fmt::format("'v{}'", number);
  if (name == "point") return fmt::format("({},{})", number % 180, number % 90);
  if (name == "macaddr")
    return fmt::format("08:00:2b:00:{:02x}:{:02x}", number / 256 % 256, number % 256);
  if (name == "int4range" || name == "int8range" || name == "numrange")
    return fmt::format("[{},{})", number * 10, number * 10 + 5);
  if (name == "daterange") return fmt::format("[2020-01-01,2020-01-{:02})", 2 + number % 7);
  if (name.ends_with("multirange"))
    return "{" + sample_of_other(std::string(name.substr(0, name.size() - 10)) + "range", number) +
           "}";
  if (name == "tsrange" || name == "tstzrange") {
    const Micros start = micros_of({2020, 1, 1}) + number * 60 * kMicrosOfSecond;
    const bool zone = name == "tstzrange";
    return fmt::format("[\"{}\",\"{}\")", print_timestamp(start, zone),
                       print_timestamp(start + 30 * kMicrosOfSecond, zone));
  }
  if (name == "box") return fmt::format("({},1),(0,0)", number);
  if (name == "circle") return fmt::format("<(0,0),{}>", number);
  if (name == "lseg" || name == "path") return fmt::format("[(0,0),({},1)]", number);
  if (name == "line") return fmt::format("{{1,-1,{}}}", number);
  if (name == "polygon") return fmt::format("((0,0),({},0),(0,1))", number);
  if (name == "macaddr8")
    return fmt::format("08:00:2b:00:00:00:{:02x}:{:02x}", number / 256 % 256, number % 256);
  if (name == "pg_lsn") return fmt::format("0/{:X}", number);
  if (name == "hstore") return fmt::format("\"k\"=>\"{}\"", number);
  if (name == "ltree") return fmt::format("top.n{}", number);
  if (name == "xml") return fmt::format("<a>{}</a>", number);
  if (name == "jsonpath") return "$.\"a\"";
  return fmt::format("v{}", number);
}

/// The canonical text of a sample; `row` is the number of the row before CHECK bounds changed it.
std::string sample_scalar(const ValueType& type, std::string_view column, long number, long row,
                          bool wide, const CheckHints& hints) {
  const auto later = [&]() -> Micros { return tells_an_end(column) ? 2 * kMicrosOfDay : 0; };
  switch (type.family) {
    case TypeClass::boolean:
      return row % 2 == 0 ? "true" : "false";
    case TypeClass::text:
    case TypeClass::varchar:
    case TypeClass::bpchar:
    case TypeClass::name:
    case TypeClass::citext:
      return sample_text(type, number, row, wide, hints);
    case TypeClass::uuid:
      return fmt::format("{:08x}-0000-4000-8000-{:012}", wide ? 1 : 0, row);
    case TypeClass::timestamp:
    case TypeClass::timestamptz:
      return print_timestamp(micros_of({2020, 1, 1}) + number * 60 * kMicrosOfSecond + later(),
                             type.family == TypeClass::timestamptz);
    case TypeClass::date:
      return print_date(micros_of({2010, 1, 1}) + number % 9000 * kMicrosOfDay + later());
    case TypeClass::time:
      return fmt::format("{:02}:{:02}:{:02}", number % 24, number % 60, number % 60);
    case TypeClass::timetz:
      return fmt::format("{:02}:{:02}:{:02}+00", number % 24, number % 60, number % 60);
    case TypeClass::interval:
      return print_interval({0, 0, number * kMicrosOfSecond});
    case TypeClass::json:
    case TypeClass::jsonb:
      return fmt::format("{{\"k\": {}}}", number);
    case TypeClass::bytea:
      return sample_bytes(number, wide, hints);
    case TypeClass::inet:
      return fmt::format("10.{}.{}.{}{}", number / 65'536 % 256, number / 256 % 256, number % 256,
                         type.name == "cidr" ? "/32" : "");
    case TypeClass::oid:
      return fmt::format("{}", number);
    case TypeClass::other:
      return sample_of_other(type.name, number);
    case TypeClass::bit: {
      std::string bits;
      const int length = type.length >= 0 ? type.length : (type.name == "varbit" ? 8 : 1);
      for (int at = length - 1; at >= 0; --at)
        bits += at < 62 && ((number >> at) & 1) != 0 ? '1' : '0';
      return bits;
    }
    default:
      return sample_number(type, number, wide);
  }
}

}  // namespace

std::vector<CheckHints> hints_of(const Database& database, const Table& table) {
  std::vector<CheckHints> hints(table.columns.size());
  for (const Constraint* constraint : database.parts_of<Constraint>(table.id)) {
    if (constraint->type != 'c') continue;
    std::set<ColumnId> seen;
    for (const BoundColumn& bound : constraint->check.columns) {
      if (bound.column == 0 || bound.column > hints.size() || !seen.insert(bound.column).second)
        continue;
      walk(constraint->check.node->base, [&](const ProtobufCMessage& message) {
        if (message.descriptor == &pg_query__a__expr__descriptor) {
          read_comparison(reinterpret_cast<const PgQuery__AExpr&>(message), bound.name,
                          hints[bound.column - std::size_t{1}]);
        }
        return true;
      });
    }
  }
  return hints;
}

Checked<Value> sample_value(Database& database, const Table& table, ColumnId column,
                            const Sample& sample, const CheckHints& hints) {
  const Column& target = table.column(column);
  const ValueType& type = target.type;
  const auto* user = type.user == 0 ? nullptr : database.get<Type>(type.user);
  Execution execution{database, nullptr, 0};
  TableSurroundings surroundings(execution);
  const auto row = static_cast<std::size_t>(sample.number);
  if (!hints.literals.empty() && type.family != TypeClass::enumeration && !type.is_array()) {
    return coerce({Value::known(hints.literals[row % hints.literals.size()]),
                   plain(TypeClass::unknown_literal)},
                  type, true, surroundings);
  }
  if (type.family == TypeClass::composite) return Value();
  long number = sample.number;
  if (sample.small && number > 7000) number -= number > 9000 ? 9000 : 7000;
  number = fitted_number(number, sample.number, hints);
  std::string text;
  if (type.family == TypeClass::enumeration) {
    if (user == nullptr || user->labels.empty())
      return tl::unexpected(not_known("a value of an enum without labels"));
    text = user->labels[row % user->labels.size()];
  } else {
    ValueType element = type;
    element.dimensions = 0;
    static const CheckHints kNone;
    if (user != nullptr && user->variety == 'b' && type.family == TypeClass::other)
      text = sample_of_other(user->name, number);
    else
      text = sample_scalar(element, target.name, number, sample.number, sample.wide,
                           type.is_array() ? kNone : hints);
  }
  if (type.is_array()) {
    return Value::known(join_array({written({Value::known(text), plain(type.family)})}));
  }
  auto value = fit(Value::known(std::move(text)), type, true);
  if (value && user != nullptr && user->variety == 'd')
    return surroundings.read_user_type(*value, type);
  return value;
}

}  // namespace backout::postgres
