#pragma once
// What belongs to one release of an app besides its code: its number, its configuration, what it
// does when it starts, and how long the platform keeps it.

#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// Verbs by which a plan shows what belongs to a release.
inline constexpr const char* kPublishVerb = "publish";
inline constexpr const char* kRollbackVerb = "rollback";

/// The versions that the plan says served before the deploy, oldest first, the one that serves
/// included.
std::vector<std::string> history_before(const model::Service& service);

/// The history of versions with one more that serves. Revisions that a number may name stay where
/// they are; of what came later, each version stands where it served last, so that a run in circles
/// ends in a state that it was in before.
std::string history_with(const model::Service& service, const Record& now,
                         const std::string& version);

/// The version of revision `number` ("7"), counted as `history:` counts; empty when the plan does
/// not say.
std::string version_of_revision(const model::Service& service, const Record& app,
                                const std::string& number);

/// Why the image that revision or version `word` names may be another one by now: "tag `app:latest`
/// may move". Empty: it is fixed, or the plan does not say. For tools whose revisions name an image
/// and do not keep it.
std::string moving_image(const model::Service& service, const std::string& word);

/// Why `version` can no longer be served again: its image is gone, or the platform keeps only so
/// many. Empty: it can.
std::string why_not_kept(const model::Service& service, const Record& app,
                         const std::string& version);

/// The configuration that a way back takes along.
enum class Brings {
  nothing,
  declared,  ///< what `takes_along` names
  all,       ///< that, or what the platform keeps with a release
};
/// The configuration services that it puts back to what they were when the version was released.
std::vector<ServiceIndex> taken_along(const Context& context, ServiceIndex app, Brings brings);
/// Those that some way back of the app takes along.
std::vector<ServiceIndex> ever_taken_along(const Context& context, ServiceIndex app);

/// The app as it is before the deploy, with the configuration of its versions as far as the plan
/// says it.
Record with_releases(const Context& context, ServiceIndex app, const Record& record);
/// The app, which now serves `version`, with its configuration in `world` noted as that of the
/// release.
Record noted_release(const Context& context, const World& world, ServiceIndex app,
                     const std::string& version, const Record& record);
/// `world` as `version` of the app sees it: with the configuration that is frozen in it, where the
/// app publishes versions and the plan knows what that is; else `world`.
World with_frozen_configuration(const Context& context, const World& world, ServiceIndex app,
                                const std::string& version);
/// Puts `along`, the configuration that goes back with the app, back to that of `version`; opaque
/// when nobody knows it.
void bring_along(const Context& context, const World& world, ServiceIndex app,
                 const std::string& version, const std::vector<ServiceIndex>& along,
                 Outcome& outcome);

/// The objects of the chart that `version` is: those that it names (`objects`), and the items that
/// it needs of a configuration that is part of the chart.
std::vector<std::string> objects_of(const Context& context, ServiceIndex app,
                                    const model::Version& version);

/// What `version` changes in other services when it starts (`rewrites`).
void start_up(const Context& context, const World& world, ServiceIndex app,
              const std::string& version, Outcome& outcome);
/// The resource paths that a start of the app, or a way back, may write in other services.
std::vector<std::string> paths_of_release(const Context& context, ServiceIndex app);
/// What roll_out() of the app reads and writes, added to `print` (unsorted).
void add_roll_out(const Context& context, ServiceIndex app, Footprint& print);

}  // namespace backout::services
