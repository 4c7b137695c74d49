// GitHub Actions and GitLab CI: the jobs that deploy or roll back, and what starts them.
#include <algorithm>
#include <filesystem>

#include "importers/document/document.hpp"
#include "importers/document/words.hpp"
#include "importers/repository/readers.hpp"

namespace backout::importers {

namespace fs = std::filesystem;
using model::Node;

namespace {

/// The one branch whose push starts a GitHub workflow; empty when there is none or there are
/// several.
std::string branch_of(const Node* on) {
  const Node* branches = member(member(on, "push"), "branches");
  const std::vector<std::string> names =
      branches == nullptr ? std::vector<std::string>() : branches->as_strings();
  return names.size() == 1 ? names.front() : std::string();
}

void read_github(const ReadFile& file, Repository& repository) {
  for (const Node& workflow : documents_of(file, repository)) {
    const Node* jobs = member(&workflow, "jobs");
    if (jobs == nullptr) continue;
    repository.workflows.push_back({text_of(&workflow, "name"), file.path});
    const Node* on = member(&workflow, "on");
    const bool manual = starts_on(on, "workflow_dispatch");
    const bool file_deploys = says_change(fs::path(file.path).filename().string()) ||
                              says_change(text_of(&workflow, "name"));
    for (const Node::Entry& job : jobs->entries) {
      const bool deploys = file_deploys || says_change(job.key) ||
                           says_change(text_of(&job.value, "name")) ||
                           member(&job.value, "environment") != nullptr;
      if (deploys)
        repository.jobs.push_back(
            {"github", job.key, branch_of(on), manual, file.path, job.key_span});
    }
  }
}

void read_gitlab(const ReadFile& file, Repository& repository) {
  for (const Node& pipeline : documents_of(file, repository)) {
    for (const Node::Entry& job : pipeline.entries) {
      // What begins with a dot is a template.
      if (member(&job.value, "script") == nullptr || job.key.starts_with('.')) continue;
      const bool deploys = says_change(job.key) || says_change(text_of(&job.value, "stage")) ||
                           member(&job.value, "environment") != nullptr;
      const bool manual = text_of(&job.value, "when") == "manual";
      if (deploys)
        repository.jobs.push_back({"gitlab", job.key, "", manual, file.path, job.key_span});
    }
  }
}

}  // namespace

bool starts_on(const Node* on, const std::string& event) {
  if (on == nullptr) return false;
  return member(on, event) != nullptr || on->text == event ||
         std::ranges::count(on->as_strings(), event) > 0;
}

bool read_workflow(const ReadFile& file, Repository& repository) {
  if (is_gitlab_file(file.path))
    read_gitlab(file, repository);
  else if (is_workflow_file(file.path))
    read_github(file, repository);
  else
    return file.path.starts_with(".github/") || file.path.starts_with(".circleci/");
  return true;
}

}  // namespace backout::importers
