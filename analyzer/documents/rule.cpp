#include "analyzer/documents/rule.hpp"

#include "analyzer/documents/edits.hpp"
#include "analyzer/rule.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace backout::analyzer::documents {

#define BACKOUT_DOCUMENT_RULE(id, function, group, severity, summary) \
  std::vector<model::Finding> check_##function(const DocumentFacts& facts);
#include "analyzer/documents/rules.inc"
#undef BACKOUT_DOCUMENT_RULE

}  // namespace backout::analyzer::documents

namespace backout::analyzer {

const std::vector<DocumentRule>& document_rules() {
  static const std::vector<DocumentRule> kAll = {
#define BACKOUT_DOCUMENT_RULE(id, function, group, severity, summary) \
  {id, group, model::Severity::severity, summary, &documents::check_##function},
#include "analyzer/documents/rules.inc"
#undef BACKOUT_DOCUMENT_RULE
  };
  return kAll;
}

const DocumentRule* find_document_rule(std::string_view id) {
  for (const DocumentRule& rule : document_rules()) {
    if (id == rule.id) return &rule;
  }
  return nullptr;
}

namespace {

model::Finding stale(const importers::Ignore& ignore) {
  model::Finding finding;
  finding.rule = "unused-suppression";
  finding.severity = model::Severity::warning;
  finding.span = ignore.span;
  finding.message =
      ignore.reason.empty()
          ? fmt::format(
                "the suppression of '{}' gives no reason: write `backout: ignore {} -- why`",
                ignore.rule, ignore.rule)
          : fmt::format("the suppression of '{}' hides nothing", ignore.rule);
  finding.fix = ignore.reason.empty() ? "give the reason behind two dashes" : "remove it";
  return finding;
}

/// Whether a finding is one of a pipeline, too: nobody copies its blocks or fills them in, and what
/// makes a way back go wrong is said of the jobs that go back.
bool is_of_workflow(const importers::Document& document, const model::Finding& finding) {
  static const std::set<std::string_view> kOfText = {"runbook-fence-language",
                                                     "runbook-placeholder"};
  static const std::set<std::string_view> kOfWayBack = {"delayed-effect", "unpinned-target",
                                                        "undo-leaves-rest", "runbook-fixed-sleep",
                                                        "runbook-unbounded-wait"};
  if (kOfText.contains(finding.rule)) return false;
  if (!kOfWayBack.contains(finding.rule)) return true;
  const auto block = std::ranges::find_if(document.blocks, [&](const importers::Block& each) {
    return each.span.begin <= finding.span.begin && finding.span.begin < each.span.end;
  });
  return block == document.blocks.end() ||
         document.role(block->section) == importers::Role::rollback;
}

/// Whether a finding stands where a document that is about something else speaks of rolling back.
bool is_of_way_back(const importers::Document& document, const model::Finding& finding) {
  std::uint32_t section = importers::kNowhere;
  for (std::uint32_t i = 0;
       i < document.sections.size() && document.sections[i].span.begin <= finding.span.begin; ++i)
    section = i;
  for (; section != importers::kNowhere; section = document.sections[section].parent) {
    if (document.sections[section].role == importers::Role::rollback) return true;
  }
  return finding.rule == "runbook-not-read";
}

}  // namespace

std::vector<model::Finding> document_findings(const DocumentFacts& facts,
                                              std::vector<model::Finding> more, bool searched) {
  std::vector<model::Finding> found = std::move(more);
  for (const DocumentRule& rule : document_rules()) {
    for (model::Finding& finding : rule.check(facts)) {
      finding.rule = rule.id;
      found.push_back(std::move(finding));
    }
  }
  if (facts.document.is_workflow)
    std::erase_if(
        found, [&](const model::Finding& each) { return !is_of_workflow(facts.document, each); });
  if (facts.document.is_aside)
    std::erase_if(
        found, [&](const model::Finding& each) { return !is_of_way_back(facts.document, each); });
  const model::SourceFile& source = facts.sources[facts.document.file];
  // What a rule of documents says of a line is the cause of what a run of it comes to.
  std::set<std::size_t> told;
  for (const model::Finding& finding : found) {
    if (find_document_rule(finding.rule) != nullptr)
      told.insert(source.line_of(finding.span.begin));
  }
  std::erase_if(found, [&](const model::Finding& finding) {
    const bool played = finding.rule.starts_with("matrix-") || finding.rule == "step-refused";
    return played && told.contains(source.line_of(finding.span.begin));
  });
  for (const importers::Ignore& ignore : facts.document.ignores) {
    const std::size_t hidden =
        ignore.reason.empty() ? 0 : std::erase_if(found, [&](const model::Finding& finding) {
          const std::size_t line = source.line_of(finding.span.begin);
          return finding.rule == ignore.rule && ignore.line <= line && line <= ignore.until;
        });
    const bool known = searched || ignore.reason.empty() ||
                       find_document_rule(ignore.rule) != nullptr ||
                       find_rule(ignore.rule) != nullptr;
    if (hidden == 0 && known) found.push_back(stale(ignore));
  }
  documents::add_edits(facts, found);
  model::sort_findings(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace backout::analyzer
