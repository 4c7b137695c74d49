#pragma once
// Certificates, passwords and tokens that end by themselves.

#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "model/duration.hpp"
#include "model/plan.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

/// `expires`: version: how long after the begin of the deploy it ends.
inline model::FieldSpec expires_field() {
  return field("expires", model::ValueType::map,
               "version: how long after the begin of the deploy it ends by itself, or never.");
}

/// What stands in `expires` and is no time.
inline void check_expires(const model::Service& service, std::vector<model::Mistake>& mistakes) {
  const model::Node* all = service.fields.find("expires");
  for (const model::Node::Entry& each :
       all == nullptr ? std::vector<model::Node::Entry>() : all->entries) {
    if (each.value.is_scalar() &&
        (each.value.text == "never" || model::parse_duration(each.value.text)))
      continue;
    mistakes.push_back({each.value.span, fmt::format("when '{}' ends is a duration", each.key),
                        "like 90d, counted from the begin of the deploy; or never, or unknown"});
  }
}

/// When a version of `service` ends by itself, counted from the begin of the deploy; nullopt:
/// never, or the plan does not say.
inline std::optional<model::Duration> ends_after(const model::Service& service,
                                                 const std::string& version) {
  const model::Node* all = service.fields.find("expires");
  const model::Node* found = all == nullptr ? nullptr : all->find(version);
  if (found == nullptr) return std::nullopt;
  const auto duration = model::parse_duration(found->text);
  return duration && !duration->unknown ? std::optional(*duration) : std::nullopt;
}

/// `what` holds for so long, and ends then by itself.
inline void tell_end(std::string_view what, const model::Duration& kept, Traits& traits) {
  traits.expires = fmt::format("{} for {}", what, model::to_string(kept));
  traits.expires_low_ms = kept.low_ms;
  traits.expires_high_ms = kept.high_ms;
}

}  // namespace backout::services
