// PostgreSQL keeps each object as rows of system catalogs (manual, "System Catalogs"): unique
// indexes on them guard the names, and pg_depend says what needs what. Here an object is one value
// that is never changed in its place, found by its id or by a hash of its name.
// Left out: oids and the schemas pg_catalog and information_schema as objects (a query sees what
// system_tables.cpp shows of them), and other sessions with the versions of rows that they would
// see. Two names whose hashes of 64 bits agree would be taken for one.
#include "postgres/catalog/database.hpp"

#include <algorithm>
#include <utility>

#include "postgres/catalog/default_grants.hpp"
#include "postgres/catalog/object_kinds.hpp"

namespace backout::postgres {
namespace {

std::uint64_t name_key(NameSpace space, ObjectId within, std::string_view name) {
  std::uint64_t hash =
      14'695'981'039'346'656'037ULL ^ (static_cast<std::uint64_t>(space) << 32U) ^ within;
  hash *= 1'099'511'628'211ULL;
  for (const char byte : name)
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1'099'511'628'211ULL;
  return hash;
}

ObjectId place_of(const Object& object) {
  return row_of(object.kind).in_table ? object.parent : object.schema;
}

/// Other objects that `object` needs, each once.
std::vector<ObjectId> needed_by(const Object& object) {
  std::vector<ObjectId> ids;
  for (const Dependency& need : object.needs) {
    if (need.on != object.id) ids.push_back(need.on);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

/// Takes `id` from the list of `key`, and the list from the map when nothing is left.
void take_from(PersistentMap<IdList>& lists, std::uint64_t key, ObjectId id) {
  const IdList* found = lists.find(key);
  if (found == nullptr) return;
  std::vector<ObjectId> ids(found->begin(), found->end());
  std::erase(ids, id);
  if (ids.empty())
    lists.erase(key);
  else
    lists.set(key, IdList(std::move(ids)));
}

}  // namespace

NameSpace name_space_of(ObjectKind kind) { return row_of(kind).names; }

ColumnId Table::find(std::string_view column_name) const {
  for (std::size_t at = 0; at < columns.size(); ++at) {
    if (!columns[at].dropped && columns[at].name == column_name)
      return static_cast<ColumnId>(at + 1);
  }
  return 0;
}

Database::Database() {
  auto schema = std::make_shared<Schema>();
  schema->name = "public";
  schema->owner = "pg_database_owner";
  add(std::move(schema));
}

Database Database::without_rows() const {
  Database copy = *this;
  copy.rows() = RowStore();
  copy.watch(nullptr);
  return copy;
}

const Object* Database::find(ObjectId id) const {
  const auto* found = objects_.find(id);
  return found == nullptr ? nullptr : found->get();
}

ObjectId Database::lookup(NameSpace space, ObjectId within, std::string_view name) const {
  const auto* found = names_.find(name_key(space, within, name));
  return found == nullptr || found->empty() ? 0 : *found->begin();
}

IdList Database::lookup_all(NameSpace space, ObjectId within, std::string_view name) const {
  const auto* found = names_.find(name_key(space, within, name));
  return found == nullptr ? IdList() : *found;
}

ObjectId Database::add(std::shared_ptr<Object> object) {
  object->id = ++last_id_;
  give_default_grants(*this, *object);
  const ObjectId id = object->id;
  enter_name(*object);
  enter_needs(*object);
  objects_.set(id, std::move(object));
  return id;
}

void Database::replace(std::shared_ptr<const Object> object) {
  const Object& old = *find(object->id);
  if (old.name != object->name || place_of(old) != place_of(*object)) {
    forget_name(old);
    enter_name(*object);
  }
  if (old.needs != object->needs) {
    forget_needs(old);
    enter_needs(*object);
  }
  const ObjectId id = object->id;
  auto replaced = objects_.set(id, std::move(object));
  if (replaced_ != nullptr) replaced_->push_back(std::move(replaced));
}

void Database::keep_replaced_in(std::shared_ptr<Replaced> replaced) {
  replaced_ = replaced;
  rows_.keep_replaced_in(std::move(replaced));
}

void Database::remove(ObjectId id) {
  const Object* object = find(id);
  if (object == nullptr) return;
  forget_name(*object);
  forget_needs(*object);
  if (object->kind == ObjectKind::table) rows_.erase(id);
  auto removed = objects_.erase(id);
  if (replaced_ != nullptr) replaced_->push_back(std::move(removed));
  dependents_.erase(id);
}

void Database::enter_name(const Object& object) {
  const std::uint64_t key = name_key(name_space_of(object.kind), place_of(object), object.name);
  const auto* found = names_.find(key);
  std::vector<ObjectId> ids = found == nullptr
                                  ? std::vector<ObjectId>()
                                  : std::vector<ObjectId>(found->begin(), found->end());
  ids.push_back(object.id);
  names_.set(key, IdList(std::move(ids)));
}

void Database::forget_name(const Object& object) {
  take_from(names_, name_key(name_space_of(object.kind), place_of(object), object.name), object.id);
}

void Database::enter_needs(const Object& object) {
  for (const ObjectId id : needed_by(object)) {
    const IdList old = dependents(id);
    std::vector<ObjectId> ids(old.begin(), old.end());
    ids.insert(std::lower_bound(ids.begin(), ids.end(), object.id), object.id);
    dependents_.set(id, IdList(std::move(ids)));
  }
}

void Database::forget_needs(const Object& object) {
  for (const ObjectId id : needed_by(object)) take_from(dependents_, id, object.id);
}

IdList Database::dependents(ObjectId id) const {
  const auto* found = dependents_.find(id);
  return found == nullptr ? IdList() : *found;
}

bool Database::shares_all_with(const Database& other) const {
  return objects_.shares_all_with(other.objects_) && rows_.shares_all_with(other.rows_);
}

std::string_view Database::doubt_of(ObjectId id) const {
  const auto* found = doubts_.find(id);
  return found == nullptr ? std::string_view(doubt_) : std::string_view(*found);
}

void Database::put_in_doubt(ObjectId id, std::string why) { doubts_.set(id, std::move(why)); }

void Database::put_all_in_doubt(std::string why, const std::set<std::string>& words) {
  put_words_in_doubt(why, words);
  doubt_ = std::move(why);
  ++doubt_count_;
}

void Database::put_words_in_doubt(const std::string& why, const std::set<std::string>& words) {
  auto all = doubt_words_ == nullptr
                 ? std::make_shared<std::map<std::string, std::string, std::less<>>>()
                 : std::make_shared<std::map<std::string, std::string, std::less<>>>(*doubt_words_);
  for (const std::string& word : words) all->emplace(word, why);
  doubt_words_ = std::move(all);
}

bool Database::has_unknown_extension() const {
  const auto ids = in_doubt();
  return std::any_of(ids.begin(), ids.end(), [&](ObjectId id) {
    return find(id) != nullptr && find(id)->kind == ObjectKind::extension;
  });
}

std::optional<std::string> Database::may_be_otherwise(std::string_view message) const {
  if (doubt_words_ == nullptr) return std::nullopt;
  if (const auto all = doubt_words_->find("*"); all != doubt_words_->end()) return all->second;
  for (std::size_t at = message.find('"'); at != std::string_view::npos;
       at = message.find('"', at)) {
    const std::size_t end = message.find('"', at + 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view name = message.substr(at + 1, end - at - 1);
    if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos)
      name.remove_prefix(dot + 1);
    if (const auto found = doubt_words_->find(name); found != doubt_words_->end())
      return found->second;
    at = end + 1;
  }
  // "function public.f(integer) does not exist", "column t.c does not exist".
  for (const std::string_view mark : {"function ", "column ", "type ", "procedure "}) {
    const std::size_t at = message.find(mark);
    if (at == std::string_view::npos) continue;
    std::string_view name = message.substr(at + mark.size());
    name = name.substr(0, name.find_first_of(" ("));
    if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos)
      name.remove_prefix(dot + 1);
    if (const auto found = doubt_words_->find(name); found != doubt_words_->end())
      return found->second;
  }
  return std::nullopt;
}

std::vector<ObjectId> Database::in_doubt() const {
  std::vector<ObjectId> ids;
  doubts_.for_each(
      [&](std::uint64_t id, const std::string&) { ids.push_back(static_cast<ObjectId>(id)); });
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace backout::postgres
