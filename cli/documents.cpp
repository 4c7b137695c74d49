#include "cli/documents.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "analyzer/documents/rule.hpp"
#include "cli/answers.hpp"
#include "cli/draft_findings.hpp"
#include "cli/load_plan.hpp"
#include "importers/document/words.hpp"
#include "model/files.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

bool is_markdown(const std::string& extension) {
  return extension == ".md" || extension == ".markdown" || extension == ".mdx";
}
bool is_script(const std::string& extension) { return extension == ".sh" || extension == ".bash"; }

std::string extension_of(const std::string& file) {
  std::string extension = fs::path(file).extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

std::string text_of(const fs::path& file) { return model::read_file(file).value_or(std::string()); }

/// The projects that were read, by their roots; documents are examined side by side.
struct Projects {
  std::mutex mutex;
  std::map<fs::path, importers::Repository> known;
};

Projects& projects() {
  static Projects all;
  return all;
}

/// The project at `root`, read once in a run.
const importers::Repository& project(const fs::path& root) {
  const std::lock_guard lock(projects().mutex);
  auto& known = projects().known;
  const auto found = known.find(root);
  return found != known.end() ? found->second
                              : known.emplace(root, importers::read_repository(root)).first->second;
}

}  // namespace

bool is_document(const std::string& file) {
  const std::string extension = extension_of(file);
  return is_markdown(extension) || is_script(extension) || importers::is_workflow_file(file);
}

importers::Document document_of(const std::string& text, std::uint32_t file,
                                const std::string& path) {
  if (importers::is_workflow_file(path)) return importers::read_workflow(text, file, path);
  const std::string name = fs::path(path).filename().string();
  return is_script(extension_of(name)) ? importers::read_script(text, file, name)
                                       : importers::read_document(text, file, name);
}

bool is_about_rollback(const std::string& file) {
  const bool by_name = is_script(extension_of(file)) && !importers::is_workflow_file(file);
  return is_about_rollback(file, by_name ? std::string() : text_of(file));
}

bool is_about_rollback(const std::string& file, const std::string& text) {
  if (importers::is_workflow_file(file)) {
    const importers::Document workflow = importers::read_workflow(text, 0, file);
    return !workflow.blocks.empty() || (workflow.mistake && importers::says_change(text));
  }
  const std::string name = fs::path(file).filename().string();
  // A script is told by its name alone.
  return importers::is_runbook_text(is_script(extension_of(name)) ? std::string() : text, name);
}

bool read_as_sources(const std::string& file, model::Plan& plan) {
  auto text = model::read_file(file);
  if (!text) return false;
  plan.sources = std::make_shared<model::Sources>();
  plan.sources->add(file, std::move(*text));
  return true;
}

void forget_projects() {
  const std::lock_guard lock(projects().mutex);
  projects().known.clear();
}

std::string not_looked_up(const std::vector<reports::PlanReport>& reports) {
  std::size_t count = 0;
  std::string first;
  for (const reports::PlanReport& report : reports) {
    const std::string name = (*report.plan->sources)[0].name();
    if (report.matrix || !is_document(name) || importers::project_root(name)) continue;
    if (count++ == 0) first = name;
  }
  if (count == 0) return "";
  const std::string more = count == 1 ? "" : fmt::format(" and {} more", count - 1);
  return fmt::format(
      "no .git stands above '{}'{}: what is named there (files, services, scripts) was not looked "
      "up, and nothing can be called absent",
      first, more);
}

reports::PlanReport examine_document(const model::Plan& plan, const PipelineSettings& settings) {
  const model::SourceFile& source = (*plan.sources)[0];
  const std::string name = fs::path(source.name()).filename().string();
  importers::Document document = document_of(source.text(), 0, source.name());
  if (!settings.suppressions) document.ignores.clear();
  const auto root = importers::project_root(source.name());
  const auto repository = [&]() -> const importers::Repository* {
    return root ? &project(*root) : nullptr;
  };
  std::error_code error;
  const std::string folder =
      root ? fs::relative(fs::path(source.name()).parent_path(), *root, error).generic_string()
           : "";
  // The plan that a runbook describes: its order and the meaning of its commands. The repository
  // adds only names to it.
  static const importers::Repository kNoRepository;
  std::vector<model::Finding> of_plan;
  if (document.is_runbook) {
    of_plan = draft_findings(
        {document, *plan.sources, kNoRepository, known_kinds(), name, answers_of(source.name())},
        settings.search_documents, settings.search);
  }
  reports::PlanReport report{
      &plan,
      analyzer::document_findings({document, *plan.sources, repository, folder}, std::move(of_plan),
                                  settings.search_documents),
      std::nullopt,
      {},
      std::nullopt};
  settings.findings.selection.apply(report.findings, source.name());
  return report;
}

}  // namespace backout::cli
