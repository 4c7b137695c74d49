#include "services/service.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>

#include <fmt/format.h>

#include "services/record_kind.hpp"
#include "services/traffic.hpp"

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

bool Record::equals(const State& other) const { return facts_ == static_cast<const Record&>(other).facts_; }

void States::push_back(StatePtr state) {
  if (size_ % kChunk == 0) chunks_.push_back(std::make_shared<const std::vector<StatePtr>>());
  auto last = std::make_shared<std::vector<StatePtr>>(*chunks_.back());
  last->push_back(std::move(state));
  chunks_.back() = std::move(last);
  ++size_;
}

void States::set(std::size_t at, StatePtr state) {
  auto chunk = std::make_shared<std::vector<StatePtr>>(*chunks_[at / kChunk]);
  (*chunk)[at % kChunk] = std::move(state);
  chunks_[at / kChunk] = std::move(chunk);
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
  return longer.starts_with(shorter) && (longer.size() == shorter.size() || longer[shorter.size()] == '.');
}

bool conflict(const Footprint& a, const Footprint& b) {
  const auto meet = [](const std::vector<std::string>& left, const std::vector<std::string>& right) {
    return std::ranges::any_of(left, [&](const std::string& one) {
      return std::ranges::any_of(right, [&](const std::string& other) { return overlaps(one, other); });
    });
  };
  return meet(a.writes, b.writes) || meet(a.writes, b.reads) || meet(a.reads, b.writes);
}

Context::Context(const Plan& plan) : plan_(&plan) {
  for (const model::Service& service : plan.services) {
    const Kind* kind = find_kind(service.kind);
    if (kind == nullptr) std::abort();
    kinds_.push_back(kind);
  }
}

std::vector<Action> Kind::parts(const Context&, const World&, const Action& action) const { return {action}; }

Footprint Kind::footprint(const Context& context, const Action& action) const {
  const std::string all = resource(context, action.service);
  return {{all}, {all}};
}

Undo Kind::undo(const Context&, const World&, const Action&) const { return {}; }
Traits Kind::traits(const Context&, const Action&) const { return {}; }
std::vector<Fact> Kind::facts(const Context&, ServiceIndex, const State&) const { return {}; }
std::vector<Datum> Kind::data(const Context&, ServiceIndex, const State&) const { return {}; }

Outcome Kind::operate(const Context& context, const World&, const Operation& operation, const std::string&) const {
  return Outcome::refused(fmt::format("'{}' takes no operation '{}'", context.plan().services[operation.on].name,
                                      operation.name));
}

std::vector<std::string> Kind::live_versions(const Context&, const World&, ServiceIndex) const { return {}; }
std::string Kind::blocks(const Context&, const World&, ServiceIndex, ServiceIndex) const { return {}; }

CheckResult Kind::check(const Context&, const World&, const model::Check&) const {
  return {CheckResult::Value::unknown, "no model of this check on this kind of service"};
}

const std::vector<const Kind*>& all_kinds() {
  static const std::vector<const Kind*> kAll = {
#define BACKOUT_KIND(name) &kind_##name(),
#include "services/kinds.inc"
#undef BACKOUT_KIND
  };
  return kAll;
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
  return {step.target, step.verb, step.args, step.verb_span, step.id};
}

namespace {

const Kind& kind_of(const Context& context, const Action& action) {
  return action.service == model::kNone ? kind_manual() : context.kind(action.service);
}

World changed(const World& world, const Outcome& outcome) {
  World next = world;
  for (const auto& [service, state] : outcome.changes) next.states.set(service, state);
  return next;
}

}  // namespace

Applied run(const Context& context, const World& world, const Action& action) {
  Outcome outcome = kind_of(context, action).apply(context, world, action);
  World next = changed(world, outcome);
  return {std::move(next), std::move(outcome)};
}

Traits traits_of(const Context& context, const Action& action) {
  return kind_of(context, action).traits(context, action);
}

Footprint footprint_of(const Context& context, const Action& action) {
  return kind_of(context, action).footprint(context, action);
}

std::vector<Action> parts_of(const Context& context, const World& world, const Action& action) {
  return kind_of(context, action).parts(context, world, action);
}

Undo undo_of(const Context& context, const World& before, const Action& action) {
  return kind_of(context, action).undo(context, before, action);
}

std::vector<Fact> facts_of(const Context& context, const World& world) {
  std::vector<Fact> all;
  for (ServiceIndex i = 0; i < world.states.size(); ++i) {
    for (Fact& fact : context.kind(i).facts(context, i, *world.states[i])) {
      fact.path = context.plan().services[i].name + '.' + fact.path;
      all.push_back(std::move(fact));
    }
  }
  std::sort(all.begin(), all.end(), [](const Fact& a, const Fact& b) { return a.path < b.path; });
  return all;
}

namespace {

bool is_residue(const std::string& path, const std::vector<model::Residue>& residue) {
  return std::ranges::any_of(residue, [&](const model::Residue& each) {
    std::string_view pattern = each.path;
    if (pattern.ends_with('*')) return path.starts_with(pattern.substr(0, pattern.size() - 1));
    return overlaps(path, pattern) && path.size() >= pattern.size();
  });
}

std::vector<Fact> service_facts(const Context& context, const World& world, ServiceIndex service) {
  std::vector<Fact> facts = context.kind(service).facts(context, service, *world.states[service]);
  std::sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) { return a.path < b.path; });
  return facts;
}

}  // namespace

std::vector<std::string> differences(const Context& context, const World& before, const World& after,
                                     const std::vector<model::Residue>& residue, bool essential_only) {
  std::vector<std::string> lines;
  for (ServiceIndex service = 0; service < before.states.size(); ++service) {
    if (before.states[service] == after.states[service]) continue;
    const std::vector<Fact> from = service_facts(context, before, service);
    const std::vector<Fact> to = service_facts(context, after, service);
    const std::string prefix = context.plan().services[service].name + '.';
    const auto report = [&](const Fact& fact, const std::string& old_value, const std::string& new_value) {
      const std::string path = prefix + fact.path;
      if ((essential_only && !fact.essential) || is_residue(path, residue)) return;
      lines.push_back(fmt::format("{}: {} -> {}", path, old_value, new_value));
    };
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < from.size() || j < to.size()) {
      if (j == to.size() || (i < from.size() && from[i].path < to[j].path)) {
        report(from[i], from[i].value, "absent");
        ++i;
      } else if (i == from.size() || to[j].path < from[i].path) {
        report(to[j], "absent", to[j].value);
        ++j;
      } else {
        if (from[i].value != to[j].value) report(from[i], from[i].value, to[j].value);
        ++i;
        ++j;
      }
    }
  }
  return lines;
}

std::vector<Datum> data_of(const Context& context, const World& world) {
  std::vector<Datum> all;
  for (ServiceIndex i = 0; i < world.states.size(); ++i) {
    const std::string prefix = context.plan().services[i].name + '.';
    for (Datum& datum : context.kind(i).data(context, i, *world.states[i])) {
      all.push_back({prefix + datum.id, prefix + datum.path});
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string blocked(const Context& context, const World& world, ServiceIndex app) {
  for (ServiceIndex i = 0; i < context.plan().services.size(); ++i) {
    if (std::string why = context.kind(i).blocks(context, world, i, app); !why.empty()) return why;
  }
  return {};
}

std::vector<ServiceIndex> writers(const Context& context, const World& world, ServiceIndex store) {
  const Plan& plan = context.plan();
  std::vector<ServiceIndex> found;
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (std::ranges::find(plan.services[i].uses, store) == plan.services[i].uses.end()) continue;
    const bool working = plan.services[i].kind == "workers"
                             ? world.record(i).get("running") == "true"
                             : !context.kind(i).live_versions(context, world, i).empty() &&
                                   blocked(context, world, i).empty();
    if (working) found.push_back(i);
  }
  return found;
}

std::vector<LiveOperation> live_operations(const Context& context, const World& world) {
  std::vector<LiveOperation> all;
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    if (plan.services[i].versions.empty() || !blocked(context, world, i).empty()) continue;
    for (const std::string& name : context.kind(i).live_versions(context, world, i)) {
      const model::Version* version = plan.services[i].find_version(name);
      if (version == nullptr) continue;
      const bool intake = world.record(i).get("intake") != "stopped";
      for (const Operation& operation : version->operations) {
        // Stopped intake keeps new work out; events about work under way still arrive.
        if (intake || operation.type == Operation::Type::event) all.push_back({i, name, &operation});
      }
    }
  }
  return all;
}

namespace {

Outcome require(const Context& context, const World& world, const Operation& operation) {
  const State& state = *world.states[operation.on];
  for (const Fact& fact : context.kind(operation.on).facts(context, operation.on, state)) {
    if (fact.path != operation.subject) continue;
    if (operation.expect == "*" || operation.expect.empty() || fact.value == operation.expect) return Outcome::done();
    return Outcome::refused(fmt::format("it needs {}.{} to be {}, and it is {}",
                                        context.plan().services[operation.on].name, operation.subject,
                                        operation.expect, fact.value));
  }
  return Outcome::refused(fmt::format("it needs {}.{}, which does not exist",
                                      context.plan().services[operation.on].name, operation.subject));
}

}  // namespace

Applied run_operation(const Context& context, const World& world, const LiveOperation& live) {
  const Operation& operation = *live.operation;
  const std::string tag = fmt::format("{}.{}.{}", context.plan().services[live.app].name, live.version, operation.name);
  Outcome outcome = operation.type == Operation::Type::require
                        ? require(context, world, operation)
                        : context.kind(operation.on).operate(context, world, operation, tag);
  World next = outcome.result == Outcome::Result::refused ? world : changed(world, outcome);
  return {std::move(next), std::move(outcome)};
}

std::vector<Fact> RecordKind::facts(const Context&, ServiceIndex, const State& state) const {
  const std::vector<std::string> prefixes = incidental();
  std::vector<Fact> all;
  for (const auto& [key, value] : static_cast<const Record&>(state).facts()) {
    const bool essential = std::ranges::none_of(prefixes, [&](const std::string& prefix) {
      return overlaps(key, prefix) && key.size() >= prefix.size();
    });
    all.push_back({key, value, essential});
  }
  return all;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

std::string join_list(const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, ",")); }

std::string resource(const Context& context, ServiceIndex service, std::string_view path) {
  const std::string& name = context.plan().services[service].name;
  return path.empty() ? name : fmt::format("{}.{}", name, path);
}

Action same_service(const Action& action, std::string verb,
                    std::vector<std::pair<std::string, std::string>> args) {
  Action made{action.service, std::move(verb), {}, action.span, fmt::format("undo of '{}'", action.label)};
  for (auto& [name, value] : args) {
    model::Node node;
    node.type = model::Node::Type::string;
    node.span = action.span;
    node.text = std::move(value);
    node.quoted = true;
    made.args.entries.push_back({std::move(name), action.span, std::move(node)});
  }
  return made;
}

std::vector<ServiceIndex> named_services(const Plan& plan, const Args& fields, std::string_view field) {
  std::vector<ServiceIndex> found;
  for (const std::string& name : fields.strings(field)) {
    const ServiceIndex service = plan.find_service(name);
    if (service != model::kNone) found.push_back(service);
  }
  return found;
}

std::string moving_target(const std::string& word) {
  if (word == "previous") return "'previous' is whatever came before, which may itself be bad; a second run goes back to the bad one";
  if (word == "latest") return "'latest' is whatever is newest when the step runs";
  if (word == "HEAD") return "`HEAD` need not be the bad commit";
  if (word == "main" || word == "master") return "a branch moves";
  if (word == "last_known_good") return "nothing records which one was good";
  return {};
}

}  // namespace backout::services
