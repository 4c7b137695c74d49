#pragma once
// What the name of a migration file says: version, direction, dialect, transaction.

#include <string>
#include <string_view>
#include <vector>

namespace backout::importers {

enum class Direction { none, up, down };

/// How a name gives its direction. A folder keeps to one way, which tells `_up` from a title that
/// ends in "clean_up".
enum class DirectionStyle { none, dot, word, prefix, flyway };

/// The parts of a file name such as `20240131_add_users.tx.up.sql`.
struct MigrationName {
  std::string id;       ///< the stem without its direction: `20240131_add_users.tx`
  std::string version;  ///< leading digits, with `.`, `-` or (Flyway) `_` between them; empty when
                        ///< there are none
  std::string dialect;  ///< "postgres", "mysql", ... when the name says so
  Direction direction = Direction::none;
  DirectionStyle style = DirectionStyle::none;
  bool wrapped = false;     ///< `.tx`: the tool opens a transaction
  bool autocommit = false;  ///< `.autocommit`: the tool opens none
  bool repeatable = false;  ///< Flyway R__
};

/// Reads a file name that ends in .sql. Never fails: a name without any meaning is its own id.
MigrationName parse_name(std::string_view file_name);

/// The version that starts `stem` (see MigrationName::version), after an optional `V` or `v`.
std::string leading_version(std::string_view stem);

/// A key that sorts versions as the tools do: numbers by value, dates with hyphens as the string of
/// their digits, what has no version before all others, by name.
struct VersionKey {
  std::vector<std::string> numbers;  ///< digits without leading zeros
  std::string id;

  VersionKey(std::string_view version, std::string_view identity, bool dated);
  friend bool operator<(const VersionKey& left, const VersionKey& right);
};

}  // namespace backout::importers
