// backout export --promela PLAN: the search model, for other model checkers.
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "analyzer/facts.hpp"
#include "cli/options.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "simulator/packed_state.hpp"
#include "simulator/promela.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kExportHelp =
    "Usage: backout export --promela [OPTIONS] PLAN\n\n"
    "Prints every run that the search looks at as a model for SPIN, so that another tool can check "
    "the verdict.\n";

po::options_description export_options() {
  po::options_description options("Options");
  options.add_options()("promela", "as a Promela model")(
      "faults", po::value<std::int64_t>()->value_name("N"),
      "how many faults at once (default: the plan's limit, else 1)")(
      "fault", po::value<std::vector<std::string>>()->composing()->value_name("FAULT"),
      "consider only this fault kind; repeatable")(
      "max-states", po::value<std::uint64_t>()->default_value(20'000'000)->value_name("N"),
      "refuse to write a model of more states");
  add_limit_options(options, "refuse after this much time (10s, 5m)");
  return options;
}

simulator::SearchOptions read_options(const po::variables_map& values) {
  if (!values.count("promela")) throw UsageError{"say what to export: --promela"};
  if (!values.count("plan")) throw UsageError{"name a plan"};
  simulator::SearchOptions options;
  options.faults = read_faults(values).value_or(options.faults);
  if (values.count("fault"))
    options.fault_kinds = known_faults(values["fault"].as<std::vector<std::string>>());
  options.max_states = values["max-states"].as<std::uint64_t>();
  if (options.max_states == 0) throw UsageError{"--max-states takes 1 or more"};
  return options;
}

}  // namespace

int run_export(const Invocation& invocation) {
  const auto values = parse_arguments(invocation, kExportHelp, export_options(), "plan");
  if (!values) return kOk;
  simulator::SearchOptions options = read_options(*values);
  Watch watch(read_limits(*values), invocation.err);
  options.go_on = [&watch](std::uint64_t states) { return watch.go_on(states); };
  const std::string file = (*values)["plan"].as<std::vector<std::string>>().front();
  const auto plan = model::load_plan(file, services::catalog());
  watch.begin(file, 1, 1);
  std::vector<model::Mistake> mistakes;
  if (!plan) mistakes = plan.error().mistakes;
  std::ostringstream text;
  simulator::PromelaFacts facts;
  if (plan) {
    const analyzer::Facts derived = analyzer::derive_facts(*plan, mistakes);
    if (mistakes.empty())
      facts = simulator::write_promela(derived.context, derived.start, options, text);
  }
  const model::Sources& sources = plan ? *plan->sources : *plan.error().sources;
  for (const model::Mistake& mistake : mistakes)
    invocation.err << model::render(mistake, sources) << '\n';
  if (!mistakes.empty()) return kInvalidInput;
  if (!facts.impossible.empty()) {
    invocation.err << "backout: no model: " << (watch.stopped() ? watch.why() : facts.impossible)
                   << '\n';
    return kIncomplete;
  }
  invocation.out << text.str();
  return kOk;
}

}  // namespace backout::cli
