#pragma once
// Every handler of the dispatch table in execution.cpp, by the file that has it.

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

// ddl_table.cpp
Checked<void> create_table(Execution& execution, const PgQuery__Node& node);
Checked<void> create_table_as(Execution& execution, const PgQuery__Node& node);
// ddl_alter_table.cpp
Checked<void> alter_table(Execution& execution, const PgQuery__Node& node);
// ddl_index.cpp
Checked<void> create_index(Execution& execution, const PgQuery__Node& node);
Checked<void> cluster(Execution& execution, const PgQuery__Node& node);
// ddl_sequence.cpp
Checked<void> create_sequence(Execution& execution, const PgQuery__Node& node);
Checked<void> alter_sequence(Execution& execution, const PgQuery__Node& node);
// ddl_type.cpp
Checked<void> create_enum(Execution& execution, const PgQuery__Node& node);
Checked<void> alter_enum(Execution& execution, const PgQuery__Node& node);
Checked<void> create_composite(Execution& execution, const PgQuery__Node& node);
Checked<void> create_domain(Execution& execution, const PgQuery__Node& node);
Checked<void> alter_domain(Execution& execution, const PgQuery__Node& node);
Checked<void> create_range(Execution& execution, const PgQuery__Node& node);
// ddl_schema.cpp
Checked<void> create_schema(Execution& execution, const PgQuery__Node& node);
Checked<void> alter_object_schema(Execution& execution, const PgQuery__Node& node);
// ddl_drop.cpp
Checked<void> drop(Execution& execution, const PgQuery__Node& node);
// ddl_rename.cpp
Checked<void> rename(Execution& execution, const PgQuery__Node& node);
// ddl_comment.cpp
Checked<void> comment(Execution& execution, const PgQuery__Node& node);
// ddl_view.cpp
Checked<void> create_view(Execution& execution, const PgQuery__Node& node);
Checked<void> create_materialized_view(Execution& execution,
                                       const PgQuery__CreateTableAsStmt& statement);
Checked<void> refresh_view(Execution& execution, const PgQuery__Node& node);
// ddl_routine.cpp
Checked<void> create_function(Execution& execution, const PgQuery__Node& node);
Checked<void> define_object(Execution& execution, const PgQuery__Node& node);
Checked<void> alter_function(Execution& execution, const PgQuery__Node& node);
// ddl_trigger.cpp
Checked<void> create_trigger(Execution& execution, const PgQuery__Node& node);
Checked<void> create_event_trigger(Execution& execution, const PgQuery__Node& node);
// ddl_policy.cpp: policies, rules and statistics
Checked<void> create_policy(Execution& execution, const PgQuery__Node& node);
Checked<void> alter_policy(Execution& execution, const PgQuery__Node& node);
Checked<void> create_rule(Execution& execution, const PgQuery__Node& node);
Checked<void> create_statistics(Execution& execution, const PgQuery__Node& node);
// ddl_grant.cpp: roles, owners and privileges
Checked<void> grant(Execution& execution, const PgQuery__Node& node);
Checked<void> grant_role(Execution& execution, const PgQuery__Node& node);
Checked<void> create_role(Execution& execution, const PgQuery__Node& node);
Checked<void> alter_role(Execution& execution, const PgQuery__Node& node);
Checked<void> drop_role(Execution& execution, const PgQuery__Node& node);
Checked<void> change_owner(Execution& execution, const PgQuery__Node& node);
Checked<void> default_privileges(Execution& execution, const PgQuery__Node& node);
/// 42704 when there is no such role.
Checked<void> require_role(const Database& database, const std::string& name);
// ddl_extension.cpp
Checked<void> create_extension(Execution& execution, const PgQuery__Node& node);
// plpgsql.cpp
Checked<void> run_call(Execution& execution, const PgQuery__Node& node);
Checked<void> run_do(Execution& execution, const PgQuery__Node& node);
// session.cpp
Checked<void> alter_database_settings(Execution& execution, const PgQuery__Node& node);
Checked<void> alter_role_settings(Execution& execution, const PgQuery__Node& node);
Checked<void> set_variable(Execution& execution, const PgQuery__Node& node);
// dml.cpp
Checked<void> select_rows(Execution& execution, const PgQuery__Node& node);
Checked<void> insert_rows(Execution& execution, const PgQuery__Node& node);
Checked<void> update_rows(Execution& execution, const PgQuery__Node& node);
Checked<void> delete_rows(Execution& execution, const PgQuery__Node& node);
Checked<void> truncate_tables(Execution& execution, const PgQuery__Node& node);
// deferred.cpp
Checked<void> set_constraints(Execution& execution, const PgQuery__Node& node);

}  // namespace backout::postgres
