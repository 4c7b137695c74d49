#pragma once
// Answers of a zone that are still about.

#include <optional>
#include <string>
#include <vector>

#include "services/arg.hpp"
#include "services/service.hpp"

namespace backout::services {

/// Below this nobody minds that some still go by an older answer: the next step takes longer.
inline constexpr std::int64_t kSoonMs = 5 * 60 * 1000;

/// The verb that writes a record.
inline constexpr const char* kSetRecordVerb = "set";
inline constexpr TextArg kDnsRecord = TextArg("record", "The name.").required();
inline constexpr TextArg kDnsValue = TextArg("value", "Its value.").required();

/// An answer that some who asked may still go by, though the zone says something else.
struct KeptAnswer {
  std::string record;
  std::string value;                       ///< empty: that there is no such record
  std::optional<std::int64_t> longest_ms;  ///< for how long at most; nullopt: the plan does not say
};
/// Those of the zone in this world; empty when the service is none.
std::vector<KeptAnswer> kept_answers(const Context& context, const World& world, ServiceIndex zone);

}  // namespace backout::services
