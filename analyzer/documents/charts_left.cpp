// Part of undo-leaves-rest: a workload of a Helm release is changed behind Helm's back.
#include <algorithm>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

/// `helm upgrade`, `helm install`: what is in the cluster is what the chart said last.
bool puts_charts(const Command& command) {
  const catalogue::Known& known = command.known();
  return known.tool == "helm" &&
         (known.path == "upgrade" || known.path == "install" || known.path == "rollback");
}

bool says_charts(std::string_view low) {
  return has_any(low, {"helm", "chart", "values", "gitops", "drift"});
}

}  // namespace

void look_at_releases_of_charts(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (is_note(document)) return;
  const std::vector<WayBack> ways = ways_back(facts);
  const bool charts = std::ranges::any_of(document.blocks, [](const Block& block) {
    return !block.left_out && std::ranges::any_of(block.script.commands, puts_charts);
  });
  if (!charts) return;
  for (const WayBack& way : ways) {
    const bool helm = std::ranges::any_of(
        way.deeds, [](const Deed& deed) { return deed.command->known().tool == "helm"; });
    const auto behind = std::ranges::find_if(way.deeds, [](const Deed& deed) {
      const catalogue::Known& known = deed.command->known();
      return known.tool == "kubectl" && (known.path == "set image" || known.path == "rollout undo");
    });
    if (helm || behind == way.deeds.end()) continue;
    if (is_said_in(document, way.section, says_charts)) continue;
    add_once(
        found,
        finding(
            model::Severity::warning, behind->command->span,
            "this does not bring everything back: Helm does not hear of it, so its release still "
            "names the bad version, and the next `helm upgrade` puts that out again",
            "helm rollback RELEASE REVISION; or, behind this, the good tag in the chart's values"));
  }
}

}  // namespace backout::analyzer::documents
