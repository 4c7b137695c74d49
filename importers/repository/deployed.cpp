#include "importers/repository/deployed.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "importers/repository/readers.hpp"

namespace backout::importers {

namespace {

bool is_same(const Unit& a, const Unit& b) {
  if (a.name.empty() || a.kind != b.kind || a.name != b.name) return false;
  if (a.is_part || b.is_part || a.scope == b.scope) return true;
  if (a.kind == "docker") return !a.image.empty() && image_name(a.image) == image_name(b.image);
  return a.kind != "helm" && (a.scope.empty() || b.scope.empty());
}

/// How much the unit says of the image that production runs.
std::tuple<bool, bool, bool, bool> telling(const Unit& unit) {
  const bool is_pinned = unit.image != image_name(unit.image);
  return {!unit.is_part, says_production(unit.file), is_pinned, !unit.image.empty()};
}

void join(Deployed& found, const Unit& unit) {
  const bool more = telling(found.unit) < telling(unit);
  const std::optional<int> replicas = more ? found.unit.replicas : unit.replicas;
  if (more) found.unit = unit;
  if (!found.unit.replicas) found.unit.replicas = replicas;
  if (std::ranges::find(found.files, unit.file) == found.files.end())
    found.files.insert(more ? found.files.begin() : found.files.end(), unit.file);
}

}  // namespace

std::vector<Deployed> deployed(const Repository& repository) {
  std::vector<Deployed> all;
  // What says only a part belongs to what is said whole, wherever that stands.
  for (const bool parts : {false, true}) {
    for (const Unit& unit : repository.units) {
      if (unit.is_part != parts) continue;
      const auto found =
          std::ranges::find_if(all, [&](const Deployed& each) { return is_same(each.unit, unit); });
      if (found != all.end())
        join(*found, unit);
      else
        all.push_back({unit, {unit.file}, {}});
    }
  }
  for (Deployed& each : all) {
    const auto other = std::ranges::find_if(all, [&](const Deployed& one) {
      return one.unit.kind != "docker" && one.unit.name == each.unit.name;
    });
    if (each.unit.kind == "docker" && !each.unit.name.empty() && other != all.end())
      each.elsewhere = other->unit.kind;
  }
  return all;
}

std::vector<std::string> unread_lines(const Repository& repository) {
  std::vector<std::string> lines;
  for (const model::Mistake& mistake : repository.unread) {
    const model::Place place = repository.sources->place(mistake.span);
    lines.push_back(fmt::format("{}:{}:{}: {}", (*repository.sources)[mistake.span.file].name(),
                                place.line, place.column, mistake.message));
  }
  return lines;
}

}  // namespace backout::importers
