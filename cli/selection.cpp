#include "cli/selection.hpp"

#include <algorithm>
#include <filesystem>

#include "reports/rules.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// `*` stands for any characters, `?` for one.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;  // the last star, and where what it stands for ends
  std::size_t after = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    if (at < pattern.size() &&
        (pattern[at] == '?' || (pattern[at] == text[i] && pattern[at] != '*'))) {
      ++at;
      ++i;
    } else if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      after = i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++after;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool names(const std::string& name, std::string_view rule) {
  if (matches(name, rule)) return true;
  const reports::RuleEntry* entry = reports::find_rule_entry(rule);
  return entry != nullptr && std::ranges::find(entry->families, name) != entry->families.end();
}

bool any_names(const std::vector<std::string>& all, std::string_view rule) {
  return std::ranges::any_of(all, [&](const std::string& name) { return names(name, rule); });
}

/// The choices that hold for a file, the strongest last.
std::vector<const RuleChoice*> choices_for(const Selection& selection, const std::string& file) {
  std::vector<const RuleChoice*> choices{&selection.configured};
  for (const FolderChoice& folder : selection.folders) {
    if (path_matches(relative_to(file, selection.root), folder.paths))
      choices.push_back(&folder.rules);
  }
  choices.push_back(&selection.asked);
  return choices;
}

/// The severity of a finding; nullopt when it is not reported.
std::optional<model::Severity> judged(const model::Finding& finding,
                                      const std::vector<const RuleChoice*>& choices) {
  bool reported = true;
  std::optional<model::Severity> severity = finding.severity;
  for (const RuleChoice* choice : choices) {
    if (!choice->select.empty()) reported = any_names(choice->select, finding.rule);
    if (any_names(choice->ignore, finding.rule)) reported = false;
    for (const auto& [name, level] : choice->severity) {
      if (names(name, finding.rule)) severity = level;
    }
  }
  return reported ? severity : std::nullopt;
}

}  // namespace

std::string wrong_rule_name(const std::string& name) {
  const bool known =
      std::ranges::any_of(reports::rule_catalogue(),
                          [&](const reports::RuleEntry& entry) { return names(name, entry.id); });
  return known ? "" : reports::unknown_rule(name);
}

bool read_severity(std::string_view word, std::optional<model::Severity>& severity) {
  severity.reset();
  if (word == "error") severity = model::Severity::error;
  if (word == "warning") severity = model::Severity::warning;
  if (word == "note") severity = model::Severity::note;
  return severity.has_value() || word == "off";
}

void Selection::apply(std::vector<model::Finding>& findings, const std::string& file) const {
  const std::vector<const RuleChoice*> choices = choices_for(*this, file);
  std::erase_if(findings, [&](model::Finding& finding) {
    const std::optional<model::Severity> severity = judged(finding, choices);
    if (severity) finding.severity = *severity;
    return !severity;
  });
}

bool path_matches(const std::string& relative, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](std::string pattern) {
    if (pattern.starts_with("./")) pattern.erase(0, 2);
    if (pattern.ends_with('/')) pattern.pop_back();
    if (matches(pattern, relative) || matches(pattern + "/*", relative)) return true;
    const fs::path path(relative);
    return std::ranges::any_of(
        path, [&](const fs::path& part) { return matches(pattern, part.string()); });
  });
}

std::string relative_to(const std::string& file, const std::string& folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(file, error);
  const fs::path base = fs::weakly_canonical(folder, error);
  return whole.lexically_relative(base).generic_string();
}

}  // namespace backout::cli
