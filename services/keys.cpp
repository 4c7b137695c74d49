#include "services/keys.hpp"

#include "services/features.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

Key key_named(const Plan& plan, const std::string& written) {
  const std::size_t dot = written.find('.');
  if (dot == std::string::npos) return {};
  return {plan.find_service(written.substr(0, dot)), written.substr(dot + 1)};
}

std::string value_of(const Context& context, const State& state, const Key& key) {
  for (const Fact& fact : context.kind(key.service).facts(context, key.service, state)) {
    if (fact.path == key.path) return fact.value;
  }
  return {};
}

std::string value_before(const Context& context, const Key& key) {
  std::vector<model::Mistake> reported_before;
  return value_of(context,
                  *context.kind(key.service).initial(context, key.service, reported_before), key);
}

bool reads(const Context& context, const World& world, const Key& key, const std::string& then) {
  const State& state = *world.states[key.service];
  const auto* ring = dynamic_cast<const Record*>(&state);
  // A secret knows its versions: what one of them encrypted is read while it is valid.
  if (features_of(context.kind(key.service)).keeps_old_keys && ring != nullptr)
    return ring->has("valid." + then);
  return value_of(context, state, key) == then;
}

std::string resource_of(const Context& context, const Key& key) {
  const bool is_secret = features_of(context.kind(key.service)).keeps_old_keys;
  return is_secret ? resource(context, key.service) : resource(context, key.service, key.path);
}

}  // namespace backout::services
