// Values of PostgreSQL as text: numbers, times, intervals, JSON, arrays, records; what is printed
// reads back as the same.
#include <string>

#include "fuzz/check.hpp"
#include "model/scalar.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/datetime.hpp"
#include "postgres/values/decimal.hpp"
#include "postgres/values/json_text.hpp"
#include "postgres/values/md5.hpp"
#include "postgres/values/number_text.hpp"

namespace {

using namespace backout;
using namespace backout::postgres;

void decimals(std::string_view text) {
  const auto both = fuzz::parts(text, ',', 2);
  const auto left = Decimal::parse(both.front());
  const auto right = Decimal::parse(both.back());
  if (!left || !right) return;
  const auto again = Decimal::parse(left->print());
  fuzz::demand(again && again->print() == left->print(), "a printed number reads back");
  left->to_integer();
  left->rescaled(2);
  const auto sum = add(*left, *right);
  if (const auto other = add(*right, *left))
    fuzz::demand(sum && sum->print() == other->print(), "a sum has no order");
  const auto order = compare(*left, *right);
  if (const auto other = compare(*right, *left))
    fuzz::demand(order && (*order < 0) == (*other > 0), "an order can be turned");
  multiply(*left, *right);
  if (right->is_zero()) return;
  divide(*left, *right);
  remainder(*left, *right);
}

void times(std::string_view text) {
  const ReadTime read = read_timestamp(text, true);
  if (read.micros) {
    const ReadTime again = read_timestamp(print_timestamp(*read.micros, true), true);
    // Years before Christ and beyond four digits print in ways that are not modelled.
    if (again.micros) fuzz::demand(again.micros == read.micros, "a printed time reads back");
    print_date(*read.micros);
    micros_of(civil_of(*read.micros));
  }
  if (const ReadTime day = read_time_of_day(text); day.micros) print_time_of_day(*day.micros);
  if (const auto interval = read_interval(text)) {
    print_interval(*interval);
    add_interval(0, *interval);
  }
}

void json(std::string_view text) {
  const auto both = fuzz::parts(text, '\0', 2);
  const std::string_view value = both.front();
  const auto canonical = canonical_json(value);
  fuzz::demand(canonical.has_value() == is_json(value), "JSON is what can be written canonically");
  const std::string quoted = json_quoted(value);
  if (model::first_invalid_utf8(value) == value.size() && value.find('\0') == value.npos)
    fuzz::demand(json_unquoted(quoted) == value, "a quoted text reads back");
  if (!canonical) return;
  fuzz::demand(canonical_json(*canonical) == canonical, "what is canonical stays");
  json_kind(value);
  json_member(value, both.back());
  json_element(value, -1);
  json_elements(value);
  json_members(value);
  json_without(value, both.back());
  json_concatenated(value, both.back());
}

void lists(std::string_view text) {
  if (const auto array = split_array(text))
    fuzz::demand(split_array(join_array(*array)) == array, "a written array reads back");
  words_of(text);
  first_characters(text, count_characters(text));
}

void numbers(std::string_view text) {
  for (const TypeClass family : {TypeClass::int2, TypeClass::int4, TypeClass::int8})
    read_integer(text, family);
  for (const TypeClass family : {TypeClass::float4, TypeClass::float8}) {
    const auto number = read_float(text, family);
    if (!number) continue;
    const std::string printed = print_float(*number, family);
    const auto again = read_float(printed, family);
    fuzz::demand(again && print_float(*again, family) == printed, "a printed number reads back");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  switch (fuzz::choose(text, 6)) {
    case 0:
      decimals(text);
      break;
    case 1:
      times(text);
      break;
    case 2:
      json(text);
      break;
    case 3:
      lists(text);
      break;
    case 4:
      numbers(text);
      break;
    default:
      md5(text);
      quote_identifier(text);
      quote_literal(text);
  }
  return 0;
}
