#include "services/unknown_args.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/record_kind.hpp"
#include "services/unknown_values.hpp"

namespace backout::services {

namespace {

bool same_outcome(const Outcome& a, const Outcome& b) {
  return a.result == b.result && a.reported_ok == b.reported_ok &&
         std::ranges::equal(a.changes, b.changes, [](const auto& x, const auto& y) {
           return x.first == y.first && x.second->equals(*y.second);
         });
}

/// The plan with this value in the place of the field; a null node: without it.
Plan with_field(Plan plan, ServiceIndex service, std::size_t field, const model::Node& value) {
  std::vector<model::Node::Entry>& fields = plan.services[service].fields.entries;
  if (value.type == model::Node::Type::null)
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(field));
  else
    fields[field].value = value;
  return plan;
}

/// Whether what must be as before the deploy is something else with another of these values.
bool starts_differently(const Plan& plan, ServiceIndex service, std::size_t field,
                        const std::vector<model::Node>& values) {
  std::vector<std::pair<std::vector<std::string>, std::vector<Datum>>> starts;
  for (const model::Node& value : values) {
    const Plan known = with_field(plan, service, field, value);
    const Context context(known);
    std::vector<model::Mistake> mistakes;
    const Kind& kind = context.kind(service);
    const StatePtr state = kind.initial(context, service, mistakes);
    if (!mistakes.empty() || state == nullptr) continue;
    std::vector<std::string> facts;
    for (const Fact& fact : kind.facts(context, service, *state)) {
      if (fact.essential) facts.push_back(fact.path + '=' + fact.value);
    }
    starts.emplace_back(std::move(facts), kind.data(context, service, *state));
  }
  return std::ranges::any_of(starts, [&](const auto& each) { return each != starts.front(); });
}

/// Whether what happens differs with what this field of a service may be.
bool makes_a_difference(const Context& context, const World& world, const Action& action,
                        ServiceIndex service, std::size_t field, const Happens& happens) {
  const Plan& plan = context.plan();
  const model::Node::Entry& entry = plan.services[service].fields.entries[field];
  const auto& specs = context.kind(service).spec().fields;
  const auto spec = std::ranges::find(specs, entry.key, &model::FieldSpec::name);
  if (spec == specs.end() || says_unknown_itself(*spec)) return false;
  const std::vector<model::Node> values = values_of_field(context, service, *spec, entry.value);
  std::vector<Outcome> all;
  for (const model::Node& value : values) {
    const Plan known = with_field(plan, service, field, value);
    all.push_back(happens(Context(known), world, action));
  }
  if (std::ranges::any_of(all,
                          [&](const Outcome& each) { return !same_outcome(each, all.front()); }))
    return true;
  if (action.service == model::kNone || !starts_differently(plan, service, field, values))
    return false;
  const Footprint own{{resource(context, service)}, {}};
  Footprint touched = context.kind(action.service).footprint(context, action);
  touched.writes.insert(touched.writes.end(), touched.reads.begin(), touched.reads.end());
  return conflict(touched, own);
}

}  // namespace

Outcome without_guess(const Context& context, const World& world, const Action& action,
                      Outcome outcome) {
  if (action.service == model::kNone || outcome.result == Outcome::Result::opaque) return outcome;
  const Kind& kind = context.kind(action.service);
  for (std::size_t i = 0; i < action.args.entries.size(); ++i) {
    if (!action.args.entries[i].value.is_unknown()) continue;
    const model::VerbSpec* verb = model::find_verb(kind.spec(), action.verb);
    if (verb == nullptr) return outcome;
    const auto field =
        std::ranges::find(verb->args, action.args.entries[i].key, &model::FieldSpec::name);
    if (field == verb->args.end()) continue;
    if (says_unknown_itself(*field)) continue;
    const model::Node& unknown = action.args.entries[i].value;
    std::vector<Outcome> all;
    for (model::Node& value : values_of_argument(context, world, action, *field, unknown)) {
      Action known = action;
      if (value.type == model::Node::Type::null)
        known.args.entries.erase(known.args.entries.begin() + static_cast<std::ptrdiff_t>(i));
      else
        known.args.entries[i].value = std::move(value);
      all.push_back(kind.apply(context, world, known));
    }
    const bool matters = std::ranges::any_of(
        all, [&](const Outcome& each) { return !same_outcome(each, all.front()); });
    if (!matters) continue;
    Outcome guess =
        Outcome::opaque(fmt::format("what its `{}` is, the plan does not say", field->name));
    guess.changes = all.front().changes;
    return guess;
  }
  return outcome;
}

Outcome whatever_fields_say(const Context& context, const World& world, const Action& action,
                            const Happens& happens) {
  Outcome outcome = happens(context, world, action);
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const std::vector<model::Node::Entry>& fields = plan.services[i].fields.entries;
    for (std::size_t field = 0; field < fields.size(); ++field) {
      if (outcome.result == Outcome::Result::opaque) return outcome;
      if (!fields[field].value.is_unknown() ||
          !makes_a_difference(context, world, action, i, field, happens))
        continue;
      outcome.result = Outcome::Result::opaque;
      outcome.reported_ok = true;
      outcome.message = fmt::format("what `{}` of '{}' is, the plan does not say",
                                    fields[field].key, plan.services[i].name);
    }
  }
  return outcome;
}

}  // namespace backout::services
