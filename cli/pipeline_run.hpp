#pragma once
// The reports of one run of `check`, `explore` or `report` while its inputs are read.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/baseline.hpp"
#include "cli/changed_plans.hpp"
#include "cli/examine_text.hpp"
#include "cli/inputs.hpp"
#include "cli/plan_pipeline.hpp"

namespace backout::cli {

/// The reports of a run while its inputs are read.
class PipelineRun {
 public:
  /// `stdin_name`: the file whose text standard input is; empty: a plan of no name.
  PipelineRun(const Invocation& invocation, const PipelineSettings& settings,
              std::optional<ChangedPlans> changed, std::string stdin_name)
      : invocation_(invocation),
        settings_(settings),
        changed_(std::move(changed)),
        stdin_name_(std::move(stdin_name)) {}

  /// Adds what there is to say about a file, or says why it cannot be read.
  void add(const std::string& file);

  void add(ExaminedText examined);

  /// Adds all of them, until it is time to stop.
  void add_all(const std::vector<std::string>& files, Watch& watch);

  /// Adds the chains of migrations below a folder that no plan judges with its own rows. Whether
  /// there are migrations at all.
  bool add_migrations(const std::string& folder, const InputFilter& filter,
                      const std::string& since);

  /// Takes out what the baseline knows, or writes it anew. False: it was written, and that is all.
  bool compare_with_baseline();

  const std::vector<reports::PlanReport>& reports() const { return reports_; }
  bool invalid() const { return invalid_; }
  bool unknown() const { return unknown_; }  ///< a migration's verdict is
  bool compares() const { return changed_.has_value(); }

 private:
  /// How many documents stand one behind the other from `first`, of those that are looked at
  /// together.
  std::size_t documents_from(const std::vector<std::string>& files, std::size_t first) const;

  /// Documents are looked at side by side: none depends on another.
  void add_documents(const std::vector<std::string>& files);

  /// Which commit the plan is at, and with --since what became of it since then.
  void add_history(const std::string& file, reports::PlanReport& report) const;

  /// Whether the file is to be looked at: without --since, every one.
  bool differs(const std::string& file, const model::Sources& sources);

  void tell_stale(const std::vector<KnownFinding>& stale);

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

/// What the run ends with: findings that count, or a verdict that is incomplete.
int status_of(const std::vector<reports::PlanReport>& reports, const PipelineSettings& settings,
              bool incomplete, std::ostream& err);

}  // namespace backout::cli
