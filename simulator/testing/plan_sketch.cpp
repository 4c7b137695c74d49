#include "simulator/testing/plan_sketch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace backout::simulator {
namespace {

using Names = std::vector<std::string>;

/// An action that changes nothing and needs no service.
const LineSketch kNothing = {"", "do: task, text: nothing"};

bool has(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// --- printing
// -----------------------------------------------------------------------------------------------------

std::string list(const std::string& key, const Names& names) {
  return fmt::format(", {}: [{}]", key, fmt::join(names, ", "));
}

std::string line(const StepSketch& step) {
  std::string text = fmt::format("    - {{id: {}, {}", step.id, step.action.text);
  if (step.retry > 0) text += fmt::format(", retry: {}", step.retry);
  if (!step.timeout.empty()) text += ", timeout: " + step.timeout;
  if (!step.verify.empty()) text += fmt::format(", verify: [{}]", step.verify);
  if (!step.on_failure.empty()) text += fmt::format(", on_failure: \"{}\"", step.on_failure);
  if (step.optional) text += ", optional: true";
  if (step.always) text += ", always: true";
  if (!step.undoes.empty()) text += list("undoes", step.undoes);
  text +=
      list("needs", step.needs);  // an empty list, too: without it a step needs the one before it
  if (!step.takes.empty()) text += ", takes: " + step.takes;
  return text + "}\n";
}

// --- taking away
// --------------------------------------------------------------------------------------------------

void drop_jumps(PlanSketch& plan, const std::string& reaction) {
  for (auto* steps : {&plan.deploy, &plan.rollback}) {
    for (StepSketch& step : *steps) {
      if (step.on_failure == reaction) step.on_failure.clear();
    }
  }
}

void drop_path(PlanSketch& plan, std::size_t which) {
  drop_jumps(plan, "rollback:" + plan.paths[which].name);
  plan.paths.erase(plan.paths.begin() + static_cast<std::ptrdiff_t>(which));
}

/// A path without steps goes, too.
void drop_from_path(PlanSketch& plan, std::size_t which, const std::string& id) {
  PathSketch& path = plan.paths[which];
  std::erase(path.steps, id);
  // A jump leads to a step of the same path.
  for (StepSketch& step : plan.rollback) {
    if (step.on_failure == "goto:" + id && has(path.steps, step.id)) step.on_failure.clear();
  }
  if (path.steps.empty()) drop_path(plan, which);
}

void drop_step(PlanSketch& plan, std::vector<StepSketch> PlanSketch::*list, std::size_t which) {
  std::vector<StepSketch>& steps = plan.*list;
  const StepSketch gone = steps[which];
  steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(which));
  for (StepSketch& step : steps) {
    if (std::erase(step.needs, gone.id) == 0) continue;
    for (const std::string& need : gone.needs) {
      if (!has(step.needs, need)) step.needs.push_back(need);
    }
  }
  for (StepSketch& step : plan.rollback) std::erase(step.undoes, gone.id);
  drop_jumps(plan, "goto:" + gone.id);
  for (std::size_t path = plan.paths.size(); path-- > 0;) {
    if (has(plan.paths[path].steps, gone.id)) drop_from_path(plan, path, gone.id);
  }
}

bool is_spoken_of(const PlanSketch& plan, const std::string& service) {
  const auto names = [&](const LineSketch& line) { return line.service == service; };
  const auto acts = [&](const StepSketch& step) { return names(step.action); };
  return std::ranges::any_of(plan.deploy, acts) || std::ranges::any_of(plan.rollback, acts) ||
         std::ranges::any_of(plan.invariants, names) || std::ranges::any_of(plan.residue, names) ||
         std::ranges::any_of(plan.services,
                             [&](const ServiceSketch& each) { return has(each.uses, service); });
}

/// Words said about a step, but for its needs and undoes.
std::size_t words_of(const StepSketch& step) {
  std::size_t words = (step.action == kNothing ? 0 : 1) + (step.retry > 0 ? 1 : 0);
  for (const std::string* text : {&step.takes, &step.timeout, &step.verify, &step.on_failure})
    words += text->empty() ? 0 : 1;
  return words + (step.optional ? 1 : 0) + (step.always ? 1 : 0);
}

/// Collects plans that each lack one thing.
class Simpler {
 public:
  explicit Simpler(const PlanSketch& plan) : plan_(plan) {}

  std::vector<PlanSketch> all() && {
    for (const auto list : {&PlanSketch::rollback, &PlanSketch::deploy}) without_steps(list);
    without_paths();
    for (const auto list : {&PlanSketch::rollback, &PlanSketch::deploy}) without_words(list);
    without_each(&PlanSketch::invariants);
    without_each(&PlanSketch::residue);
    if (plan_.traffic > 0) but([](PlanSketch& plan) { plan.traffic = 0; });
    if (plan_.traffic > 1) but([](PlanSketch& plan) { --plan.traffic; });
    for (std::size_t i = plan_.services.size(); i-- > 0;) {
      if (is_spoken_of(plan_, plan_.services[i].name)) continue;
      but([i](PlanSketch& plan) {
        plan.services.erase(plan.services.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
    return std::move(all_);
  }

 private:
  template <typename Change>
  void but(const Change& change) {
    change(all_.emplace_back(plan_));
  }

  void without_steps(std::vector<StepSketch> PlanSketch::*list) {
    if ((plan_.*list).size() == 1) return;
    for (std::size_t i = (plan_.*list).size(); i-- > 0;) {
      PlanSketch fewer = without_step(plan_, (plan_.*list)[i].id);
      // Without any path all steps are one, which is not less.
      if (!fewer.paths.empty() || plan_.paths.empty()) all_.push_back(std::move(fewer));
    }
  }

  void without_paths() {
    for (std::size_t i = plan_.paths.size(); i-- > 0;)
      but([i](PlanSketch& plan) { drop_path(plan, i); });
    for (std::size_t i = plan_.paths.size(); i-- > 0;) {
      const PathSketch& path = plan_.paths[i];
      if (!path.full) but([i](PlanSketch& plan) { plan.paths[i].full = true; });
      if (path.steps.size() == 1) continue;
      for (const std::string& id : path.steps)
        but([&](PlanSketch& plan) { drop_from_path(plan, i, id); });
    }
  }

  void without_words(std::vector<StepSketch> PlanSketch::*list) {
    for (std::size_t i = 0; i < (plan_.*list).size(); ++i) {
      const StepSketch& step = (plan_.*list)[i];
      for (const auto names : {&StepSketch::needs, &StepSketch::undoes}) {
        for (const std::string& name : step.*names) {
          but([&](PlanSketch& plan) { std::erase((plan.*list)[i].*names, name); });
        }
      }
      for (const auto text : {&StepSketch::on_failure, &StepSketch::verify, &StepSketch::timeout,
                              &StepSketch::takes}) {
        if (!(step.*text).empty()) but([&](PlanSketch& plan) { ((plan.*list)[i].*text).clear(); });
      }
      if (step.action != kNothing)
        but([&](PlanSketch& plan) { (plan.*list)[i].action = kNothing; });
      if (step.retry > 0) but([&](PlanSketch& plan) { (plan.*list)[i].retry = 0; });
      for (const auto flag : {&StepSketch::optional, &StepSketch::always}) {
        if (step.*flag) but([&](PlanSketch& plan) { (plan.*list)[i].*flag = false; });
      }
    }
  }

  void without_each(std::vector<LineSketch> PlanSketch::*list) {
    for (std::size_t i = 0; i < (plan_.*list).size(); ++i) {
      but([&](PlanSketch& plan) {
        (plan.*list).erase((plan.*list).begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
  }

  const PlanSketch& plan_;
  std::vector<PlanSketch> all_;
};

}  // namespace

std::string to_yaml(const PlanSketch& plan) {
  std::string text = fmt::format("backout: 1\nname: {}\n", plan.name);
  if (!plan.services.empty()) text += "services:\n";
  for (const ServiceSketch& service : plan.services)
    text += fmt::format("  {}: {}\n", service.name, service.text);
  if (!plan.invariants.empty()) text += "invariants:\n";
  for (const LineSketch& invariant : plan.invariants) text += fmt::format("  {}\n", invariant.text);
  if (!plan.residue.empty()) text += "residue:\n";
  for (const LineSketch& residue : plan.residue) text += fmt::format("  - {}\n", residue.text);
  text += fmt::format("limits: {{traffic: {}}}\ndeploy:\n  steps:\n", plan.traffic);
  for (const StepSketch& step : plan.deploy) text += line(step);
  text += "rollback:\n";
  if (!plan.paths.empty()) text += "  paths:\n";
  for (const PathSketch& path : plan.paths) {
    text += fmt::format("    {}: {{steps: [{}], full: {}}}\n", path.name,
                        fmt::join(path.steps, ", "), path.full);
  }
  text += "  steps:\n";
  for (const StepSketch& step : plan.rollback) text += line(step);
  return text;
}

std::size_t size_of(const PlanSketch& plan) {
  std::size_t size = plan.services.size() + plan.invariants.size() + plan.residue.size() +
                     static_cast<std::size_t>(plan.traffic) + plan.deploy.size() +
                     plan.rollback.size() + plan.paths.size();
  for (const auto* steps : {&plan.deploy, &plan.rollback}) {
    for (const StepSketch& step : *steps)
      size += step.needs.size() + step.undoes.size() + words_of(step);
  }
  for (const PathSketch& path : plan.paths) size += path.steps.size() + (path.full ? 0 : 1);
  return size;
}

PlanSketch without_step(PlanSketch plan, const std::string& id) {
  for (const auto list : {&PlanSketch::deploy, &PlanSketch::rollback}) {
    const auto found = std::ranges::find(plan.*list, id, &StepSketch::id);
    if (found == (plan.*list).end()) continue;
    drop_step(plan, list, static_cast<std::size_t>(found - (plan.*list).begin()));
    break;
  }
  return plan;
}

std::vector<PlanSketch> simpler(const PlanSketch& plan) { return Simpler(plan).all(); }

}  // namespace backout::simulator
