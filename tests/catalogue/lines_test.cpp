// Lines and what is known of them: lines/*.tsv, a command line, a tab, the facts that must hold,
// `key=value` split by ` | `. Every line says all its traps; `-` says none.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalogue/catalogue.hpp"
#include "support/places.hpp"

namespace backout::catalogue {
namespace {

const char* name(Existence existence) {
  static const char* const kNames[] = {"known", "exists", "unknown-tool", "unknown-command",
                                       "does-not-exist"};
  return kNames[static_cast<int>(existence)];
}
const char* name(Answer::Value value) {
  static const char* const kNames[] = {"unknown", "yes", "no", "depends"};
  return kNames[static_cast<int>(value)];
}

/// The value of a key of a line, as the file writes it.
std::string value_of(const std::string& key, const Known& known) {
  std::vector<std::string> all;
  if (key == "is") return name(known.existence);
  if (key == "command") return known.command;
  if (key == "does") return known.does.empty() ? "-" : known.does;
  if (key == "action")
    return known.effects.empty() || known.effects[0].kind.empty()
               ? "-"
               : known.effects[0].kind + '/' + known.effects[0].verb;
  if (key == "where") return known.where.empty() ? "-" : known.where;
  if (key == "exit") return name(known.exit_tells.value);
  if (key == "undo") return name(known.reversible.value);
  if (key == "again") return name(known.repeatable.value);
  if (key == "destroys") return known.destroys.empty() ? "-" : known.destroys;
  if (key == "hint") return known.hint;
  if (key == "sql") return known.sql.empty() ? "-" : known.sql;
  if (key == "reads") return known.reads_script ? "script" : known.speaks_sql ? "sql" : "-";
  if (key == "text") return known.script.empty() ? "-" : known.script;
  if (key == "traps") {
    for (const Trap& trap : known.traps) all.emplace_back(name_of(trap.kind));
    std::ranges::sort(all);
  } else if (key == "instead") {
    for (const Trap& trap : known.traps) all.push_back(trap.instead);
  } else if (key == "inside") {
    for (const Wrapper& wrapper : known.wrappers) all.push_back(wrapper.command);
  } else if (key == "options") {
    all = known.unknown_options;
  } else {
    for (const Effect& effect : known.effects) {
      for (const Argument& arg : effect.args) {
        if (arg.name == key) all.push_back(arg.value);
      }
    }
  }
  return all.empty() ? "-" : fmt::format("{}", fmt::join(all, ","));
}

TEST(Lines, SayWhatIsExpected) {
  std::size_t lines = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(source_path("tests/catalogue/lines"))) {
    std::ifstream in(file.path());
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (line.empty() || line[0] == '#') continue;
      const std::string place =
          fmt::format("{}:{}: {}", file.path().filename().string(), number, line);
      const std::size_t tab = line.find('\t');
      ASSERT_NE(tab, std::string::npos) << place;
      const std::vector<Piece> pieces = split_line(line.substr(0, tab));
      ASSERT_EQ(pieces.size(), 1u) << place;
      const Known known = look_up(pieces[0].argv, pieces[0].has_input);
      const std::string facts = line.substr(tab + 1);
      EXPECT_THAT(facts, testing::HasSubstr("traps=")) << place;
      for (std::size_t begin = 0; begin < facts.size();) {
        const std::size_t end = std::min(facts.find(" | ", begin), facts.size());
        const std::string fact = facts.substr(begin, end - begin);
        const std::size_t equals = fact.find('=');
        ASSERT_NE(equals, std::string::npos) << place;
        EXPECT_EQ(value_of(fact.substr(0, equals), known), fact.substr(equals + 1)) << place;
        begin = end + 3;
      }
      ++lines;
    }
  }
  EXPECT_GE(lines, 500u);
}

}  // namespace
}  // namespace backout::catalogue
