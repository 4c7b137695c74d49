#include "services/postgres_sequences.hpp"

#include "services/postgres_state.hpp"

namespace backout::services {

namespace pg = postgres;

namespace {

/// Sets the sequences of `content` as in `from` (null: to their begin); whether any has moved.
bool set_sequences(pg::Database& content, const pg::Database* from) {
  std::vector<std::shared_ptr<pg::Sequence>> moved;
  content.for_each([&](const pg::Object& object) {
    const auto* now = content.get<pg::Sequence>(object.id);
    if (now == nullptr) return;
    const auto* then = from == nullptr ? nullptr : from->get<pg::Sequence>(object.id);
    const bool known = then != nullptr && then->name == now->name;
    const std::int64_t last = known ? then->last : now->start;
    const bool used = known && then->used;
    if (now->used == used && (now->last == last || (!known && !used))) return;
    auto next = content.edit<pg::Sequence>(object.id);
    next->last = last;
    next->used = used;
    moved.push_back(std::move(next));
  });
  for (auto& sequence : moved) content.replace(std::move(sequence));
  return !moved.empty();
}

/// Where the sequences of all databases stand.
std::map<std::string, std::pair<std::int64_t, bool>> numbers_of(const StatePtr& state) {
  std::map<std::string, std::pair<std::int64_t, bool>> all;
  const auto* server = dynamic_cast<const PostgresState*>(state.get());
  if (server == nullptr) return all;
  for (const auto& each : server->databases) {
    each.second.for_each([&](const pg::Object& object) {
      if (const auto* sequence = each.second.get<pg::Sequence>(object.id))
        all[each.first + '.' + sequence->name] = {sequence->last, sequence->used};
    });
  }
  return all;
}

}  // namespace

bool have_same_numbers(const StatePtr& one, const StatePtr& other) {
  return one == other || numbers_of(one) == numbers_of(other);
}

StatePtr with_sequences_of(const StatePtr& to, const StatePtr& from) {
  const auto* server = dynamic_cast<const PostgresState*>(to.get());
  if (server == nullptr) return to;
  const auto* other = dynamic_cast<const PostgresState*>(from.get());
  auto next = std::make_shared<PostgresState>(*server);
  bool moved = false;
  for (auto& [name, content] : next->databases) {
    const auto found = other == nullptr ? std::map<std::string, pg::Database>::const_iterator()
                                        : other->databases.find(name);
    const bool known = other != nullptr && found != other->databases.end();
    moved = set_sequences(content, known ? &found->second : nullptr) || moved;
  }
  if (!moved) return to;
  return next->seal();
}

}  // namespace backout::services
