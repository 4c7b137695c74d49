#include "services/residue.hpp"

#include <algorithm>

namespace backout::services {

namespace {

/// A shell's pattern over the whole text.
bool fits_whole(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

bool fits(std::string_view pattern, std::string_view path) {
  if (fits_whole(pattern, path)) return true;
  return fits_whole(std::string(pattern) + ".*", path);
}

bool is_absence(const Datum& datum) {
  return datum.id.ends_with(kIsNull) && datum.id.find('=') == std::string::npos;
}

bool is_declared(const std::string& path, const std::vector<model::Residue>& residue) {
  return std::ranges::any_of(residue, [&](const model::Residue& each) { return fits(each.path, path); });
}

bool is_declared(const Datum& datum, const std::vector<model::Residue>& residue) {
  return is_declared(datum.path, residue) || is_declared(datum.id.substr(0, datum.id.find_first_of("#=")), residue) ||
         is_declared(describe(datum), residue);
}

}  // namespace backout::services
