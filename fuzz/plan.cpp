// Plans: loaded, checked by every rule, searched a little.
#include <cstdlib>
#include <string>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "model/load.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  const auto plan = model::load_plan_text(
      "plan.yaml", std::string(reinterpret_cast<const char*>(data), size), "", services::catalog());
  if (!plan) {
    if (plan.error().mistakes.empty()) std::abort();  // refused without a word
    return 0;
  }
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
  if (!mistakes.empty()) return 0;
  simulator::SearchOptions options;
  options.max_states = 200;
  const simulator::Matrix matrix = simulator::explore(facts.context, facts.start, options);
  analyzer::report(facts, simulator::findings_of(facts.context, matrix), true, "2026-01-01");
  return 0;
}
