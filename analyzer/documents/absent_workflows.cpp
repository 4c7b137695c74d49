// Part of runbook-names-absent: a workflow that somebody is to start, by the name that the list of
// workflows shows.
#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/absent.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// Letters and digits in lower case, one blank between the words.
std::string plain_words(std::string_view text) {
  std::string words;
  for (const char c : lower(text)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) > 127)
      words += c;
    else if (!words.empty() && words.back() != ' ')
      words += ' ';
  }
  while (words.ends_with(' ')) words.pop_back();
  return words;
}

struct Marked {
  std::string name;
  std::size_t begin = 0;
  bool code = false;
};

/// What stands in quotes, in bold or in code straight before or behind the word `workflow`.
std::vector<Marked> workflows_named(std::string_view raw) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kMarks = {
      {{"\"", "\""}, {"**", "**"}, {"`", "`"}, {"“", "”"}}};
  std::vector<Marked> all;
  const std::string low = lower(raw);
  for (const auto& [open, close] : kMarks) {
    for (std::size_t at = raw.find(open); at != std::string_view::npos;) {
      const std::size_t begin = at + open.size();
      const std::size_t end = raw.find(close, begin);
      if (end == std::string_view::npos) break;
      const std::size_t behind = end + close.size();
      const std::string_view before = std::string_view(low).substr(0, at);
      const bool named = std::string_view(low).substr(behind).starts_with(" workflow") ||
                         before.ends_with("workflow ") || before.ends_with("workflow: ") ||
                         before.ends_with("actions → ") || before.ends_with("actions > ") ||
                         before.ends_with("actions -> ");
      if (named && end - begin > 2 && end - begin < 60)
        all.push_back({std::string(raw.substr(begin, end - begin)), begin, open == "`"});
      at = raw.find(open, behind);
    }
  }
  return all;
}

/// Buttons and menus of the page, and what a person fills in.
bool is_of_the_page(const std::string& words) {
  static const std::set<std::string_view> kPage = {"run workflow",
                                                   "run",
                                                   "actions",
                                                   "all workflows",
                                                   "workflow",
                                                   "github actions",
                                                   "re run",
                                                   "re run jobs",
                                                   "re run all jobs",
                                                   "dispatch",
                                                   "manual",
                                                   "workflow dispatch",
                                                   "gh",
                                                   "main"};
  return kPage.contains(words) || words.size() < 3;
}

bool is_there(const importers::Repository& repository, const std::string& words) {
  const auto is_like = [&](const std::string& name) {
    const std::string other = plain_words(name);
    if (other.empty()) return false;
    // "deploy" is another one than "Rollback deployment".
    const auto goes_back = [](std::string_view text) {
      return has_any(text, {"rollback", "roll back", "restore", "revert"});
    };
    return has(other, words) || (has(words, other) && goes_back(words) == goes_back(other));
  };
  return std::ranges::any_of(repository.workflows,
                             [&](const importers::Workflow& each) {
                               return is_like(each.name) ||
                                      is_like(each.file.substr(each.file.rfind('/') + 1));
                             }) ||
         std::ranges::any_of(repository.jobs,
                             [&](const importers::Job& each) { return is_like(each.name); });
}

}  // namespace

void look_at_workflow_names(const DocumentFacts& facts, const importers::Repository& repository,
                            Findings& found) {
  const Document& document = facts.document;
  if (!document.is_runbook || document.is_aside || !repository.is_whole ||
      !document_says(document, {"github"}) ||
      document_says(document, {"argo workflow", "temporal", "n8n", "step functions", "airflow"}))
    return;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string& low = document.low().lines[i];
    const Role role = document.role(line.section);
    const bool followed = role == Role::deploy || role == Role::verification ||
                          role == Role::precheck || is_procedure(facts, line.section);
    if (!followed || !has(low, "workflow") || has_any(low, {"create", "add ", "planned", "todo"}))
      continue;
    for (const Marked& marked : workflows_named(raw_of(facts, line))) {
      const std::string words = plain_words(marked.name);
      // Code is a name where it begins like one, and else a command.
      const bool command =
          marked.code && std::isupper(static_cast<unsigned char>(marked.name[0])) == 0;
      if (command || is_of_the_page(words) || has_any(marked.name, {"<", "[", "$", "/", "{"}) ||
          is_there(repository, words) || !seen.insert(words).second)
        continue;
      const auto begin = static_cast<std::uint32_t>(line.span.begin + marked.begin);
      const model::Span span{line.span.file, begin,
                             begin + static_cast<std::uint32_t>(marked.name.size())};
      add_once(found,
               finding(model::Severity::error, span,
                       fmt::format("no workflow of the repository is called '{}': there is nothing "
                                   "to start",
                                   marked.name),
                       repository.workflows.empty()
                           ? "add it below .github/workflows, or say what does this today"
                           : "add it, or name the workflow that does this today"));
    }
  }
}

}  // namespace backout::analyzer::documents
