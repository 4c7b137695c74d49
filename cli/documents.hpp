#pragma once
// Runbooks and scripts as inputs of `check`: which files they are, and their findings.

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/plan_pipeline.hpp"
#include "importers/document/document.hpp"
#include "model/plan.hpp"
#include "reports/report.hpp"

namespace backout::cli {

/// Whether the name is that of a document (`.md`, `.markdown`) or of a shell script (`.sh`,
/// `.bash`).
bool is_document(const std::string& file);

/// The text as a document: a workflow by its path, a shell script by its name, else Markdown.
/// `file` is its index in the sources.
importers::Document document_of(const std::string& text, std::uint32_t file,
                                const std::string& path);

/// Whether a document or script is about deploying or rolling back: the file, or a text that it
/// holds or would hold.
bool is_about_rollback(const std::string& file);
bool is_about_rollback(const std::string& file, const std::string& text);

/// A document as a plan that has nothing but its sources, for the reports to point into. False: it
/// cannot be read.
bool read_as_sources(const std::string& file, model::Plan& plan);

/// Projects are read once and kept: forgets them, for programs that outlive a change on disk. Not
/// while documents are examined.
void forget_projects();

/// One sentence that says which runbooks stand in no repository, so that nothing they name was
/// looked up; empty when there is none.
std::string not_looked_up(const std::vector<reports::PlanReport>& reports);

/// The findings of a document whose text is the first of the plan's sources.
reports::PlanReport examine_document(const model::Plan& plan, const PipelineSettings& settings);

}  // namespace backout::cli
