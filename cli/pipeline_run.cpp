#include "cli/pipeline_run.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <ostream>

#include <fmt/format.h>

#include "cli/base_version.hpp"
#include "cli/documents.hpp"
#include "cli/folder_migrations.hpp"
#include "cli/output_file.hpp"
#include "cli/parallel.hpp"
#include "importers/document/limits.hpp"
#include "reports/common.hpp"
#include "reports/text/layout.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// Whether the page for reviewers is among the reports.
bool writes_page(const ReportOptions& options) {
  return std::ranges::any_of(options.targets, [](const ReportTarget& target) {
    return std::string_view(target.format->name) == "html";
  });
}

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

}  // namespace

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

void PipelineRun::add(const std::string& file) {
  if (settings_.parts.documents && is_document(file)) return add_documents({file});
  if (file == "-" && !stdin_name_.empty())
    return add(
        examine_text(stdin_name_, {std::istreambuf_iterator<char>(invocation_.in), {}}, settings_));
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

void PipelineRun::add(ExaminedText examined) {
  if (examined.report) {
    plans_.push_back(std::move(examined.plan));
    reports_.push_back(std::move(*examined.report));
  } else {
    print_mistakes(*examined.sources, examined.mistakes, invocation_.err);
    invalid_ = true;
  }
}

void PipelineRun::add_all(const std::vector<std::string>& files, Watch& watch) {
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
  invocation_.err << fmt::format("backout: {}: what follows is what is known so far", watch.why());
  if (looked_at_ < files.size())
    invocation_.err << fmt::format("; {} not looked at",
                                   reports::counted(files.size() - looked_at_, "file"));
  invocation_.err << '\n';
}

bool PipelineRun::add_migrations(const std::string& folder, const InputFilter& filter,
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

bool PipelineRun::compare_with_baseline() {
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

std::size_t PipelineRun::documents_from(const std::vector<std::string>& files,
                                        std::size_t first) const {
  constexpr std::size_t kTogether = 64;
  std::size_t count = 0;
  while (settings_.parts.documents && count < kTogether && first + count < files.size() &&
         is_document(files[first + count]))
    ++count;
  return count;
}

void PipelineRun::add_documents(const std::vector<std::string>& files) {
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

void PipelineRun::add_history(const std::string& file, reports::PlanReport& report) const {
  report.commit = commit_told(file, *report.plan->sources);
  if (!changed_) return;
  auto compared = compare_with_base(file, report, changed_->ref(), settings_);
  if (!compared) throw InvalidInput{fmt::format("backout: {}\n", compared.error().message)};
  report.change = std::make_shared<reports::Difference>(
      reports::Difference{changed_->ref(), {std::move(*compared)}, 0});
}

bool PipelineRun::differs(const std::string& file, const model::Sources& sources) {
  if (!changed_) return true;
  const auto differs = changed_->contains(file, sources);
  if (!differs) throw InvalidInput{fmt::format("backout: {}\n", differs.error().message)};
  return *differs;
}

void PipelineRun::tell_stale(const std::vector<KnownFinding>& stale) {
  for (const KnownFinding& each : stale) {
    invocation_.err << fmt::format("backout: {}: stale: {} of {} is no longer found\n",
                                   settings_.findings.baseline, each.rule, each.file);
  }
  if (!stale.empty()) invocation_.err << "backout: --update-baseline takes stale entries out\n";
}

}  // namespace backout::cli
