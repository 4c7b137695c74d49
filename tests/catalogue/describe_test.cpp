#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue/catalogue.hpp"

namespace backout::catalogue {
namespace {

TEST(Describe, SaysWhatIsKnownWithItsSource) {
  const std::vector<std::string> argv = {"kubectl", "rollout", "undoo", "deploy/api"};
  EXPECT_EQ(
      describe(look_up(argv)),
      "kubectl rollout undoo\n"
      "  existence   does not exist\n"
      "              `kubectl rollout` has no `undoo` command (nearest: `kubectl rollout undo`)\n"
      "  source      kubectl reference\n");
}

TEST(Arguments, SayWhereTheyStand) {
  const std::vector<std::string> argv = {"sudo",       "-u",           "postgres",
                                         "pg_restore", "--dbname=app", "x.dump"};
  const Known known = look_up(argv);
  EXPECT_EQ(known.word, 3);
  ASSERT_EQ(known.effects.size(), 1u);
  ASSERT_EQ(known.effects[0].args.size(), 2u);
  EXPECT_EQ(known.effects[0].args[0].name, "from");
  EXPECT_EQ(known.effects[0].args[0].word, 5);
  EXPECT_EQ(known.effects[0].args[1].value, "app");
  EXPECT_EQ(known.effects[0].args[1].word, 4);
  EXPECT_EQ(known.effects[0].args[1].begin, 9u);
}

TEST(LookUp, ReadsScriptsInside) {
  const std::vector<Known> all =
      look_up_line("cd /srv && ssh host 'sudo systemctl restart app; psql -f x.sql'");
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].command, "cd");
  EXPECT_EQ(all[1].command, "ssh");
  EXPECT_EQ(all[2].command, "systemctl restart");
  EXPECT_EQ(all[2].where, "remote");
  ASSERT_EQ(all[2].wrappers.size(), 2u);
  EXPECT_EQ(all[2].wrappers[0].command, "ssh");
  EXPECT_EQ(all[2].wrappers[1].command, "sudo");
  EXPECT_NE(all[3].find(Trap::Kind::hides_failure), nullptr);
}

TEST(LookUp, ToolAndPathAreTheSameForAllNames) {
  const std::vector<Known> all = look_up_line("if fly pg list; then flyctl postgres list; fi");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].tool, "flyctl");
  EXPECT_EQ(all[0].path, "postgres list");
  EXPECT_EQ(all[1].tool, "flyctl");
  EXPECT_EQ(all[1].path, "postgres list");
}

TEST(LookUp, GoesOnWithoutEnd) {
  std::vector<std::string> argv(100, "sudo");
  argv.push_back("psql");
  EXPECT_FALSE(look_up(argv).command.empty());
  EXPECT_EQ(look_up(std::vector<std::string>{}).existence, Existence::unknown_tool);
}

}  // namespace
}  // namespace backout::catalogue
