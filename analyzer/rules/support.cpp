#include "analyzer/rules/support.hpp"

#include <map>

#include "services/postgres_sql.hpp"
#include "services/residue.hpp"
#include "services/shell_status.hpp"
#include "services/traffic.hpp"

namespace backout::analyzer {

model::Finding about_step(const model::Plan& plan, model::StepIndex step, model::Severity severity,
                          std::string message) {
  model::Finding finding;
  finding.severity = severity;
  finding.message = std::move(message);
  finding.span = plan.steps[step].id_span;
  finding.step = plan.steps[step].id;
  return finding;
}

bool on_timed_path(const model::Plan& plan, model::StepIndex step) {
  return std::any_of(plan.paths.begin(), plan.paths.end(), [&](const model::RollbackPath& path) {
    const bool timed = path.total || path.timeout || (path.full && plan.rollback_total) ||
                       !model::objectives_of(plan, path).empty();
    return timed && contains(path.steps, step);
  });
}

std::vector<const model::Condition*> leaves(const model::Condition& condition) {
  if (condition.parts.empty()) return {&condition};
  std::vector<const model::Condition*> found;
  for (const model::Condition& part : condition.parts) {
    for (const model::Condition* leaf : leaves(part)) found.push_back(leaf);
  }
  return found;
}

std::vector<Run> runs_of(const Facts& facts) {
  std::vector<Run> runs{{"the deploy", model::kNone, &facts.deploy.steps}};
  for (const Replay& replay : facts.paths) {
    runs.push_back(
        {"path '" + facts.plan->paths[replay.path].name + "'", replay.path, &replay.steps});
  }
  return runs;
}

namespace {

/// Whether the rows that the step removes are those that earlier steps inserted, and no others: it
/// takes them back.
bool takes_rows_back(const Facts& facts, const Replayed& replayed) {
  const std::string& destroys = facts.traits[replayed.step].destroys;
  const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
  if (target == model::kNone || (!destroys.empty() && destroys != "rows")) return false;
  const services::Kind& kind = facts.context.kind(target);
  const auto rows = [&](const services::World& world) {
    const std::vector<services::Datum> data =
        kind.data(facts.context, target, *world.states[target]);
    return std::ranges::count_if(data, [](const services::Datum& datum) {
      return datum.id.find('=') == std::string::npos && !services::is_absence(datum);
    });
  };
  const auto own = [&](const services::World& world) {
    const std::vector<services::Fact> all =
        kind.facts(facts.context, target, *world.states[target]);
    return std::ranges::count_if(
        all, [](const services::Fact& fact) { return fact.value == "inserted by a step"; });
  };
  const auto removed = rows(replayed.before) - rows(replayed.after);
  return removed > 0 && own(replayed.before) - own(replayed.after) == removed;
}

using FactValues = std::map<std::string, std::string>;

/// What a rollback must restore of a service, by fact.
FactValues values_of(const Facts& facts, const services::World& world,
                     model::ServiceIndex service) {
  FactValues values;
  for (services::Fact& fact :
       facts.context.kind(service).facts(facts.context, service, *world.states[service])) {
    if (fact.essential) values[std::move(fact.path)] = std::move(fact.value);
  }
  return values;
}

/// Whether everything that the step changes is afterwards as it was before the deploy.
bool goes_back(const Facts& facts, const Replayed& replayed) {
  const services::States& old = replayed.before.states;
  const services::States& now = replayed.after.states;
  bool changed = false;
  for (std::size_t i = now.next_difference(old, 0); i < now.size();
       i = now.next_difference(old, i + 1)) {
    const auto service = static_cast<model::ServiceIndex>(i);
    const FactValues start = values_of(facts, facts.start, service);
    const FactValues before = values_of(facts, replayed.before, service);
    const FactValues after = values_of(facts, replayed.after, service);
    const auto find = [](const FactValues& values, const std::string& fact) {
      const auto found = values.find(fact);
      return found == values.end() ? std::string() : found->second;
    };
    const auto as_at_start = [&](const FactValues& some) {
      return std::ranges::all_of(some, [&](const auto& fact) {
        const std::string is = find(after, fact.first);
        return is == find(before, fact.first) || is == find(start, fact.first);
      });
    };
    if (!as_at_start(before) || !as_at_start(after)) return false;
    changed = changed || before != after;
  }
  return changed;
}

/// Whether the operation can only look: it has SQL, which is SELECT alone, or it asks for a fact.
bool only_looks(const model::Operation& operation) {
  if (operation.type == model::Operation::Type::require) return true;
  const postgres::Script script = postgres::Script::parse(operation.sql);
  const auto looks = [](const postgres::Script::Statement& statement) {
    return services::only_reads(statement) && statement.tree->select_stmt->with_clause == nullptr;
  };
  return !script.mistake() && !script.statements().empty() &&
         std::ranges::all_of(script.statements(), looks);
}

/// Whether versions say what they do to the step's target, and every operation of theirs that
/// writes works without what the step takes away as well as with it: then nobody has written into
/// it.
bool is_used_by_nobody(const Facts& facts, const Replayed& replayed) {
  bool any = false;
  const std::vector<model::Service>& services = facts.plan->services;
  for (model::ServiceIndex app = 0; app < services.size(); ++app) {
    for (const model::Version& version : services[app].versions) {
      for (const model::Operation& operation : version.operations) {
        if (operation.on != facts.plan->steps[replayed.step].target) continue;
        const services::LiveOperation live{app, version.name, &operation, ""};
        const auto works = [&](const services::World& world) {
          return services::run_operation(facts.context, world, live).outcome.result ==
                 services::Outcome::Result::done;
        };
        any = true;
        if (only_looks(operation)) continue;
        if ((works(replayed.before) || works(facts.deploy.end)) && !works(replayed.after))
          return false;
      }
    }
  }
  return any;
}

/// Whether the plan names nobody who could have written into what the step takes away. A copy that
/// is put back takes away whatever came since it was made.
bool names_no_writer(const Facts& facts, const Replayed& replayed) {
  const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
  return facts.traits[replayed.step].restores_backup.empty() &&
         std::ranges::all_of(facts.plan->services, [&](const model::Service& service) {
           return service.versions.empty() && !contains(service.uses, target);
         });
}

/// What a datum is the content of: a cell of a row.
std::string_view cell_of(const services::Datum& datum) {
  const std::string_view id = datum.id;
  return services::is_absence(datum) ? id.substr(0, id.size() - services::kIsNull.size())
                                     : id.substr(0, id.find('='));
}

/// Whether `after` holds in the cell of `datum` what was there before the deploy, which `datum` was
/// not: it is taken back.
bool is_taken_back(const services::Datum& datum, const std::vector<services::Datum>& start,
                   const std::vector<services::Datum>& after) {
  if (datum.id.find('=') == std::string::npos) return false;
  const auto was_there = [&](const services::Datum& other) {
    return other != datum && cell_of(other) == cell_of(datum);
  };
  const auto found = std::ranges::find_if(start, was_there);
  return found != start.end() && std::ranges::binary_search(after, *found);
}

/// Whether the step put the value into another column of the same row, which did not hold it
/// before: it is moved aside.
bool is_moved_aside(const services::Datum& datum, const std::vector<services::Datum>& before,
                    const std::vector<services::Datum>& after) {
  const std::size_t equals = datum.id.find('=');
  const std::size_t row = datum.id.find('#');
  if (equals == std::string::npos || row == std::string::npos) return false;
  const std::string_view prefix = std::string_view(datum.id).substr(0, datum.id.find('.', row) + 1);
  const std::string_view value = std::string_view(datum.id).substr(equals);
  return std::ranges::any_of(after, [&](const services::Datum& other) {
    const bool holds = other.id.starts_with(prefix) && other.id.find('=') != std::string::npos &&
                       std::string_view(other.id).substr(other.id.find('=')) == value;
    return holds && other != datum && !std::ranges::binary_search(before, other);
  });
}

/// The data of one service, sorted.
std::vector<services::Datum> sorted_data(const Facts& facts, model::ServiceIndex service,
                                         const services::World& world) {
  std::vector<services::Datum> data =
      facts.context.kind(service).data(facts.context, service, *world.states[service]);
  std::sort(data.begin(), data.end());
  return data;
}

/// Whether a replay of the step loses rows, values or points that it does not take back.
bool loses_data(const Facts& facts, const Replayed& replayed) {
  const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
  if (target == model::kNone || replayed.before.states[target] == replayed.after.states[target])
    return false;
  const std::vector<services::Datum> before = sorted_data(facts, target, replayed.before);
  const std::vector<services::Datum> after = sorted_data(facts, target, replayed.after);
  std::vector<services::Datum> gone;
  std::ranges::set_difference(before, after, std::back_inserter(gone));
  std::erase_if(gone, services::is_absence);
  if (gone.empty()) return false;
  const std::vector<services::Datum> start = sorted_data(facts, target, facts.start);
  return !std::ranges::all_of(gone, [&](const services::Datum& datum) {
    return is_taken_back(datum, start, after) || is_moved_aside(datum, before, after);
  });
}

bool restores_copy(const Facts& facts, const Replay& path, model::ServiceIndex target) {
  return std::ranges::any_of(path.steps, [&](const Replayed& each) {
    return facts.plan->steps[each.step].target == target &&
           !facts.traits[each.step].restores_backup.empty();
  });
}

/// Whether the path ends with everything in `target` that was there before the deploy, and no copy
/// was needed for it.
bool gives_all_back(const Facts& facts, const Replay& path, model::ServiceIndex target) {
  return !restores_copy(facts, path, target) &&
         std::ranges::includes(sorted_data(facts, target, path.end),
                               sorted_data(facts, target, facts.start));
}

/// The path that the step is replayed in; none for the deploy.
const Replay* path_of(const Facts& facts, const Replayed& replayed) {
  const auto found = std::ranges::find_if(facts.paths, [&](const Replay& path) {
    return std::ranges::any_of(path.steps,
                               [&](const Replayed& each) { return &each == &replayed; });
  });
  return found == facts.paths.end() ? nullptr : &*found;
}

/// Whether something may write into `store` of which no version says what it writes: what keeps its
/// state there, jobs without versions of their own, versions that say nothing.
bool has_unsaid_writers(const model::Plan& plan, model::ServiceIndex store) {
  return std::ranges::any_of(plan.services, [&](const model::Service& service) {
    for (const char* field : {"stored_in", "state_in"}) {
      if (service.fields.text(field) == plan.services[store].name) return true;
    }
    const bool uses = std::ranges::find(service.uses, store) != service.uses.end();
    return uses &&
           (service.versions.empty() || std::ranges::any_of(service.versions, services::is_silent));
  });
}

/// Whether a step of a path removes what the deploy made, whose content comes from the deploy's own
/// statements: everything from before the deploy is there when the path ends, and no version writes
/// into what is removed.
bool removes_what_deploy_made(const Facts& facts, const Replayed& replayed) {
  const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
  const Replay* path = path_of(facts, replayed);
  return path != nullptr && target != model::kNone && !has_unsaid_writers(*facts.plan, target) &&
         gives_all_back(facts, *path, target) && goes_back(facts, replayed) &&
         is_used_by_nobody(facts, replayed);
}

/// Whether a step of the deploy only sets values anew, and every path that is to restore everything
/// sets them back.
bool is_set_back(const Facts& facts, const Replayed& replayed) {
  const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
  const bool in_deploy = std::ranges::any_of(
      facts.deploy.steps, [&](const Replayed& each) { return &each == &replayed; });
  if (!in_deploy || target == model::kNone || !facts.traits[replayed.step].destroys.empty())
    return false;
  const auto is_full = [&](const Replay& path) { return facts.plan->paths[path.path].full; };
  return std::ranges::any_of(facts.paths, is_full) &&
         std::ranges::all_of(facts.paths, [&](const Replay& path) {
           return !is_full(path) || gives_all_back(facts, path, target);
         });
}

/// Whether residues name all facts that the step takes away: a column, a table.
bool is_declared_shape(const Facts& facts, const Replayed& replayed,
                       const std::vector<model::Residue>& declared) {
  const model::ServiceIndex target = facts.plan->steps[replayed.step].target;
  const std::string prefix = facts.plan->services[target].name + '.';
  const services::Kind& kind = facts.context.kind(target);
  const std::vector<services::Fact> after =
      kind.facts(facts.context, target, *replayed.after.states[target]);
  bool any = false;
  for (const services::Fact& fact :
       kind.facts(facts.context, target, *replayed.before.states[target])) {
    if (!fact.essential ||
        std::ranges::find(after, fact.path, &services::Fact::path) != after.end())
      continue;
    if (!services::is_declared(prefix + fact.path, declared)) return false;
    any = true;
  }
  return any;
}

/// Whether the step takes data away, and residues of the plan or of the step name all of it.
bool is_declared_loss(const Facts& facts, const Replayed& replayed) {
  std::vector<model::Residue> declared = facts.plan->residue;
  const model::Step& step = facts.plan->steps[replayed.step];
  declared.insert(declared.end(), step.residue.begin(), step.residue.end());
  if (declared.empty() || step.target == model::kNone) return false;
  const std::vector<services::Datum> before = sorted_data(facts, step.target, replayed.before);
  const std::vector<services::Datum> after = sorted_data(facts, step.target, replayed.after);
  std::vector<services::Datum> lost;
  std::ranges::set_difference(before, after, std::back_inserter(lost));
  const std::string prefix = facts.plan->services[step.target].name + '.';
  if (lost.empty()) return is_declared_shape(facts, replayed, declared);
  return std::ranges::all_of(lost, [&](const services::Datum& datum) {
    return services::is_declared(services::Datum{prefix + datum.id, prefix + datum.path}, declared);
  });
}

}  // namespace

bool is_destructive(const Facts& facts, const Replayed& replayed) {
  // What can be taken back exactly was moved aside, not destroyed.
  if (undo_of(facts.context, replayed.before, facts.actions[replayed.step]).kind ==
      services::Undo::Class::exact)
    return false;
  if (takes_rows_back(facts, replayed) || is_declared_loss(facts, replayed)) return false;
  if (is_set_back(facts, replayed) || removes_what_deploy_made(facts, replayed)) return false;
  if (loses_data(facts, replayed)) return true;
  if (facts.traits[replayed.step].destroys.empty()) return false;
  return !goes_back(facts, replayed) ||
         !(names_no_writer(facts, replayed) || is_used_by_nobody(facts, replayed));
}

bool is_refused(const Replayed& replayed) {
  return replayed.outcome.result == services::Outcome::Result::refused &&
         replayed.outcome.changes.empty();
}

bool is_residue(const Facts& facts, const Replayed& replayed) {
  std::vector<model::Residue> declared = facts.plan->residue;
  const model::Step& step = facts.plan->steps[replayed.step];
  declared.insert(declared.end(), step.residue.begin(), step.residue.end());
  return !differences(facts.context, replayed.before, replayed.after, {}).empty() &&
         differences(facts.context, replayed.before, replayed.after, declared).empty();
}

bool can_stop(const std::vector<model::Check>& checks) {
  return std::any_of(checks.begin(), checks.end(), [](const model::Check& check) {
    const bool expects = check.args.has("expect") || check.args.has("is") ||
                         check.args.has("value") || check.args.has("version") ||
                         check.args.has("within") || check.args.flag("fail_on_error", true);
    return !check.args.is_unknown("manual") && expects;
  });
}

bool is_a_look(const Facts& facts, model::StepIndex step) {
  const model::Step& each = facts.plan->steps[step];
  return facts.traits[step].read_only &&
         (each.verb != "run" || services::only_looks(each.args.text("command")));
}

bool is_declared(const model::Plan& plan, const model::Step& step) {
  if (!step.residue.empty()) return true;
  if (step.target == model::kNone) return false;
  const std::string prefix = plan.services[step.target].name + '.';
  return std::ranges::any_of(
      plan.residue, [&](const model::Residue& each) { return each.path.starts_with(prefix); });
}

}  // namespace backout::analyzer
