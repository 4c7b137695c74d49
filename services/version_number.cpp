#include "services/version_number.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace backout::services {

std::vector<std::string> parts_of_version(const std::string& version) {
  std::vector<std::string> parts;
  std::string rest = version;
  if (rest.size() > 1 && rest.front() == 'v' &&
      std::isdigit(static_cast<unsigned char>(rest[1])) != 0)
    rest.erase(0, 1);
  for (std::size_t from = 0; from <= rest.size();) {
    const std::size_t dot = std::min(rest.find_first_of(".-", from), rest.size());
    parts.push_back(rest.substr(from, dot - from));
    from = dot + 1;
  }
  return parts;
}

int part_of(const std::string& version, int part) {
  const std::vector<std::string> parts = parts_of_version(version);
  if (static_cast<std::size_t>(part) >= parts.size()) return -1;
  const std::string& text = parts[static_cast<std::size_t>(part)];
  const bool number =
      !text.empty() && text.size() < 9 &&
      std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
  return number ? std::atoi(text.c_str()) : -1;
}

int compare_versions(const std::string& a, const std::string& b) {
  for (int part = 0; part_of(a, part) >= 0 && part_of(b, part) >= 0; ++part) {
    if (const int difference = part_of(a, part) - part_of(b, part); difference != 0)
      return difference;
  }
  return 0;
}

std::string series_of(const std::string& version, int parts) {
  const std::vector<std::string> all = parts_of_version(version);
  std::string series;
  for (int i = 0; i < parts && static_cast<std::size_t>(i) < all.size(); ++i)
    series += (i == 0 ? "" : ".") + all[static_cast<std::size_t>(i)];
  return series;
}

}  // namespace backout::services
