#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/rules/support.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

namespace {

constexpr const char* kRun = "run of ";
constexpr const char* kWork = "work of ";

/// The service whose process or work the resource is; kNone when it is another thing.
model::ServiceIndex held_service(const model::Plan& plan, const std::string& resource) {
  for (const char* prefix : {kRun, kWork}) {
    if (resource.starts_with(prefix))
      return plan.find_service(resource.substr(std::string(prefix).size()));
  }
  return model::kNone;
}

class Order {
 public:
  Order(const Facts& facts, const Run& run) : facts_(facts), plan_(*facts.plan), run_(run) {}

  std::vector<model::Finding> findings() {
    for (std::size_t i = 0; i < run_.steps->size(); ++i) {
      const services::Traits& traits = facts_.traits[step(i)];
      for (const std::string& resource : traits.releases) {
        if (held_service(plan_, resource) != model::kNone)
          check_start(i, held_service(plan_, resource));
        if (resource.starts_with("maintenance of ")) check_opening(i);
      }
      if (!traits.takes_backup.empty()) check_copy(i);
      for (const std::string& resource : traits.acquires) taken_[resource] = i;
      for (const std::string& resource : traits.releases) taken_.erase(resource);
    }
    return std::move(findings_);
  }

 private:
  model::StepIndex step(std::size_t i) const { return (*run_.steps)[i].step; }

  /// The later step that gives `resource` back; kNone when none does.
  model::StepIndex released_later(std::size_t from, const std::string& resource) const {
    for (std::size_t i = from + 1; i < run_.steps->size(); ++i) {
      if (contains(facts_.traits[step(i)].releases, resource)) return step(i);
    }
    return model::kNone;
  }

  void add(std::size_t i, model::StepIndex later, std::string message, const char* why,
           const char* fix) {
    findings_.push_back(about_step(plan_, step(i), model::Severity::warning, std::move(message)));
    findings_.back().related.push_back({plan_.steps[later].id_span, why});
    findings_.back().fix = fix;
  }

  /// A consumer is back before what it uses.
  void check_start(std::size_t i, model::ServiceIndex consumer) {
    for (const auto& [resource, since] : taken_) {
      const model::ServiceIndex provider = held_service(plan_, resource);
      if (provider == model::kNone || provider == consumer ||
          !contains(plan_.services[consumer].uses, provider))
        continue;
      const model::StepIndex later = released_later(i, resource);
      if (later == model::kNone) continue;
      add(i, later,
          fmt::format("'{}' starts '{}' before '{}' starts '{}', which it uses ({})",
                      plan_.steps[step(i)].id, plan_.services[consumer].name, plan_.steps[later].id,
                      plan_.services[provider].name, run_.name),
          "what it uses is back only here", "start what is used first");
    }
  }

  /// Users are let in while work is still stopped.
  void check_opening(std::size_t i) {
    for (const auto& [resource, since] : taken_) {
      if (!resource.starts_with(kWork)) continue;
      const model::StepIndex later = released_later(i, resource);
      if (later == model::kNone) continue;
      add(i, later,
          fmt::format(
              "'{}' lets users in before '{}' gives the {} back ({}): what they cause piles up",
              plan_.steps[step(i)].id, plan_.steps[later].id, resource, run_.name),
          "the work goes on only here", "start the workers first, look, and then open");
    }
  }

  /// Whether the copy is restored somewhere, or something of the store is destroyed behind it.
  bool is_relied_upon(std::size_t i) const {
    const std::string& copy = facts_.traits[step(i)].takes_backup;
    const auto restores = [&](const services::Traits& traits) {
      return traits.restores_backup == copy;
    };
    return std::ranges::any_of(facts_.traits, restores) ||
           std::any_of(run_.steps->begin() + static_cast<std::ptrdiff_t>(i) + 1, run_.steps->end(),
                       [&](const Replayed& later) {
                         return plan_.steps[later.step].target == plan_.steps[step(i)].target &&
                                is_destructive(facts_, later);
                       });
  }

  /// A copy is taken while writers write that the same run stops later on.
  void check_copy(std::size_t i) {
    const model::ServiceIndex store = plan_.steps[step(i)].target;
    if (store == model::kNone || !is_relied_upon(i)) return;
    for (std::size_t later = i + 1; later < run_.steps->size(); ++later) {
      const auto now = services::writers(facts_.context, (*run_.steps)[later].before, store);
      const auto then = services::writers(facts_.context, (*run_.steps)[later].after, store);
      const auto stopped = std::ranges::find_if(
          now, [&](model::ServiceIndex writer) { return !contains(then, writer); });
      if (stopped == now.end() || facts_.traits[step(later)].changes_version) continue;
      if (!contains(services::writers(facts_.context, (*run_.steps)[i].before, store), *stopped))
        continue;
      add(i, step(later),
          fmt::format("'{}' copies '{}' before '{}' stops '{}', which writes to it ({}): the copy "
                      "misses what is written in between",
                      plan_.steps[step(i)].id, plan_.services[store].name,
                      plan_.steps[step(later)].id, plan_.services[*stopped].name, run_.name),
          "it writes until here", "stop the writers first, then copy");
      return;
    }
  }

  const Facts& facts_;
  const model::Plan& plan_;
  const Run& run_;
  std::map<std::string, std::size_t> taken_;
  std::vector<model::Finding> findings_;
};

}  // namespace

std::vector<model::Finding> check_service_order(const Facts& facts) {
  std::vector<model::Finding> findings;
  for (const Run& run : runs_of(facts)) {
    for (model::Finding& finding : Order(facts, run).findings())
      findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace backout::analyzer
