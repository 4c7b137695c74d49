#pragma once
// Versions as numbers that can be compared.

#include <charconv>
#include <string_view>
#include <vector>

namespace backout::cli {

/// The numbers of a version like 1.2 or 1.2.3; empty: it is none.
inline std::vector<int> numbers_of(std::string_view version) {
  std::vector<int> numbers;
  for (;;) {
    int number = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    if (error != std::errc{} || number < 0) return {};
    numbers.push_back(number);
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (version.empty() || version[0] != '.')
      return version.empty() || version[0] == '-' ? numbers : std::vector<int>{};
    version.remove_prefix(1);
  }
}

}  // namespace backout::cli
