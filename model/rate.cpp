#include "model/rate.hpp"

#include <charconv>

namespace backout::model {

std::optional<double> per_hour(std::string_view rate) {
  if (rate.find_first_of("0123456789.") != 0) return std::nullopt;  // no sign, no inf, no nan
  double number = 0;
  const auto [end, error] =
      std::from_chars(rate.data(), rate.data() + rate.size(), number, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit = rate.substr(static_cast<std::size_t>(end - rate.data()));
  if (unit == "/s") return number * 3600;
  if (unit == "/min") return number * 60;
  if (unit == "/h") return number;
  if (unit == "/d") return number / 24;
  return std::nullopt;
}

}  // namespace backout::model
