// backout graph PLAN: the dependency graph, as DOT or, through Graphviz, as SVG.
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/program_options.hpp>

#include "analyzer/graph.hpp"
#include "cli/git_view.hpp"
#include "cli/plan_pipeline.hpp"
#include "model/render.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kGraphHelp =
    "Usage: backout graph [--format dot|svg] PLAN\n\nPrints which step depends on which, and which "
    "step takes which back. A PLAN of - is standard input.\n";

/// What `dot -Tsvg` makes of `dot`; nullopt when Graphviz is not installed or refuses it. Started
/// without a shell and without the environment: the graph on its standard input, two files without
/// names for streams.
std::optional<std::string> to_svg(const std::string& dot) {
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  const std::filesystem::path program = program_named("dot");
  const File in(std::tmpfile(), &std::fclose);
  const File out(std::tmpfile(), &std::fclose);
  if (program.empty() || !in || !out) return std::nullopt;
  if (std::fwrite(dot.data(), 1, dot.size(), in.get()) != dot.size() || std::fflush(in.get()) != 0)
    return std::nullopt;
  std::rewind(in.get());
  std::string name = program.string();
  std::string format = "-Tsvg";
  std::string locale = "LC_ALL=C.UTF-8";
  char* const words[] = {name.data(), format.data(), nullptr};
  char* const environment[] = {locale.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawn(&child, name.c_str(), &actions, nullptr, words, environment);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (failed != 0 || waitpid(child, &status, 0) != child || status != 0) return std::nullopt;
  std::string svg;
  std::rewind(out.get());
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, out.get())) > 0;)
    svg.append(buffer, got);
  return svg;
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
    invocation.err
        << "backout: SVG needs Graphviz: install the package graphviz, or use --format dot\n";
    return kInvalidInput;
  }
  invocation.out << *svg;
  return kOk;
}

}  // namespace backout::cli
