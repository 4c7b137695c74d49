#pragma once
// Placeholders in migrations, which the tool fills before the server sees the text: `${x}` (Flyway,
// Liquibase, envsubst), `{{ .x }}` (Go templates),
// `:x`, `:'x'` and `:"x"` (psql, sqitch).

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/migration.hpp"

namespace backout::importers {

/// Values by name.
using Placeholders = std::map<std::string, std::string, std::less<>>;

/// What configuration files say of placeholders.
struct ConfiguredPlaceholders {
  Placeholders values;
  std::optional<bool> replaced;  ///< flyway.placeholderReplacement: whether Flyway fills any

  /// Takes what `other`, which is farther away, says and this does not.
  void merge(ConfiguredPlaceholders other);
};

/// What configuration files of the tools say, in `folder` or up to four folders above it:
/// flyway.conf and flyway.toml, sqitch.conf, tern.conf, liquibase.properties. The nearest counts. A
/// file that is no TOML says nothing.
ConfiguredPlaceholders configured_placeholders(const std::string& folder);

/// Puts values in the place of placeholders, as the tool of `convention` does. A statement with one
/// that has no value becomes one that no engine follows, `DO LANGUAGE placeholder`, with that
/// reason, so that what comes after it is in doubt. `file` is the text of the script's file, in
/// which goose says whether it fills any.
void fill_placeholders(model::SqlText& script, std::string_view convention, std::string_view file,
                       const Placeholders& values);

}  // namespace backout::importers
