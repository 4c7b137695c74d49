// Every rule has a page, plans that it reports on and plans that it leaves alone. What it is to
// report stands in the fixture, below the line that it is about:
//
//     steps: [..]
//     #      ^ error[rule-id]: the whole message
//
// A fixture may also be about what else the finding says:
//
//     #      = fix: what is proposed
//     #      = also: 12 the place that belongs to it, by line
//     #      = mended: the first line that the edits change, as it is behind them
//
// The comments of a fixture are compared with everything that its rule reports.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyzer/edits.hpp"
#include "analyzer/rule.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::analyzer {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = kSourceDir;

fs::path folder_of(const std::string& rule) { return kSource / "fixtures/rules" / rule; }

/// Fixtures of a rule whose names begin with `prefix`, sorted.
std::vector<fs::path> fixtures(const std::string& rule, const std::string& prefix) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder_of(rule))) return found;
  for (const auto& entry : fs::directory_iterator(folder_of(rule))) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".yaml")) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

const char* word(model::Severity severity) {
  switch (severity) {
    case model::Severity::note:
      return "note";
    case model::Severity::warning:
      return "warning";
    case model::Severity::error:
      break;
  }
  return "error";
}

constexpr std::array<std::string_view, 3> kParts = {"= fix: ", "= also: ", "= mended: "};

/// "12:7 error[rule-id]: message" of every caret comment, "12 = fix: text" and the like of its
/// other parts.
std::multiset<std::string> expected(const std::string& text) {
  std::multiset<std::string> found;
  std::istringstream lines(text);
  std::size_t number = 0;
  std::size_t about = 0;  // the last line that is no expectation
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::size_t begin = line.find_first_not_of(' ');
    const bool comment = begin != std::string::npos && line[begin] == '#';
    const std::size_t caret = comment ? line.find_first_not_of(' ', begin + 1) : std::string::npos;
    const auto begins = [&](std::string_view part) {
      return caret != std::string::npos && line.substr(caret).starts_with(part);
    };
    if (std::ranges::any_of(kParts, begins)) {
      found.insert(fmt::format("{} {}", about, line.substr(caret)));
      continue;
    }
    if (caret == std::string::npos || line[caret] != '^') {
      about = number;
      continue;
    }
    found.insert(fmt::format("{}:{} {}", about, caret + 1,
                             line.substr(line.find_first_not_of(' ', caret + 1))));
  }
  return found;
}

/// The first line of `text` that the edits change, as it is behind them.
std::string mended(const std::string& text, const Edits& edits) {
  std::istringstream before(text);
  std::istringstream after(apply(text, edits));
  std::string line;
  for (std::string old; std::getline(after, line) && std::getline(before, old) && line == old;) {
  }
  return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

/// The parts of a finding that fixtures may be about.
std::vector<std::string> parts_of(const model::Finding& finding, const model::Sources& sources,
                                  const std::string& text) {
  std::vector<std::string> parts = {fmt::format("{}{}", kParts[0], finding.fix)};
  for (const model::RelatedPlace& related : finding.related)
    parts.push_back(
        fmt::format("{}{} {}", kParts[1], sources.place(related.span).line, related.message));
  if (!finding.edits.empty())
    parts.push_back(fmt::format("{}{}", kParts[2], mended(text, finding.edits)));
  return parts;
}

/// The same of everything that the rule reports; of the other parts those that the fixture is
/// about.
std::multiset<std::string> reported(const Rule& rule, const fs::path& fixture) {
  std::multiset<std::string> found;
  const std::string text = tests::read_file(fixture);
  const auto plan = model::load_plan(fixture.string(), services::catalog());
  if (!plan) {
    for (const model::Mistake& mistake : plan.error().mistakes) {
      ADD_FAILURE() << model::render(mistake, *plan.error().sources);
    }
    return found;
  }
  std::vector<model::Mistake> mistakes;
  const Facts facts = derive_facts(*plan, mistakes);
  for (const model::Mistake& mistake : mistakes)
    ADD_FAILURE() << model::render(mistake, *plan->sources);
  if (!mistakes.empty()) return found;
  for (const model::Finding& finding : report(facts, {}, true, "2026-01-01")) {
    if (finding.rule != rule.id) continue;
    EXPECT_LE(finding.severity, rule.severity) << rule.id << " reports more than rules.inc says";
    EXPECT_FALSE(finding.fix.empty()) << finding.message;
    const model::Place place = plan->sources->place(finding.span);
    found.insert(fmt::format("{}:{} {}[{}]: {}", place.line, place.column, word(finding.severity),
                             rule.id, finding.message));
    for (const std::string& part : parts_of(finding, *plan->sources, text)) {
      if (text.find(' ' + part.substr(0, part.find(':') + 1)) != std::string::npos)
        found.insert(fmt::format("{} {}", place.line, part));
    }
  }
  return found;
}

class RuleFixtures : public testing::TestWithParam<const char*> {};

TEST_P(RuleFixtures, ReportExactlyWhatIsExpected) {
  const Rule& rule = *find_rule(GetParam());
  ASSERT_FALSE(fixtures(rule.id, "bad_").empty());
  ASSERT_FALSE(fixtures(rule.id, "good_").empty());
  for (const fs::path& fixture : fixtures(rule.id, "bad_")) {
    const std::multiset<std::string> wanted = expected(tests::read_file(fixture));
    EXPECT_FALSE(wanted.empty()) << fixture << " expects nothing";
    EXPECT_EQ(reported(rule, fixture), wanted) << fixture;
  }
  for (const fs::path& fixture : fixtures(rule.id, "good_")) {
    EXPECT_EQ(reported(rule, fixture), std::multiset<std::string>{}) << fixture;
  }
}

TEST_P(RuleFixtures, HaveAPage) {
  const Rule& rule = *find_rule(GetParam());
  const std::string page =
      tests::read_file(kSource / "docs/rules" / (std::string(rule.id) + ".md"));
  EXPECT_TRUE(page.starts_with(fmt::format("# {}\n{} Group {}, {}.\n", rule.id, rule.summary,
                                           rule.group, word(rule.severity))))
      << page.substr(0, 200);
  for (const char* part :
       {"\n## Why\n", "\n## Reported\n", "\n## Silent\n", "\n## Cannot see\n", "\n## Fix\n"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

std::vector<const char*> ids() {
  std::vector<const char*> all;
  for (const Rule& rule : all_rules()) all.push_back(rule.id);
  return all;
}

std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rules, RuleFixtures, testing::ValuesIn(ids()), test_name);

TEST(RuleFolders, BelongToRules) {
  for (const auto& entry : fs::directory_iterator(kSource / "fixtures/rules")) {
    EXPECT_NE(find_rule(entry.path().filename().string()), nullptr) << entry.path();
  }
}

}  // namespace
}  // namespace backout::analyzer
