#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "postgres/values/cast.hpp"

namespace backout::postgres {
namespace {

/// What PostgreSQL 15 makes of a literal stored into a column: the text of the value, or '!' and
/// the SQLSTATE.
struct Stored {
  std::string type;
  int length;
  int scale;
  int dimensions;
  std::string literal;
  std::string expected;
};

std::ostream& operator<<(std::ostream& out, const Stored& stored) {
  return out << stored.type << " '" << stored.literal << "'";
}

std::string outcome(const Stored& stored) {
  ValueType type = plain(family_of(stored.type));
  type.length = stored.length;
  type.scale = stored.scale;
  type.dimensions = static_cast<std::uint8_t>(stored.dimensions);
  const auto value = read_text(stored.literal, type).and_then([&](const Value& read) {
    return fit(read, type, false);
  });
  return value ? value->text() : "!" + value.error().sqlstate;
}

class ReadsLikePostgres : public testing::TestWithParam<Stored> {};

TEST_P(ReadsLikePostgres, TextOrSqlstate) { EXPECT_EQ(outcome(GetParam()), GetParam().expected); }

const Stored kMeasured[] = {
    {"bool", -1, 0, 0, "t", "true"},
    {"bool", -1, 0, 0, " YES ", "true"},
    {"bool", -1, 0, 0, "of", "false"},
    {"bool", -1, 0, 0, "o", "!22P02"},
    {"bool", -1, 0, 0, "2", "!22P02"},
    {"int2", -1, 0, 0, "32767", "32767"},
    {"int2", -1, 0, 0, "32768", "!22003"},
    {"int4", -1, 0, 0, " 42 ", "42"},
    {"int4", -1, 0, 0, "4x", "!22P02"},
    {"int4", -1, 0, 0, "", "!22P02"},
    {"int4", -1, 0, 0, "2147483648", "!22003"},
    {"int8", -1, 0, 0, "9223372036854775808", "!22003"},
    {"int8", -1, 0, 0, "-9223372036854775808", "-9223372036854775808"},
    {"numeric", -1, 0, 0, "1.50", "1.50"},
    {"numeric", -1, 0, 0, "1e3", "1000"},
    {"numeric", -1, 0, 0, "-0.007", "-0.007"},
    {"numeric", -1, 0, 0, "abc", "!22P02"},
    {"numeric", 5, 2, 0, "1.005", "1.01"},
    {"numeric", 5, 2, 0, "999.995", "!22003"},
    {"numeric", 3, 0, 0, "12.5", "13"},
    {"int4", -1, 0, 0, "+5", "5"},
    {"int4", -1, 0, 0, "+-5", "!22P02"},
    {"int4", -1, 0, 0, "+", "!22P02"},
    {"float4", -1, 0, 0, "5e-55", "!22003"},
    {"float4", -1, 0, 0, "1e-44", "1e-44"},
    {"float4", -1, 0, 0, "0.0001", "0.0001"},
    {"float4", -1, 0, 0, "0.00001", "1e-05"},
    {"float4", -1, 0, 0, "999999.97", "1e+06"},
    {"float4", -1, 0, 0, "100000", "100000"},
    {"float4", -1, 0, 0, "16777217", "1.6777216e+07"},
    {"float4", -1, 0, 0, "-0", "-0"},
    {"float8", -1, 0, 0, "1e-400", "!22003"},
    {"float8", -1, 0, 0, "5e-324", "5e-324"},
    {"float8", -1, 0, 0, "0e-999", "0"},
    {"float8", -1, 0, 0, "1e15", "1e+15"},
    {"float8", -1, 0, 0, "123456789012345678", "1.2345678901234568e+17"},
    {"numeric", -1, 0, 0, "0000000000000000000000000000000000000001.5", "1.5"},
    {"float8", -1, 0, 0, "0.1", "0.1"},
    {"float8", -1, 0, 0, "1e20", "1e+20"},
    {"float8", -1, 0, 0, "100000", "100000"},
    {"float8", -1, 0, 0, "123456789012345", "123456789012345"},
    {"float8", -1, 0, 0, "1234567890123456", "1.234567890123456e+15"},
    {"float8", -1, 0, 0, "1e-5", "1e-05"},
    {"float8", -1, 0, 0, "0.0001", "0.0001"},
    {"float4", -1, 0, 0, "0.1", "0.1"},
    {"float4", -1, 0, 0, "1e6", "1e+06"},
    {"float4", -1, 0, 0, "123456", "123456"},
    {"float8", -1, 0, 0, "1e400", "!22003"},
    {"float8", -1, 0, 0, "NaN", "NaN"},
    {"varchar", 3, 0, 0, "abcd", "!22001"},
    {"varchar", 3, 0, 0, "abc  ", "abc"},
    {"varchar", 3, 0, 1, "{abc,NULL,de}", "{abc,NULL,de}"},
    {"varchar", 3, 0, 1, "{abcd}", "!22001"},
    {"varchar", 3, 0, 1, "{{abc,def}}", "{{abc,def}}"},
    {"varchar", 3, 0, 1, "{{abc,def}, {\"a,b\",NULL}}", "{{abc,def},{\"a,b\",NULL}}"},
    {"varchar", 3, 0, 1, "{{\"abc  \",def}}", "{{abc,def}}"},
    {"varchar", 3, 0, 1, "{{abcd,def}}", "!22001"},
    {"varchar", 3, 0, 1, "{{{abc}},{{abcd}}}", "!22001"},
    {"numeric", 4, 1, 1, "{{1.25,2},{3,4}}", "{{1.3,2.0},{3.0,4.0}}"},
    {"int4", -1, 0, 1, "{{1,2},{3,x}}", "!22P02"},
    {"bool", -1, 0, 1, "{{yes,off}}", "{{t,f}}"},
    {"text", -1, 0, 0, "x", "x"},
    {"uuid", -1, 0, 0, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    {"uuid", -1, 0, 0, "x", "!22P02"},
    {"date", -1, 0, 0, "2020-02-29", "2020-02-29"},
    {"date", -1, 0, 0, "2021-02-29", "!22008"},
    {"date", -1, 0, 0, "x", "!22007"},
    {"timestamp", -1, 0, 0, "2020-01-02 03:04:05.600", "2020-01-02 03:04:05.6"},
    {"timestamp", -1, 0, 0, "2020-01-02T03:04:05Z", "2020-01-02 03:04:05"},
    {"timestamptz", -1, 0, 0, "2020-01-02 03:04:05+02", "2020-01-02 01:04:05+00"},
    {"timestamptz", -1, 0, 0, "2020-01-02", "2020-01-02 00:00:00+00"},
    {"timestamp", -1, 0, 0, "1999-12-31 23:59:59", "1999-12-31 23:59:59"},
    {"timestamp", -1, 0, 0, "1969-12-31 00:00:00", "1969-12-31 00:00:00"},
    {"timestamp", -1, 0, 0, "epoch", "1970-01-01 00:00:00"},
    {"time", -1, 0, 0, "03:04", "03:04:00"},
    {"interval", -1, 0, 0, "1 day", "1 day"},
    {"interval", -1, 0, 0, "90 minutes", "01:30:00"},
    {"interval", -1, 0, 0, "1 year 2 mons -3 days 04:05:06", "1 year 2 mons -3 days +04:05:06"},
    {"interval", -1, 0, 0, "24 hours", "24:00:00"},
    {"interval", -1, 0, 0, "1.5 days", "1 day 12:00:00"},
    {"interval", -1, 0, 0, "00:30", "00:30:00"},
    {"interval", -1, 0, 0, "2 weeks ago", "-14 days"},
    {"jsonb", -1, 0, 0, "{\"bb\":1,\"a\":[1,2,{\"x\":null}],\"a\":2.50}",
     "{\"a\": 2.50, \"bb\": 1}"},
    {"jsonb", -1, 0, 0, "{x}", "!22P02"},
    {"json", -1, 0, 0, "{\"b\":1, \"a\":2}", "{\"b\":1, \"a\":2}"},
    {"json", -1, 0, 0, "", "!22P02"},
    {"bytea", -1, 0, 0, "abc", "\\x616263"},
    {"bytea", -1, 0, 0, "\\x0Aff", "\\x0aff"},
    {"int4", -1, 0, 1, "{1,2,NULL}", "{1,2,NULL}"},
    {"int4", -1, 0, 1, "{1,x}", "!22P02"},
    {"text", -1, 0, 1, "{a,\"b c\",null,\"null\",\"\"}", "{a,\"b c\",NULL,\"null\",\"\"}"},
    {"text", -1, 0, 1, "abc", "!22P02"},
    {"int4", -1, 0, 1, "{}", "{}"},
    {"bool", -1, 0, 1, "{t,f}", "{t,f}"},
};

INSTANTIATE_TEST_SUITE_P(Measured, ReadsLikePostgres, testing::ValuesIn(kMeasured));

}  // namespace
}  // namespace backout::postgres
