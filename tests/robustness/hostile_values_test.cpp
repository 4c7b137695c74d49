// Every value of a plan replaced by what people and machines write by mistake, each with all that
// is said of it: fixtures/hostile/plan.yaml with fixtures/hostile/values.tsv (line:column, what
// stands there, what it is replaced by, what comes of it). BACKOUT_UPDATE=1 writes the last column
// anew; read the difference before you commit it.
#include <cstdlib>
#include <fstream>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyzer/facts.hpp"
#include "model/load.hpp"
#include "model/printable.hpp"
#include "services/service.hpp"
#include "support/places.hpp"
#include "support/plan_tree.hpp"
#include "support/process.hpp"
#include "support/table.hpp"

namespace backout::tests {
namespace {

const std::string kFolder = std::string(kSourceDir) + "/fixtures/hostile";

struct Row {
  std::string place;
  std::string value;
  std::string replacement;
  std::string expected;
};

std::string told(const model::Sources& sources, const std::vector<model::Mistake>& mistakes) {
  std::string text;
  for (const model::Mistake& mistake : mistakes) {
    const auto place = sources.place(mistake.span);
    text += fmt::format("{}{}:{} {}", text.empty() ? "" : " | ", place.line, place.column,
                        model::printable(mistake.message));
    if (!mistake.hint.empty()) text += fmt::format(" ({})", model::printable(mistake.hint));
  }
  return text;
}

/// All mistakes with their places, or "loads".
std::string outcome(const std::string& text) {
  const auto plan = model::load_plan_text("plan.yaml", text, kFolder, services::catalog());
  if (!plan) return told(*plan.error().sources, plan.error().mistakes);
  std::vector<model::Mistake> mistakes;
  analyzer::derive_facts(*plan, mistakes);
  return mistakes.empty() ? "loads" : told(*plan->sources, mistakes);
}

std::vector<Row> table() {
  std::vector<Row> rows;
  for (const auto& row : read_table(kFolder + "/values.tsv"))
    rows.push_back({row.at(0), row.at(1), row.at(2), row.at(3)});
  return rows;
}

TEST(HostileValues, EachIsTakenOrIsAMistakeInTheseWords) {
  const std::string text = read_file(kFolder + "/plan.yaml");
  ASSERT_EQ(outcome(text), "loads");
  model::Sources sources;
  sources.add("plan.yaml", text);
  const std::vector<Row> expected = table();
  std::vector<Row> found;
  for (const model::Span& span : scalars_of(text)) {
    const auto place = sources.place(span);
    for (const char* replacement : {"''", "unknown", "-1", "99999999999999999999", "\"a\\nb\"",
                                    "[]", "{a: 1}", "\"\\x1b[31m\\u202e\""}) {
      const std::string mutated = text.substr(0, span.begin) + replacement + text.substr(span.end);
      found.push_back({fmt::format("{}:{}", place.line, place.column),
                       text.substr(span.begin, span.end - span.begin), replacement,
                       outcome(mutated)});
    }
  }
  ASSERT_GT(found.size(), 500U);
  if (std::getenv("BACKOUT_UPDATE") != nullptr) {
    std::ofstream out(kFolder + "/values.tsv", std::ios::binary);
    for (const Row& row : found)
      out << row.place << '\t' << row.value << '\t' << row.replacement << '\t' << row.expected
          << '\n';
  }
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].place, expected[i].place);
    EXPECT_EQ(found[i].expected, expected[i].expected)
        << found[i].place << ": '" << found[i].value << "' as " << found[i].replacement;
  }
}

}  // namespace
}  // namespace backout::tests
