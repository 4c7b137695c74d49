#include "cli/plan_pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "cli/base_version.hpp"
#include "cli/baseline.hpp"
#include "cli/changed_plans.hpp"
#include "cli/documents.hpp"
#include "cli/examine_text.hpp"
#include "cli/folder_migrations.hpp"
#include "cli/inputs.hpp"
#include "cli/load_plan.hpp"
#include "cli/mend.hpp"
#include "cli/output_file.hpp"
#include "cli/parallel.hpp"
#include "cli/rerun.hpp"
#include "cli/show_config.hpp"
#include "importers/document/limits.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "reports/causes.hpp"
#include "reports/common.hpp"
#include "reports/text/layout.hpp"
#include "simulator/campaign/tell.hpp"
#include "simulator/matrix.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// In a run over more files than that, runbooks are read by rules alone.
constexpr std::size_t kMostSearched = 200;

po::options_description plan_options() {
  po::options_description options("Analysis");
  options.add_options()("no-search", "rules only, without the rollback matrix")(
      "faults", po::value<std::int64_t>()->value_name("N"),
      "how many faults at once (default: the plan's limit, else 1)")(
      "fault", po::value<std::vector<std::string>>()->composing()->value_name("FAULT"),
      "consider only this fault kind; repeatable")(
      "runs", po::value<std::uint64_t>()->default_value(5'000)->value_name("N"),
      "timed runs for the percentiles; 0: none (see simulate for more)")(
      "no-reduction", "search every order of every state: slower, the verdicts are the same")(
      "threads", po::value<std::size_t>()->value_name("N"),
      "how many threads search (default: all cores)");
  add_limit_options(
      options, "stop after this much time (10s, 5m): what is known then is reported as bounded");
  options.add_options()("max-states",
                        po::value<std::uint64_t>()->default_value(2'000'000)->value_name("N"),
                        "stop the search there and say that the verdict is bounded")(
      "today", po::value<std::string>()->value_name("YYYY-MM-DD"),
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
  const bool whole =
      text.size() == 10 && !in.fail() && in.peek() == EOF && first == '-' && second == '-';
  return whole && std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{month},
                                              std::chrono::day{day}}
                      .ok();
}

}  // namespace

PipelineSettings read_plan_options(const po::variables_map& values, PipelineParts parts) {
  PipelineSettings settings;
  settings.parts = parts;
  settings.today = today();
  if (parts.campaign) settings.runs = values["runs"].as<std::uint64_t>();
  if (values.count("no-search")) settings.parts.search = false;
  settings.search.faults = read_faults(values).value_or(settings.search.faults);
  settings.search.max_states = values["max-states"].as<std::uint64_t>();
  if (settings.search.max_states == 0) throw UsageError{"--max-states takes 1 or more"};
  settings.search.threads = read_threads(values);
  settings.limits = read_limits(values);
  settings.search.reduction = values.count("no-reduction") == 0;
  if (values.count("fault"))
    settings.search.fault_kinds = known_faults(values["fault"].as<std::vector<std::string>>());
  if (values.count("today")) {
    settings.today = values["today"].as<std::string>();
    if (!is_date(settings.today))
      throw UsageError{fmt::format("--today takes a day, YYYY-MM-DD, not '{}'", settings.today)};
  }
  return settings;
}

tl::expected<model::Plan, model::LoadError> load_argument(const std::string& file,
                                                          const Invocation& invocation) {
  if (file != "-") return load_plan(file);
  std::string text{std::istreambuf_iterator<char>(invocation.in), {}};
  return load_plan_text("<stdin>", std::move(text), "", {});
}

void print_mistakes(const model::Sources& sources, const std::vector<model::Mistake>& mistakes,
                    std::ostream& err) {
  for (const model::Mistake& mistake : mistakes) err << model::render(mistake, sources) << '\n';
}

namespace {

/// Timed runs of the plan, for percentiles: of the paths, and of the cells.
void add_campaign(reports::PlanReport& report, const analyzer::Facts& facts,
                  const PipelineSettings& settings) {
  simulator::CampaignOptions options;
  options.faults = settings.search.faults;
  options.fault_kinds = settings.search.fault_kinds;
  simulator::Campaign campaign(facts.context, facts.start, options);
  if (!campaign.impossible().empty()) return;
  report.campaign =
      simulator::outcome_of(campaign, options, settings.runs, (*report.plan->sources)[0].name());
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
    const bool stopped = settings.watch != nullptr && settings.watch->stopped();
    if (settings.runs > 0 && !stopped) add_campaign(report, facts, settings);
  }
  // A search of fewer faults than the plan's own leaves out what a suppression may be for.
  const bool all_faults =
      settings.search.fault_kinds.empty() &&
      simulator::fault_budget(plan, settings.search) >= simulator::fault_budget(plan, {});
  const bool searched =
      all_faults && report.matrix &&
      report.matrix->completeness.level == simulator::Completeness::Level::exhaustive;
  report.findings =
      analyzer::report(facts, std::move(findings), settings.parts.rules, settings.today, searched);
  settings.findings.selection.apply(report.findings, (*plan.sources)[0].name());
  reports::link_consequences(report.findings);
  return report;
}

namespace {

/// Whether the report is of a document that was not read to its end.
bool is_unread(const reports::PlanReport& report) {
  const model::SourceFile& source = (*report.plan->sources)[0];
  if (report.matrix || !is_document(source.name())) return false;
  return importers::readable(source.text()) < source.text().size() ||
         std::ranges::any_of(report.findings, [](const model::Finding& finding) {
           return finding.rule == "runbook-not-read" &&
                  finding.severity ==
                      model::Severity::warning;  // too deep, too dense, or too much to play
         });
}

bool is_incomplete(const reports::PlanReport& report) {
  if (!report.matrix) return is_unread(report);
  const simulator::Matrix& matrix = *report.matrix;
  return matrix.completeness.level != simulator::Completeness::Level::exhaustive ||
         std::ranges::any_of(matrix.cells, [](const simulator::Cell& cell) {
           return cell.applicable && cell.verdict == simulator::Verdict::unknown;
         });
}

int status_of(const std::vector<reports::PlanReport>& reports, const PipelineSettings& settings,
              bool incomplete, std::ostream& err) {
  if (settings.watch != nullptr && settings.watch->stopped()) return kIncomplete;
  for (const reports::PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings) {
      if (settings.reports.fail_on && finding.severity >= *settings.reports.fail_on)
        return kFindings;
    }
    incomplete = incomplete || is_incomplete(report);
  }
  if (!incomplete || settings.reports.unknown == UnknownPolicy::ignore) return kOk;
  const bool unread = std::ranges::any_of(reports, is_unread);
  err << (unread ? "backout: the verdict is incomplete: part of a document is not read\n"
                 : "backout: the verdict is incomplete: a migration or a cell of the matrix is "
                   "UNKNOWN, or a limit was reached\n");
  return settings.reports.unknown == UnknownPolicy::fail ? kIncomplete : kOk;
}

}  // namespace

namespace {

std::vector<std::string> arguments_of(const po::variables_map& values) {
  return values.count("plan") ? values["plan"].as<std::vector<std::string>>()
                              : std::vector<std::string>{"."};
}

InputFilter filter_of(const po::variables_map& values, const PipelineSettings& settings) {
  const Config& config = settings.findings.config;
  InputFilter filter{settings.parts.documents, {}, config.excludes()};
  if (values.count("exclude")) filter.exclude = values["exclude"].as<std::vector<std::string>>();
  return filter;
}

/// Whether a file that is named is left out all the same.
bool is_forced_out(const std::string& file, const InputFilter& filter) {
  std::error_code error;
  if (fs::is_directory(file, error)) return false;
  return path_matches(relative_to(file, "."), filter.exclude) ||
         std::ranges::any_of(filter.configured,
                             [&](const PathPatterns& each) { return each.match(file); });
}

/// Whether the page for reviewers is among the reports.
bool writes_page(const ReportOptions& options) {
  return std::ranges::any_of(options.targets, [](const ReportTarget& target) {
    return std::string_view(target.format->name) == "html";
  });
}

/// The reports of a run while its inputs are read.
class Run {
 public:
  /// `stdin_name`: the file whose text standard input is; empty: a plan of no name.
  Run(const Invocation& invocation, const PipelineSettings& settings,
      std::optional<ChangedPlans> changed, std::string stdin_name)
      : invocation_(invocation),
        settings_(settings),
        changed_(std::move(changed)),
        stdin_name_(std::move(stdin_name)) {}

  /// Adds what there is to say about a file, or says why it cannot be read.
  void add(const std::string& file) {
    if (settings_.parts.documents && is_document(file)) return add_documents({file});
    if (file == "-" && !stdin_name_.empty())
      return add(examine_text(stdin_name_, {std::istreambuf_iterator<char>(invocation_.in), {}},
                              settings_));
    if (changed_ && file == "-") throw UsageError{"--since looks at files: '-' has no history"};
    auto plan = load_argument(file, invocation_);
    const model::Sources& sources = plan ? *plan->sources : *plan.error().sources;
    const bool same = !differs(file, sources);
    if (plan && same) return;  // one that cannot be read may name a file that is gone
    ExaminedText examined = examine_loaded(std::move(plan), settings_);
    if (examined.report && file != "-" && writes_page(settings_.reports))
      add_history(file, *examined.report);
    add(std::move(examined));
  }

  void add(ExaminedText examined) {
    if (examined.report) {
      plans_.push_back(std::move(examined.plan));
      reports_.push_back(std::move(*examined.report));
    } else {
      print_mistakes(*examined.sources, examined.mistakes, invocation_.err);
      invalid_ = true;
    }
  }

  /// Adds all of them, until it is time to stop.
  void add_all(const std::vector<std::string>& files, Watch& watch) {
    for (std::size_t i = 0; i < files.size(); i = looked_at_) {
      if (i > 0 && !watch.go_on(0)) break;
      watch.begin(files[i], i + 1, files.size());
      looked_at_ = i + std::max<std::size_t>(1, documents_from(files, i));
      if (looked_at_ > i + 1)
        add_documents({files.begin() + static_cast<std::ptrdiff_t>(i),
                       files.begin() + static_cast<std::ptrdiff_t>(looked_at_)});
      else
        add(files[i]);
    }
    if (!watch.stopped()) return;
    invocation_.err << fmt::format("backout: {}: what follows is what is known so far",
                                   watch.why());
    if (looked_at_ < files.size())
      invocation_.err << fmt::format("; {} not looked at",
                                     reports::counted(files.size() - looked_at_, "file"));
    invocation_.err << '\n';
  }

  /// Adds the chains of migrations below a folder that no plan judges with its own rows. Whether
  /// there are migrations at all.
  bool add_migrations(const std::string& folder, const InputFilter& filter,
                      const std::string& since) {
    std::vector<std::string> planned;
    for (const auto& plan : plans_) {
      for (const model::ServiceMigrations& migrations : plan->migrations)
        planned.push_back(migrations.set.folder);
    }
    FolderMigrations found =
        examine_migrations(folder, filter, planned, since, settings_.findings.selection,
                           settings_.watch, invocation_.err);
    for (ChainReport& chain : found.chains) {
      plans_.push_back(std::move(chain.plan));
      reports_.push_back(std::move(chain.report));
    }
    unknown_ = unknown_ || found.incomplete;
    invalid_ = invalid_ || found.invalid;
    return found.found;
  }

  /// Takes out what the baseline knows, or writes it anew. False: it was written, and that is all.
  bool compare_with_baseline() {
    const FindingOptions& findings = settings_.findings;
    if (findings.baseline.empty()) return true;
    std::error_code error;
    std::vector<KnownFinding> known;
    if (fs::exists(findings.baseline, error) || !findings.update_baseline) {
      auto read = read_baseline(findings.baseline);
      if (!read) throw InvalidInput{fmt::format("backout: {}\n", read.error())};
      known = std::move(*read);
    }
    if (findings.update_baseline) {
      const std::vector<KnownFinding> now = known_now(reports_, known, findings.baseline);
      const auto print = [&](std::ostream& out) { write_baseline(now, out); };
      if (!write_output(invocation_, findings.baseline, print)) throw InvalidInput{""};
      invocation_.err << fmt::format(
          "backout: {} in {}\n", reports::counted(now.size(), "known finding"), findings.baseline);
      return false;
    }
    tell_stale(leave_out_known(reports_, known, findings.baseline));
    return true;
  }

  const std::vector<reports::PlanReport>& reports() const { return reports_; }
  bool invalid() const { return invalid_; }
  bool unknown() const { return unknown_; }  ///< a migration's verdict is
  bool compares() const { return changed_.has_value(); }

 private:
  /// How many documents stand one behind the other from `first`, of those that are looked at
  /// together.
  std::size_t documents_from(const std::vector<std::string>& files, std::size_t first) const {
    constexpr std::size_t kTogether = 64;
    std::size_t count = 0;
    while (settings_.parts.documents && count < kTogether && first + count < files.size() &&
           is_document(files[first + count]))
      ++count;
    return count;
  }

  /// Documents are looked at side by side: none depends on another.
  void add_documents(const std::vector<std::string>& files) {
    const std::size_t first = plans_.size();
    for (const std::string& file : files) {
      auto plan = std::make_unique<model::Plan>();
      if (!read_as_sources(file, *plan)) {
        invocation_.err << fmt::format("error: '{}' cannot be read\n", file);
        invalid_ = true;
      } else if (differs(file, *plan->sources)) {
        plans_.push_back(std::move(plan));
      }
    }
    std::vector<std::optional<reports::PlanReport>> made(plans_.size() - first);
    for_each_in_parallel(made.size(), [&](std::size_t i) {
      made[i] = examine_document(*plans_[first + i], settings_);
    });
    for (std::optional<reports::PlanReport>& report : made) reports_.push_back(std::move(*report));
  }

  /// Which commit the plan is at, and with --since what became of it since then.
  void add_history(const std::string& file, reports::PlanReport& report) const {
    report.commit = commit_told(file, *report.plan->sources);
    if (!changed_) return;
    auto compared = compare_with_base(file, report, changed_->ref(), settings_);
    if (!compared) throw InvalidInput{fmt::format("backout: {}\n", compared.error().message)};
    report.change = std::make_shared<reports::Difference>(
        reports::Difference{changed_->ref(), {std::move(*compared)}, 0});
  }

  /// Whether the file is to be looked at: without --since, every one.
  bool differs(const std::string& file, const model::Sources& sources) {
    if (!changed_) return true;
    const auto differs = changed_->contains(file, sources);
    if (!differs) throw InvalidInput{fmt::format("backout: {}\n", differs.error().message)};
    return *differs;
  }

  void tell_stale(const std::vector<KnownFinding>& stale) {
    for (const KnownFinding& each : stale) {
      invocation_.err << fmt::format("backout: {}: stale: {} of {} is no longer found\n",
                                     settings_.findings.baseline, each.rule, each.file);
    }
    if (!stale.empty()) invocation_.err << "backout: --update-baseline takes stale entries out\n";
  }

  const Invocation& invocation_;
  const PipelineSettings& settings_;
  std::optional<ChangedPlans> changed_;
  const std::string stdin_name_;
  std::vector<std::unique_ptr<model::Plan>> plans_;
  std::vector<reports::PlanReport> reports_;
  std::size_t looked_at_ = 0;
  bool invalid_ = false;
  bool unknown_ = false;
};

po::options_description pipeline_options(const PipelineParts& parts) {
  po::options_description options;
  options.add(plan_options());
  options.add_options()(
      "since", po::value<std::string>()->value_name("REF"),
      "only plans that differ from this commit of git, or that name a file that does");
  if (parts.documents) {
    options.add_options()(
        "exclude", po::value<std::vector<std::string>>()->composing()->value_name("PATTERN"),
        "leave out files and folders of that name (`*`, `?`) below a DIR; repeatable")(
        "force-exclude",
        "leave out files of --exclude and backout.toml that are named, too: for hooks that name "
        "what changed")("stdin-filename", po::value<std::string>()->value_name("FILE"),
                        "the text on standard input (-) is that of this file, which need not be "
                        "there: for editors")(
        "show-files", "list the files that would be looked at, and look at none")(
        "show-config",
        "print which findings count and what fails a run, as a backout.toml, and who says so")(
        "no-suppressions", "report what comments and `ignore:` leave out, too")(
        "watch", "check again whenever a file changes, until Ctrl-C")(
        "fix", "mend in the files what can be mended with certainty, then check them")(
        "diff",
        "show what --fix would change, and change nothing: exit status 1 when there is something");
  }
  options.add(finding_options(true)).add(report_options({.default_format = parts.format}));
  return options;
}

/// One run with these options.
int run_once(const Invocation& invocation, const po::variables_map& values,
             const PipelineParts& parts) {
  PipelineSettings settings = read_plan_options(values, parts);
  settings.reports = read_report_options(values, {.default_format = parts.format});
  if (!parts.rules && !settings.reports.quiet)
    settings.reports.verbose = true;  // counterexamples are what was asked for
  if (!values.count("plan") && !parts.documents)
    throw UsageError{"name at least one plan, or a folder that holds some"};
  const std::vector<std::string> arguments = arguments_of(values);
  const std::string stdin_name =
      values.count("stdin-filename") ? values["stdin-filename"].as<std::string>() : "";
  if (!stdin_name.empty() && std::ranges::find(arguments, "-") == arguments.end())
    throw UsageError{"--stdin-filename names what '-' is: give '-', too"};
  settings.findings = read_finding_options(values, start_of(values, "plan"));
  settings.suppressions = values.count("no-suppressions") == 0;
  read_defaults(values, settings.findings.config, settings.reports);
  if (values.count("show-config")) {
    print_config(settings.findings, settings.reports, invocation.out);
    return kOk;
  }
  std::optional<ChangedPlans> changed;
  const std::string since = values.count("since") ? values["since"].as<std::string>() : "";
  if (!since.empty()) changed.emplace(since);

  Watch watch(settings.limits, invocation.err);
  settings.watch = &watch;
  settings.search.go_on = [&watch](std::uint64_t states) { return watch.go_on(states); };
  Run run(invocation, settings, std::move(changed), stdin_name);
  std::vector<std::string> files;
  const InputFilter filter = filter_of(values, settings);
  std::vector<std::string> folders;
  std::set<std::string> empty;
  bool forced = false;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (values.count("force-exclude") &&
        is_forced_out(argument == "-" ? stdin_name : argument, filter)) {
      forced = true;
      continue;
    }
    std::vector<std::string> found = find_inputs(argument, filter);
    if (found.empty() && !settings.parts.documents) throw nothing_in(argument, filter);
    if (fs::is_directory(argument, error)) folders.push_back(argument);
    if (found.empty()) empty.insert(argument);
    std::ranges::move(found, std::back_inserter(files));
  }
  settings.search_documents = settings.parts.search && files.size() <= kMostSearched;
  if (settings.parts.search && !settings.search_documents &&
      std::ranges::any_of(files, is_document)) {
    invocation.err << fmt::format(
        "backout: {} are many: runbooks are read by rules alone; check one by itself to have its "
        "ways back searched\n",
        reports::counted(files.size(), "file"));
  }
  if (values.count("show-files")) {
    for (const std::string& file : files) invocation.out << file << '\n';
    return kOk;
  }
  if (values.count("diff") || values.count("fix")) {
    if (values.count("diff") && values.count("fix"))
      throw UsageError{"--fix changes files and --diff none: one of them"};
    if (std::ranges::find(files, "-") != files.end())
      throw UsageError{"--fix and --diff mend files: standard input is none"};
    const auto mended = mend_files(invocation, files, settings,
                                   values.count("diff") ? MendMode::show : MendMode::write);
    if (!mended) return kOutput;
    if (values.count("diff")) return *mended > 0 ? kFindings : kOk;
  }
  run.add_all(files, watch);
  for (const std::string& folder :
       settings.parts.documents ? folders : std::vector<std::string>()) {
    if (watch.stopped())
      invocation.err << fmt::format("backout: the migrations of '{}' were not looked at\n", folder);
    else if (!run.add_migrations(folder, filter, since) && empty.contains(folder))
      throw nothing_in(folder, filter);
  }
  if (run.compares() && run.reports().empty() && !run.invalid())
    invocation.err << "backout: no plan changed\n";
  if (!run.compare_with_baseline()) return run.invalid() ? kInvalidInput : kOk;
  if (const std::string note = not_looked_up(run.reports());
      !note.empty() && !settings.reports.quiet)
    invocation.err << "backout: " << note << '\n';
  const bool say = run.compares() || forced || !run.reports().empty();
  if (say && !write_reports(invocation, settings.reports, run.reports())) return kOutput;
  return run.invalid() ? kInvalidInput
                       : status_of(run.reports(), settings, run.unknown(), invocation.err);
}

}  // namespace

int run_pipeline(const Invocation& invocation, const std::string& usage, PipelineParts parts) {
  const auto values = parse_arguments(invocation, usage, pipeline_options(parts), "plan");
  if (!values) return kOk;
  const auto once = [&] { return run_once(invocation, *values, parts); };
  if (!values->count("watch")) return once();
  const std::vector<std::string> arguments = arguments_of(*values);
  const bool writes = values->count("fix") || values->count("diff") ||
                      values->count("update-baseline") || values->count("output");
  if (writes || std::ranges::find(arguments, "-") != arguments.end()) {
    throw UsageError{
        "--watch looks at files and writes none: not with '-', --fix, --diff, --update-baseline or "
        "--output"};
  }
  return rerun_on_change(
      invocation, arguments, [&] { return config_for(*values, start_of(*values, "plan")); }, once);
}

}  // namespace backout::cli
