#include "reports/rules.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/rule.hpp"
#include "analyzer/migrations/rules.hpp"
#include "analyzer/rule.hpp"
#include "model/load.hpp"
#include "reports/common.hpp"
#include "simulator/matrix_rules.hpp"

namespace backout::reports {

namespace {

/// Entries by id while the families are gathered.
class Gathered {
 public:
  void add(const char* family, const char* id, model::Severity severity, const char* group,
           std::string summary) {
    RuleEntry& entry = by_id_[id];
    if (entry.id.empty()) entry = {id, {}, severity, group, std::move(summary)};
    entry.families.emplace_back(family);
    entry.severity = std::max(entry.severity, severity);
  }

  std::vector<RuleEntry> take() && {
    std::vector<RuleEntry> all;
    for (auto& [id, entry] : by_id_) all.push_back(std::move(entry));
    return all;
  }

 private:
  std::map<std::string, RuleEntry> by_id_;
};

/// Summaries of migrations begin small and have no full stop.
std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text.ends_with('.') ? text : text + '.';
}

std::vector<RuleEntry> gather() {
  Gathered all;
  for (const analyzer::Rule& rule : analyzer::all_rules()) {
    all.add("plan", rule.id, rule.severity, rule.group, rule.summary);
  }
  all.add("plan", "unused-suppression", model::Severity::warning, "DOC",
          "A suppression hides nothing, or has expired.");
  for (const simulator::MatrixRule& rule : simulator::matrix_rules()) {
    all.add("matrix", rule.id, rule.severity, "", rule.summary);
  }
  for (const analyzer::DocumentRule& rule : analyzer::document_rules()) {
    all.add("document", rule.id, rule.severity, rule.group, rule.summary);
  }
  all.add("document", "unused-suppression", model::Severity::warning, "DOC", "");
  for (const analyzer::MigrationRule& rule : analyzer::migration_rules()) {
    all.add("migrations", rule.id, rule.severity, "", sentence(rule.summary));
  }
  return std::move(all).take();
}

}  // namespace

const std::vector<RuleEntry>& rule_catalogue() {
  static const std::vector<RuleEntry> kAll = gather();
  return kAll;
}

const RuleEntry* find_rule_entry(std::string_view id) {
  const std::vector<RuleEntry>& all = rule_catalogue();
  const auto at = std::ranges::lower_bound(all, id, {}, &RuleEntry::id);
  return at != all.end() && at->id == id ? &*at : nullptr;
}

std::string unknown_rule(std::string_view id, std::vector<std::string> others) {
  std::vector<std::string> known = std::move(others);
  for (const RuleEntry& entry : rule_catalogue()) known.push_back(entry.id);
  const std::string near = model::nearest(std::string(id), known);
  return fmt::format("no rule is named '{}'{}; `backout rules` lists all", id,
                     near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
}

namespace {

/// Without a slash at the end; empty: nowhere.
std::string address_of_pages() {
  if (const std::string built = BACKOUT_RULES_URL; !built.empty()) return built;
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return "";
  const fs::path folder = (program.parent_path() / BACKOUT_DOC_FOLDER / "rules").lexically_normal();
  return fs::is_directory(folder, error) ? "file://" + uri_of(folder.string()) : "";
}

}  // namespace

std::string help_uri(std::string_view id) {
  static const std::string kAddress = address_of_pages();
  return kAddress.empty() ? "" : fmt::format("{}/{}.md", kAddress, id);
}

const std::vector<RuleFamily>& rule_families() {
  static const std::vector<RuleFamily> kFamilies = {
      {"plan", "read the plan: its steps, paths, times, versions and decisions"},
      {"matrix", "tell what the search of the rollback matrix found"},
      {"document", "read a runbook or a script"},
      {"migrations", "judge folders of up and down migrations"},
  };
  return kFamilies;
}

}  // namespace backout::reports
