#include "cli/drafting.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "analyzer/facts.hpp"
#include "cli/answers.hpp"
#include "cli/documents.hpp"
#include "cli/inputs.hpp"
#include "model/files.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

importers::Draft draft_of(const fs::path& document) {
  if (importers::is_workflow_file(document.string())) {
    throw UsageError{
        fmt::format("'{}' is a workflow: `backout check` reads it as it stands; a plan comes from "
                    "a runbook or a script",
                    document.string())};
  }
  auto content = model::read_file(document);
  if (!content) throw UsageError{fmt::format("'{}' {}", document.string(), content.error())};
  model::Sources sources;
  const std::uint32_t file = sources.add(document.string(), std::move(*content));
  const std::string& text = sources[file].text();
  const std::string name = document.filename().string();
  const importers::Document read = document_of(text, file, name);
  const auto root = importers::project_root(document);
  const importers::Repository repository =
      root ? importers::read_repository(*root) : importers::Repository();
  return importers::draft_plan(
      {read, sources, repository, services::catalog(), name, answers_of(document)}, mistakes_of);
}

std::vector<model::Mistake> mistakes_of(const std::string& text) {
  const auto loaded = model::load_plan_text("plan.yaml", text, "", services::catalog());
  if (!loaded) return loaded.error().mistakes;
  std::vector<model::Mistake> mistakes;
  analyzer::derive_facts(*loaded, mistakes);
  return mistakes;
}

std::vector<std::string> documents_in(const std::string& folder) {
  std::vector<std::string> documents;
  InputFilter filter;
  filter.documents = true;
  for (std::string& file : input_files(folder, filter)) {
    if (is_document(file) && !importers::is_workflow_file(file))
      documents.push_back(std::move(file));
  }
  return documents;
}

bool write_new(const std::string& file, const std::string& text) {
  std::FILE* out = std::fopen(file.c_str(), "wx");
  if (out == nullptr) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  return std::fclose(out) == 0 && written;
}

}  // namespace backout::cli
