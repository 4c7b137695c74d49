// What a store holds, encrypted with a key which is itself a fact of a service.
//
// What the real thing does: rows and objects are encrypted with the version of the key that is
// current when they are written, and are read while that version is there. A rotation brings a new
// version and encrypts nothing anew (AWS KMS "Rotating keys"; Vault "Transit", `rewrap`). What a
// destroyed version encrypted is lost ("Deleting keys": "you can no longer decrypt the data"); a
// disabled one can be enabled again. What this fake leaves out: keys of single tables or objects,
// readers that have decrypted before, how long it takes to encrypt everything anew.
#include "services/sealed.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/features.hpp"
#include "services/keys.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

Key key_of(const Context& context, ServiceIndex store) {
  return key_named(context.plan(), context.plan().services[store].fields.text("encrypted_with"));
}

/// Its record, where seals are noted; nullptr: nothing is encrypted, or its facts are no record.
const Record* ring_of(const World& world, const Key& key) {
  if (key.service == model::kNone) return nullptr;
  return dynamic_cast<const Record*>(world.states[key.service].get());
}

std::string area_of(const Context& context, ServiceIndex store) {
  return fmt::format("{}.{}.", kSealed, context.plan().services[store].name);
}

std::vector<std::string> data_in(const Context& context, const State& state, ServiceIndex store) {
  std::vector<std::string> all;
  for (const Datum& datum : context.kind(store).data(context, store, state))
    all.push_back(datum.id);
  std::sort(all.begin(), all.end());
  return all;
}

/// The value that the datum was encrypted with.
std::string value_then(const Context& context, const Record& ring, const Key& key,
                       const std::string& seal) {
  return ring.has(seal) ? ring.get(seal) : value_before(context, key);
}

/// Notes that the data are encrypted with the key's value in `world`; the one before the deploy
/// needs no note.
Record sealed_now(const Context& context, const World& world, const Key& key, Amended ring,
                  const std::string& area, const std::vector<std::string>& data) {
  const std::string now = value_of(context, *world.states[key.service], key);
  const bool as_before = now == value_before(context, key);
  for (const std::string& each : data) {
    if (as_before)
      ring.without(area + each);
    else
      ring.with(area + each, now);
  }
  return ring;
}

/// "k2 of 'key'".
std::string in_words(const Context& context, const Key& key, const std::string& value) {
  return fmt::format("{} of '{}'", value.empty() ? "no version" : value,
                     context.plan().services[key.service].name);
}

}  // namespace

void note_seals(const Context& context, const World& world, Outcome& outcome) {
  for (const ServiceIndex store : context.sealed()) {
    const auto changed = std::ranges::find(outcome.changes, store, &Changes::value_type::first);
    const Key key = key_of(context, store);
    if (changed == outcome.changes.end() || key.service == store) continue;
    const World after = with_changes(world, outcome.changes);
    const Record* ring = ring_of(after, key);
    if (ring == nullptr) continue;
    const std::vector<std::string> before = data_in(context, *world.states[store], store);
    const std::vector<std::string> there = data_in(context, *after.states[store], store);
    std::vector<std::string> brought;
    std::vector<std::string> gone;
    std::ranges::set_difference(there, before, std::back_inserter(brought));
    std::ranges::set_difference(before, there, std::back_inserter(gone));
    const std::string area = area_of(context, store);
    Amended next = *ring;
    for (const std::string& each : gone) next.without(area + each);
    const Record noted = sealed_now(context, after, key, next, area, brought);
    if (!noted.equals(*ring)) outcome.set(key.service, noted);
  }
}

void doubt_seals(const Context& context, const World& world, const Action& action,
                 Outcome& outcome) {
  const ServiceIndex self = action.service;
  if (self == model::kNone || !features_of(context.kind(self)).keeps_old_keys || !outcome.ok())
    return;
  const World next = with_changes(world, outcome.changes);
  const bool takes_away = std::ranges::any_of(world.record(self).facts(), [&](const auto& fact) {
    return fact.first.starts_with("valid.") && !next.record(self).has(fact.first);
  });
  for (const ServiceIndex store : context.sealed()) {
    const model::Service& service = context.plan().services[store];
    if (!takes_away || !service.fields.is_unknown("encrypted_with")) continue;
    outcome.result = Outcome::Result::opaque;
    outcome.message = fmt::format(
        "whether what '{}' holds is encrypted with it, the plan does not say "
        "(`encrypted_with` of '{}')",
        service.name, service.name);
  }
}

std::string why_not_sealed(const Context& context, const World& world, ServiceIndex store) {
  if (std::ranges::find(context.sealed(), store) == context.sealed().end()) return {};
  const Key key = key_of(context, store);
  if (key.service == model::kNone) return {};
  const std::string now = value_of(context, *world.states[key.service], key);
  if (reads(context, world, key, now)) return {};
  return fmt::format("what '{}' holds is encrypted with {}, which is not valid",
                     context.plan().services[store].name, in_words(context, key, now));
}

bool is_readable(const Context& context, const World& world, ServiceIndex store,
                 const std::string& datum) {
  const Key key = key_of(context, store);
  const Record* ring = ring_of(world, key);
  return ring == nullptr || reads(context, world, key,
                                  value_then(context, *ring, key, area_of(context, store) + datum));
}

Outcome seal_anew(const Context& context, const World& world, ServiceIndex self,
                  const std::vector<std::string>& stores) {
  Record next = world.record(self);
  for (const ServiceIndex store : context.sealed()) {
    const Key key = key_of(context, store);
    const std::string& name = context.plan().services[store].name;
    const bool meant =
        key.service == self && (stores.empty() || std::ranges::find(stores, name) != stores.end());
    if (!meant) continue;
    const std::vector<std::string> data = data_in(context, *world.states[store], store);
    const auto lost = std::ranges::find_if(
        data, [&](const std::string& each) { return !is_readable(context, world, store, each); });
    if (lost != data.end())
      return Outcome::refused(fmt::format(
          "what '{}' holds was encrypted with {}, which is not valid", name,
          in_words(context, key, value_then(context, next, key, area_of(context, store) + *lost))));
    next = sealed_now(context, world, key, next, area_of(context, store), data);
  }
  return Outcome::done().set(self, next);
}

std::string seals_in(const Record& key) {
  std::string all;
  for (const auto& [fact, value] : key.facts()) {
    if (fact.starts_with(std::string(kSealed) + '.')) all += fmt::format("{}={}\n", fact, value);
  }
  return all;
}

void add_seals(const Context& context, Footprint& print) {
  for (const ServiceIndex store : context.sealed()) {
    const Key key = key_of(context, store);
    const Footprint whole{{}, {resource(context, store)}};
    if (key.service == model::kNone || !conflict(whole, {print.writes, {}})) continue;
    print.reads.push_back(resource_of(context, key));
    print.writes.push_back(resource(context, key.service, kSealed));
  }
}

}  // namespace backout::services
