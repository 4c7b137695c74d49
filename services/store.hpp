#pragma once
// What stores that are no SQL database share: rows as facts of a record, `<area>.<id>` = content.

#include <string>
#include <vector>

#include "services/record_kind.hpp"

namespace backout::services {

/// The verb that puts a copy back, of every store that has copies.
inline constexpr const char* kRestoreVerb = "restore";
/// What names the copy that is made, and the one that is put back; how each was made.
inline constexpr TextArg kCopyFile = TextArg("file", "Name of the copy.").required();
inline constexpr TextArg kCopyFrom = TextArg("from", "Name of the copy.").required();
inline constexpr TextArg kCopyMethod{"method", "How it is made."};
inline constexpr TextArg kCopyTool{"tool", "What restores it."};

/// The data below `area`: one datum per row.
std::vector<Datum> area_data(const Record& record, const std::string& area);

/// `record` with the backups that the plan says exist of it before the deploy: copies of what
/// stands below `area`.
Record with_backups(const Plan& plan, ServiceIndex self, const Record& record,
                    const std::string& area);

/// Whether a copy cannot be read to its end: "damaged.<name>".
bool is_damaged(const Record& store, const std::string& copy);

/// Kind::harmed of a store that keeps its copies below "copy.<name>", named by "copies.<name>".
Changes harmed_copy(const Context& context, const World& world, const Action& action, Harm harm,
                    const std::string& area);

/// A `rows` check: everything that was there before the deploy is still there, in one of `areas`.
/// Other checks are unknown.
CheckResult check_kept(const Context& context, const World& world, const model::Check& check,
                       const std::vector<std::string>& areas);

}  // namespace backout::services
