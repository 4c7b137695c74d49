// Part of acquire-without-release: all workloads are stopped, and come back with one number of
// replicas, whatever each of them had.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

/// The replicas that `kubectl scale` gives to every workload there is; empty for none.
std::string scales_all(const Command& command) {
  if (command.known().tool != "kubectl" || command.known().path != "scale") return {};
  const bool each = command.has("--all") || (command.context.loops > 0 && has(command.line(), "$"));
  return each ? command.value("--replicas").value_or("") : std::string();
}

/// Whether the text keeps how many replicas there were.
bool keeps_counts(const Block& block) {
  return has_any(lower(block.content.text),
                 {"spec.replicas", ".replicas}", "status.replicas", "-o yaml", "-o json ",
                  "-o json>", "-o json\n", "custom-columns", "annotat"});
}

}  // namespace

void look_at_replica_counts(const Block& block, Findings& found) {
  const Command* down = nullptr;
  for (const Command& command : block.script.commands) {
    const std::string count = scales_all(command);
    if (count == "0") down = &command;
    const bool number = !count.empty() && count != "0" &&
                        count.find_first_not_of("0123456789") == std::string::npos;
    if (down == nullptr || !number || keeps_counts(block)) continue;
    model::Finding made =
        finding(model::Severity::warning, command.span,
                fmt::format("every workload comes back with {} replicas, whatever it had: one of "
                            "its own size, and one that was off, are not what they were",
                            count),
                "write down each `.spec.replicas` before scaling to 0, and scale back to that");
    made.related.push_back({down->span, "the numbers are gone here"});
    found.push_back(std::move(made));
    return;
  }
}

}  // namespace backout::analyzer::documents
