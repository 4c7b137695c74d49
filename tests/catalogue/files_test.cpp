// Every file of the catalogue is read, and says what it must.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue/tool.hpp"
#include "services/service.hpp"

namespace backout::catalogue {
namespace {

TEST(Files, HaveNoMistake) {
  for (const ToolText& text : tool_texts()) {
    std::vector<std::string> mistakes;
    read_tool(text.name, text.text, mistakes);
    EXPECT_THAT(mistakes, testing::IsEmpty());
  }
}

std::vector<const Facts*> all_facts(const Tool& tool) {
  std::vector<const Facts*> all;
  const auto add = [&](const Command& command) {
    all.push_back(&command.facts);
    for (const Facts& facts : command.cases) all.push_back(&facts);
  };
  add(tool.self);
  for (const auto& [path, command] : tool.commands) add(command);
  return all;
}

TEST(Files, NameActionsThatAKindHas) {
  const model::Catalog kinds = services::catalog();
  std::size_t actions = 0;
  for (const ToolText& text : tool_texts()) {
    for (const Facts* facts : all_facts(*find_tool(text.name))) {
      if (facts->kind.empty()) continue;
      ++actions;
      const model::KindSpec* kind = kinds.find(facts->kind);
      ASSERT_NE(kind, nullptr) << text.name << ": " << facts->kind;
      EXPECT_NE(model::find_verb(*kind, facts->verb), nullptr)
          << text.name << ": " << facts->kind << '/' << facts->verb;
    }
  }
  EXPECT_GT(actions, 100u);
}

TEST(Files, GiveASourceForEveryFact) {
  for (const ToolText& text : tool_texts()) {
    for (const Facts* facts : all_facts(*find_tool(text.name))) {
      EXPECT_NE(facts->source, "") << text.name;
      for (const TrapFact& trap : facts->traps)
        EXPECT_NE(trap.trap.source, "") << text.name << ": " << trap.trap.says;
    }
  }
}

TEST(Files, SayOfWhatWaitsForLinesThatItOpensAPrompt) {
  std::size_t prompts = 0;
  for (const ToolText& text : tool_texts()) {
    for (const Facts* facts : all_facts(*find_tool(text.name))) {
      for (const TrapFact& each : facts->traps) {
        const bool opens =
            each.trap.kind == Trap::Kind::asks && each.trap.says.find("opens") != std::string::npos;
        const bool waits = opens && each.trap.says.find("browser") == std::string::npos &&
                           each.trap.says.find("editor") == std::string::npos;
        EXPECT_EQ(each.trap.opens_prompt(), waits) << text.name << ": " << each.trap.says;
        if (waits) ++prompts;
      }
    }
  }
  EXPECT_GT(prompts, 30u);
}

TEST(Files, OtherNamesAreThoseThatTheFilesSay) {
  std::set<std::string> said;
  std::set<std::string> embedded;
  for (const ToolText& text : tool_texts()) {
    const Tool& tool = *find_tool(text.name);
    for (const std::string& other : tool.also) {
      EXPECT_TRUE(said.insert(other + " is " + tool.name).second);
      EXPECT_EQ(find_tool(other), &tool) << other;
    }
  }
  for (const OtherName& other : other_names())
    embedded.insert(std::string(other.name) + " is " + std::string(other.tool));
  EXPECT_EQ(said, embedded);
  EXPECT_TRUE(std::ranges::is_sorted(tool_texts(), {}, &ToolText::name));
  EXPECT_TRUE(std::ranges::is_sorted(other_names(), {}, &OtherName::name));
}

TEST(Files, SayEnough) {
  std::size_t facts = 0;
  for (const ToolText& text : tool_texts()) facts += find_tool(text.name)->facts();
  EXPECT_GE(tool_texts().size(), 100u);
  EXPECT_GE(facts, 3000u);
}

std::vector<std::string> mistakes_of(std::string_view text) {
  std::vector<std::string> mistakes;
  read_tool("x", text, mistakes);
  return mistakes;
}

TEST(Reading, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(mistakes_of("tool: x\nabout: a\nsource: s\ndoez: look\n"),
              testing::ElementsAre("x.yaml:4: unknown key 'doez' of a tool"));
  EXPECT_THAT(mistakes_of("tool: x\nabout: a\nsource: s\ndoes: dance\n"),
              testing::ElementsAre("x.yaml:4: 'dance' is not a word for this"));
  EXPECT_THAT(mistakes_of("tool: x\nabout: a\n"),
              testing::ElementsAre("x.yaml:1: the tool has no source"));
  EXPECT_THAT(mistakes_of("tool: y\nabout: a\nsource: s\n"),
              testing::ElementsAre("x.yaml:1: the file is named otherwise"));
}

TEST(Reading, RefusesOptionsThatStandTwiceOrNowhere) {
  EXPECT_THAT(mistakes_of("tool: x\nabout: a\nsource: s\nflags: [-f, -f --force]\n"),
              testing::ElementsAre("x.yaml:4: option '-f' stands twice"));
  EXPECT_THAT(
      mistakes_of("tool: x\nabout: a\nsource: s\ntraps:\n  - {asks: it asks, unless: [-y]}\n"),
      testing::ElementsAre("x.yaml:1: '': option '-y' is in no list of flags or values"));
  EXPECT_THAT(
      mistakes_of("tool: x\nabout: a\nsource: s\ntraps:\n  - {asks: it asks, when: [yes]}\n"),
      testing::ElementsAre("x.yaml:5: 'yes' is no condition"));
  EXPECT_THAT(mistakes_of("tool: x\nabout: a\nsource: s\ntraps:\n  - {when: [args>1]}\n"),
              testing::ElementsAre("x.yaml:5: a trap says nothing"));
}

}  // namespace
}  // namespace backout::catalogue
