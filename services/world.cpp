// What a world holds: facts, differences between two worlds, data.
#include <algorithm>

#include <fmt/format.h>

#include "services/residue.hpp"
#include "services/sealed.hpp"
#include "services/service.hpp"

namespace backout::services {

std::vector<Fact> facts_of(const Context& context, const World& world) {
  std::vector<Fact> all;
  for (ServiceIndex i = 0; i < world.states.size(); ++i) {
    for (Fact& fact : context.kind(i).facts(context, i, *world.states[i])) {
      fact.path = context.plan().services[i].name + '.' + fact.path;
      all.push_back(std::move(fact));
    }
  }
  std::sort(all.begin(), all.end(), [](const Fact& a, const Fact& b) { return a.path < b.path; });
  return all;
}

namespace {

std::vector<Fact> service_facts(const Context& context, const World& world, ServiceIndex service) {
  std::vector<Fact> facts = context.kind(service).facts(context, service, *world.states[service]);
  std::sort(facts.begin(), facts.end(),
            [](const Fact& a, const Fact& b) { return a.path < b.path; });
  return facts;
}

}  // namespace

std::vector<std::string> differences(const Context& context, const World& before,
                                     const World& after, const std::vector<model::Residue>& residue,
                                     bool essential_only) {
  std::vector<std::string> lines;
  for (std::size_t at = before.states.next_difference(after.states, 0); at < before.states.size();
       at = before.states.next_difference(after.states, at + 1)) {
    const auto service = static_cast<ServiceIndex>(at);
    const std::vector<Fact> from = service_facts(context, before, service);
    const std::vector<Fact> to = service_facts(context, after, service);
    const std::string prefix = context.plan().services[service].name + '.';
    const auto report = [&](const Fact& fact, const std::string& old_value,
                            const std::string& new_value) {
      const std::string path = prefix + fact.path;
      if ((essential_only && !fact.essential) || is_declared(path, residue)) return;
      lines.push_back(fmt::format("{}: {} -> {}", path, old_value, new_value));
    };
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < from.size() || j < to.size()) {
      if (j == to.size() || (i < from.size() && from[i].path < to[j].path)) {
        report(from[i], from[i].value, "absent");
        ++i;
      } else if (i == from.size() || to[j].path < from[i].path) {
        report(to[j], "absent", to[j].value);
        ++j;
      } else {
        if (from[i].value != to[j].value) report(from[i], from[i].value, to[j].value);
        ++i;
        ++j;
      }
    }
  }
  return lines;
}

std::string describe(const Datum& datum) {
  const std::size_t hash = datum.id.find('#');
  const std::size_t equals = datum.id.find('=');
  if (hash == std::string::npos) return datum.id.substr(0, equals);
  const std::string table = datum.id.substr(0, hash);
  const std::size_t dot = datum.id.find('.', hash);
  if (is_absence(datum))
    return fmt::format("that {} of a row of {} was NULL",
                       datum.id.substr(dot + 1, datum.id.size() - kIsNull.size() - dot - 1), table);
  if (dot == std::string::npos || equals == std::string::npos)
    return fmt::format("a row of {}", table);
  return fmt::format("{} of a row of {}", datum.id.substr(dot + 1, equals - dot - 1), table);
}

std::string kind_in_words(const Datum& datum) {
  const std::size_t dot = datum.id.find('.');
  const std::string service = datum.id.substr(0, dot);
  const std::string rest = datum.id.substr(dot + 1);
  const std::size_t hash = rest.find('#');
  const std::size_t area_end = std::min(rest.find('.'), hash);
  const std::string area = rest.substr(0, area_end);
  if (hash == std::string::npos) {
    const std::string name = rest.substr(area_end + 1, rest.find('=') - area_end - 1);
    return fmt::format("{} '{}' in '{}'", area, name, service);
  }
  if (area_end == hash) return fmt::format("{} in '{}'", area, service);
  const std::string table = rest.substr(area_end + 1, hash - area_end - 1);
  const std::size_t column = rest.find('.', hash);
  if (is_absence(datum)) {
    const std::string name = rest.substr(column + 1, rest.size() - kIsNull.size() - column - 1);
    return fmt::format("which {} had no {} in '{}'", table, name, service);
  }
  const std::size_t equals = rest.find('=', hash);
  if (column == std::string::npos || equals == std::string::npos)
    return fmt::format("rows of {} in '{}'", table, service);
  return fmt::format("{} of {} in '{}'", rest.substr(column + 1, equals - column - 1), table,
                     service);
}

std::vector<Datum> data_of(const Context& context, const World& world) {
  std::vector<Datum> all;
  for (ServiceIndex i = 0; i < world.states.size(); ++i) {
    const std::string prefix = context.plan().services[i].name + '.';
    const bool sealed = std::ranges::find(context.sealed(), i) != context.sealed().end();
    for (Datum& datum : context.kind(i).data(context, i, *world.states[i])) {
      if (sealed && !is_readable(context, world, i, datum.id)) continue;
      all.push_back({prefix + datum.id, prefix + datum.path});
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace backout::services
