#pragma once
// Copies of a configuration, and what a restore of one comes to.

#include <string>

#include "services/row_kind.hpp"
#include "services/store.hpp"

namespace backout::services {

inline constexpr TextArg kConfigLocation{"location", "Where the copy is kept."};
inline constexpr TextArg kConfigOf =
    TextArg("of", "visible leaves out items whose names begin with a dot (default all).")
        .among({"all", "visible"});
inline constexpr TextArg kConfigFrom = kCopyFrom.saying("Name of the copy, or latest.");
inline constexpr TextArg kConfigRemoves =
    TextArg("removes",
            "What is removed before: `rm -rf dir/*` removes what is visible (default all).")
        .among({"all", "visible", "nothing"});
inline constexpr FlagArg kConfigBackupFirst{
    "backup_first", "Copies the current state before, after `latest` was looked up."};

Record copied(const Record& config, const std::string& name, bool visible_only);
/// The items are those of the copy; the part `remove` of it only removes.
Outcome restore_copy(const Record& config, const Action& action);
/// Kind::harmed of a restore; `first`: the configuration before the deploy.
Changes harmed_copy_of(const Call& call, Harm harm, const Record& first);

}  // namespace backout::services
