// backout ci: what a pull request does to the verdicts of the plans that it touches.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/base_version.hpp"
#include "cli/changed_plans.hpp"
#include "cli/inputs.hpp"
#include "cli/load_plan.hpp"
#include "cli/output_file.hpp"
#include "cli/plan_pipeline.hpp"
#include "reports/difference/difference.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

constexpr const char* kCiHelp =
    "Usage: backout ci [OPTIONS] [PLAN|DIR...]\n\n"
    "Compares the verdict of each plan that changed with that of its base version: new and fixed "
    "findings, cells of the\n"
    "matrix that got worse or better, the point of no return. Only new findings fail it. Without "
    "PLAN: all plans below\n"
    "the current folder.\n";

struct CiSettings {
  PipelineSettings plans;
  std::string base;
  std::string format;
  std::string output;
  std::optional<model::Severity> fail_on;
  std::vector<std::string> arguments;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// What to compare with when --base is not given.
GitResult<std::string> default_base(const fs::path& folder) {
  if (const std::string target = environment("GITHUB_BASE_REF"); !target.empty())
    return "origin/" + target;
  if (const std::string commit = environment("CI_MERGE_REQUEST_DIFF_BASE_SHA"); !commit.empty())
    return commit;
  for (const char* branch : {"main", "master", "origin/main", "origin/master"}) {
    if (!commit_of(folder, branch)) continue;
    auto fork = run_git(folder, {"merge-base", "--end-of-options", "HEAD", branch});
    if (!fork)
      return tl::unexpected(
          GitError{fmt::format("HEAD and {} have no common commit: give --base", branch)});
    return fork->substr(0, fork->find('\n'));
  }
  if (auto head = commit_of(folder, "HEAD"); !head) return tl::unexpected(head.error());
  return tl::unexpected(GitError{"there is no branch main or master to compare with: give --base"});
}

std::optional<CiSettings> read_ci_settings(const Invocation& invocation) {
  po::options_description options("Pull requests");
  options.add_options()("base", po::value<std::string>()->value_name("REF"),
                        "the commit to compare with (default: the target branch that GitHub or "
                        "GitLab names, else where HEAD left main "
                        "or master)")(
      "format", po::value<std::string>()->default_value("markdown")->value_name("FORMAT"),
      "markdown|text|json")("output",
                            po::value<std::string>()->default_value("-")->value_name("FILE"),
                            "where it goes; - is standard output")(
      "fail-on", po::value<std::string>()->default_value("error")->value_name("SEVERITY"),
      "error|warning|note|never: exit 1 when a new finding is at or above it");
  options.add(plan_options()).add(finding_options(false));
  const auto values = parse_arguments(invocation, kCiHelp, options, "plan");
  if (!values) return std::nullopt;
  CiSettings settings{
      read_plan_options(*values, {.rules = true, .search = true}), "", "", "", {}, {"."}};
  if (values->count("base")) settings.base = (*values)["base"].as<std::string>();
  settings.format = (*values)["format"].as<std::string>();
  if (settings.format != "markdown" && settings.format != "text" && settings.format != "json") {
    throw UsageError{
        fmt::format("--format takes markdown, text or json, not '{}'", settings.format)};
  }
  settings.output = (*values)["output"].as<std::string>();
  settings.fail_on = read_fail_on((*values)["fail-on"].as<std::string>());
  if (values->count("plan")) settings.arguments = (*values)["plan"].as<std::vector<std::string>>();
  settings.plans.findings = read_finding_options(*values, settings.arguments.front());
  if (std::ranges::find(settings.arguments, "-") != settings.arguments.end()) {
    throw UsageError{"'-' has no base version: name files or folders"};
  }
  return settings;
}

bool write_difference(const Invocation& invocation, const CiSettings& settings,
                      const reports::Difference& difference) {
  return write_output(invocation, settings.output, [&](std::ostream& out) {
    if (settings.format == "json")
      reports::print_difference_json(difference, out);
    else if (settings.format == "text")
      reports::print_difference_text(difference, out);
    else
      reports::print_difference_markdown(difference, out);
  });
}

bool fails(const reports::Difference& difference, const CiSettings& settings) {
  if (!settings.fail_on) return false;
  return std::ranges::any_of(difference.plans, [&](const reports::PlanDifference& plan) {
    return std::ranges::any_of(plan.added, [&](const reports::ListedFinding& each) {
      return each.finding.severity >= *settings.fail_on;
    });
  });
}

/// Compares every plan that changed. False when one cannot be read, after a message.
GitResult<bool> compare_all(const Invocation& invocation, const CiSettings& settings,
                            reports::Difference& difference) {
  ChangedPlans changed(difference.base);
  const Config& config = settings.plans.findings.config;
  const InputFilter filter{false, {}, config.excludes()};
  bool valid = true;
  for (const std::string& argument : settings.arguments) {
    for (const std::string& file : input_files(argument, filter)) {
      const auto plan = load_plan(file);
      const model::Sources& sources = plan ? *plan->sources : *plan.error().sources;
      const auto differs = changed.contains(file, sources);
      if (!differs) return tl::unexpected(differs.error());
      if (plan && !*differs) {
        ++difference.passed_over;
        continue;
      }
      std::vector<model::Mistake> mistakes =
          plan ? std::vector<model::Mistake>{} : plan.error().mistakes;
      std::optional<reports::PlanReport> after;
      if (plan) after = examine(*plan, settings.plans, mistakes);
      if (!mistakes.empty()) {
        print_mistakes(sources, mistakes, invocation.err);
        valid = false;
        continue;
      }
      auto compared = compare_with_base(file, *after, difference.base, settings.plans);
      if (!compared) return tl::unexpected(compared.error());
      difference.plans.push_back(std::move(*compared));
    }
  }
  return valid;
}

}  // namespace

int run_ci(const Invocation& invocation) {
  const auto settings = read_ci_settings(invocation);
  if (!settings) return kOk;
  const fs::path first = fs::absolute(settings->arguments.front());
  std::error_code none;
  const auto base = settings->base.empty()
                        ? default_base(fs::is_directory(first, none) ? first : first.parent_path())
                        : GitResult<std::string>(settings->base);
  if (!base) return git_failed(invocation, base.error());
  reports::Difference difference{*base, {}, 0};
  const auto valid = compare_all(invocation, *settings, difference);
  if (!valid) return git_failed(invocation, valid.error());
  if (!write_difference(invocation, *settings, difference)) return kOutput;
  if (!*valid) return kInvalidInput;
  return fails(difference, *settings) ? kFindings : kOk;
}

}  // namespace backout::cli
