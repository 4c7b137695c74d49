// GitHub Actions and GitLab CI: the jobs that deploy, and what starts them.
#include <algorithm>
#include <filesystem>

#include "importers/repository/readers.hpp"
#include "model/yaml.hpp"

namespace backout::importers {

using model::Node;

namespace {

bool says_deploy(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text.find("deploy") != std::string::npos || text.find("release") != std::string::npos ||
         text.find("rollback") != std::string::npos || text.find("production") != std::string::npos;
}

/// The one branch whose push starts a GitHub workflow; empty when there is none or there are several.
std::string branch_of(const Node* on) {
  const Node* branches = member(member(on, "push"), "branches");
  const std::vector<std::string> names = branches == nullptr ? std::vector<std::string>() : branches->as_strings();
  return names.size() == 1 ? names.front() : std::string();
}

void read_github(const ReadFile& file, Repository& repository) {
  for (const Node& workflow : model::parse_yaml_stream(*repository.sources, file.source)) {
    const Node* jobs = member(&workflow, "jobs");
    if (jobs == nullptr) continue;
    const Node* on = member(&workflow, "on");
    const bool manual = on != nullptr && (member(on, "workflow_dispatch") != nullptr || on->text == "workflow_dispatch" ||
                                          std::ranges::count(on->as_strings(), "workflow_dispatch") > 0);
    const bool file_deploys = says_deploy(file.path) || says_deploy(text_of(&workflow, "name"));
    for (const Node::Entry& job : jobs->entries) {
      const bool deploys = file_deploys || says_deploy(job.key) || member(&job.value, "environment") != nullptr;
      if (deploys) repository.jobs.push_back({"github", job.key, branch_of(on), manual, file.path, job.key_span});
    }
  }
}

void read_gitlab(const ReadFile& file, Repository& repository) {
  for (const Node& pipeline : model::parse_yaml_stream(*repository.sources, file.source)) {
    for (const Node::Entry& job : pipeline.entries) {
      if (member(&job.value, "script") == nullptr) continue;
      const bool deploys = says_deploy(job.key) || says_deploy(text_of(&job.value, "stage")) ||
                           member(&job.value, "environment") != nullptr;
      const bool manual = text_of(&job.value, "when") == "manual";
      if (deploys) repository.jobs.push_back({"gitlab", job.key, "", manual, file.path, job.key_span});
    }
  }
}

}  // namespace

bool read_workflow(const ReadFile& file, Repository& repository) {
  if (file.path.find(".github/workflows/") != std::string::npos) read_github(file, repository);
  else if (file.path.ends_with(".gitlab-ci.yml")) read_gitlab(file, repository);
  else return file.path.starts_with(".github/") || file.path.starts_with(".circleci/");
  return true;
}

}  // namespace backout::importers
