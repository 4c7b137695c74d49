// What expressions give: measured with PostgreSQL 15, time zone UTC; '!' and a SQLSTATE where it refuses.
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "services/postgres/database.hpp"
#include "services/postgres/sql_reader.hpp"

namespace backout::postgres {
namespace {

struct Given {
  std::string expression;
  std::string expected;
};

std::ostream& operator<<(std::ostream& out, const Given& given) { return out << given.expression; }

/// The value as text, '<null>', '!' and the SQLSTATE, or '?' and the reason where it is not known.
std::string value_of(const std::string& expression) {
  Database database;
  const auto made = database.run(Script::parse("CREATE TABLE r (v text); INSERT INTO r SELECT (" + expression + ")::text;"), RunMode::statement_by_statement);
  if (made.refused()) return "!" + made.failures[0].result.sqlstate;
  if (!made.opaque.empty()) return "? " + made.opaque[0].result.message;
  const auto& rows = database.rows().of(database.lookup(NameSpace::relation, database.schema_named("public"), "r")).rows;
  if (rows.size() != 1) return "? no row";
  const Value& value = rows[0]->at(0);
  return value.is_symbol() ? "?" : (value.is_null() ? "<null>" : value.text());
}

class GivesLikePostgres : public testing::TestWithParam<Given> {};

TEST_P(GivesLikePostgres, ValueOrSqlstate) { EXPECT_EQ(value_of(GetParam().expression), GetParam().expected); }

const Given kMeasured[] = {
    {"1 + 2", "3"},
    {"2147483647 + 1", "!22003"},
    {"7 / 2", "3"},
    {"-7 / 2", "-3"},
    {"-7 % 3", "-1"},
    {"1 / 0", "!22012"},
    {"5 % 0", "!22012"},
    {"2 ^ 10", "1024"},
    {"9223372036854775807 + 1", "!22003"},
    {"32767::int2 + 1::int2", "!22003"},
    {"1.5 + 2", "3.5"},
    {"1.10 * 3", "3.30"},
    {"1 / 3.0", "0.33333333333333333333"},
    {"10.00 / 4", "2.5000000000000000"},
    {"-7.5 % 2", "-1.5"},
    {"1.0 / 0", "!22012"},
    {"0.1::float8 + 0.2::float8", "0.30000000000000004"},
    {"1::float4 / 3", "0.3333333333333333"},
    {"12345678901234567890 * 10", "123456789012345678900"},
    {"round(2.345, 2)", "2.35"},
    {"round(-0.5)", "-1"},
    {"ceil(1.2)", "2"},
    {"floor(-1.2)", "-2"},
    {"abs(-5)", "5"},
    {"mod(17, 5)", "2"},
    {"greatest(1, 5, 3)", "5"},
    {"date '2024-02-28' + 2", "2024-03-01"},
    {"date '2024-03-01' - date '2024-02-01'", "29"},
    {"date '2024-01-31' + interval '1 month'", "2024-02-29 00:00:00"},
    {"timestamp '2024-01-31 10:00' + interval '1 month'", "2024-02-29 10:00:00"},
    {"timestamp '2024-03-01 00:00' - timestamp '2024-02-01 12:00'", "28 days 12:00:00"},
    {"interval '1 day 2 hours' + interval '3 hours'", "1 day 05:00:00"},
    {"interval '1 hour' * 3", "03:00:00"},
    {"interval '1 day' / 2", "12:00:00"},
    {"date_trunc('month', timestamp '2024-05-17 13:14:15')", "2024-05-01 00:00:00"},
    {"date_trunc('hour', timestamp '2024-05-17 13:14:15')", "2024-05-17 13:00:00"},
    {"extract(year from date '2024-05-17')", "2024"},
    {"extract(epoch from interval '1 hour')", "3600.000000"},
    {"date_part('day', timestamp '2024-05-17 13:14:15')", "17"},
    {"upper('abc') || lower('DEF')", "ABCdef"},
    {"substring('abcdef' from 2 for 3)", "bcd"},
    {"position('c' in 'abc')", "3"},
    {"lpad('7', 3, '0')", "007"},
    {"repeat('ab', 3)", "ababab"},
    {"split_part('a,b,c', ',', 2)", "b"},
    {"replace('abcabc', 'b', 'x')", "axcaxc"},
    {"reverse('abc')", "cba"},
    {"left('abcdef', -2)", "abcd"},
    {"right('abcdef', 2)", "ef"},
    {"strpos('abc', 'z')", "0"},
    {"btrim('  a ')", "a"},
    {"initcap('hello world')", "Hello World"},
    {"md5('a')", "0cc175b9c0f1b6a831c399e269772661"},
    {"length('äöü')", "3"},
    {"octet_length('äöü')", "6"},
    {"concat('a', NULL, 1)", "a1"},
    {"concat_ws('-', 'a', NULL, 'b')", "a-b"},
    {"format('%s is %L', 'a', 'it''s')", "a is 'it''s'"},
    {"'{\"a\": {\"b\": 1}}'::jsonb -> 'a' ->> 'b'", "1"},
    {"'{\"a\": 1}'::jsonb || '{\"b\": 2}'::jsonb", "{\"a\": 1, \"b\": 2}"},
    {"'{\"a\": 1, \"b\": 2}'::jsonb - 'a'", "{\"b\": 2}"},
    {"'{\"a\": [1,2,3]}'::jsonb #>> '{a,1}'", "2"},
    {"'[1,2]'::jsonb -> -1", "2"},
    {"'{\"a\": 1}'::jsonb ? 'a'", "true"},
    {"'{\"a\": 1}'::jsonb @> '{}'::jsonb", "true"},
    {"nullif(1, 1)", "<null>"},
    {"coalesce(NULL, 2)", "2"},
    {"array_length(ARRAY[1,2,3], 1)", "3"},
    {"ARRAY[1,2] || 3", "{1,2,3}"},
    {"3 = ANY(ARRAY[1,2,3])", "true"},
    {"array_position(ARRAY['a','b'], 'b')", "2"},
    {"cardinality(ARRAY[]::int[])", "0"},
    {"array_position(ARRAY[true, false], false)", "2"},
    {"true = ANY(ARRAY[false, true])", "true"},
    {"(ARRAY[true, false])[2]", "false"},
    {"ROW('a b', 'x,y', '\"q\"', '\\')", "(\"a b\",\"x,y\",\"\"\"q\"\"\",\"\\\\\")"},
    {"ROW(NULL, '', 'z')", "(,\"\",z)"},
    {"ROW('(', ')')", "(\"(\",\")\")"},
    {"' {a, b} '::text[]", "{a,b}"},
    {"'{a,b'::text[]", "!22P02"},
    {"'{{a,b}'::text[]", "!22P02"},
    {"'{\"a\" , \"b\"}'::text[]", "{a,b}"},
    {"'{\"a\\\"b\"}'::text[]", "{\"a\\\"b\"}"},
    {"'{nUlL,\"null\"}'::text[]", "{NULL,\"null\"}"},
    {"'{ }'::text[]", "{}"},
    {"'{a\\'::text[]", "!22P02"},
    {"ARRAY['{\"a\":1}', 'b']", "{\"{\\\"a\\\":1}\",b}"},
    {"ARRAY['{a}', '{b}']", "{\"{a}\",\"{b}\"}"},
    {"(ARRAY['{\"a\": 1}'::jsonb])", "{\"{\\\"a\\\": 1}\"}"},
    {"('{\"{\\\"a\\\": 1}\",NULL}'::jsonb[])[1]", "{\"a\": 1}"},
    {"('{\"{x}\",y}'::text[])[1]", "{x}"},
    {"'{{\"}\",b},{c,\"{\"}}'::text[]", "{{\"}\",b},{c,\"{\"}}"},
    {"cardinality('{{1,2},{3,4}}'::int[])", "4"},
    {"array_to_string('{{1,2},{3,4}}'::int[], '-')", "1-2-3-4"},
    {"3 = ANY('{{1,2},{3,4}}'::int[])", "true"},
    {"('{{1,2},{3,4}}'::int[])[1]", "<null>"},
    {"'{a,}'::text[]", "!22P02"},
    {"'{,a}'::text[]", "!22P02"},
    {"'{a\"b\"}'::text[]", "!22P02"},
    {"'{\"a\"b}'::text[]", "!22P02"},
    {"'{a{b}'::text[]", "!22P02"},
    {"'{ a b , \"c\" }'::text[]", "{\"a b\",c}"},
    {"'{\\n\\u\\l\\l}'::text[]", "{\"null\"}"},
    {"'{a\\ }'::text[]", "{\"a \"}"},
    {"'{\"\"}'::text[]", "{\"\"}"},
    {"'{a,\"\"b\"\"}'::text[]", "!22P02"},
    {"ARRAY[ARRAY[1,2],ARRAY[3,4]]", "{{1,2},{3,4}}"},
    {"array_append(ARRAY['{a}'], '{b}')", "{\"{a}\",\"{b}\"}"},
    {"ARRAY['{a}'] || ARRAY['b']", "{\"{a}\",b}"},
    {"array_cat(ARRAY['{a}'], ARRAY['{b}'])", "{\"{a}\",\"{b}\"}"},
    {"array_replace(ARRAY['{a}','b'], 'b', '{c}')", "{\"{a}\",\"{c}\"}"},
    {"array_position(ARRAY['{a}','b'], '{a}')", "1"},
    {"'{1,{2}}'::int[]", "!22P02"},
    {"'{{1},2}'::int[]", "!22P02"},
    {"ARRAY['{2}', 'a'] < ARRAY['{2}', 'b']", "true"},
    {"string_to_array('{a},b', ',')", "{\"{a}\",b}"},
    {"ARRAY['']", "{\"\"}"},
    {"ARRAY['NULL', NULL]", "{\"NULL\",NULL}"},
    {"(SELECT array_agg(v) FROM (VALUES ('{a}'), ('b')) t(v))", "{\"{a}\",b}"},
    {"'{a,{b}}'::text[]", "!22P02"},
    {"1 IS DISTINCT FROM NULL", "true"},
    {"NULL AND false", "false"},
    {"NULL OR true", "true"},
    {"NOT NULL::boolean", "<null>"},
    {"5 BETWEEN 1 AND 10", "true"},
    {"'abc' LIKE 'a%'", "true"},
    {"'abc' ~ '^a.c$'", "true"},
    {"CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END", "b"},
    {"'a' < 'B' COLLATE \"C\"", "false"},
    {"'1'::int + '2'", "3"},
    {"'x'::int", "!22P02"},
    {"'2024-02-30'::date", "!22008"},
    {"'25:00'::time", "!22008"},
    {"true::int", "1"},
    {"3.7::int", "4"},
    {"-2.5::int", "-3"},
    {"2.5::float8::int", "2"},
    {"'infinity'::float8", "Infinity"},
    {"'NaN'::numeric = 'NaN'::numeric", "true"},
};

INSTANTIATE_TEST_SUITE_P(Measured, GivesLikePostgres, testing::ValuesIn(kMeasured));

/// PostgreSQL gives a value or refuses; which is not modelled, and never made up.
TEST(ExpressionValues, AreNotMadeUp) {
  for (const char* expression : {
           "2.5 ^ 2",
           "1e300::float8 * 1e10::float8 * 1e300::float8",
           "trunc(1.999, 1)",
           "time '10:00' + interval '90 minutes'",
           "date '2024-01-01' + time '10:30'",
           "extract(dow from date '2024-05-19')",
           "extract(bogus from date '2024-05-17')",
           "to_char(date '2024-05-17', 'YYYY-MM-DD')",
           "make_date(2024, 2, 30)",
           "make_date(2024, 2, 29)",
           "age(timestamp '2024-05-17', timestamp '2024-05-16')",
           "'abc' SIMILAR TO 'a(b|x)c'",
           "5 & 3",
           "5 | 3",
           "5 # 3",
           "~5",
           "1 << 4",
       }) {
    EXPECT_EQ(value_of(expression).substr(0, 1), "?") << expression;
  }
}

}  // namespace
}  // namespace backout::postgres
