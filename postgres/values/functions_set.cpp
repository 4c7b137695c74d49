// unnest and generate_series give a row for each element, aggregates one value for many and NULL
// for none, count 0 (manual, "Set Returning Functions", "Aggregate Functions").
// Left out: not known are series of times or of more than 10,000 numbers. avg, string_agg and the
// JSON aggregates give values that are not known; other aggregates (statistics, ordered sets) are
// none here.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "postgres/values/decimal.hpp"
#include "postgres/values/elements.hpp"
#include "postgres/values/functions.hpp"
#include "postgres/values/json_text.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

using enum TypeClass;

constexpr long kMostSeries = 10'000;

constexpr auto kAggregates = std::to_array<std::string_view>(
    {"array_agg", "avg", "bool_and", "bool_or", "count", "every", "json_agg", "jsonb_agg",
     "json_object_agg", "jsonb_object_agg", "max", "min", "string_agg", "sum"});

Relation one_column(ValueType type) {
  Relation relation;
  relation.columns.push_back({"", type});
  return relation;
}

void add_value(Relation& relation, Value value) {
  relation.rows.push_back({std::move(value)});
  relation.certain.push_back(true);
}

Checked<Relation> series(std::span<const Typed> arguments) {
  if (!is_integer(arguments[0].type.family))
    return tl::unexpected(not_known("generate_series of times"));
  Relation relation = one_column(arguments[0].type);
  const long start = std::atol(arguments[0].value.text().c_str());
  const long end = std::atol(arguments[1].value.text().c_str());
  const long step = arguments.size() > 2 ? std::atol(arguments[2].value.text().c_str()) : 1;
  if (step == 0) return tl::unexpected(refuse("22023", "step size cannot equal zero"));
  if ((end - start) / step > kMostSeries) return tl::unexpected(not_known("a very long series"));
  for (long at = start; step > 0 ? at <= end : at >= end; at += step)
    add_value(relation, Value::known(std::int64_t{at}));
  return relation;
}

Checked<Relation> unnest(const Typed& array) {
  Relation relation = one_column(element_of(array.type, std::nullopt).type);
  const auto elements = flat_elements(array.value.text());
  if (!elements) return tl::unexpected(not_known("unnest of a value that is no array"));
  for (const auto& element : *elements) add_value(relation, element_of(array.type, element).value);
  return relation;
}

Checked<Relation> json_array(std::string_view name, const Typed& json) {
  const bool as_text = name.ends_with("_text");
  Relation relation = one_column(as_text ? plain(text) : json.type);
  const auto elements = json_elements(json.value.text());
  if (!elements) return tl::unexpected(refuse("22023", "cannot extract elements from an object"));
  for (const std::string& element : *elements) {
    const auto content = as_text ? json_unquoted(element) : std::optional(element);
    add_value(relation, content ? Value::known(*content) : Value());
  }
  return relation;
}

/// json_each and the like: the members with their keys, or the keys alone.
Checked<Relation> json_object(std::string_view name, const Typed& json) {
  const bool as_text = name.ends_with("_text");
  const bool keys_alone = name.ends_with("_keys");
  Relation relation;
  relation.columns.push_back({keys_alone ? "" : "key", plain(text)});
  if (!keys_alone) relation.columns.push_back({"value", as_text ? plain(text) : json.type});
  const auto members = json_members(json.value.text());
  if (!members)
    return tl::unexpected(refuse("22023", fmt::format("cannot call {} on a non-object", name)));
  for (const auto& [key, member] : *members) {
    std::vector<Value> row = {Value::known(key)};
    const auto content = as_text ? json_unquoted(member) : std::optional(member);
    if (!keys_alone) row.push_back(content ? Value::known(*content) : Value());
    relation.rows.push_back(std::move(row));
    relation.certain.push_back(true);
  }
  return relation;
}

Checked<Typed> extreme(std::string_view name, std::span<const Typed> values,
                       Surroundings& surroundings) {
  const Typed* best = nullptr;
  for (const Typed& value : values) {
    if (value.value.is_null()) continue;
    if (value.value.is_symbol()) return derived(name, values, value.type);
    if (best == nullptr) {
      best = &value;
      continue;
    }
    const auto compared = order(value, *best, surroundings);
    if (!compared) return derived(name, values, value.type);
    if (name == "max" ? *compared > 0 : *compared < 0) best = &value;
  }
  return best != nullptr ? *best : Typed{Value(), values.empty() ? plain(unknown) : values[0].type};
}

Checked<Typed> sum(std::span<const Typed> values) {
  const TypeClass family = values.empty() ? unknown : values[0].type.family;
  ValueType type = plain(family);
  if (is_integer(family)) type = plain(family == int8 ? numeric : int8);
  std::optional<Decimal> total;
  for (const Typed& value : values) {
    if (value.value.is_null()) continue;
    const auto number = value.value.is_known() ? Decimal::parse(value.value.text()) : std::nullopt;
    const auto next = number ? (total ? add(*total, *number) : number) : std::nullopt;
    if (!next) return derived("sum", values, type);
    total = next;
  }
  return Typed{total ? Value::known(total->print()) : Value(), type};
}

}  // namespace

std::optional<Checked<Relation>> call_set_function(std::string_view name,
                                                   std::span<const Typed> arguments) {
  const bool arrays = name == "jsonb_array_elements" || name == "json_array_elements" ||
                      name == "jsonb_array_elements_text" || name == "json_array_elements_text";
  const bool objects = name == "jsonb_each" || name == "json_each" || name == "jsonb_each_text" ||
                       name == "json_each_text" || name == "jsonb_object_keys" ||
                       name == "json_object_keys";
  const bool modelled = arrays || objects || (name == "unnest" && arguments.size() == 1) ||
                        (name == "generate_series" && arguments.size() >= 2);
  if (!modelled || arguments.empty()) return std::nullopt;
  for (const Typed& argument : arguments) {
    if (argument.value.is_symbol())
      return tl::unexpected(not_known(fmt::format("{} of a value that is not known", name)));
    if (argument.value.is_null() && objects)
      return json_object(name, {Value::known("{}"), argument.type});
    if (argument.value.is_null()) return one_column(plain(unknown));
  }
  if (objects) return json_object(name, arguments[0]);
  if (arrays) return json_array(name, arguments[0]);
  return name == "unnest" ? unnest(arguments[0]) : series(arguments);
}

bool is_aggregate(std::string_view name) {
  return std::find(kAggregates.begin(), kAggregates.end(), name) != kAggregates.end();
}

Checked<Typed> aggregate(std::string_view name, std::span<const Typed> values, bool star,
                         Surroundings& surroundings) {
  if (name == "count") {
    const auto maybe = [](const Typed& value) {
      return value.value.is_symbol() && value.value.may_be_null();
    };
    if (std::any_of(values.begin(), values.end(), maybe)) return derived(name, values, plain(int8));
    const auto count = std::count_if(values.begin(), values.end(),
                                     [&](const Typed& v) { return star || !v.value.is_null(); });
    return Typed{Value::known(static_cast<std::int64_t>(count)), plain(int8)};
  }
  if (name == "max" || name == "min") return extreme(name, values, surroundings);
  if (name == "sum") return sum(values);
  const bool all = name == "bool_and" || name == "every";
  if (all || name == "bool_or") {
    Value result;
    for (const Typed& value : values) {
      if (value.value.is_symbol()) return derived(name, values, plain(boolean));
      if (value.value.is_null()) continue;
      if (result.is_null() || value.value.is_true() != all) result = value.value;
    }
    return Typed{result, plain(boolean)};
  }
  ValueType type = plain(text);
  if (name == "array_agg") {
    type = values.empty() ? plain(unknown) : values[0].type;
    const bool arrays = type.is_array();
    type.dimensions = 1;
    const auto symbolic = [](const Typed& value) { return value.value.is_symbol(); };
    if (values.empty()) return Typed{Value(), type};
    if (std::none_of(values.begin(), values.end(), symbolic)) {
      std::vector<std::optional<std::string>> elements;
      for (const Typed& value : values) elements.push_back(as_element(value));
      return Typed{Value::known(join_array(elements, arrays)), type};
    }
  }
  if (name.starts_with("json")) type = plain(name.starts_with("jsonb") ? jsonb : json);
  if (name == "avg") type = plain(numeric);
  if (values.empty()) return Typed{Value(), type};
  return derived(name, values, type);
}

}  // namespace backout::postgres
