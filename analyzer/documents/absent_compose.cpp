// Part of runbook-names-absent: where compose looks for its file, and which variables the file
// reads.
#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "analyzer/documents/absent.hpp"

namespace backout::analyzer::documents {

namespace {

/// Compose files of the repository, those of development among them.
std::vector<std::string> compose_files(const importers::Repository& repository) {
  std::vector<std::string> files;
  for (const std::string& file : repository.files) {
    const std::string name = std::filesystem::path(file).filename().string();
    if (importers::is_compose_file(name)) files.push_back(file);
  }
  return files;
}

bool is_found_without_name(const std::string& file) {
  static constexpr std::array kNames = {"compose.yaml", "compose.yml", "docker-compose.yaml",
                                        "docker-compose.yml"};
  return std::ranges::find(kNames, file) != kNames.end();
}

bool is_compose(const Command& command) {
  return command.known().tool == "docker-compose" && !command.context.elsewhere &&
         command.known().wrappers.empty();
}

}  // namespace

void look_at_compose_place(const DocumentFacts& facts, const importers::Repository& repository,
                           Findings& found) {
  const Document& document = facts.document;
  const std::vector<std::string> files = compose_files(repository);
  if (!repository.is_whole || files.empty() || document.is_workflow ||
      std::ranges::any_of(files, is_found_without_name))
    return;
  // Who is told to stand in another folder finds what is there; so does who is told of the file.
  if (document_says(document, {"cd ", "compose_file", "pushd", "working directory", "chdir"}))
    return;
  for (const std::string& file : files) {
    const std::filesystem::path path(file);
    const std::string folder = path.parent_path().generic_string();
    if (folder == facts.folder && is_found_without_name(path.filename().string())) return;
    if (!folder.empty() && document_says(document, {lower(folder) + "/"})) return;
  }
  OneFinding made;
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      if (!is_compose(command) || command.has("-f") || command.has("--file") ||
          command.has("--project-directory") || command.known().path == "version" ||
          command.known().path == "ls")
        continue;
      made.add(finding(model::Severity::warning, command.span,
                       fmt::format("no compose file stands at the root of the repository: '{}' "
                                   "finds none, and stops",
                                   text_of(command)),
                       fmt::format("docker compose -f {}, or a `cd` to the folder where it stands",
                                   files.front())));
    }
  }
  std::move(made).add_to(found);
}

void look_at_compose_variables(const DocumentFacts& facts, const importers::Repository& repository,
                               Findings& found) {
  if (!repository.is_whole || compose_files(repository).empty()) return;
  const auto is_read = [&](const std::string& name) {
    for (std::size_t i = 0; i < repository.sources->size(); ++i) {
      if (has((*repository.sources)[i].text(), name)) return true;
    }
    return false;
  };
  // What another file than those that are read says (a script, a Makefile) is not looked through.
  for (const Block* block : shell_blocks(facts.document)) {
    if (facts.document.is_script || !is_followed(facts, *block)) continue;
    for (const importers::Assignment& each : block->script.assignments) {
      const bool chooses =
          has_any(each.name, {"TAG", "VERSION", "IMAGE"}) &&
          std::ranges::none_of(each.name, [](unsigned char c) { return std::islower(c) != 0; });
      const auto starts = std::ranges::find_if(block->script.commands, [&](const Command& command) {
        return is_compose(command) && command.known().path == "up" &&
               command.span.end > each.span.begin && !command.has("--build");
      });
      if (!chooses || starts == block->script.commands.end() || is_read(each.name)) continue;
      const bool used = std::ranges::any_of(block->script.commands, [&](const Command& command) {
        return uses_variable(command.line(), each.name);
      });
      if (used) continue;
      model::Finding made = finding(
          model::Severity::error, each.span,
          fmt::format("no compose file of the repository reads '{}': what is started is the "
                      "image that was there before",
                      each.name),
          fmt::format("`image: NAME:${{{}}}` in the compose file", each.name));
      made.related.push_back({starts->span, "starts it"});
      add_once(found, std::move(made));
    }
  }
}

}  // namespace backout::analyzer::documents
