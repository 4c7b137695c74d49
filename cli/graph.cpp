// backout graph PLAN: the dependency graph, as DOT or, through Graphviz, as SVG.
#include <filesystem>
#include <iostream>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "analyzer/graph.hpp"
#include "cli/child.hpp"
#include "cli/git_view.hpp"
#include "cli/plan_pipeline.hpp"
#include "model/render.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kGraphHelp =
    "Usage: backout graph [--format dot|svg] PLAN\n\nPrints which step depends on which, and which "
    "step takes which back. A PLAN of - is standard input.\n";

/// What `dot -Tsvg` makes of `dot`, which stands on its standard input; without the environment. An
/// error is one line.
tl::expected<std::string, std::string> to_svg(const std::string& dot) {
  const std::filesystem::path program = program_named("dot");
  if (program.empty())
    return tl::unexpected(
        std::string("SVG needs Graphviz: install the package graphviz, or use --format dot"));
  auto ended = run_child({program.string(), "-Tsvg"}, {"LC_ALL=C.UTF-8"}, dot);
  if (!ended) return tl::unexpected("Graphviz " + ended.error());
  if (ended->status != 0)
    return tl::unexpected(std::string("Graphviz cannot draw this: use --format dot"));
  return std::move(ended->out);
}

}  // namespace

int run_graph(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()(
      "format", po::value<std::string>()->default_value("dot")->value_name("FORMAT"), "dot|svg");
  const auto values = parse_arguments(invocation, kGraphHelp, options, "plan");
  if (!values) return kOk;
  const std::string format = (*values)["format"].as<std::string>();
  if (format != "dot" && format != "svg")
    throw UsageError{fmt::format("--format takes dot or svg, not '{}'", format)};
  if (!values->count("plan")) throw UsageError{"name a plan"};
  const auto plan =
      load_argument((*values)["plan"].as<std::vector<std::string>>().front(), invocation);
  std::vector<model::Mistake> mistakes;
  if (!plan) mistakes = plan.error().mistakes;
  std::ostringstream dot;
  if (plan) {
    const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
    if (mistakes.empty()) analyzer::write_dot(facts, dot);
  }
  const model::Sources& sources = plan ? *plan->sources : *plan.error().sources;
  for (const model::Mistake& mistake : mistakes)
    invocation.err << model::render(mistake, sources) << '\n';
  if (!mistakes.empty()) return kInvalidInput;
  if (format == "dot") {
    invocation.out << dot.str();
    return kOk;
  }
  const auto svg = to_svg(dot.str());
  if (!svg) {
    invocation.err << fmt::format("backout: {}\n", svg.error());
    return kInvalidInput;
  }
  invocation.out << *svg;
  return kOk;
}

}  // namespace backout::cli
