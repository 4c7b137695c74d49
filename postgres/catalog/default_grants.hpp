#pragma once
// What objects grant when they are made, and what ALTER DEFAULT PRIVILEGES changes of it.

#include <string>
#include <vector>

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// All privileges of a kind of object. Source: PostgreSQL manual, table 5.2.
std::vector<std::string> all_privileges(const Object& object);

/// What an object grants before anybody granted anything.
std::vector<Grant> initial_grants(const Object& object);

/// Whether both lists say the same, in whatever order.
bool same_grants(std::vector<Grant> one, std::vector<Grant> two);

/// What GRANT and REVOKE do to a privilege; REVOKE GRANT OPTION FOR leaves the privilege itself.
enum class GrantChange : std::uint8_t { give, take, take_option };
GrantChange change_of(const PgQuery__GrantStmt& statement);

/// Gives or takes one privilege.
void change_grant(std::vector<Grant>& grants, const Grant& grant, GrantChange change);

/// Gives a new object what default privileges of its owner say, of all schemas and of its own;
/// nothing when they say nothing.
void give_default_grants(const Database& database, Object& object);

/// Changes the default privileges of one role, everywhere or in one schema (empty: everywhere), for
/// objects of the kind that `action` names. Source: SetDefaultACL() in PostgreSQL's aclchk.c.
void change_default_grants(Database& database, const std::string& role, const std::string& schema,
                           const PgQuery__GrantStmt& action,
                           const std::vector<std::string>& grantees);

}  // namespace backout::postgres
