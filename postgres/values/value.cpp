// Names of built-in types are internal ones and those of format_type (int4, integer; pg_type.dat,
// format_type.c). A value is its text in the canonical spelling of the type, NULL, or a symbol that
// stands for a value that is not known.
// Left out: how many dimensions an array has: one stands for all, as in pg_type; fields of
// intervals (INTERVAL DAY TO SECOND).
#include "postgres/values/value.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace backout::postgres {
namespace {

using enum TypeClass;

struct BuiltIn {
  std::string_view internal;
  TypeClass family;
  std::string_view printed;
};

constexpr auto kBuiltIns = std::to_array<BuiltIn>({
    {"bool", boolean, "boolean"},
    {"int2", int2, "smallint"},
    {"int4", int4, "integer"},
    {"int8", int8, "bigint"},
    {"numeric", numeric, "numeric"},
    {"float4", float4, "real"},
    {"float8", float8, "double precision"},
    {"money", money, "money"},
    {"text", text, "text"},
    {"varchar", varchar, "character varying"},
    {"bpchar", bpchar, "character"},
    {"name", name, "name"},
    {"citext", citext, "citext"},
    {"uuid", uuid, "uuid"},
    {"date", date, "date"},
    {"time", time, "time without time zone"},
    {"timetz", timetz, "time with time zone"},
    {"timestamp", timestamp, "timestamp without time zone"},
    {"timestamptz", timestamptz, "timestamp with time zone"},
    {"interval", interval, "interval"},
    {"json", json, "json"},
    {"jsonb", jsonb, "jsonb"},
    {"bytea", bytea, "bytea"},
    {"inet", inet, "inet"},
    {"cidr", inet, "cidr"},
    {"bit", bit, "bit"},
    {"varbit", bit, "bit varying"},
    {"oid", oid, "oid"},
});

constexpr auto kOthers = std::to_array<std::string_view>({"aclitem",
                                                          "box",
                                                          "char",
                                                          "cid",
                                                          "circle",
                                                          "datemultirange",
                                                          "daterange",
                                                          "int4multirange",
                                                          "int4range",
                                                          "int8multirange",
                                                          "int8range",
                                                          "jsonpath",
                                                          "line",
                                                          "lseg",
                                                          "macaddr",
                                                          "macaddr8",
                                                          "nummultirange",
                                                          "numrange",
                                                          "path",
                                                          "pg_lsn",
                                                          "point",
                                                          "polygon",
                                                          "refcursor",
                                                          "regclass",
                                                          "regproc",
                                                          "regtype",
                                                          "tid",
                                                          "tsmultirange",
                                                          "tsquery",
                                                          "tsrange",
                                                          "tstzmultirange",
                                                          "tstzrange",
                                                          "tsvector",
                                                          "xid",
                                                          "xid8",
                                                          "xml"});

}  // namespace

ValueType plain(TypeClass family) {
  ValueType type;
  type.family = family;
  return type;
}

Value Value::known(std::string text) {
  Value value;
  value.state_ = State::known;
  value.text_ = std::move(text);
  return value;
}

Value Value::known(std::int64_t number) { return known(fmt::format("{}", number)); }

Value Value::boolean(bool truth) { return known(truth ? "true" : "false"); }

Value Value::symbol(Symbol kind, std::uint64_t identity) {
  Value value;
  value.state_ = State::symbol;
  value.kind_ = kind;
  value.identity_ = identity;
  return value;
}

Truth same(const Value& left, const Value& right) {
  if (left == right) return Truth::yes;
  if (!left.is_symbol() && !right.is_symbol()) return Truth::no;
  const auto is = [](const Value& value, Symbol kind) {
    return value.is_symbol() && value.kind() == kind;
  };
  if (is(left, Symbol::fresh) || is(right, Symbol::fresh)) return Truth::no;
  if ((left.is_null() && !right.may_be_null()) || (right.is_null() && !left.may_be_null()))
    return Truth::no;
  // What a clock gives now was not stored before.
  if ((is(left, Symbol::clock) && right.is_known()) ||
      (is(right, Symbol::clock) && left.is_known()))
    return Truth::no;
  return Truth::unknown;
}

Stop refuse(std::string_view sqlstate, std::string message, int offset) {
  return {Stop::Kind::refused, std::string(sqlstate), std::move(message), offset};
}

Stop not_known(std::string what, int offset) {
  return {Stop::Kind::unknown, {}, std::move(what), offset};
}

std::string describe(const ValueType& type) {
  std::string printed(type.name);
  if (printed.empty()) {
    const auto* found = std::find_if(kBuiltIns.begin(), kBuiltIns.end(), [&](const BuiltIn& entry) {
      return entry.family == type.family;
    });
    printed = found == kBuiltIns.end() ? "unknown" : std::string(found->printed);
  }
  if (type.length >= 0) {
    if (type.family == numeric) {
      printed += fmt::format("({},{})", type.length, type.scale);
    } else if (type.family == varchar || type.family == bpchar || type.family == bit) {
      printed += fmt::format("({})", type.length);
    }
  }
  for (int level = 0; level < (type.dimensions > 0 ? 1 : 0); ++level) printed += "[]";
  return printed;
}

TypeClass family_of(std::string_view internal_name) {
  const auto* found = std::find_if(kBuiltIns.begin(), kBuiltIns.end(), [&](const BuiltIn& entry) {
    return entry.internal == internal_name;
  });
  if (found != kBuiltIns.end()) return found->family;
  if (std::binary_search(kOthers.begin(), kOthers.end(), internal_name)) return other;
  return unknown;
}

bool text_decides(TypeClass family) {
  switch (family) {
    case numeric:
    case float4:
    case float8:
    case citext:
    case interval:
    case timetz:
    case inet:
      return false;
    default:
      return true;
  }
}

bool is_integer(TypeClass family) { return family == int2 || family == int4 || family == int8; }

bool is_number(TypeClass family) {
  return is_integer(family) || family == numeric || family == float4 || family == float8;
}

bool is_string(TypeClass family) {
  return family == text || family == varchar || family == bpchar || family == name ||
         family == citext;
}

bool is_time(TypeClass family) {
  return family == date || family == timestamp || family == timestamptz;
}

}  // namespace backout::postgres
