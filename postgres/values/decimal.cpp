// PostgreSQL's numeric has up to 131,072 digits before the point and keeps a scale; a quotient gets
// at least 16 significant digits, counted in groups of four (numeric.c).
// Left out: more than 36 digits, for which there is no result, NaN and the infinities, which are no
// Decimal.
#include "postgres/values/decimal.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

constexpr int kMostDigits = 36;
constexpr int kDigitsOfGroup = 4;

/// 10 to the power of `exponent`; requires 0 <= exponent <= kMostDigits.
__int128 power_of_ten(int exponent) {
  __int128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

int count_digits(__int128 number) {
  if (number < 0) number = -number;
  int count = 0;
  for (; number > std::numeric_limits<std::int64_t>::max(); number /= 10) ++count;
  for (auto rest = static_cast<std::int64_t>(number); rest > 0; rest /= 10) ++count;
  return count;
}

/// The exponent after 'e', empty text being none; nothing when it is not one.
std::optional<int> read_exponent(std::string_view text) {
  if (text.empty()) return 0;
  text.remove_prefix(1);
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || text.size() > 3) return std::nullopt;
  int exponent = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    exponent = exponent * 10 + (c - '0');
  }
  return negative ? -exponent : exponent;
}

/// `number` divided by 10^places, rounded half away from zero.
__int128 round_off(__int128 number, int places) {
  if (places > kMostDigits) return 0;
  const __int128 divisor = power_of_ten(places);
  const __int128 half = divisor / 2;
  return (number + (number < 0 ? -half : half)) / divisor;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  text = trim(text);
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  Decimal result;
  int seen = 0;
  int digits = 0;  // without zeros in front
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    ++seen;
    if (text[at] != '0' || digits > 0) ++digits;
    if (digits > kMostDigits) return std::nullopt;
    result.digits_ = result.digits_ * 10 + (text[at] - '0');
    if (point) ++result.scale_;
  }
  const auto exponent = read_exponent(text.substr(at));
  if (seen == 0 || !exponent) return std::nullopt;
  result.scale_ -= *exponent;
  if (negative) result.digits_ = -result.digits_;
  if (result.scale_ > kMostDigits) return std::nullopt;
  if (result.scale_ < 0) {
    if (count_digits(result.digits_) - result.scale_ > kMostDigits) return std::nullopt;
    result.digits_ *= power_of_ten(-result.scale_);
    result.scale_ = 0;
  }
  return result;
}

Decimal Decimal::of(std::int64_t number) {
  Decimal result;
  result.digits_ = number;
  return result;
}

int Decimal::integer_digits() const { return std::max(0, count_digits(digits_) - scale_); }

std::optional<Decimal> Decimal::rescaled(int scale) const {
  Decimal result = *this;
  result.scale_ = scale;
  if (scale < scale_) {
    result.digits_ = round_off(digits_, scale_ - scale);
  } else {
    if (count_digits(digits_) + scale - scale_ > kMostDigits) return std::nullopt;
    result.digits_ = digits_ * power_of_ten(scale - scale_);
  }
  return result;
}

std::string Decimal::print() const {
  __int128 rest = digits_ < 0 ? -digits_ : digits_;
  std::string reversed;
  for (int place = 0; rest > 0 || place <= scale_; ++place) {
    if (place == scale_ && scale_ > 0) reversed += '.';
    reversed += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (digits_ < 0) reversed += '-';
  return {reversed.rbegin(), reversed.rend()};
}

std::optional<std::int64_t> Decimal::to_integer() const {
  const __int128 whole = round_off(digits_, scale_);
  if (whole > std::numeric_limits<std::int64_t>::max() ||
      whole < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(whole);
}

double Decimal::to_double() const { return std::strtod(print().c_str(), nullptr); }

Decimal Decimal::negated() const {
  Decimal result = *this;
  result.digits_ = -digits_;
  return result;
}

std::optional<Decimal> add(const Decimal& left, const Decimal& right) {
  const int scale = std::max(left.scale_, right.scale_);
  const auto first = left.rescaled(scale);
  const auto second = right.rescaled(scale);
  if (!first || !second) return std::nullopt;
  Decimal result;
  result.digits_ = first->digits_ + second->digits_;
  result.scale_ = scale;
  return result;
}

std::optional<Decimal> multiply(const Decimal& left, const Decimal& right) {
  if (count_digits(left.digits_) + count_digits(right.digits_) > kMostDigits) return std::nullopt;
  Decimal result;
  result.digits_ = left.digits_ * right.digits_;
  result.scale_ = left.scale_ + right.scale_;
  return result;
}

std::optional<Decimal> divide(const Decimal& left, const Decimal& right) {
  // select_div_scale() of numeric.c: at least 16 significant digits, counted in groups of four.
  const auto weight = [](const Decimal& number) {
    const int digits = count_digits(number.digits_) - number.scale_;
    return digits > 0 ? (digits - 1) / kDigitsOfGroup : (digits - kDigitsOfGroup) / kDigitsOfGroup;
  };
  const auto leading_group = [&](const Decimal& number) {
    const int drop = count_digits(number.digits_) - number.scale_ - weight(number) * kDigitsOfGroup;
    __int128 digits = number.digits_ < 0 ? -number.digits_ : number.digits_;
    for (int extra = count_digits(digits) - drop; extra > 0; --extra) digits /= 10;
    return digits;
  };
  const int quotient_weight =
      weight(left) - weight(right) - (leading_group(left) <= leading_group(right) ? 1 : 0);
  const int scale = std::max({16 - quotient_weight * kDigitsOfGroup, left.scale_, right.scale_, 0});
  const auto dividend = left.rescaled(std::min(scale + right.scale_ + 1, kMostDigits));
  if (!dividend || dividend->scale_ != scale + right.scale_ + 1) return std::nullopt;
  Decimal quotient;
  quotient.digits_ = dividend->digits_ / right.digits_;
  quotient.scale_ = scale + 1;
  return quotient.rescaled(scale);
}

std::optional<Decimal> remainder(const Decimal& left, const Decimal& right) {
  const int scale = std::max(left.scale_, right.scale_);
  const auto first = left.rescaled(scale);
  const auto second = right.rescaled(scale);
  if (!first || !second) return std::nullopt;
  Decimal result;
  result.digits_ = first->digits_ % second->digits_;
  result.scale_ = scale;
  return result;
}

std::optional<int> compare(const Decimal& left, const Decimal& right) {
  const int scale = std::max(left.scale_, right.scale_);
  const auto first = left.rescaled(scale);
  const auto second = right.rescaled(scale);
  if (!first || !second) return std::nullopt;
  return first->digits_ < second->digits_ ? -1 : (first->digits_ > second->digits_ ? 1 : 0);
}

}  // namespace backout::postgres
