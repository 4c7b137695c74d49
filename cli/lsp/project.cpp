#include "cli/lsp/project.hpp"

#include <algorithm>

#include "cli/server.hpp"

namespace backout::lsp {

namespace {

/// Somebody is typing: what a search has found by then is shown, and that it is not all.
constexpr std::int64_t kBudgetMs = 3'000;

}  // namespace

Project::Project(boost::program_options::variables_map values) : values_(std::move(values)) {
  settings_ = cli::read_plan_options(values_, {.documents = true});
  settings_.runs = 0;
  budget_ms_ = settings_.limits.time_ms.value_or(kBudgetMs);
  settings_.findings = cli::findings_asked(values_);
  asked_server_ = cli::asked_server();
}

tl::expected<cli::PipelineSettings, cli::ConfigError> Project::settings_for(
    const std::string& file) const {
  cli::PipelineSettings settings = settings_;
  if (!values_.count("today")) settings.today = cli::today();  // a server runs for days
  if (const std::string found = cli::config_for(values_, file); !found.empty()) {
    auto config = cli::read_config(found);
    if (!config) return tl::unexpected(std::move(config.error()));
    cli::configure(settings.findings, std::move(*config));
  }
  return settings;
}

int Project::server(const cli::PipelineSettings& settings) const {
  const auto& configured = settings.findings.config.postgres_version;
  return asked_server_ != 0 || !configured ? asked_server_ : configured->value;
}

bool Project::excludes(const cli::PipelineSettings& settings, const std::string& file) {
  return std::ranges::any_of(
      settings.findings.config.excludes(),
      [&](const cli::PathPatterns& patterns) { return patterns.match(file); });
}

}  // namespace backout::lsp
