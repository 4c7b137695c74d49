#include "services/unknown_args.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/field_readings.hpp"
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

/// Whether two of them differ.
bool any_differs(const std::vector<Outcome>& all) {
  return std::ranges::any_of(all,
                             [&](const Outcome& each) { return !same_outcome(each, all.front()); });
}

/// `world` as it would be where that plan held before the deploy: what the service has had from the
/// start, and nobody changed, is as that plan says. Nullopt: that is how it is.
std::optional<World> started_as(const FieldReadings& readings, const Reading& reading,
                                const World& world, ServiceIndex service) {
  const auto* now = dynamic_cast<const Record*>(world.states[service].get());
  const auto* before = dynamic_cast<const Record*>(readings.said.get());
  const auto* then = dynamic_cast<const Record*>(reading.start.get());
  if (now == nullptr || before == nullptr || then == nullptr) return std::nullopt;
  Amended next = *now;
  const auto untouched = [&](const std::string& key) {
    return now->has(key) == before->has(key) && now->get(key) == before->get(key);
  };
  for (const auto& [key, value] : before->facts()) {
    if (untouched(key) && !then->has(key)) next.without(key);
  }
  for (const auto& [key, value] : then->facts()) {
    if (untouched(key)) next.with(key, value);
  }
  const Record started(next);
  if (started.equals(*now)) return std::nullopt;
  return with_changes(world, {{service, started.share()}});
}

/// The outcome in all but the state of `service`.
Outcome besides(Outcome outcome, ServiceIndex service) {
  std::erase_if(outcome.changes, [&](const auto& change) { return change.first == service; });
  return outcome;
}

/// Whether what happens differs with what this field of a service may be.
bool outcomes_differ(const World& world, ServiceIndex service, const FieldReadings& readings,
                     const HappensIn& happens) {
  std::vector<Outcome> all;
  std::vector<Outcome> from_another_start;
  for (const auto& reading : readings.all) {
    all.push_back(happens(reading->context, world));
    const std::optional<World> started = started_as(readings, *reading, world, service);
    from_another_start.push_back(
        besides(started ? happens(reading->context, *started) : all.back(), service));
  }
  return any_differs(all) || any_differs(from_another_start);
}

/// Whether what has this footprint reads or writes the service.
bool touches(const Context& context, Footprint print, ServiceIndex service) {
  print.writes.insert(print.writes.end(), print.reads.begin(), print.reads.end());
  return conflict(print, {{resource(context, service)}, {}});
}

/// Whether the state of the service before the deploy depends on the field, and the action touches
/// the service.
bool touches_unknown_start(const Context& context, const Action& action, ServiceIndex service,
                           const FieldReadings& readings) {
  return action.service != model::kNone && readings.starts_differently &&
         touches(context, context.kind(action.service).footprint(context, action), service);
}

using OfField = std::function<bool(ServiceIndex, const FieldReadings&)>;

/// `outcome`, or opaque when a field that is `unknown`, of a service that it is about, makes a
/// difference (`matters`).
Outcome unless_a_field_matters(const Context& context, Outcome outcome, const OfField& is_about,
                               const OfField& matters) {
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const std::vector<model::Node::Entry>& fields = plan.services[i].fields.entries;
    for (std::size_t field = 0; field < fields.size(); ++field) {
      if (outcome.result == Outcome::Result::opaque) return outcome;
      if (!fields[field].value.is_unknown()) continue;
      const std::shared_ptr<const FieldReadings> readings =
          context.readings().of(context, i, field);
      const bool is_said = readings->all.size() < 2 && !readings->beyond_words;
      if (is_said || !is_about(i, *readings)) continue;
      if (!readings->beyond_words && !matters(i, *readings)) continue;
      outcome.result = Outcome::Result::opaque;
      outcome.reported_ok = true;
      outcome.message = fmt::format("what `{}` of '{}' is, the plan does not say",
                                    fields[field].key, plan.services[i].name);
    }
  }
  return outcome;
}

}  // namespace

namespace {

bool has_unknown(const model::Node& node) {
  return node.is_unknown() || std::ranges::any_of(node.items, has_unknown) ||
         std::ranges::any_of(node.entries,
                             [](const auto& entry) { return has_unknown(entry.value); });
}

}  // namespace

bool says_unknown(const Plan& plan) {
  const auto any = [](const std::vector<model::Node::Entry>& entries) {
    return std::ranges::any_of(entries, [](const auto& entry) { return has_unknown(entry.value); });
  };
  return std::ranges::any_of(plan.services, [&](const model::Service& service) {
    return any(service.fields.entries) ||
           std::ranges::any_of(service.versions, [&](const model::Version& version) {
             return any(version.extra.entries);
           });
  });
}

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
      give(known.args.entries, i, std::move(value));
      all.push_back(kind.apply(context, world, known));
    }
    if (!any_differs(all)) continue;
    Outcome guess =
        Outcome::opaque(fmt::format("what its `{}` is, the plan does not say", field->name));
    guess.changes = all.front().changes;
    return guess;
  }
  return outcome;
}

Outcome whatever_fields_say(const Context& context, const World& world, const Action& action,
                            const Happens& happens) {
  std::optional<Footprint> touched;  // worked out when a field is unknown
  const auto is_about = [&](ServiceIndex service, const FieldReadings& readings) {
    if (service == action.service) return true;
    if (!touched) touched = footprint_of(context, action);
    return touches(context, *touched, service) ||
           std::ranges::any_of(readings.all, [&](const auto& reading) {
             return touches(reading->context, footprint_of(reading->context, action), service);
           });
  };
  return unless_a_field_matters(context, happens(context, world, action), is_about,
                                [&](ServiceIndex service, const FieldReadings& readings) {
                                  const HappensIn then = [&](const Context& known,
                                                             const World& in) {
                                    return happens(known, in, action);
                                  };
                                  return outcomes_differ(world, service, readings, then) ||
                                         touches_unknown_start(context, action, service, readings);
                                });
}

Outcome whatever_fields_say(const Context& context, const World& world,
                            const std::vector<ServiceIndex>& about, const HappensIn& happens) {
  const auto is_about = [&](ServiceIndex service, const FieldReadings&) {
    return std::ranges::find(about, service) != about.end();
  };
  return unless_a_field_matters(context, happens(context, world), is_about,
                                [&](ServiceIndex service, const FieldReadings& readings) {
                                  return outcomes_differ(world, service, readings, happens);
                                });
}

}  // namespace backout::services
