#pragma once
// What the command line of the server and the backout.toml above a file say together.

#include <boost/program_options.hpp>
#include <tl/expected.hpp>

#include "cli/config.hpp"
#include "cli/plan_pipeline.hpp"

namespace backout::lsp {

/// How files are examined. Its values are those of the command line, read once; backout.toml is
/// read at every look.
class Project {
 public:
  /// Throws UsageError.
  explicit Project(boost::program_options::variables_map values);

  /// The settings for a file; what is wrong with its backout.toml.
  tl::expected<cli::PipelineSettings, cli::ConfigError> settings_for(const std::string& file) const;
  /// Whether backout.toml leaves the file out.
  static bool excludes(const cli::PipelineSettings& settings, const std::string& file);
  /// Which PostgreSQL a file with these settings is read for: the command line says it, or else its
  /// backout.toml.
  int server(const cli::PipelineSettings& settings) const;
  /// How long a search may take.
  std::int64_t budget_ms() const { return budget_ms_; }

 private:
  boost::program_options::variables_map values_;
  cli::PipelineSettings settings_;
  std::int64_t budget_ms_ = 0;
  int asked_server_ = 0;
};

}  // namespace backout::lsp
