#pragma once
// Kinds that run a version of some code and are no app: workers, cron jobs, clients. Nobody sends
// them requests.

#include <optional>
#include <string>
#include <vector>

#include "services/row_kind.hpp"

namespace backout::services {

/// The fact that paused workers still have jobs to end, or a suspended job a run: of workers
/// `true`, of a job its version.
inline constexpr const char* kUnderWay = "under_way";

/// `record` with the version before the deploy (`start`), if there is one, and the history of
/// versions.
Record with_version(const model::Service& service, const Record& record);

/// The verbs `deploy` and `rollback`. With `instances` above 1 one is replaced first: for a while
/// two versions work.
VerbRow deploy_row(std::string help);
VerbRow rollback_row(std::string help);

/// The versions that work, the one that replaces it included; empty: none was ever said.
std::vector<std::string> versions_at_work(const Record& record);

inline constexpr TextArg kDrain =
    TextArg("drain", "true or a duration: jobs under way end first; else they are cut off.")
        .of(model::ValueType::any)
        .or_else("none");
/// Whether an action waits until what is under way has ended (`drain`: true or a duration);
/// nullopt: nobody knows.
std::optional<bool> drains(const Action& action);

/// Facts that a rollback need not restore.
inline std::vector<std::string> version_areas() { return {"history"}; }

}  // namespace backout::services
