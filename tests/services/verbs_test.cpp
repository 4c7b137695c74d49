// A verb that a kind's table has and its functions do not know must not pass for one that did
// something.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "services/every_kind.hpp"
#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Action;

constexpr const char* kNoVerb = "no_such_verb";

/// The plan of every kind, and a database, each kind once by its first service.
const Stage& stage() {
  static const Stage kStage([] {
    std::string text = kEveryKind;
    text.insert(text.find("services:\n") + 10,
                "  db: {kind: postgres, sql: \"CREATE TABLE t (id int);\"}\n");
    return text;
  }());
  return kStage;
}

std::vector<Action> unknown_actions() {
  std::vector<Action> actions;
  std::vector<std::string> seen;
  const auto& services = stage().plan().services;
  for (model::ServiceIndex i = 0; i < services.size(); ++i) {
    if (std::ranges::find(seen, services[i].kind) != seen.end()) continue;
    seen.push_back(services[i].kind);
    actions.push_back({i, kNoVerb, {}, {}, "a step"});
  }
  return actions;
}

const std::string& kind_name(const Action& action) {
  return stage().plan().services[action.service].kind;
}

TEST(UnknownVerb, EveryKindIsTried) {
  EXPECT_EQ(unknown_actions().size(), services::all_kinds().size());
}

TEST(UnknownVerb, ApplyIsAnInternalErrorThatNamesKindAndVerb) {
  for (const Action& action : unknown_actions()) {
    std::string said = "nothing";
    try {
      said += ": " + services::run(stage().context(), stage().world, action).outcome.message;
    } catch (const std::logic_error& error) {
      said = error.what();
    }
    EXPECT_EQ(said, "kind '" + kind_name(action) + "' has no apply for its verb 'no_such_verb'");
  }
}

TEST(UnknownVerb, UndoIsUnknown) {
  for (const Action& action : unknown_actions()) {
    const services::Undo undo = services::undo_of(stage().context(), stage().world, action);
    EXPECT_EQ(undo.kind, services::Undo::Class::unknown) << kind_name(action);
    EXPECT_TRUE(undo.actions.empty()) << kind_name(action);
  }
}

TEST(UnknownVerb, FootprintIsTheWholeServiceOrAnInternalError) {
  for (const Action& action : unknown_actions()) {
    const std::string& self = stage().plan().services[action.service].name;
    try {
      const services::Footprint print = services::footprint_of(stage().context(), action);
      EXPECT_TRUE(std::ranges::find(print.writes, self) != print.writes.end()) << kind_name(action);
    } catch (const std::logic_error& error) {
      EXPECT_EQ(error.what(),
                "kind '" + kind_name(action) + "' has no footprint for its verb 'no_such_verb'");
    }
  }
}

TEST(UnknownVerb, IsInOnePiece) {
  for (const Action& action : unknown_actions()) {
    const auto parts = services::parts_of(stage().context(), stage().world, action);
    ASSERT_EQ(parts.size(), 1u) << kind_name(action);
    EXPECT_EQ(parts.front().verb, kNoVerb) << kind_name(action);
  }
}

}  // namespace
}  // namespace backout::tests
