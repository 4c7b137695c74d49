// The findings of every plan of plans/, pinned: rule, step and severity, as an exact list in
// expect/. BACKOUT_UPDATE=1 writes the lists anew; read the difference before you commit it, and
// write a changed verdict down in CHANGELOG.md.
#include <algorithm>

#include "plans/plan_findings.hpp"
#include "support/places.hpp"

namespace backout::tests {
namespace {

const char* word(model::Severity severity) {
  return severity == model::Severity::error     ? "error"
         : severity == model::Severity::warning ? "warning"
                                                : "note";
}

std::string pinned(const std::vector<model::Finding>& findings) {
  std::vector<std::string> lines;
  for (const model::Finding& finding : findings) {
    lines.push_back(fmt::format("{}\t{}\t{}\n", finding.rule,
                                finding.step.empty() ? "-" : finding.step, word(finding.severity)));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

fs::path expectation(std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return fs::path(source_path("tests/plans/expect")) / (name + ".tsv");
}

class Plans : public testing::TestWithParam<std::string> {};

TEST_P(Plans, HaveTheFindingsThatArePinned) {
  const std::string found = pinned(findings_of_plan(GetParam()));
  if (std::getenv("BACKOUT_UPDATE") != nullptr)
    std::ofstream(expectation(GetParam()), std::ios::binary) << found;
  EXPECT_EQ(found, read_file(expectation(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, Plans, testing::ValuesIn(plan_names()), [](const auto& test) {
  std::string name = test.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '.' || c == '-'; }, '_');
  return name;
});

TEST(MendedPlans, HaveNoError) {
  int mended = 0;
  for (const std::string& name : plan_names()) {
    if (!name.ends_with("mended.yaml")) continue;
    ++mended;
    for (const model::Finding& finding : findings_of_plan(name)) {
      EXPECT_NE(finding.severity, model::Severity::error)
          << name << ": " << finding.rule << " " << finding.step << " " << finding.message;
    }
  }
  EXPECT_EQ(mended, 4);
}

}  // namespace
}  // namespace backout::tests
