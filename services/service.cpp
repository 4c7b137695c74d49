#include "services/service.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "services/backup_store.hpp"
#include "services/commands.hpp"
#include "services/copies.hpp"
#include "services/dependence.hpp"
#include "services/features.hpp"
#include "services/field_readings.hpp"
#include "services/reconcile.hpp"
#include "services/record_kind.hpp"
#include "services/replica.hpp"
#include "services/sealed.hpp"
#include "services/unknown_args.hpp"

namespace backout::services {

#define BACKOUT_KIND(name) const Kind& kind_##name();
#include "services/kinds.inc"
#undef BACKOUT_KIND

namespace {

std::size_t mix(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2));
}

const std::string kEmpty;

}  // namespace

const std::string& Record::get(const std::string& key) const {
  const auto found = facts_.find(key);
  return found == facts_.end() ? kEmpty : found->second;
}

Record Record::with(const std::string& key, std::string value) const {
  Record copy = *this;
  copy.facts_[key] = std::move(value);
  return copy;
}

Record Record::without(const std::string& key) const {
  Record copy = *this;
  copy.facts_.erase(key);
  return copy;
}

std::size_t Record::hash() const {
  std::size_t seed = facts_.size();
  for (const auto& [key, value] : facts_) {
    seed = mix(mix(seed, std::hash<std::string>{}(key)), std::hash<std::string>{}(value));
  }
  return seed;
}

bool Record::equals(const State& other) const {
  return facts_ == static_cast<const Record&>(other).facts_;
}

void States::push_back(StatePtr state) {
  auto chunks = std::make_shared<std::vector<Chunk>>(*chunks_);
  auto last = size_ % kChunk == 0 ? std::make_shared<std::vector<StatePtr>>()
                                  : std::make_shared<std::vector<StatePtr>>(*chunks->back());
  if (size_ % kChunk != 0) chunks->pop_back();
  last->push_back(std::move(state));
  chunks->push_back(std::move(last));
  chunks_ = std::move(chunks);
  ++size_;
}

void States::set(std::size_t at, StatePtr state) {
  auto chunks = std::make_shared<std::vector<Chunk>>(*chunks_);
  auto chunk = std::make_shared<std::vector<StatePtr>>(*(*chunks)[at / kChunk]);
  (*chunk)[at % kChunk] = std::move(state);
  (*chunks)[at / kChunk] = std::move(chunk);
  chunks_ = std::move(chunks);
}

std::size_t States::next_difference(const States& other, std::size_t from) const {
  for (std::size_t at = from; at < size_; ++at) {
    const Chunk& mine = (*chunks_)[at / kChunk];
    const Chunk& theirs = (*other.chunks_)[at / kChunk];
    if (mine == theirs) {
      at = (at / kChunk + 1) * kChunk -
           1;  // to the chunk's last place; the loop steps to the next chunk
    } else if ((*mine)[at % kChunk] != (*theirs)[at % kChunk]) {
      return at;
    }
  }
  return size_;
}

const Record& World::record(ServiceIndex service) const {
  const auto* record = dynamic_cast<const Record*>(states[service].get());
  if (record == nullptr) std::abort();
  return *record;
}

bool operator==(const World& a, const World& b) {
  if (a.states.size() != b.states.size()) return false;
  for (std::size_t i = 0; i < a.states.size(); ++i) {
    if (a.states[i] != b.states[i] && !a.states[i]->equals(*b.states[i])) return false;
  }
  return true;
}

std::size_t hash_of(const World& world) {
  std::size_t seed = world.states.size();
  for (std::size_t i = 0; i < world.states.size(); ++i) seed = mix(seed, world.states[i]->hash());
  return seed;
}

Outcome& Outcome::set(ServiceIndex service, StatePtr state) {
  for (auto& [index, kept] : changes) {
    if (index == service) {
      kept = std::move(state);
      return *this;
    }
  }
  changes.emplace_back(service, std::move(state));
  return *this;
}

bool overlaps(std::string_view a, std::string_view b) {
  const std::string_view shorter = a.size() < b.size() ? a : b;
  const std::string_view longer = a.size() < b.size() ? b : a;
  return longer.starts_with(shorter) &&
         (longer.size() == shorter.size() || longer[shorter.size()] == '.');
}

bool conflict(const Footprint& a, const Footprint& b) {
  const auto meet = [](const std::vector<std::string>& left,
                       const std::vector<std::string>& right) {
    return std::ranges::any_of(left, [&](const std::string& one) {
      return std::ranges::any_of(right,
                                 [&](const std::string& other) { return overlaps(one, other); });
    });
  };
  return meet(a.writes, b.writes) || meet(a.writes, b.reads) || meet(a.reads, b.writes);
}

namespace {

/// The services that read a configuration: those that it names, or else the apps that use it.
std::vector<ServiceIndex> readers_of(const Plan& plan, ServiceIndex configuration) {
  const model::Service& self = plan.services[configuration];
  if (self.fields.has("read_by")) return named_services(plan, self.fields, "read_by");
  std::vector<ServiceIndex> readers;
  for (ServiceIndex app = 0; app < plan.services.size(); ++app) {
    const std::vector<ServiceIndex>& uses = plan.services[app].uses;
    if (!plan.services[app].versions.empty() &&
        std::ranges::find(uses, configuration) != uses.end())
      readers.push_back(app);
  }
  return readers;
}

}  // namespace

Context::Context(const Plan& plan) : plan_(&plan), readings_(std::make_shared<Readings>()) {
  auto tables = std::make_shared<Tables>();
  tables->configurations.resize(plan.services.size());
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const Kind* kind = find_kind(plan.services[i].kind);
    if (kind == nullptr) std::abort();
    tables->kinds.push_back(kind);
    if (kind->may_block()) tables->barriers.push_back(i);
    if (plan.services[i].fields.has("reconciles") || features_of(*kind).acts_by_itself)
      tables->has_reconcilers = true;
    if (plan.services[i].fields.has("encrypted_with")) tables->sealed.push_back(i);
    if (!features_of(*kind).is_configuration) continue;
    for (const ServiceIndex reader : readers_of(plan, i))
      tables->configurations[reader].push_back(i);
  }
  tables_ = std::move(tables);
}

std::vector<Action> Kind::parts(const Context&, const World&, const Action& action) const {
  return {action};
}

Footprint Kind::footprint(const Context& context, const Action& action) const {
  const std::string all = resource(context, action.service);
  return {{all}, {all}};
}

Undo Kind::undo(const Context&, const World&, const Action&) const { return {}; }
Traits Kind::traits(const Context&, const Action&) const { return {}; }
Changes Kind::harmed(const Context&, const World&, const Action&, Harm) const { return {}; }
std::vector<Fact> Kind::facts(const Context&, ServiceIndex, const State&) const { return {}; }
std::vector<Datum> Kind::data(const Context&, ServiceIndex, const State&) const { return {}; }

Outcome Kind::operate(const Context& context, const World&, const Operation& operation,
                      const std::string&) const {
  return Outcome::refused(fmt::format("'{}' takes no operation '{}'",
                                      context.plan().services[operation.on].name, operation.name));
}

std::vector<std::string> Kind::live_versions(const Context&, const World&, ServiceIndex) const {
  return {};
}
std::string Kind::blocks(const Context&, const World&, ServiceIndex, ServiceIndex) const {
  return {};
}

CheckResult Kind::check(const Context&, const World&, const model::Check&) const {
  return {CheckResult::Value::unknown, "no model of this check on this kind of service"};
}

const Kind* find_kind(std::string_view name) {
  for (const Kind* kind : all_kinds()) {
    if (kind->spec().name == name) return kind;
  }
  return nullptr;
}

model::Catalog catalog() {
  model::Catalog all;
  for (const Kind* kind : all_kinds()) all.kinds.push_back(kind->spec());
  return all;
}

World initial_world(const Context& context, std::vector<model::Mistake>& mistakes) {
  World world;
  for (ServiceIndex i = 0; i < context.plan().services.size(); ++i) {
    world.states.push_back(context.kind(i).initial(context, i, mistakes));
  }
  return world;
}

Action action_of(const Plan&, const model::Step& step) {
  return {step.target, step.verb, step.args, step.verb_span, step.id, step.via};
}

namespace {

const Kind& kind_of(const Context& context, const Action& action) {
  return action.service == model::kNone ? kind_manual() : context.kind(action.service);
}

/// What restores a copy that is not there may find it: a step took one whose name nobody says.
void may_find_the_copy(const Context& context, const World& world, const Action& action,
                       Outcome& outcome) {
  if (outcome.result != Outcome::Result::refused || action.service == model::kNone) return;
  const std::string copy = kind_of(context, action).traits(context, action).restores_backup;
  const auto* record = dynamic_cast<const Record*>(world.states[action.service].get());
  if (copy.empty() || record == nullptr || record->has("copies." + copy) ||
      !record->has("copies.unknown"))
    return;
  outcome = Outcome::opaque(
      fmt::format("whether the copy whose name is unknown is '{}', the plan does not say", copy));
}

/// What the action does to its service, and what that brings about in others.
Outcome happens(const Context& context, const World& world, const Action& action) {
  Outcome outcome =
      without_guess(context, world, action, kind_of(context, action).apply(context, world, action));
  may_find_the_copy(context, world, action, outcome);
  note_key(context, world, action, outcome);
  follow_primaries(context, world, action, outcome);
  put_back(context, world, action, outcome);
  note_seals(context, world, outcome);
  doubt_seals(context, world, action, outcome);
  return outcome;
}

}  // namespace

World with_changes(const World& world, const Changes& changes) {
  World next = world;
  for (const auto& [service, state] : changes) next.states.set(service, state);
  return next;
}

Applied run(const Context& context, const World& world, const Action& action) {
  for (const ServiceIndex via : action.via) {
    if (std::string why = why_silent(context, world, via); !why.empty())
      return {world, Outcome::refused(std::move(why))};
  }
  if (std::string why = why_unreadable(context, world, action); !why.empty()) {
    if (is_key_guessed(context, action))
      return {world,
              Outcome::opaque(
                  why + ", if its place is described rightly: `encrypted_with` would say it")};
    return {world, Outcome::refused(std::move(why))};
  }
  Outcome outcome = whatever_fields_say(context, world, action, happens);
  World next = with_changes(world, outcome.changes);
  return {std::move(next), std::move(outcome)};
}

Traits traits_of(const Context& context, const Action& action) {
  Traits traits = kind_of(context, action).traits(context, action);
  // That a command changes no service of the plan does not make it a look: what it hides, it hides.
  const bool read_only =
      std::exchange(traits.read_only, traits.read_only && action.verb != kRunVerb);
  add_command_traits(kCommand.in(action.args), traits);
  traits.read_only = read_only;
  return traits;
}

Changes harmed(const Context& context, const World& world, const Action& action, Harm harm) {
  const bool would_be_seen = harm == Harm::gone || harm == Harm::corrupt;
  if (would_be_seen && was_read_back(context, world, action)) return {};
  if (harm == Harm::unreachable) return cut_off(context, world, action);
  return kind_of(context, action).harmed(context, world, action, harm);
}

Footprint footprint_of(const Context& context, const Action& action) {
  Footprint print = kind_of(context, action).footprint(context, action);
  for (const ServiceIndex via : action.via) add_dependence(context, via, print);
  add_copies(context, action, print);
  add_replicas(context, action, print);
  add_reconciled(context, print);
  add_seals(context, print);
  for (std::vector<std::string>* paths : {&print.reads, &print.writes}) {
    std::sort(paths->begin(), paths->end());
    paths->erase(std::unique(paths->begin(), paths->end()), paths->end());
  }
  return print;
}

std::vector<Action> parts_of(const Context& context, const World& world, const Action& action) {
  return kind_of(context, action).parts(context, world, action);
}

Undo undo_of(const Context& context, const World& before, const Action& action) {
  Undo undo = kind_of(context, action).undo(context, before, action);
  if (undo.kind != Undo::Class::exact || !context.has_reconcilers()) return undo;
  const Footprint own = kind_of(context, action).footprint(context, action);
  Footprint all = own;
  add_reconciled(context, all);
  if (all.writes.size() != own.writes.size()) {
    undo.kind = Undo::Class::conditional;
    undo.why = "a cache has kept a copy, or what acts by itself has put it back";
  }
  return undo;
}

}  // namespace backout::services
