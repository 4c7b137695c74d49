#include "simulator/playbook.hpp"

#include <utility>

#include <fmt/format.h>

#include "services/residue.hpp"
#include "services/script.hpp"
#include "simulator/readings.hpp"

namespace backout::simulator {
namespace {

void append_residue(std::vector<model::Residue>& all, const std::vector<model::Residue>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

model::OnFailure reaction_of(const model::Plan& plan, model::StepIndex index) {
  const model::Step& step = plan.steps[index];
  if (step.on_failure.written) return step.on_failure;
  model::OnFailure reaction = plan.rollback_on_failure;
  if (!step.critical) reaction.type = model::OnFailure::Type::carry_on;
  return reaction;
}

StepSet steps_undone_by(const model::Plan& plan, model::StepIndex rollback_step) {
  StepSet undone;
  for (const model::StepIndex step : undone_by(plan, rollback_step)) undone.set(step);
  return undone;
}

std::vector<model::Residue> declared_residue(const model::Plan& plan) {
  std::vector<model::Residue> all = plan.residue;
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step)
    append_residue(all, plan.steps[step].residue);
  return all;
}

Playbook deploy_of(Worlds& worlds) {
  const model::Plan& plan = worlds.plan();
  Playbook deploy{"deploy", false, {}, {}, declared_residue(plan)};
  deploy.narrow =
      services::narrowed(worlds.context(), worlds.world(Worlds::start()), deploy.residue);
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    Task task;
    task.step = step;
    task.actions = {worlds.intern(services::action_of(plan, plan.steps[step]))};
    for (const model::StepIndex need : model::predecessors(plan, step)) task.before.set(need);
    deploy.tasks.push_back(std::move(task));
  }
  return deploy;
}

/// What a task waits for through others too: those between may be left out, and the order stays.
void close(std::vector<Task>& tasks) {
  for (bool grown = true; grown;) {
    grown = false;
    for (Task& task : tasks) {
      StepSet all = task.before;
      for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (task.before.test(i)) all |= tasks[i].before;
      }
      grown = grown || all != task.before;
      task.before = all;
    }
  }
}

/// Notes for each step that always runs which steps of its path may undo it: those that write what
/// it writes.
void note_undoing(const Worlds& worlds, std::vector<Task>& tasks) {
  const model::Plan& plan = worlds.plan();
  const auto writes = [&](const Task& task) {
    services::Footprint print;
    for (const ActionId action : task.actions) {
      const services::Footprint one =
          services::footprint_of(worlds.context(), worlds.action(action));
      print.writes.insert(print.writes.end(), one.writes.begin(), one.writes.end());
    }
    return print;
  };
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!plan.steps[tasks[i].step].always) continue;
    for (std::size_t j = 0; j < tasks.size(); ++j) {
      if (i != j && services::conflict(writes(tasks[i]), writes(tasks[j])))
        tasks[i].undone_by.set(j);
    }
  }
}

Playbook path_of(Worlds& worlds, const Playbook& deploy, const model::RollbackPath& path) {
  const model::Plan& plan = worlds.plan();
  // Without a deploy the start state is the broken one: there is nothing to give back, only a state
  // that works.
  Playbook playbook{path.name,    path.full && plan.deploy_count > 0, {}, path.from, deploy.residue,
                    deploy.narrow};
  const auto before = model::path_predecessors(plan, path);
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    Task task;
    task.step = path.steps[i];
    task.actions = {worlds.intern(services::action_of(plan, plan.steps[task.step]))};
    if (!services::runs_regardless(worlds.context(), path, task.step))
      task.undoes = steps_undone_by(plan, task.step);
    task.reaction = reaction_of(plan, task.step);
    for (const std::size_t earlier : before[i]) task.before.set(earlier);
    append_residue(playbook.residue, plan.steps[task.step].residue);
    append_residue(playbook.narrow, plan.steps[task.step].residue);
    playbook.tasks.push_back(std::move(task));
  }
  close(playbook.tasks);
  note_undoing(worlds, playbook.tasks);
  return playbook;
}

Playbook derived_path(Worlds& worlds, const Playbook& deploy) {
  const model::Plan& plan = worlds.plan();
  Playbook playbook{"undo", true, {}, {}, deploy.residue, deploy.narrow};
  WorldId world = Worlds::start();
  for (const Task& done : deploy.tasks) {
    const services::Action action = services::action_of(plan, plan.steps[done.step]);
    const bool only_looks = services::traits_of(worlds.context(), action).read_only;
    const services::Undo undo = services::undo_of(worlds.context(), worlds.world(world), action);
    const WorldId before = std::exchange(world, worlds.run(world, done.actions.front()).world);
    if (only_looks || (before == world && undo.actions.empty())) continue;
    Task task;
    task.step = done.step;
    task.derived = true;
    task.undoes.set(done.step);
    if (plan.steps[done.step].undo.type == model::UndoRef::Type::none || undo.actions.empty()) {
      task.impossible = undo.why.empty() ? "nothing takes it back" : undo.why;
    }
    for (services::Action each : undo.actions) {
      each.label = fmt::format("undo of '{}'", plan.steps[done.step].id);
      task.actions.push_back(worlds.intern(each));
    }
    playbook.tasks.insert(playbook.tasks.begin(), std::move(task));
  }
  for (std::size_t i = 1; i < playbook.tasks.size(); ++i) playbook.tasks[i].before.set(i - 1);
  close(playbook.tasks);
  return playbook;
}

std::string too_large(const model::Plan& plan) {
  const auto over = [](const std::string& what, std::size_t count) {
    return fmt::format("{} has {} steps, and at most {} are explored", what, count, kMaxSteps);
  };
  if (plan.deploy_count > kMaxSteps) return over("the deploy", plan.deploy_count);
  for (const model::RollbackPath& path : plan.paths) {
    if (path.steps.size() > kMaxSteps)
      return over(fmt::format("path '{}'", path.name), path.steps.size());
  }
  return {};
}

}  // namespace

Playbooks playbooks_of(Worlds& worlds) {
  const model::Plan& plan = worlds.plan();
  Playbooks all;
  all.too_large = too_large(plan);
  if (!all.too_large.empty()) return all;
  all.deploy = deploy_of(worlds);
  for (const model::RollbackPath& path : plan.paths)
    all.paths.push_back(path_of(worlds, all.deploy, path));
  if (plan.paths.empty()) all.paths.push_back(derived_path(worlds, all.deploy));
  return all;
}

std::string name_of(const model::Plan& plan, const Task& task) {
  const std::string& id = plan.steps[task.step].id;
  return task.derived ? fmt::format("undo of '{}'", id) : id;
}

const model::Step& rules_of(const model::Plan& plan, const Task& task) {
  static const model::Step kPlain{};
  return task.derived ? kPlain : plan.steps[task.step];
}

}  // namespace backout::simulator
