// Copies that are encrypted with a key which is itself a fact of a service.
//
// What the real thing does: a copy is encrypted with the key of the day it was made; after a
// rotation that destroys the old key, nothing decrypts it. What this fake leaves out: key rings
// that keep old keys (then the fact does not change), services whose state is not made of named
// facts (PostgreSQL: its dumps are taken to be plain).
#include "services/copies.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "services/features.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

/// The fact that holds the key of a service's copies.
struct Key {
  ServiceIndex service = model::kNone;
  std::string path;
};

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

Key key_of_copies(const Context& context, const Action& action) {
  if (action.service == model::kNone) return {};
  const Args& fields = context.plan().services[action.service].fields;
  const std::string written = fields.text("encrypted_with");
  if (written.empty()) return described_key(context, postgres::to_lower(fields.text("location")));
  const std::size_t dot = written.find('.');
  if (dot == std::string::npos) return {};
  return {context.plan().find_service(written.substr(0, dot)), written.substr(dot + 1)};
}

/// The key's value; empty when there is none.
std::string value_of_key(const Context& context, const State& state, const Key& key) {
  for (const Fact& fact : context.kind(key.service).facts(context, key.service, state)) {
    if (fact.path == key.path) return fact.value;
  }
  return {};
}

std::string area_of_key(const std::string& copy) { return fmt::format("{}.{}", kKeyOfCopy, copy); }

}  // namespace

std::string why_unreadable(const Context& context, const World& world, const Action& action) {
  const Key key = key_of_copies(context, action);
  if (key.service == model::kNone) return {};
  const std::string copy = traits_of(context, action).restores_backup;
  if (copy.empty()) return {};
  const auto* record = dynamic_cast<const Record*>(world.states[action.service].get());
  std::vector<model::Mistake> reported_before;
  // A copy from before the deploy was encrypted with the key of that time.
  const std::string then =
      record != nullptr && record->has(area_of_key(copy))
          ? record->get(area_of_key(copy))
          : value_of_key(context,
                         *context.kind(key.service).initial(context, key.service, reported_before),
                         key);
  if (value_of_key(context, *world.states[key.service], key) == then) return {};
  // A secret knows its older versions: what one of them encrypted is read while it is valid.
  const auto* ring = dynamic_cast<const Record*>(world.states[key.service].get());
  const bool is_secret = features_of(context.kind(key.service)).keeps_old_keys;
  if (is_secret && ring != nullptr && ring->has("valid." + then)) return {};
  return fmt::format("'{}' was encrypted with a key that is gone: {} has changed since", copy,
                     resource(context, key.service, key.path));
}

bool is_key_guessed(const Context& context, const Action& action) {
  return action.service != model::kNone &&
         context.plan().services[action.service].fields.text("encrypted_with").empty();
}

void note_key(const Context& context, const World& world, const Action& action, Outcome& outcome) {
  const Key key = key_of_copies(context, action);
  if (key.service == model::kNone || !outcome.ok()) return;
  const std::string copy = traits_of(context, action).takes_backup;
  const World after = with_changes(world, outcome.changes);
  const auto* record = dynamic_cast<const Record*>(after.states[action.service].get());
  if (copy.empty() || record == nullptr) return;
  outcome.set(action.service, record->with(area_of_key(copy),
                                           value_of_key(context, *world.states[key.service], key)));
}

void add_copies(const Context& context, const Action& action, Footprint& print) {
  const Key key = key_of_copies(context, action);
  if (key.service == model::kNone) return;
  const Traits traits = traits_of(context, action);
  if (traits.takes_backup.empty() && traits.restores_backup.empty()) return;
  const bool is_secret = features_of(context.kind(key.service)).keeps_old_keys;
  print.reads.push_back(is_secret ? resource(context, key.service)
                                  : resource(context, key.service, key.path));
  print.reads.push_back(resource(context, action.service, kKeyOfCopy));
  if (!traits.takes_backup.empty())
    print.writes.push_back(resource(context, action.service, kKeyOfCopy));
}

}  // namespace backout::services
