#pragma once

#include <string_view>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// When PostgreSQL applies a conversion: everywhere, when storing into a column, or only when asked
/// with CAST. Source: pg_cast.
enum class CastRule : std::uint8_t { implicit, assignment, on_request, none };

/// Which rule governs the conversion between two types that are not user-made; `implicit` between
/// equal families.
CastRule cast_rule(const ValueType& from, const ValueType& to);

/// What the input function of `type` makes of `text`, before the modifiers of the type: 22P02,
/// 22003, 22007, 22008. Forms that are not modelled (dates in words, ranges, geometry) stop with
/// unknown or are kept as written.
Checked<Value> read_text(std::string_view text, const ValueType& type);

/// Fits `value` into the modifiers of `type`: varchar(n) and char(n) refuse what is too long with
/// 22001 (an explicit cast truncates), numeric(p,s) rounds and refuses with 22003, timestamp(n)
/// rounds.
Checked<Value> fit(const Value& value, const ValueType& type, bool requested);

/// Converts a value of a built-in type to another built-in type, modifiers included. Requires
/// cast_rule() to allow it.
Checked<Value> convert(const Typed& from, const ValueType& to, bool requested);

}  // namespace backout::postgres
