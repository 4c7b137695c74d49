#include "simulator/testing/draw_plan.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace backout::simulator {
namespace {

bool one_in(Chooser& chooser, std::size_t count) { return chooser.choose(count) == 0; }

/// From `least` to `most`.
std::size_t between(Chooser& chooser, std::size_t least, std::size_t most) {
  return least + chooser.choose(std::max(most, least) - least + 1);
}

std::string id_of(const char* kind, std::size_t at) { return fmt::format("{}{}", kind, at); }

/// Position `at` in lanes: behind the step before it in its lane, and now and then behind one of
/// another lane.
std::vector<std::string> draw_needs(Chooser& chooser, const char* kind, std::size_t at,
                                    std::size_t lanes) {
  std::vector<std::string> needs;
  if (at >= lanes) needs.push_back(id_of(kind, at - lanes));
  if (at > 1 && one_in(chooser, 5) && lanes > 1) needs.push_back(id_of(kind, at - 1));
  return needs;
}

void add_words(Chooser& chooser, StepSketch& step) {
  switch (chooser.choose(9)) {
    case 0:
      step.retry = 1;
      break;
    case 1:
    case 2:
      step.timeout = "1m";
      break;
    case 3:
      step.on_failure = "continue";
      break;
    case 4:
      step.optional = true;
      break;
    default:
      break;
  }
}

/// What only steps of a rollback say.
void add_rollback_words(Chooser& chooser, StepSketch& step, std::size_t at,
                        std::size_t deploy_steps) {
  if (one_in(chooser, 12)) step.always = true;
  if (one_in(chooser, 14) && step.on_failure.empty()) {
    const bool jumps = at > 0 && one_in(chooser, 2);
    step.on_failure = jumps ? "goto:" + id_of("u", chooser.choose(at)) : "rollback:other";
  }
  if (one_in(chooser, 3))
    step.undoes = {id_of("d", chooser.choose(std::min<std::size_t>(deploy_steps, 2)))};
}

StepSketch draw_step(Chooser& chooser, const Vocabulary& vocabulary, const char* kind,
                     std::size_t at, std::size_t lanes) {
  StepSketch step;
  step.id = id_of(kind, at);
  step.needs = draw_needs(chooser, kind, at, lanes);
  step.action = vocabulary.actions[chooser.choose(vocabulary.actions.size())].action;
  step.takes = fmt::format("{}-{}m", at + 1, 2 * at + 3);
  add_words(chooser, step);
  return step;
}

}  // namespace

const Vocabulary& small_vocabulary() {
  static const Vocabulary kVocabulary = {
      {{"conf", R"({kind: config, items: {a: "1"}})", {}},
       {"other", R"({kind: config, items: {k: "1"}})", {}},
       {"third", R"({kind: config, items: {m: "0"}})", {}},
       {"memory", "{kind: sqlite, tables: {notes: 2}}", {}},
       {"chat", "{kind: notifier}", {}},
       {"api",
        "{kind: app, uses: [conf, memory], start: old, versions: {"
        "old: {operations: {need: {require: items.a, on: conf}, remember: {write: notes, on: "
        "memory}}}, "
        "new: {operations: {need: {require: items.b, on: conf}, remember: {write: notes, on: "
        "memory}}}}}",
        {"conf", "memory"}}},
      {{{"conf", R"(do: set, target: conf, key: a, value: "1")"}, "", ""},
       {{"conf", R"(do: set, target: conf, key: a, value: "2")"},
        R"(do: set, target: conf, key: a, value: "1")",
        R"({fact: conf.items.a, is: "1"})"},
       {{"conf", R"(do: set, target: conf, key: b, value: "1")"},
        "do: unset, target: conf, key: b",
        ""},
       {{"conf", "do: unset, target: conf, key: b"}, "", ""},
       {{"other", R"(do: set, target: other, key: k, value: "1")"}, "", ""},
       {{"other", R"(do: set, target: other, key: k, value: "2")"},
        R"(do: set, target: other, key: k, value: "1")",
        R"({fact: other.items.k, is: "1"})"},
       {{"other", R"(do: set, target: other, key: l, value: "1")"},
        "do: unset, target: other, key: l",
        ""},
       {{"other", "do: unset, target: other, key: l"}, "", ""},
       {{"third", R"(do: set, target: third, key: m, value: "1")"},
        R"(do: set, target: third, key: m, value: "0")",
        R"({fact: third.items.m, is: "0"})"},
       {{"third", "do: unset, target: third, key: m"}, "", ""},
       {{"third", R"(do: set, target: third, key: n, value: "1")"},
        "do: unset, target: third, key: n",
        ""},
       {{"third", "do: restore, target: third, from: latest, backup_first: true"}, "", ""},
       {{"conf", "do: backup, target: conf, file: saved"}, "", ""},
       {{"conf", "do: restore, target: conf, from: saved"}, "", ""},
       {{"conf", "do: restore, target: conf, from: latest, backup_first: true"}, "", ""},
       {{"memory", "do: write, target: memory, row: more"}, "", ""},
       {{"memory", "do: delete, target: memory, row: more"}, "", ""},
       {{"memory", "do: delete, target: memory, row: notes"}, "", ""},
       {{"memory", "do: backup, target: memory, file: copy"}, "", ""},
       {{"memory", "do: restore, target: memory, from: copy"}, "", ""},
       {{"api", "do: deploy, target: api, version: new"}, "", ""},
       {{"api", "do: deploy, target: api, version: old"}, "", ""},
       {{"api", "do: stop, target: api"}, "", ""},
       {{"api", "do: start, target: api"}, "", ""},
       {{"chat", "do: send, target: chat, text: hello"}, "", ""},
       {{"", "do: task, text: look at it"}, "", ""}},
      {{"other", R"(has_k: {fact: other.items.k, is: "1", when: always})"}},
      {{"other", "{path: other.items.l, reason: harmless}"}}};
  return kVocabulary;
}

PlanSketch draw_plan(Chooser& chooser, const Vocabulary& vocabulary, const PlanLimits& limits) {
  PlanSketch plan;
  plan.services = vocabulary.services;
  for (const LineSketch& invariant : vocabulary.invariants) {
    if (one_in(chooser, 3)) plan.invariants.push_back(invariant);
  }
  for (const LineSketch& residue : vocabulary.residue) {
    if (one_in(chooser, 3)) plan.residue.push_back(residue);
  }
  plan.traffic = static_cast<std::int64_t>(chooser.choose(limits.traffic + 1));
  const std::size_t deploy_steps = between(chooser, 2, limits.deploy_steps);
  const std::size_t deploy_lanes = between(chooser, 1, limits.deploy_lanes);
  for (std::size_t i = 0; i < deploy_steps; ++i) {
    plan.deploy.push_back(draw_step(chooser, vocabulary, "d", i, deploy_lanes));
  }
  const std::size_t rollback_steps = between(chooser, 2, limits.rollback_steps);
  const std::size_t lanes = between(chooser, 1, limits.rollback_lanes);
  plan.paths = {{"back", {}, !one_in(chooser, 3)}, {"other", {}, false}};
  for (std::size_t i = 0; i < rollback_steps; ++i) {
    StepSketch step = draw_step(chooser, vocabulary, "u", i, lanes);
    add_rollback_words(chooser, step, i, deploy_steps);
    plan.paths[0].steps.push_back(step.id);
    if (i < (rollback_steps > 2 ? 2 : 1)) plan.paths[1].steps.push_back(step.id);
    plan.rollback.push_back(std::move(step));
  }
  return plan;
}

PlanSketch draw_working_plan(Chooser& chooser, const Vocabulary& vocabulary,
                             const PlanLimits& limits, bool checked) {
  PlanSketch plan;
  plan.services = vocabulary.services;
  plan.traffic = static_cast<std::int64_t>(chooser.choose(limits.traffic + 1));
  std::vector<const ActionWord*> words;
  for (const ActionWord& word : vocabulary.actions) {
    if (!word.undo.empty() && (!checked || !word.check.empty())) words.push_back(&word);
  }
  const std::size_t steps = std::min(between(chooser, 2, limits.deploy_steps), words.size());
  const std::size_t lanes = between(chooser, 1, limits.deploy_lanes);
  for (std::size_t i = 0; i < steps; ++i) {
    std::swap(words[i], words[i + chooser.choose(words.size() - i)]);
    StepSketch step;
    step.id = id_of("d", i);
    step.action = words[i]->action;
    step.needs = draw_needs(chooser, "d", i, lanes);
    step.takes = fmt::format("{}m", 1 + chooser.choose(3));
    plan.deploy.push_back(std::move(step));
  }
  for (std::size_t i = steps; i-- > 0;) {
    StepSketch undo;
    undo.id = id_of("u", i);
    undo.action = {words[i]->action.service, words[i]->undo};
    undo.undoes = {id_of("d", i)};
    undo.takes = plan.deploy[i].takes;
    if (checked) undo.verify = words[i]->check;
    if (one_in(chooser, 3)) undo.timeout = "10m";
    if (one_in(chooser, 3)) undo.retry = 1;
    for (std::size_t later = i + 1; later < steps; ++later) {
      if (std::ranges::count(plan.deploy[later].needs, id_of("d", i)) > 0)
        undo.needs.push_back(id_of("u", later));
    }
    plan.rollback.push_back(std::move(undo));
  }
  return plan;
}

std::vector<PlanSketch> simpler_working(const PlanSketch& plan) {
  std::vector<PlanSketch> all;
  for (const StepSketch& undo : plan.rollback) {
    if (plan.rollback.size() > 1)
      all.push_back(without_step(without_step(plan, undo.undoes.front()), undo.id));
  }
  for (PlanSketch& each : simpler(plan)) {
    const auto keeps = [](const StepSketch& now, const StepSketch& before) {
      return now.id == before.id && now.action == before.action && now.undoes == before.undoes &&
             now.verify == before.verify;
    };
    const bool works = each.deploy.size() == plan.deploy.size() &&
                       std::ranges::equal(each.rollback, plan.rollback, keeps);
    if (works) all.push_back(std::move(each));
  }
  return all;
}

}  // namespace backout::simulator
