// Numbers with leading zeros compared in [[ ]], which reads them as octal.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether the comparison says that the variable is a decimal: `10#$NAME`.
bool is_decimal(std::string_view comparison, const std::string& name) {
  return has(comparison, "10#$" + name) || has(comparison, "10#${" + name);
}

}  // namespace

std::vector<model::Finding> check_runbook_octal_compare(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const importers::Comparison& comparison : block->script.comparisons) {
      const model::Span& span = comparison.span;
      const std::string_view text = std::string_view(facts.sources[span.file].text())
                                        .substr(span.begin, span.end - span.begin);
      const auto zeros = [&](const importers::Assignment& each) {
        if (is_decimal(text, each.name)) return false;
        const bool digits = each.literal && each.value.size() > 1 && each.value[0] == '0' &&
                            each.value.find_first_not_of("0123456789") == std::string::npos;
        const bool cut =
            has(each.value, "basename") && has_any(each.value, {"grep -o", "cut ", "sed "});
        return std::ranges::find(comparison.names, each.name) != comparison.names.end() &&
               (digits || cut);
      };
      if (!comparison.bracket || !std::ranges::any_of(block->script.assignments, zeros)) continue;
      found.push_back(finding(model::Severity::error, comparison.span,
                              "[[ ]] reads a number with a leading zero as octal: 010 is 8, and "
                              "008 and 009 are errors that count as false",
                              "10#$NAME on both sides, or `[ ... ]`, which reads decimals"));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
