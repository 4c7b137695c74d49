// Part of undo-leaves-rest: workloads of the same image as the one that goes back.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

/// An image without its tag and digest.
std::string image_of(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash))
    image = image.substr(0, colon);
  return std::string(image);
}

std::string folder_of(const importers::Unit& unit) {
  const std::size_t slash = unit.file.rfind('/');
  return slash == std::string::npos ? std::string() : unit.file.substr(0, slash);
}

/// Whether the name is that of one of two sides between which traffic is moved.
bool is_variant(std::string_view name) {
  return has_any(lower(name), {"canary", "stable", "blue", "green", "rollback", "preview", "prod",
                               "staging", "test"}) &&
         !has(lower(name), "producer") && !lower(name).ends_with("-prod");
}

/// The workload that goes back: `api` of `rollout undo deployment/api`, and of `set image`; empty
/// for another command, and where a variable names it.
std::string brought_back(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool != "kubectl" || (known.path != "rollout undo" && known.path != "set image"))
    return {};
  const auto words = operands(command, 2);
  if (words.empty()) return {};
  const std::string& first = words[0]->text;
  const std::size_t slash = first.find('/');
  const std::string name = slash != std::string::npos ? first.substr(slash + 1)
                           : words.size() > 1         ? words[1]->text
                                                      : std::string();
  return is_plain(name) ? name : std::string();
}

/// Another workload of production with the same image, of which the way back says nothing; nullptr
/// for none.
const importers::Unit* sibling_of(const Document& document, const importers::Repository& repository,
                                  const importers::Unit& unit, std::uint32_t way) {
  for (const importers::Unit& other : repository.units) {
    if (other.kind != "kubernetes" || other.name == unit.name || other.name.empty() ||
        other.purpose != importers::Purpose::app || image_of(other.image) != image_of(unit.image) ||
        folder_of(other) != folder_of(unit) || is_variant(other.name) || is_variant(unit.name))
      continue;
    static const std::set<std::string_view> kServe = {"Deployment", "StatefulSet", "DaemonSet",
                                                      "Rollout"};
    if (!kServe.contains(other.workload)) continue;
    const std::string name = lower(other.name);
    const bool told = any_text(document, way, [&](std::string_view low) { return has(low, name); });
    if (!told) return &other;
  }
  return nullptr;
}

}  // namespace

void look_at_siblings(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (!facts.repository) return;
  for (const WayBack& way : ways_back(facts)) {
    if (section_text_says(document, way.section, {"--all", " -l ", "--selector", "for ", "xargs"}))
      continue;
    for (const Deed& deed : way.code) {
      const std::string name = brought_back(*deed.command);
      const importers::Repository* repository = name.empty() ? nullptr : facts.repository();
      if (repository == nullptr) continue;
      const auto unit = std::ranges::find_if(repository->units, [&](const importers::Unit& each) {
        return each.kind == "kubernetes" && each.name == name && !each.image.empty() &&
               importers::is_of_production(each.file);
      });
      if (unit == repository->units.end()) continue;
      const importers::Unit* other = sibling_of(document, *repository, *unit, way.section);
      if (other == nullptr) continue;
      add_once(found,
               finding(model::Severity::warning, deed.command->span,
                       fmt::format("'{}' runs the same image as '{}' ({}) and stays on the newer "
                                   "one: two versions work on one database",
                                   other->name, name, other->file),
                       "the same step for each workload of that image"));
      break;
    }
  }
}

}  // namespace backout::analyzer::documents
