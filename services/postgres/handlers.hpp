#pragma once
// Every handler of the dispatch table in execution.cpp, by the file that has it.

#include "services/postgres/execution.hpp"

namespace backout::postgres {

// ddl_table.cpp
Checked<void> create_table(Execution& execution, const PgQuery__Node& node);
Checked<void> create_table_as(Execution& execution, const PgQuery__Node& node);
// ddl_alter_table.cpp
Checked<void> alter_table(Execution& execution, const PgQuery__Node& node);
// ddl_index.cpp
Checked<void> create_index(Execution& execution, const PgQuery__Node& node);
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
// session.cpp
Checked<void> set_variable(Execution& execution, const PgQuery__Node& node);
// dml.cpp
Checked<void> select_rows(Execution& execution, const PgQuery__Node& node);
Checked<void> insert_rows(Execution& execution, const PgQuery__Node& node);
Checked<void> update_rows(Execution& execution, const PgQuery__Node& node);
Checked<void> delete_rows(Execution& execution, const PgQuery__Node& node);
Checked<void> truncate_tables(Execution& execution, const PgQuery__Node& node);

}  // namespace backout::postgres
