#include "cli/documents.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "analyzer/documents/rule.hpp"
#include "cli/draft_findings.hpp"
#include "cli/git.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

bool is_markdown(const std::string& extension) { return extension == ".md" || extension == ".markdown" || extension == ".mdx"; }
bool is_script(const std::string& extension) { return extension == ".sh" || extension == ".bash"; }

std::string extension_of(const std::string& file) {
  std::string extension = fs::path(file).extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

/// `*` stands for any characters, `?` for one.
bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (matches(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) && matches(pattern.substr(1), text.substr(1));
}

bool excluded(const fs::path& relative, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    if (matches(pattern, relative.generic_string())) return true;
    return std::ranges::any_of(relative, [&](const fs::path& part) { return matches(pattern, part.string()); });
  });
}

/// The files that git knows or would add below `folder`, relative to it; none when there is no git.
std::vector<fs::path> files_of_git(const std::string& folder) {
  const auto listed = run_git(folder, {"ls-files", "-z", "--cached", "--others", "--exclude-standard"});
  std::vector<fs::path> files;
  if (!listed) return files;
  std::istringstream in(*listed);
  for (std::string name; std::getline(in, name, '\0');) files.emplace_back(name);
  return files;
}

std::vector<fs::path> files_of_folder(const std::string& folder) {
  static const std::set<std::string> kSkipped = {".git", "node_modules", "vendor", ".venv", "venv", "__pycache__"};
  std::vector<fs::path> files;
  std::error_code error;
  auto it = fs::recursive_directory_iterator(folder, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_directory() && kSkipped.contains(it->path().filename().string())) it.disable_recursion_pending();
    if (it->is_regular_file()) files.push_back(fs::relative(it->path(), folder, error));
  }
  return files;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether a document or script of a folder is about deploying or rolling back.
bool is_about_rollback(const fs::path& file) {
  return document_of(text_of(file), 0, file.filename().string()).is_runbook;
}

/// The project at `root`, read once in a run; documents are examined side by side.
const importers::Repository& project(const fs::path& root) {
  static std::mutex mutex;
  static std::map<fs::path, importers::Repository> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find(root);
  return found != known.end() ? found->second : known.emplace(root, importers::read_repository(root)).first->second;
}

}  // namespace

bool is_document(const std::string& file) {
  const std::string extension = extension_of(file);
  return is_markdown(extension) || is_script(extension);
}

importers::Document document_of(const std::string& text, std::uint32_t file, const std::string& name) {
  return is_script(extension_of(name)) ? importers::read_script(text, file, name) : importers::read_document(text, file, name);
}

std::vector<std::string> files_below(const std::string& folder, const std::vector<std::string>& exclude) {
  std::vector<fs::path> known = files_of_git(folder);
  if (known.empty()) known = files_of_folder(folder);
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::path& relative : known) {
    const fs::path file = fs::path(folder) / relative;
    if (excluded(relative, exclude) || !fs::is_regular_file(file, error)) continue;
    const bool document = is_document(file.string()) && is_about_rollback(file);
    if (document || is_plan_file(file.string())) files.push_back(file.lexically_normal().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool read_as_sources(const std::string& file, model::Plan& plan) {
  std::ifstream in(file, std::ios::binary);
  if (!in || fs::is_directory(file)) return false;
  plan.sources = std::make_shared<model::Sources>();
  plan.sources->add(file, {std::istreambuf_iterator<char>(in), {}});
  return true;
}

reports::PlanReport examine_document(const model::Plan& plan, const PipelineSettings& settings) {
  const model::SourceFile& source = (*plan.sources)[0];
  const std::string name = fs::path(source.name()).filename().string();
  const importers::Document document = document_of(source.text(), 0, name);
  const auto root = importers::project_root(source.name());
  const auto repository = [&]() -> const importers::Repository* { return root ? &project(*root) : nullptr; };
  std::error_code error;
  const std::string folder = root ? fs::relative(fs::path(source.name()).parent_path(), *root, error).generic_string() : "";
  // The plan that a runbook describes: its order and the meaning of its commands. The repository adds only names to it.
  static const importers::Repository kNoRepository;
  std::vector<model::Finding> of_plan;
  if (document.is_runbook) of_plan = draft_findings({document, *plan.sources, kNoRepository, services::catalog(), name});
  reports::PlanReport report{&plan, analyzer::document_findings({document, *plan.sources, repository, folder}, std::move(of_plan)),
                             std::nullopt, {}, std::nullopt};
  if (!settings.select.empty()) {
    std::erase_if(report.findings, [&](const model::Finding& finding) {
      return std::ranges::find(settings.select, finding.rule) == settings.select.end();
    });
  }
  return report;
}

}  // namespace backout::cli
