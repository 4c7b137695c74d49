// Kinds of one's own.
#include "services/registry.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "services/row_kind.hpp"

namespace backout::tests {
namespace {

std::unique_ptr<const services::Kind> kind_named(const std::string& name,
                                                 std::vector<std::string> aliases = {}) {
  services::KindRow row;
  row.name = name;
  row.help = "For a test.";
  row.aliases = std::move(aliases);
  row.initial = [](const services::Context&, services::ServiceIndex, std::vector<model::Mistake>&) {
    return services::Record();
  };
  return services::make_kind(std::move(row));
}

TEST(Registry, TakesNoNameThatIsTaken) {
  const std::size_t before = services::all_kinds().size();
  EXPECT_EQ(services::add_kind(kind_named("postgres")), nullptr);
  EXPECT_EQ(services::add_kind(kind_named("redis")), nullptr);  // another name of cache
  EXPECT_EQ(services::add_kind(kind_named("shelf", {"queue"})), nullptr);
  EXPECT_EQ(services::all_kinds().size(), before);
}

using Apply = services::Outcome (*)(const services::Call&);
using Undo = services::Undo (*)(const services::Call&);
using Tell = void (*)(const services::Context&, const services::Action&, services::Traits&);
template <typename... Parts>
concept IsRow = requires(Parts... parts) {
  services::VerbRow{model::VerbSpec{}, parts...};
};

TEST(Registry, ARowWithoutApplyUndoOrTraitsDoesNotCompile) {
  EXPECT_TRUE((IsRow<Apply, Undo, Tell>));
  EXPECT_FALSE((IsRow<Apply, Undo>));
  EXPECT_FALSE((IsRow<Apply>));
  EXPECT_FALSE((IsRow<>));
  EXPECT_FALSE((IsRow<std::nullptr_t, Undo, Tell>));
  EXPECT_FALSE((IsRow<Apply, std::nullptr_t, Tell>));
  EXPECT_FALSE((IsRow<Apply, Undo, std::nullptr_t>));
}

services::VerbRow row_of(std::string verb, Apply apply) {
  return {
      {std::move(verb), {}, "For a test."}, apply, services::changes_nothing, services::no_traits};
}

services::KindRow kind_of(std::vector<services::VerbRow> verbs) {
  services::KindRow row;
  row.name = "half";
  row.initial = [](const services::Context&, services::ServiceIndex, std::vector<model::Mistake>&) {
    return services::Record();
  };
  row.verbs = std::move(verbs);
  return row;
}

constexpr services::TextArg kSpeed{"speed", "How fast."};

services::Outcome asks_for_a_speed(const services::Call& call) {
  return services::Outcome::refused(call.arg(kSpeed));
}

TEST(Registry, AVerbWithoutAnApplyDoesNotConstruct) {
  EXPECT_DEATH(services::make_kind(kind_of({row_of("toggle", nullptr)})), "");
}

TEST(Registry, AVerbDoesNotStandInATableTwice) {
  EXPECT_DEATH(services::make_kind(kind_of(
                   {row_of("toggle", asks_for_a_speed), row_of("toggle", asks_for_a_speed)})),
               "");
}

TEST(Registry, AnArgumentThatTheRowDoesNotDeclareIsAnInternalError) {
  const auto kind = services::make_kind(kind_of({row_of("toggle", asks_for_a_speed)}));
  const model::Plan plan;
  const services::Context context(plan);
  std::string said = "nothing";
  try {
    kind->apply(context, {}, {model::kNone, "toggle", {}, {}, "a step"});
  } catch (const std::logic_error& error) {
    said = error.what();
  }
  EXPECT_EQ(said, "'toggle' of kind '' asks for an argument 'speed' that its row does not declare");
}

}  // namespace
}  // namespace backout::tests
