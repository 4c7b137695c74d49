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

bool any_names(const std::vector<std::string>& all, std::string_view rule) {
  return std::ranges::any_of(all, [&](const std::string& name) { return names_rule(name, rule); });
}

std::ptrdiff_t rules_named(const std::string& name) {
  return std::ranges::count_if(reports::rule_catalogue(), [&](const reports::RuleEntry& entry) {
    return names_rule(name, entry.id);
  });
}

/// The choices that hold for a file, the strongest last.
std::vector<const RuleChoice*> choices_for(const Selection& selection, const std::string& file) {
  std::vector<const RuleChoice*> choices;
  for (const RuleChoice& choice : selection.configured) choices.push_back(&choice);
  for (const FolderChoice& folder : selection.folders) {
    if (folder.paths.match(file)) choices.push_back(&folder.rules);
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
    if (const auto* level = severity_in(*choice, finding.rule)) severity = *level;
  }
  return reported ? severity : std::nullopt;
}

}  // namespace

bool names_rule(const std::string& name, std::string_view rule) {
  if (matches(name, rule)) return true;
  const reports::RuleEntry* entry = reports::find_rule_entry(rule);
  return entry != nullptr && std::ranges::find(entry->families, name) != entry->families.end();
}

const std::optional<model::Severity>* severity_in(const RuleChoice& choice, std::string_view rule) {
  const std::optional<model::Severity>* said = nullptr;
  std::ptrdiff_t fewest = 0;
  for (const auto& [name, level] : choice.severity) {
    if (!names_rule(name, rule)) continue;
    const std::ptrdiff_t named = rules_named(name);
    if (said == nullptr || named < fewest) {
      said = &level;
      fewest = named;
    }
  }
  return said;
}

std::string wrong_rule_name(const std::string& name) {
  const bool known = std::ranges::any_of(
      reports::rule_catalogue(),
      [&](const reports::RuleEntry& entry) { return names_rule(name, entry.id); });
  if (known) return "";
  std::vector<std::string> families;
  for (const reports::RuleFamily& family : reports::rule_families())
    families.emplace_back(family.name);
  return reports::unknown_rule(name, std::move(families));
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

bool PathPatterns::match(const std::string& path) const {
  if (patterns.empty()) return false;
  return path_matches(relative_to(path, fs::path(file).parent_path().string()), patterns);
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
  const fs::path whole = fs::weakly_canonical(fs::current_path() / file, error);
  const fs::path base = fs::weakly_canonical(fs::current_path() / folder, error);
  return whole.lexically_relative(base).generic_string();
}

}  // namespace backout::cli
