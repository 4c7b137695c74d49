// plans/examples/<kind>/: what goes wrong with this kind of service alone (`bad.yaml`, which says
// in a comment what must be found at which step), and the same so that it can be rolled back
// (`mended.yaml`, in which nothing is found).
#include <set>

#include "plans/plan_findings.hpp"

namespace backout::tests {
namespace {

std::vector<std::string> folders() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(plans_folder() / "examples"))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class KindExamples : public testing::TestWithParam<std::string> {};

TEST_P(KindExamples, TheBadOneIsFoundAtItsStep) {
  const std::string name = "examples/" + GetParam() + "/bad.yaml";
  const std::string text = read_file(plans_folder() / name);
  const std::string word = "# expect: ";
  const std::size_t at = text.find(word);
  ASSERT_NE(at, std::string::npos) << name << " does not say what must be found";
  std::istringstream line(text.substr(at + word.size(), text.find('\n', at) - at - word.size()));
  std::string rule;
  std::string step;
  line >> rule >> step;
  std::string found;
  bool is_there = false;
  for (const model::Finding& finding : findings_of_plan(name)) {
    found += finding.rule + " at " + finding.step + ": " + finding.message + '\n';
    is_there = is_there || (finding.rule == rule && finding.step == step);
  }
  EXPECT_TRUE(is_there) << name << ": no " << rule << " at '" << step << "' among\n" << found;
}

TEST_P(KindExamples, NothingIsFoundInTheMendedOne) {
  const std::string name = "examples/" + GetParam() + "/mended.yaml";
  for (const model::Finding& finding : findings_of_plan(name)) {
    ADD_FAILURE() << name << ": " << finding.rule << " at " << finding.step << ": "
                  << finding.message;
  }
}

TEST_P(KindExamples, AreShortAndUseTheKind) {
  for (const char* file : {"/bad.yaml", "/mended.yaml"}) {
    const std::string name = "examples/" + GetParam() + file;
    const std::string text = read_file(plans_folder() / name);
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 30) << name;
    const auto plan = model::load_plan((plans_folder() / name).string(), services::catalog());
    ASSERT_TRUE(plan) << name;
    // A second example of a kind has more behind it: "rollout_analysis".
    const auto uses = [&](const model::Service& service) {
      return GetParam() == service.kind || GetParam().starts_with(service.kind + "_");
    };
    EXPECT_TRUE(std::ranges::any_of(plan->services, uses)) << name;
  }
}

TEST(Kinds, HaveAnExampleEach) {
  const std::vector<std::string> there = folders();
  for (const model::KindSpec& kind : services::catalog().kinds) {
    EXPECT_TRUE(std::ranges::binary_search(there, kind.name))
        << "plans/examples/" << kind.name << "/{bad,mended}.yaml";
  }
}

INSTANTIATE_TEST_SUITE_P(All, KindExamples, testing::ValuesIn(folders()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace backout::tests
