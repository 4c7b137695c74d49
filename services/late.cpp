#include "services/late.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace backout::services {

bool newest_word_counts(const Context& context, const Action& action) {
  static constexpr std::array<std::string_view, 4> kTold = {"ecs", "helm", "kubernetes", "rollout"};
  if (action.service == model::kNone) return false;
  if (std::ranges::find(kTold, context.plan().services[action.service].kind) == kTold.end())
    return false;
  const Traits traits = traits_of(context, action);  // a toggle says the other, not what
  return traits.changes_version && traits.not_repeatable.empty();
}

}  // namespace backout::services
