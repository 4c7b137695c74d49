#include "importers/migrations/names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <tuple>

#include "importers/characters.hpp"

namespace backout::importers {
namespace {

struct DirectionWord {
  std::string_view word;
  Direction direction;
};

constexpr std::array<DirectionWord, 9> kDirectionWords = {{{"up", Direction::up},
                                                           {"do", Direction::up},
                                                           {"deploy", Direction::up},
                                                           {"forward", Direction::up},
                                                           {"down", Direction::down},
                                                           {"undo", Direction::down},
                                                           {"rollback", Direction::down},
                                                           {"revert", Direction::down},
                                                           {"backward", Direction::down}}};
constexpr std::array<std::string_view, 8> kDialects = {
    "postgres", "postgresql", "pg", "mysql", "sqlite3", "sqlite", "cockroach", "mariadb"};

std::string lower_ascii(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::optional<Direction> direction_of(std::string_view word) {
  const std::string lowered = lower_ascii(word);
  for (const DirectionWord& known : kDirectionWords) {
    if (known.word == lowered) {
      return known.direction;
    }
  }
  return std::nullopt;
}

/// V1_2__title, U1.2__title, R__title.
bool parse_flyway(std::string_view stem, MigrationName& name) {
  const std::size_t title = stem.find("__");
  if (stem.size() < 3 || title == std::string_view::npos) {
    return false;
  }
  const char kind = stem.front();
  const std::string_view version = stem.substr(1, title - 1);
  if (kind == 'R' && version.empty()) {
    name.repeatable = true;
    name.direction = Direction::up;
    name.style = DirectionStyle::flyway;
    return true;
  }
  const bool numeric = !version.empty() && is_digit(version.front()) && is_digit(version.back()) &&
                       version.find_first_not_of("0123456789._") == std::string_view::npos;
  // B: a baseline, an up without an undo.
  if ((kind != 'V' && kind != 'U' && kind != 'B') || !numeric) {
    return false;
  }
  name.version = version;
  name.direction = kind == 'U' ? Direction::down : Direction::up;
  name.style = DirectionStyle::flyway;
  return true;
}

/// Cuts the last or, as in `001.undo.title`, the second dotted word when it is a direction.
bool take_dotted_direction(std::string& stem, MigrationName& name) {
  const std::size_t last = stem.rfind('.');
  if (last == std::string::npos || last == 0) {
    return false;
  }
  if (const auto direction = direction_of(std::string_view(stem).substr(last + 1))) {
    name.direction = *direction;
    stem.erase(last);
    return true;
  }
  const std::size_t first = stem.find('.');
  const auto direction =
      direction_of(std::string_view(stem).substr(first + 1, stem.find('.', first + 1) - first - 1));
  if (!direction || !is_digit(stem.front())) {
    return false;
  }
  name.direction = *direction;
  stem.erase(first, stem.find('.', first + 1) - first);
  return true;
}

bool take_word_direction(std::string& stem, MigrationName& name) {
  const std::size_t last = stem.find_last_of("_-");
  if (last == std::string::npos || last == 0) {
    return false;
  }
  const auto direction = direction_of(std::string_view(stem).substr(last + 1));
  if (!direction) {
    return false;
  }
  name.direction = *direction;
  stem.erase(last);
  return true;
}

bool take_prefix_direction(std::string& stem, MigrationName& name) {
  const std::size_t end = stem.find_first_of("_-.");
  if (end == std::string::npos || end + 1 >= stem.size()) {
    return false;
  }
  const auto direction = direction_of(std::string_view(stem).substr(0, end));
  if (!direction) {
    return false;
  }
  name.direction = *direction;
  stem.erase(0, end + 1);
  return true;
}

/// Reads `.tx`, `.autocommit` and dialects at the end of a stem whose direction is gone.
void read_options(std::string_view stem, MigrationName& name) {
  for (std::size_t dot = stem.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = stem.rfind('.')) {
    const std::string word = lower_ascii(stem.substr(dot + 1));
    if (word == "tx") {
      name.wrapped = true;
    } else if (word == "autocommit") {
      name.autocommit = true;
    } else if (std::find(kDialects.begin(), kDialects.end(), word) != kDialects.end()) {
      name.dialect = word;
    } else {
      return;
    }
    stem = stem.substr(0, dot);
  }
}

std::string without_leading_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? "0" : std::string(digits.substr(first));
}

}  // namespace

std::string leading_version(std::string_view stem) {
  if (stem.size() > 1 && (stem.front() == 'V' || stem.front() == 'v') && is_digit(stem[1])) {
    stem.remove_prefix(1);
  }
  std::size_t end = 0;
  while (end < stem.size() &&
         (is_digit(stem[end]) ||
          (end > 0 && is_digit(stem[end - 1]) && (stem[end] == '-' || stem[end] == '.') &&
           end + 1 < stem.size() && is_digit(stem[end + 1])))) {
    ++end;
  }
  return std::string(stem.substr(0, end));
}

MigrationName parse_name(std::string_view file_name) {
  std::string stem(file_name.ends_with(".sql") ? file_name.substr(0, file_name.size() - 4)
                                               : file_name);
  MigrationName name;
  if (parse_flyway(stem, name)) {
    name.id = stem;
    return name;
  }
  if (take_dotted_direction(stem, name)) {
    name.style = DirectionStyle::dot;
  } else if (take_prefix_direction(stem, name)) {
    name.style = DirectionStyle::prefix;
  } else if (take_word_direction(stem, name)) {
    name.style = DirectionStyle::word;
  }
  read_options(stem, name);
  name.version = leading_version(stem);
  name.id = std::move(stem);
  return name;
}

VersionKey::VersionKey(std::string_view version, std::string_view identity, bool dated)
    : id(identity) {
  if (dated) {
    std::string digits;
    std::copy_if(version.begin(), version.end(), std::back_inserter(digits), is_digit);
    if (!digits.empty()) {
      numbers.push_back(std::move(digits));
    }
    id.insert(0, numbers.empty() ? "" : numbers.front() + ' ');
    numbers.clear();
    return;
  }
  for (std::size_t at = 0; at < version.size();) {
    const std::size_t end = std::min(version.find_first_of(".-_", at), version.size());
    numbers.push_back(without_leading_zeros(version.substr(at, end - at)));
    at = end + 1;
  }
}

bool operator<(const VersionKey& left, const VersionKey& right) {
  const auto by_value = [](const std::string& a, const std::string& b) {
    return std::make_tuple(a.size(), std::string_view(a)) <
           std::make_tuple(b.size(), std::string_view(b));
  };
  if (left.numbers != right.numbers) {
    return std::lexicographical_compare(left.numbers.begin(), left.numbers.end(),
                                        right.numbers.begin(), right.numbers.end(), by_value);
  }
  return left.id < right.id;
}

}  // namespace backout::importers
