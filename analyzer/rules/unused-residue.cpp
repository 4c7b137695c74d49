#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "analyzer/edits.hpp"
#include "analyzer/rules/support.hpp"
#include "model/load.hpp"
#include "services/residue.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

/// The names of everything that a residue can name: facts and data, as they are in some world of
/// the plan.
class Names {
 public:
  explicit Names(const Facts& facts) : facts_(facts) {
    add(facts.start);
    for (const Run& run : runs_of(facts)) {
      for (const Replayed& replayed : *run.steps) add(replayed.after);
    }
  }

  bool any_fits(const model::Residue& residue) const {
    const std::vector<model::Residue> one = {residue};
    return std::ranges::any_of(
               paths_, [&](const std::string& path) { return services::is_declared(path, one); }) ||
           std::ranges::any_of(data_, [&](const services::Datum& datum) {
             return services::is_declared(datum, one);
           });
  }

  /// The fact whose name is so near that the path is that one, misspelt; empty when there is none.
  /// Of a service that there is, one of its own.
  std::string nearest(const std::string& path) const {
    const std::string prefix = path.substr(0, path.find('.') + 1);
    const bool is_there = std::ranges::any_of(
        facts_.plan->services,
        [&](const model::Service& service) { return service.name + '.' == prefix; });
    std::vector<std::string> near;
    std::ranges::copy_if(paths_, std::back_inserter(near), [&](const std::string& each) {
      return !is_there || each.starts_with(prefix);
    });
    return std::string(model::nearest(path, near));
  }

 private:
  /// What is there, and what live operations write there, and would have written without the
  /// deploy: its loss is told by that name.
  void add(const services::World& world) {
    const bool has_new_names = add_plain(world);
    for (const services::LiveOperation& live : services::live_operations(facts_.context, world)) {
      const bool is_new = operations_.insert(live.operation).second;
      if (has_new_names || is_new)
        add_plain(services::run_operation(facts_.context, world, live).world);
      if (!is_new) continue;
      if (const auto ghost = services::run_in_ghost_world(facts_.context, facts_.start, live))
        add_plain(ghost->world);
    }
  }

  /// Whether the world holds a name that none before it did.
  bool add_plain(const services::World& world) {
    const std::size_t known = paths_.size() + data_.size();
    for (const services::Fact& fact : services::facts_of(facts_.context, world))
      paths_.insert(fact.path);
    for (services::Datum& datum : services::data_of(facts_.context, world))
      data_.insert(std::move(datum));
    return paths_.size() + data_.size() > known;
  }

  const Facts& facts_;
  std::set<std::string> paths_;
  std::set<services::Datum> data_;
  std::set<const model::Operation*> operations_;
};

/// Whether the path names a fact that only faults make.
bool is_of_a_fault(std::string_view path) {
  return std::ranges::any_of(services::kOfFaults, [&](std::string_view word) {
    const std::string part = fmt::format(".{}", word);
    return path.ends_with(part) || path.find(part + '.') != std::string_view::npos;
  });
}

/// Those of `declared` that allow nothing of what the deploy changes; none where nobody knows what
/// it changes.
std::set<const model::Residue*> allowing_nothing(
    const Facts& facts, const std::vector<const model::Residue*>& declared) {
  if (std::ranges::any_of(facts.deploy.steps, [](const Replayed& each) {
        return each.outcome.result == services::Outcome::Result::opaque;
      }))
    return {};
  std::vector<model::Residue> all;
  for (const model::Residue* each : declared) all.push_back(*each);
  const std::vector<model::Residue> narrow = services::narrowed(facts.context, facts.start, all);
  std::set<const model::Residue*> none;
  for (const model::Residue* each : declared) {
    if (std::ranges::none_of(narrow,
                             [&](const model::Residue& left) { return left.span == each->span; }))
      none.insert(each);
  }
  return none;
}

}  // namespace

std::vector<model::Finding> check_unused_residue(const Facts& facts) {
  const model::Plan& plan = *facts.plan;
  std::vector<const model::Residue*> declared;
  std::set<const model::Residue*> of_rollback;
  for (const model::Residue& residue : plan.residue) declared.push_back(&residue);
  for (model::StepIndex step = 0; step < plan.steps.size(); ++step) {
    // What the real thing leaves besides, no fact stands for.
    if (!facts.traits[step].leaves.empty()) continue;
    for (const model::Residue& residue : plan.steps[step].residue) {
      declared.push_back(&residue);
      if (plan.steps[step].in_rollback) of_rollback.insert(&residue);
    }
  }
  if (declared.empty()) return {};
  const Names names(facts);
  const std::set<const model::Residue*> nothing = allowing_nothing(facts, declared);
  std::vector<model::Finding> findings;
  for (const model::Residue* residue : declared) {
    if (is_of_a_fault(residue->path)) continue;
    model::Finding finding;
    finding.severity = model::Severity::warning;
    finding.span = residue->span;
    if (names.any_fits(*residue)) {
      if (of_rollback.contains(residue) || !nothing.contains(residue)) continue;
      finding.message = fmt::format(
          "the residue '{}' allows nothing: the deploy changes nothing of it", residue->path);
      finding.fix = "name the very fact that may differ, or remove it";
      findings.push_back(std::move(finding));
      continue;
    }
    finding.message = fmt::format(
        "the residue '{}' allows nothing: no fact and no row has such a name", residue->path);
    finding.fix = "write it as the report prints it (`*` stands for any text), or remove it";
    if (const std::string name = names.nearest(residue->path);
        !name.empty() && !is_of_a_fault(name)) {
      finding.fix = fmt::format("write '{}'", name);
      finding.edits = replace_word(plan, residue->span, residue->path, name);
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
