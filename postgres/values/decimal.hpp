#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backout::postgres {

/// An exact decimal of at most 36 digits, enough for the numbers of migrations; operations that
/// need more give nothing.
class Decimal {
 public:
  /// Reads `[+-]digits[.digits][e[+-]digits]` with blanks around it, nothing else.
  static std::optional<Decimal> parse(std::string_view text);
  static Decimal of(std::int64_t number);

  /// Digits after the point, as PostgreSQL's numeric keeps them for printing.
  int scale() const { return scale_; }
  /// Digits before the point; 0 for numbers below one.
  int integer_digits() const;
  bool is_negative() const { return digits_ < 0; }
  bool is_zero() const { return digits_ == 0; }
  /// Rounded half away from zero, padded with zeros when `scale` is larger.
  std::optional<Decimal> rescaled(int scale) const;
  std::string print() const;
  /// The whole number after rounding half away from zero, if it fits.
  std::optional<std::int64_t> to_integer() const;
  double to_double() const;

  friend std::optional<Decimal> add(const Decimal& left, const Decimal& right);
  friend std::optional<Decimal> multiply(const Decimal& left, const Decimal& right);
  /// Quotient rounded to the scale that PostgreSQL's numeric division would print. Requires a
  /// divisor other than zero.
  friend std::optional<Decimal> divide(const Decimal& left, const Decimal& right);
  /// Remainder with the sign of `left`. Requires a divisor other than zero.
  friend std::optional<Decimal> remainder(const Decimal& left, const Decimal& right);
  /// Negative, zero or positive; nothing when the scales are too far apart to compare exactly.
  friend std::optional<int> compare(const Decimal& left, const Decimal& right);
  Decimal negated() const;

 private:
  using Digits = __int128;
  Digits digits_ = 0;
  int scale_ = 0;
};

std::optional<Decimal> add(const Decimal& left, const Decimal& right);
std::optional<Decimal> multiply(const Decimal& left, const Decimal& right);
std::optional<Decimal> divide(const Decimal& left, const Decimal& right);
std::optional<Decimal> remainder(const Decimal& left, const Decimal& right);
std::optional<int> compare(const Decimal& left, const Decimal& right);

}  // namespace backout::postgres
