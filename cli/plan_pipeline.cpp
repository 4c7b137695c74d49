#include "cli/plan_pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>

#include <fmt/format.h>

#include "analyzer/documents/rule.hpp"
#include "analyzer/facts.hpp"
#include "analyzer/migrations/rules.hpp"
#include "analyzer/rule.hpp"
#include "cli/changed_plans.hpp"
#include "cli/documents.hpp"
#include "cli/load_plan.hpp"
#include "cli/pages.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "reports/common.hpp"
#include "services/service.hpp"
#include "simulator/campaign/tell.hpp"
#include "simulator/faults.hpp"
#include "simulator/matrix.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

po::options_description plan_options() {
  po::options_description options("Analysis");
  options.add_options()
      ("no-search", "rules only, without the rollback matrix")
      ("faults", po::value<std::int64_t>()->value_name("N"), "how many faults at once (default: the plan's limit, else 1)")
      ("fault", po::value<std::vector<std::string>>()->composing()->value_name("FAULT"),
       "consider only this fault kind; repeatable")
      ("runs", po::value<std::uint64_t>()->default_value(5'000),
       "timed runs for the percentiles; 0: none (see simulate for more)")
      ("no-reduction", "search every order of every state: slower, the verdicts are the same")
      ("threads", po::value<std::size_t>()->default_value(1)->value_name("N"), "how many threads search")
      ("max-states", po::value<std::uint64_t>()->default_value(2'000'000)->value_name("N"),
       "stop the search there and say that the verdict is bounded")
      ("select", po::value<std::vector<std::string>>()->composing()->value_name("RULE"),
       "report only this rule; repeatable")
      ("today", po::value<std::string>()->value_name("YYYY-MM-DD"),
       "the day for expiry dates of suppressions (default: today, UTC)");
  return options;
}

namespace {

/// Whether `text` is a day of the calendar, YYYY-MM-DD.
bool is_date(const std::string& text) {
  std::istringstream in(text);
  char first = 0;
  char second = 0;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  in >> year >> first >> month >> second >> day;
  const bool whole = text.size() == 10 && !in.fail() && in.peek() == EOF && first == '-' && second == '-';
  return whole && std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}}.ok();
}

}  // namespace

PipelineSettings read_plan_options(const po::variables_map& values, PipelineParts parts) {
  PipelineSettings settings{parts, {}, {}, 0, {}, today()};
  if (parts.campaign) settings.runs = values["runs"].as<std::uint64_t>();
  if (values.count("no-search")) settings.parts.search = false;
  if (values.count("faults")) {
    settings.search.faults = values["faults"].as<std::int64_t>();
    if (settings.search.faults < 0 || settings.search.faults > 15) throw UsageError{"--faults takes 0 to 15"};
  }
  settings.search.max_states = values["max-states"].as<std::uint64_t>();
  settings.search.threads = values["threads"].as<std::size_t>();
  if (settings.search.threads == 0 || settings.search.threads > 1024) throw UsageError{"--threads takes 1 to 1024"};
  settings.search.reduction = values.count("no-reduction") == 0;
  if (values.count("fault")) {
    settings.search.fault_kinds = values["fault"].as<std::vector<std::string>>();
    std::vector<std::string> unknown;
    simulator::fault_set(settings.search.fault_kinds, unknown);
    if (!unknown.empty()) throw UsageError{fmt::format("--fault: '{}' is no fault kind", unknown.front())};
  }
  if (values.count("select")) {
    settings.select = values["select"].as<std::vector<std::string>>();
    for (const std::string& rule : settings.select) {
      const bool known = analyzer::find_rule(rule) != nullptr || analyzer::find_migration_rule(rule) != nullptr ||
                         analyzer::find_document_rule(rule) != nullptr;
      if (!known && !rule_pages().contains(rule)) {
        throw UsageError{fmt::format("--select: no rule is named '{}'", rule)};
      }
    }
  }
  if (values.count("today")) {
    settings.today = values["today"].as<std::string>();
    if (!is_date(settings.today)) throw UsageError{fmt::format("--today takes a day, YYYY-MM-DD, not '{}'", settings.today)};
  }
  return settings;
}

namespace {

/// What a line says of `backout` (or `"backout"`) at the top of a file; empty when it is about something else.
std::string_view version_in(std::string_view line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t{"), line.size());
  const std::string_view rest = line.substr(begin);
  const bool top = begin == 0 || line.substr(0, begin).find('{') != std::string_view::npos;
  std::size_t end = std::string_view::npos;
  if (rest.starts_with("\"backout\"")) end = rest.find(':');
  if (top && rest.starts_with("backout:")) end = rest.find(':');
  return end == std::string_view::npos ? "" : rest.substr(end + 1);
}

/// Whether a file is meant to be a plan: it has a version. A job of a CI system that is called backout is a map.
bool looks_like_plan(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  while (std::getline(in, line)) {
    const std::string_view version = version_in(line);
    const std::size_t begin = version.find_first_not_of(" \t\r");
    if (begin != std::string_view::npos && version[begin] != '#' && version[begin] != '{') return true;
  }
  return false;
}

}  // namespace

bool is_plan_file(const std::string& file) {
  const std::string extension = fs::path(file).extension().string();
  return (extension == ".yaml" || extension == ".yml" || extension == ".json") && looks_like_plan(file);
}

std::vector<std::string> plan_files(const std::string& argument) {
  std::error_code error;
  if (!fs::is_directory(argument, error)) return {argument};
  std::vector<std::string> files;
  for (auto it = fs::recursive_directory_iterator(argument, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_regular_file() && is_plan_file(it->path().string())) files.push_back(it->path().lexically_normal().string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    throw UsageError{fmt::format("no plan in '{}': a plan is a .yaml, .yml or .json file with a "
                                 "top-level `backout:` key", argument)};
  }
  return files;
}

tl::expected<model::Plan, model::LoadError> load_argument(const std::string& file, const Invocation& invocation) {
  if (file != "-") return load_plan(file);
  std::string text{std::istreambuf_iterator<char>(invocation.in), {}};
  return model::load_plan_text("<stdin>", std::move(text), "", services::catalog());
}

void print_mistakes(const model::Sources& sources, const std::vector<model::Mistake>& mistakes, std::ostream& err) {
  for (const model::Mistake& mistake : mistakes) err << reports::tame(model::render(mistake, sources)) << '\n';
}

namespace {

/// Timed runs of the plan, for percentiles: of the paths, and of the cells.
void add_campaign(reports::PlanReport& report, const analyzer::Facts& facts, const PipelineSettings& settings) {
  simulator::CampaignOptions options;
  options.faults = settings.search.faults;
  options.fault_kinds = settings.search.fault_kinds;
  simulator::Campaign campaign(facts.context, facts.start, options);
  if (!campaign.impossible().empty()) return;
  report.campaign = simulator::outcome_of(campaign, options, settings.runs, (*report.plan->sources)[0].name());
  simulator::add_times(*report.matrix, campaign);
}

}  // namespace

reports::PlanReport examine(const model::Plan& plan, const PipelineSettings& settings,
                            std::vector<model::Mistake>& mistakes) {
  reports::PlanReport report{&plan, {}, std::nullopt, reports::time_table(plan), std::nullopt};
  const analyzer::Facts facts = analyzer::derive_facts(plan, mistakes);
  if (!mistakes.empty()) return report;
  std::vector<model::Finding> findings;
  if (settings.parts.search) {
    report.matrix = simulator::explore(facts.context, facts.start, settings.search);
    findings = simulator::findings_of(facts.context, *report.matrix);
    if (settings.runs > 0) add_campaign(report, facts, settings);
  }
  report.findings = analyzer::report(facts, std::move(findings), settings.parts.rules, settings.today);
  if (!settings.select.empty()) {
    std::erase_if(report.findings, [&](const model::Finding& finding) {
      return std::ranges::find(settings.select, finding.rule) == settings.select.end();
    });
  }
  return report;
}

namespace {

bool is_incomplete(const reports::PlanReport& report) {
  if (!report.matrix) return false;
  const simulator::Matrix& matrix = *report.matrix;
  return matrix.completeness.level != simulator::Completeness::Level::exhaustive ||
         std::ranges::any_of(matrix.cells, [](const simulator::Cell& cell) {
           return cell.applicable && cell.verdict == simulator::Verdict::unknown;
         });
}

int status_of(const std::vector<reports::PlanReport>& reports, const PipelineSettings& settings, std::ostream& err) {
  bool incomplete = false;
  for (const reports::PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) {
      if (settings.reports.fail_on && finding.severity >= *settings.reports.fail_on) return kFindings;
    }
    incomplete = incomplete || is_incomplete(report);
  }
  if (!incomplete || settings.reports.unknown == UnknownPolicy::ignore) return kOk;
  err << "backout: the verdict is incomplete: a cell of the matrix is UNKNOWN or a limit was reached\n";
  return settings.reports.unknown == UnknownPolicy::fail ? kIncomplete : kOk;
}

}  // namespace

namespace {

std::vector<std::string> arguments_of(const po::variables_map& values) {
  return values.count("plan") ? values["plan"].as<std::vector<std::string>>() : std::vector<std::string>{"."};
}

/// What an argument stands for: for a folder, with `documents`, everything in it that can be checked.
std::vector<std::string> input_files(const std::string& argument, const po::variables_map& values, const PipelineParts& parts) {
  std::error_code error;
  if (!parts.documents || !fs::is_directory(argument, error)) return plan_files(argument);
  const std::vector<std::string> exclude =
      values.count("exclude") ? values["exclude"].as<std::vector<std::string>>() : std::vector<std::string>{};
  std::vector<std::string> files = files_below(argument, exclude);
  if (!files.empty()) return files;
  throw UsageError{fmt::format("nothing to check in '{}': no plan (a .yaml, .yml or .json file with a top-level `backout:` key), "
                               "no runbook and no script about rolling back", argument)};
}

}  // namespace

int run_pipeline(const Invocation& invocation, const std::string& usage, PipelineParts parts) {
  po::options_description options;
  options.add(plan_options());
  options.add_options()("since", po::value<std::string>()->value_name("REF"),
                        "only plans that differ from this commit of git, or that name a file that does");
  if (parts.documents) {
    options.add_options()("exclude", po::value<std::vector<std::string>>()->composing()->value_name("PATTERN"),
                          "leave out files and folders of that name (`*`, `?`) below a DIR; repeatable");
  }
  options.add(report_options(parts.format));
  const auto values = parse_arguments(invocation, usage, options, "plan");
  if (!values) return kOk;
  PipelineSettings settings = read_plan_options(*values, parts);
  settings.reports = read_report_options(*values, parts.format);
  if (!values->count("plan") && !parts.documents) throw UsageError{"name at least one plan, or a folder that holds some"};
  std::optional<ChangedPlans> changed;
  if (values->count("since")) changed.emplace((*values)["since"].as<std::string>());

  std::vector<std::unique_ptr<model::Plan>> plans;
  std::vector<reports::PlanReport> reports;
  bool invalid = false;
  for (const std::string& argument : arguments_of(*values)) {
    for (const std::string& file : input_files(argument, *values, parts)) {
      if (parts.documents && is_document(file)) {
        plans.push_back(std::make_unique<model::Plan>());
        if (read_as_sources(file, *plans.back())) {
          if (changed) {
            const auto differs = changed->contains(file, *plans.back()->sources);
            if (!differs) return git_failed(invocation, differs.error());
            if (!*differs) continue;
          }
          reports.push_back(examine_document(*plans.back(), settings));
        } else {
          invocation.err << fmt::format("error: '{}' cannot be read\n", reports::tame(file));
          invalid = true;
        }
        continue;
      }
      if (changed && file == "-") throw UsageError{"--since looks at files: '-' has no history"};
      auto plan = load_argument(file, invocation);
      const model::Sources& sources = plan ? *plan->sources : *plan.error().sources;
      if (changed) {
        const auto differs = changed->contains(file, sources);
        if (!differs) return git_failed(invocation, differs.error());
        if (plan && !*differs) continue;  // one that cannot be read may name a file that is gone
      }
      std::vector<model::Mistake> mistakes;
      if (plan) {
        plans.push_back(std::make_unique<model::Plan>(std::move(*plan)));
        reports.push_back(examine(*plans.back(), settings, mistakes));
      } else {
        mistakes = plan.error().mistakes;
      }
      if (mistakes.empty()) continue;
      print_mistakes(sources, mistakes, invocation.err);
      if (plan) reports.pop_back();
      invalid = true;
    }
  }
  if (changed && reports.empty() && !invalid) invocation.err << "backout: no plan changed\n";
  if ((changed || !reports.empty()) && !write_reports(invocation, settings.reports, reports)) return kOutput;
  return invalid ? kInvalidInput : status_of(reports, settings, invocation.err);
}

}  // namespace backout::cli
