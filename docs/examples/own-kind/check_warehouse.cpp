// check_warehouse PLAN: what `backout check` finds in a plan that may use the kind `warehouse`.
#include <iostream>

#include <backout/analyzer.hpp>
#include <backout/model.hpp>
#include <backout/services.hpp>
#include <backout/simulator.hpp>

#include "warehouse.hpp"

using namespace backout;

int main(int argc, char** argv) {
  if (argc != 2 || services::add_kind(make_warehouse()) == nullptr) return 2;
  const auto plan = model::load_plan(argv[1], services::catalog());
  if (!plan) {
    for (const model::Mistake& mistake : plan.error().mistakes)
      std::cerr << model::render(mistake, *plan.error().sources);
    return 3;
  }
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
  const services::Context context(*plan);
  const simulator::Matrix matrix =
      simulator::explore(context, services::initial_world(context, mistakes), {});
  bool any = false;
  for (const model::Finding& finding :
       analyzer::report(facts, simulator::findings_of(context, matrix), true, "")) {
    std::cout << finding.rule << " at " << finding.step << ": " << finding.message << '\n';
    any = true;
  }
  return any ? 1 : 0;
}
