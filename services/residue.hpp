#pragma once
// What a plan says may stay behind: which facts and data a declared residue names.

#include <string>
#include <string_view>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// Whether `path` is `pattern`, lies below it ("db.tables.a" and "db.tables.a.columns.b"), or fits
/// it as names of files fit a shell's pattern: `*` stands for any text, `?` for one character.
bool fits(std::string_view pattern, std::string_view path);

/// How the id of a datum ends that is no value but says that a column of a row is NULL.
inline constexpr std::string_view kIsNull = " is NULL";
/// Whether it is such a datum: what takes its place is no loss to who keeps the new state.
bool is_absence(const Datum& datum);

/// Whether the pattern says which one: in the place of each of the first `count` words of a path
/// (parted by dots) stands more than wildcards. `db.tables.a*` does of three words, `db.tables.*`
/// of two, `db.*` of one.
bool names_words(std::string_view pattern, std::size_t count);

/// The residues as they count for facts: one that says neither service nor area (`app.*`, `app`,
/// `*`) names what the deploy changes, by its steps, their halves and the work of its versions, and
/// nothing that it never touches.
std::vector<model::Residue> narrowed(const Context& context, const World& start,
                                     const std::vector<model::Residue>& residue);

/// Facts that only faults make of a service, by the word that they begin with.
inline constexpr std::string_view kOfFaults[] = {"lingering", "unhealthy", "rolling", "damaged"};

/// Whether some residue names the fact of this path.
bool is_declared(const std::string& path, const std::vector<model::Residue>& residue);
/// Whether some residue names the datum: by its path, or as reports print it
/// ("sessions.rows.login"). A pattern that does not say which table or area it speaks of (`db.*`,
/// `db.tables.*`, `sessions`) names no data.
bool is_declared(const Datum& datum, const std::vector<model::Residue>& residue);

}  // namespace backout::services
