#include "cli/draft_meant.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "importers/document/words.hpp"

namespace backout::cli {

namespace {

bool has_one(std::string_view text, const std::vector<std::string_view>& words) {
  return importers::contains_any(importers::lower(text), words);
}

}  // namespace

bool is_rehearsed(const importers::Document& document, const model::Span& place) {
  static const std::vector<std::string_view> kWords = {"rehears", "drill", "standby", "tear down", "teardown", "local ", "sandbox", "disposable", "scratch"};
  if (has_one(document.title, {"rehears", "drill"})) return true;
  for (const importers::Block& block : document.blocks) {
    if (place.begin < block.span.begin || place.begin >= block.span.end) continue;
    if (has_one(block.item, kWords)) return true;
    for (std::uint32_t at = block.section; at != importers::kNowhere; at = document.sections[at].parent) {
      if (has_one(document.sections[at].title, kWords)) return true;
    }
  }
  return false;
}

bool brings_data_back(const importers::Document& document, const model::Span& place) {
  static const std::vector<std::string_view> kVersion = {"rollback", "roll back", "revert", "previous version", "older version", "downgrade", "redeploy"};
  static const std::vector<std::string_view> kData = {"restor", "recover", "backup", "disaster", "failover"};
  if (has_one(document.title, kVersion)) return false;
  for (const importers::Block& block : document.blocks) {
    if (place.begin < block.span.begin || place.begin >= block.span.end) continue;
    bool data = has_one(document.title, kData);
    for (std::uint32_t at = block.section; at != importers::kNowhere; at = document.sections[at].parent) {
      if (has_one(document.sections[at].title, kVersion)) return false;
      data = data || has_one(document.sections[at].title, kData);
    }
    return data && !has_one(block.content.text, {"git checkout", "git reset", "git revert", "rollout undo", "rollback"});
  }
  return false;
}

bool destroys_nothing(std::string_view message) {
  const std::size_t end = message.find("' then destroys");
  if (end == std::string_view::npos) return false;
  const std::size_t begin = message.rfind('\'', end - 1);
  const std::string command = importers::lower(message.substr(begin + 1, end - begin - 1)) + " ";
  const bool down = command.find("compose") != std::string::npos && command.find(" down ") != std::string::npos &&
                    command.find(" -v ") == std::string::npos && command.find("--volumes") == std::string::npos;
  const bool temporary = command.starts_with("rm ") && has_one(command, {"tmp", "temp", "scratch"});
  return down || temporary;
}

}  // namespace backout::cli
