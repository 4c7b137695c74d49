#include "analyzer/documents/edits.hpp"

#include <algorithm>
#include <map>

#include "analyzer/command_edits.hpp"
#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

using catalogue::Trap;

/// A command that findings are about, and where it stands.
struct Site {
  const Block* block = nullptr;
  const Command* command = nullptr;
};
using Sites = std::map<model::Span, Site>;

Sites sites_of(const Document& document) {
  Sites sites;
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands)
      sites.try_emplace(command.span, Site{block, &command});
  }
  return sites;
}

/// The commands of a finding: its own, and those where it is said of others of the block.
std::vector<Site> commands_of(const Sites& sites, const model::Finding& finding) {
  std::vector<Site> all;
  if (const auto found = sites.find(finding.span); found != sites.end())
    all.push_back(found->second);
  for (const model::RelatedPlace& related : finding.related) {
    const auto found = sites.find(related.span);
    if (found != sites.end() && related.message == "here, too") all.push_back(found->second);
  }
  return all;
}

/// Options for all of the finding's commands, or none.
Edits options(const Sites& sites, const model::Finding& finding, Trap::Kind kind) {
  Edits all;
  for (const Site& site : commands_of(sites, finding)) {
    const bool thrown_away = site.command->context.or_else_hides;
    const Edits edits = thrown_away ? Edits() : with_option(*site.command, kind);
    if (edits.empty()) return {};
    all.insert(all.end(), edits.begin(), edits.end());
  }
  return all;
}

bool is_masked(const Command& command) {
  return command.context.pipe_position + 1 < command.context.pipe_length &&
         !command.context.pipefail;
}

Edits failure_seen(const DocumentFacts& facts, const Sites& sites, const model::Finding& finding) {
  const auto commands = commands_of(sites, finding);
  const bool masked =
      std::ranges::any_of(commands, [](const Site& site) { return is_masked(*site.command); });
  return masked ? with_pipefail(facts.sources[facts.document.file], facts.document)
                : options(sites, finding, Trap::Kind::hides_failure);
}

Edits answer_compared(const DocumentFacts&, const Sites& sites, const model::Finding& finding) {
  return options(sites, finding, Trap::Kind::hides_failure);
}

Edits waited_for(const DocumentFacts&, const Sites& sites, const model::Finding& finding) {
  return options(sites, finding, Trap::Kind::delayed);
}

/// `10#` in front of every variable of a comparison.
Edits decimal(const DocumentFacts& facts, const Sites&, const model::Finding& finding) {
  const model::Span& span = finding.span;
  const std::string_view text =
      std::string_view(facts.sources[span.file].text()).substr(span.begin, span.end - span.begin);
  Edits edits;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    const bool is_name =
        at + 1 < text.size() && (std::isalpha(static_cast<unsigned char>(text[at + 1])) != 0 ||
                                 text[at + 1] == '_' || text[at + 1] == '{');
    const auto begin = static_cast<std::uint32_t>(span.begin + at);
    if (is_name && !text.substr(0, at).ends_with("10#"))
      edits.push_back({{span.file, begin, begin}, "10#"});
  }
  return edits;
}

/// The language of a block that is marked as another one.
Edits language_said(const DocumentFacts& facts, const Sites&, const model::Finding& finding) {
  const auto block = std::ranges::find_if(facts.document.blocks, [&](const Block& each) {
    return !each.fence.empty() && each.span.begin <= finding.span.begin &&
           finding.span.end <= each.span.end;
  });
  const bool other =
      block != facts.document.blocks.end() && (block->language == importers::Language::sql ||
                                               block->language == importers::Language::python);
  if (!other) return {};
  const std::string_view text = facts.sources[facts.document.file].text();
  const std::string_view line =
      text.substr(block->span.begin, text.find('\n', block->span.begin) - block->span.begin);
  const std::size_t at = line.find(block->fence);
  if (at == std::string_view::npos || line.substr(0, at).find("```") == std::string_view::npos)
    return {};
  const auto begin = static_cast<std::uint32_t>(block->span.begin + at);
  return {{{facts.document.file, begin, begin + static_cast<std::uint32_t>(block->fence.size())},
           lower(importers::to_string(block->language))}};
}

Edits without_ignore(const DocumentFacts& facts, const Sites&, const model::Finding& finding) {
  if (finding.fix != "remove it") return {};
  const model::SourceFile& source = facts.sources[facts.document.file];
  const std::string_view text = source.text();
  model::Span comment = finding.span;
  std::size_t before = comment.begin;
  while (before > 0 && text[before - 1] == ' ') --before;
  const std::string_view opens = text.substr(0, before);
  if (opens.ends_with("<!--")) {
    const std::size_t close = text.find("-->", comment.end);
    if (close == std::string_view::npos ||
        text.substr(comment.end, close - comment.end).find('\n') != std::string_view::npos)
      return {};
    comment = {comment.file, static_cast<std::uint32_t>(before - 4),
               static_cast<std::uint32_t>(close + 3)};
  } else if (opens.ends_with('#')) {
    comment.begin = static_cast<std::uint32_t>(before - 1);
  } else {
    return {};
  }
  return without_comment(source, comment);
}

struct Mend {
  std::string_view rule;
  Edits (*edits)(const DocumentFacts& facts, const Sites& sites, const model::Finding& finding);
};

constexpr Mend kMends[] = {
    {"check-cannot-fail", &answer_compared}, {"delayed-effect", &waited_for},
    {"hidden-failure", &failure_seen},       {"runbook-fence-language", &language_said},
    {"runbook-octal-compare", &decimal},     {"unused-suppression", &without_ignore},
};

}  // namespace

void add_edits(const DocumentFacts& facts, std::vector<model::Finding>& findings) {
  std::optional<Sites> sites;
  for (model::Finding& finding : findings) {
    const auto mend = std::ranges::find(kMends, finding.rule, &Mend::rule);
    if (mend == std::end(kMends)) continue;
    if (!sites) sites = sites_of(facts.document);
    finding.edits = mend->edits(facts, *sites, finding);
  }
}

}  // namespace backout::analyzer::documents
