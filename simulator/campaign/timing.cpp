#include "simulator/campaign/timing.hpp"

#include "model/schedule.hpp"

namespace backout::simulator {
namespace {

Sampler sampler_of(const std::optional<model::Duration>& duration) {
  if (!duration || duration->unknown) return {};
  const std::int64_t likely =
      duration->likely_ms.value_or((duration->low_ms + duration->high_ms) / 2);
  return {duration->low_ms, likely, duration->high_ms};
}

TaskTime time_of(const model::Plan& plan, model::StepIndex step) {
  const model::Schedule schedule = model::schedule_step(plan, step);
  const std::int64_t low = schedule.verify_low_ms;
  const std::int64_t high = schedule.verify_high_ms;
  return {sampler_of(plan.steps[step].takes),
          {low, (low + high) / 2, high},
          sampler_of(plan.steps[step].timeout)};
}

bool is_known(const std::optional<model::Duration>& duration) {
  return duration && !duration->unknown;
}

}  // namespace

Timing timing_of(const model::Plan& plan, const Playbooks& books) {
  Timing timing;
  for (const Playbook& book : books.paths) {
    PathTime path;
    for (const Task& task : book.tasks) {
      path.tasks.push_back(task.derived ? TaskTime{} : time_of(plan, task.step));
      const TaskTime& time = path.tasks.back();
      path.likely_ms += time.work.high_ms() + time.check.high_ms();
      if (task.derived || !is_known(plan.steps[task.step].takes))
        path.unestimated.push_back(task.step);
    }
    timing.paths.push_back(std::move(path));
  }
  for (model::StepIndex step = 0; step < plan.deploy_count; ++step) {
    timing.deploy.push_back(sampler_of(plan.steps[step].takes));
  }
  timing.detect = sampler_of(plan.detect);
  timing.respond = sampler_of(plan.respond);
  timing.detect_known = is_known(plan.detect);
  timing.respond_known = is_known(plan.respond);
  return timing;
}

}  // namespace backout::simulator
