// PostgreSQL stores no privileges while they are the built-in ones: all for the owner, and for
// PUBLIC EXECUTE on functions and USAGE on types (acldefault() in acl.c). Entries of pg_default_acl
// without a schema take their place, those of a schema are added (get_user_default_acl() in
// aclchk.c).
// Left out: who granted a privilege; databases, languages and large objects.
#include "postgres/catalog/default_grants.hpp"

#include <algorithm>
#include <memory>
#include <tuple>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/object_kinds.hpp"
#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

/// An object of the kind that ALTER DEFAULT PRIVILEGES names, to ask for its privileges.
std::unique_ptr<Object> example_of(PgQuery__ObjectType type) {
  switch (type) {
    case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
      return std::make_unique<Sequence>();
    case PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION:
      return std::make_unique<Function>();
    case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
      return std::make_unique<Type>();
    case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
      return std::make_unique<Schema>();
    default:
      return std::make_unique<Table>();
  }
}

std::string name_of(const std::string& role, const std::string& schema, char letter) {
  return fmt::format("{}|{}|{}", role, schema, letter);
}

const DefaultGrants* entry_of(const Database& database, const std::string& name) {
  return database.get<DefaultGrants>(database.lookup(NameSpace::default_grants, 0, name));
}

}  // namespace

std::vector<std::string> all_privileges(const Object& object) {
  const std::span<const std::string_view> all = row_of(object.kind).privileges;
  if (all.empty()) return {"USAGE"};
  return {all.begin(), all.end()};
}

std::vector<Grant> initial_grants(const Object& object) {
  std::vector<Grant> grants;
  for (const std::string& privilege : all_privileges(object))
    grants.push_back({object.owner, privilege, false});
  if (object.kind == ObjectKind::function) grants.push_back({"PUBLIC", "EXECUTE", false});
  if (object.kind == ObjectKind::type) grants.push_back({"PUBLIC", "USAGE", false});
  if (object.kind == ObjectKind::schema && object.name == "public")
    grants.push_back({"PUBLIC", "USAGE", false});
  return grants;
}

bool same_grants(std::vector<Grant> one, std::vector<Grant> two) {
  const auto less = [](const Grant& left, const Grant& right) {
    return std::tie(left.grantee, left.privilege) < std::tie(right.grantee, right.privilege);
  };
  std::sort(one.begin(), one.end(), less);
  std::sort(two.begin(), two.end(), less);
  return one == two;
}

GrantChange change_of(const PgQuery__GrantStmt& statement) {
  if (statement.is_grant != 0) return GrantChange::give;
  return statement.grant_option != 0 ? GrantChange::take_option : GrantChange::take;
}

void change_grant(std::vector<Grant>& grants, const Grant& grant, GrantChange change) {
  const auto same = [&](const Grant& held) {
    return held.grantee == grant.grantee && held.privilege == grant.privilege;
  };
  const auto found = std::find_if(grants.begin(), grants.end(), same);
  if (change == GrantChange::take) {
    if (found != grants.end()) grants.erase(found);
  } else if (change == GrantChange::take_option) {
    if (found != grants.end()) found->grantable = false;
  } else if (found == grants.end()) {
    grants.push_back(grant);
  } else {
    found->grantable = found->grantable || grant.grantable;
  }
}

void give_default_grants(const Database& database, Object& object) {
  const char letter = row_of(object.kind).letter;
  if (letter == '\0' || object.grants) return;
  const Object* schema = database.find(object.schema);
  const DefaultGrants* everywhere = entry_of(database, name_of(object.owner, "", letter));
  const DefaultGrants* here =
      schema == nullptr ? nullptr : entry_of(database, name_of(object.owner, schema->name, letter));
  if (everywhere == nullptr && here == nullptr) return;
  std::vector<Grant> grants = everywhere != nullptr ? *everywhere->grants : initial_grants(object);
  if (here != nullptr) {
    for (const Grant& grant : *here->grants) change_grant(grants, grant, GrantChange::give);
  }
  if (!same_grants(grants, initial_grants(object))) object.grants = std::move(grants);
}

void change_default_grants(Database& database, const std::string& role, const std::string& schema,
                           const PgQuery__GrantStmt& action,
                           const std::vector<std::string>& grantees) {
  const std::unique_ptr<Object> example = example_of(action.objtype);
  example->owner = role;
  const std::string name = name_of(role, schema, row_of(example->kind).letter);
  const std::vector<Grant> untouched =
      schema.empty() ? initial_grants(*example) : std::vector<Grant>();
  const DefaultGrants* old = entry_of(database, name);
  std::vector<Grant> grants = old != nullptr ? *old->grants : untouched;
  std::vector<std::string> privileges;
  for (std::size_t at = 0; at < action.n_privileges; ++at)
    privileges.push_back(to_upper(action.privileges[at]->access_priv->priv_name));
  if (privileges.empty()) privileges = all_privileges(*example);
  for (const std::string& grantee : grantees) {
    for (const std::string& privilege : privileges)
      change_grant(grants, {grantee, privilege, action.grant_option != 0}, change_of(action));
  }
  const ObjectId id = old != nullptr ? old->id : 0;
  if (same_grants(grants, untouched)) {
    if (id != 0) database.remove(id);
    return;
  }
  auto entry = id != 0 ? database.edit<DefaultGrants>(id) : std::make_shared<DefaultGrants>();
  entry->name = name;
  entry->grants = std::move(grants);
  if (id != 0)
    database.replace(std::move(entry));
  else
    database.add(std::move(entry));
}

}  // namespace backout::postgres
