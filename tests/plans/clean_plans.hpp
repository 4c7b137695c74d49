#pragma once
// The clean plans, and what is reported of a text in the place of one.

#include <set>
#include <string>
#include <vector>

#include "plans/plan_findings.hpp"
#include "support/places.hpp"

namespace backout::tests {

/// The plans that are spoiled: those of the four systems as they should be, and those of clean/.
inline std::vector<std::string> clean_plans() {
  std::vector<std::string> names;
  for (const std::string& name : plan_names()) {
    if (name.ends_with("mended.yaml")) names.push_back("plans/" + name);
  }
  for (const auto& entry : fs::directory_iterator(fs::path(kSourceDir) / "tests/plans/clean")) {
    if (entry.path().extension() == ".yaml")
      names.push_back("tests/plans/clean/" + entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The rules that report something worse than a note (of `noted` a note counts, too); {"mistake"}
/// when the plan does not load. No gtest: runs in threads.
inline std::set<std::string> reporting(const std::string& name, const std::string& text,
                                       const std::string& noted = "") {
  const fs::path path = fs::path(kSourceDir) / name;
  const auto plan =
      model::load_plan_text(path.string(), text, path.parent_path().string(), services::catalog());
  if (!plan) return {"mistake"};
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
  if (!mistakes.empty()) return {"mistake"};
  const services::Context context(*plan);
  const services::World start = services::initial_world(context, mistakes);
  const simulator::Matrix matrix = simulator::explore(context, start, {});
  std::set<std::string> rules;
  for (const model::Finding& finding :
       analyzer::report(facts, simulator::findings_of(context, matrix), true, "")) {
    if (finding.severity != model::Severity::note || finding.rule == noted)
      rules.insert(finding.rule);
  }
  return rules;
}

}  // namespace backout::tests
