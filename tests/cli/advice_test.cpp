// Doing what a rule advises mends what it reports and breaks nothing else: each bad fixture of a
// rule, beside fix_<the same name>.yaml, or where there is none the good fixture that differs from
// it in the fewest lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "analyzer/rule.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::IsEmpty;

/// The lines of a plan that are not comments and not its name.
std::multiset<std::string> lines_of(const fs::path& file) {
  std::multiset<std::string> lines;
  std::istringstream in(read_file(file));
  for (std::string line; std::getline(in, line);) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || line[begin] == '#' || line.starts_with("name:")) continue;
    lines.insert(line);
  }
  return lines;
}

std::size_t difference(const fs::path& one, const fs::path& other) {
  const std::multiset<std::string> left = lines_of(one);
  const std::multiset<std::string> right = lines_of(other);
  std::vector<std::string> differing;
  std::ranges::set_symmetric_difference(left, right, std::back_inserter(differing));
  return differing.size();
}

std::vector<fs::path> fixtures(const fs::path& folder, const std::string& prefix) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".yaml")) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

fs::path mended(const fs::path& bad) {
  const fs::path fix = bad.parent_path() / ("fix_" + bad.filename().string().substr(4));
  if (fs::exists(fix)) return fix;
  const std::vector<fs::path> good = fixtures(bad.parent_path(), "good_");
  return *std::ranges::min_element(good, {},
                                   [&](const fs::path& each) { return difference(bad, each); });
}

struct Found {
  std::set<std::string> rules;
  std::set<std::string> errors;
  std::vector<std::string> without_fix;
};

Found check(const fs::path& plan) {
  const ProcessResult result =
      run_backout({"check", "--runs", "0", "--format", "json", plan.string()});
  const json report = json::parse(result.out, nullptr, false);
  Found found;
  if (report.is_discarded()) {
    ADD_FAILURE() << plan << "\n" << result.err;
    return found;
  }
  for (const json& finding : report["findings"]) {
    const std::string rule = finding["rule"];
    found.rules.insert(rule);
    if (finding["severity"] == "error") found.errors.insert(rule);
    if (finding["fix"].is_null() && finding["severity"] != "note")
      found.without_fix.push_back(finding.dump());
  }
  return found;
}

class Advice : public testing::TestWithParam<const char*> {};

TEST_P(Advice, mends_what_it_is_about_and_adds_no_error) {
  const fs::path folder = fs::path(kSourceDir) / "fixtures/rules" / GetParam();
  for (const fs::path& bad : fixtures(folder, "bad_")) {
    const fs::path good = mended(bad);
    const Found before = check(bad);
    const Found after = check(good);
    EXPECT_TRUE(before.rules.contains(GetParam())) << bad;
    EXPECT_FALSE(after.rules.contains(GetParam())) << good;
    std::vector<std::string> added;
    std::ranges::set_difference(after.errors, before.errors, std::back_inserter(added));
    EXPECT_THAT(added, IsEmpty()) << good << " instead of " << bad;
    EXPECT_THAT(before.without_fix, IsEmpty()) << bad;
  }
}

std::vector<const char*> ids() {
  std::vector<const char*> all;
  for (const analyzer::Rule& rule : analyzer::all_rules()) all.push_back(rule.id);
  return all;
}

std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rules, Advice, testing::ValuesIn(ids()), test_name);

}  // namespace
}  // namespace backout::tests
