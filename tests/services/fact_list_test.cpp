// The list of facts that `backout kinds` prints is what services have.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/every_kind.hpp"
#include "services/fact_list.hpp"
#include "services/stage.hpp"

namespace backout::tests {
namespace {

bool is_of(services::FactType type, const std::string& value) {
  if (type == services::FactType::boolean) return value == "true" || value == "false";
  return type == services::FactType::text ||
         (!value.empty() &&
          value.find_first_not_of("0123456789", value[0] == '-' ? 1 : 0) == std::string::npos);
}

/// Every fact of the world has its place in the list of its kind.
void expect_listed(const Stage& stage) {
  for (model::ServiceIndex i = 0; i < stage.plan().services.size(); ++i) {
    const services::Kind& kind = stage.context().kind(i);
    const std::vector<services::FactSpec> list = services::fact_list(kind.spec());
    for (const services::Fact& fact : kind.facts(stage.context(), i, *stage.world.states[i])) {
      if (fact.path == "outage" || fact.path.starts_with("key_of_copy") ||
          fact.path.starts_with("sealed."))
        continue;
      const auto spec = std::ranges::find_if(
          list, [&](const services::FactSpec& each) { return services::is_fact(each, fact.path); });
      ASSERT_NE(spec, list.end()) << kind.spec().name << ": " << fact.path;
      EXPECT_TRUE(is_of(spec->type, fact.value)) << kind.spec().name << ": " << fact.path << " is '"
                                                 << fact.value << "', no " << to_string(spec->type);
    }
  }
}

TEST(FactList, HoldsEveryFactOfEveryKind) {
  const Stage fresh(kEveryKind);
  expect_listed(fresh);
  Stage all(kEveryKind);
  for (const model::Step& step : all.plan().steps) {
    Stage one = fresh;
    one.run(step.id);
    one.traffic();
    expect_listed(one);
    all.run(step.id);
    all.traffic();
  }
  expect_listed(all);
}

TEST(FactList, KnowsEveryKindThatHasFacts) {
  for (const services::Kind* kind : services::all_kinds()) {
    EXPECT_TRUE(kind->spec().name == "manual" || !services::fact_list(kind->spec()).empty())
        << kind->spec().name;
  }
}

}  // namespace
}  // namespace backout::tests
