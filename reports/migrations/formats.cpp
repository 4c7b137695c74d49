#include <algorithm>
#include <filesystem>

#include "reports/migrations/migrations_report.hpp"

namespace backout::reports {

namespace {

/// The chain's findings on a plan that stands for its folder: index 0 of its sources is the folder, and the files are
/// named from where the folder is, as the files of a plan are.
model::Plan stand_in(const model::Sources& sources, const JudgedChain& chain) {
  const std::filesystem::path above = std::filesystem::path(chain.folder).parent_path();
  model::Plan plan;
  plan.name = chain.folder;
  plan.sources = std::make_shared<model::Sources>();
  plan.sources->add(chain.folder, "");
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    const std::filesystem::path name = sources[i].name();
    plan.sources->add(above.empty() ? name.string() : name.lexically_relative(above).string(), sources[i].text());
  }
  return plan;
}

std::vector<model::Finding> moved(std::vector<model::Finding> findings) {
  for (model::Finding& finding : findings) {
    ++finding.span.file;
    for (model::RelatedPlace& related : finding.related) ++related.span.file;
  }
  return findings;
}

}  // namespace

bool takes_migrations(std::string_view format) {
  constexpr std::string_view kFormats[] = {"text", "json", "sarif", "junit", "github", "gitlab", "markdown", "rdjson", "jsonl"};
  return std::ranges::find(kFormats, format) != std::end(kFormats);
}

void print_migrations_as(const Format& format, const MigrationsReport& report, std::ostream& out) {
  std::vector<model::Plan> plans;
  std::vector<PlanReport> reports;
  plans.reserve(report.chains.size());  // reports point into it
  for (const JudgedChain& chain : report.chains) {
    plans.push_back(stand_in(*report.sources, chain));
    reports.push_back({&plans.back(), moved(chain.findings), std::nullopt, {}, std::nullopt});
  }
  format.write(reports, {}, out);
}

}  // namespace backout::reports
