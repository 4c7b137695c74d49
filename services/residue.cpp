#include "services/residue.hpp"

#include <algorithm>
#include <set>

#include "services/traffic.hpp"

namespace backout::services {

namespace {

/// A shell's pattern over the whole text.
bool fits_whole(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// Below which path the datum lies with others of its kind: its table, or the area of its service.
std::string container(const Datum& datum) {
  return datum.path.substr(0, datum.path.find(".columns."));
}

/// Collects what is other than at the start, in the worlds that it is shown.
class Touched {
 public:
  Touched(const Context& context, const World& start)
      : context_(context), start_(start), last_(start) {}

  void add(const World& world) {
    add_changed(last_, world);
    for (const LiveOperation& live : live_operations(context_, world))
      add_changed(world, run_operation(context_, world, live).world);
    last_ = world;
  }

  const std::set<std::string>& paths() const { return paths_; }

 private:
  /// What is other than at the start of the services that differ between the two: of those that do
  /// not, it is known.
  void add_changed(const World& known, const World& world) {
    for (std::size_t i = known.states.next_difference(world.states, 0); i < world.states.size();
         i = known.states.next_difference(world.states, i + 1)) {
      const World alone = with_changes(start_, {{static_cast<ServiceIndex>(i), world.states[i]}});
      for (const std::string& line : differences(context_, start_, alone, {}))
        add_path(line.substr(0, line.find(": ")));
    }
  }

  void add_path(const std::string& path) {
    paths_.insert(path);
    for (const std::string_view fault : kOfFaults)
      paths_.insert(path.substr(0, path.find('.') + 1).append(fault));
  }

  const Context& context_;
  const World& start_;
  World last_;
  std::set<std::string> paths_;
};

std::set<std::string> touched_by_deploy(const Context& context, const World& start) {
  const Plan& plan = context.plan();
  Touched touched(context, start);
  World world = start;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    const Action action = action_of(plan, plan.steps[step]);
    World half = world;
    if (action.service != model::kNone) {
      for (const Action& part : context.kind(action.service).parts(context, world, action)) {
        half = run(context, half, part).world;
        touched.add(half);
      }
    }
    world = run(context, world, action).world;
    touched.add(world);
  }
  return touched.paths();
}

}  // namespace

bool names_words(std::string_view pattern, std::size_t count) {
  for (std::size_t word = 0; word < count; ++word) {
    const std::size_t dot = pattern.find('.');
    if (pattern.substr(0, dot).find_first_not_of("*?") == std::string_view::npos) return false;
    if (dot == std::string_view::npos) return word + 1 == count;
    pattern.remove_prefix(dot + 1);
  }
  return true;
}

std::vector<model::Residue> narrowed(const Context& context, const World& start,
                                     const std::vector<model::Residue>& residue) {
  const auto is_wide = [](const model::Residue& each) { return !names_words(each.path, 2); };
  if (std::ranges::none_of(residue, is_wide)) return residue;
  const std::set<std::string> touched = touched_by_deploy(context, start);
  std::vector<model::Residue> all;
  for (const model::Residue& each : residue) {
    if (!is_wide(each)) {
      all.push_back(each);
      continue;
    }
    for (const std::string& path : touched) {
      if (!fits(each.path, path)) continue;
      all.push_back(each);
      all.back().path = path;
    }
  }
  return all;
}

bool fits(std::string_view pattern, std::string_view path) {
  if (fits_whole(pattern, path)) return true;
  return fits_whole(std::string(pattern) + ".*", path);
}

bool is_absence(const Datum& datum) {
  return datum.id.ends_with(kIsNull) && datum.id.find('=') == std::string::npos;
}

bool is_declared(const std::string& path, const std::vector<model::Residue>& residue) {
  return std::ranges::any_of(residue,
                             [&](const model::Residue& each) { return fits(each.path, path); });
}

bool is_declared(const Datum& datum, const std::vector<model::Residue>& residue) {
  const std::string area = container(datum);
  const std::size_t words = 1 + static_cast<std::size_t>(std::ranges::count(area, '.'));
  const std::string id = datum.id.substr(0, datum.id.find_first_of("#="));
  return std::ranges::any_of(residue, [&](const model::Residue& each) {
    return names_words(each.path, words) &&
           (fits(each.path, datum.path) || fits(each.path, id) || fits(each.path, describe(datum)));
  });
}

}  // namespace backout::services
