// Part of check-cannot-fail: a rate is compared by a test that knows whole numbers only.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether what the variable is given is likely a fraction: a rate or a share that something else
/// computes.
bool may_be_fraction(const importers::Assignment& each) {
  const std::string name = lower(each.name);
  const std::string value = lower(each.value);
  const bool rate =
      has_word(name, {"rate", "rates", "ratio", "ratios"}) ||
      has_any(name, {"errorrate", "failurerate", "errorratio", "percent", "latency", "p95", "p99"});
  const bool asked = has(each.value, "$(") &&
                     has_any(value, {"jq", "query", "metrics", "monitor", "bc", "awk", "curl"});
  const bool whole = has_any(value, {"%.0f", "%d", "floor", "round", "int(", "cut -d. -f1",
                                     "cut -d'.' -f1", "cut -d '.' -f1", "cut -d\".\" -f1", "%.*",
                                     "wc -l", "grep -c", "ceil", "tonumber|floor", "scale=0"});
  return rate && asked && !whole;
}

}  // namespace

void look_at_whole_numbers(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    for (const importers::Comparison& comparison : block->script.comparisons) {
      const model::Span& span = comparison.span;
      const std::string_view text = std::string_view(facts.sources[span.file].text())
                                        .substr(span.begin, span.end - span.begin);
      if (!has_any(text, {" -gt ", " -ge ", " -lt ", " -le "}) ||
          has_any(text, {"%.*", "bc", "awk", "%%.*"}))
        continue;
      const auto fraction =
          std::ranges::find_if(block->script.assignments, [&](const importers::Assignment& each) {
            return may_be_fraction(each) &&
                   std::ranges::find(comparison.names, each.name) != comparison.names.end();
          });
      if (fraction == block->script.assignments.end()) continue;
      model::Finding made =
          finding(model::Severity::error, span,
                  fmt::format("this test knows whole numbers only: where '{}' is 0.8 or 12.5 it is "
                              "an error, which counts as no",
                              fraction->name),
                  "awk -v r=\"$RATE\" 'BEGIN { exit !(r > 5) }', or a value that is rounded first");
      made.related.push_back({fraction->span, "what it compares"});
      add_once(found, std::move(made));
    }
  }
}

}  // namespace backout::analyzer::documents
