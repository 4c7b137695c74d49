#pragma once

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// ALTER COLUMN ... TYPE: 42804 when no automatic cast exists, 0A000 when a view needs the column;
/// converts the rows.
Checked<void> alter_column_type(Execution& execution, ObjectId table,
                                const PgQuery__AlterTableCmd& command);

/// ALTER TYPE ... ADD, DROP or ALTER ATTRIBUTE.
Checked<void> alter_composite(Execution& execution, const PgQuery__AlterTableStmt& statement);

/// ENABLE and DISABLE TRIGGER (ddl_trigger.cpp).
Checked<void> switch_trigger(Execution& execution, ObjectId table,
                             const PgQuery__AlterTableCmd& command);

}  // namespace backout::postgres
