// Kinds of one's own.
#include "services/registry.hpp"

#include <gtest/gtest.h>

#include "services/row_kind.hpp"

namespace backout::tests {
namespace {

std::unique_ptr<const services::Kind> kind_named(const std::string& name, std::vector<std::string> aliases = {}) {
  services::KindRow row;
  row.name = name;
  row.help = "For a test.";
  row.aliases = std::move(aliases);
  row.initial = [](const services::Context&, services::ServiceIndex, std::vector<model::Mistake>&) { return services::Record(); };
  return services::make_kind(std::move(row));
}

TEST(Registry, TakesNoNameThatIsTaken) {
  const std::size_t before = services::all_kinds().size();
  EXPECT_EQ(services::add_kind(kind_named("postgres")), nullptr);
  EXPECT_EQ(services::add_kind(kind_named("redis")), nullptr);  // another name of cache
  EXPECT_EQ(services::add_kind(kind_named("shelf", {"queue"})), nullptr);
  EXPECT_EQ(services::all_kinds().size(), before);
}

void make_half_a_kind() {
  services::KindRow row;
  row.name = "half";
  row.initial = [](const services::Context&, services::ServiceIndex, std::vector<model::Mistake>&) { return services::Record(); };
  row.verbs = {{{"toggle", {}, "Nobody says what it does."}, {}}};
  services::make_kind(std::move(row));
}

TEST(Registry, AVerbWithoutAnApplyDoesNotConstruct) { EXPECT_DEATH(make_half_a_kind(), ""); }

}  // namespace
}  // namespace backout::tests
