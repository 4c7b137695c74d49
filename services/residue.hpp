#pragma once
// What a plan says may stay behind: which facts and data a declared residue names.

#include <string>
#include <string_view>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// Whether `path` is `pattern`, lies below it ("db.tables.a" and "db.tables.a.columns.b"), or fits it as names of files fit a
/// shell's pattern: `*` stands for any text, `?` for one character.
bool fits(std::string_view pattern, std::string_view path);

/// How the id of a datum ends that is no value but says that a column of a row is NULL.
inline constexpr std::string_view kIsNull = " is NULL";
/// Whether it is such a datum: what takes its place is no loss to who keeps the new state.
bool is_absence(const Datum& datum);

/// Whether some residue names the fact of this path.
bool is_declared(const std::string& path, const std::vector<model::Residue>& residue);
/// Whether some residue names the datum: by its path, or as reports print it ("sessions.rows.login").
bool is_declared(const Datum& datum, const std::vector<model::Residue>& residue);

}  // namespace backout::services
