// backout ci: what a pull request does to the verdicts of the plans that it touches.
#include <stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fmt/format.h>

#include "cli/changed_plans.hpp"
#include "cli/inputs.hpp"
#include "cli/load_plan.hpp"
#include "cli/output_file.hpp"
#include "cli/plan_pipeline.hpp"
#include "importers/migrations/import.hpp"
#include "reports/difference/difference.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

constexpr const char* kUsage =
    "Usage: backout ci [OPTIONS] [PLAN|DIR...]\n\n"
    "Compares the verdict of each plan that changed with that of its base version: new and fixed findings, cells of the\n"
    "matrix that got worse or better, the point of no return. Only new findings fail it. Without PLAN: all plans below\n"
    "the current folder.\n";

struct Settings {
  PipelineSettings plans;
  std::string base;
  std::string format;
  std::string output;
  std::optional<model::Severity> fail_on;
  std::vector<std::string> arguments;
};

/// A folder of one's own that goes away with the object.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string pattern = (fs::temp_directory_path() / "backout-base-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// What to compare with when --base is not given.
GitResult<std::string> default_base(const fs::path& folder) {
  if (const std::string target = environment("GITHUB_BASE_REF"); !target.empty()) return "origin/" + target;
  if (const std::string commit = environment("CI_MERGE_REQUEST_DIFF_BASE_SHA"); !commit.empty()) return commit;
  for (const char* branch : {"main", "master", "origin/main", "origin/master"}) {
    if (!commit_of(folder, branch)) continue;
    auto fork = run_git(folder, {"merge-base", "--end-of-options", "HEAD", branch});
    if (!fork) return tl::unexpected(GitError{fmt::format("HEAD and {} have no common commit: give --base", branch)});
    return fork->substr(0, fork->find('\n'));
  }
  if (auto head = commit_of(folder, "HEAD"); !head) return tl::unexpected(head.error());
  return tl::unexpected(GitError{"there is no branch main or master to compare with: give --base"});
}

std::optional<Settings> read_settings(const Invocation& invocation) {
  po::options_description options("Pull requests");
  options.add_options()
      ("base", po::value<std::string>()->value_name("REF"),
       "the commit to compare with (default: the target branch that GitHub or GitLab names, else where HEAD left main "
       "or master)")
      ("format", po::value<std::string>()->default_value("markdown")->value_name("FORMAT"), "markdown|text|json")
      ("output", po::value<std::string>()->default_value("-")->value_name("FILE"), "where it goes; - is standard output")
      ("fail-on", po::value<std::string>()->default_value("error")->value_name("SEVERITY"),
       "error|warning|note|never: exit 1 when a new finding is at or above it");
  options.add(plan_options()).add(finding_options(false));
  const auto values = parse_arguments(invocation, kUsage, options, "plan");
  if (!values) return std::nullopt;
  Settings settings{read_plan_options(*values, {.rules = true, .search = true}), "", "", "", {}, {"."}};
  if (values->count("base")) settings.base = (*values)["base"].as<std::string>();
  settings.format = (*values)["format"].as<std::string>();
  if (settings.format != "markdown" && settings.format != "text" && settings.format != "json") {
    throw UsageError{fmt::format("--format takes markdown, text or json, not '{}'", settings.format)};
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

/// Compares `after` with what `base` has of it. The base version is read from a folder of its own, which holds the
/// files below the plan's folder that the plan may name.
GitResult<reports::PlanDifference> compare_with_base(const std::string& file, const reports::PlanReport& after,
                                                     const std::string& base, const PipelineSettings& settings) {
  using Base = reports::PlanDifference::Base;
  const fs::path folder = fs::absolute(file).parent_path();
  const auto text = file_at(folder, base, fs::path(file).filename().string());
  if (!text) return tl::unexpected(text.error());
  if (!*text) return reports::compare(nullptr, after, Base::absent);
  const PrivateFolder copy;
  const auto named = [&](const fs::path& path) { return (*text)->find(path.begin()->string()) != std::string::npos; };
  const auto written = write_files_at(folder, base, copy.path(), named);
  if (!written) return tl::unexpected(written.error());
  const auto read_migrations = [&](const std::string& migrations, const std::shared_ptr<model::Sources>& sources) {
    const fs::path shown = fs::path(file).parent_path() / fs::path(migrations).lexically_relative(copy.path());
    return importers::read_copied_migrations(migrations, sources, shown.string());
  };
  const auto plan = model::load_plan_text(file, **text, copy.path().string(), services::catalog(), read_migrations);
  if (!plan) return reports::compare(nullptr, after, Base::invalid);
  std::vector<model::Mistake> mistakes;
  const reports::PlanReport before = examine(*plan, settings, mistakes);
  return mistakes.empty() ? reports::compare(&before, after, Base::compared)
                          : reports::compare(nullptr, after, Base::invalid);
}

bool write(const Invocation& invocation, const Settings& settings, const reports::Difference& difference) {
  return write_output(invocation, settings.output, [&](std::ostream& out) {
    if (settings.format == "json") reports::print_difference_json(difference, out);
    else if (settings.format == "text") reports::print_difference_text(difference, out);
    else reports::print_difference_markdown(difference, out);
  });
}

bool fails(const reports::Difference& difference, const Settings& settings) {
  if (!settings.fail_on) return false;
  return std::ranges::any_of(difference.plans, [&](const reports::PlanDifference& plan) {
    return std::ranges::any_of(plan.added, [&](const reports::ListedFinding& each) {
      return each.finding.severity >= *settings.fail_on;
    });
  });
}

/// Compares every plan that changed. False when one cannot be read, after a message.
GitResult<bool> compare_all(const Invocation& invocation, const Settings& settings, reports::Difference& difference) {
  ChangedPlans changed(difference.base);
  const Config& config = settings.plans.findings.config;
  const InputFilter filter{false, {}, config.exclude, config.folder};
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
      std::vector<model::Mistake> mistakes = plan ? std::vector<model::Mistake>{} : plan.error().mistakes;
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
  const auto settings = read_settings(invocation);
  if (!settings) return kOk;
  const fs::path first = fs::absolute(settings->arguments.front());
  std::error_code none;
  const auto base = settings->base.empty() ? default_base(fs::is_directory(first, none) ? first : first.parent_path())
                                           : GitResult<std::string>(settings->base);
  if (!base) return git_failed(invocation, base.error());
  reports::Difference difference{*base, {}, 0};
  const auto valid = compare_all(invocation, *settings, difference);
  if (!valid) return git_failed(invocation, valid.error());
  if (!write(invocation, *settings, difference)) return kOutput;
  if (!*valid) return kInvalidInput;
  return fails(difference, *settings) ? kFindings : kOk;
}

}  // namespace backout::cli
