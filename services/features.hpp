#pragma once
// What is so of every service of a kind, as data of its table.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// What is left of an app while its instances are replaced.
struct Room {
  std::int64_t serving = 0;    ///< so many serve at least
  bool starts_beside = false;  ///< new ones may be started first, so that it need not be so few
};

/// What is so of every service of a kind. Who meets one as a neighbour reads this, and not the
/// kind's name.
struct Features {
  bool is_configuration = false;  ///< its `items` are what apps read
  bool is_flags = false;          ///< its flags are what apps ask
  bool keeps_old_keys =
      false;  ///< what an older version of it encrypted is read while that is valid
  bool keeps_answers =
      false;  ///< copies of what the apps that it `fronts` answered are facts of it
  bool acts_by_itself = false;    ///< it changes without a step
  bool copies_any_store = false;  ///< what it is `of` may be a service of any kind that holds data
  bool applies_git = false;       ///< its `apps` get what its `repo` says, between any two steps
  /// Apps: how many instances there are its `replicas` say, and more than one are replaced in turn.
  bool counts_replicas = false;
  bool shifts_by_steps = false;  ///< a canary gets more of the users step by step
  bool runs_no_hooks = false;    ///< nothing runs before a version is rolled out
  bool applies_charts = false;   ///< an older release brings the objects of its chart back
  bool freezes_configuration =
      false;  ///< a version that is published keeps the configuration of then
  /// Whether the platform keeps the configuration with the release, so that a rollback brings the
  /// old one back.
  std::function<bool(const model::Service&)> keeps_configuration = [](const model::Service&) {
    return false;
  };
  /// How many instances of so many are sure to serve while they are replaced; nullopt: the plan
  /// does not say.
  std::function<std::optional<Room>(const model::Service&, std::int64_t)> room =
      [](const model::Service&, std::int64_t) { return std::nullopt; };
  /// It may stand for what drives others, and has no version of its own then.
  bool drives_others = false;
  /// The verbs that take a start back where the container had been removed before.
  std::vector<std::string> back_to_removed = {"stop"};
};

/// Those of the kind's table; of a kind that is no table, none.
const Features& features_of(const Kind& kind);

}  // namespace backout::services
