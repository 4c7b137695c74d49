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

/// What is `unknown` may end at once or never.
inline model::Duration with_bounds(model::Duration said) {
  constexpr std::int64_t kNever = std::int64_t{100} * 365 * 24 * 60 * 60 * 1000;
  if (said.unknown) said.high_ms = kNever;
  return said;
}
/// "2h", or "a time that the plan does not say".
inline std::string length_in_words(const model::Duration& said) {
  return said.unknown ? "a time that the plan does not say" : model::to_string(said);
}

/// When a version of `service` ends by itself, counted from the begin of the deploy; nullopt:
/// never, or the plan says nothing of it.
inline std::optional<model::Duration> ends_after(const model::Service& service,
                                                 const std::string& version) {
  const model::Node* all = service.fields.find("expires");
  const bool says_nothing = all != nullptr && all->is_unknown();
  const model::Node* found = all == nullptr || says_nothing ? all : all->find(version);
  if (found == nullptr) return std::nullopt;
  const auto duration = model::parse_duration(found->text);
  return duration ? std::optional(with_bounds(*duration)) : std::nullopt;
}

/// `what` holds for so long, and ends then by itself.
inline void tell_end(std::string_view what, const model::Duration& kept, Traits& traits) {
  traits.expires = fmt::format("{} for {}", what, length_in_words(kept));
  traits.expires_low_ms = kept.low_ms;
  traits.expires_high_ms = with_bounds(kept).high_ms;
}

}  // namespace backout::services
