#include "cli/draft_meant.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "importers/document/words.hpp"

namespace backout::cli {

namespace {

bool has_one(std::string_view text, const std::vector<std::string_view>& words) {
  return importers::contains_any(importers::lower(text), words);
}

/// The parts of the paths that a command names, but for folders that everybody has.
std::set<std::string> path_parts(std::string_view command) {
  static const std::set<std::string_view> kEverywhere = {
      "var", "opt", "srv", "home", "usr", "lib", "etc", "tmp", "mnt", "backup", "backups", "data"};
  std::set<std::string> parts;
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t end = std::min(command.find_first_of(" /.*\"'=", at), command.size());
    const std::string_view part = command.substr(at, end - at);
    if (part.size() > 2 && !part.starts_with('-') && !kEverywhere.contains(part))
      parts.emplace(part);
    at = end + 1;
  }
  return parts;
}

/// Whether a copy and what removes files are about the same: they name a file or a folder together.
bool are_about_the_same(std::string_view copy, std::string_view remover) {
  const std::set<std::string> copied = path_parts(copy);
  return std::ranges::any_of(path_parts(remover),
                             [&](const std::string& part) { return copied.contains(part); });
}

}  // namespace

bool is_rehearsed(const importers::Document& document, const model::Span& place) {
  static const std::vector<std::string_view> kWords = {"rehears",   "drill",      "standby",
                                                       "tear down", "teardown",   "local ",
                                                       "sandbox",   "disposable", "scratch"};
  if (has_one(document.title, {"rehears", "drill"})) return true;
  for (const importers::Block& block : document.blocks) {
    if (place.begin < block.span.begin || place.begin >= block.span.end) continue;
    if (has_one(block.item, kWords)) return true;
    for (std::uint32_t at = block.section; at != importers::kNowhere;
         at = document.sections[at].parent) {
      if (has_one(document.sections[at].title, kWords)) return true;
    }
  }
  return false;
}

bool brings_data_back(const importers::Document& document, const model::Span& place) {
  static const std::vector<std::string_view> kVersion = {
      "rollback",      "roll back", "revert",  "previous version",
      "older version", "downgrade", "redeploy"};
  static const std::vector<std::string_view> kData = {"restor", "recover", "backup", "disaster",
                                                      "failover"};
  if (has_one(document.title, kVersion)) return false;
  for (const importers::Block& block : document.blocks) {
    if (place.begin < block.span.begin || place.begin >= block.span.end) continue;
    // A script says in its head what it is for.
    bool data =
        has_one(document.title, kData) || (document.is_script && !document.is_workflow &&
                                           has_one(block.content.text.substr(0, 500), kData));
    for (std::uint32_t at = block.section; at != importers::kNowhere;
         at = document.sections[at].parent) {
      if (has_one(document.sections[at].title, kVersion)) return false;
      data = data || has_one(document.sections[at].title, kData);
    }
    return data && !has_one(block.content.text, {"git checkout", "git reset", "git revert",
                                                 "rollout undo", "rollback"});
  }
  return false;
}

bool destroys_nothing(std::string_view message) {
  const std::size_t end = message.find("' then destroys");
  if (end == std::string_view::npos) return false;
  const std::size_t begin = message.rfind('\'', end - 1);
  const std::string command = importers::lower(message.substr(begin + 1, end - begin - 1)) + " ";
  const bool down =
      command.find("compose") != std::string::npos && command.find(" down ") != std::string::npos &&
      command.find(" -v ") == std::string::npos && command.find("--volumes") == std::string::npos;
  const bool temporary = command.starts_with("rm ") && has_one(command, {"tmp", "temp", "scratch"});
  const std::size_t copy = message.find('\'') + 1;
  const std::string copied =
      importers::lower(message.substr(copy, message.find("': '", copy) - copy));
  const bool unrelated = command.starts_with("rm ") && !are_about_the_same(copied, command);
  return down || temporary || unrelated;
}

}  // namespace backout::cli
