// backout graph PLAN: the dependency graph, as DOT or, through Graphviz, as SVG.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/graph.hpp"
#include "cli/plan_pipeline.hpp"
#include "model/render.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kHelp = "Usage: backout graph [--format dot|svg] PLAN\n\nPrints which step depends on which, and which step takes which back. A PLAN of - is standard input.\n";

/// What `dot -Tsvg` makes of `dot`; nullopt when Graphviz is not installed or refuses it.
std::optional<std::string> to_svg(const std::string& dot) {
  std::string pattern = (std::filesystem::temp_directory_path() / "backout-graph-XXXXXX").string();
  const int handle = mkstemp(pattern.data());
  if (handle < 0) return std::nullopt;
  const bool written = write(handle, dot.data(), dot.size()) == static_cast<ssize_t>(dot.size());
  close(handle);
  std::string svg;
  int status = -1;
  if (FILE* pipe = written ? popen(fmt::format("dot -Tsvg '{}' 2>/dev/null", pattern).c_str(), "r") : nullptr) {
    char buffer[4096];
    for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) svg.append(buffer, got);
    status = pclose(pipe);
  }
  std::filesystem::remove(pattern);
  if (status != 0) return std::nullopt;
  return svg;
}

}  // namespace

int run_graph(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("format", po::value<std::string>()->default_value("dot")->value_name("FORMAT"), "dot|svg");
  const auto values = parse_arguments(invocation, kHelp, options, "plan");
  if (!values) return kOk;
  const std::string format = (*values)["format"].as<std::string>();
  if (format != "dot" && format != "svg") throw UsageError{fmt::format("--format takes dot or svg, not '{}'", format)};
  if (!values->count("plan")) throw UsageError{"name a plan"};
  const auto plan = load_argument((*values)["plan"].as<std::vector<std::string>>().front(), invocation);
  std::vector<model::Mistake> mistakes;
  if (!plan) mistakes = plan.error().mistakes;
  std::ostringstream dot;
  if (plan) {
    const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
    if (mistakes.empty()) analyzer::write_dot(facts, dot);
  }
  const model::Sources& sources = plan ? *plan->sources : *plan.error().sources;
  for (const model::Mistake& mistake : mistakes) invocation.err << model::render(mistake, sources) << '\n';
  if (!mistakes.empty()) return kInvalidInput;
  if (format == "dot") {
    invocation.out << dot.str();
    return kOk;
  }
  const auto svg = to_svg(dot.str());
  if (!svg) {
    invocation.err << "backout: SVG needs Graphviz: install the package graphviz, or use --format dot\n";
    return kInvalidInput;
  }
  invocation.out << *svg;
  return kOk;
}

}  // namespace backout::cli
