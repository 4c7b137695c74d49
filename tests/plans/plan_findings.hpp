#pragma once
// What `backout check` finds in a plan of plans/, as the tests of this folder compare it.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "support/places.hpp"
#include "support/table.hpp"

namespace backout::tests {

namespace fs = std::filesystem;

inline const fs::path& plans_folder() {
  static const fs::path kFolder = source_path("plans");
  return kFolder;
}

/// "call-sid/plan.yaml", ...: every plan of the four systems, sorted.
inline std::vector<std::string> plan_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(plans_folder())) {
    const bool scenario = entry.path().parent_path().filename() == "scenarios";
    const bool example = entry.path().string().find("/plans/examples/") != std::string::npos;
    if (entry.path().extension() == ".yaml" && !scenario && !example)
      names.push_back(fs::relative(entry.path(), plans_folder()).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// All findings of rules and search, without any that expire by date.
inline std::vector<model::Finding> findings_of_plan(const std::string& name) {
  const auto plan = model::load_plan((plans_folder() / name).string(), services::catalog());
  if (!plan) {
    for (const model::Mistake& mistake : plan.error().mistakes)
      ADD_FAILURE() << model::render(mistake, *plan.error().sources);
    return {};
  }
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
  EXPECT_TRUE(mistakes.empty()) << name;
  const services::Context context(*plan);
  const services::World start = services::initial_world(context, mistakes);
  const simulator::Matrix matrix = simulator::explore(context, start, {});
  return analyzer::report(facts, simulator::findings_of(context, matrix), true, "");
}

}  // namespace backout::tests
