#include "simulator/worlds.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/sealed.hpp"
#include "simulator/readings.hpp"

namespace backout::simulator {
namespace {

std::uint64_t pair_key(std::uint32_t high, std::uint32_t low) {
  return std::uint64_t{high} << 32 | low;
}

void append(const model::Node& node, std::string& out) {
  out += fmt::format("{}{}:{}[", static_cast<int>(node.type), node.quoted ? 'q' : 'p', node.text);
  for (const model::Node& item : node.items) append(item, out);
  for (const model::Node::Entry& entry : node.entries) {
    out += entry.key + '=';
    append(entry.value, out);
  }
  out += ']';
}

/// Two actions with the same key do the same; the label counts, because messages show it.
std::string key_of(const services::Action& action) {
  std::string key = fmt::format("{}|{}|{}|", action.service, action.verb, action.label);
  for (const model::Node::Entry& entry : action.args.entries) {
    key += entry.key + '=';
    append(entry.value, key);
  }
  return key;
}

}  // namespace

SetId Sets::intern(Members members) {
  assert(std::ranges::is_sorted(members) && "one form of a set");
  const auto [found, fresh] =
      ids_.try_emplace(std::move(members), static_cast<SetId>(sets_.size()));
  if (fresh) sets_.push_back(found->first);
  return found->second;
}

bool Sets::contains(SetId set, std::uint32_t member) const {
  const Members& members = (*this)[set];
  return std::binary_search(members.begin(), members.end(), member);
}

Worlds::Worlds(const services::Context& context, const services::World& start, bool memoise,
               Reading reading)
    : context_(context), memoise_(memoise), reading_(std::move(reading)) {
  states_.resize(start.states.size());
  state_ids_.resize(start.states.size());
  state_data_.resize(start.states.size());
  observed_.resize(start.states.size());
  text("");
  intern(start);
  const model::Plan& plan = context.plan();
  for (model::ServiceIndex app = 0; app < plan.services.size(); ++app) {
    for (const model::Version& version : plan.services[app].versions) {
      for (const model::Operation& operation : version.operations) {
        operation_ids_.emplace(&operation, static_cast<OperationId>(operations_.size()));
        operations_.push_back(
            {{app, version.name, &operation, {}},
             fmt::format("'{}' of {}@{}", operation.name, plan.services[app].name, version.name)});
      }
    }
  }
  operation_effects_.resize(operations_.size());
  ran_.resize(operations_.size());
}

std::uint32_t Worlds::intern_state(std::size_t service, const services::StatePtr& state) {
  assert(state != nullptr && "every service has a state");
  const std::size_t hash = state->hash();
  const auto [first, last] = state_ids_[service].equal_range(hash);
  for (auto it = first; it != last; ++it) {
    const services::StatePtr& kept = states_[service][it->second];
    if (kept == state || kept->equals(*state)) return it->second;
  }
  const auto id = static_cast<std::uint32_t>(states_[service].size());
  states_[service].push_back(state);
  state_ids_[service].emplace(hash, id);
  return id;
}

WorldId Worlds::intern(const services::World& world) {
  Row row;
  row.reserve(world.states.size());
  for (std::size_t service = 0; service < world.states.size(); ++service) {
    row.push_back(intern_state(service, world.states[service]));
  }
  return intern_row(std::move(row));
}

WorldId Worlds::intern_row(Row row) {
  assert(row.size() == states_.size() && "a state per service");
  const auto [found, fresh] =
      row_ids_.try_emplace(std::move(row), static_cast<WorldId>(rows_.size()));
  if (fresh) {
    rows_.push_back(found->first);
    services::World world;
    for (std::size_t service = 0; service < found->first.size(); ++service) {
      world.states.push_back(states_[service][found->first[service]]);
    }
    worlds_.push_back(std::move(world));
  }
  return found->second;
}

services::World Worlds::watched(WorldId world) {
  services::World copy = worlds_[world];
  read_.assign(copy.states.size(), false);
  copy.states.note_reads(&read_);
  return copy;
}

Worlds::Effect Worlds::effect_of(WorldId world, const services::Applied& applied) {
  Effect effect{
      {}, applied.outcome.result, applied.outcome.reported_ok, text(applied.outcome.message)};
  services::World after = applied.world;
  after.states.note_reads(nullptr);
  for (std::uint32_t service = 0; service < after.states.size(); ++service) {
    const services::StatePtr& state = after.states[service];
    if (state != worlds_[world].states[service])
      effect.changes.emplace_back(service, intern_state(service, state));
  }
  return effect;
}

Ran Worlds::ran(WorldId world, const Effect& effect) {
  WorldId after = world;
  if (!effect.changes.empty()) {
    Row row = rows_[world];
    for (const auto& [service, state] : effect.changes) row[service] = state;
    after = intern_row(std::move(row));
  }
  return {after, effect.result, effect.reported_ok, effect.message};
}

ActionId Worlds::intern(const services::Action& action) {
  const auto [found, fresh] =
      action_ids_.try_emplace(key_of(action), static_cast<ActionId>(actions_.size()));
  if (fresh) {
    actions_.push_back(action);
    effects_.emplace_back();
    parts_.emplace_back();
  }
  return found->second;
}

const std::vector<WorldId>& Worlds::deploy() {
  if (!deploy_.empty()) return deploy_;
  std::vector<WorldId> worlds = {start()};
  for (model::StepIndex step = 0; step < plan().deploy_count; ++step) {
    worlds.push_back(
        run(worlds.back(), intern(services::action_of(plan(), plan().steps[step]))).world);
  }
  deploy_ = std::move(worlds);
  return deploy_;
}

services::Applied Worlds::as_read(WorldId world, const services::Action& action,
                                  services::Applied applied) {
  if (applied.outcome.result != services::Outcome::Result::opaque) return applied;
  const std::string step = step_of(action.label);
  if (services::traits_of(context_, action).read_only) {
    unseen_.emplace(step, applied.outcome.message);
    return {worlds_[world], services::Outcome::done()};
  }
  opaque_.emplace(step, applied.outcome.message);
  if (reading_.does_nothing(step)) {
    applied.world = worlds_[world];
    return applied;
  }
  const std::vector<UndoneStep> all = undone_by_action(plan(), action);
  if (!all.empty()) {
    const std::vector<bool> read = read_;  // what this action looks at is noted in between
    deploy();
    read_ = read;
  }
  for (const UndoneStep& undone : all) {
    const services::World& before = worlds_[deploy_[undone.step]];
    take_back(context_, before, worlds_[deploy_[undone.step + 1]], undone.action, applied.world);
  }
  return applied;
}

Ran Worlds::run(WorldId world, ActionId action) {
  const std::uint64_t key = pair_key(world, action);
  if (!memoise_) {
    return ran(
        world,
        effect_of(world, as_read(world, actions_[action],
                                 services::run(context_, worlds_[world], actions_[action]))));
  }
  if (const auto found = runs_.find(key); found != runs_.end()) return found->second;
  const Effect* effect = effects_[action].find(rows_[world]);
  if (effect == nullptr) {
    const services::Applied applied = services::run(context_, watched(world), actions_[action]);
    const services::Applied taken = as_read(world, actions_[action], applied);
    effect = &effects_[action].add(rows_[world], read_, effect_of(world, taken));
  }
  return runs_.emplace(key, ran(world, *effect)).first->second;
}

WorldId Worlds::harmed(WorldId world, ActionId action, services::Harm harm) {
  const auto key = std::tuple(world, action, harm);
  if (const auto found = harmed_.find(key); found != harmed_.end()) return found->second;
  const services::Changes changes =
      services::harmed(context_, worlds_[world], actions_[action], harm);
  const WorldId to =
      changes.empty() ? kNoId : intern(services::with_changes(worlds_[world], changes));
  return harmed_[key] = to;
}

const std::vector<ActionId>& Worlds::parts(WorldId world, ActionId action) {
  const std::vector<ActionId>* known = parts_[action].find(rows_[world]);
  if (known != nullptr) return *known;
  const std::vector<services::Action> pieces =
      services::parts_of(context_, watched(world), actions_[action]);
  const std::vector<bool> read = read_;
  std::vector<ActionId> ids;
  for (const services::Action& piece : pieces) ids.push_back(intern(piece));
  return parts_[action].add(rows_[world], read, std::move(ids));
}

const std::vector<Served>& Worlds::operations(WorldId world) {
  if (const auto found = served_.find(world); found != served_.end()) return found->second;
  const std::vector<services::LiveOperation>* live = live_.find(rows_[world]);
  if (live == nullptr) {
    std::vector<services::LiveOperation> now = services::live_operations(context_, watched(world));
    observe();
    live = &live_.add(rows_[world], read_, std::move(now));
  }
  std::vector<Served> all;
  for (const services::LiveOperation& each : *live) {
    const OperationId id = operation_ids_.at(each.operation);
    ran_[id] = true;
    if (!each.refusal.empty()) {  // whatever the operation would do
      all.push_back({id, {world, services::Outcome::Result::refused, false, text(each.refusal)}});
      continue;
    }
    const Effect* effect = operation_effects_[id].find(rows_[world]);
    if (effect == nullptr) {
      const services::Applied applied = services::run_operation(context_, watched(world), each);
      observe();
      effect = &operation_effects_[id].add(rows_[world], read_, effect_of(world, applied));
    }
    all.push_back({id, ran(world, *effect)});
  }
  return served_.emplace(world, std::move(all)).first->second;
}

const std::vector<services::Outage>& Worlds::outages(WorldId world) {
  if (const std::vector<services::Outage>* known = outages_.find(rows_[world])) return *known;
  std::vector<services::Outage> all = services::outages(context_, watched(world));
  return outages_.add(rows_[world], read_, std::move(all));
}

void Worlds::observe() {
  for (std::size_t service = 0; service < read_.size(); ++service) {
    if (read_[service]) observed_[service] = true;
  }
}

DatumId Worlds::intern_datum(const services::Datum& datum) {
  const auto [found, fresh] = datum_ids_.try_emplace(datum, static_cast<DatumId>(data_.size()));
  if (fresh) data_.push_back(datum);
  return found->second;
}

const Sets::Members& Worlds::state_data(std::size_t service, std::uint32_t state) {
  const auto found = state_data_[service].find(state);
  if (found != state_data_[service].end()) return found->second;
  const auto index = static_cast<model::ServiceIndex>(service);
  const std::string prefix = plan().services[service].name + '.';
  Sets::Members members;
  for (const services::Datum& datum :
       context_.kind(index).data(context_, index, *states_[service][state])) {
    members.push_back(intern_datum({prefix + datum.id, prefix + datum.path}));
  }
  return state_data_[service].emplace(state, std::move(members)).first->second;
}

bool Worlds::is_readable(WorldId world, const services::Datum& datum) const {
  const std::string& name = datum.id;
  return std::ranges::all_of(context_.sealed(), [&](model::ServiceIndex store) {
    const std::string prefix = plan().services[store].name + '.';
    return !name.starts_with(prefix) ||
           services::is_readable(context_, worlds_[world], store, name.substr(prefix.size()));
  });
}

const Sets::Members& Worlds::data(WorldId world) {
  if (const auto found = world_data_.find(world); found != world_data_.end()) return found->second;
  Sets::Members all;
  for (std::size_t service = 0; service < rows_[world].size(); ++service) {
    const Sets::Members& members = state_data(service, rows_[world][service]);
    all.insert(all.end(), members.begin(), members.end());
  }
  if (!context_.sealed().empty())
    std::erase_if(all, [&](DatumId id) { return !is_readable(world, data_[id]); });
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return world_data_.emplace(world, std::move(all)).first->second;
}

const services::CheckResult& Worlds::check(WorldId world, const model::Check& check) {
  Recall<services::CheckResult>& answers = checks_[&check];
  if (const services::CheckResult* known = answers.find(rows_[world])) return *known;
  services::CheckResult result = services::evaluate(context_, watched(world), check);
  return answers.add(rows_[world], read_, std::move(result));
}

const services::CheckResult& Worlds::holds(WorldId world, std::size_t predicate) {
  Recall<services::CheckResult>& answers = held_[predicate];
  if (const services::CheckResult* known = answers.find(rows_[world])) return *known;
  const services::World seen = watched(world);
  services::CheckResult result = predicates_[predicate].look(services::WorldView(context_, seen));
  return answers.add(rows_[world], read_, std::move(result));
}

TextId Worlds::text(const std::string& text) {
  const auto [found, fresh] = text_ids_.try_emplace(text, static_cast<TextId>(texts_.size()));
  if (fresh) texts_.push_back(text);
  return found->second;
}

}  // namespace backout::simulator
