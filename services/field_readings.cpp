#include "services/field_readings.hpp"

#include <algorithm>
#include <string>

#include "services/unknown_values.hpp"

namespace backout::services {

namespace {

/// Readings of larger plans than these together are made anew each time: memory has its limits.
constexpr std::size_t kMostSteps = 100'000;

Plan with_field(Plan plan, ServiceIndex service, std::size_t field, model::Node value) {
  give(plan.services[service].fields.entries, field, std::move(value));
  return plan;
}

const model::FieldSpec* spec_of(const Context& context, ServiceIndex service, std::size_t field) {
  const auto& specs = context.kind(service).spec().fields;
  const auto spec = std::ranges::find(
      specs, context.plan().services[service].fields.entries[field].key, &model::FieldSpec::name);
  return spec == specs.end() || says_unknown_itself(*spec) ? nullptr : &*spec;
}

/// Whether two of the readings begin with other facts or data.
bool start_differently(const FieldReadings& readings, ServiceIndex service) {
  std::vector<std::pair<std::vector<std::string>, std::vector<Datum>>> starts;
  for (const auto& reading : readings.all) {
    if (reading->start == nullptr) continue;
    const Kind& kind = reading->context.kind(service);
    std::vector<std::string> facts;
    for (const Fact& fact : kind.facts(reading->context, service, *reading->start)) {
      if (fact.essential) facts.push_back(fact.path + '=' + fact.value);
    }
    starts.emplace_back(std::move(facts), kind.data(reading->context, service, *reading->start));
  }
  return std::ranges::any_of(starts, [&](const auto& each) { return each != starts.front(); });
}

std::shared_ptr<const FieldReadings> make(const Context& context, ServiceIndex service,
                                          std::size_t field) {
  auto readings = std::make_shared<FieldReadings>();
  const model::FieldSpec* spec = spec_of(context, service, field);
  if (spec == nullptr) return readings;
  const model::Node& unknown = context.plan().services[service].fields.entries[field].value;
  for (model::Node& value : values_of_field(context, service, *spec, unknown)) {
    readings->all.push_back(std::make_unique<const Reading>(
        with_field(context.plan(), service, field, std::move(value)), service));
  }
  const std::size_t tried = readings->all.size();
  std::erase_if(readings->all, [](const auto& reading) { return reading->start == nullptr; });
  readings->beyond_words = tried >= 2 && readings->all.size() < 2;
  std::vector<model::Mistake> mistakes;
  readings->said = context.kind(service).initial(context, service, mistakes);
  readings->starts_differently = start_differently(*readings, service);
  // A word says how the service begins, or is there to be read.
  if (spec->type == model::ValueType::string && !readings->starts_differently)
    readings->all.clear();
  return readings;
}

}  // namespace

Reading::Reading(Plan said, ServiceIndex service) : plan(std::move(said)), context(plan) {
  std::vector<model::Mistake> mistakes;
  start = context.kind(service).initial(context, service, mistakes);
  if (!mistakes.empty()) start = nullptr;
}

std::shared_ptr<const FieldReadings> Readings::of(const Context& context, ServiceIndex service,
                                                  std::size_t field) {
  const std::lock_guard lock(mutex_);
  const auto found = made_.find({service, field});
  if (found != made_.end()) return found->second;
  std::shared_ptr<const FieldReadings> made = make(context, service, field);
  const std::size_t steps = made->all.size() * context.plan().steps.size();
  if (steps_ + steps <= kMostSteps) {
    steps_ += steps;
    made_.emplace(std::pair(service, field), made);
  }
  return made;
}

}  // namespace backout::services
