#pragma once
// Keys: which fact of another service what a service holds is encrypted with, and whether what was
// encrypted with a value of it is read.

#include <string>

#include "services/service.hpp"

namespace backout::services {

/// A fact that holds a key; of no service: nothing is encrypted.
struct Key {
  ServiceIndex service = model::kNone;
  std::string path;
};

/// The key that `service.fact` names.
Key key_named(const Plan& plan, const std::string& written);
/// The key's value; empty when there is none.
std::string value_of(const Context& context, const State& state, const Key& key);
/// Its value before the deploy.
std::string value_before(const Context& context, const Key& key);
/// Whether what was encrypted with that value is read: it is the value now, or one that a secret
/// still has.
bool reads(const Context& context, const World& world, const Key& key, const std::string& then);
/// What decides that, as a resource path.
std::string resource_of(const Context& context, const Key& key);

}  // namespace backout::services
