// Copies that are encrypted with a key which is itself a fact of a service.
//
// What the real thing does: a copy is encrypted with the key of the day it was made; after a
// rotation that destroys the old key, nothing decrypts it. What this fake leaves out: key rings
// that keep old keys (then the fact does not change).
#include "services/copies.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "services/features.hpp"
#include "services/keys.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

/// The configuration item that a place, as the plan describes it, is "encrypted with": "the master
/// key" is `master_key`.
Key described_key(const Context& context, const std::string& place) {
  const Plan& plan = context.plan();
  const std::size_t at = place.find("encrypted with ");
  if (at == std::string::npos) return {};
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const model::Node* items = features_of(context.kind(i)).is_configuration
                                   ? plan.services[i].fields.find("items")
                                   : nullptr;
    for (const model::Node::Entry& item :
         items == nullptr ? std::vector<model::Node::Entry>{} : items->entries) {
      std::string words = postgres::to_lower(item.key);
      std::ranges::replace_if(
          words, [](char c) { return c == '_' || c == '-' || c == '.'; }, ' ');
      if (place.find(words, at) != std::string::npos) return {i, "items." + item.key};
    }
  }
  return {};
}

std::string said_key(const Args& fields) {
  return fields.text_or("copies_encrypted_with", fields.text("encrypted_with"));
}

Key key_of_copies(const Context& context, const Action& action) {
  if (action.service == model::kNone) return {};
  const Args& fields = context.plan().services[action.service].fields;
  const std::string written = said_key(fields);
  return written.empty() ? described_key(context, postgres::to_lower(fields.text("location")))
                         : key_named(context.plan(), written);
}

/// The key's own fact that says with which value of it a copy was encrypted.
std::string fact_of_copy(const Context& context, const Action& action, const std::string& copy) {
  return fmt::format("{}.{}.{}", kKeyOfCopy, context.plan().services[action.service].name, copy);
}

}  // namespace

std::string why_unreadable(const Context& context, const World& world, const Action& action) {
  const Key key = key_of_copies(context, action);
  if (key.service == model::kNone) return {};
  const std::string copy = traits_of(context, action).restores_backup;
  if (copy.empty()) return {};
  const auto* ring = dynamic_cast<const Record*>(world.states[key.service].get());
  // A copy from before the deploy was encrypted with the key of that time.
  const std::string noted = fact_of_copy(context, action, copy);
  const std::string then =
      ring != nullptr && ring->has(noted) ? ring->get(noted) : value_before(context, key);
  if (reads(context, world, key, then)) return {};
  return fmt::format("'{}' was encrypted with a key that is gone: {} has changed since", copy,
                     resource(context, key.service, key.path));
}

bool is_key_guessed(const Context& context, const Action& action) {
  return action.service != model::kNone &&
         said_key(context.plan().services[action.service].fields).empty();
}

void note_key(const Context& context, const World& world, const Action& action, Outcome& outcome) {
  const Key key = key_of_copies(context, action);
  if (key.service == model::kNone || !outcome.ok()) return;
  const std::string copy = traits_of(context, action).takes_backup;
  const World after = with_changes(world, outcome.changes);
  const auto* ring = dynamic_cast<const Record*>(after.states[key.service].get());
  if (copy.empty() || ring == nullptr) return;
  outcome.set(key.service, ring->with(fact_of_copy(context, action, copy),
                                      value_of(context, *world.states[key.service], key)));
}

void add_copies(const Context& context, const Action& action, Footprint& print) {
  const Key key = key_of_copies(context, action);
  if (key.service == model::kNone) return;
  const Traits traits = traits_of(context, action);
  if (traits.takes_backup.empty() && traits.restores_backup.empty()) return;
  print.reads.push_back(resource_of(context, key));
  if (!traits.takes_backup.empty())
    print.writes.push_back(resource(context, key.service, kKeyOfCopy));
}

}  // namespace backout::services
