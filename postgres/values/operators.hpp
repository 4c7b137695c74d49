#pragma once

#include <string_view>

#include "postgres/query/expression.hpp"

namespace backout::postgres {

/// Applies a binary operator to two values, none of which is of an untyped literal unless both are.
/// 42883 when no such operator exists for the types; NULL operands give NULL.
Checked<Typed> apply_operator(std::string_view name, Typed left, Typed right,
                              Surroundings& surroundings);

/// Applies a prefix operator ("-", "+", "@", "~", "!!").
Checked<Typed> apply_prefix(std::string_view name, const Typed& operand);

/// The order of two known, not NULL values of comparable types: negative, zero or positive; unknown
/// when it is not modelled.
Checked<int> order(const Typed& left, const Typed& right, Surroundings& surroundings);

/// Gives an untyped literal the type of the value beside it.
Checked<void> unify(Typed& left, Typed& right, Surroundings& surroundings);

/// Whether a value is among them that is not worked out.
bool any_symbol(std::span<const Typed> values);

/// A symbol of type `type` that stands for the result of a computation on `parts`: equal inputs
/// give equal symbols.
Typed derived(std::string_view what, std::span<const Typed> parts, const ValueType& type);

/// Whether it is regclass, regtype and the like: numbers of objects that read as names.
bool names_objects(const ValueType& type);

/// The same of what gives NULL for NULL alone: NULL when a part is NULL, and not NULL when none may
/// be.
Typed strictly_derived(std::string_view what, std::span<const Typed> parts, const ValueType& type);

}  // namespace backout::postgres
