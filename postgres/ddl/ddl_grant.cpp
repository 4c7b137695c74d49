// Privileges are lists of grantee, privilege and grant option on each object or column (aclchk.c);
// roles belong to the whole cluster, and one that owns or is granted something cannot be dropped
// (user.c, 2BP01).
// Left out: nothing is ever refused for want of a privilege. Grants on databases and languages
// change nothing. Whether a privilege suits the kind of object (0LP01), who granted it, passwords.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/default_grants.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/object_address.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

Checked<std::vector<std::string>> grantees_of(const Database& database,
                                              const PgQuery__GrantStmt& statement) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < statement.n_grantees; ++at) {
    const PgQuery__RoleSpec& role = *statement.grantees[at]->role_spec;
    if (role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC) {
      names.emplace_back("PUBLIC");
      continue;
    }
    const std::string name = role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING
                                 ? role.rolename
                                 : database.session().role;
    if (auto known = require_role(database, name); !known) return tl::unexpected(known.error());
    names.push_back(name);
  }
  return names;
}

bool is_relation_grant(PgQuery__ObjectType type) {
  return type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
         type == PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE;
}

/// Objects of a schema that ALL ... IN SCHEMA means.
std::vector<ObjectId> all_in_schema(const Database& database, ObjectId schema,
                                    PgQuery__ObjectType type) {
  std::vector<ObjectId> found;
  database.for_each([&](const Object& object) {
    if (object.schema != schema || object.parent != 0) return;
    bool meant = object.kind == ObjectKind::function;
    if (type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE)
      meant = object.kind == ObjectKind::table || object.kind == ObjectKind::view;
    if (type == PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE) meant = object.kind == ObjectKind::sequence;
    if (meant) found.push_back(object.id);
  });
  std::sort(found.begin(), found.end());
  return found;
}

Checked<std::vector<ObjectId>> objects_of(const Execution& execution,
                                          const PgQuery__GrantStmt& statement) {
  const Database& database = execution.database;
  std::vector<ObjectId> objects;
  for (std::size_t at = 0; at < statement.n_objects; ++at) {
    const PgQuery__Node& node = *statement.objects[at];
    if (statement.targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA) {
      const ObjectId schema = database.schema_named(string_of(&node));
      if (schema == 0)
        return tl::unexpected(
            refuse("3F000", fmt::format("schema \"{}\" does not exist", string_of(&node))));
      const auto all = all_in_schema(database, schema, statement.objtype);
      objects.insert(objects.end(), all.begin(), all.end());
      continue;
    }
    auto id = is_relation_grant(statement.objtype)
                  ? require_relation(database, *node.range_var)
                  : find_object(execution, statement.objtype, nullptr, &node);
    if (!id) return tl::unexpected(id.error());
    objects.push_back(*id);
  }
  return objects;
}

/// What a privilege on columns names; without a name it is all that columns have.
std::vector<std::string> column_privileges(const PgQuery__AccessPriv& privilege) {
  if (privilege.priv_name == nullptr || *privilege.priv_name == '\0')
    return {"INSERT", "SELECT", "UPDATE", "REFERENCES"};
  return {to_upper(privilege.priv_name)};
}

/// The privileges on each column of a table or view that is there, by its name.
std::vector<std::pair<std::string_view, std::vector<Grant>*>> columns_of(Object& object) {
  std::vector<std::pair<std::string_view, std::vector<Grant>*>> columns;
  if (object.kind == ObjectKind::table) {
    for (Column& column : static_cast<Table&>(object).columns) {
      if (!column.dropped) columns.emplace_back(column.name, &column.grants);
    }
  } else if (object.kind == ObjectKind::view) {
    for (ViewColumn& column : static_cast<View&>(object).columns)
      columns.emplace_back(column.name, &column.grants);
  }
  return columns;
}

/// Privileges on columns of one table or view.
Checked<void> grant_columns(Execution& execution, ObjectId id, const PgQuery__AccessPriv& privilege,
                            const std::vector<std::string>& grantees,
                            const PgQuery__GrantStmt& statement) {
  std::shared_ptr<Object> object = execution.database.find(id)->clone();
  const auto columns = columns_of(*object);
  for (std::size_t at = 0; at < privilege.n_cols; ++at) {
    const std::string_view named = string_of(privilege.cols[at]);
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const auto& each) { return each.first == named; });
    if (column == columns.end())
      return tl::unexpected(
          refuse("42703", fmt::format("column \"{}\" of relation does not exist", named)));
    for (const std::string& grantee : grantees) {
      for (const std::string& name : column_privileges(privilege))
        change_grant(*column->second, {grantee, name, statement.grant_option != 0},
                     change_of(statement));
    }
  }
  execution.database.replace(std::move(object));
  return {};
}

/// What is taken from a whole table is taken from its columns, too.
void take_from_columns(Object& object, const Grant& grant, GrantChange change) {
  if (change == GrantChange::give) return;
  for (const auto& [name, grants] : columns_of(object)) change_grant(*grants, grant, change);
}

Checked<void> grant_on(Execution& execution, ObjectId id, const PgQuery__GrantStmt& statement,
                       const std::vector<std::string>& grantees) {
  auto changed = execution.database.find(id)->clone();
  if (!changed->grants) changed->grants = initial_grants(*changed);
  bool whole = statement.n_privileges == 0;
  const auto apply = [&](const std::string& privilege) {
    for (const std::string& grantee : grantees) {
      const Grant one{grantee, privilege, statement.grant_option != 0};
      change_grant(*changed->grants, one, change_of(statement));
      take_from_columns(*changed, one, change_of(statement));
    }
  };
  for (std::size_t at = 0; at < statement.n_privileges; ++at) {
    const PgQuery__AccessPriv& privilege = *statement.privileges[at]->access_priv;
    if (privilege.n_cols > 0) {
      if (auto done = grant_columns(execution, id, privilege, grantees, statement); !done)
        return done;
      continue;
    }
    whole = true;
    apply(to_upper(privilege.priv_name));
  }
  if (statement.n_privileges == 0) {
    for (const std::string& privilege : all_privileges(*changed)) apply(privilege);
  }
  if (whole) execution.database.replace(std::move(changed));
  return {};
}

}  // namespace

Checked<void> require_role(const Database& database, const std::string& name) {
  if (name == "postgres" || name.starts_with("pg_") ||
      database.lookup(NameSpace::role, 0, name) != 0)
    return {};
  return tl::unexpected(refuse("42704", fmt::format("role \"{}\" does not exist", name)));
}

Checked<void> grant(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__GrantStmt& statement = *node.grant_stmt;
  auto grantees = grantees_of(execution.database, statement);
  if (!grantees) return tl::unexpected(grantees.error());
  if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE ||
      statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_LANGUAGE)
    return {};
  auto objects = objects_of(execution, statement);
  if (!objects) return tl::unexpected(objects.error());
  for (const ObjectId id : *objects) {
    if (auto done = grant_on(execution, id, statement, *grantees); !done) return done;
  }
  return {};
}

Checked<void> grant_role(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__GrantRoleStmt& statement = *node.grant_role_stmt;
  Database& database = execution.database;
  for (std::size_t at = 0; at < statement.n_grantee_roles; ++at) {
    const std::string member = statement.grantee_roles[at]->role_spec->rolename;
    if (auto known = require_role(database, member); !known) return known;
    for (std::size_t group = 0; group < statement.n_granted_roles; ++group) {
      const std::string name = statement.granted_roles[group]->access_priv->priv_name;
      if (auto known = require_role(database, name); !known) return known;
      const ObjectId id = database.lookup(NameSpace::role, 0, member);
      if (id == 0) continue;
      auto role = database.edit<Role>(id);
      const std::string membership = fmt::format(" in {}", name);
      const std::size_t place = role->definition.find(membership);
      if (statement.is_grant != 0 && place == std::string::npos) role->definition += membership;
      if (statement.is_grant == 0 && place != std::string::npos)
        role->definition.erase(place, membership.size());
      database.replace(std::move(role));
    }
  }
  return {};
}

Checked<void> create_role(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateRoleStmt& statement = *node.create_role_stmt;
  Database& database = execution.database;
  if (statement.role == std::string_view("postgres") ||
      database.lookup(NameSpace::role, 0, statement.role) != 0) {
    return tl::unexpected(
        refuse("42710", fmt::format("role \"{}\" already exists", statement.role)));
  }
  auto role = std::make_shared<Role>();
  role->name = statement.role;
  const bool user = statement.stmt_type == PG_QUERY__ROLE_STMT_TYPE__ROLESTMT_USER;
  role->definition = user ? "canlogin=true" : "";
  for (const std::string& option : storage_options(statement.options, statement.n_options)) {
    if (!option.starts_with("password")) role->definition += " " + option;
  }
  database.add(std::move(role));
  return {};
}

Checked<void> alter_role(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterRoleStmt& statement = *node.alter_role_stmt;
  Database& database = execution.database;
  const std::string name = statement.role->rolename == nullptr ? "" : statement.role->rolename;
  if (auto known = require_role(database, name); !known) return known;
  const ObjectId id = database.lookup(NameSpace::role, 0, name);
  if (id == 0) return {};
  auto role = database.edit<Role>(id);
  for (const std::string& option : storage_options(statement.options, statement.n_options)) {
    if (!option.starts_with("password")) role->definition += " " + option;
  }
  database.replace(std::move(role));
  return {};
}

namespace {

/// Whether an object belongs to a role, or grants it something, or is a policy for it.
bool is_used_in(const Object& object, const std::string& role) {
  const auto has_it = [&](const std::vector<Grant>& grants) {
    return std::any_of(grants.begin(), grants.end(),
                       [&](const Grant& grant) { return grant.grantee == role; });
  };
  if (object.owner == role || (object.grants && has_it(*object.grants))) return true;
  if (object.kind == ObjectKind::policy) {
    const auto& roles = static_cast<const Policy&>(object).roles;
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
  const std::shared_ptr<Object> copy = object.clone();
  const auto columns = columns_of(*copy);
  return std::any_of(columns.begin(), columns.end(),
                     [&](const auto& column) { return has_it(*column.second); });
}

}  // namespace

Checked<void> drop_role(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__DropRoleStmt& statement = *node.drop_role_stmt;
  for (std::size_t at = 0; at < statement.n_roles; ++at) {
    const std::string name = statement.roles[at]->role_spec->rolename;
    const ObjectId id = execution.database.lookup(NameSpace::role, 0, name);
    if (id == 0 && statement.missing_ok == 0)
      return tl::unexpected(refuse("42704", fmt::format("role \"{}\" does not exist", name)));
    bool used = false;
    execution.database.for_each(
        [&](const Object& object) { used = used || is_used_in(object, name); });
    if (id != 0 && used) {
      return tl::unexpected(refuse(
          "2BP01",
          fmt::format("role \"{}\" cannot be dropped because some objects depend on it", name)));
    }
    if (id != 0) execution.database.remove(id);
  }
  return {};
}

Checked<void> change_owner(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterOwnerStmt& statement = *node.alter_owner_stmt;
  auto id = find_object(execution, statement.object_type, statement.relation, statement.object);
  if (!id) return tl::unexpected(id.error());
  const bool named = statement.newowner->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING;
  const std::string name = named ? statement.newowner->rolename : execution.database.session().role;
  if (auto known = require_role(execution.database, name); !known) return known;
  auto changed = execution.database.find(*id)->clone();
  changed->owner = name;
  execution.database.replace(std::move(changed));
  return {};
}

Checked<void> default_privileges(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterDefaultPrivilegesStmt& statement = *node.alter_default_privileges_stmt;
  Database& database = execution.database;
  auto grantees = grantees_of(database, *statement.action);
  if (!grantees) return tl::unexpected(grantees.error());
  std::vector<std::string> roles;
  std::vector<std::string> schemas;
  for (std::size_t at = 0; at < statement.n_options; ++at) {
    const PgQuery__DefElem& option = *statement.options[at]->def_elem;
    const PgQuery__List& list = *option.arg->list;
    for (std::size_t item = 0; item < list.n_items; ++item) {
      if (option.defname == std::string_view("schemas")) {
        schemas.emplace_back(string_of(list.items[item]));
        continue;
      }
      const PgQuery__RoleSpec& role = *list.items[item]->role_spec;
      roles.emplace_back(role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING
                             ? role.rolename
                             : database.session().role);
    }
  }
  if (roles.empty()) roles.push_back(database.session().role);
  for (const std::string& role : roles) {
    if (auto known = require_role(database, role); !known) return known;
  }
  for (const std::string& schema : schemas) {
    if (database.schema_named(schema) == 0)
      return tl::unexpected(refuse("3F000", fmt::format("schema \"{}\" does not exist", schema)));
  }
  if (schemas.empty()) schemas.emplace_back();
  for (const std::string& role : roles) {
    for (const std::string& schema : schemas)
      change_default_grants(database, role, schema, *statement.action, *grantees);
  }
  return {};
}

}  // namespace backout::postgres
