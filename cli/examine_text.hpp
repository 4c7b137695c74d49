#pragma once
// What there is to say about one file whose text is at hand: on disk or in an editor.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cli/plan_pipeline.hpp"
#include "model/load.hpp"
#include "reports/report.hpp"

namespace backout::cli {

/// What a file is, by its name and its text, as `check` of a folder decides.
enum class TextKind { neither, plan, document };
TextKind kind_of(const std::string& file, const std::string& text);

/// The outcome of looking at one text. It may be moved: the report points into what it owns.
struct ExaminedText {
  std::shared_ptr<const model::Sources>
      sources;                        ///< never null; the text itself is the first of them
  std::unique_ptr<model::Plan> plan;  ///< null: it does not load. Of a document: its sources alone
  std::optional<reports::PlanReport> report;  ///< nullopt: there are mistakes
  std::vector<model::Mistake> mistakes;       ///< what keeps it from being examined
};

/// Examines a plan that was read, or tells why it was not.
ExaminedText examine_loaded(tl::expected<model::Plan, model::LoadError> loaded,
                            const PipelineSettings& settings);

/// Examines the text that `file` holds, or would hold once it is saved: nothing is read at `file`
/// itself. A document by its name, anything else as a plan; what a plan names is looked for in the
/// folder of `file`.
ExaminedText examine_text(const std::string& file, std::string text,
                          const PipelineSettings& settings);

}  // namespace backout::cli
