// Incidents that happened to somebody, written anew: fixtures/incidents/*.bad.yaml say in a comment
// which rule must report which step (`# expect: rule step`), *.fixed.yaml are the same done so that
// it can be rolled back: no error is found.
#include "plans/plan_findings.hpp"
#include "support/places.hpp"

namespace backout::tests {
namespace {

std::vector<std::string> incidents(const std::string& ending) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(source_path("fixtures/incidents"))) {
    if (entry.path().string().ends_with(ending)) names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// What the plan's comment expects: "rule step".
std::string expected_of(const std::string& text) {
  const std::string word = "# expect: ";
  const std::size_t at = text.find(word);
  return at == std::string::npos
             ? ""
             : text.substr(at + word.size(), text.find('\n', at) - at - word.size());
}

TEST(Incidents, EveryBadPlanIsFoundAtItsStep) {
  const std::vector<std::string> names = incidents(".bad.yaml");
  ASSERT_GE(names.size(), 60U);
  for (const std::string& name : names) {
    const std::string text = read_file(name);
    const std::string expected = expected_of(text);
    ASSERT_FALSE(expected.empty()) << name << " does not say what must be found";
    const std::string rule = expected.substr(0, expected.find(' '));
    const std::string id = expected.substr(expected.find(' ') + 1);
    std::string elsewhere;
    const std::vector<model::Finding> findings = findings_of_plan(name);
    const bool found = std::ranges::any_of(findings, [&](const model::Finding& finding) {
      if (finding.rule == rule && finding.step != id) elsewhere += " '" + finding.step + "'";
      return finding.rule == rule && finding.step == id;
    });
    EXPECT_TRUE(found) << name << ": no " << rule << " at '" << id << "'"
                       << (elsewhere.empty() ? "" : ", but at" + elsewhere);
  }
}

TEST(Incidents, NoFixedPlanHasAnError) {
  const std::vector<std::string> names = incidents(".fixed.yaml");
  ASSERT_GE(names.size(), 40U);
  for (const std::string& name : names) {
    for (const model::Finding& finding : findings_of_plan(name)) {
      EXPECT_NE(finding.severity, model::Severity::error)
          << name << ": " << finding.rule << ": " << finding.message;
    }
  }
}

}  // namespace
}  // namespace backout::tests
