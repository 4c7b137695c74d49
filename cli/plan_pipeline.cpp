#include "cli/plan_pipeline.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/documents.hpp"
#include "cli/mend.hpp"
#include "cli/pipeline_run.hpp"
#include "cli/rerun.hpp"
#include "cli/show_config.hpp"
#include "reports/text/layout.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

/// In a run over more files than that, runbooks are read by rules alone.
constexpr std::size_t kMostSearched = 200;

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
  PipelineRun run(invocation, settings, std::move(changed), stdin_name);
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
