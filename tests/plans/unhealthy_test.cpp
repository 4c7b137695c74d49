// What the fault `unhealthy` shows in two of the runbooks' methods. As the runbooks have it, the
// migration breaks every way back first; here it is left out.
#include "plans/plan_findings.hpp"

namespace backout::tests {
namespace {

/// The warnings of the matrix with this fault in the plan without the line of its step `migration`.
std::vector<std::string> without_migration(const std::string& name, const std::string& fault) {
  const fs::path file = plans_folder() / name;
  std::string text = read_file(file);
  const std::size_t begin = text.rfind('\n', text.find("{id: migration,")) + 1;
  text.erase(begin, text.find('\n', begin) + 1 - begin);
  const auto plan =
      model::load_plan_text(name, text, file.parent_path().string(), services::catalog());
  if (!plan) {
    for (const model::Mistake& mistake : plan.error().mistakes) ADD_FAILURE() << mistake.message;
    return {};
  }
  const services::Context context(*plan);
  std::vector<model::Mistake> mistakes;
  const services::World start = services::initial_world(context, mistakes);
  simulator::SearchOptions options;
  options.faults = 1;
  options.fault_kinds = {fault};
  std::vector<std::string> messages;
  for (const model::Finding& each :
       simulator::findings_of(context, simulator::explore(context, start, options))) {
    if (each.message.find("and one more thing goes wrong") != std::string::npos)
      messages.push_back(each.message);
  }
  return messages;
}

TEST(Unhealthy,
     ADockerScriptThatIsRunAgainMakesAnotherContainer) {  // S1-26: the script ends there, and a
                                                          // person runs it again
  EXPECT_EQ(without_migration("voxflow/plan.yaml", "unhealthy"), std::vector<std::string>{});
}

TEST(Unhealthy, FailedChecksAfterTheSwitchLeaveTrafficOnTheBadSide) {  // S1-35
  EXPECT_EQ(without_migration("voxflow/blue-green.yaml", "unhealthy"),
            std::vector<std::string>{
                "path 'full' gets stuck when the deploy stops after 'to_green' and one more thing "
                "goes wrong: 'to_blue' does not get through: its check fails: 'blue' runs and does "
                "not serve"});
}

}  // namespace
}  // namespace backout::tests
