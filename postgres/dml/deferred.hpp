#pragma once
// Checks of DEFERRABLE constraints that wait for the end of the transaction (SET CONSTRAINTS).

#include <memory>

#include "postgres/dml/dml_write.hpp"
#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// Whether checks of the constraint wait for the end of the transaction that runs.
bool waits(const Session& session, const Constraint& constraint);

/// Whether what a unique index or one of an EXCLUDE constraint refuses waits.
bool waits(const Database& database, const Index& index);

/// Notes the checks of a stored row that wait; `before` is its older self, null for a new row.
void postpone_checks(Execution& execution, const Table& table,
                     const std::shared_ptr<const Row>& row, const Row* before);

/// Notes that rows which `key` may be pointing to are gone or have another key.
void postpone_key(Execution& execution, const Constraint& key,
                  const std::vector<RowChange>& changes);

/// Makes the checks that no longer wait: 23505, 23P01, 23503. `all`: the transaction ends.
Checked<void> run_waiting(Execution& execution, bool all);

/// 55006 when checks of the table's rows wait.
Checked<void> none_waiting(const Database& database, ObjectId table, std::string_view doing);

}  // namespace backout::postgres
